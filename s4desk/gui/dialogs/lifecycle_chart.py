"""What lifecycle rules will do, day by day: stacked bars; a table beside them says it in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal

from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bar_chart import INSET, BarChart, brush_of
from s4desk.gui.room import roomy
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QBrush, QColor, QPainter, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.viewmodels.lifecycle_chart import DayBar

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


class _Name(NamedTuple):
    """What an action is called, where that begins and how wide it is with its colour."""

    action: Action
    text: str
    x: float
    width: float


class LifecycleChart(BarChart["DayBar"]):
    """Bars of one measure.

    chosen(int)    a day was pointed at, or reached by an arrow key
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Chart of what happens on which day"), parent)

    def show_bars(self, bars: Sequence[DayBar], measure: Measure) -> None:
        self._bars, self._measure = bars, measure
        self._mark(min(self._current, len(bars) - 1))
        self.updateGeometry()

    def choose_none(self) -> None:
        """No day is looked at alone any more."""
        self._mark(-1)

    def sizeHint(self) -> QSize:
        return QSize(roomy(self, 480), roomy(self, 180))

    def minimumSizeHint(self) -> QSize:
        lines = max(0, len(self._legend()) - 1) * self._line
        return QSize(roomy(self, 200), roomy(self, 84) + lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def _label(self, bar: DayBar) -> str:
        return bar.date

    def _portions(self, bar: DayBar) -> Iterable[tuple[QBrush, int]]:
        return ((self._brush(each.action), each.value) for each in bar.portions)

    def _chose(self, at: int) -> None:
        self.chosen.emit(self._bars[at].day)

    def _brush(self, action: Action) -> QBrush:
        return brush_of(_HUES[action], _PATTERNS[action], is_dark=self._is_dark)

    def _top(self) -> float:
        return (1.0 + len(self._legend())) * self._line + 2 * INSET

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

    def _paint_top(self, painter: QPainter, ink: QColor) -> None:
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
                place = QRectF(x, y, width, self._line)
                self._paint_name(painter, self._brush(action), words, place, ink)
