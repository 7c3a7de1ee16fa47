"""What somebody meets who goes through a window by keys, and hears it instead of seeing it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QScrollBar,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def nameless(top: QWidget) -> list[str]:
    """The widgets in a window that can have the keyboard, or are pressed, and have no name."""
    return [_told(widget) for widget in _reachable(top) if not name_of(widget)]


def out_of_order(top: QWidget) -> list[str]:
    """The steps of the Tab key that lead up or back where one reads on."""
    stops = [widget for widget in _chain(top) if _takes_tab(widget)]
    return [
        f"{_told(before)} → {_told(after)}"
        for before, after in pairwise(stops)
        if _is_back(_place(before, top), _place(after, top))
    ]


def name_of(widget: QWidget) -> str:
    """What is said of it; of a combo box not what is chosen in it, which Qt takes for its name."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is None or isinstance(widget, QComboBox):
        return widget.accessibleName()
    return interface.text(QAccessible.Text.Name)


def _reachable(top: QWidget) -> Iterator[QWidget]:
    for widget in top.findChildren(QWidget):
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        is_inner = isinstance(widget, QLineEdit) and isinstance(
            widget.parentWidget(), QAbstractSpinBox
        )
        is_part = (
            isinstance(widget, QScrollBar)
            or isinstance(widget.parentWidget(), QLineEdit)  # the button that clears it
            or widget.objectName().startswith("qt_")
        )
        is_reachable = takes_keys or isinstance(widget, QAbstractButton)
        if widget.isVisible() and is_reachable and not is_inner and not is_part:
            yield widget


def _chain(top: QWidget) -> Iterator[QWidget]:
    widget = top.nextInFocusChain()
    while widget is not top:
        yield widget
        widget = widget.nextInFocusChain()


def _takes_tab(widget: QWidget) -> bool:
    """Those of a button box stand as the platform wants it."""
    takes = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    is_shown = widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
    return bool(takes) and is_shown and not isinstance(widget.parentWidget(), QDialogButtonBox)


def _place(widget: QWidget, top: QWidget) -> QRect:
    return QRect(widget.mapTo(top, QPoint()), widget.size())


def _is_back(before: QRect, after: QRect) -> bool:
    is_above = after.bottom() < before.top() and _overlap(
        (before.left(), before.right()), (after.left(), after.right())
    )
    is_left = after.right() < before.left() and _overlap(
        (before.top(), before.bottom()), (after.top(), after.bottom())
    )
    return is_above or is_left


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _told(widget: QWidget) -> str:
    return f"{type(widget).__name__}({widget.objectName()})"
