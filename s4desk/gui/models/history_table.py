"""The history as a table, filled page by page while somebody scrolls."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal

from s4desk.core.domain.transfer import Direction, TransferState
from s4desk.gui.models.cells import LEFT, RIGHT
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.gui.models.transfer_cells import MOVE_ICON
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.history_rows import HistoryColumn, cell_lines, cell_text, column_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.persist.history import HistoryEntry
    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.history_rows import NameOf

COLUMNS = tuple(HistoryColumn)
_Role = Qt.ItemDataRole


class HistoryTableModel(QAbstractTableModel):
    """One row per entry, newest first. `more_wanted` asks for the page below the last row."""

    more_wanted = Signal()

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._name_of: NameOf = str
        self._rows: list[HistoryEntry] = []
        self._has_more = False
        self._is_asked = False

    @property
    def last(self) -> HistoryEntry | None:
        return self._rows[-1] if self._rows else None

    def at(self, row: int) -> HistoryEntry:
        return self._rows[row]

    def begin(self, page: Sequence[HistoryEntry], name_of: NameOf, *, has_more: bool) -> None:
        """Show others."""
        self.beginResetModel()
        self._rows = list(page)
        self._name_of = name_of
        self._has_more, self._is_asked = has_more, False
        self.endResetModel()

    def add(self, page: Sequence[HistoryEntry], *, has_more: bool) -> None:
        """Show these below the others."""
        self._has_more, self._is_asked = has_more, False
        if page:
            first = len(self._rows)
            self.beginInsertRows(NO_PARENT, first, first + len(page) - 1)
            self._rows += page
            self.endInsertRows()

    def update(self, entries: Iterable[HistoryEntry]) -> None:
        """More is known of these."""
        known = {each.number: each for each in entries}
        changed = [row for row, each in enumerate(self._rows) if each.number in known]
        for row in changed:
            self._rows[row] = known[self._rows[row].number]
        for first, last in row_runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def give_up(self) -> None:
        """The page that was wanted does not come; it may be asked for again."""
        self._is_asked = False

    # Qt

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._has_more and not self._is_asked

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._is_asked = True
            self.more_wanted.emit()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return cell_text(entry, column, self._name_of)
        if role == _Role.ToolTipRole:
            lines = cell_lines(entry, column, self._name_of)
            return "<br>".join(f"<span>{html.escape(line)}</span>" for line in lines)
        if role == _Role.TextAlignmentRole:
            return RIGHT if column is HistoryColumn.SIZE else LEFT
        icon = _icon(entry, column) if role == _Role.DecorationRole else ""
        return self._icons(icon) if icon else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == _Role.TextAlignmentRole:
            return RIGHT if column is HistoryColumn.SIZE else LEFT
        return column_title(column) if role == _Role.DisplayRole else None


def _icon(entry: HistoryEntry, column: HistoryColumn) -> str:
    """Which way it went; and that it failed."""
    spec = entry.transfer.spec
    if column is HistoryColumn.NAME:
        is_move = spec.direction is Direction.COPY and spec.removes_source
        return MOVE_ICON if is_move else spec.direction
    has_failed = entry.transfer.state is TransferState.FAILED
    return "error" if has_failed and column is HistoryColumn.STATE else ""
