"""The objects under one prefix as a tree: folders open in place, each a page at a time."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QObject,
    Qt,
    Signal,
)

from s4desk.core.domain.identity import Prefix
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.models.object_levels import MAX_PAGES, Level, NoteDeed, notes_for
from s4desk.gui.models.object_tree_rows import COLUMNS, ObjectTreeRows
from s4desk.viewmodels.columns import Columns, row_runs
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.listing import ListingStatus, sort_refusal
from s4desk.viewmodels.merging import entries
from s4desk.viewmodels.ordering import NATURAL, SORTABLE, SortOrder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from s4desk.core.domain.objects import ObjectMeta, Page
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.models.indexes import Index
    from s4desk.viewmodels.pager import PagerSource

MERGE_LIMIT = 200


class ObjectTreeModel(ObjectTreeRows):
    """Loads, sorts and changes the levels. Folders are the first rows of their level."""

    status_changed = Signal()
    sort_refused = Signal(str)
    table_wanted = Signal(object)

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(icons, parent)
        self.tasks = GuiTasks(self)
        self._ids = itertools.count(1)
        self._source: PagerSource | None = None
        self._sort = NATURAL

    @property
    def order(self) -> SortOrder:
        """How the rows of the top level are sorted now."""
        return self._top.sort if self._top is not None else NATURAL

    @property
    def is_complete(self) -> bool:
        """Whether the top level is all there is."""
        return self._top is not None and self._top.columns.is_complete

    @property
    def status(self) -> ListingStatus:
        """How the top level is."""
        top = self._top
        if top is None:
            return ListingStatus()
        fits = self._pattern.select(top.columns.names) if self._pattern else top.columns.names
        return ListingStatus(
            prefix=top.prefix,
            state=top.loader.state,
            folders=len(top.columns.folders),
            objects=len(fits),
            loaded=len(top.columns),
            total_bytes=top.columns.total_bytes,
            pattern=self._pattern.text,
            failure=top.loader.failure,
            is_loading_all=top.loader.is_loading_all,
            has_marker=top.columns.has_marker,
            as_of=top.columns.begun if top.has_failed_anew else None,
            has_deleted=top.loader.pager is not None and top.loader.pager.has_deleted,
            members=frozenset(
                itertools.chain.from_iterable(
                    each.columns.members for each in self._levels.values()
                )
            ),
        )

    # Loading

    def open(self, prefix: Prefix, source: PagerSource) -> None:
        """Show another folder; `source` is asked for each folder that is opened in it."""
        self.beginResetModel()
        self._forget_all()
        self._source = source
        self._top = self._level(prefix, None, 0)
        self.endResetModel()
        self._open(self._top, source)

    def close(self) -> None:
        """Show nothing; what is under way is cancelled."""
        self.beginResetModel()
        self._forget_all()
        self.endResetModel()
        self.status_changed.emit()

    def refresh(self) -> None:
        """Read every opened folder anew, as far as it was read; rows stay until it is here."""
        for level in list(self._levels.values()):
            if self._source is not None:
                pager = self._source(level.prefix)
                level.fresh = Columns(level.prefix)
                level.fresh.members = pager.members
                level.loader.open(pager, level.as_many_pages)

    def load_all(self) -> None:
        """As much of the top level as a tree can show."""
        if self._top is not None:
            self._top.loader.more(MAX_PAGES)

    def load_more(self) -> None:
        if self._top is not None:
            self._top.loader.more()

    def retry(self) -> None:
        if self._top is not None:
            self._top.load_further()

    def stop(self) -> None:
        """Stop loading at once, in every level."""
        for level in self._levels.values():
            level.loader.stop()

    def set_filter(self, text: str) -> None:
        """Which objects `fits` says yes to; the view hides the others."""
        self._pattern = Pattern(text)
        self.status_changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort every level that is here to its end; `sort_refused` if the top one is not."""
        if COLUMNS[column] not in SORTABLE:
            return
        wanted = SortOrder(COLUMNS[column], order is Qt.SortOrder.DescendingOrder)
        if wanted != NATURAL and not self.is_complete:
            self.sort_refused.emit(sort_refusal())
            return
        self._sort = wanted
        for level in self._levels.values():
            self._arrange(level)
            self._told(level)

    def _arrange(self, level: Level) -> None:
        self._rearrange(level, self._sort if level.columns.is_complete else NATURAL)

    @contextlib.contextmanager
    def _by_name(self, level: Level) -> Iterator[None]:
        """Rows come and go in S3's order; then they are sorted again."""
        self._rearrange(level, NATURAL)
        yield
        self._arrange(level)

    def _rearrange(self, level: Level, sort: SortOrder) -> None:
        if level.sort == sort:
            return
        self.layoutAboutToBeChanged.emit()
        before = [at for at in self.persistentIndexList() if at.internalId() == level.id]
        moved = level.rearrange(sort)
        rows = [moved[at.row()] if at.row() < len(moved) else at.row() for at in before]
        self.changePersistentIndexList(
            before,
            [
                self.createIndex(r, at.column(), level.id)
                for r, at in zip(rows, before, strict=True)
            ],
        )
        self.layoutChanged.emit()

    def act(self, index: Index) -> None:
        """Do what a note offers; other rows offer nothing."""
        level = self._levels.get(index.internalId())
        note = level.note_at(index.row()) if level is not None else None
        if level is None or note is None:
            return
        if note.deed is NoteDeed.OPEN_TABLE:
            self.table_wanted.emit(level.prefix)
        elif note.deed is not None:
            level.load_further()

    def canFetchMore(self, parent: Index) -> bool:
        level = self._levels.get(parent.internalId()) if parent.isValid() else None
        if level is None or parent.column() != 0:
            return False
        is_folder = parent.row() < len(level.columns.folders)
        return is_folder and parent.row() not in level.below

    def fetchMore(self, parent: Index) -> None:
        """Begin to read a folder, on the next turn of the loop: a view may ask within a change."""
        if self.canFetchMore(parent):
            level = self._levels[parent.internalId()]
            id_ = level.id_at(parent.row())
            assert id_ is not None
            prefix = Prefix(level.prefix.bucket, level.columns.key(id_))
            below = level.below[parent.row()] = self._level(prefix, level, parent.row())
            self.tasks.start(self._read(below))

    async def _read(self, level: Level) -> None:
        if self._source is not None and level.id in self._levels:
            self._open(level, self._source)

    @staticmethod
    def _open(level: Level, source: PagerSource) -> None:
        pager = source(level.prefix)
        level.columns.members = pager.members
        level.loader.open(pager, 1)

    def _level(self, prefix: Prefix, above: Level | None, place: int) -> Level:
        level = Level(next(self._ids), prefix, above, place, self.tasks, self._take, self._told)
        self._levels[level.id] = level
        return level

    def _forget_all(self) -> None:
        top, self._top, self._source = self._top, None, None
        self._pattern, self._sort = Pattern(), NATURAL
        if top is not None:
            self._forget(top)

    def _forget(self, level: Level) -> None:
        del self._levels[level.id]
        level.loader.close()
        for below in level.below.values():
            self._forget(below)

    def _take(self, level: Level, page: Page) -> None:
        columns = level.columns if level.fresh is None else level.fresh
        page = columns.stripped(page)
        if level.fresh is None:
            self._insert(level, len(columns.folders), len(page.folders), columns.add_folders, page)
            self._insert(level, len(columns), len(page.keys), columns.add_objects, page)
        else:
            columns.add_folders(page)
            columns.add_objects(page)
        columns.is_complete = not level.loader.has_more
        if level.fresh is None:
            self._arrange(level)
        elif level.loader.is_satisfied:
            with self._by_name(level):
                self._swap(level, level.fresh)

    def _insert(self, level: Level, row: int, count: int, add: Any, *what: Any) -> None:
        if count:
            self.beginInsertRows(self._index_of(level), row, row + count - 1)
        add(*what)
        if count:
            self.endInsertRows()

    def _swap(self, level: Level, fresh: Columns) -> None:
        """Go over to what was read anew by removing and inserting what differs."""
        level.fresh = None
        known = level.columns
        gone = {*known.folders, *known.names} - {*fresh.folders, *fresh.names}
        self._remove(level, gone)
        for at, name in enumerate(fresh.folders):
            if at >= len(known.folders) or known.folders[at] != name:
                self._insert(level, at, 1, self._put_folder, level, at, name)
        for at, name in enumerate(fresh.names):
            if at >= len(known.names) or known.names[at] != name:
                row = len(known.folders) + at
                self._insert(level, row, 1, known.insert_object, at, name, fresh.meta(at))
        known.has_marker, known.begun = fresh.has_marker, fresh.begun
        known.members = fresh.members
        if (fresh.folders, fresh.names) == (known.folders, known.names):
            level.columns = fresh
            self._rows_changed(level, 0, len(fresh) - 1)
        self.status_changed.emit()

    @staticmethod
    def _put_folder(level: Level, at: int, name: str) -> None:
        level.columns.insert_folder(~at, name)
        level.shift(at, +1)

    def _told(self, level: Level) -> None:
        if level.id not in self._levels:
            return
        notes = notes_for(level, self._sort)
        first, had = len(level.columns), len(level.notes)
        if len(notes) == had:
            level.notes = notes
            self._rows_changed(level, first, first + had - 1)
        elif notes:
            self._insert(level, first, len(notes), level.notes.extend, notes)
        else:
            self.beginRemoveRows(self._index_of(level), first, first + had - 1)
            level.notes = []
            self.endRemoveRows()
        self.status_changed.emit()

    def _rows_changed(self, level: Level, first: int, last: int) -> None:
        if first <= last:
            top = self.createIndex(first, 0, level.id)
            self.dataChanged.emit(top, self.createIndex(last, len(COLUMNS) - 1, level.id))

    # Single rows

    def remove(self, keys: Collection[str]) -> None:
        """Show these keys and folders (in full) no more: they were deleted."""
        for level in list(self._levels.values()):
            if level.id in self._levels:
                prefix = level.prefix.prefix
                names = {key[len(prefix) :] for key in keys if key.startswith(prefix)}
                with self._by_name(level):
                    self._remove(level, names)
                if level.fresh is not None:
                    level.fresh.remove(level.fresh.find(names))
        self.status_changed.emit()

    def _remove(self, level: Level, names: Collection[str]) -> None:
        rows = [level.row_of(id_) for id_ in level.columns.find(names)]
        for first, last in reversed(row_runs(rows)):
            self.beginRemoveRows(self._index_of(level), first, last)
            gone = [level.below.pop(row) for row in range(first, last + 1) if row in level.below]
            ids = [level.id_at(row) for row in range(first, last + 1)]
            level.columns.remove([id_ for id_ in ids if id_ is not None])
            level.shift(last + 1, first - last - 1)
            self.endRemoveRows()
            for below in gone:
                self._forget(below)

    def merge(self, metas: Sequence[ObjectMeta]) -> bool:
        """Show objects that we just wrote; False when reading anew is cheaper."""
        if len(metas) > MERGE_LIMIT:
            return False
        for level in list(self._levels.values()):
            pager = level.loader.pager
            if pager is not None and level.fresh is None:
                with self._by_name(level):
                    for entry in entries(level.columns, metas, pager.last):
                        self._put(level, entry.id, entry.name, entry.meta)
                self._told(level)
        return True

    def _put(self, level: Level, id_: int | None, name: str, meta: ObjectMeta | None) -> None:
        columns = level.columns
        if id_ is not None and meta is not None:
            columns.set(id_, meta)
            self._rows_changed(level, level.row_of(id_), level.row_of(id_))
        elif id_ is None and meta is not None:
            at = columns.place_of(name, is_folder=False)
            self._insert(level, level.row_of(at), 1, columns.insert_object, at, name, meta)
        elif id_ is None:
            at = ~columns.place_of(name, is_folder=True)
            self._insert(level, at, 1, self._put_folder, level, at, name)
