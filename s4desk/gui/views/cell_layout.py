"""Where the cells of a grid are: arithmetic, however many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QRect, QSize

MARGIN = 8
"""Around all cells together."""
GAP = 4
"""What of each cell is left free on its right and below, to press beside it."""


@dataclass(frozen=True, slots=True)
class CellLayout:
    """`count` cells in lines as wide as `width`, none narrower than `least`; coordinates are those
    of the whole content, in pixels. From right to left it is `is_mirrored`."""

    least: QSize
    count: int = 0
    width: int = 0
    is_mirrored: bool = False

    def resized(self, width: int) -> CellLayout:
        return replace(self, width=width)

    @property
    def columns(self) -> int:
        return max((self.width - 2 * MARGIN) // self.least.width(), 1)

    @property
    def lines(self) -> int:
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        return self.lines * self.least.height() + 2 * MARGIN

    @property
    def _pitch(self) -> int:
        """From one cell to the next: what is left of a line is shared out."""
        return max((self.width - 2 * MARGIN) // self.columns, self.least.width())

    def rect(self, row: int) -> QRect:
        """What a cell takes, without the gap around it."""
        line, column = divmod(row, self.columns)
        left = MARGIN + column * self._pitch
        if self.is_mirrored:
            left = self.width - left - self._pitch + GAP
        top = MARGIN + line * self.least.height()
        return QRect(left, top, self._pitch - GAP, self.least.height() - GAP)

    def row_at(self, point: QPoint) -> int:
        """The cell at a point, -1 where there is none."""
        runs = self.runs_in(QRect(point, QSize(1, 1)))
        return runs[0][0] if runs else -1

    def runs_in(self, area: QRect) -> list[tuple[int, int]]:
        """The cells that an area touches, as runs from first to last."""
        lines = self._touched(area.top(), area.bottom(), self.least.height())
        if self.is_mirrored:
            columns = self._touched(
                self.width - 1 - area.right(), self.width - 1 - area.left(), self._pitch
            )
        else:
            columns = self._touched(area.left(), area.right(), self._pitch)
        first_column, last_column = columns[0], min(columns[1], self.columns - 1)
        if first_column > last_column:
            return []
        runs: list[tuple[int, int]] = []
        for line in range(lines[0], min(lines[1], self.lines - 1) + 1):
            first = line * self.columns + first_column
            last = min(line * self.columns + last_column, self.count - 1)
            if first > last:
                continue
            if runs and runs[-1][1] + 1 == first:
                runs[-1] = (runs[-1][0], last)
            else:
                runs.append((first, last))
        return runs

    def first_below(self, y: int) -> int:
        """The first cell of the first line that ends below `y`; -1 without one."""
        line = max((y - MARGIN) // self.least.height(), 0)
        return line * self.columns if line < self.lines else -1

    @staticmethod
    def _touched(begin: int, end: int, pitch: int) -> tuple[int, int]:
        """The first and last place on one axis; the gap is the end of each."""
        first, within = divmod(max(begin - MARGIN, 0), pitch)
        return first + (within >= pitch - GAP), (end - MARGIN) // pitch
