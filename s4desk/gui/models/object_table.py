"""The objects under one prefix, as a table that grows a page at a time."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QObject,
    Qt,
    Signal,
)

from s4desk.core.domain.identity import Prefix
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.models.arranger import Arranger
from s4desk.gui.models.badges import badged_data, nothing_told
from s4desk.gui.models.cells import Icons, column_header
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.gui.models.loader import ListingLoader
from s4desk.viewmodels.arrangement import Arrangement
from s4desk.viewmodels.chosen import selection_of, summary_of
from s4desk.viewmodels.columns import MANY_RUNS, Columns, row_runs
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.listing import ListingState, ListingStatus, sort_refusal
from s4desk.viewmodels.merging import entries
from s4desk.viewmodels.ordering import NATURAL, SORTABLE, Column, SortOrder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta, Page
    from s4desk.gui.models.badges import BadgeOf, Tell
    from s4desk.viewmodels.arrangement import Arranged
    from s4desk.viewmodels.merging import Entry
    from s4desk.viewmodels.pager import Pager
    from s4desk.viewmodels.selection import Selection, Summary

NOWHERE = Prefix("")
FIRST_PAGES = 10
MERGE_LIMIT = 200
COLUMNS = tuple(Column)

_Role = Qt.ItemDataRole
# The overload with a hint: a selection of rows then costs one persistent index per row, not seven.
_WITH_HINT = "QList<QPersistentModelIndex>,QAbstractItemModel::LayoutChangeHint"
_ROWS_MOVE = QAbstractItemModel.LayoutChangeHint.VerticalSortHint
_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
_NAME_FLAGS = _FLAGS | Qt.ItemFlag.ItemIsEditable


class ObjectTableModel(QAbstractTableModel):
    """The rows of one listing: folders first, then objects, a page at a time.

    `data` only reads columns that are here. A page is one insertion, and a page of a listing that
    is no longer shown is dropped. Rows are replaced in one reset when the filter changes or the
    listing was read anew; `replacing` and `replaced` around it let a view keep its place. They
    come around a change of order too, with True.
    """

    status_changed = Signal()
    sort_refused = Signal(str)
    replacing = Signal(bool)
    replaced = Signal(bool)

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._badges: dict[Column, BadgeOf] = {}
        self._tell: Tell = nothing_told
        self.tasks = GuiTasks(self)
        self._loader = ListingLoader(self.tasks, self._take, self.status_changed.emit)
        self._arranger = Arranger(self.tasks, self._show)
        self._shown = Arrangement(Columns(NOWHERE))
        self._fresh: Arrangement | None = None
        self._pattern = Pattern()

    @property
    def status(self) -> ListingStatus:
        folders = self._shown.folder_count
        return ListingStatus(
            prefix=self.prefix,
            state=self._loader.state,
            folders=folders,
            objects=len(self._shown) - folders,
            loaded=len(self._columns),
            total_bytes=self._columns.total_bytes,
            pattern=self._pattern.text,
            failure=self._loader.failure,
            is_loading_all=self._loader.is_loading_all and self._fresh is None,
            is_arranging=self._arranger.is_busy,
            has_marker=self._columns.has_marker,
            as_of=self._columns.begun if self._has_failed_anew else None,
            searched=self._loader.pager.searched if self._loader.pager is not None else None,
            missed=tuple(self._loader.pager.missed) if self._loader.pager is not None else (),
            is_of_versions=self._loader.pager is not None and self._loader.pager.is_of_versions,
            moment=self._loader.pager.moment if self._loader.pager is not None else None,
            has_deleted=self._loader.pager is not None and self._loader.pager.has_deleted,
            members=frozenset(self._columns.members),
        )

    @property
    def _has_failed_anew(self) -> bool:
        return self._loader.state is ListingState.FAILED and self._fresh is not None

    @property
    def prefix(self) -> Prefix:
        return self._columns.prefix

    @property
    def order(self) -> SortOrder:
        """How the rows are sorted now."""
        return self._shown.sort

    @property
    def is_complete(self) -> bool:
        """Whether the rows that are shown are all there are."""
        return self._columns.is_complete

    @property
    def _columns(self) -> Columns:
        return self._shown.columns

    # Loading

    def open(self, pager: Pager) -> None:
        """Show another listing from its beginning, unfiltered."""
        self._begin(pager.prefix)
        self._columns.members = pager.members
        self._loader.open(pager, _first_pages(pager))

    def close(self) -> None:
        """Show nothing; what is under way is cancelled."""
        self._begin(NOWHERE)
        self._loader.close()

    def refresh(self, pager: Pager) -> None:
        """Read the listing anew, as far as it was read, and show it when it is here.

        Until then, and if it fails, the rows stay.
        """
        self._fresh = Arrangement(Columns(pager.prefix))
        self._fresh.columns.members = pager.members
        self._loader.open(pager, self._as_many_pages(pager))

    def load_all(self) -> None:
        self._loader.more(math.inf)

    def load_more(self) -> None:
        """Load one more page; after `stop` or an error, go on from there."""
        self._loader.more()

    def retry(self) -> None:
        """Go on from where it broke off."""
        pager = self._loader.pager
        if pager is not None:
            is_first = self._fresh is None
            self._loader.more(_first_pages(pager) if is_first else self._as_many_pages(pager))

    def _as_many_pages(self, pager: Pager) -> float:
        pages = math.ceil(len(self._columns) / MAX_KEYS)
        return math.inf if self.is_complete else max(_first_pages(pager), pages)

    def stop(self) -> None:
        """Stop loading at once; the rows that are here stay."""
        self._loader.stop()

    def canFetchMore(self, parent: Index = NO_PARENT) -> bool:
        """The scroll bar loads. A filter that nothing fits must not load the whole bucket."""
        is_waiting = self._loader.state is ListingState.PAUSED and self._fresh is None
        return is_waiting and not self._pattern and not parent.isValid()

    def fetchMore(self, parent: Index = NO_PARENT) -> None:
        if self.canFetchMore(parent):
            self._loader.more()

    def _begin(self, prefix: Prefix) -> None:
        self._arranger.cancel()
        self.beginResetModel()
        self._shown, self._fresh = Arrangement(Columns(prefix)), None
        self._pattern = Pattern()
        self.endResetModel()

    def _take(self, page: Page) -> None:
        if self._fresh is not None:
            self._take_unseen(self._fresh, page)
            return
        page = self._columns.stripped(page)
        folders, objects = self._shown.new_folders(page), self._shown.new_objects(page)
        end_of_folders = self._shown.folder_count
        if end_of_folders == len(self._shown):
            with self._inserted(end_of_folders, len(folders) + len(objects)):
                self._shown.add_folders(page, folders)
                self._shown.add_objects(page, objects)
        else:
            with self._inserted(end_of_folders, len(folders)):
                self._shown.add_folders(page, folders)
            with self._inserted(len(self._shown), len(objects)):
                self._shown.add_objects(page, objects)
        self._columns.is_complete = not self._loader.has_more

    def _take_unseen(self, fresh: Arrangement, page: Page) -> None:
        page = fresh.columns.stripped(page)
        fresh.add_folders(page, ())
        fresh.add_objects(page, ())
        fresh.columns.is_complete = not self._loader.has_more
        if self._loader.is_satisfied:
            sort = self._shown.sort if fresh.columns.is_complete else NATURAL
            self._arranger.start(fresh, sort, self._pattern)

    @contextlib.contextmanager
    def _inserted(self, first: int, count: int) -> Iterator[None]:
        if count:
            self.beginInsertRows(NO_PARENT, first, first + count - 1)
        yield
        if count:
            self.endInsertRows()

    # Order and filter

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort what is loaded, if that is all; else `sort_refused` says why not."""
        if Column(column) not in SORTABLE:
            return
        wanted = SortOrder(Column(column), order is Qt.SortOrder.DescendingOrder)
        target = self._arranger.target or self._shown
        if wanted != NATURAL and not target.columns.is_complete:
            self.sort_refused.emit(sort_refusal())
        elif wanted != self._shown.sort or self._arranger.is_busy:
            self._arrange(wanted)

    def set_filter(self, text: str) -> None:
        """Show only rows whose names fit `text` (see Pattern), now and when more come."""
        if text != self._pattern.text:
            self._pattern = Pattern(text)
            self._arrange(self._shown.sort)

    def _arrange(self, sort: SortOrder) -> None:
        self._arranger.start(self._arranger.target or self._shown, sort, self._pattern)
        self.status_changed.emit()

    def _show(self, arrangement: Arrangement, arranged: Arranged) -> None:
        if (
            arrangement is self._shown
            and arranged.pattern.text == self._shown.pattern.text
            and arranged.row_count(self._columns) == len(self._shown)
        ):
            self._reorder(arranged)
        else:
            with self._replacement():
                self._shown = arrangement
                self._shown.show(arranged)
                self._fresh = None if arrangement is self._fresh else self._fresh
        self.status_changed.emit()

    @contextlib.contextmanager
    def _replacement(self) -> Iterator[None]:
        self.replacing.emit(False)
        self.beginResetModel()
        yield
        self.endResetModel()
        self.replaced.emit(False)

    def _reorder(self, arranged: Arranged) -> None:
        self.replacing.emit(True)
        self.layoutAboutToBeChanged[_WITH_HINT].emit([], _ROWS_MOVE)  # type: ignore[index]
        before = self.persistentIndexList()
        ids = [self._shown.id_at(index.row()) for index in before]
        self._shown.show(arranged)
        row_of = {self._shown.id_at(row): row for row in self._shown.rows(set(ids))}
        after = [self.index(row_of[id_], at.column()) for id_, at in zip(ids, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged[_WITH_HINT].emit([], _ROWS_MOVE)  # type: ignore[index]
        self.replaced.emit(True)

    # Single rows

    def remove(self, keys: Collection[str]) -> None:
        """Show these keys and folders (in full) no more: they were deleted."""
        skip = len(self.prefix.prefix)
        names = {key[skip:] for key in keys}
        if self._fresh is not None:
            self._fresh.columns.remove(self._fresh.columns.find(names))
        ids = self._columns.find(names)
        runs = row_runs(self._shown.rows(ids))
        if len(runs) > MANY_RUNS:
            with self._replacement():
                self._columns.remove(ids)
                self._shown.drop(ids)
        else:
            for first, last in reversed(runs):
                self.beginRemoveRows(NO_PARENT, first, last)
                self._shown.cut(first, last)
                self.endRemoveRows()
            self._shown.forget(ids)
        self.status_changed.emit()

    def merge(self, metas: Sequence[ObjectMeta]) -> bool:
        """Show objects that we just wrote; False when reading the listing anew is cheaper.

        A search shows what it found when it looked, and nothing else; and the past stays as it is.
        """
        pager = self._loader.pager
        if pager is not None and (pager.searched is not None or pager.moment is not None):
            return True
        if (
            pager is None
            or pager.is_of_versions
            or self._fresh is not None
            or len(metas) > MERGE_LIMIT
        ):
            return False
        before = len(self._columns)
        for entry in entries(self._columns, metas, pager.last):
            self._put(entry)
        if len(self._columns) != before and not self._shown.is_natural:
            self._arrange(self._shown.sort)
        self.status_changed.emit()
        return True

    def _put(self, entry: Entry) -> None:
        if entry.id is None:
            id_, row = self._shown.place(entry.name, is_folder=entry.meta is None)
            with self._inserted(row, 1 if self._shown.is_natural else 0):
                self._shown.insert(id_, entry.name, entry.meta)
        elif entry.meta is not None:
            self._columns.set(entry.id, entry.meta)
            for row in self._shown.rows([entry.id]):
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    # What rows mean

    def let_badge(self, column: Column, badge_of: BadgeOf) -> None:
        """Who knows the badge of an object in a column, if it was read by now."""
        self._badges[column] = badge_of

    def let_tell(self, tell: Tell) -> None:
        """Who knows whether an archived object is restored, if it was asked by now."""
        self._tell = tell

    def entry(self, row: int) -> Prefix | Location:
        return self._columns.entry(self._shown.id_at(row))

    def selection(self, runs: Iterable[tuple[int, int]]) -> Selection:
        """What stands in these rows (first, last) now."""
        pager = self._loader.pager
        return selection_of(self._shown, runs, pager.moment if pager is not None else None)

    def summary(self, runs: Iterable[tuple[int, int]]) -> Summary:
        """How much stands in these rows (first, last)."""
        return summary_of(self._shown, runs)

    def names(self, runs: Iterable[tuple[int, int]]) -> set[str]:
        """What tells these rows from others, to find them again by `rows_of`."""
        token = self._columns.token
        return {token(id_) for first, last in runs for id_ in self._shown.ids(first, last)}

    def rows_of(self, names: Collection[str]) -> list[int]:
        """Where these names are shown, ascending."""
        return self._shown.rows(self._columns.find(names))

    def find_row(self, beginning: str, start: int) -> int | None:
        """The first row from `start` on, and around, whose name begins so, in any case."""
        return self._shown.find(beginning, start)

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _FLAGS if index.column() else _NAME_FLAGS

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        id_, column = self._shown.id_at(index.row()), COLUMNS[index.column()]
        return badged_data(self._columns, id_, column, role, self._icons, self._badges, self._tell)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            return column_header(COLUMNS[section], role)
        return None


def _first_pages(pager: Pager) -> float:
    """A search goes to its end: nobody can scroll to what is not found yet."""
    return FIRST_PAGES if pager.searched is None else math.inf
