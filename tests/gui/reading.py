"""What somebody meets who goes through a window by keys, and hears it instead of seeing it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QDialogButtonBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MOST_STOPS = 60


def nameless(top: QWidget) -> list[str]:
    """The widgets in a window that can have the keyboard, or are pressed, and have no name."""
    return [_told(widget) for widget in _reachable(top) if not name_of(widget)]


def out_of_order(top: QWidget) -> list[str]:
    """The steps of the Tab key that lead up or back where one reads on. It is pressed for that."""
    begin = top.focusWidget()
    stops = _walked(top)
    if begin is not None:
        begin.setFocus(Qt.FocusReason.OtherFocusReason)
    return [
        f"{_told(before)} → {_told(after)}"
        for before, after in pairwise(stops)
        if not _is_in_box(after) and _is_back(_place(before, top), _place(after, top))
    ]


def unreached(top: QWidget) -> list[str]:
    """The widgets that take the keyboard and that Tab does not lead to, however often it is
    pressed. It is pressed for that, but not where it is a letter of a text."""
    begin = top.focusWidget()
    if begin is None or _types_tab(begin):
        return []
    stops: list[QWidget] = []
    focus: QWidget | None = begin
    for _ in range(MOST_STOPS):
        if focus is None or (focus in stops and focus is not stops[-1]):
            break
        if focus not in stops:  # a sentence keeps it while its links are gone through
            stops.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        focus = top.focusWidget()
    circle = stops[stops.index(focus) :] if focus in stops else []
    begin.setFocus(Qt.FocusReason.OtherFocusReason)
    return [_told(each) for each in _reachable(top) if _is_stop(each) and each not in circle]


def _types_tab(widget: QWidget) -> bool:
    return (
        isinstance(widget, QPlainTextEdit)
        and not widget.tabChangesFocus()
        and not widget.isReadOnly()
    )


def _is_stop(widget: QWidget) -> bool:
    """Whether Tab is to lead to it. Of radio buttons it leads to the chosen one."""
    is_tabbed = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    is_other = (
        isinstance(widget, QAbstractButton) and widget.autoExclusive() and not widget.isChecked()
    )
    return (
        is_tabbed
        and widget.isEnabled()
        and widget.window().isVisible()
        and widget.focusProxy() is None
        and not is_other
    )


def twins(top: QWidget, left_out: Collection[str] = ()) -> list[str]:
    """The words in a window that share the letter after Alt: then it presses none of them.

    `left_out` are words that do not count, because nobody has translated them yet.
    """
    words: dict[str, list[str]] = {}
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not top:
            continue
        for text in _labels(widget):
            if (letter := alt_letter(text)) and text not in left_out:
                words.setdefault(letter, []).append(text)
    return [" = ".join(texts) for texts in words.values() if len(texts) > 1]


def alt_letter(text: str) -> str:
    """The letter that presses a button, or opens a menu, of this name."""
    return text.replace("&&", "").partition("&")[2][:1].lower()


def _labels(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy()):
        yield widget.text()
    elif isinstance(widget, QGroupBox):
        yield widget.title()
    elif isinstance(widget, QTabBar):
        yield from map(widget.tabText, range(widget.count()))
    elif isinstance(widget, QMenuBar):
        yield from (action.text() for action in widget.actions() if action.isVisible())


def name_of(widget: QWidget) -> str:
    """What is said of it: the name it was given, the words on it, or those of its label.

    Not Qt's own answer: that takes what is chosen in a combo box for its name.
    """
    if name := widget.accessibleName():
        return name
    if isinstance(widget, QAbstractButton | QLabel):
        return widget.text()
    labels = widget.window().findChildren(QLabel)
    return next((label.text() for label in labels if label.buddy() is widget), "")


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


def _walked(top: QWidget) -> list[QWidget]:
    """What Tab leads to, from the topmost on, until it is there again.

    Qt's own chain is not asked: to PySide each widget in it belongs to the one before, and goes
    with it.
    """
    stops: list[QWidget] = []
    for _ in range(MOST_STOPS):
        focus = top.focusWidget()
        if focus is None or (focus in stops and focus is not stops[-1]):
            break
        if focus not in stops:
            stops.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    first = min(range(len(stops)), key=lambda at: _place(stops[at], top).top(), default=0)
    return stops[first:] + stops[:first]


def _is_in_box(widget: QWidget) -> bool:
    """The buttons of a dialog stand as the platform wants it."""
    return isinstance(widget.parentWidget(), QDialogButtonBox)


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
