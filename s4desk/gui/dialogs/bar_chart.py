"""Stacked bars over time: what there is at each moment, and how much of which kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from s4desk.gui.bidi import in_its_order
from s4desk.viewmodels.lifecycle_chart import ticks
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent

DARK: Final = 128
INSET: Final = 6
SHARE: Final = 0.8
"""Of its place, how much a bar takes."""
MOST_TICKS: Final = 4
GRID: Final = 60
TINT: Final = 70
MARK: Final = 45
"""Of 255, how much is seen of lines behind the bars, of the ground of a pattern, of the mark of a
bar."""
_Key = Qt.Key
_STEPS: Final = {_Key.Key_Left: -1, _Key.Key_Right: 1}


class Bar(Protocol):
    """What one bar stands for; `words` say all of it."""

    @property
    def value(self) -> int: ...
    @property
    def words(self) -> str: ...


B = TypeVar("B", bound=Bar)


class BarChart(QWidget, Generic[B]):
    """Bars with amounts beside them and labels below. Arrow keys and the pointer choose one.

    What they are of is said by who inherits: `_label`, `_portions`, and the words at the top.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[B] = ()
        self._measure = Measure.OBJECTS
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    @property
    def bars(self) -> Sequence[B]:
        return self._bars

    def bar_at(self, x: float) -> int:
        """The bar above or below which a point is, -1 for none."""
        plot = self._plot()
        if not self._bars or not plot.left() <= x < plot.right():
            return -1
        at = int((x - plot.left()) / plot.width() * len(self._bars))
        return len(self._bars) - 1 - at if self._is_mirrored else at

    # What it is of

    @abstractmethod
    def _label(self, bar: B) -> str:
        """What stands below a bar."""

    @abstractmethod
    def _portions(self, bar: B) -> Iterable[tuple[QBrush, int]]:
        """What a bar is made of, from its foot: in which colour and pattern, and how much."""

    @abstractmethod
    def _top(self) -> float:
        """How much room the words above the bars take."""

    @abstractmethod
    def _paint_top(self, painter: QPainter, ink: QColor) -> None:
        """The words above the bars."""

    def _chose(self, at: int) -> None:
        """A bar was pointed at, or reached by an arrow key."""

    def _said(self) -> str:
        """What is said of all bars while none is chosen."""
        return ""

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

    @property
    def _is_dark(self) -> bool:
        return self.palette().color(QPalette.ColorRole.Base).lightness() < DARK

    def _plot(self) -> QRectF:
        """Where bars stand: under the words, beside the amounts, over the labels."""
        beside = self._widest(words for _, words in self._ticks()) + 2.0 * INSET
        left = INSET if self._is_mirrored else beside
        return QRectF(left, self._top(), max(1.0, self.width() - INSET - beside), self._height())

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

    # How it looks

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        palette = self.palette()
        base, ink = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        painter.fillRect(self.rect(), base)
        self._paint_top(painter, ink)
        if self._bars:
            self._paint_grid(painter, ink)
            self._paint_mark(painter)
            most = self._most
            for at, bar in enumerate(self._bars):
                self._paint_bar(painter, self._place(at), bar, most)
            self._paint_labels(painter, ink)
        if self.hasFocus():
            # The style's own mark would lie over all of it.
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_name(
        self, painter: QPainter, brush: QBrush, words: str, place: QRectF, ink: QColor
    ) -> None:
        """What a colour means; `place` is a line, counted from where reading begins."""
        x, y, width = place.left(), place.top(), place.width()
        left = self.width() - x - width if self._is_mirrored else x
        box = QRectF(left, y + 3, self._line - 6, self._line - 6)
        text = QRectF(left + self._line, y, width - self._line, self._line)
        if self._is_mirrored:
            box.moveRight(left + width - 1)
            text.moveLeft(left)
        fill(painter, box, brush)
        painter.setPen(ink)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeading, words)

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
        """The bar that was chosen has its place coloured."""
        if not 0 <= self._current < len(self._bars):
            return
        colour = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(colour, 1))
        colour.setAlpha(MARK)
        painter.setBrush(colour)
        painter.drawRect(self._place(self._current).adjusted(0, 0, -1, 0))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_bar(self, painter: QPainter, place: QRectF, bar: B, most: int) -> None:
        width = max(1.0, place.width() * SHARE)
        foot = place.bottom()
        for brush, value in self._portions(bar):
            if value:
                # What there is at all is seen, however little it is.
                height = max(2.0, place.height() * value / most)
                area = QRectF(place.center().x() - width / 2, foot - height, width, height)
                fill(painter, area, brush)
                foot -= height

    def _paint_labels(self, painter: QPainter, ink: QColor) -> None:
        """As many as there is room for, the first and then every so many."""
        painter.setPen(ink)
        for at, line in self._labels():
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, self._label(self._bars[at]))

    def _labels(self) -> list[tuple[int, QRectF]]:
        """The bars below which something is written, and where."""
        widest = self._widest(map(self._label, self._bars)) + 8
        every = max(1, -(-widest * len(self._bars) // max(1, int(self._plot().width()))))
        written: list[tuple[int, QRectF]] = []
        for at in range(0, len(self._bars), every):
            place = self._place(at)
            line = QRectF(0, place.bottom() + 2, widest, self._line + 2)
            line.moveLeft(min(max(0.0, place.center().x() - widest / 2), self.width() - widest))
            # One at the edge is pushed towards the one before.
            if not written or not line.intersects(written[-1][1]):
                written.append((at, line))
        return written

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
            self._chose(at)

    def _mark(self, at: int) -> None:
        """Whoever hears the chart hears the words of a bar, or of all."""
        self._current = at
        self.setAccessibleDescription(self._bars[at].words if at >= 0 else self._said())
        self.update()


def brush_of(hue: int, pattern: Qt.BrushStyle, *, is_dark: bool) -> QBrush:
    """A colour in a pattern: kinds are told not by colour alone."""
    return QBrush(QColor.fromHsl(hue, 150, 140 if is_dark else 120), pattern)


def fill(painter: QPainter, area: QRectF, brush: QBrush) -> None:
    """A pattern on a ground of its colour: also little of it is seen as that."""
    ground = QColor(brush.color())
    ground.setAlpha(TINT)
    painter.fillRect(area, ground)
    painter.fillRect(area, brush)
