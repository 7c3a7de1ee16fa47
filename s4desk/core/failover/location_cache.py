"""Who had an object when nobody knew: remembered for a while."""

from __future__ import annotations

from collections import OrderedDict
from random import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.runtime.clock import Clock

TTL_S: Final = 300.0
JITTER: Final = 0.2
"""Entries that came together do not all go together."""
MOST: Final = 100_000


class LocationCache:
    """The winners of broadcasts, each for TTL_S seconds, a fifth more or less."""

    def __init__(
        self, clock: Clock, chance: Callable[[], float] = random, *, most: int = MOST
    ) -> None:
        """`chance` gives numbers from 0 to 1."""
        self._clock = clock
        self._chance = chance
        self._most = most
        self._entries: OrderedDict[Location, tuple[ConnectionId, float]] = OrderedDict()

    def get(self, location: Location) -> ConnectionId | None:
        found = self._entries.get(location)
        if found is None:
            return None
        backend, until = found
        if self._clock.monotonic() >= until:
            del self._entries[location]
            return None
        return backend

    def put(self, location: Location, backend: ConnectionId) -> None:
        life_s = TTL_S * (1 + JITTER * (2 * self._chance() - 1))
        self._entries[location] = backend, self._clock.monotonic() + life_s
        self._entries.move_to_end(location)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def forget(self, location: Location) -> None:
        self._entries.pop(location, None)
