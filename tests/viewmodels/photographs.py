"""JPEGs as cameras write them, in so far as it matters here."""

from __future__ import annotations

import struct


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def exif(thumbnail: bytes, orientation: int = 1, order: str = "<") -> bytes:
    """The content of an APP1 segment: two directories and a picture."""

    def entry(tag: int, kind: int, value: int) -> bytes:
        text = struct.pack(f"{order}H", value) + bytes(2) if kind == 3 else b""
        return struct.pack(f"{order}HHI", tag, kind, 1) + (text or struct.pack(f"{order}I", value))

    def directory(entries: list[bytes], after: int) -> bytes:
        count = struct.pack(f"{order}H", len(entries))
        return count + b"".join(entries) + struct.pack(f"{order}I", after)

    begin = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    second_at = 8 + 2 + 12 + 4
    picture_at = second_at + 2 + 2 * 12 + 4
    first = directory([entry(0x0112, 3, orientation)], second_at)
    second = directory([entry(0x0201, 4, picture_at), entry(0x0202, 4, len(thumbnail))], 0)
    return b"Exif\0\0" + begin + first + second + thumbnail


def photograph(jpeg: bytes, thumbnail: bytes, orientation: int = 1, order: str = "<") -> bytes:
    """`jpeg` with a thumbnail put into it."""
    return jpeg[:2] + segment(0xE1, exif(thumbnail, orientation, order)) + jpeg[2:]
