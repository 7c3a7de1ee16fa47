"""A request in which nothing moves is not waited for."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.errors import StalledError, UnavailableError
from s4desk.core.domain.transfer import WaitKind
from s4desk.core.failover.errors import BackendDownError
from s4desk.core.failover.watchdog import Pulse, Watchdog
from s4desk.core.runtime.threads import settled
from s4desk.core.store.limits import LimitedStore, Slots
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.request import at
from s4desk.core.store.waits import waiting, watch
from tests.failover.groups import CONTENT, GroupWorld, HandClock, K, fetched, turns, world_of


class Watch:
    """A watched request that ends when a test says so; `stubborn` ones not before, cancelled."""

    def __init__(self, *, stubborn=False, call=None):
        self.clock = HandClock()
        self.pulse = Pulse(self.clock)
        self.end = asyncio.get_running_loop().create_future()
        self.was_cancelled = False
        self._stubborn = stubborn
        watchdog = Watchdog(10, self.clock)
        self.task = asyncio.ensure_future(watchdog.watched(call or self._call, self.pulse))

    async def _call(self):
        try:
            return await asyncio.shield(self.end)
        except asyncio.CancelledError:
            self.was_cancelled = True
            if not self._stubborn:
                raise
        return await self.end

    async def pass_s(self, seconds):
        """As time passes where nobody holds up the loop."""
        await turns(10)
        while (step := self.clock.next_s) <= seconds:
            self.clock.advance(step)
            seconds -= step
            await turns(10)
        self.clock.advance(seconds)
        await turns(10)


async def test_what_ends_in_time_is_given():
    each = Watch()
    await each.pass_s(9.9)
    each.end.set_result("done")
    assert await each.task == "done"
    await turns(5)
    assert each.clock.sleepers == 0


async def test_nothing_for_so_long_and_it_is_stopped():
    each = Watch()
    await each.pass_s(9.9)
    assert not each.task.done()
    await each.pass_s(0.1)
    with pytest.raises(StalledError):
        await each.task
    assert each.was_cancelled


async def test_so_long_is_counted_from_the_last_byte():
    each = Watch()
    for _ in range(5):
        await each.pass_s(7)
        each.pulse(1)
    await each.pass_s(9.9)
    assert not each.task.done()
    await each.pass_s(0.1)
    with pytest.raises(StalledError):
        await each.task


async def test_waiting_for_ones_turn_is_no_stall():
    each = Watch()
    with each.pulse.waits(WaitKind.SLOT, 0):
        await each.pass_s(1000)
        await each.pass_s(1000)
    await each.pass_s(9.9)
    assert not each.task.done()
    await each.pass_s(0.1)
    with pytest.raises(StalledError):
        await each.task


async def test_time_begins_when_ones_turn_has_come():
    each = Watch()
    with each.pulse.waits(WaitKind.SLOT, 0):
        await each.pass_s(1000)
        await each.pass_s(5)
    await each.pass_s(9.9)
    assert not each.task.done()
    await each.pass_s(0.1)
    with pytest.raises(StalledError):
        await each.task


async def test_waits_of_the_request_are_heard_of_by_those_who_heard_before():
    heard = []

    async def call():
        with waiting(WaitKind.THROTTLED, 3):
            return "done"

    class told:  # noqa: N801 - a context
        def __init__(self, kind, seconds):
            heard.append((kind, seconds))

        __enter__ = __exit__ = lambda *_: None

    watch(told)
    assert await Watch(call=call).task == "done"
    assert heard == [(WaitKind.THROTTLED, 3)]


async def test_waiting_for_a_slot_is_no_stall():
    slots = Slots(1)
    await slots.enter()

    async def call():
        async with slots.entered():
            return "done"

    each = Watch(call=call)
    await each.pass_s(1000)
    slots.leave()
    assert await each.task == "done"


async def test_a_loop_that_was_held_up_hears_first_of_what_came_meanwhile():
    each = Watch()
    await turns(10)
    each.clock.advance(30)
    await turns(2)
    each.end.set_result("done")
    assert await each.task == "done"
    assert not each.was_cancelled


async def test_what_still_is_quiet_after_that_is_stopped():
    each = Watch()
    await turns(10)
    each.clock.advance(30)
    await turns(10)
    assert not each.task.done()
    await each.pass_s(1)
    with pytest.raises(StalledError):
        await each.task


async def test_nobody_goes_on_while_a_thread_is_at_it_still():
    each = Watch(stubborn=True)
    await each.pass_s(10)
    assert each.was_cancelled
    assert not each.task.done()
    each.end.set_exception(UnavailableError("cut off"))
    with pytest.raises(UnavailableError, match="cut off"):
        await each.task


async def test_what_was_done_before_it_could_be_stopped_is_done():
    each = Watch(stubborn=True)
    await each.pass_s(10)
    each.end.set_result("done")
    assert await each.task == "done"


@pytest.mark.parametrize("stall_s", [0, 10])
async def test_who_cancels_is_heard(stall_s):
    """Also while a stalled request comes to its end, and not before that."""
    end = asyncio.get_running_loop().create_future()
    each = Watch(call=lambda: settled(end))
    await each.pass_s(stall_s)
    each.task.cancel()
    await each.pass_s(10)
    assert not each.task.done()
    end.set_exception(UnavailableError("cut off"))
    await asyncio.wait([each.task])
    assert each.task.cancelled()


async def test_who_was_stopped_may_go_on():
    """Whoever has asked in vain asks another one, in the same task."""

    async def twice():
        with pytest.raises(StalledError):
            await watchdog.watched(asyncio.get_running_loop().create_future, Pulse(clock))
        await asyncio.sleep(0)
        return asyncio.current_task().cancelling()

    clock = HandClock()
    watchdog = Watchdog(10, clock)
    task = asyncio.ensure_future(twice())
    await turns(5)
    clock.advance(10)
    assert await task == 0


async def test_each_of_several_is_stopped_in_its_time():
    clock = HandClock()
    watchdog = Watchdog(10, clock)
    ends = []
    for count in range(3):
        pulse = Pulse(clock)
        wait = asyncio.get_running_loop().create_future
        ends.append(asyncio.ensure_future(watchdog.watched(wait, pulse)))
        await turns(5)
        assert clock.sleepers == 1, count
        clock.advance(3)
        await turns(5)
    stopped = []
    for _ in range(10):
        stopped.append(sum(each.done() for each in ends))
        clock.advance(1)
        await turns(5)
    assert stopped == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert clock.sleepers == 0
    assert {type(each.exception()) for each in ends} == {StalledError}


async def test_bytes_are_counted_and_passed_on():
    told = []
    pulse = Pulse(HandClock(), told.append)
    for count in (5, -5, 7):
        pulse(count)
    assert pulse.total == 12
    assert told == [5, -5, 7]


# In a group


async def test_a_backend_that_stalls_is_left():
    world = await world_of("ab", timeout_s=4)
    etag = (await world.store.head(K)).etag
    world.stores["a"].stick()
    reading = asyncio.ensure_future(fetched(world, if_match=etag))
    await turns()
    world.clock.advance(3.9)
    await turns()
    assert not reading.done()
    world.clock.advance(0.1)
    data, _, reply = await reading
    assert reply.meta.size == len(data)
    assert isinstance(world.member("a").health.report.error, StalledError)
    assert world.stores["a"].cancelled == 1


async def test_whoever_waits_in_line_for_one_that_has_failed_is_turned_away():
    world = await world_of("ab", timeout_s=4)
    stalled = world.stores["a"]
    world.stores["a"] = LimitedStore(stalled, requests=Slots(1))
    for _ in range(4):
        world.member("a").health.failed(UnavailableError("away"))
    stalled.stick()
    readings = [asyncio.ensure_future(world.store.head(K)) for _ in range(3)]
    await turns()
    assert stalled.count("head") == 1
    world.clock.advance(4)
    await turns(200)
    assert all(each.done() for each in readings)
    assert {each.result().size for each in readings} == {len(CONTENT)}
    assert isinstance(world.member("a").health.report.error, StalledError)


async def test_what_was_sent_is_not_turned_away():
    """It has not waited for its turn, and may be answered yet."""
    world = await world_of("ab", timeout_s=4)
    world.stores["a"].stick()
    reading = asyncio.ensure_future(world.store.head(K))
    await turns()
    for _ in range(5):
        world.member("a").health.failed(UnavailableError("away"))
    with pytest.raises(BackendDownError):
        await world.member("a").ask(at("head", K), lambda store, _: store.head(K))
    await turns()
    assert not reading.done()
    world.stores["a"].go_on()
    await reading
    assert world.stores["b"].calls == []


async def test_a_write_is_waited_for():
    """Nobody else can do it, and the store may be at it."""
    world = await world_of("ab", timeout_s=4)
    world.stores["a"].stick()
    writing = asyncio.ensure_future(world.store.put(K, b"new"))
    await turns()
    world.clock.advance(1000)
    await turns()
    assert not writing.done()
    world.stores["a"].go_on()
    await writing


async def test_whoever_has_to_sign_in_may_take_his_time():
    clock = HandClock()
    world = GroupWorld({"a": MemoryStore(["b"])}, clock=clock, timeout_s=10)
    await world.stores["a"].put(K, CONTENT)
    signed_in = asyncio.Event()
    member = world.member("a")
    opened = member._open

    async def open_slowly():
        await signed_in.wait()
        return await opened()

    member._open = open_slowly
    looking = asyncio.ensure_future(world.store.head(K))
    await turns(10)
    clock.advance(1000)
    await turns(10)
    assert not looking.done()
    signed_in.set()
    assert (await looking).size == len(CONTENT)
