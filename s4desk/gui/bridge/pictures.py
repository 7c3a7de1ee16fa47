"""Images of strangers, decoded within limits; on any thread but that of the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader, QTransform

if TYPE_CHECKING:
    from s4desk.viewmodels.embedded_picture import EmbeddedPicture

MEMORY_MIB = 256
"""What one image may take when it is decoded; without it a few bytes can ask for all there is."""
MOST_PIXELS = 64_000_000
MOST_PIXELS_UNASKED = 25_000_000
"""Of an image that nobody has asked to see, and that is not decoded small at once."""
SHOWN = QSize(2560, 1600)
"""No more than this is kept of an image: no window shows more."""
NEARLY = 0.5
"""An embedded thumbnail of this share of the wanted size is good enough."""

_DECODED_SMALL = "jpeg"
_TURNS = {
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}
"""By the orientation of Exif (CIPA DC-008, section 4.6.5): how to make it upright."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`image` is null when it could not be decoded; `size` is that of the whole, upright."""

    image: QImage
    size: QSize
    frames: int = 1
    is_too_large: bool = False


def read_picture(data: bytes, format_: str) -> Picture:
    """Decode the first frame of an image that is in this format. It never raises."""
    return _read(data, format_, SHOWN, MOST_PIXELS)


def read_thumbnail(data: bytes, format_: str, side: int) -> QImage:
    """The first frame, upright, within a square of so many pixels; null where there is none."""
    most = MOST_PIXELS if format_ == _DECODED_SMALL else MOST_PIXELS_UNASKED
    image = _read(data, format_, QSize(side, side), most).image
    if max(image.width(), image.height()) > side:
        # Not every decoder tells the size before.
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, smooth)
    return _to_draw(image)


def read_embedded(embedded: EmbeddedPicture, side: int) -> QImage:
    """The same of a thumbnail that lies in an image; null where it is damaged, or too small."""
    image = _read(embedded.jpeg, _DECODED_SMALL, QSize(side, side), MOST_PIXELS_UNASKED).image
    if embedded.width and embedded.height and not image.isNull():
        image = image.copy(_without_bars(image.size(), QSize(embedded.width, embedded.height)))
    if max(image.width(), image.height()) < NEARLY * side:
        return QImage()
    if turn := _TURNS.get(embedded.orientation):
        image = image.transformed(QTransform(*turn, 0, 0))
    return _to_draw(image)


def _read(data: bytes, format_: str, shown: QSize, most_pixels: int) -> Picture:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(MEMORY_MIB)
    reader = QImageReader(buffer, QByteArray(format_.encode()))
    try:
        return _decoded(reader, shown, most_pixels)
    finally:
        # Before the buffer: the decoder of TIFF reads in it until its own end.
        del reader


def _decoded(reader: QImageReader, shown: QSize, most_pixels: int) -> Picture:
    # What is in it is known already: nobody else is to have a try.
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() * size.height() > most_pixels:
        return Picture(QImage(), size, is_too_large=True)
    if size.isValid() and (size.width() > shown.width() or size.height() > shown.height()):
        reader.setScaledSize(_fitted(size, shown))
    frames = max(reader.imageCount(), 1)
    image = reader.read()
    return Picture(image, _upright(size, reader) if size.isValid() else image.size(), frames)


def _fitted(size: QSize, shown: QSize) -> QSize:
    """Smaller, in proportion, and never nothing."""
    factor = min(shown.width() / size.width(), shown.height() / size.height())
    return QSize(max(int(size.width() * factor), 1), max(int(size.height() * factor), 1))


def _upright(size: QSize, reader: QImageReader) -> QSize:
    is_turned = bool(
        reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    )
    return size.transposed() if is_turned else size


def _without_bars(size: QSize, whole: QSize) -> QRect:
    """The middle that has the shape of the whole: cameras fill up to 4:3 with black."""
    inner = _fitted(whole, size)
    area = QRect(0, 0, inner.width(), inner.height())
    area.moveCenter(QRect(0, 0, size.width(), size.height()).center())
    return area


def _to_draw(image: QImage) -> QImage:
    """In the format that is painted without a conversion."""
    if image.isNull():
        return image
    has_alpha = image.hasAlphaChannel()
    kinds = QImage.Format
    return image.convertToFormat(
        kinds.Format_ARGB32_Premultiplied if has_alpha else kinds.Format_RGB32
    )
