"""The log in a window: narrowed by level and words, followed, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QTableView,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column
from s4desk.gui.dialogs.table import ROW_HEIGHT, WholeRows
from s4desk.gui.models.log_table import LogTableModel
from s4desk.gui.room import claim, fixed_font
from s4desk.viewmodels.log_rows import LogColumn, LogQuery, count_text, full_text, level_choices

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.runtime.log_file import LogRecord
    from s4desk.gui.models.cells import Icons

SIZE = (980, 600)
LEAST = (560, 320)
PAUSE_MS = 200
"""How long nothing is typed before it is looked for."""
MOST_SHOWN = 200
"""So many of the selected records are shown in full."""
_WIDTHS = {
    LogColumn.TIME: "2026-00-00 00:00:00.000",
    LogColumn.LEVEL: "Information xx",
    LogColumn.SOURCE: "core.transfer.conveyor",
}
_Role = QDialogButtonBox.ButtonRole


class LogDialog(QDialog):
    """A table of records, and below it the chosen ones in full. It stands beside the window.

    asked()         the query is another one
    follow_asked()  whether it grows was changed
    folder_asked()  the folder with the files
    """

    asked = Signal()
    follow_asked = Signal()
    folder_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Log"))
        self.model = LogTableModel(icons, self)
        self.words, self.level = QLineEdit(self), QComboBox(self)
        self.follow = QCheckBox(tr("F&ollow"), self)
        self.table, self.text = _table(self.model, self), QPlainTextEdit(self)
        self.outcome = Note("outcome", self)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.asked)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.rejected.connect(self.reject)
        self._copy = self._button("copy", tr("&Copy"), self.copy)
        self._button("folder", tr("Open &Folder"), self.folder_asked.emit)
        self._fill(icons)
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(self._show_chosen)
        for changed in (self.model.rowsInserted, self.model.modelReset):
            changed.connect(self._fit)
        self._fit()

    @property
    def query(self) -> LogQuery:
        return LogQuery(self.level.currentData(), self.words.text())

    @property
    def chosen(self) -> list[LogRecord]:
        """The selected records; with none selected all that are shown."""
        rows = sorted(each.row() for each in self.table.selectionModel().selectedRows())
        return [self.model.at(row) for row in rows or range(self.model.rowCount())]

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(full_text(self.chosen))

    def _fit(self) -> None:
        count = self.model.rowCount()
        self._copy.setEnabled(count > 0)
        self.outcome.say(count_text(count, len(self.model.records)))
        if self.follow.isChecked():
            self.table.scrollToBottom()

    def _show_chosen(self) -> None:
        has_any = self.table.selectionModel().hasSelection()
        self.text.setPlainText(full_text(self.chosen[:MOST_SHOWN]) if has_any else "")

    def _fill(self, icons: Icons) -> None:
        self.words.setObjectName("words")
        self.words.setPlaceholderText(tr("Search in the records"))
        self.words.setAccessibleName(tr("Search"))
        self.words.setClearButtonEnabled(True)
        looking = self.words.addAction(icons("search"), QLineEdit.ActionPosition.LeadingPosition)
        looking.setText(self.words.accessibleName())
        self.words.textChanged.connect(lambda _: self._pause.start())
        for text, level in level_choices():
            self.level.addItem(text, level)
        self.level.setAccessibleName(tr("Level"))
        self.level.setToolTip(tr("Level"))
        self.level.currentIndexChanged.connect(lambda _: self.asked.emit())
        self.follow.setObjectName("follow")
        self.follow.setChecked(True)
        self.follow.setToolTip(tr("Show what is written from now on"))
        self.follow.toggled.connect(lambda _: self.follow_asked.emit())
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(tr("The selected records in full"))
        self.text.setPlaceholderText(tr("Select records to read them in full."))
        self.text.setFont(fixed_font(self))
        copying = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        copying.setContext(Qt.ShortcutContext.WidgetShortcut)
        copying.activated.connect(self.copy)

    def _button(self, name: str, text: str, pressed: Callable[[], None]) -> QWidget:
        button = self._buttons.addButton(text, _Role.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: pressed())
        return button

    def _lay_out(self) -> None:
        narrowing = QHBoxLayout()
        narrowing.addWidget(self.words, 1)
        narrowing.addWidget(self.level)
        narrowing.addWidget(self.follow)
        halves = QSplitter(Qt.Orientation.Vertical, self)
        halves.setChildrenCollapsible(False)
        for part, share in ((self.table, 3), (self.text, 1)):
            halves.addWidget(part)
            halves.setStretchFactor(halves.count() - 1, share)
        layout = column(self)
        layout.addLayout(narrowing)
        layout.addWidget(halves, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)


def _table(model: LogTableModel, parent: QWidget) -> QTableView:
    table = QTableView(parent)
    table.setModel(model)
    table.setAccessibleName(tr("Log"))
    table.setItemDelegate(WholeRows(table))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    rows, titles = table.verticalHeader(), table.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(max(ROW_HEIGHT, table.fontMetrics().height() + 4))
    titles.setHighlightSections(False)
    titles.setStretchLastSection(True)
    margin = 2 * table.fontMetrics().horizontalAdvance("0")
    for section, example in _WIDTHS.items():
        width = table.fontMetrics().horizontalAdvance(example) + margin
        titles.resizeSection(section, width)
    return table
