"""Rows of a merged view in a file: they may be millions, and are looked at in many ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from s4desk.core.failover.holdings import Holding, MergedRow, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import Any


class MergedFile:
    """It blocks: whoever has a loop calls it on threads, one call at a time. Nothing is kept open,
    so that nobody has to close it."""

    def __init__(self, path: Path) -> None:
        """`path` is where there is nothing yet."""
        self._path = path

    def add(self, rows: Iterable[MergedRow]) -> None:
        """Put more rows behind the others. Raises OSError."""
        with self._path.open("a", encoding="ascii") as lines:
            lines.writelines(f"{json.dumps(_entry(row))}\n" for row in rows)

    def rows(self, is_wanted: Callable[[MergedRow], bool]) -> Iterator[MergedRow]:
        """Those that are wanted of what is there by now, in their order. Raises OSError."""
        if not self._path.exists():
            return
        with self._path.open(encoding="ascii") as lines:
            for line in lines:
                row = _row(json.loads(line))
                if is_wanted(row):
                    yield row


def _entry(row: MergedRow) -> list[Any]:
    holdings = [[each.standing, each.size, each.etag, each.modified] for each in row.holdings]
    return [row.key, holdings]


def _row(entry: list[Any]) -> MergedRow:
    key, holdings = entry
    return MergedRow(
        key,
        tuple(
            Holding(Standing(standing), size, etag, modified)
            for standing, size, etag, modified in holdings
        ),
    )
