"""Where the Tab key goes on a page whose parts are made one after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence


def chain(stops: Sequence[QWidget]) -> None:
    """From each to the next."""
    # Qt leaves a chain as it is where one link of it cannot have the keyboard.
    taken = [each for each in stops if each.focusPolicy() != Qt.FocusPolicy.NoFocus]
    for before, after in pairwise(taken):
        QWidget.setTabOrder(before, after)


def stops_in(holder: QWidget) -> list[QWidget]:
    """What can have the keyboard in there, in the order in which it was made."""
    return [
        widget
        for widget in holder.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.window() is holder.window()
    ]
