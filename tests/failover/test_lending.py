"""Threads that a group lends: of one backend, and seen like all that is asked of it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from s4desk.core.domain.errors import (
    LocalFileError,
    NotFoundError,
    S4DeskError,
    StalledError,
    UnavailableError,
)
from s4desk.core.domain.failover import Answer, Backend
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.failover.errors import BackendDownError, HomeDownError, UsageLimitSkip
from s4desk.core.failover.usage import Usage
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.parcels import _Recorded
from s4desk.core.wire.body import WholeSink
from s4desk.core.wire.cancellation import CancelledJobError
from tests.failover.groups import CONTENT, GroupWorld, HandClock, K, limited
from tests.transfer.lending_store import LendingStore
from tests.transfer.settle import settle


class Collected(WholeSink):
    def begin(self, meta):
        self.meta, self.data = meta, bytearray()

    def write(self, view, offset):
        self.data += view

    def end(self):
        pass


async def lending(bucket="b", **options):
    stores = {name: LendingStore(MemoryStore([bucket])) for name in "ab"}
    for store in stores.values():
        await store.memory.put(Location(bucket, "K"), CONTENT)
    return GroupWorld(stores, clock=HandClock(), **options)


async def lent(world, call):
    """What `call` makes of a lent thread's requests, and which backend has served them."""
    told, answers = [], []

    def work(direct):
        listen_to_answers(answers.append)
        told.append(call(direct))

    await world.store.directly(work)
    return told[0], answers


def read(direct, location=K):
    sink = Collected()
    direct.get(location, sink)
    return bytes(sink.data)


async def test_it_is_of_the_first():
    world = await lending()
    data, answers = await lent(world, read)
    assert (data, answers) == (CONTENT, [Answer("a")])
    assert (world.reader.counters.reads, world.reader.counters.failovers) == (1, 0)
    assert world.meter.of(ConnectionId("a")) == Usage(1, len(CONTENT))


async def test_it_is_of_the_first_that_is_well_and_writes_nothing_there():
    world = await lending()
    world.member("a").health.pretend_down(is_down=True)
    data, answers = await lent(world, read)
    assert (data, answers) == (CONTENT, [Answer("b", is_failover=True, may_be_old=True)])
    assert (world.reader.counters.reads, world.reader.counters.failovers) == (1, 1)
    with pytest.raises(HomeDownError):
        await lent(world, lambda direct: direct.put(K, b"new"))


async def test_writes_are_counted():
    world = await lending()
    await lent(world, lambda direct: direct.put(K, b"new"))
    assert world.meter.of(ConnectionId("a")) == Usage(1, 0, 3)


async def test_where_nobody_is_well_nobody_is_asked():
    world = await lending()
    for each in world.members:
        each.health.pretend_down(is_down=True)
    with pytest.raises(BackendDownError):
        await lent(world, read)
    assert world.stores["a"].calls == []


async def test_limits_hold():
    world = await lending(backends={"a": limited("a", requests=1)})
    await lent(world, read)
    with pytest.raises(UsageLimitSkip):
        await lent(world, read)


async def test_failures_are_seen():
    world = await lending()
    for _ in range(5):
        world.stores["a"].fail("get", UnavailableError("away"))
        with pytest.raises(UnavailableError):
            await lent(world, read)
    assert not world.member("a").health.report.is_well
    with pytest.raises(NotFoundError):
        await lent(world, lambda direct: read(direct, Location("b", "absent")))
    assert world.member("b").health.report.is_well


async def test_who_looks_before_he_writes_is_not_answered_by_another():
    world = await lending()
    for _ in range(5):
        world.member("a").health.failed(UnavailableError("away"))
    with pytest.raises(HomeDownError):
        await lent(world, lambda direct: direct.head(K))


async def test_names_of_buckets_are_those_of_the_group():
    names = Backend(ConnectionId("a"), (("b", "there"),))
    world = await lending("there", backends={"a": names})
    assert (await lent(world, read))[0] == CONTENT
    meta, _ = await lent(world, lambda direct: direct.head(K))
    assert meta.location == K


async def test_a_thread_in_which_nothing_moves_is_not_waited_for():
    world = await lending(timeout_s=4)
    world.stores["a"].let_through(0)
    told = []

    def work(direct):
        try:
            read(direct)
        except CancelledJobError as error:
            told.append(error)

    reading = asyncio.ensure_future(world.store.directly(work))
    await settle(world.stores["a"].is_stuck)
    world.clock.advance(4)
    with pytest.raises(StalledError):
        await reading
    assert isinstance(world.member("a").health.report.error, StalledError)
    assert len(told) == 1


async def test_its_time_begins_with_its_request():
    world = await lending(timeout_s=4)
    world.stores["a"].let_through(0)
    may_begin, tokens = threading.Event(), []

    def work(direct):
        tokens.append(direct.token)
        assert may_begin.wait(10)
        with suppress(CancelledJobError):
            read(direct)

    reading = asyncio.ensure_future(world.store.directly(work))
    await settle(lambda: world.stores["a"].lent == 1)
    world.clock.advance(3)
    may_begin.set()
    await settle(world.stores["a"].is_stuck)
    world.clock.advance(3)
    await settle()
    assert not tokens[0].is_cancelled
    world.clock.advance(1)
    with pytest.raises(StalledError):
        await reading


async def test_a_write_in_one_is_waited_for():
    world = await lending(timeout_s=4)
    world.stores["a"].hold("K")
    writing = asyncio.ensure_future(lent(world, lambda direct: direct.put(K, b"new")))
    await settle(lambda: world.stores["a"].direct == 1)
    world.clock.advance(1000)
    await settle()
    assert not writing.done()
    world.stores["a"].let_go()
    await writing


async def test_what_one_backend_refuses_is_no_answer_of_the_group():
    """A transfer that is told again what the store has answered would fail for good."""
    world = await lending()
    world.member("a").health.pretend_down(is_down=True)
    told = []

    def work(direct):
        recorded = _Recorded(direct, told)
        for refused in (
            lambda: recorded.put(K, b"new"),
            lambda: recorded.head(K),
            lambda: read(recorded, Location("b", "none")),
        ):
            with pytest.raises(S4DeskError):
                refused()
        read(recorded)

    await world.store.directly(work)
    assert [operation for operation, _ in told] == ["get"]
    assert not isinstance(told[0][1], S4DeskError)


async def test_a_full_disk_is_no_backend_s():
    class Full(Collected):
        def write(self, view, offset):
            raise LocalFileError(Path("/x"), OSError(28, "full"))

    world = await lending()
    with pytest.raises(LocalFileError) as caught:
        await world.store.get(K, Full())
    assert caught.value.backend == ""
