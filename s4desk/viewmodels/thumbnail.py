"""Which objects are read for a thumbnail, and how much of each. Nobody is asked: the rules are
strict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.parts import KIB, MIB, Span

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta

DRAWN_FORMATS: Final = frozenset({"png", "jpeg", "gif", "webp", "bmp", "ico"})
"""Unasked no others are decoded: no TIFF, whose decoders have a history, and no SVG, which may
read other files and need not end."""
EMBEDDED_WITHIN: Final = 68 * KIB
"""A JPEG's own thumbnail lies in its first segments, and no segment is larger than 64 KiB."""
READ_AT_ONCE: Final = 512 * KIB
"""Up to here a second request takes longer than the bytes that the first may have saved."""
HEADER: Final = 32
LEAST_THUMBNAIL: Final = 64 * KIB
LARGEST_THUMBNAIL: Final = 32 * MIB

_JPEG: Final = frozenset({"jpg", "jpeg", "jpe", "jfif"})
_NAMES: Final = _JPEG | {"png", "gif", "webp", "bmp", "ico"}
_ARCHIVES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE", "ARCHIVE"})
_WITHOUT_FEE: Final = frozenset({"", "STANDARD", "REDUCED_REDUNDANCY", "EXPRESS_ONEZONE"})


@dataclass(frozen=True, slots=True)
class ThumbnailRule:
    """What a person allows. `limit` (bytes) is for whole objects; `with_fees`: also those of
    classes for whose reading a store may charge extra, or move them to a dearer class."""

    is_on: bool = True
    limit: int = 8 * MIB
    with_fees: bool = False

    def allows(self, meta: ObjectMeta) -> bool:
        """Whether anything of the object may be read for its thumbnail."""
        extension = _extension(meta)
        if not self.is_on or extension not in _NAMES or not meta.size:
            return False
        if meta.storage_class in _ARCHIVES:
            return False
        if meta.storage_class not in _WITHOUT_FEE and not self.with_fees:
            return False
        return meta.size <= self.limit or extension in _JPEG

    def first_span(self, meta: ObjectMeta) -> Span:
        """What of an object is read at first: of a large JPEG where its own thumbnail may be."""
        is_worth_it = _extension(meta) in _JPEG and meta.size > READ_AT_ONCE
        return Span(0, EMBEDDED_WITHIN if is_worth_it else meta.size)

    def rest(self, meta: ObjectMeta, have: int) -> Span | None:
        """What is read after the first `have` bytes; None when no more may be."""
        if have >= meta.size or meta.size > self.limit:
            return None
        return Span(have, meta.size - have)


def _extension(meta: ObjectMeta) -> str:
    _, dot, extension = meta.location.name.rpartition(".")
    return extension.lower() if dot else ""
