"""The history: what became of transfers, found again by words, state and date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.history import HistoryQuery
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column
from s4desk.gui.dialogs.table import ROW_HEIGHT, WholeRows
from s4desk.gui.models.history_table import HistoryTableModel
from s4desk.gui.room import claim
from s4desk.viewmodels.history_rows import (
    HistoryColumn,
    period_choices,
    since,
    state_choices,
    store_side,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from s4desk.core.persist.history import HistoryEntry
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.models.indexes import Index

SIZE = (980, 520)
LEAST = (640, 320)
PAUSE_MS = 250
"""How long nothing is typed before it is looked for."""
_WIDTHS = {
    HistoryColumn.NAME: "a-file-with-a-long-name.jpeg",
    HistoryColumn.ENDED: "2026-00-00 00:00",
    HistoryColumn.STATE: "Failed – the reason",
    HistoryColumn.SIZE: "0000.0 MiB",
    HistoryColumn.VERIFIED: "CRC64NVME",
    HistoryColumn.FROM: "/home/a/a-file.jpeg",
    HistoryColumn.TO: "/home/a/a-file.jpeg",
}
_LONG = (HistoryColumn.STATE, HistoryColumn.FROM, HistoryColumn.TO)
_Role = QDialogButtonBox.ButtonRole


class HistoryDialog(QDialog):
    """A table, and over it what narrows it. It does nothing itself: it tells what is wanted.

    It stands beside the window and stays open. A report is of the selected entries, or of all that
    are meant when none is selected: the list is empty then.
    """

    asked = Signal()
    report_asked = Signal(object)
    verify_asked = Signal(object)
    again_asked = Signal(object)
    folder_asked = Signal(object)
    bucket_asked = Signal(object)
    clear_asked = Signal()
    changes_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("History of Transfers"))
        self.model = HistoryTableModel(icons, self)
        self.outcome = Note("outcome", self)
        self.summary = Note("summary", self)
        self.words = QLineEdit(self)
        self.state = QComboBox(self)
        self.period = QComboBox(self)
        self.table = _Table(self.model, self)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.asked)
        self._fill_choices(icons)
        self._folder = self._button("folder", tr("Show in &Folder"), self._ask_folder)
        self._bucket = self._button("bucket", tr("Show in &Bucket"), self._ask_bucket)
        self._verify = self._button(
            "verify", tr("&Verify Now"), lambda: self.verify_asked.emit(self._done())
        )
        self._again = self._button(
            "again", tr("Transfer &Again"), lambda: self.again_asked.emit(self.selected)
        )
        self._again.setToolTip(tr("Make the selected transfers once more, as their ends are now"))
        self._report = self._button(
            "report", tr("Export &Report…"), lambda: self.report_asked.emit(self.selected)
        )
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.rejected.connect(self.reject)
        self._below("clear", tr("C&lear History…"), self.clear_asked)
        changes = self._below("changes", tr("&Other Changes…"), self.changes_asked)
        changes.setToolTip(tr("What was deleted, undeleted or given other properties"))
        self._menu_actions()
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(self._fit)
        self.model.modelReset.connect(self._fit)
        self._fit()

    @property
    def selected(self) -> list[HistoryEntry]:
        rows = self.table.selectionModel().selectedRows()
        return [self.model.at(row) for row in sorted(index.row() for index in rows)]

    @property
    def is_untouched(self) -> bool:
        """Whether nobody would lose their place when the rows are read anew."""
        return not self.selected and not self.table.verticalScrollBar().value()

    @property
    def query(self) -> HistoryQuery:
        """What is to be shown, as it is chosen now."""
        _, days = period_choices()[self.period.currentIndex()]
        _, states, skipped = state_choices()[self.state.currentIndex()]
        return HistoryQuery(self.words.text(), since(days), states, skipped)

    def show_emptiness(self, sentence: str) -> None:
        """What stands in place of rows while there are none."""
        self.table.emptiness = sentence
        self.table.viewport().update()

    def say(self, sentence: str) -> None:
        self.outcome.say(sentence)

    def fail(self, problem: BaseException | str) -> None:
        self.outcome.fail(problem)

    def _fill_choices(self, icons: Icons) -> None:
        self.words.setObjectName("words")
        self.words.setPlaceholderText(tr("Search names, places and errors"))
        self.words.setAccessibleName(tr("Search"))
        self.words.setClearButtonEnabled(True)
        self.words.addAction(icons("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.words.textChanged.connect(lambda _: self._pause.start())
        self.state.addItems([text for text, *_ in state_choices()])
        self.period.addItems([text for text, _ in period_choices()])
        for box, name in ((self.state, tr("State")), (self.period, tr("When"))):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.currentIndexChanged.connect(lambda _: self.asked.emit())

    def _button(self, name: str, text: str, pressed: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: pressed())
        return button

    def _below(self, name: str, text: str, pressed: SignalInstance) -> QPushButton:
        """A button that is not about the rows."""
        button = self._buttons.addButton(text, _Role.ResetRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _ask_folder(self) -> None:
        self.folder_asked.emit(self.selected[0])

    def _ask_bucket(self) -> None:
        self.bucket_asked.emit(self.selected[0])

    def _done(self) -> Sequence[HistoryEntry]:
        return [
            each
            for each in self.selected
            if each.transfer.state is TransferState.COMPLETED and not each.transfer.skipped
        ]

    def _fit(self) -> None:
        chosen = self.selected
        spec = chosen[0].transfer.spec if len(chosen) == 1 else None
        is_local = spec is not None and any(isinstance(e, Path) for e in (spec.source, spec.target))
        self._folder.setEnabled(is_local)
        self._bucket.setEnabled(spec is not None and store_side(spec) is not None)
        self._verify.setEnabled(bool(self._done()))
        self._again.setEnabled(bool(chosen))
        self._report.setEnabled(self.model.rowCount() > 0)
        for button, action in self._actions.items():
            action.setEnabled(button.isEnabled())

    def _menu_actions(self) -> None:
        """The same as the buttons, where somebody points."""
        self._actions: dict[QPushButton, QAction] = {}
        for button in (self._folder, self._bucket, self._verify, self._again, self._report):
            action = QAction(button.text(), self.table)
            action.triggered.connect(button.click)
            self.table.addAction(action)
            self._actions[button] = action
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _lay_out(self) -> None:
        narrowing, deeds = QHBoxLayout(), QHBoxLayout()
        narrowing.addWidget(self.words, 1)
        narrowing.addWidget(self.state)
        narrowing.addWidget(self.period)
        for button in (self._folder, self._bucket, self._verify, self._again):
            deeds.addWidget(button)
        deeds.addStretch(1)
        deeds.addWidget(self._report)
        layout = column(self)
        layout.addLayout(narrowing)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.summary)
        layout.addLayout(deeds)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)


class _Sentences(WholeRows):
    """The beginning of a sentence says most."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class _Table(QTableView):
    """Whole rows; a sentence where there are none."""

    def __init__(self, model: HistoryTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.emptiness = ""
        self.setModel(model)
        self.setAccessibleName(tr("Transfers that have ended"))
        self.setItemDelegate(WholeRows(self))
        self.setItemDelegateForColumn(HistoryColumn.STATE, _Sentences(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(ROW_HEIGHT, self.fontMetrics().height() + 6))
        titles = self.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setStretchLastSection(True)
        margin = 2 * self.fontMetrics().horizontalAdvance("0")
        self._needs = {
            section: self.fontMetrics().horizontalAdvance(text) + margin
            for section, text in _WIDTHS.items()
        }
        for section, width in self._needs.items():
            titles.resizeSection(section, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What there is more than is needed goes to those that are never long enough."""
        super().resizeEvent(event)
        spare = max(0, self.viewport().width() - sum(self._needs.values()))
        for section in _LONG[:-1]:
            width = self._needs[section] + spare // len(_LONG)
            self.horizontalHeader().resizeSection(section, width)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.emptiness and self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect(), flags, self.emptiness)
