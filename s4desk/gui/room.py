"""How much room things take at the size of text that the person has chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase

if TYPE_CHECKING:
    from PySide6.QtGui import QFont
    from PySide6.QtWidgets import QWidget

USUAL_LINE = 17
"""Pixels of a line of text as most desktops have it; lengths in the code are meant for that."""
FRAME = QSize(8, 32)
"""About what a window manager puts around a window; nobody knows before it is there."""


def roomy(widget: QWidget, length: int) -> int:
    """As many pixels, or more where text is larger than usual."""
    return round(length * max(1.0, widget.fontMetrics().height() / USUAL_LINE))


def roomy_icon(widget: QWidget, side: int) -> QSize:
    """A square picture that goes with the words beside it."""
    return QSize(roomy(widget, side), roomy(widget, side))


def roomy_size(widget: QWidget, size: tuple[int, int]) -> QSize:
    """As large, or larger where text is, but no larger than the screen."""
    return _on_screen(widget, QSize(*(roomy(widget, length) for length in size)))


def claim(window: QWidget, size: tuple[int, int], least: tuple[int, int] = (0, 0)) -> None:
    """Give a window that has its layout its first size, and one below which it is of no use.

    That is never narrower than its buttons: longer words need more room than those here.
    """
    layout = window.layout()
    needed = QSize(0, 0) if layout is None else layout.totalMinimumSize()
    narrowest = _on_screen(window, QSize(*least).expandedTo(QSize(needed.width(), 0)))
    window.setMinimumWidth(narrowest.width())
    if least[1]:
        window.setMinimumHeight(narrowest.height())
    window.resize(roomy_size(window, size).expandedTo(narrowest))


def _on_screen(widget: QWidget, size: QSize) -> QSize:
    return size.boundedTo(widget.screen().availableGeometry().size() - FRAME)


def fixed_font(widget: QWidget) -> QFont:
    """The font with letters of one width, as large as the others: it has a size of its own."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    if (size := widget.font().pointSizeF()) > 0:
        font.setPointSizeF(size)
    return font
