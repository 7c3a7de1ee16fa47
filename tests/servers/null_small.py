"""Small objects the null server has in numbers: `4k/` and `1m/`, listed and readable.

What is deleted of them is listed no more, until their folder is put anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

FOLDERS = {"4k/": (10_000, 4 << 10, "4k"), "1m/": (1_000, 1 << 20, "1m")}
"""Prefix to number of objects, size of each in bytes, and that size as names have it."""

_PAGE_KEYS = 1000


def render(query: Mapping[str, str], gone: Collection[str] = ()) -> bytes | None:
    """Return the ListObjectsV2 page that `query` asks for, None for any other prefix.

    The keys in `gone` are left out.
    """
    prefix = query.get("prefix", "")
    if prefix not in FOLDERS:
        return None
    count, size, unit = FOLDERS[prefix]
    first = int(query.get("continuation-token") or 0)
    if start_after := query.get("start-after"):
        names = (n for n in range(count) if _key(prefix, n, unit) > start_after)
        first = max(first, next(names, count))
    present: Sequence[int] = range(first, count)
    if gone:
        present = [number for number in present if _key(prefix, number, unit) not in gone]
    page = present[: int(query.get("max-keys") or _PAGE_KEYS)]
    is_truncated = len(page) < len(present)
    rows = "".join(
        f"<Contents><Key>{_key(prefix, number, unit)}</Key>"
        "<LastModified>2026-11-20T10:00:00.000Z</LastModified>"
        f"<ETag>&quot;{size:032x}-1&quot;</ETag><Size>{size}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for number in page
    )
    token = f"<NextContinuationToken>{page[-1] + 1}</NextContinuationToken>" if is_truncated else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>b</Name><Prefix>{prefix}</Prefix><MaxKeys>{_PAGE_KEYS}</MaxKeys>"
        f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(is_truncated).lower()}</IsTruncated>"
        f"{token}{rows}</ListBucketResult>"
    ).encode()


def _key(prefix: str, number: int, unit: str) -> str:
    return f"{prefix}f{number:06d}-{unit}"
