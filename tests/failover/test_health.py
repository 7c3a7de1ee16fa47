"""How a backend is, by what its requests come to."""

from __future__ import annotations

import pytest

from s4desk.core.domain.breaker import Breaker, BreakerState, Patience
from s4desk.core.domain.errors import (
    ClockSkewError,
    CredentialsError,
    IntegrityError,
    InvalidRequestError,
    LocalFileError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    ProxyRefusedError,
    StalledError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.failover.errors import BackendDownError
from s4desk.core.failover.health import Health
from tests.failover.groups import HandClock

AWAY = UnavailableError("away")
FAILURES = [
    AWAY,
    UnreachableError("no way"),
    StalledError("no byte"),
    TlsError("not trusted"),
    ProxyRefusedError("407"),
    MalformedReplyError("HTML"),
    IntegrityError("other bytes"),
    UnauthenticatedError("expired"),
    ClockSkewError("late"),
    CredentialsError("none"),
    ThrottledError("no service", status=503, code="ServiceUnavailable"),
    ThrottledError("no service", status=503),
]
ANSWERS = [
    NotFoundError("none"),
    PermissionDeniedError("not you"),
    PreconditionFailedError("another"),
    InvalidRequestError("no"),
]


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def health(clock):
    return Health(clock, Breaker(chance=lambda: 0.0))


def opened(health, error=AWAY):
    for _ in range(5):
        health.came_to(error, health.admit())
    return health


@pytest.mark.parametrize("error", FAILURES, ids=lambda each: type(each).__name__)
def test_five_failures_in_a_row_open_it(health, error):
    for _ in range(4):
        health.came_to(error, health.admit())
        assert health.report.is_well
    health.came_to(error, health.admit())
    assert health.report.state is BreakerState.OPEN
    assert health.report.error is error
    with pytest.raises(BackendDownError) as raised:
        health.admit()
    assert raised.value.cause is error


@pytest.mark.parametrize("error", ANSWERS, ids=lambda each: type(each).__name__)
def test_an_answer_is_none_and_ends_the_row(health, error):
    for _ in range(3):
        for failure in [AWAY] * 4:
            health.came_to(failure, health.admit())
        health.came_to(error, health.admit())
    assert health.report.is_well
    assert health.report.error is None


@pytest.mark.parametrize(
    "error",
    [
        ThrottledError("slow down", status=503, code="SlowDown"),
        ThrottledError("slow down", status=429),
        LocalFileError("x", OSError(28, "full")),
    ],
)
def test_what_says_nothing_neither_trips_nor_ends_the_row(health, error):
    for _ in range(20):
        health.came_to(error, health.admit())
    assert health.report.is_well
    for _ in range(4):
        health.came_to(AWAY, health.admit())
        health.came_to(error, health.admit())
    health.came_to(AWAY, health.admit())
    assert health.report.state is BreakerState.OPEN


def test_it_tells_when_it_is_tried_again(health, clock):
    opened(health)
    assert health.report.probe_in_s == 300
    clock.advance(299)
    assert health.report.probe_in_s == 1
    clock.advance(1)
    assert health.report.state is BreakerState.HALF_OPEN
    assert health.report.probe_in_s == 0
    assert not health.report.is_well


@pytest.mark.parametrize(("chance", "open_s"), [(0.0, 300), (1.0, 375)])
def test_the_pause_is_five_minutes_and_up_to_a_quarter(clock, chance, open_s):
    health = opened(Health(clock, Breaker(chance=lambda: chance)))
    clock.advance(open_s - 0.1)
    with pytest.raises(BackendDownError):
        health.admit()
    clock.advance(0.1)
    health.admit()


def test_left_to_itself_the_jitter_is_within_bounds(clock):
    pauses = {opened(Health(clock)).report.probe_in_s for _ in range(200)}
    assert min(pauses) >= 300
    assert max(pauses) <= 375
    assert max(pauses) - min(pauses) > 40


def test_a_probe_that_answers_closes_it(health, clock):
    opened(health)
    clock.advance(300)
    health.admit()
    health.answered()
    assert health.report.is_well
    assert health.report.error is None


def test_a_probe_that_fails_opens_it_again(health, clock):
    opened(health)
    clock.advance(300)
    health.came_to(AWAY, health.admit())
    assert health.report.probe_in_s == 300


def test_a_probe_of_two_minutes_is_lost(health, clock):
    opened(health)
    clock.advance(300)
    health.admit()
    clock.advance(119.9)
    with pytest.raises(BackendDownError):
        health.admit()
    clock.advance(0.1)
    health.admit()


def test_one_that_was_let_in_before_is_not_the_probe(health, clock):
    late, later = health.admit(), health.admit()
    opened(health)
    clock.advance(300)
    probe = health.admit()
    health.failed(AWAY, late)
    assert health.report.state is BreakerState.HALF_OPEN
    health.abandoned(later)
    with pytest.raises(BackendDownError):
        health.admit()
    health.abandoned(probe)
    health.admit()


def test_a_probe_that_is_lost_and_comes_after_all_is_not_the_next_one(health, clock):
    opened(health)
    clock.advance(300)
    lost = health.admit()
    clock.advance(120)
    health.admit()
    health.failed(AWAY, lost)
    assert health.report.state is BreakerState.HALF_OPEN


def test_somebody_may_pretend(health):
    health.pretend_down(is_down=True)
    with pytest.raises(BackendDownError):
        health.admit()
    assert not health.report.is_well
    assert health.report.is_pretended
    health.pretend_down(is_down=False)
    assert health.report.is_well
    health.admit()


def test_a_drill_does_not_touch_what_is_known(health):
    opened(health)
    health.pretend_down(is_down=True)
    health.pretend_down(is_down=False)
    assert health.report.state is BreakerState.OPEN


def test_it_can_be_tried_at_once(health):
    opened(health).try_in()
    assert health.report.state is BreakerState.HALF_OPEN
    health.admit()
    with pytest.raises(BackendDownError):
        health.admit()


def test_trying_later_than_it_would_be_changes_nothing(health):
    opened(health).try_in(1000)
    assert health.report.probe_in_s == 300


def test_reset_knows_nothing_any_more(health):
    opened(health).reset()
    assert health.report.is_well
    assert health.report.error is None


@pytest.mark.parametrize("error", [UnreachableError("no way"), StalledError("no byte"), AWAY])
def test_silent_is_who_has_said_nothing(health, clock, error):
    assert not health.is_silent
    opened(health, error)
    assert (health.is_silent, health.is_left_alone) == (True, True)
    other = opened(Health(clock), UnavailableError("broken", status=500))
    assert not other.is_silent
    other.answered()
    assert not other.is_left_alone


def test_who_alone_can_do_it_is_tried_again_soon(health, clock):
    opened(health)
    clock.advance(9)
    health.hurry(10)
    assert health.report.state is BreakerState.OPEN
    clock.advance(1)
    health.hurry(10)
    number = health.admit()
    health.hurry(10)  # that is under way
    with pytest.raises(BackendDownError):
        health.admit()
    health.failed(AWAY, number)
    health.hurry(10)
    assert health.report.state is BreakerState.OPEN
    clock.advance(10)
    health.hurry(10)
    health.admit()
    health.answered()
    assert health.report.is_well


def test_a_patience_of_another_kind():
    breaker = Breaker(Patience(failures=1, open_s=1), lambda: 0.0)
    breaker.failed(0)
    assert breaker.state(0.9) is BreakerState.OPEN
    assert breaker.admits(1)
