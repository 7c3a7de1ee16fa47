"""The way of the keyboard through a window: Tab goes as one reads, F6 from pane to pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Pane = tuple[QWidget, "Callable[[], None]"]
"""A part of the window, and what gives it the keyboard."""


def step(parts: Sequence[QWidget], *, is_forward: bool) -> bool:
    """Give the keyboard to what comes next, or before; False when nothing here takes it.

    Qt goes by the order in which widgets were made, and what is made later, as the steps of a
    path are, comes after everything else.
    """
    each = [_stops_in(part) for part in parts]
    way = [widget for stops in each for widget in stops]
    if not way:
        return False
    focus = QApplication.focusWidget()
    if focus in way:
        at = way.index(focus) + (1 if is_forward else -1)
    else:
        holder = next((n for n, part in enumerate(parts) if _holds(part, focus)), 0)
        before = sum(map(len, each[:holder]))
        at = before if is_forward else before - 1
    reason = Qt.FocusReason.TabFocusReason if is_forward else Qt.FocusReason.BacktabFocusReason
    way[at % len(way)].setFocus(reason)
    return True


def step_pane(panes: Sequence[Pane], *, is_forward: bool) -> None:
    """Give the keyboard to the next pane that is shown, or to the one before."""
    focus = QApplication.focusWidget()
    shown = [pane for pane in panes if pane[0].isVisible()]
    here = next((n for n, (pane, _) in enumerate(shown) if _holds(pane, focus)), None)
    if here is None:
        here = -1 if is_forward else 0
    if shown:
        shown[(here + (1 if is_forward else -1)) % len(shown)][1]()


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (part is widget or part.isAncestorOf(widget))


def _stops_in(part: QWidget) -> list[QWidget]:
    """What takes the keyboard by Tab in a part of the window: line by line."""
    found = [each for each in (part, *part.findChildren(QWidget)) if _is_stop(each)]
    corners = {each: each.mapTo(part.window(), QPoint()) for each in found}
    found.sort(key=lambda each: corners[each].y())
    lines: list[list[QWidget]] = []
    for each in found:
        first = lines[-1][0] if lines else None
        is_below = first is None or corners[each].y() > corners[first].y() + first.height() // 2
        if is_below:
            lines.append([])
        lines[-1].append(each)
    is_mirrored = part.layoutDirection() is Qt.LayoutDirection.RightToLeft
    for line in lines:
        line.sort(key=lambda each: corners[each].x(), reverse=is_mirrored)
    return [each for line in lines for each in line]


def _is_stop(widget: QWidget) -> bool:
    takes_tab = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    return bool(takes_tab) and widget.isVisible() and widget.isEnabled()
