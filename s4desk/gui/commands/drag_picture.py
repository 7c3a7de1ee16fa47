"""What hangs at the pointer during a drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPixmap

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

WIDEST = 220
MARGIN = 8
ROUNDING = 4
HOT_SPOT = QPoint(-12, -8)


def drag_picture(text: str, widget: QWidget) -> QPixmap:
    """A few words on the colour of a selection."""
    metrics = widget.fontMetrics()
    text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, WIDEST)
    size = QSize(metrics.horizontalAdvance(text) + 2 * MARGIN, metrics.height() + MARGIN)
    scale = widget.devicePixelRatioF()
    pixmap = QPixmap(size * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(widget.font())
    palette = widget.palette()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight))
    box = QRect(QPoint(0, 0), size)
    painter.drawRoundedRect(box, ROUNDING, ROUNDING)
    painter.setPen(palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.HighlightedText))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixmap
