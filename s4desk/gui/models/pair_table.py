"""Names with values, edited in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.indexes import NO_PARENT, Index

if TYPE_CHECKING:
    from s4desk.viewmodels.pairs import PairRows

NAME, VALUE = range(2)
_FLAGS = Qt.ItemFlag
_ROLES = Qt.ItemDataRole


class PairTableModel(QAbstractTableModel):
    """The last row is always an empty one: what is typed there becomes a row, and another follows.

    Tells in `edited` that they are others now.
    """

    edited = Signal()

    def __init__(self, pairs: PairRows, parent: Any = None) -> None:
        super().__init__(parent)
        self._pairs = pairs
        if not pairs.rows or any(pairs.rows[-1]):
            pairs.rows.append(["", ""])

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._pairs.rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return _FLAGS.NoItemFlags
        return _FLAGS.ItemIsEnabled | _FLAGS.ItemIsSelectable | _FLAGS.ItemIsEditable

    def data(self, index: Index, role: int = _ROLES.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not any(self._pairs.rows[row]):
            if role == _ROLES.DisplayRole and column == NAME:
                return tr("Add…")
            if role == _ROLES.ForegroundRole:
                return QApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
        if role in (_ROLES.DisplayRole, _ROLES.EditRole):
            return self._pairs.rows[row][column]
        if role == _ROLES.ToolTipRole:
            return self._pairs.error_in(row) or self._pairs.rows[row][column]
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLES.EditRole) -> bool:
        row, column, text = index.row(), index.column(), str(value)
        if role != _ROLES.EditRole:
            return False
        if row == len(self._pairs.rows) - 1:
            if not text:
                return False
            # It becomes one with text where it is: it is being edited.
            self.beginInsertRows(NO_PARENT, row + 1, row + 1)
            self._pairs.rows.append(["", ""])
            self.endInsertRows()
        self._pairs.rows[row][column] = text
        self.dataChanged.emit(self.index(row, NAME), self.index(row, VALUE))
        self.edited.emit()
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLES.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == _ROLES.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return (tr("Name"), tr("Value"))[section] if role == _ROLES.DisplayRole else None

    def is_row(self, row: int) -> bool:
        """Whether it is one that can be taken away."""
        return 0 <= row < len(self._pairs.rows) - 1

    def take_away(self, row: int) -> None:
        if self.is_row(row):
            self.beginRemoveRows(NO_PARENT, row, row)
            del self._pairs.rows[row]
            self.endRemoveRows()
            self.edited.emit()
