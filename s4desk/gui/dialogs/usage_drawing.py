"""Amounts as a drawing: tiles in tiles for folders, bars for the rest."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.focus_marks import mark_focus
from s4desk.gui.room import roomy
from s4desk.viewmodels.treemap import Box, bars, squarified
from s4desk.viewmodels.usage_rows import Division

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

    from s4desk.viewmodels.usage_rows import UsageRow

DARK = 128
INSET = 4
GAP = 6
LEAST_INNER = 40
"""Pixels: what is in a smaller tile is not drawn."""
LEAST_LABEL = 3
"""Letters: a narrower tile has no words on it."""
_Key = Qt.Key
_STEPS = {_Key.Key_Left: -1, _Key.Key_Up: -1, _Key.Key_Right: 1, _Key.Key_Down: 1}


@dataclass(slots=True)
class _Tile:
    """`label` is cut to what the tile has room for; `depth` 1 is a tile in a tile."""

    area: QRectF
    label: str
    hue: int
    depth: int = 0


class UsageDrawing(QWidget):
    """Says the same as a table of these rows, which stands beside it.

    chosen(int)    a row was pointed at, or reached by an arrow key
    opened(int)    it was clicked twice, or Enter pressed on it
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[UsageRow] = ()
        self._division = Division.FOLDERS
        self._current = -1
        self._boxes: list[Box] = []
        self._tiles: list[_Tile] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Drawing of what lies where"))

    def show_rows(self, rows: Sequence[UsageRow], division: Division, current: int) -> None:
        self._rows, self._division = rows, division
        self._lay_out()
        self.set_current(current)

    def set_current(self, row: int) -> None:
        """Mark a row, -1 for none; whoever hears the drawing hears its words."""
        self._current = row if row < len(self._rows) else -1
        words = self._rows[self._current].words if self._current >= 0 else ""
        self.setAccessibleDescription(words)
        self.update()

    def row_at(self, x: float, y: float) -> int:
        return next((at for at, box in enumerate(self._boxes) if box.holds(x, y)), -1)

    def sizeHint(self) -> QSize:
        return QSize(roomy(self, 420), roomy(self, 320))

    def minimumSizeHint(self) -> QSize:
        return QSize(roomy(self, 160), roomy(self, 120))

    # Where things are

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        area = Box(1, 1, max(0, self.width() - 2), max(0, self.height() - 2))
        values = [row.value for row in self._rows]
        self._tiles = []
        if self._division is Division.FOLDERS:
            self._boxes = squarified(values, area)
            for row, box in zip(self._rows, self._boxes, strict=True):
                self._add_tiles(row, box)
            return
        height = max(self._line, min(2.0 * self._line, area.height / max(1, len(values)) - GAP))
        self._boxes = bars(values, area, height, GAP)
        for row, box in zip(self._rows, self._boxes, strict=True):
            self._tiles.append(_Tile(_rect(box), "", _hue(row.key)))

    def _add_tiles(self, row: UsageRow, box: Box) -> None:
        hue = _hue(row.key)
        label = self._fitting(f"{row.name}  {row.size}", box.width - 2 * INSET)
        has_label = bool(label) and box.height >= self._line
        self._tiles.append(_Tile(_rect(box), label if has_label else "", hue))
        head = self._line if has_label else INSET
        inner = Box(box.x + INSET, box.y + head, box.width - 2 * INSET, box.height - head - INSET)
        if not row.inner or min(inner.width, inner.height) < LEAST_INNER or not row.value:
            return
        # What lies in none of them is the ground between.
        values = [value for _, value in row.inner]
        rest = max(0, row.value - sum(values))
        placed = squarified([*values, rest], inner)
        for (name, _), part in zip(row.inner, placed, strict=False):
            if part.width > 2 and part.height > 2:
                is_high = part.height >= self._line
                words = self._fitting(name, part.width - INSET) if is_high else ""
                self._tiles.append(_Tile(_rect(part), words, hue, 1))

    def _fitting(self, text: str, width: float) -> str:
        metrics = self.fontMetrics()
        if width < LEAST_LABEL * metrics.averageCharWidth():
            return ""
        short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width))
        return short if len(short) > 1 else ""

    @property
    def _line(self) -> float:
        return self.fontMetrics().height() + 4

    # How it looks

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        is_dark = self.palette().color(QPalette.ColorRole.Base).lightness() < DARK
        edge = self.palette().color(QPalette.ColorRole.Base)
        ink = self.palette().color(QPalette.ColorRole.Text)
        for tile in self._tiles:
            painter.fillRect(tile.area, _colour(tile.hue, tile.depth, is_dark=is_dark))
            painter.setPen(edge)
            painter.drawRect(tile.area)
            if tile.label:
                painter.setPen(ink)
                text = tile.area.adjusted(INSET, 2, -INSET, 0)
                painter.drawText(text, Qt.AlignmentFlag.AlignTop, tile.label)
        if self._division is not Division.FOLDERS:
            self._paint_words(painter, ink)
        if 0 <= self._current < len(self._boxes):
            painter.setPen(QPen(ink, 2))
            painter.drawRect(_rect(self._boxes[self._current]).adjusted(1, 1, -1, -1))
        painter.end()
        mark_focus(self, self)

    def _paint_words(self, painter: QPainter, ink: QColor) -> None:
        """On bars and behind them: a short one has as many words as a long one."""
        painter.setPen(ink)
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, box in zip(self._rows, self._boxes, strict=True):
            line = QRectF(2 * INSET, box.y, self.width() - 4 * INSET, box.height)
            words = self._fitting(f"{row.name}  {row.size}  {row.share}", line.width())
            painter.drawText(line, middle, words)

    # How it is used

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose(self.row_at(event.position().x(), event.position().y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().x(), event.position().y())
        if event.button() is Qt.MouseButton.LeftButton and row >= 0:
            self.opened.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = _Key(event.key()), len(self._rows) - 1
        if key in _STEPS and last >= 0:
            self._choose(min(max(self._current + _STEPS[key], 0), last))
        elif key is _Key.Key_Home and last >= 0:
            self._choose(0)
        elif key is _Key.Key_End:
            self._choose(last)
        elif key in (_Key.Key_Return, _Key.Key_Enter) and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            row = self.row_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), self._rows[row].words if row >= 0 else "", self)
            return True
        return super().event(event)

    def _choose(self, row: int) -> None:
        if row >= 0:
            self.set_current(row)
            self.chosen.emit(row)


def _rect(box: Box) -> QRectF:
    return QRectF(box.x, box.y, box.width, box.height)


def _hue(key: str) -> int:
    """The same for the same thing, however large it is and wherever it is drawn."""
    return zlib.crc32(key.encode("utf-8", "surrogateescape")) % 360


def _colour(hue: int, depth: int, *, is_dark: bool) -> QColor:
    """One on which the text of the theme can be read."""
    lightness = (62 + 22 * depth) if is_dark else (214 - 18 * depth)
    return QColor.fromHsl(hue, 90 if is_dark else 130, lightness)
