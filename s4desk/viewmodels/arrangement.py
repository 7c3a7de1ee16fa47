"""Which loaded rows are shown, and in which order.

Sorting a million rows takes most of a second, so what is long is a generator that stops every few
thousand rows: `finish` runs one to its end, `spread` gives the window its turns in between.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from s4desk.viewmodels.filtering import Pattern, in_order, matching_ids
from s4desk.viewmodels.ordering import NATURAL, STEP_ROWS, SortOrder, sorted_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Sequence

    from s4desk.core.domain.objects import ObjectMeta, Page
    from s4desk.viewmodels.columns import Columns

T = TypeVar("T")

TURN_S = 0.006
FEW_IDS = 8
"""Up to this many ids are searched for one by one, more in one pass over all rows."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """An order that was worked out and is not shown yet. None: as the columns have it."""

    sort: SortOrder
    pattern: Pattern
    order: array[int] | None
    matching: array[int] | None
    folder_count: int

    def row_count(self, columns: Columns) -> int:
        shown = self.order if self.matching is None else self.matching
        return len(columns) if shown is None else len(shown)


class Arrangement:
    """The rows of Columns as they are shown: row numbers in, ids out.

    Without sort and filter nothing is kept: rows are folders, then objects, in S3's order. Pages
    are only added to a natural or filtered arrangement: what is sorted is complete.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.sort = NATURAL
        self.pattern = Pattern()
        self._order: array[int] | None = None
        self._matching: array[int] | None = None
        self._folder_count = 0

    def __len__(self) -> int:
        return len(self.columns) if (shown := self._shown) is None else len(shown)

    @property
    def folder_count(self) -> int:
        """How many of the shown rows are folders; they come first."""
        return len(self.columns.folders) if self.is_natural else self._folder_count

    @property
    def is_natural(self) -> bool:
        return self._shown is None

    @property
    def _shown(self) -> array[int] | None:
        return self._order if self._matching is None else self._matching

    def id_at(self, row: int) -> int:
        if self._matching is not None:
            return self._matching[row]
        if self._order is not None:
            return self._order[row]
        folders = len(self.columns.folders)
        return ~row if row < folders else row - folders

    def ids(self, first: int, last: int) -> Sequence[int]:
        """The ids of the rows `first` to `last`."""
        if (shown := self._shown) is not None:
            return shown[first : last + 1]
        folders = len(self.columns.folders)
        if first >= folders:
            return range(first - folders, last + 1 - folders)
        return [*range(~first, ~min(last + 1, folders), -1), *range(max(last + 1 - folders, 0))]

    def rows(self, ids: Collection[int]) -> list[int]:
        """Where these ids are shown, ascending; ids that are not shown are left out."""
        if (shown := self._shown) is None:
            folders = len(self.columns.folders)
            return sorted(~id_ if id_ < 0 else id_ + folders for id_ in ids)
        if len(ids) <= FEW_IDS:
            return sorted(row for id_ in ids if (row := _place_in(shown, id_)) is not None)
        wanted = set(ids)
        return [row for row, id_ in enumerate(shown) if id_ in wanted]

    def total_bytes(self, first: int, last: int) -> int:
        """The sizes of the objects in the rows `first` to `last`, which are no folders."""
        ids = self.ids(first, last)
        if isinstance(ids, range):
            return sum(self.columns.sizes[ids.start : ids.stop])
        return sum(map(self.columns.sizes.__getitem__, ids))

    def find(self, beginning: str, start: int) -> int | None:
        """The first row from `start` on, and around, whose name begins so, in any case."""
        folded = beginning.casefold()
        for first, last in ((start, len(self)), (0, start)):
            for row in range(first, last, STEP_ROWS):
                names = self._names(row, min(row + STEP_ROWS, last) - 1)
                # One look over all of them at once; only where that finds something, one by one.
                if f"\0{folded}" in "\0".join(["", *names]).casefold():
                    for at, name in enumerate(names, row):
                        if name.casefold().startswith(folded):
                            return at
        return None

    def _names(self, first: int, last: int) -> Sequence[str]:
        folders = len(self.columns.folders)
        if self.is_natural and first >= folders:
            return self.columns.names[first - folders : last + 1 - folders]
        return [self.columns.name(id_) for id_ in self.ids(first, last)]

    # Pages. What fits is asked first, because Qt wants to know before rows come.

    def new_folders(self, page: Page) -> Sequence[int]:
        """The ids of those folders of `page` that will be shown."""
        first, skip = len(self.columns.folders), len(self.columns.prefix.prefix)
        if not self.pattern:
            return range(~first, ~(first + len(page.folders)), -1)
        return self.pattern.select_folders((name[skip:] for name in page.folders), first)

    def new_objects(self, page: Page) -> Sequence[int]:
        """The ids of those objects of `page` that will be shown."""
        first, skip = len(self.columns.names), len(self.columns.prefix.prefix)
        if not self.pattern:
            return range(first, first + len(page.keys))
        return self.pattern.select((key[skip:] for key in page.keys), first)

    def add_folders(self, page: Page, ids: Sequence[int]) -> None:
        self.columns.add_folders(page)
        if self._matching is not None:
            self._matching[self._folder_count : self._folder_count] = array("i", ids)
            self._folder_count += len(ids)

    def add_objects(self, page: Page, ids: Sequence[int]) -> None:
        self.columns.add_objects(page)
        if self._matching is not None:
            self._matching.extend(ids)

    # Single rows

    def place(self, name: str, *, is_folder: bool) -> tuple[int, int]:
        """The id and, in the natural arrangement, the row that a new name will have."""
        id_ = self.columns.place_of(name, is_folder=is_folder)
        return id_, ~id_ if is_folder else id_ + len(self.columns.folders)

    def insert(self, id_: int, name: str, meta: ObjectMeta | None) -> None:
        """Put a folder (no `meta`) or an object in. Sorted or filtered, it is not shown yet."""
        if meta is None:
            self.columns.insert_folder(id_, name)
        else:
            self.columns.insert_object(id_, name, meta)
        self._renumber(lambda order: [_after_insertion(at, id_) for at in order])

    def cut(self, first: int, last: int) -> None:
        """Show the rows `first` to `last` no more; `forget` must follow for the whole lot."""
        folders = max(0, min(last + 1, self.folder_count) - first)
        if (shown := self._shown) is not None:
            del shown[first : last + 1]
            self._folder_count -= folders
            return
        count = len(self.columns.folders)
        if last >= count:
            self.columns.cut_objects(max(first - count, 0), last - count)
        if folders:
            self.columns.cut_folders(first, first + folders - 1)

    def forget(self, ids: Sequence[int]) -> None:
        """Take out of the columns what was cut out of the rows."""
        if not self.is_natural:
            self.columns.remove(ids)
            self.drop(ids)

    def drop(self, ids: Sequence[int]) -> None:
        """Name the rows anew after the columns lost these ids."""
        gone = set(ids)
        objects = sorted(id_ for id_ in gone if id_ >= 0)
        folders = sorted(~id_ for id_ in gone if id_ < 0)
        self._renumber(
            lambda order: [_after_removal(at, objects, folders) for at in order if at not in gone]
        )

    def _renumber(self, renumbered: Callable[[array[int]], list[int]]) -> None:
        """New arrays: `arrange` may be reading the old ones."""
        if self._order is not None:
            self._order = array("i", renumbered(self._order))
        if self._matching is not None:
            self._matching = array("i", renumbered(self._matching))

    # Orders

    def show(self, arranged: Arranged) -> None:
        self.sort, self.pattern = arranged.sort, arranged.pattern
        self._order, self._matching = arranged.order, arranged.matching
        self._folder_count = arranged.folder_count

    def arrange(self, sort: SortOrder, pattern: Pattern) -> Generator[None, None, Arranged]:
        """Work an order out. Rows may be appended meanwhile; when ids shift it starts again."""
        while True:
            generation = self.columns.generation
            arranged = yield from self._arrange(sort, pattern)
            if generation == self.columns.generation:
                return arranged

    def _arrange(self, sort: SortOrder, pattern: Pattern) -> Generator[None, None, Arranged]:
        generation = self.columns.generation
        if sort == NATURAL:
            order = None
        elif sort == self.sort and self._order and len(self._order) == len(self.columns):
            order = self._order
        else:
            order = yield from sorted_ids(self.columns, sort)
        if not pattern:
            return Arranged(sort, pattern, order, None, len(self.columns.folders))
        matching = yield from matching_ids(self.columns, pattern)
        folder_count = bisect_left(matching, True, key=lambda id_: id_ >= 0)
        if order is not None and generation == self.columns.generation:
            matching = yield from in_order(matching, order, self.columns)
        return Arranged(sort, pattern, order, matching, folder_count)


def finish(steps: Generator[None, None, T]) -> T:
    """Run to the end at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


async def spread(steps: Generator[None, None, T]) -> T:
    """Run to the end in short turns, so that a loop with a window stays live."""
    while True:
        until = time.perf_counter() + TURN_S
        try:
            while time.perf_counter() < until:
                next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        await asyncio.sleep(0)


def _place_in(ids: array[int], id_: int) -> int | None:
    try:
        return ids.index(id_)
    except ValueError:
        return None


def _after_insertion(id_: int, new: int) -> int:
    """What `id_` is called when a row with the id `new` has been put in."""
    if new < 0:
        return id_ - 1 if id_ <= new else id_
    return id_ + 1 if id_ >= new else id_


def _after_removal(id_: int, objects: Sequence[int], folders: Sequence[int]) -> int:
    """What `id_` is called when these places, ascending, have been cut out."""
    if id_ < 0:
        return id_ + bisect_left(folders, ~id_)
    return id_ - bisect_left(objects, id_)
