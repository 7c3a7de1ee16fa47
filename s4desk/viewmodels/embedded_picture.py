"""The thumbnail that a camera has put into a JPEG (Exif 2.32, CIPA DC-008, sections 4.5 to 4.6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXIF: Final = b"Exif\0\0"
_APP1: Final = 0xE1
_SCAN: Final = 0xDA
_BEGINS_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ORIENTATION: Final = 0x0112
_OFFSET: Final = 0x0201
_LENGTH: Final = 0x0202
_SHORT: Final = 3
_LONG: Final = 4
_ENTRY: Final = 12
_MOST_ENTRIES: Final = 512
_UPRIGHT: Final = 1
_LAST_ORIENTATION: Final = 8


@dataclass(frozen=True, slots=True)
class EmbeddedPicture:
    """`jpeg` is a small picture of the whole. `orientation` is that of both, 1 (upright) to 8;
    `width` and `height` are those of the whole before it is turned, 0 if they are not known."""

    jpeg: bytes
    orientation: int = _UPRIGHT
    width: int = 0
    height: int = 0


def embedded_picture(data: bytes) -> EmbeddedPicture | None:
    """What lies in the first bytes of a JPEG; None if nothing does. It never raises."""
    exif, size = b"", (0, 0)
    for marker, segment in _segments(data):
        if marker == _APP1 and segment.startswith(_EXIF) and not exif:
            exif = segment[len(_EXIF) :]
        elif marker in _BEGINS_FRAME and len(segment) >= 5:
            height, width = struct.unpack_from(">HH", segment, 1)
            size = width, height
            break
    found = _in_exif(exif)
    if found is None:
        return None
    jpeg, orientation = found
    return EmbeddedPicture(jpeg, orientation, *size)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment before the first scan that is whole, without its marker and length."""
    at = 2 if data.startswith(b"\xff\xd8") else len(data)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SCAN or end > len(data) or end < at + 4:
            return
        yield marker, data[at + 4 : end]
        at = end


def _in_exif(exif: bytes) -> tuple[bytes, int] | None:
    """The picture in the second directory, and the orientation in the first."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return None
    first, after = _directory(exif, order, struct.unpack_from(f"{order}I", exif, 4)[0])
    second, _ = _directory(exif, order, after)
    begin, length = second.get(_OFFSET, 0), second.get(_LENGTH, 0)
    jpeg = exif[begin : begin + length]
    if not begin or len(jpeg) != length or not jpeg.startswith(b"\xff\xd8"):
        return None
    orientation = first.get(_ORIENTATION, _UPRIGHT)
    is_known = _UPRIGHT <= orientation <= _LAST_ORIENTATION
    return jpeg, orientation if is_known else _UPRIGHT


def _directory(exif: bytes, order: str, at: int) -> tuple[Mapping[int, int], int]:
    """The single numbers in a directory by their tags, and where the next directory is."""
    if not at or at + 2 > len(exif):
        return {}, 0
    (count,) = struct.unpack_from(f"{order}H", exif, at)
    end = at + 2 + count * _ENTRY
    if count > _MOST_ENTRIES or end + 4 > len(exif):
        return {}, 0
    numbers = {}
    for entry in range(at + 2, end, _ENTRY):
        tag, kind, how_many = struct.unpack_from(f"{order}HHI", exif, entry)
        if how_many == 1 and kind in (_SHORT, _LONG):
            width = "H" if kind == _SHORT else "I"
            (numbers[tag],) = struct.unpack_from(f"{order}{width}", exif, entry + 8)
    return numbers, struct.unpack_from(f"{order}I", exif, end)[0]
