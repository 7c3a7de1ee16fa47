"""Putting objects that we wrote ourselves into a listing that is already loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.viewmodels.columns import byte_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.viewmodels.columns import Columns

DELIMITER = "/"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that should be there. `meta` is None for a folder; `id` None when it is new."""

    name: str
    meta: ObjectMeta | None
    id: int | None


def entries(columns: Columns, metas: Sequence[ObjectMeta], last: str) -> Iterator[Entry]:
    """The rows that `metas` stand for, one by one: put each in before the next is asked for.

    What lies outside the prefix is none of its business. What lies behind `last`, the end of what
    was delivered, will come with its page.
    """
    prefix = columns.prefix
    for meta in metas:
        key = meta.location.key
        if meta.location.bucket != prefix.bucket or not key.startswith(prefix.prefix):
            continue
        if not columns.is_complete and byte_order(key) > byte_order(last):
            continue
        name, delimiter, _ = key[len(prefix.prefix) :].partition(DELIMITER)
        if delimiter:
            yield _entry(columns, name + DELIMITER, None)
        elif name:
            yield _entry(columns, name, meta)


def _entry(columns: Columns, name: str, meta: ObjectMeta | None) -> Entry:
    found = [id_ for id_ in columns.find([name]) if (id_ < 0) is (meta is None)]
    return Entry(name, meta, found[0] if found else None)
