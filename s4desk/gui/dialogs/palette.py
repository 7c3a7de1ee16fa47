"""All commands in one place, found by a few letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import column
from s4desk.gui.dialogs.table import ROW_HEIGHT, WholeRows
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.gui.room import claim
from s4desk.viewmodels.palette import Entry, ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZE = (560, 420)
ICON = QSize(16, 16)
_Role = Qt.ItemDataRole
_TO_ROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class PaletteModel(QAbstractTableModel):
    """Commands and their keys. One that cannot be given is shown, with the reason, for whoever
    looks for it."""

    def __init__(
        self, entries: Sequence[Entry], icon_of: Callable[[Entry], QIcon], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._all = entries
        self._icon_of = icon_of
        blank = QPixmap(ICON)
        blank.fill(Qt.GlobalColor.transparent)
        # As wide as the others, so that all words begin below one another.
        self._no_icon = QIcon(blank)
        self.entries = ranked(entries, "")

    def find(self, typed: str) -> None:
        self.beginResetModel()
        self.entries = ranked(self._all, typed)
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemNeverHasChildren | Qt.ItemFlag.ItemIsSelectable
        is_possible = index.isValid() and not self.entries[index.row()].obstacle
        return flags | Qt.ItemFlag.ItemIsEnabled if is_possible else flags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        return self._keys(entry, role) if index.column() else self._words(entry, role)

    def _words(self, entry: Entry, role: int) -> Any:
        match role:
            case _Role.DisplayRole:
                return entry.text
            case _Role.DecorationRole:
                icon = self._icon_of(entry)
                return self._no_icon if icon.isNull() else icon
            case _Role.ToolTipRole | _Role.AccessibleDescriptionRole:
                return entry.obstacle or entry.keys
        return None

    @staticmethod
    def _keys(entry: Entry, role: int) -> Any:
        match role:
            case _Role.DisplayRole:
                return entry.keys
            case _Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class PaletteDialog(QDialog):
    """A line to type into and the commands that fit; Return gives the one that is marked."""

    chosen = Signal(object)

    def __init__(
        self, entries: Sequence[Entry], icon_of: Callable[[Entry], QIcon], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Commands"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._line = QLineEdit()
        self._line.setObjectName("palette")
        self._line.setPlaceholderText(tr("Type some letters of a command"))
        self._line.setAccessibleName(tr("Command"))
        self._model = PaletteModel(entries, icon_of, self)
        self._rows = _table(self._model)
        self._reason = QLabel()
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setWordWrap(True)
        self._reason.hide()
        layout = column(self)
        layout.addWidget(self._line)
        layout.addWidget(self._rows, 1)
        layout.addWidget(self._reason)
        claim(self, SIZE)
        self._line.textChanged.connect(self._find)
        self._line.installEventFilter(self)
        self._rows.clicked.connect(self._give)
        self._rows.activated.connect(self._give)
        self._mark(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move the mark while the letters are still typed."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = event.key()
            if key in _TO_ROWS:
                step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10}
                self._mark(self._rows.currentIndex().row() + step.get(Qt.Key(key), 10))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._give(self._rows.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _find(self, typed: str) -> None:
        self._model.find(typed)
        self._mark(0)
        nothing = tr("No command has these letters.")
        only = next(iter(self._model.entries), None)
        reason = nothing if only is None else only.obstacle
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))

    def _mark(self, row: int) -> None:
        row = max(0, min(row, self._model.rowCount() - 1))
        self._rows.setCurrentIndex(self._model.index(row, 0))

    def _give(self, index: Index) -> None:
        if index.isValid() and not self._model.entries[index.row()].obstacle:
            entry = self._model.entries[index.row()]
            self.accept()
            self.chosen.emit(entry)


def _table(model: PaletteModel) -> QTableView:
    rows = QTableView()
    rows.setModel(model)
    rows.setItemDelegate(WholeRows(rows))
    rows.setAccessibleName(tr("Commands"))
    rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    rows.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    rows.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    rows.setShowGrid(False)
    rows.verticalHeader().hide()
    rows.verticalHeader().setDefaultSectionSize(max(ROW_HEIGHT, rows.fontMetrics().height() + 6))
    rows.horizontalHeader().hide()
    rows.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    rows.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    return rows
