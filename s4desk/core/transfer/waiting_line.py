"""Which transfer starts next."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from s4desk.core.domain.parts import RANGED_DOWNLOAD_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.transfer import Transfer, TransferId

_Place = tuple[int, "TransferId"]

LARGE = RANGED_DOWNLOAD_THRESHOLD


def is_large(transfer: Transfer) -> bool:
    """Whether the transfer moves in parts, and so keeps several requests busy by itself."""
    return transfer.spec.size >= LARGE


class WaitingLine:
    """Transfers by priority and then as they came, small ones passing large ones without room.

    Whoever left the line meanwhile (paused, cancelled) is recognised when his turn comes.
    """

    def __init__(self, is_waiting: Callable[[TransferId], bool]) -> None:
        self._is_waiting = is_waiting
        self._small: list[_Place] = []
        self._large: list[_Place] = []

    def enter(self, transfer: Transfer) -> None:
        """Take the place that priority and id give, in front of all that came later."""
        place = (-transfer.spec.priority, transfer.id)
        heapq.heappush(self._large if is_large(transfer) else self._small, place)

    def next(self, *, with_large: bool) -> TransferId | None:
        """The first that may start, None when nobody may; it has then left the line."""
        lines = [self._small, self._large] if with_large else [self._small]
        heads = [line for line in lines if self._trim(line)]
        return heapq.heappop(min(heads, key=lambda line: line[0]))[1] if heads else None

    def _trim(self, line: list[_Place]) -> bool:
        while line and not self._is_waiting(line[0][1]):
            heapq.heappop(line)
        return bool(line)
