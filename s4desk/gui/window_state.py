"""How a window looked when it was closed, as bytes that only the next window can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QDataStream, QIODevice

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC = 0x53344457
VERSION = 1


def pack(parts: Mapping[str, bytes | QByteArray]) -> bytes:
    """Named parts as one blob."""
    blob = QByteArray()
    stream = QDataStream(blob, QIODevice.OpenModeFlag.WriteOnly)
    stream.writeUInt32(MAGIC)
    stream.writeUInt32(VERSION)
    stream.writeUInt32(len(parts))
    for name, part in parts.items():
        stream.writeQString(name)
        stream << QByteArray(part)
    return bytes(blob.data())


def unpack(blob: bytes) -> dict[str, bytes]:
    """The parts; none when the blob is empty, damaged or of another version."""
    stream = QDataStream(QByteArray(blob))
    if stream.readUInt32() != MAGIC or stream.readUInt32() != VERSION:
        return {}
    parts: dict[str, bytes] = {}
    for _ in range(stream.readUInt32()):
        name, part = stream.readQString(), QByteArray()
        stream >> part
        if stream.status() is not QDataStream.Status.Ok:
            return {}
        parts[name] = bytes(part.data())
    return parts
