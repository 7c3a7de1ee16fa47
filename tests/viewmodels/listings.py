"""Pages for the tests of what shows a listing."""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOP = Prefix("b", "top/")


def etag(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape")).hexdigest()


def page(
    names: Sequence[str] = (),
    folders: Sequence[str] = (),
    *,
    prefix: Prefix = TOP,
    sizes: Sequence[int] | None = None,
    token: str | None = None,
    owners: Sequence[str] = (),
) -> Page:
    """A page with these names below `prefix`; sizes count from 0, times go back by the minute."""
    count = len(names)
    return Page(
        prefix,
        [prefix.prefix + name for name in names],
        array("q", range(count) if sizes is None else sizes),
        array("d", [1.8e9 - 60 * at for at in range(count)]),
        [etag(name) for name in names],
        ["STANDARD" if at % 3 else "GLACIER" for at in range(count)],
        [prefix.prefix + folder for folder in folders],
        list(owners),
        token,
    )


def pages(*counts: int, prefix: Prefix = TOP) -> Iterator[Page]:
    """Pages of so many objects each, with names that go on from page to page."""
    first = 0
    for at, count in enumerate(counts):
        names = [f"k{number:07d}" for number in range(first, first + count)]
        token = f"token-{at}" if at < len(counts) - 1 else None
        yield page(names, prefix=prefix, token=token)
        first += count
