"""The columns of a listing, and a million rows sorted by one of them.

No call of `list.sort` on a million keys can be interrupted; what is here stops every few thousand.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from s4desk.viewmodels.rows import type_label

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from s4desk.viewmodels.columns import Columns, Labels

STEP_ROWS = 8192
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
    LOCK = 7
    VERSION = 8
    STATE = 9
    REPLICATION = 10


OF_VERSIONS = (Column.VERSION, Column.STATE)
"""What only a listing of versions has."""

BADGED = (Column.LOCK, Column.REPLICATION)
"""What is known of what is on the screen, and of nothing else."""

SORTABLE = tuple(column for column in Column if column not in BADGED)


@dataclass(frozen=True, slots=True)
class SortOrder:
    column: Column = Column.NAME
    is_descending: bool = False


NATURAL = SortOrder()
"""The order S3 lists in."""


def sorted_ids(columns: Columns, sort: SortOrder) -> Generator[None, None, array[int]]:
    """All ids: folders first and by name, objects as asked; equal ones in S3's order."""
    folders, objects = len(columns.folders), len(columns.names)
    if sort.column is Column.NAME or (sort.column in OF_VERSIONS and not columns.versions):
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
    Column.VERSION: lambda columns, first, last: columns.versions[first:last],
    Column.STATE: lambda columns, first, last: list(columns.marks[first:last]),
    Column.ETAG: lambda columns, first, last: [
        columns.etags[at] for at in range(first, min(last, len(columns.etags)))
    ],
}
