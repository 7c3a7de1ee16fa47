"""An image, as large as there is room for it and never larger than it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_PAPER = QColor("#ffffff")
_SQUARES = QColor("#e2e4e8")
_SQUARE = 8


class PictureView(QWidget):
    """Where an image can be seen through, squares are seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    @property
    def image(self) -> QImage:
        return self._image

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def area(self) -> QRect:
        """Where the image is drawn."""
        size = QSize(self._image.size())
        if size.width() > self.width() or size.height() > self.height():
            size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(0, 0, max(size.width(), 1), max(size.height(), 1))
        area.moveCenter(self.rect().center())
        return area

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = self.area()
        if self._image.hasAlphaChannel():
            painter.setBrushOrigin(area.topLeft())
            painter.fillRect(area, QBrush(squares()))
        painter.drawImage(area, self._image)
        painter.end()


def squares() -> QImage:
    """The tile that is seen through an image."""
    tile = QImage(2 * _SQUARE, 2 * _SQUARE, QImage.Format.Format_RGB32)
    tile.fill(_PAPER)
    painter = QPainter(tile)
    for corner in (0, _SQUARE):
        painter.fillRect(corner, corner, _SQUARE, _SQUARE, _SQUARES)
    painter.end()
    return tile
