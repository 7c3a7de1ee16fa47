"""How replication went in the last hours: bars of what arrived and of what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.bidi import in_its_order
from s4desk.gui.room import roomy
from s4desk.viewmodels.lifecycle_chart import ticks
from s4desk.viewmodels.replication_chart import total_text
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from s4desk.viewmodels.replication_chart import TimeBar

DARK: Final = 128
INSET: Final = 6
SHARE: Final = 0.8
MOST_TICKS: Final = 4
GRID: Final = 60
MARK: Final = 45
_Key = Qt.Key
_STEPS: Final = {_Key.Key_Left: -1, _Key.Key_Right: 1}
_HUES: Final = (130, 4)
_PATTERNS: Final = (Qt.BrushStyle.SolidPattern, Qt.BrushStyle.Dense3Pattern)
"""Of what arrived and of what failed: not by colour alone."""


class ReplicationChart(QWidget):
    """Bars, the oldest first; arrow keys and the pointer say what one stands for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[TimeBar] = ()
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Chart of the last hours"))

    @property
    def bars(self) -> Sequence[TimeBar]:
        return self._bars

    def show_bars(self, bars: Sequence[TimeBar]) -> None:
        if bars != self._bars:
            self._bars = bars
            self._mark(min(self._current, len(bars) - 1))

    def sizeHint(self) -> QSize:
        return QSize(roomy(self, 360), roomy(self, 150))

    def minimumSizeHint(self) -> QSize:
        return QSize(roomy(self, 180), roomy(self, 90))

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
        """Where bars stand: under the words, beside the amounts, over the times."""
        top = self._line + 2.0 * INSET
        beside = self._widest(words for _, words in self._ticks()) + 2.0 * INSET
        left = INSET if self._is_mirrored else beside
        return QRectF(left, top, max(1.0, self.width() - INSET - beside), self._height())

    def _height(self) -> float:
        return max(1.0, self.height() - 2.0 * self._line - 4.0 * INSET)

    def _place(self, at: int, plot: QRectF) -> QRectF:
        width = plot.width() / len(self._bars)
        turn = len(self._bars) - 1 - at if self._is_mirrored else at
        return QRectF(plot.left() + turn * width, plot.top(), width, plot.height())

    def _ticks(self) -> Sequence[tuple[int, str]]:
        room = int(self._height() / (2 * self._line))
        return ticks(self._most, Measure.OBJECTS, min(MOST_TICKS, max(2, room)))

    def _widest(self, texts: Iterable[str]) -> int:
        return max((self.fontMetrics().horizontalAdvance(each) for each in texts), default=0)

    def _drawn(self, text: str) -> str:
        return in_its_order(text, self.layoutDirection())

    def _bar_at(self, x: float) -> int:
        plot = self._plot()
        if not self._bars or not plot.left() <= x < plot.right():
            return -1
        at = int((x - plot.left()) / plot.width() * len(self._bars))
        return len(self._bars) - 1 - at if self._is_mirrored else at

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
            plot = self._plot()
            self._paint_grid(painter, plot, ink)
            self._paint_mark(painter, plot)
            for at in range(len(self._bars)):
                self._paint_bar(painter, at, plot, is_dark=is_dark)
            self._paint_times(painter, plot, ink)
        if self.hasFocus():
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_legend(self, painter: QPainter, ink: QColor, *, is_dark: bool) -> None:
        x = float(INSET)
        for part, words in enumerate((tr("replicated"), tr("failed"))):
            width = self._line + self._widest([words]) + 2.0 * INSET
            left = self.width() - x - width if self._is_mirrored else x
            box = QRectF(left, INSET + 3, self._line - 6, self._line - 6)
            text = QRectF(left + self._line, INSET, width - self._line, self._line)
            if self._is_mirrored:
                box.moveRight(left + width - 1)
                text.moveLeft(left)
            _fill(painter, box, part, is_dark=is_dark)
            painter.setPen(ink)
            painter.drawText(text, Qt.AlignmentFlag.AlignLeading, words)
            x += width

    def _paint_grid(self, painter: QPainter, plot: QRectF, ink: QColor) -> None:
        """Lines at round amounts, which stand beside them."""
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

    def _paint_mark(self, painter: QPainter, plot: QRectF) -> None:
        if 0 <= self._current < len(self._bars):
            colour = self.palette().color(QPalette.ColorRole.Highlight)
            colour.setAlpha(MARK)
            painter.fillRect(self._place(self._current, plot), colour)

    def _paint_bar(self, painter: QPainter, at: int, plot: QRectF, *, is_dark: bool) -> None:
        place, bar = self._place(at, plot), self._bars[at]
        width = max(1.0, place.width() * SHARE)
        foot = place.bottom()
        for part, value in enumerate((bar.completed, bar.failed)):
            if value:
                # What happened at all is seen, however little it is.
                height = max(2.0, place.height() * value / self._most)
                area = QRectF(place.center().x() - width / 2, foot - height, width, height)
                _fill(painter, area, part, is_dark=is_dark)
                foot -= height

    def _paint_times(self, painter: QPainter, plot: QRectF, ink: QColor) -> None:
        """As many as there is room for."""
        painter.setPen(ink)
        widest = self._widest(bar.time for bar in self._bars) + 2 * INSET
        every = max(1, -(-widest * len(self._bars) // max(1, int(plot.width()))))
        for at in range(0, len(self._bars), every):
            line = QRectF(0, plot.bottom() + 2, widest, self._line + 2)
            middle = self._place(at, plot).center().x() - widest / 2
            line.moveLeft(min(max(0.0, middle), self.width() - widest))
            painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, self._bars[at].time)

    # How it is used

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._mark(self._bar_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = _Key(event.key()), len(self._bars) - 1
        if key in _STEPS and last >= 0:
            step = -_STEPS[key] if self._is_mirrored else _STEPS[key]
            self._mark(min(max(self._current + step, 0), last))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = self._bar_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self._bars[at].words if at >= 0 else "", self)
            return True
        return super().event(event)

    def _mark(self, at: int) -> None:
        """Whoever hears the chart hears the words of a bar, or of all."""
        self._current = at
        all_words = total_text(self._bars) if self._bars else ""
        self.setAccessibleDescription(self._bars[at].words if at >= 0 else all_words)
        self.update()


def _fill(painter: QPainter, area: QRectF, part: int, *, is_dark: bool) -> None:
    colour = QColor.fromHsl(_HUES[part], 130, 140 if is_dark else 110)
    ground = QColor(colour)
    ground.setAlpha(MARK)
    painter.fillRect(area, ground)
    painter.fillRect(area, QBrush(colour, _PATTERNS[part]))
