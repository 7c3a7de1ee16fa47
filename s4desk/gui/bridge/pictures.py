"""Images of strangers, decoded within limits; on any thread but that of the window."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

MEMORY_MIB = 256
"""What one image may take when it is decoded; without it a few bytes can ask for all there is."""
MOST_PIXELS = 64_000_000
SHOWN = QSize(2560, 1600)
"""No more than this is kept of an image: no window shows more."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`image` is null when it could not be decoded; `size` is that of the whole, upright."""

    image: QImage
    size: QSize
    frames: int = 1
    is_too_large: bool = False


def read_picture(data: bytes, format_: str) -> Picture:
    """Decode the first frame of an image that is in this format. It never raises."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(MEMORY_MIB)
    reader = QImageReader(buffer, QByteArray(format_.encode()))
    try:
        return _decoded(reader)
    finally:
        # Before the buffer: the decoder of TIFF reads in it until its own end.
        del reader


def _decoded(reader: QImageReader) -> Picture:
    # What is in it is known already: nobody else is to have a try.
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() * size.height() > MOST_PIXELS:
        return Picture(QImage(), size, is_too_large=True)
    if size.isValid() and (size.width() > SHOWN.width() or size.height() > SHOWN.height()):
        reader.setScaledSize(_fitted(size))
    frames = max(reader.imageCount(), 1)
    image = reader.read()
    return Picture(image, _upright(size, reader) if size.isValid() else image.size(), frames)


def _fitted(size: QSize) -> QSize:
    """Smaller, in proportion, and never nothing."""
    factor = min(SHOWN.width() / size.width(), SHOWN.height() / size.height())
    return QSize(max(int(size.width() * factor), 1), max(int(size.height() * factor), 1))


def _upright(size: QSize, reader: QImageReader) -> QSize:
    is_turned = bool(
        reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    )
    return size.transposed() if is_turned else size
