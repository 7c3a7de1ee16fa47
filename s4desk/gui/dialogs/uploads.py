"""The unfinished uploads of a bucket, and what can be done about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QPushButton,
    QTableView,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, headline
from s4desk.gui.dialogs.table import ROW_HEIGHT, WholeRows
from s4desk.gui.models.upload_table import UploadTableModel
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.upload_rows import UploadColumn, place_sentence, summary_text

if TYPE_CHECKING:
    from s4desk.core.transfer.leftovers import Leftover
    from s4desk.gui.models.cells import Icons

SIZE = (820, 440)
LEAST = (640, 300)
_WIDTHS = {
    UploadColumn.AGE: 90,
    UploadColumn.SIZE: 90,
    UploadColumn.PARTS: 70,
    UploadColumn.OWNER: 110,
}
_Role = QDialogButtonBox.ButtonRole


class UploadsDialog(QDialog):
    """A table that fills while the store is asked. It does nothing itself: it tells what is wanted
    of the selected uploads, and stays open."""

    resume_asked = Signal(object)
    adopt_asked = Signal(object)
    abort_asked = Signal(object)
    refresh_asked = Signal()
    stop_asked = Signal()

    def __init__(self, bucket: str, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Unfinished Uploads"))
        self.model = UploadTableModel(icons, self)
        self.outcome = Note("outcome", self)
        self._summary = Note("summary", self)
        self._is_looking = False
        self._is_known = False
        self._table = self._make_table(bucket)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.rejected.connect(self.reject)
        self._resume = self._button("resume", tr("&Resume"), self.resume_asked)
        self._adopt = self._button("adopt", tr("Complete &With File…"), self.adopt_asked)
        self._abort = self._button("abort", tr("A&bort…"), self.abort_asked)
        self._again = self._buttons.addButton("", _Role.ResetRole)
        self._again.setObjectName("again")
        self._again.setAutoDefault(False)
        self._again.clicked.connect(self._ask_again)
        self._menu_actions()
        self._lay_out(bucket)
        self.show_looking(is_looking=False)
        for changed in (self.model.rowsRemoved, self.model.modelReset, self.model.dataChanged):
            changed.connect(self._fit)

    @property
    def selected(self) -> list[Leftover]:
        rows = self._table.selectionModel().selectedRows()
        return [self.model.at(index.row()) for index in sorted(rows, key=lambda each: each.row())]

    def show_looking(self, *, is_looking: bool, is_known: bool = False) -> None:
        """Whether the store is being asked now; then that can be stopped. `is_known`: it has told
        of all."""
        self._is_looking, self._is_known = is_looking, is_known
        self._again.setText(tr("&Stop") if is_looking else tr("Re&fresh"))
        self._fit()

    def say(self, sentence: str) -> None:
        self.outcome.say(sentence)

    def fail(self, problem: BaseException | str) -> None:
        self.outcome.fail(problem)

    def _fit(self) -> None:
        leftovers = self.model.leftovers
        self._summary.say(
            summary_text(leftovers, is_looking=self._is_looking, is_known=self._is_known)
        )
        chosen = self.selected
        is_ours = bool(chosen) and all(each.owner for each in chosen)
        self._resume.setEnabled(is_ours)
        self._adopt.setEnabled(len(chosen) == 1 and not chosen[0].owner)
        self._abort.setEnabled(bool(chosen))
        for button, action in self._actions.items():
            action.setEnabled(button.isEnabled())

    def _ask_again(self) -> None:
        (self.stop_asked if self._is_looking else self.refresh_asked).emit()

    def _button(self, name: str, text: str, signal: SignalInstance) -> QPushButton:
        button = self._buttons.addButton(text, _Role.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: signal.emit(self.selected))
        return button

    def _menu_actions(self) -> None:
        """The same as the buttons, where somebody points."""
        self._actions: dict[QPushButton, QAction] = {}
        for button in (self._resume, self._adopt, self._abort):
            action = QAction(button.text(), self._table)
            action.triggered.connect(button.click)
            self._table.addAction(action)
            self._actions[button] = action
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _make_table(self, bucket: str) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName(place_sentence(bucket))
        table.setItemDelegate(WholeRows(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(
            max(ROW_HEIGHT, table.fontMetrics().height() + 6)
        )
        titles = table.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setSortIndicator(UploadColumn.KEY, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        titles.setSectionResizeMode(UploadColumn.KEY, QHeaderView.ResizeMode.Stretch)
        for section, width in _WIDTHS.items():
            table.setColumnWidth(section, roomy(self, width))
        table.selectionModel().selectionChanged.connect(self._fit)
        return table

    def _lay_out(self, bucket: str) -> None:
        layout = column(self)
        layout.addWidget(headline(place_sentence(bucket)))
        layout.addWidget(self._summary)
        layout.addWidget(self._table, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
