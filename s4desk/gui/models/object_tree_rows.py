"""The rows of the object tree as views read them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from s4desk.core.domain.archive import is_at_hand
from s4desk.core.domain.identity import Prefix
from s4desk.gui.models.badges import BadgeOf, Tell, badged_data, nothing_told
from s4desk.gui.models.cells import Icons, column_header
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.gui.models.object_levels import Level, note_data
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.ordering import BADGED, Column
from s4desk.viewmodels.selection import Chosen, Selection, Summary, outermost

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.identity import Location

NOWHERE = Prefix("")
COLUMNS = (Column.NAME, Column.SIZE, Column.MODIFIED, Column.CLASS, *BADGED)

_Role = Qt.ItemDataRole
_ENABLED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ObjectTreeRows(QAbstractItemModel):
    """Levels of one bucket: an index holds the number of its level, and its row there.

    A stale index finds no level and is harmless.
    """

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._badges: dict[Column, BadgeOf] = {}
        self._tell: Tell = nothing_told
        self._levels: dict[int, Level] = {}
        self._top: Level | None = None
        self._pattern = Pattern()

    def let_badge(self, column: Column, badge_of: BadgeOf) -> None:
        """Who knows the badge of an object in a column, if it was read by now."""
        self._badges[column] = badge_of

    def let_tell(self, tell: Tell) -> None:
        """Who knows whether an archived object is restored, if it was asked by now."""
        self._tell = tell

    def fits(self, index: Index) -> bool:
        """Folders and notes always fit: what is in them may."""
        level = self._levels.get(index.internalId())
        id_ = level.id_at(index.row()) if level is not None else None
        if level is None or id_ is None or id_ < 0 or not self._pattern:
            return True
        return bool(self._pattern.select([level.columns.names[id_]]))

    def entry(self, index: Index) -> Prefix | Location | None:
        """What a row stands for; None for a note."""
        level = self._levels.get(index.internalId()) if index.isValid() else None
        id_ = level.id_at(index.row()) if level is not None else None
        return level.columns.entry(id_) if level is not None and id_ is not None else None

    def find(self, name: str) -> QModelIndex:
        """The row of a name in the top level."""
        if self._top is None:
            return QModelIndex()
        rows = [self._top.row_of(id_) for id_ in self._top.columns.find([name])]
        return self.createIndex(rows[0], 0, self._top.id) if rows else QModelIndex()

    def selection(self, indexes: Iterable[Index]) -> Selection:
        """What stands in these rows; what is in a selected folder is not named again."""
        return outermost(self._top.prefix if self._top else NOWHERE, self._objects(indexes))

    def summary(self, indexes: Iterable[Index]) -> Summary:
        indexes = list(indexes)
        selection = self.selection(indexes)
        return Summary(
            len(selection.folders),
            len(selection.objects),
            sum(selection.sizes),
            at_hand=sum(map(is_at_hand, self._classes(indexes))),
        )

    def _classes(self, indexes: Iterable[Index]) -> Iterable[str]:
        for index in indexes:
            level = self._levels.get(index.internalId())
            id_ = level.id_at(index.row()) if level is not None else None
            if level is not None and id_ is not None and id_ >= 0:
                yield level.columns.classes[id_]

    def _objects(self, indexes: Iterable[Index]) -> Iterable[Chosen]:
        for index in indexes:
            level = self._levels.get(index.internalId())
            id_ = level.id_at(index.row()) if level is not None else None
            if level is None or id_ is None:
                continue
            columns = level.columns
            known = (columns.sizes[id_], columns.modified[id_]) if id_ >= 0 else (0, math.nan)
            yield columns.entry(id_), *known

    # Qt

    def _index_of(self, level: Level) -> QModelIndex:
        if level.above is None:
            return QModelIndex()
        return self.createIndex(level.place, 0, level.above.id)

    def _level_below(self, parent: Index) -> Level | None:
        if not parent.isValid():
            return self._top
        level = self._levels.get(parent.internalId())
        return level.below.get(parent.row()) if level is not None and not parent.column() else None

    def index(self, row: int, column: int, parent: Index = NO_PARENT) -> QModelIndex:
        level = self._level_below(parent)
        if level is None or not (0 <= row < level.row_count and 0 <= column < len(COLUMNS)):
            return QModelIndex()
        return self.createIndex(row, column, level.id)

    def parent(self, index: Index = NO_PARENT) -> Any:
        level = self._levels.get(index.internalId()) if index.isValid() else None
        return QModelIndex() if level is None else self._index_of(level)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        level = self._level_below(parent)
        return 0 if level is None else level.row_count

    def columnCount(self, _parent: Index = NO_PARENT) -> int:
        return len(COLUMNS)

    def hasChildren(self, parent: Index = NO_PARENT) -> bool:
        """A folder that was not opened may have something in it."""
        return self.rowCount(parent) > 0 or self.canFetchMore(parent)

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self.entry(index)
        if entry is None:
            leaf = _ENABLED | Qt.ItemFlag.ItemNeverHasChildren
            return leaf if index.isValid() else Qt.ItemFlag.NoItemFlags
        if isinstance(entry, Prefix):
            return _ENABLED | Qt.ItemFlag.ItemIsDragEnabled
        leaf = _ENABLED | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return leaf if index.column() else leaf | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        level = self._levels.get(index.internalId()) if index.isValid() else None
        if level is None:
            return None
        column, id_ = COLUMNS[index.column()], level.id_at(index.row())
        if id_ is None:
            note = level.note_at(index.row()) if column is Column.NAME else None
            return note_data(note, role, self._icons) if note is not None else None
        return badged_data(level.columns, id_, column, role, self._icons, self._badges, self._tell)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            return column_header(COLUMNS[section], role)
        return None
