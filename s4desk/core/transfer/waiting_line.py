"""Which transfer starts next."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address
from s4desk.core.domain.parts import RANGED_DOWNLOAD_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Place, Transfer, TransferId

Lane = frozenset["ConnectionId"]
"""The connections that a transfer needs."""

LARGE = RANGED_DOWNLOAD_THRESHOLD
FEW = 100


class Shift(Enum):
    """Where transfers that wait are moved to."""

    UP = "up"
    DOWN = "down"
    TOP = "top"
    BOTTOM = "bottom"


def is_large(transfer: Transfer) -> bool:
    """Whether the transfer moves in parts, and so keeps several requests busy by itself."""
    return transfer.spec.size >= LARGE


def lane_of(transfer: Transfer) -> Lane:
    source, target = transfer.spec.source, transfer.spec.target
    return _lane(
        source.connection if isinstance(source, Address) else None,
        target.connection if isinstance(target, Address) else None,
    )


@cache
def _lane(*connections: ConnectionId | None) -> Lane:
    """Asked for several times for each transfer, of always the same few."""
    return frozenset(each for each in connections if each is not None)


@dataclass(slots=True)
class _Files:
    """The places of one lane in order, those of small and of large transfers."""

    small: list[Place] = field(default_factory=list)
    large: list[Place] = field(default_factory=list)


class WaitingLine:
    """Transfers by priority and position, each lane for itself, small ones passing large ones
    without room.

    Whoever left the line meanwhile (paused, cancelled) is recognised when his turn comes.
    """

    def __init__(self, is_waiting: Callable[[TransferId], bool]) -> None:
        self._is_waiting = is_waiting
        self._lanes: dict[Lane, _Files] = {}
        self._least = 0
        self._most = 0

    def enter(self, transfer: Transfer) -> None:
        """Take the place that priority and position give, in front of all that come later."""
        files = self._lanes.setdefault(lane_of(transfer), _Files())
        file, place = files.large if is_large(transfer) else files.small, transfer.place
        if not _is_in(file, place):
            insort(file, place)
        self._least = min(self._least, transfer.position)
        self._most = max(self._most, transfer.position)

    def next(self, may_start: Callable[[Lane, bool], bool]) -> TransferId | None:
        """The first of those whom `may_start(lane, is_large)` lets go, None when that is nobody;
        it has then left the line."""
        first: list[Place] | None = None
        for lane, files in self._lanes.items():
            for file, large in ((files.small, False), (files.large, True)):
                if file and may_start(lane, large) and self._trim(file):
                    first = file if first is None or file[0] < first[0] else first
        return first.pop(0)[2] if first is not None else None

    def length(self, lane: Lane) -> int:
        """About how many small ones of a lane wait; some may have left meanwhile."""
        files = self._lanes.get(lane)
        return len(files.small) if files is not None else 0

    def take(
        self, lane: Lane, most: int, is_wanted: Callable[[TransferId], bool]
    ) -> list[TransferId]:
        """The first small ones of a lane, up to one that is not wanted; they have left the line.

        With `most` of 0 or less there are none.
        """
        files = self._lanes.get(lane)
        taken: list[TransferId] = []
        seen = 0
        for place in files.small if files is not None else ():
            is_waiting = self._is_waiting(place[2])
            if len(taken) >= most or (is_waiting and not is_wanted(place[2])):
                break
            seen += 1
            if is_waiting:
                taken.append(place[2])
        if files is not None:
            del files.small[:seen]
        return taken

    def move(self, chosen: Collection[TransferId], where: Shift) -> dict[TransferId, int]:
        """Move these within their priority; the others keep their order.

        Returns the new positions of all that have another one now.
        """
        waiting = sorted(place for place in self._places() if self._is_waiting(place[2]))
        moved: dict[Place, Place] = {}
        for _, places in groupby(waiting, key=itemgetter(0)):
            moved |= self._moved(list(places), chosen, where)
        positions = {place[2]: place[1] for place in moved.values()}
        for files in self._lanes.values():
            _replace(files.small, moved)
            _replace(files.large, moved)
        self._least = min([self._least, *positions.values()])
        self._most = max([self._most, *positions.values()])
        return positions

    def _moved(
        self, places: list[Place], chosen: Collection[TransferId], where: Shift
    ) -> dict[Place, Place]:
        """The places of one priority that become other ones."""
        rows = [row for row, place in enumerate(places) if place[2] in chosen]
        count = len(rows)
        if where is Shift.TOP:
            if rows == list(range(count)):
                return {}
            return _renumbered([places[row] for row in rows], self._least - count)
        if where is Shift.BOTTOM:
            if rows == list(range(len(places) - count, len(places))):
                return {}
            return _renumbered([places[row] for row in rows], self._most + 1)
        step = -1 if where is Shift.UP else 1
        order = list(places)
        touched: set[int] = set()
        for row in rows if where is Shift.UP else reversed(rows):
            other = row + step
            if 0 <= other < len(order) and order[other][2] not in chosen:
                order[row], order[other] = order[other], order[row]
                touched |= {row, other}
        return {order[row]: _at(order[row], places[row][1]) for row in touched}

    def _places(self) -> Iterator[Place]:
        for files in self._lanes.values():
            yield from files.small
            yield from files.large

    def _trim(self, file: list[Place]) -> bool:
        """Forget who left at the head of the line."""
        left = next((n for n, place in enumerate(file) if self._is_waiting(place[2])), len(file))
        del file[:left]
        return bool(file)


def _at(place: Place, position: int) -> Place:
    return (place[0], position, place[2])


def _renumbered(places: list[Place], first: int) -> dict[Place, Place]:
    return {place: _at(place, first + n) for n, place in enumerate(places)}


def _replace(file: list[Place], moved: Mapping[Place, Place]) -> None:
    """Put other places where these were; of many it is cheaper to sort anew."""
    if len(moved) > FEW:
        file[:] = sorted(moved.get(place, place) for place in file)
        return
    there = [place for place in moved if _is_in(file, place)]
    for place in there:
        del file[bisect_left(file, place)]
    for place in there:
        insort(file, moved[place])


def _is_in(file: list[Place], place: Place) -> bool:
    at = bisect_left(file, place)
    return file[at : at + 1] == [place]
