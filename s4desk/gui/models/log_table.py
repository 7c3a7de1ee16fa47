"""The log as a table that grows below."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from s4desk.core.runtime.log_file import MOST
from s4desk.gui.models.cells import LEFT
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.log_rows import LogColumn, LogQuery, cell_text, column_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.runtime.log_file import LogRecord
    from s4desk.gui.models.cells import Icons

COLUMNS = tuple(LogColumn)
SLACK = MOST // 10
"""So many more are kept before the oldest are dropped, all at once."""
_Role = Qt.ItemDataRole


class LogTableModel(QAbstractTableModel):
    """All records that are kept, and the places of those that are shown.

    `dropped` counts what was not kept: the places of records have moved when it has changed.
    """

    def __init__(self, icons: Icons, parent: QObject | None = None, most: int = MOST) -> None:
        super().__init__(parent)
        self._icons = icons
        self._most = most
        self._records: list[LogRecord] = []
        self._shown: list[int] = []
        self._query = LogQuery()
        self.dropped = 0

    @property
    def records(self) -> Sequence[LogRecord]:
        return self._records

    def at(self, row: int) -> LogRecord:
        return self._records[self._shown[row]]

    def show(self, query: LogQuery, rows: list[int], looked_at: int) -> None:
        """Show what fits `query`: these rows of the first `looked_at` records, and what comes."""
        self.beginResetModel()
        rest = query.rows(self._records[looked_at:], looked_at)
        self._query, self._shown = query, rows + rest
        self.endResetModel()

    def add(self, records: Sequence[LogRecord]) -> None:
        """These came since, in their order."""
        first = len(self._records)
        fitting = self._query.rows(records, first)
        self._records += records
        if len(self._records) > self._most + min(SLACK, self._most):
            self._shown += fitting
            self._drop_oldest()
        elif fitting:
            at = len(self._shown)
            self.beginInsertRows(NO_PARENT, at, at + len(fitting) - 1)
            self._shown += fitting
            self.endInsertRows()

    def _drop_oldest(self) -> None:
        gone = len(self._records) - self._most
        self.beginResetModel()
        self.dropped += gone
        del self._records[:gone]
        self._shown = [at - gone for at in self._shown if at >= gone]
        self.endResetModel()

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return cell_text(self.at(index.row()), column)
        if role == _Role.TextAlignmentRole:
            return LEFT
        if role == _Role.DecorationRole and column is LogColumn.LEVEL:
            level = self.at(index.row()).level
            name = "error" if level >= logging.ERROR else ""
            name = "warning" if logging.ERROR > level >= logging.WARNING else name
            return self._icons(name) if name else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return LEFT
        return column_title(COLUMNS[section]) if role == _Role.DisplayRole else None
