"""The unfinished uploads of a bucket as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from s4desk.gui.models.cells import LEFT, RIGHT, plain_tip
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.upload_rows import (
    UploadColumn,
    cell_text,
    cell_tip,
    column_title,
    sort_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.identity import Location, UploadId
    from s4desk.core.transfer.leftovers import Leftover
    from s4desk.gui.models.cells import Icons

    Key = tuple[Location, UploadId]

COLUMNS = tuple(UploadColumn)
NUMBERS = (UploadColumn.AGE, UploadColumn.SIZE, UploadColumn.PARTS)
_Role = Qt.ItemDataRole


class UploadTableModel(QAbstractTableModel):
    """One row per upload. What each holds comes later, many at a time."""

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._rows: list[Leftover] = []
        self._row_of: dict[Key, int] = {}
        self._now = datetime.now(UTC)
        self._order = (UploadColumn.KEY, Qt.SortOrder.AscendingOrder)

    @property
    def leftovers(self) -> Sequence[Leftover]:
        return self._rows

    def at(self, row: int) -> Leftover:
        return self._rows[row]

    def begin(self, leftovers: Iterable[Leftover]) -> None:
        """Show others."""
        self.beginResetModel()
        self._now = datetime.now(UTC)
        self._rows = self._sorted(leftovers)
        self._renumber()
        self.endResetModel()

    def update(self, leftovers: Iterable[Leftover]) -> None:
        """More is known of these."""
        changed = []
        for leftover in leftovers:
            row = self._row_of.get(_key(leftover))
            if row is not None:
                self._rows[row] = leftover
                changed.append(row)
        for first, last in row_runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def remove(self, leftovers: Iterable[Leftover]) -> None:
        """These are no more."""
        gone = [row for each in leftovers if (row := self._row_of.get(_key(each))) is not None]
        for first, last in reversed(row_runs(gone)):
            self.beginRemoveRows(NO_PARENT, first, last)
            del self._rows[first : last + 1]
            self._renumber()
            self.endRemoveRows()

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        leftover, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return cell_text(leftover, column, self._now)
        if role == _Role.ToolTipRole:
            return plain_tip(cell_tip(leftover, column))
        if role == _Role.TextAlignmentRole:
            return _alignment(column)
        if role == _Role.DecorationRole and column is UploadColumn.KEY:
            return self._icons("upload" if leftover.owner else "warning")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return LEFT  # on the right there is the arrow of the order
        return column_title(COLUMNS[section]) if role == _Role.DisplayRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = (COLUMNS[column], order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        keys = [_key(self._rows[index.row()]) for index in before]
        self._rows = self._sorted(self._rows)
        self._renumber()
        after = [
            self.index(self._row_of[key], index.column())
            for key, index in zip(keys, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sorted(self, leftovers: Iterable[Leftover]) -> list[Leftover]:
        column, order = self._order
        is_falling = order is Qt.SortOrder.DescendingOrder
        return sorted(leftovers, key=lambda each: sort_key(each, column), reverse=is_falling)

    def _renumber(self) -> None:
        self._row_of = {_key(each): row for row, each in enumerate(self._rows)}


def _key(leftover: Leftover) -> Key:
    return leftover.upload.location, leftover.upload.upload


def _alignment(column: UploadColumn) -> Qt.AlignmentFlag:
    return RIGHT if column in NUMBERS else LEFT
