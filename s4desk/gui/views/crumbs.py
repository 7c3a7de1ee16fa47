"""A place as a row of buttons, one per folder above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.bidi import in_its_order
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.views.buttons import ICON_SIZE
from s4desk.gui.views.place_drops import PlaceDrops
from s4desk.viewmodels.query_text import query_words
from s4desk.viewmodels.rows import display_name, escape_key, folder_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

    from s4desk.gui.models.cells import Icons
    from s4desk.gui.views.file_drops import Judge
    from s4desk.viewmodels.clip import Clip, Deed
    from s4desk.viewmodels.places import Place

CHEVRON = 14
PADDING = 6
ICON_GAP = 5
EDGE = 2
MIN_TEXT = 40
MENU_ROWS = 40
"""A key may have five hundred folders; a menu of them would not fit on any screen."""


@dataclass(frozen=True, slots=True)
class Crumb:
    place: Place
    label: str
    icon: str = ""


def crumbs_of(place: Place, connection_name: str, *, is_group: bool = False) -> list[Crumb]:
    """The connection, the bucket, and every folder down to `place`."""
    steps = [place]
    while (above := steps[-1].parent) is not None:
        steps.append(above)
    if steps[-1].prefix is not None:
        steps.append(type(place)(place.connection))
    icon = "group" if is_group else "connection"
    return [_crumb(step, connection_name, icon) for step in reversed(steps)]


def _crumb(place: Place, connection_name: str, icon: str) -> Crumb:
    if place.query is not None:
        return Crumb(place, query_words(place.query), "search")
    if place.prefix is None:
        return Crumb(place, display_name(connection_name), icon)
    if not place.prefix.prefix:
        return Crumb(place, display_name(place.prefix.bucket), "bucket")
    return Crumb(place, folder_label(place.prefix.name))


def collapsed(widths: Sequence[int], room: int, dots: int) -> range:
    """Which crumbs after the first make way for dots, so that the rest fits into `room`.

    The first and the last always stay. Those next to the first go first.
    """
    total = sum(widths)
    if total <= room or len(widths) < 3:
        return range(1, 1)
    total += dots
    end = 1
    while end < len(widths) - 1 and total > room:
        total -= widths[end]
        end += 1
    return range(1, end)


class CrumbButton(PlaceDrops, QToolButton):
    """One step of the way, cut to the width it is given. Things can be dropped on it."""

    def __init__(self, icons: Icons, crumb: Crumb, parent: QWidget) -> None:
        super().__init__(parent)
        self._icons = icons
        self._icon = crumb.icon
        self.label = crumb.label
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(crumb.label)
        if crumb.place.prefix is not None:
            if crumb.place.moment is None:
                self.drop_target = crumb.place
                self.setAcceptDrops(True)
            prefix = crumb.place.prefix
            address = f"s3://{escape_key(prefix.bucket)}/{escape_key(prefix.prefix)}"
            self.setToolTip(plain_tip(address))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Styles place text beside an icon as they like; here all steps of the way are alike."""
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        inner = self.rect().adjusted(PADDING, 0, -PADDING, 0)
        if self._icon:
            top = (self.height() - ICON_SIZE.height()) // 2
            where = QRect(inner.x(), top, ICON_SIZE.width(), ICON_SIZE.height())
            self._icons(self._icon).paint(painter, where)
            inner.setLeft(inner.x() + ICON_SIZE.width() + ICON_GAP)
        text = self.fontMetrics().elidedText(
            self.label, Qt.TextElideMode.ElideMiddle, inner.width()
        )
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        text = in_its_order(text, self.layoutDirection())
        painter.drawItemText(
            inner, left, self.palette(), self.isEnabled(), text, self.foregroundRole()
        )
        painter.end()
        self.paint_mark()


class CrumbStrip(QWidget):
    """Shows crumbs in one line; what does not fit is behind dots, in a menu.

    A click beside the crumbs is `blank_clicked`.
    """

    opened = Signal(object)
    blank_clicked = Signal()
    files_dropped = Signal(object, object)
    clip_dropped = Signal(object, object, object)
    judge: Judge | None = None

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._crumbs: list[Crumb] = []
        self._hidden = range(1, 1)
        self._buttons: dict[int, QToolButton] = {}
        self._dots = QToolButton(self)
        self._dots.setText("…")
        self._dots.setAutoRaise(True)
        self._dots.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dots.setToolTip(tr("The folders in between"))
        self._dots.setAccessibleName(tr("The folders in between"))
        self._dots.clicked.connect(self._offer_hidden)
        self._dots.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    @property
    def labels(self) -> list[str]:
        """What is shown, from left to right."""
        shown = [self._crumbs[at].label for at in self._buttons]
        return [*shown[:1], "…", *shown[1:]] if self._hidden else shown

    def show_crumbs(self, crumbs: Sequence[Crumb]) -> None:
        self._crumbs = list(crumbs)
        for button in self._buttons.values():
            button.hide()
            button.deleteLater()
        self._buttons = {}
        self._arrange()

    def sizeHint(self) -> QSize:
        height = max(ICON_SIZE.height(), self.fontMetrics().height()) + 8
        return QSize(sum(self._widths()) + 2 * EDGE, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(3 * MIN_TEXT, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self.blank_clicked.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        chevron = self._icons("chevron")
        buttons = [*self._buttons.values(), *([self._dots] if self._hidden else [])]
        first = self._buttons.get(0)
        for button in buttons:
            if button is first:
                continue
            top = (self.height() - CHEVRON) // 2
            chevron.paint(painter, QRect(button.x() - CHEVRON, top, CHEVRON, CHEVRON))

    def _width(self, crumb: Crumb) -> int:
        icon = ICON_SIZE.width() + ICON_GAP if crumb.icon else 0
        return self.fontMetrics().horizontalAdvance(crumb.label) + 1 + icon + 2 * PADDING

    def _widths(self) -> list[int]:
        """Each crumb with the chevron in front of it."""
        return [
            self._width(crumb) + (CHEVRON if at else 0) for at, crumb in enumerate(self._crumbs)
        ]

    def _arrange(self) -> None:
        widths, room = self._widths(), self.width() - 2 * EDGE
        dots = self.fontMetrics().horizontalAdvance("…") + 2 * PADDING + CHEVRON
        self._hidden = collapsed(widths, room, dots)
        shown = [at for at in range(len(self._crumbs)) if at not in self._hidden]
        for at in [at for at in self._buttons if at not in shown]:
            self._buttons[at].hide()
            self._buttons.pop(at).deleteLater()
        self._dots.setVisible(bool(self._hidden))
        too_much = sum(widths[at] for at in shown) + (dots if self._hidden else 0) - room
        self._place(shown, _narrowed([widths[at] for at in shown], too_much), dots)
        self.update()

    def _place(self, shown: Sequence[int], widths: Sequence[int], dots: int) -> None:
        left, buttons = EDGE, {}
        for at, width in zip(shown, widths, strict=True):
            if at and self._hidden and at == self._hidden.stop:
                self._dots.setGeometry(left + CHEVRON, 0, dots - CHEVRON, self.height())
                left += dots
            gap = CHEVRON if at else 0
            button = self._buttons.get(at) or self._make(at)
            button.setGeometry(left + gap, 0, width - gap, self.height())
            button.show()
            buttons[at] = button
            left += width
        self._buttons = buttons

    def _make(self, at: int) -> CrumbButton:
        crumb = self._crumbs[at]
        button = CrumbButton(self._icons, crumb, self)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(lambda: self.opened.emit(crumb.place))
        button.judge = self._judged
        button.files_dropped.connect(self.files_dropped)
        button.clip_dropped.connect(self.clip_dropped)
        return button

    def _judged(self, clip: Clip, place: Place, asked: Deed | None) -> Deed | None:
        return None if self.judge is None else self.judge(clip, place, asked)

    def _offer_hidden(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for at in list(self._hidden)[-MENU_ROWS:]:
            crumb = self._crumbs[at]
            action = menu.addAction(crumb.label.replace("&", "&&"))
            action.triggered.connect(lambda _on=False, place=crumb.place: self.opened.emit(place))
        menu.popup(self._dots.mapToGlobal(self._dots.rect().bottomLeft()))


def _narrowed(widths: list[int], too_much: int) -> list[int]:
    """Take `too_much` pixels away: from the widest first, none below what can still be read."""
    widths = list(widths)
    while too_much > 0 and widths:
        widest = max(range(len(widths)), key=widths.__getitem__)
        spare = widths[widest] - MIN_TEXT
        if spare <= 0:
            break
        cut = min(spare, max(1, too_much // 2))
        widths[widest] -= cut
        too_much -= cut
    return widths
