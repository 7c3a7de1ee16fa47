"""Slots: a cap, in order, that survives cancellation and change."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.parts import Span
from s4desk.core.store.limits import (
    GLANCE_SLOTS,
    REQUEST_SLOTS,
    BodySlots,
    LimitedStore,
    Slots,
    wait_as,
)
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.readers import READERS
from s4desk.core.wire.body import SMALL_BODY, BytesSink, GlanceSink, Slice
from s4desk.core.wire.pool import GLANCE_THREADS, INTERACTIVE_THREADS
from tests.store.scripted import ScriptedStore


def key(number):
    return Location("bucket", f"k{number}")


@pytest.fixture
def script():
    return ScriptedStore(MemoryStore(["bucket"]))


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_only_so_many_requests_are_under_way(script):
    store = LimitedStore(script, requests=Slots(3))
    script.open.clear()
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(store.list_buckets())
        await settle()
        assert script.inside == 3
        script.open.set()
    assert (script.most_inside, len(script.seen)) == (3, 10)


async def test_bodies_do_not_keep_requests_waiting(script):
    store = LimitedStore(script, requests=Slots(1), bodies=BodySlots(1))
    script.open.clear()
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(store.put(key(number), b"x"))
        group.create_task(store.list_buckets())
        await settle()
        assert sorted(script.seen) == ["list_buckets", "put"]
        script.open.set()


async def test_small_bodies_have_more_room_and_their_own(script):
    large = Slice(Nothing(), Span(0, SMALL_BODY + 1))
    bodies = BodySlots(2)
    store = LimitedStore(script, bodies=bodies)
    script.open.clear()
    async with asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(store.put(key(number), large))
            group.create_task(store.put(key(10 + number), b"x"))
        await settle()
        assert script.inside == 2 + 8
        bodies.size = 1
        script.open.set()
    assert (bodies.large.size, bodies.small.size) == (1, 1)


class Nothing:
    def read_into(self, view: memoryview, offset: int) -> None:
        """Leave what is there."""


async def test_a_long_listing_leaves_room_for_a_click(script):
    store = LimitedStore(script)
    script.open.clear()
    async with asyncio.TaskGroup() as group:
        for _ in range(READERS):
            group.create_task(store.list_objects(Prefix("bucket")))
        for _ in range(3):
            group.create_task(store.list_buckets())
        await settle()
        assert script.seen.count("list_buckets") == 3
        script.open.set()
    # Each request takes a thread.
    assert INTERACTIVE_THREADS >= REQUEST_SLOTS


async def test_a_failed_request_gives_its_slot_back(script):
    store = LimitedStore(script, requests=Slots(1))
    for _ in range(3):
        with pytest.raises(NotFoundError):
            await store.head(key(0))


class Crowd:
    """Tasks that enter the slots in a known order and stay until they are let go."""

    def __init__(self, size: int) -> None:
        self.slots = Slots(size)
        self.entered: list[int] = []
        self.go = [asyncio.Event() for _ in range(10)]

    async def visit(self, number):
        async with self.slots.entered():
            self.entered.append(number)
            await self.go[number].wait()

    def start(self, group, numbers):
        return [group.create_task(self.visit(number)) for number in numbers]


async def test_the_first_to_wait_is_the_first_to_enter():
    crowd = Crowd(1)
    async with asyncio.TaskGroup() as group:
        crowd.start(group, range(4))
        await settle()
        for number in range(4):
            assert crowd.entered == list(range(number + 1))
            crowd.go[number].set()
            await settle()


async def test_nobody_jumps_the_queue_when_a_slot_becomes_free():
    crowd = Crowd(1)
    async with asyncio.TaskGroup() as group:
        crowd.start(group, (0, 1))
        await settle()
        crowd.go[0].set()
        late = asyncio.create_task(crowd.visit(2))
        await settle()
        assert crowd.entered == [0, 1]
        crowd.go[1].set()
        crowd.go[2].set()
        await late


async def test_the_size_may_grow_and_shrink_while_some_wait():
    crowd = Crowd(1)
    async with asyncio.TaskGroup() as group:
        crowd.start(group, range(5))
        await settle()
        crowd.slots.size = 3
        await settle()
        assert crowd.entered == [0, 1, 2]
        crowd.slots.size = 1
        for number in (0, 1):
            crowd.go[number].set()
        await settle()
        assert crowd.entered == [0, 1, 2]
        for event in crowd.go:
            event.set()
    assert crowd.entered == [0, 1, 2, 3, 4]


async def test_the_size_is_at_least_one():
    slots = Slots(2)
    slots.size = 0
    assert slots.size == 1


async def test_a_cancelled_waiter_is_forgotten():
    crowd = Crowd(1)
    async with asyncio.TaskGroup() as group:
        _, second, _ = crowd.start(group, range(3))
        await settle()
        second.cancel()
        crowd.go[0].set()
        await settle()
        assert crowd.entered == [0, 2]
        crowd.go[2].set()


async def test_a_waiter_cancelled_in_the_moment_it_is_admitted_loses_no_slot():
    crowd = Crowd(1)
    async with asyncio.TaskGroup() as group:
        first, second = crowd.start(group, range(2))
        await settle()
        crowd.go[0].set()
        for _ in range(10):
            if not crowd.slots._lines:
                break
            await asyncio.sleep(0)
        # Admitted, but its task has not run yet.
        assert (len(crowd.slots._lines), crowd.entered) == (0, [0])
        second.cancel()
        await settle()
        assert first.done()
        crowd.go[2].set()
        await asyncio.wait_for(crowd.visit(2), 5)
    assert crowd.entered == [0, 2]


async def test_parties_take_turns_however_many_each_has_waiting():
    slots, entered = Slots(1), []

    async def enter(name):
        async with slots.entered():
            entered.append(name)

    async def work(party, count):
        wait_as(party)
        async with asyncio.TaskGroup() as group:
            for number in range(1, count + 1):
                group.create_task(enter(f"{party}{number}"))

    await slots.enter()
    async with asyncio.TaskGroup() as group:
        for party, count in (("a", 5), ("b", 2), ("c", 1)):
            group.create_task(work(party, count))
            await settle()
        slots.leave()
    assert entered == ["a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"]


async def test_who_gives_up_does_not_cost_his_party_the_turn():
    slots, entered = Slots(1), []

    async def enter(party, name):
        wait_as(party)
        async with slots.entered():
            entered.append(name)

    await slots.enter()
    waiting = [("a", "a1"), ("a", "a2"), ("b", "b1"), ("c", "c1"), ("b", "b2")]
    tasks = [asyncio.create_task(enter(*each)) for each in waiting]
    await settle()
    for gone in (0, 3):
        tasks[gone].cancel()
    await settle()
    slots.leave()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert entered == ["a2", "b1", "b2"]
    await asyncio.wait_for(slots.enter(), 1)


async def test_what_a_person_waits_to_see_goes_ahead_of_transfers(script):
    await script.put(key(0), b"x")
    store = LimitedStore(script, requests=Slots(1), bodies=BodySlots(1))
    script.seen.clear()
    script.open.clear()
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(store.get(key(0), BytesSink()))
        await settle()
        for _ in range(GLANCE_SLOTS + 1):
            group.create_task(store.get(key(0), GlanceSink()))
        await settle()
        assert script.inside == 1 + GLANCE_SLOTS
        script.open.set()
    # Each takes a thread.
    assert GLANCE_THREADS >= GLANCE_SLOTS
