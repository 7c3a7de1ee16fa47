"""What lies where, as a table that changes while it is counted."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, Qt

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, RIGHT
from s4desk.gui.models.indexes import NO_PARENT, Index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.usage_rows import UsageRow


class UsageColumn(IntEnum):
    NAME = 0
    SIZE = 1
    OBJECTS = 2
    SHARE = 3
    COST = 4


class UsageTableModel(QAbstractTableModel):
    """As many rows as before change where they stand: the row that is current stays a row."""

    def __init__(self) -> None:
        super().__init__()
        self._titles = [tr("Name"), tr("Size"), tr("Objects"), tr("Share"), tr("A month")]
        self._rows: Sequence[UsageRow] = ()

    def show_rows(self, rows: Sequence[UsageRow]) -> None:
        if rows and len(rows) == len(self._rows):
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(UsageColumn) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(UsageColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.words
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if index.column() == UsageColumn.NAME else RIGHT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if section == UsageColumn.NAME else RIGHT
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None
