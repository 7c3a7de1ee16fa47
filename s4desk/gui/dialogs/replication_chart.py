"""How replication went in the last hours: bars of what arrived and of what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bar_chart import INSET, BarChart, brush_of
from s4desk.gui.room import roomy
from s4desk.viewmodels.replication_chart import total_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QBrush, QColor, QPainter
    from PySide6.QtWidgets import QWidget

    from s4desk.viewmodels.replication_chart import TimeBar

_HUES: Final = (130, 4)
_PATTERNS: Final = (Qt.BrushStyle.SolidPattern, Qt.BrushStyle.Dense3Pattern)
"""Of what arrived and of what failed: not by colour alone."""


class ReplicationChart(BarChart["TimeBar"]):
    """Bars, the oldest first; arrow keys and the pointer say what one stands for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Chart of the last hours"), parent)

    def show_bars(self, bars: Sequence[TimeBar]) -> None:
        if bars != self._bars:
            self._bars = bars
            self._mark(min(self._current, len(bars) - 1))

    def sizeHint(self) -> QSize:
        return QSize(roomy(self, 360), roomy(self, 150))

    def minimumSizeHint(self) -> QSize:
        return QSize(roomy(self, 180), roomy(self, 90))

    def _label(self, bar: TimeBar) -> str:
        return bar.time

    def _portions(self, bar: TimeBar) -> Iterable[tuple[QBrush, int]]:
        return zip(self._brushes(), (bar.completed, bar.failed), strict=True)

    def _brushes(self) -> list[QBrush]:
        kinds = zip(_HUES, _PATTERNS, strict=True)
        return [brush_of(hue, pattern, is_dark=self._is_dark) for hue, pattern in kinds]

    def _said(self) -> str:
        return total_text(self._bars) if self._bars else ""

    def _top(self) -> float:
        return self._line + 2.0 * INSET

    def _paint_top(self, painter: QPainter, ink: QColor) -> None:
        x = float(INSET)
        for brush, words in zip(self._brushes(), (tr("replicated"), tr("failed")), strict=True):
            width = self._line + self._widest([words]) + 2.0 * INSET
            self._paint_name(painter, brush, words, QRectF(x, INSET, width, self._line), ink)
            x += width
