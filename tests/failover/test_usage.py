"""What backends were used for, and what they may be used for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.failover import NO_LIMITS, UsageLimits
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.parts import Span
from s4desk.core.failover.errors import UsageLimitSkip
from s4desk.core.failover.usage import NOTHING, Usage, UsageMeter
from s4desk.core.wire.body import BytesSink
from tests.failover.groups import CONTENT, HandClock, K, limited, turns, world_of

GROUP, A, B = ConnectionId("group"), ConnectionId("a"), ConnectionId("b")
ONE = Usage(requests=1)


class Shelf:
    """In a dictionary; waits at `gate`, and fails with `error`."""

    def __init__(self):
        self.kept = {}
        self.lost = None
        self.error = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.calls = 0

    async def add(self, group, month, used):
        self.calls += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        kept = self.kept.setdefault((group, month), {})
        for backend, each in used.items():
            kept[backend] = kept.get(backend, NOTHING) + each
        return dict(kept)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def meter(clock):
    return UsageMeter(GROUP, clock)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.mark.parametrize(
    ("limits", "used", "wanted", "is_beyond"),
    [
        (NO_LIMITS, Usage(10**9, 10**15, 10**15), ONE, False),
        (UsageLimits(requests=3), Usage(requests=2), ONE, False),
        (UsageLimits(requests=3), Usage(requests=3), ONE, True),
        (UsageLimits(egress=100), Usage(5, 90), Usage(1, 10), False),
        (UsageLimits(egress=100), Usage(5, 90), Usage(1, 11), True),
        (UsageLimits(ingress=100), Usage(5, 10**9, 90), Usage(1, 0, 11), True),
        (UsageLimits(egress=100), Usage(5, 100), ONE, False),
        (UsageLimits(egress=100), Usage(5, 101), ONE, True),
    ],
)
def test_what_would_exceed_a_limit_is_skipped(meter, limits, used, wanted, is_beyond):
    meter.count(A, used)
    if is_beyond:
        with pytest.raises(UsageLimitSkip):
            meter.admit(A, limits, wanted)
    else:
        meter.admit(A, limits, wanted)


def test_what_is_promised_counts_until_it_is_used(meter):
    limits = UsageLimits(egress=100)
    promised = meter.admit(A, limits, Usage(1, 60))
    with pytest.raises(UsageLimitSkip):
        meter.admit(A, limits, Usage(1, 60))
    assert meter.of(A) == NOTHING
    meter.count(A, Usage(1, 20), promised)
    assert meter.of(A) == Usage(1, 20)
    meter.admit(A, limits, Usage(1, 80))


def test_each_backend_has_its_own(meter):
    meter.count(A, Usage(1, 2, 3))
    assert meter.of(B) == NOTHING


async def test_a_month_ends_in_utc(meter, clock, shelf):
    clock.start = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    turning = UsageMeter(GROUP, clock)
    turning.count(A, ONE)
    await turning.keep(shelf)
    turning.count(A, ONE)
    clock.advance(1)
    assert turning.month == "2026-12"
    assert turning.of(A) == NOTHING
    turning.count(A, ONE)
    await turning.keep(shelf)
    assert shelf.kept == {(GROUP, "2026-11"): {A: ONE}, (GROUP, "2026-12"): {A: ONE}}


async def test_what_others_used_counts(meter, shelf):
    shelf.kept[GROUP, meter.month] = {A: Usage(requests=5)}
    await meter.keep(shelf)
    assert meter.of(A) == Usage(requests=5)
    with pytest.raises(UsageLimitSkip):
        meter.admit(A, UsageLimits(requests=5), ONE)


async def test_it_is_known_while_it_is_put_down(meter, shelf):
    meter.count(A, ONE)
    shelf.gate.clear()
    keeping = asyncio.ensure_future(meter.keep(shelf))
    await turns()
    assert meter.of(A) == ONE
    meter.count(A, ONE)
    shelf.gate.set()
    await keeping
    assert meter.of(A) == Usage(requests=2)
    assert meter.has_news
    await meter.keep(shelf)
    assert not meter.has_news
    assert shelf.kept[GROUP, meter.month] == {A: Usage(requests=2)}


async def test_a_failure_loses_nothing(meter, shelf):
    meter.count(A, ONE)
    shelf.error = S4DeskError("full")
    with pytest.raises(S4DeskError):
        await meter.keep(shelf)
    assert meter.of(A) == ONE
    shelf.error = None
    await meter.keep(shelf)
    assert shelf.kept[GROUP, meter.month] == {A: ONE}


async def test_a_cancellation_counts_nothing_twice(meter, shelf):
    meter.count(A, ONE)
    shelf.gate.clear()
    keeping = asyncio.ensure_future(meter.keep(shelf))
    await turns()
    keeping.cancel()
    await turns()
    assert not keeping.done()
    shelf.gate.set()
    await asyncio.wait([keeping])
    assert keeping.cancelled()
    await meter.keep(shelf)
    assert shelf.kept[GROUP, meter.month] == {A: ONE}
    assert meter.of(A) == ONE


async def test_two_at_once_are_put_down_one_after_the_other(meter, shelf):
    shelf.gate.clear()
    meter.count(A, ONE)
    first = asyncio.ensure_future(meter.keep(shelf))
    await turns()
    meter.count(A, ONE)
    second = asyncio.ensure_future(meter.keep(shelf))
    await turns()
    assert shelf.calls == 1
    shelf.gate.set()
    await asyncio.gather(first, second)
    assert meter.of(A) == Usage(requests=2)


# In a group


async def test_every_request_is_counted_and_every_byte():
    world = await world_of("a", backends={"a": limited("a", requests=100)})
    await world.store.head(K)
    await world.store.get(K, BytesSink())
    await world.store.get(K, BytesSink(), span=Span(0, 10))
    await world.store.put(K, b"12345")
    assert world.meter.of(A) == Usage(4, len(CONTENT) + 10, 5)


async def test_a_request_that_was_not_made_is_not_counted():
    world = await world_of("ab", backends={"a": limited("a", requests=1)})
    world.member("a").health.pretend_down(is_down=True)
    for _ in range(3):
        await world.store.head(K)
    assert world.meter.of(A) == NOTHING
    world.member("a").health.pretend_down(is_down=False)
    await world.store.head(K)
    assert world.meter.of(A) == ONE


async def test_what_broke_off_is_counted_as_far_as_it_came():
    world = await world_of("ab")
    world.stores["a"].cut_at = 20
    await world.store.get(K, BytesSink())
    assert world.meter.of(A) == Usage(1, 20)


async def test_a_cancelled_request_keeps_no_promise():
    world = await world_of("a", backends={"a": limited("a", egress=len(CONTENT))})
    world.stores["a"].stick()
    span = Span(0, len(CONTENT))
    reading = asyncio.ensure_future(world.store.get(K, BytesSink(), span=span))
    await turns()
    reading.cancel()
    await asyncio.wait([reading])
    world.stores["a"].go_on()
    await world.store.get(K, BytesSink(), span=span)
