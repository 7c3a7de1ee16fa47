"""What shows where the keyboard is, where the style shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyleOptionFocusRect,
    QStyleOptionViewItem,
    QWidget,
)

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex


def mark_focus(widget: QWidget, surface: QWidget) -> None:
    """Paint a frame on `surface` if `widget` has the keyboard; called at the end of painting it."""
    if widget.hasFocus():
        option = QStyleOptionFocusRect()
        option.initFrom(surface)
        option.state |= QStyle.StateFlag.State_KeyboardFocusChange
        option.rect = surface.rect().adjusted(1, 1, -1, -1)
        painter = QPainter(surface)
        frame = QStyle.PrimitiveElement.PE_FrameFocusRect
        surface.style().drawPrimitive(frame, option, painter, surface)
        painter.end()


def follow_current_row(view: QObject | None) -> None:
    """Draw all of a row anew when it becomes the current one, and when it no longer is."""
    if isinstance(view, QAbstractItemView) and view.selectionModel() is not None:
        view.selectionModel().currentChanged.connect(view.viewport().update)


def mark_current(
    painter: QPainter, cell: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
) -> None:
    """Lines along the current row, while the keyboard is there and nothing else tells it apart."""
    view = cell.widget
    if not isinstance(view, QAbstractItemView) or not view.hasFocus():
        return
    current = view.currentIndex()
    if index.row() != current.row() or index.parent() != current.parent():
        return
    is_selected = bool(cell.state & QStyle.StateFlag.State_Selected)
    if is_selected and not are_several_selected(view):
        return
    role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Highlight
    painter.save()
    painter.setPen(cell.palette.color(QPalette.ColorGroup.Active, role))
    painter.drawLine(cell.rect.topLeft(), cell.rect.topRight())
    painter.drawLine(cell.rect.bottomLeft(), cell.rect.bottomRight())
    painter.restore()


def are_several_selected(view: QAbstractItemView) -> bool:
    """Whether more than one row is."""
    ranges = view.selectionModel().selection()
    return ranges.count() > 1 or (bool(ranges.count()) and ranges.at(0).height() > 1)
