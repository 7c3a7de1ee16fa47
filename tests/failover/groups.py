"""Groups for tests: members over any stores, with what a test wants to turn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from s4desk.core.domain.breaker import Breaker
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.errors import IndexUnavailableError
from s4desk.core.failover.health import Health
from s4desk.core.failover.index import MemoryIndex
from s4desk.core.failover.location_cache import LocationCache
from s4desk.core.failover.member import Member, Surroundings
from s4desk.core.failover.reading import Reader
from s4desk.core.failover.store import FailoverStore
from s4desk.core.failover.usage import UsageMeter
from s4desk.core.runtime.clock import SystemClock


class HandClock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.start = datetime(2026, 11, 20, tzinfo=UTC)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        due = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, due))
        await due

    def advance(self, seconds: float) -> None:
        self._now += seconds
        for until, due in self._sleepers:
            if until <= self._now and not due.done():
                due.set_result(None)
        self._sleepers = [each for each in self._sleepers if not each[1].done()]

    @property
    def sleepers(self) -> int:
        return sum(not due.done() for _, due in self._sleepers)


class BreakableIndex(MemoryIndex):
    """A location index that can be made unavailable."""

    def __init__(self) -> None:
        super().__init__()
        self.is_broken = False

    async def copies(self, location):
        if self.is_broken:
            raise IndexUnavailableError
        return await super().copies(location)


class GroupWorld:
    """A group of stores, by names that are ids too, and all that belongs to it."""

    def __init__(self, stores, *, clock=None, backends=None, chance=lambda: 0.0, **options) -> None:
        self.clock = clock or SystemClock()
        self.stores = stores
        self.meter = UsageMeter(ConnectionId("group"), self.clock)
        self.index = BreakableIndex()
        self.cache = LocationCache(self.clock, chance)
        given = backends or {}
        members = [given.get(name, Backend(ConnectionId(name))) for name in stores]
        self.group = FailoverGroup(tuple(members), **options)
        around = Surroundings(self.meter, self.clock, self.group.timeout_s)
        self.members = [
            Member(each, each.connection, self._opener(each), self._health(chance), around)
            for each in members
        ]
        self.reader = Reader(self.group, self.members, self.index, self.cache, self.clock)
        self.store = FailoverStore(self.reader)

    def _health(self, chance):
        return Health(self.clock, Breaker(chance=chance))

    def _opener(self, backend):
        async def open_store():
            found = self.stores[backend.connection]
            if isinstance(found, Exception):
                raise found
            return found

        return open_store

    def member(self, name):
        return next(each for each in self.members if each.id == name)

    def learn(self, location, *names):
        """Have the index know who holds an object."""
        from s4desk.core.failover.index import Copy

        self.index.learn([Copy(location, ConnectionId(name)) for name in names])


def limited(name, **limits):
    from s4desk.core.domain.failover import UsageLimits

    return replace(Backend(ConnectionId(name)), limits=UsageLimits(**limits))
