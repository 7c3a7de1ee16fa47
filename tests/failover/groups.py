"""Groups for tests: members over any stores, with what a test wants to turn."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from s4desk.core.domain.breaker import Breaker
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import PreconditionFailedError, UnavailableError
from s4desk.core.domain.failover import Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import ConnectionId, Generation, Location
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import Span
from s4desk.core.domain.replication.stamp import Stamp, stamped
from s4desk.core.failover.errors import IndexUnavailableError
from s4desk.core.failover.health import Health
from s4desk.core.failover.index import Copy
from s4desk.core.failover.location_cache import LocationCache
from s4desk.core.failover.member import Member, Surroundings
from s4desk.core.failover.reading import Reader
from s4desk.core.failover.store import FailoverStore
from s4desk.core.failover.usage import UsageMeter
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.request import at
from s4desk.core.store.wrapper import StoreWrapper
from s4desk.core.wire.body import BytesSink, WholeSink
from tests.failover.memory_index import MemoryIndex
from tests.store.configs import VERSIONED, put_config


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
    def next_s(self) -> float:
        """In how many seconds the next one wakes up; infinite if nobody sleeps."""
        left = (until - self._now for until, due in self._sleepers if not due.done())
        return min(left, default=math.inf)

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


class Turned(StoreWrapper):
    """A store that does what a test wants: all of it raises `error`, or waits until `is_stuck` is
    no more; bodies end with `broken` after `cut_at` bytes, in pieces of `piece`."""

    def __init__(self, inner) -> None:
        super().__init__(inner)
        self.memory = inner
        self.error = None
        self.etag = ""
        self.checksum = None
        self.cut_at = None
        self.broken = UnavailableError("the connection broke")
        self.piece = 1
        self.calls = []
        self.cancelled = 0
        self._open = asyncio.Event()
        self._open.set()

    def stick(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    async def head(self, location, *, version=None):
        found = await super().head(location, version=version)
        return replace(self._named(found), checksum=self.checksum)

    def _named(self, meta):
        return replace(meta, etag=self.etag or meta.etag)

    def count(self, operation) -> int:
        return sum(each.operation == operation for each in self.calls)

    async def get(self, location, sink, *, span=None, moved=None, algorithm="", **named):
        if self.etag and named.get("if_match"):
            if named["if_match"] != self.etag:
                self.calls.append(at("get", location))
                raise PreconditionFailedError("another one")
            named["if_match"] = ""
        if self.cut_at is None:
            options = {**named, "algorithm": algorithm, "moved": moved}
            reply = await super().get(location, sink, span=span, **options)
            return replace(reply, meta=self._named(reply.meta))
        buffer = BytesSink()
        reply = await super().get(location, buffer, span=span, **named)
        span = span or Span(0, reply.meta.size)
        data = bytes(buffer.data[span.offset : span.end])
        if isinstance(sink, WholeSink):
            sink.begin(reply.meta)
        data = data[: self.cut_at]
        for begin in range(0, len(data), self.piece):
            chunk = data[begin : begin + self.piece]
            sink.write(memoryview(chunk), span.offset + begin)
            if moved is not None:
                moved(len(chunk))
            await asyncio.sleep(0)
        raise self.broken

    async def _around(self, request, call, moved=None):
        self.calls.append(request)
        try:
            await self._open.wait()
            await asyncio.sleep(0)
            if self.error is not None:
                raise self.error
            return await call(moved)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def turns(count=60) -> None:
    """Let everybody come as far as they can."""
    for _ in range(count):
        await asyncio.sleep(0)


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
        around = Surroundings(self.meter, self.clock, self.group.timeout_s, "the group")
        self.members = [
            Member(each, each.connection, self._opener(each), self._health(chance), around)
            for each in members
        ]
        parts = (self.members, self.index, self.cache, self.clock)
        self.reader = Reader(GROUP, self.group, *parts)
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
        self.index.learn([Copy(location, ConnectionId(name)) for name in names])


def limited(name, **limits):
    return replace(Backend(ConnectionId(name)), limits=UsageLimits(**limits))


GROUP = ConnectionId("group")
CONTENT = bytes(range(64))
K = Location("b", "K")


async def world_of(names, *, holding=None, clock=None, content=CONTENT, **options):
    """Stores of these names, each with bucket b; those in `holding`, or all, hold K."""
    stores = {name: Turned(MemoryStore(["b"])) for name in names}
    for name in names if holding is None else holding:
        await stores[name].memory.put(K, content)
    return GroupWorld(stores, clock=clock or HandClock(), **options)


async def keep_versions(world, *names):
    """Have these hold K as a version, which has the same id at each."""
    for name in names:
        memory = world.stores[name].memory
        await put_config(memory, K.bucket, ConfigKind.VERSIONING, VERSIONED)
        await memory.put(K, CONTENT)
    [newest] = {(await world.stores[name].memory.head(K)).version for name in names}
    return newest


async def replicate(world, source, target, location=K, content=None):
    """Have `target` hold a replica of ours, which it calls by an ETag of its own."""
    original = await world.stores[source].head(location)
    told = stamped({}, Stamp(original.etag, None, Generation(1), original.size), location)
    sink = BytesSink()
    await world.stores[source].memory.get(location, sink)
    body = bytes(sink.data) if content is None else content
    await world.stores[target].memory.put(location, body, attributes=Attributes(metadata=told))
    world.stores[target].etag = f"made-by-{target}"


async def fetched(world, **named):
    """What the group delivers of K, and how it was told to move."""
    sink, moved = BytesSink(), []
    reply = await world.store.get(K, sink, moved=moved.append, **named)
    return bytes(sink.data), sum(moved), reply
