"""Amounts as rectangles whose areas are as large: none of them long and thin.

The squarified treemap of Bruls, Huizing and van Wijk (2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Box:
    """In pixels, with fractions."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


def squarified(values: Sequence[float], box: Box) -> list[Box]:
    """A box for each value, which fall; together they fill `box`. Of nothing the box is empty."""
    total = sum(values)
    if total <= 0 or box.width <= 0 or box.height <= 0:
        return [Box(box.x, box.y, 0, 0) for _ in values]
    scale = box.width * box.height / total
    areas = [max(0.0, value) * scale for value in values]
    found: list[Box] = []
    at, left = 0, box
    while at < len(areas):
        end = _strip_end(areas, at, min(left.width, left.height))
        strip, left = _strip(areas[at:end], left)
        found += strip
        at = end
    return found


def _strip_end(areas: Sequence[float], first: int, side: float) -> int:
    """How many go beside each other along `side` before they get worse."""
    worst, total, end = float("inf"), 0.0, first
    while end < len(areas):
        total += areas[end]
        ratio = _worst(areas[first], areas[end], total, side)
        if ratio > worst:
            break
        worst, end = ratio, end + 1
    return max(end, first + 1)


def _worst(largest: float, smallest: float, total: float, side: float) -> float:
    """How much longer than wide the worst of a strip is; what is nothing counts for nothing."""
    if smallest <= 0 or total <= 0:
        return 0.0
    thick = total / side
    return max(largest / thick / thick, thick * thick / smallest)


def _strip(areas: Sequence[float], box: Box) -> tuple[list[Box], Box]:
    """These areas along the shorter side of a box, and what is left of it."""
    total = sum(areas)
    is_column = box.height <= box.width
    side = box.height if is_column else box.width
    thick = total / side if side > 0 else 0.0
    found, at = [], box.y if is_column else box.x
    for area in areas:
        length = area / thick if thick > 0 else 0.0
        found.append(Box(box.x, at, thick, length) if is_column else Box(at, box.y, length, thick))
        at += length
    if is_column:
        return found, Box(box.x + thick, box.y, max(0.0, box.width - thick), box.height)
    return found, Box(box.x, box.y + thick, box.width, max(0.0, box.height - thick))


def bars(values: Sequence[float], box: Box, height: float, gap: float) -> list[Box]:
    """A bar below another for each value, the largest one as wide as the box."""
    most = max(values, default=0.0) or 1.0
    return [
        Box(box.x, box.y + at * (height + gap), box.width * max(0.0, value) / most, height)
        for at, value in enumerate(values)
    ]
