"""How a cell of the grid is drawn: a picture or an icon, and the name below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QIcon,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
)

from s4desk.gui.focus_marks import are_several_selected
from s4desk.gui.models.cells import META_ROLE, plain_tip
from s4desk.gui.views.name_editor import NameDelegate
from s4desk.gui.views.picture_view import squares
from s4desk.viewmodels.ordering import BADGED, Column

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QHelpEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.core.domain.objects import ObjectMeta

    AnyIndex = QModelIndex | QPersistentModelIndex

SIDE = 144
"""A picture is at most as wide and as high as this, in pixels of the layout."""
ICON = 64
AIR = 8
BETWEEN = 6
NAME_LINES = 2
BADGE = 24
FAINT = 0.45
ROUNDING = 6
_EDGE = 0.25

Pictures = Callable[["ObjectMeta"], QPixmap | None]
"""The picture of an object, if there is one by now."""

_State = QStyle.StateFlag


class PictureDelegate(NameDelegate):
    """Asks `pictures` while it paints: the answer has to be there already."""

    pictures: Pictures = staticmethod(lambda _meta: None)

    def sizeHint(self, option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return picture_cell_size(option.fontMetrics)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        cell = QStyleOptionViewItem(option)
        is_current = bool(option.state & _State.State_HasFocus)
        self.initStyleOption(cell, index)
        painter.save()
        if cell.state & _State.State_Selected:
            _draw_chosen(painter, cell)
        meta = index.data(META_ROLE)
        picture = self.pictures(meta) if meta is not None else None
        # What was cut is not enabled.
        painter.setOpacity(1.0 if cell.state & _State.State_Enabled else FAINT)
        if picture is not None:
            _draw_picture(painter, _picture_area(cell.rect), picture, cell.palette)
        else:
            _draw_icon(painter, _picture_area(cell.rect), cell)
        painter.setOpacity(1.0)
        for column in BADGED:
            _draw_badge(painter, cell, index, column)
        _draw_name(painter, cell)
        painter.restore()
        if is_current:
            _mark_current(painter, cell)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """What stands in the other columns of the table has no room in a cell."""
        if event.type() is not QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), tip_of(index), view.viewport(), option.rect)
        return True

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: AnyIndex
    ) -> None:
        area = _name_area(option.rect)
        area.setHeight(max(editor.sizeHint().height(), area.height() // NAME_LINES))
        editor.setGeometry(area)


def tip_of(index: AnyIndex) -> str:
    """The whole name, and below it the size and the time of an object."""
    shown = (Column.SIZE, Column.MODIFIED)
    texts = [index.sibling(index.row(), column).data() for column in shown]
    texts += [_badge(index, column, Qt.ItemDataRole.AccessibleTextRole) for column in BADGED]
    details = ", ".join(filter(None, texts))
    tip: str = index.data(Qt.ItemDataRole.ToolTipRole)
    return f"{tip}<br>{plain_tip(details)}" if details else tip


def picture_cell_size(metrics: QFontMetrics) -> QSize:
    """What a cell needs, the gap included."""
    height = AIR + SIDE + BETWEEN + NAME_LINES * metrics.height() + AIR
    return QSize(SIDE + 3 * AIR, height)


def _picture_area(cell: QRect) -> QRect:
    area = QRect(0, cell.top() + AIR, SIDE, SIDE)
    area.moveLeft(cell.center().x() - SIDE // 2)
    return area


def _name_area(cell: QRect) -> QRect:
    return cell.adjusted(AIR // 2, AIR + SIDE + BETWEEN, -AIR // 2, 0)


def _draw_chosen(painter: QPainter, cell: QStyleOptionViewItem) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(cell.palette.brush(_group(cell), QPalette.ColorRole.Highlight))
    painter.drawRoundedRect(cell.rect, ROUNDING, ROUNDING)
    painter.restore()


def _group(cell: QStyleOptionViewItem) -> QPalette.ColorGroup:
    if not cell.state & _State.State_Enabled and not cell.state & _State.State_Selected:
        return QPalette.ColorGroup.Disabled
    is_active = bool(cell.state & _State.State_Active)
    return QPalette.ColorGroup.Active if is_active else QPalette.ColorGroup.Inactive


def _draw_picture(painter: QPainter, area: QRect, picture: QPixmap, palette: QPalette) -> None:
    size = picture.deviceIndependentSize().toSize()
    if size.width() > area.width() or size.height() > area.height():
        size.scale(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(0, 0, max(size.width(), 1), max(size.height(), 1))
    place.moveCenter(area.center())
    if picture.hasAlphaChannel():
        painter.setBrushOrigin(place.topLeft())
        painter.fillRect(place, QBrush(squares()))
    painter.drawPixmap(place, picture)
    edge = QColor(palette.color(QPalette.ColorRole.Text))
    edge.setAlphaF(_EDGE)
    painter.setPen(edge)
    # White paper on white, and night on black, end somewhere.
    painter.drawRect(place.adjusted(0, 0, -1, -1))


def _draw_icon(painter: QPainter, area: QRect, cell: QStyleOptionViewItem) -> None:
    place = QRect(0, 0, ICON, ICON)
    place.moveCenter(area.center())
    is_selected = bool(cell.state & _State.State_Selected)
    mode = QIcon.Mode.Selected if is_selected else QIcon.Mode.Normal
    cell.icon.paint(painter, place, Qt.AlignmentFlag.AlignCenter, mode)


def _badge(index: AnyIndex, column: Column, role: int) -> Any:
    return index.sibling(index.row(), column).data(role)


def _draw_badge(
    painter: QPainter, cell: QStyleOptionViewItem, index: AnyIndex, column: Column
) -> None:
    """In a corner of the picture, on a ground of its own: it may be of any colour."""
    icon = _badge(index, column, Qt.ItemDataRole.DecorationRole)
    if icon is None:
        return
    area, side = _picture_area(cell.rect), max(BADGE, cell.fontMetrics.height() + BADGE // 4)
    left = area.right() - side if column is Column.LOCK else area.left()
    ground = QRect(left, area.top(), side, side)
    edge = QColor(cell.palette.color(QPalette.ColorRole.Text))
    edge.setAlphaF(_EDGE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(edge)
    painter.setBrush(cell.palette.color(QPalette.ColorRole.Base))
    painter.drawEllipse(ground)
    inside = side // 6
    icon.paint(painter, ground.adjusted(inside, inside, -inside, -inside))


def _draw_name(painter: QPainter, cell: QStyleOptionViewItem) -> None:
    """In two lines at most; of a longer name the middle is left out in the second."""
    roles = QPalette.ColorRole
    is_selected = bool(cell.state & _State.State_Selected)
    role = roles.HighlightedText if is_selected else roles.Text
    painter.setPen(cell.palette.color(_group(cell), role))
    painter.setFont(cell.font)
    area, metrics = _name_area(cell.rect), cell.fontMetrics
    for number, line in enumerate(name_lines(cell.text, cell, area.width())):
        top = area.top() + number * metrics.height()
        room = QRect(area.left(), top, area.width(), metrics.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, line)


def name_lines(text: str, cell: QStyleOptionViewItem, width: int) -> list[str]:
    """`text` as it is drawn in so many pixels."""
    metrics = cell.fontMetrics
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    layout = QTextLayout(text, cell.font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(width)
    line.setPosition(QPointF(0, 0))
    length = line.textLength()
    layout.endLayout()
    rest = metrics.elidedText(text[length:], Qt.TextElideMode.ElideMiddle, width)
    return [text[:length].rstrip(), rest]


def _mark_current(painter: QPainter, cell: QStyleOptionViewItem) -> None:
    """A frame, where nothing else tells the current cell apart; a style's own would tint it."""
    is_selected = bool(cell.state & _State.State_Selected)
    view = cell.widget
    if is_selected and isinstance(view, QAbstractItemView) and not are_several_selected(view):
        return
    role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Highlight
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(cell.palette.color(QPalette.ColorGroup.Active, role), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(cell.rect.adjusted(2, 2, -2, -2), ROUNDING, ROUNDING)
    painter.restore()
