"""Who fails time and again is left alone, and let in again by one probe."""

from __future__ import annotations

import pytest

from s4desk.core.domain.breaker import Breaker, BreakerState, Patience

PATIENCE = Patience(failures=3, open_s=100, probe_s=20)


def opened(chance: float = 0.0) -> Breaker:
    breaker = Breaker(PATIENCE, lambda: chance)
    for _ in range(3):
        assert breaker.admits(0)
        breaker.failed(0)
    return breaker


def test_failures_in_a_row_open_it():
    breaker = opened()
    assert breaker.state(0) is BreakerState.OPEN
    assert not breaker.admits(99.9)


def test_a_success_between_them_counts_anew():
    breaker = Breaker(PATIENCE)
    for _ in range(5):
        breaker.failed(0)
        breaker.failed(0)
        assert not breaker.succeeded()
    assert breaker.state(0) is BreakerState.CLOSED


@pytest.mark.parametrize(("chance", "opens_at"), [(0.0, 100), (0.5, 112.5), (1.0, 125)])
def test_the_pause_has_jitter_within_bounds(chance, opens_at):
    breaker = opened(chance)
    assert breaker.opens_at == opens_at
    assert not breaker.admits(opens_at - 0.1)
    assert breaker.admits(opens_at)


def test_one_probe_is_let_through_and_its_success_closes():
    breaker = opened()
    assert breaker.state(100) is BreakerState.HALF_OPEN
    assert breaker.admits(100)
    assert breaker.state(100) is BreakerState.HALF_OPEN
    assert not breaker.admits(101)
    assert breaker.succeeded()
    assert breaker.state(101) is BreakerState.CLOSED
    assert breaker.admits(101)


def test_a_failed_probe_opens_it_again():
    breaker = opened()
    assert breaker.admits(100)
    breaker.failed(105)
    assert breaker.state(105) is BreakerState.OPEN
    assert breaker.opens_at == 205
    assert not breaker.admits(204)
    assert breaker.admits(205)


def test_a_probe_that_nobody_hears_of_is_lost():
    breaker = opened()
    assert breaker.admits(100)
    assert not breaker.admits(119.9)
    assert breaker.admits(120)


def test_one_that_is_abandoned_makes_room_for_the_next():
    breaker = opened()
    assert breaker.admits(100)
    breaker.abandoned()
    assert breaker.admits(101)


def test_late_failures_do_not_put_the_probe_off():
    breaker = opened()
    breaker.failed(90)
    assert breaker.opens_at == 100
