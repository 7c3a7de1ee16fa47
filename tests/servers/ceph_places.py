"""Where Ceph notes the buckets that have lifecycle rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES: Final = 127
"""As many as `rgw lc max objs` says: a run by hand looks into each of them."""
_PRIME: Final = 7877
_WORD: Final = 1 << 64


def crowded(entries: Iterable[str]) -> set[str]:
    """Those of the buckets that a run by hand leaves out, by their entries: the first in a place
    is in the way of all others there, even if its bucket is gone."""
    found: set[str] = set()
    first: dict[int, str] = {}
    for entry in sorted(entries, key=str.encode):
        if first.setdefault(place_of(entry), entry) != entry:
            found.add(bucket_of(entry))
    return found


def bucket_of(entry: str) -> str:
    """`entry` is TENANT:BUCKET:ID."""
    return entry.split(":")[1]


def place_of(entry: str) -> int:
    """Ceph's hash of it, which it has from Linux."""
    total = 0
    for byte in entry.encode():
        total = (total + (byte << 4) + (byte >> 4)) * 11 % _WORD
    return total % (1 << 32) % _PRIME % PLACES
