"""The keys the null server makes up, and its listing pages of them."""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import overload
from urllib.parse import quote
from xml.sax.saxutils import escape

PAGE_KEYS = 1000

_KEY = "logs/2026/11/part-{}.parquet"
_PAGE_MARK = "@@@@@@"
_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"


class Keys(Sequence[str]):
    """`total` keys under `logs/2026/11/`, in order, none of them in memory."""

    def __init__(self, total: int) -> None:
        if not 0 <= total <= 10**9:
            raise ValueError("at most a thousand million keys")
        self._total = total

    def __len__(self) -> int:
        return self._total

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(self._total))]
        if not 0 <= index < self._total:
            raise IndexError(index)
        return _KEY.format(f"{index:09d}")

    def find(self, key: str) -> int | None:
        """Return the position of `key`, if it is one of these."""
        position = bisect_left(self, key)
        return position if position < self._total and self[position] == key else None

    def under(self, prefix: str) -> range:
        """Return the positions of the keys that begin with `prefix`."""
        first = bisect_left(self, prefix)
        return range(first, bisect_right(self, prefix, first, key=lambda key: key[: len(prefix)]))


def size_of(position: int) -> int:
    """Return the size in bytes of the made-up object at that position."""
    return position % PAGE_KEYS * 37


def etag_of(position: int) -> str:
    """Return its ETag, which nobody can take for an MD5."""
    return f"{position:032d}-1"


def render(keys: Keys, query: Mapping[str, str]) -> bytes:
    """Return the ListObjectsV2 page that `query` asks for."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    found = keys.under(prefix)
    first = max(found.start, int(query.get("continuation-token") or 0))
    if start_after := query.get("start-after"):
        first = max(first, bisect_right(keys, start_after))
    groups, flat = _grouped(keys, range(first, max(first, found.stop)), prefix, delimiter)
    limit = min(int(query.get("max-keys") or PAGE_KEYS), PAGE_KEYS)
    page = flat[: max(0, limit - len(groups))]
    is_truncated = len(page) < len(flat)
    head = {
        "Name": "b",
        "Prefix": quote(prefix, safe="/") if query.get("encoding-type") else prefix,
        "Delimiter": delimiter,
        "MaxKeys": str(limit),
        "EncodingType": query.get("encoding-type", ""),
        "KeyCount": str(len(page) + len(groups)),
        "IsTruncated": str(is_truncated).lower(),
        "NextContinuationToken": str(page.stop) if is_truncated else "",
    }
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in head.items() if value)
    common = "".join(
        f"<CommonPrefixes><Prefix>{escape(group)}</Prefix></CommonPrefixes>" for group in groups
    )
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="{_XMLNS}">{fields}'
    return b"".join((opening.encode(), _contents(page), common.encode(), b"</ListBucketResult>"))


def _grouped(keys: Keys, found: range, prefix: str, delimiter: str) -> tuple[list[str], range]:
    """Split what was found into common prefixes and keys; here it is all one or all the other."""
    if not found or not delimiter:
        return [], found
    before, cut, _ = keys[found.start][len(prefix) :].partition(delimiter)
    return ([prefix + before + cut], found[:0]) if cut else ([], found)


def _contents(page: range) -> bytes:
    """Return the rows of a page; whole aligned pages are one replacement in a template."""
    if len(page) == PAGE_KEYS and page.start % PAGE_KEYS == 0:
        return _numbered(b"".join(_templates()), page.start)
    templates = _templates()
    return b"".join(_numbered(templates[position % PAGE_KEYS], position) for position in page)


def _numbered(template: bytes, position: int) -> bytes:
    return template.replace(_PAGE_MARK.encode(), b"%06d" % (position // PAGE_KEYS))


@functools.cache
def _templates() -> list[bytes]:
    """Return the rows of any page, with a mark where the number of the page goes."""
    rows = []
    for row in range(PAGE_KEYS):
        number = f"{_PAGE_MARK}{row:03d}"
        rows.append(
            f"<Contents><Key>{_KEY.format(number)}</Key>"
            f"<LastModified>2026-11-{row % 28 + 1:02d}T{row % 24:02d}:00:00.000Z</LastModified>"
            f"<ETag>&quot;{number:0>32}-1&quot;</ETag><Size>{size_of(row)}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
        )
    return [row.encode() for row in rows]
