"""Likenesses: what has one, an evaluator cannot tell apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.domain.lifecycle.likeness import (
    DAY_S,
    FOREVER,
    UNDATED,
    Forecasts,
    Grain,
    Likeness,
    Matcher,
    Rounding,
    as_stack,
    likeness_of,
)
from s4desk.core.domain.lifecycle.rules import SMALL, Filter, Lifecycle, Rule
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import DELETED, LATEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.decisions import Event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIFECYCLE = Lifecycle(
    (
        Rule(filter=Filter(prefix="logs/")),
        Rule(filter=Filter(larger_than=100)),
        Rule(is_enabled=False),
        Rule(filter=Filter(smaller_than=SMALL)),
        Rule(filter=Filter(prefix="logs/old/", tags=(("keep", "no"),))),
    )
)
MATCHER = Matcher(LIFECYCLE)
BY_AGE = Rounding(Grain.AGE, NOW.timestamp())
BY_MIDNIGHT = Rounding(Grain.MIDNIGHT, NOW.timestamp())


def matches(each: Filter, candidate: Candidate) -> bool:
    return (
        candidate.key.startswith(each.prefix)
        and (each.larger_than is None or candidate.size > each.larger_than)
        and (each.smaller_than is None or candidate.size < each.smaller_than)
        and all(candidate.tags.get(name) == value for name, value in each.tags)
    )


@given(
    st.sampled_from(["logs/a", "logs/old/b", "c", "logs", ""]),
    st.sampled_from([0, 99, 100, 101, SMALL - 1, SMALL, SMALL + 1]),
    st.sampled_from([{}, {"keep": "no"}, {"keep": "yes"}]),
)
def test_the_bits_are_the_enabled_rules_whose_filter_matches(
    key: str, size: int, tags: dict[str, str]
) -> None:
    candidate = Candidate(key, size, tags=tags)
    expected = sum(
        1 << at
        for at, rule in enumerate(LIFECYCLE.rules)
        if rule.is_enabled and matches(rule.filter, candidate)
    )
    likeness = likeness_of(candidate, MATCHER, BY_AGE)
    assert likeness.rules == expected
    assert likeness.is_large == MATCHER.is_large(MATCHER.rank(size)) == (size >= SMALL)


def test_what_keys_have_in_common_tells_their_rules_only_where_it_is_enough() -> None:
    free = MATCHER.by_key("c")
    assert MATCHER.by_start("logs/old/2026/") == MATCHER.by_key("logs/old/2026/a")
    assert MATCHER.by_start("photos/") == free
    assert MATCHER.by_start("logs/new/") == MATCHER.by_key("logs/new/a") != free
    assert MATCHER.by_start("lo") is None
    assert MATCHER.by_start("logs/") is None


@given(st.integers(0, 10**7), st.integers(-DAY_S, DAY_S))
def test_ages_of_one_place_are_as_many_whole_days(back: int, aside: int) -> None:
    one, other = NOW.timestamp() - back, NOW.timestamp() - back + aside
    is_same = BY_AGE.place(one) == BY_AGE.place(other)
    assert is_same == (back // DAY_S == (back - aside) // DAY_S)


@pytest.mark.parametrize("rounding", [BY_AGE, BY_MIDNIGHT])
def test_what_nobody_dated_is_like_nothing_else(rounding: Rounding) -> None:
    assert rounding.place(nan) == UNDATED
    assert rounding.place(NOW.timestamp()) != UNDATED


def test_a_day_and_its_midnight_are_two_places() -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    moments = [midnight - timedelta(seconds=1), midnight, midnight + timedelta(seconds=1)]
    moments.append(midnight + timedelta(hours=23))
    places = [BY_MIDNIGHT.place(moment.timestamp()) for moment in moments]
    assert places == sorted(places)
    assert len(set(places[:3])) == 3
    assert places[2] == places[3]


def test_a_lock_holds_until_it_is_over() -> None:
    def held(**ends: float) -> int:
        until = NOW + timedelta(**ends)
        return BY_AGE.held(LockState(LockMode.GOVERNANCE, until))

    assert held(days=-1) == held(seconds=0) == 0
    assert held(hours=1) == held(hours=24) == 1
    assert held(hours=25) == 2
    assert BY_MIDNIGHT.held(LockState(LockMode.COMPLIANCE, NOW + timedelta(hours=12))) == (
        BY_MIDNIGHT.held(LockState(LockMode.COMPLIANCE, NOW + timedelta(hours=1)))
    )
    assert BY_AGE.held(LockState(legal_hold=True)) == FOREVER
    assert BY_AGE.held(LockState(legal_hold=False)) == 0


def test_replication_under_way_tells_versions_apart() -> None:
    states = ("PENDING", "FAILED", "COMPLETED", "")
    likenesses = [likeness_of(Candidate("a", replication=each), MATCHER, BY_AGE) for each in states]
    assert [each.is_replicating for each in likenesses] == [True, True, False, False]


def test_versions_are_told_what_they_are_among_the_others() -> None:
    def day(number: int) -> datetime:
        return NOW - timedelta(days=number)

    marker = Candidate("a", created=day(1), is_delete_marker=True)
    second = Candidate("a", created=day(5), is_current=False)
    third = Candidate("a", created=day(9), is_current=False)
    stack = as_stack([marker, second, third])
    assert [each.noncurrent_since for each in stack] == [None, day(1), day(5)]
    assert [each.newer_noncurrent for each in stack] == [0, 0, 1]
    assert not any(each.is_alone for each in stack)
    assert as_stack([marker])[0].is_alone
    assert not as_stack([second])[0].is_alone
    marks = [likeness_of(each, MATCHER, BY_AGE).mark for each in stack]
    assert marks == [LATEST | DELETED, 0, 0]


class Counting:
    """An evaluator that nothing happens by."""

    asked = 0

    def forecast(self, versions: Sequence[Candidate], now: datetime, days: int) -> list[Event]:
        self.asked += len(versions)
        return []


def test_what_is_alike_is_evaluated_once() -> None:
    evaluator = Counting()
    forecasts = Forecasts(evaluator, NOW, 30)  # type: ignore[arg-type]
    one = (Likeness(1, False, "STANDARD", 3),)
    for stack in (one, one, (one[0]._replace(created=4),), one):
        forecasts.of(stack, lambda: [Candidate("a")])
    assert evaluator.asked == 2


@given(st.floats(0, DAY_S - 1), st.floats(0, DAY_S - 1), st.integers(0, 40), st.integers(0, 40))
def test_a_moment_is_moved_to_the_own_time_and_stays_in_its_day(
    one: float, other: float, age: int, days: int
) -> None:
    sample, own = (BY_AGE.now - age * DAY_S - each for each in (one, other))
    assert BY_AGE.place(sample) == BY_AGE.place(own)
    day = max(0, days - age)
    due = BY_AGE.due(sample + days * DAY_S, day, sample, own)
    assert due == pytest.approx(own + days * DAY_S, abs=0.01)
    assert BY_AGE.now + (day - 1) * DAY_S < due or day == 0
    assert due <= BY_AGE.now + day * DAY_S + 1e-6
    assert BY_MIDNIGHT.due(17.0, day, sample, own) == 17.0
