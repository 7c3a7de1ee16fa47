"""Which loaded rows are shown, and in which order.

Sorting a million rows takes most of a second, so what is long is a generator that stops every few
thousand rows: `finish` runs one to its end, `spread` gives the window its turns in between.
"""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from s4desk.viewmodels.rows import type_label

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from s4desk.core.domain.objects import ObjectMeta, Page
    from s4desk.viewmodels.columns import Columns, Labels

T = TypeVar("T")

STEP_ROWS = 8192
TURN_S = 0.006
BUCKET_ROWS = 20_000
SAMPLES_PER_BUCKET = 32
_NEVER = float("-inf")


class Column(IntEnum):
    """The columns of a listing, in their first order."""

    NAME = 0
    SIZE = 1
    MODIFIED = 2
    CLASS = 3
    TYPE = 4
    ETAG = 5
    OWNER = 6


@dataclass(frozen=True, slots=True)
class SortOrder:
    column: Column = Column.NAME
    is_descending: bool = False


NATURAL = SortOrder()
"""The order S3 lists in."""

_GLOB_PARTS = {"*": ".*", "?": "."}


class Pattern:
    """What a person typed to find names: letters anywhere in it, or a glob when it has * or ?.

    Upper and lower case are the same, and so are NFC and NFD.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._fold = str.casefold if text.isascii() else _folded
        self._letters = self._fold(text)
        self._match: Callable[[str], object] | None = None
        if not _GLOB_PARTS.keys().isdisjoint(text):
            parts = re.split(r"([*?])", self._letters)
            regex = "".join(_GLOB_PARTS.get(part) or re.escape(part) for part in parts)
            self._match = re.compile(f"(?s:{regex})\\Z").match

    def __bool__(self) -> bool:
        return bool(self.text)

    def select(self, names: Iterable[str], first: int = 0) -> list[int]:
        """The places of the names that fit, counted from `first`."""
        match, letters, fold = self._match, self._letters, self._fold
        if match is None:
            return [at for at, name in enumerate(names, first) if letters in fold(name)]
        return [at for at, name in enumerate(names, first) if match(fold(name))]

    def select_folders(self, names: Iterable[str], first: int = 0) -> list[int]:
        """The ids of the folders that fit; the delimiter is not part of what is compared."""
        places = self.select([name.removesuffix("/") for name in names], first)
        return [~place for place in places]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


@dataclass(frozen=True, slots=True)
class Arranged:
    """An order that was worked out and is not shown yet. None: as the columns have it."""

    sort: SortOrder
    pattern: Pattern
    order: array[int] | None
    matching: array[int] | None
    folder_count: int


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

    def rows(self, ids: Iterable[int]) -> list[int]:
        """Where these ids are shown, ascending; ids that are not shown are left out."""
        if (shown := self._shown) is not None:
            wanted = set(ids)
            return [row for row, id_ in enumerate(shown) if id_ in wanted]
        folders = len(self.columns.folders)
        return sorted(~id_ if id_ < 0 else id_ + folders for id_ in ids)

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
        if self.is_natural:
            return
        self.columns.remove(ids)
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
        if sort == NATURAL:
            order = None
        elif sort == self.sort:
            order = self._order
        else:
            order = yield from _sorted(self.columns, sort)
        if not pattern:
            return Arranged(sort, pattern, order, None, len(self.columns.folders))
        matching = yield from _matching(self.columns, pattern)
        folder_count = bisect_left(matching, True, key=lambda id_: id_ >= 0)
        if order is not None:
            matching = yield from _in_order(matching, order, self.columns)
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


def _matching(columns: Columns, pattern: Pattern) -> Generator[None, None, array[int]]:
    """The ids that fit, folders first, each kind in S3's order."""
    folders: array[int] = array("i")
    objects: array[int] = array("i")
    seen_folders = seen = 0
    while seen_folders < len(columns.folders) or seen < len(columns.names):
        some_folders = columns.folders[seen_folders : seen_folders + STEP_ROWS]
        folders.extend(pattern.select_folders(some_folders, seen_folders))
        seen_folders += len(some_folders)
        names = columns.names[seen : seen + STEP_ROWS]
        objects.extend(pattern.select(names, seen))
        seen += len(names)
        yield
    return folders + objects


def _in_order(
    ids: array[int], order: array[int], columns: Columns
) -> Generator[None, None, array[int]]:
    """`ids` in the order in which they are in `order`."""
    folders = len(columns.folders)
    wanted = bytearray(len(columns))
    for id_ in ids:
        wanted[id_ + folders] = 1
    found: array[int] = array("i")
    for first in range(0, len(order), STEP_ROWS):
        found.extend([id_ for id_ in order[first : first + STEP_ROWS] if wanted[id_ + folders]])
        yield
    return found


def _sorted(columns: Columns, sort: SortOrder) -> Generator[None, None, array[int]]:
    """All ids: folders first and by name, objects as asked; equal ones in S3's order."""
    folders, objects = len(columns.folders), len(columns.names)
    if sort.column is Column.NAME:
        order = array("i", range(-folders, 0) if sort.is_descending else range(-1, ~folders, -1))
        order.extend(range(objects - 1, -1, -1) if sort.is_descending else range(objects))
        return order
    keys: list[Any] = []
    for first in range(0, objects, STEP_ROWS):
        keys += _KEYS[sort.column](columns, first, first + STEP_ROWS)
        yield
    order = array("i", range(-1, ~folders, -1))
    buckets = yield from _distributed(keys)
    for bucket in reversed(buckets) if sort.is_descending else buckets:
        bucket.sort(key=keys.__getitem__, reverse=sort.is_descending)
        order.extend(bucket)
        yield
    return order


def _distributed(keys: list[Any]) -> Generator[None, None, list[list[int]]]:
    """The places of `keys` in buckets, every key of one less than every key of the next.

    One sort of a million keys cannot be interrupted; fifty of twenty thousand can.
    """
    count = len(keys) // BUCKET_ROWS + 1
    sample = sorted(keys[:: max(1, len(keys) // (count * SAMPLES_PER_BUCKET))])
    borders = sample[SAMPLES_PER_BUCKET::SAMPLES_PER_BUCKET] if count > 1 else []
    buckets: list[list[int]] = [[] for _ in range(len(borders) + 1)]
    for first in range(0, len(keys), STEP_ROWS):
        for place, key in enumerate(keys[first : first + STEP_ROWS], first):
            buckets[bisect_right(borders, key)].append(place)
        yield
    return buckets


def _ranks(labels: Labels, first: int, last: int) -> list[int]:
    rank = {text: place for place, text in enumerate(sorted(labels.texts))}
    ranks = [rank[text] for text in labels.texts]
    return [ranks[code] for code in labels.rows[first:last]]


def _types(columns: Columns, first: int, last: int) -> list[str]:
    known: dict[str, str] = {}
    found = []
    for name in columns.names[first:last]:
        extension = name[name.rfind(".") + 1 :] if "." in name else ""
        label = known.get(extension)
        if label is None:
            label = known[extension] = type_label(name)
        found.append(label)
    return found


_KEYS: dict[Column, Callable[[Columns, int, int], list[Any]]] = {
    Column.SIZE: lambda columns, first, last: columns.sizes[first:last].tolist(),
    Column.MODIFIED: lambda columns, first, last: [
        seconds if seconds == seconds else _NEVER for seconds in columns.modified[first:last]
    ],
    Column.CLASS: lambda columns, first, last: _ranks(columns.classes, first, last),
    Column.OWNER: lambda columns, first, last: _ranks(columns.owners, first, last),
    Column.TYPE: _types,
    Column.ETAG: lambda columns, first, last: [
        columns.etags[at] for at in range(first, min(last, len(columns.etags)))
    ],
}


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
