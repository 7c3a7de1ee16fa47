"""What lifecycle rules will do, day by day: stacked bars; a table beside them says it in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.runtime.i18n import tr
from s4desk.gui.bidi import in_its_order
from s4desk.gui.room import roomy
from s4desk.viewmodels.lifecycle_chart import ticks
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

    from s4desk.viewmodels.lifecycle_chart import DayBar

DARK: Final = 128
INSET: Final = 6
SHARE: Final = 0.8
"""Of its place, how much a bar takes."""
MOST_TICKS: Final = 4
GRID: Final = 60
TINT: Final = 70
MARK: Final = 45
"""Of 255, how much is seen of lines behind the bars, of the ground of a pattern, of the mark of a
day."""
_HUES: Final = {
    Action.EXPIRE: 4,
    Action.EXPIRE_NONCURRENT: 28,
    Action.REMOVE_DELETE_MARKER: 48,
    Action.TRANSITION: 210,
    Action.TRANSITION_NONCURRENT: 184,
    Action.ABORT_UPLOAD: 285,
}
_PATTERNS: Final = {
    Action.EXPIRE: Qt.BrushStyle.SolidPattern,
    Action.EXPIRE_NONCURRENT: Qt.BrushStyle.Dense4Pattern,
    Action.REMOVE_DELETE_MARKER: Qt.BrushStyle.HorPattern,
    Action.TRANSITION: Qt.BrushStyle.SolidPattern,
    Action.TRANSITION_NONCURRENT: Qt.BrushStyle.Dense4Pattern,
    Action.ABORT_UPLOAD: Qt.BrushStyle.BDiagPattern,
}
"""Not by colour alone: solid is about current objects, loose about old versions."""
_Key = Qt.Key
_STEPS: Final = {_Key.Key_Left: -1, _Key.Key_Right: 1}


class _Name(NamedTuple):
    """What an action is called, where that begins and how wide it is with its colour."""

    action: Action
    text: str
    x: float
    width: float


class LifecycleChart(QWidget):
    """Bars of one measure.

    chosen(int)    a day was pointed at, or reached by an arrow key
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[DayBar] = ()
        self._measure = Measure.OBJECTS
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Chart of what happens on which day"))

    def show_bars(self, bars: Sequence[DayBar], measure: Measure) -> None:
        self._bars, self._measure = bars, measure
        self._mark(min(self._current, len(bars) - 1))
        self.updateGeometry()

    def choose_none(self) -> None:
        """No day is looked at alone any more."""
        self._mark(-1)

    def bar_at(self, x: float) -> int:
        """The bar above or below which a point is, -1 for none."""
        plot = self._plot()
        if not self._bars or not plot.left() <= x < plot.right():
            return -1
        at = int((x - plot.left()) / plot.width() * len(self._bars))
        return len(self._bars) - 1 - at if self._is_mirrored else at

    def sizeHint(self) -> QSize:
        return QSize(roomy(self, 480), roomy(self, 180))

    def minimumSizeHint(self) -> QSize:
        lines = max(0, len(self._legend()) - 1) * self._line
        return QSize(roomy(self, 200), roomy(self, 84) + lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    # Where things are

    @property
    def _is_mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _most(self) -> int:
        return max((bar.value for bar in self._bars), default=0)

    def _plot(self) -> QRectF:
        """Where bars stand: under the words, beside the amounts, over the dates."""
        top = self._top()
        beside = self._widest(words for _, words in self._ticks()) + 2.0 * INSET
        left = INSET if self._is_mirrored else beside
        return QRectF(left, top, max(1.0, self.width() - INSET - beside), self._height())

    def _top(self) -> float:
        return (1.0 + len(self._legend())) * self._line + 2 * INSET

    def _height(self) -> float:
        return max(1.0, self.height() - self._top() - self._line - 2 * INSET)

    def _place(self, at: int) -> QRectF:
        """Where a bar may stand, over the whole height."""
        plot = self._plot()
        width = plot.width() / len(self._bars)
        turn = len(self._bars) - 1 - at if self._is_mirrored else at
        return QRectF(plot.left() + turn * width, plot.top(), width, plot.height())

    def _ticks(self) -> Sequence[tuple[int, str]]:
        # Their words stand beside them, one below the other.
        room = int(self._height() / (2 * self._line))
        return ticks(self._most, self._measure, min(MOST_TICKS, max(2, room)))

    def _drawn(self, text: str) -> str:
        return in_its_order(text, self.layoutDirection())

    def _widest(self, texts: Iterable[str]) -> int:
        return max((self.fontMetrics().horizontalAdvance(each) for each in texts), default=0)

    def _legend(self) -> list[list[_Name]]:
        """Lines of names of actions."""
        lines: list[list[_Name]] = []
        x = float(self.width())
        names = {each.action: each.text for bar in self._bars for each in bar.portions}
        for action, text in sorted(names.items()):
            width = self._line + self._widest([text]) + 2.0 * INSET
            if x + width > self.width():
                lines.append([])
                x = float(INSET)
            lines[-1].append(_Name(action, text, x, width))
            x += width
        return lines

    # How it looks

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        palette = self.palette()
        base, ink = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        painter.fillRect(self.rect(), base)
        is_dark = base.lightness() < DARK
        self._paint_legend(painter, ink, is_dark=is_dark)
        if self._bars:
            self._paint_grid(painter, ink)
            self._paint_mark(painter)
            for at, bar in enumerate(self._bars):
                self._paint_bar(painter, at, bar, self._most, is_dark=is_dark)
            self._paint_dates(painter, ink)
        if self.hasFocus():
            # The style's own mark would lie over all of it.
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_grid(self, painter: QPainter, ink: QColor) -> None:
        """Lines at round amounts, which stand beside them."""
        plot = self._plot()
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        faint = QColor(ink)
        faint.setAlpha(GRID)
        for value, words in self._ticks():
            y = plot.bottom() - plot.height() * value / self._most
            painter.setPen(faint)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            width = self._widest([words]) + 1.0
            left = plot.right() + INSET if self._is_mirrored else plot.left() - INSET - width
            painter.setPen(ink)
            area = QRectF(left, y - self._line / 2, width, self._line)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._drawn(words))

    def _paint_mark(self, painter: QPainter) -> None:
        """The day that was chosen, behind its bar."""
        if not 0 <= self._current < len(self._bars):
            return
        colour = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(colour, 1))
        colour.setAlpha(MARK)
        painter.setBrush(colour)
        painter.drawRect(self._place(self._current).adjusted(0, 0, -1, 0))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_bar(
        self, painter: QPainter, at: int, bar: DayBar, most: int, *, is_dark: bool
    ) -> None:
        place = self._place(at)
        width = max(1.0, place.width() * SHARE)
        foot = place.bottom()
        for portion in bar.portions:
            if not portion.value:
                continue
            # What happens at all is seen, however little it is.
            height = max(2.0, place.height() * portion.value / most)
            area = QRectF(place.center().x() - width / 2, foot - height, width, height)
            _fill(painter, area, portion.action, is_dark=is_dark)
            foot -= height

    def _paint_dates(self, painter: QPainter, ink: QColor) -> None:
        """As many as there is room for, the first and then every so many."""
        painter.setPen(ink)
        for at, line in self._dates():
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, self._bars[at].date)

    def _dates(self) -> list[tuple[int, QRectF]]:
        """The bars whose dates are written, and where."""
        widest = self._widest(bar.date for bar in self._bars) + 8
        every = max(1, -(-widest * len(self._bars) // int(self._plot().width())))
        dates: list[tuple[int, QRectF]] = []
        for at in range(0, len(self._bars), every):
            place = self._place(at)
            line = QRectF(0, place.bottom() + 2, widest, self._line + 2)
            line.moveLeft(min(max(0.0, place.center().x() - widest / 2), self.width() - widest))
            # One at the edge is pushed towards the one before.
            if not dates or not line.intersects(dates[-1][1]):
                dates.append((at, line))
        return dates

    def _paint_legend(self, painter: QPainter, ink: QColor, *, is_dark: bool) -> None:
        painter.setPen(ink)
        told = format_size if self._measure is Measure.SIZE else format_count
        head = QRectF(INSET, 2, self.width() - 2 * INSET, self._line)
        if self._most:
            most = self._drawn(told(self._most))
            words = tr("at most {amount} in a day (UTC)").format(amount=most)
            painter.drawText(head, Qt.AlignmentFlag.AlignLeading, self._drawn(words))
        for row, line in enumerate(self._legend()):
            y = 2.0 + self._line * (row + 1)
            for action, words, x, width in line:
                left = self.width() - x - width if self._is_mirrored else x
                box = QRectF(left, y + 3, self._line - 6, self._line - 6)
                text = QRectF(left + self._line, y, width - self._line, self._line)
                if self._is_mirrored:
                    box.moveRight(left + width - 1)
                    text.moveLeft(left)
                _fill(painter, box, action, is_dark=is_dark)
                painter.setPen(ink)
                painter.drawText(text, Qt.AlignmentFlag.AlignLeading, words)

    # How it is used

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose(self.bar_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = _Key(event.key()), len(self._bars) - 1
        if key in _STEPS and last >= 0:
            step = -_STEPS[key] if self._is_mirrored else _STEPS[key]
            self._choose(min(max(self._current + step, 0), last))
        elif key is _Key.Key_Home and last >= 0:
            self._choose(0)
        elif key is _Key.Key_End:
            self._choose(last)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = self.bar_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self._bars[at].words if at >= 0 else "", self)
            return True
        return super().event(event)

    def _choose(self, at: int) -> None:
        if at >= 0:
            self._mark(at)
            self.chosen.emit(self._bars[at].day)

    def _mark(self, at: int) -> None:
        """Whoever hears the chart hears the words of a day."""
        self._current = at
        self.setAccessibleDescription(self._bars[at].words if at >= 0 else "")
        self.update()


def _fill(painter: QPainter, area: QRectF, action: Action, *, is_dark: bool) -> None:
    """The pattern of an action on a ground of its colour: also little of it is seen as that."""
    colour = QColor.fromHsl(_HUES[action], 150, 140 if is_dark else 120)
    ground = QColor(colour)
    ground.setAlpha(TINT)
    painter.fillRect(area, ground)
    painter.fillRect(area, QBrush(colour, _PATTERNS[action]))
