"""How replication goes is told as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId, Generation
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.meter import RATE_S, SAMPLES, Meter
from s4desk.core.replication.table import Record, Seen, Source, Task, Write
from tests.transfer.fake_clock import FakeClock

SOURCE = Source(ConnectionId("c"), "b")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def meter(clock: FakeClock) -> Meter:
    clock.advance(1000)
    return Meter(clock)


def ended(
    clock: FakeClock,
    status: Status = Status.COMPLETED,
    *,
    seen_s: float = 0,
    written_s: float | None = None,
    size: int = 10,
    attempts: int = 1,
    is_found: bool = False,
) -> Record:
    """Of a write that was made and seen so many seconds ago."""
    now = clock.now()
    modified = None if written_s is None else now - timedelta(seconds=written_s)
    write = Write("k", Seen("e", size, modified), "r")
    task = Task(SOURCE, write, Generation(1), now - timedelta(seconds=seen_s))
    return Record(task, status, attempts, is_found=is_found)


def test_what_was_there_already_was_not_replicated(meter, clock):
    meter.told([ended(clock, is_found=True), ended(clock)])
    course = meter.course(SOURCE, "r")
    assert (course.completed, course.found, course.bytes) == (1, 1, 10)
    assert meter.rate(SOURCE, "r")[1] == 10 / RATE_S


def test_the_lag_is_from_the_write_to_its_replica(meter, clock):
    clock.advance(100)
    meter.told([ended(clock, seen_s=2, written_s=each) for each in range(1, 101)])
    course = meter.course(SOURCE, "r")
    assert (course.lag(0.5), course.lag(0.99)) == (51, 100)
    assert meter.course(SOURCE, "another").lag(0.5) is None


@pytest.mark.parametrize("written_s", [None, 500])
def test_what_was_written_before_the_engine_began_waits_since_it_was_seen(meter, clock, written_s):
    clock.advance(100)
    meter.told([ended(clock, seen_s=7, written_s=written_s)])
    assert meter.course(SOURCE, "r").lag(0.5) == 7


def test_only_the_latest_are_remembered(meter, clock):
    meter.told([ended(clock, seen_s=500)] * SAMPLES)
    meter.told([ended(clock, seen_s=1)] * SAMPLES)
    course = meter.course(SOURCE, "r")
    assert course.lag(0.99) == 1
    assert course.completed == 2 * SAMPLES
    assert course.bytes == 20 * SAMPLES


def test_the_rate_is_that_of_the_last_seconds(meter, clock):
    meter.told([ended(clock, size=300)] * 60)
    assert meter.rate(SOURCE, "r") == (60 / RATE_S, 18_000 / RATE_S)
    clock.advance(RATE_S + 1)
    assert meter.rate(SOURCE, "r") == (0, 0)


def test_each_minute_has_its_own_sums(meter, clock):
    meter.told([ended(clock), ended(clock, Status.FAILED, attempts=3)])
    clock.advance(120)
    meter.told([ended(clock), ended(clock, Status.PENDING), ended(clock, Status.NONE)])
    course = meter.course(SOURCE, "r")
    told = [(each.completed, each.failed, each.bytes) for each in course.minutes]
    assert told == [(1, 1, 10), (1, 0, 10)]
    assert course.minutes[1].at - course.minutes[0].at == 120
    assert course.attempts == 6
