"""The fake of the location index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.failover.index import Copy


class MemoryIndex:
    """A location index in a dictionary."""

    def __init__(self) -> None:
        self._copies: dict[Location, dict[ConnectionId, Copy]] = {}

    async def copies(self, location: Location) -> Sequence[Copy]:
        return list(self._copies.get(location, {}).values())

    def learn(self, copies: Sequence[Copy]) -> None:
        for each in copies:
            self._copies.setdefault(each.location, {})[each.backend] = each

    def unlearn(self, location: Location, backend: ConnectionId) -> None:
        self._copies.get(location, {}).pop(backend, None)
