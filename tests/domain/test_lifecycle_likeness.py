"""Likenesses: what has one, an evaluator cannot tell apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.calendar import MIDNIGHTS, WHOLE_DAYS
from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event, Step
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
    spans_of,
)
from s4desk.core.domain.lifecycle.rules import (
    SMALL,
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import DELETED, LATEST

if TYPE_CHECKING:
    from collections.abc import Sequence


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIFECYCLE = Lifecycle(
    (
        Rule(filter=Filter(prefix="logs/")),
        Rule(filter=Filter(larger_than=100)),
        Rule(is_enabled=False),
        Rule(filter=Filter(smaller_than=SMALL)),
        Rule(filter=Filter(prefix="logs/old/", tags=(("keep", "no"),))),
        Rule(filter=Filter(prefix="logs/")),
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
    over = [timedelta(hours=each) for each in (1, 24, 25)]
    ends = [BY_MIDNIGHT.held(LockState(LockMode.COMPLIANCE, NOW + each)) for each in over]
    assert ends == [1, 1, 2], "runs come at the hour of now, whatever days are counted from"
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
    hidden = Candidate("a", created=day(2), is_current=False, is_delete_marker=True)
    stack = as_stack([marker, hidden, second, third])
    assert [each.newer_noncurrent for each in stack] == [0, 0, 0, 1]
    assert as_stack([marker])[0].is_alone
    assert not as_stack([second])[0].is_alone
    marks = [likeness_of(each, MATCHER, BY_AGE).mark for each in stack]
    assert marks == [LATEST | DELETED, DELETED, 0, 0]


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


def event(day: int, due: datetime, when: When) -> Event:
    return Event(0, day, Decision(Step(Action.EXPIRE, 0, due, when)))


@given(st.floats(0, DAY_S - 1), st.floats(0, DAY_S - 1), st.integers(0, 40), st.integers(0, 40))
def test_a_moment_is_moved_to_the_own_time_and_stays_in_its_day(
    one: float, other: float, age: int, days: int
) -> None:
    sample, own = (BY_AGE.now - age * DAY_S - each for each in (one, other))
    assert BY_AGE.place(sample) == BY_AGE.place(own)
    day = max(0, days - age)
    found = event(day, datetime.fromtimestamp(sample + days * DAY_S, UTC), When(days))
    due = BY_AGE.due(found, sample, own)
    assert due == pytest.approx(own + days * DAY_S, abs=0.01)
    assert BY_AGE.now + (day - 1) * DAY_S < due or day == 0
    assert due <= BY_AGE.now + day * DAY_S + 1e-6


def test_midnights_and_dates_are_the_same_for_all() -> None:
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    sample, own = BY_MIDNIGHT.now - 5000, BY_MIDNIGHT.now - 3000
    by_days = event(4, midnight, When(3))
    assert BY_MIDNIGHT.due(by_days, sample, own) == midnight.timestamp()
    by_date = event(4, midnight, When(date=midnight))
    assert BY_AGE.due(by_date, sample, own) == midnight.timestamp()
    assert BY_AGE.due(by_date, nan, nan) == midnight.timestamp()
    older = BY_MIDNIGHT.due(event(0, NOW, When(3)), sample, own - 2 * DAY_S)
    assert older == NOW.timestamp() - 2 * DAY_S
    past = event(0, NOW, When(date=NOW - timedelta(days=900)))
    assert BY_MIDNIGHT.due(past, sample, own) == own


def test_what_was_held_back_comes_with_the_run_that_finds_it_free() -> None:
    held = event(3, NOW - timedelta(days=9), When(1))
    assert BY_MIDNIGHT.due(held, nan, nan) == (NOW + timedelta(days=3)).timestamp()
    assert (
        BY_MIDNIGHT.due(event(0, held.decision.step.due, When(1)), nan, nan)
        == (NOW - timedelta(days=9)).timestamp()
    )


def test_what_is_to_come_is_like_nothing_that_is_there() -> None:
    """Somebody asks what was due a while ago."""
    hours = [timedelta(hours=each) for each in (-1, 1, 11)]
    places = [BY_MIDNIGHT.place((NOW + each).timestamp()) for each in hours]
    assert places[0] != places[1] == places[2]


CALENDARS = {Grain.AGE: WHOLE_DAYS, Grain.MIDNIGHT: MIDNIGHTS}


@given(
    st.sampled_from(Grain),
    st.lists(st.integers(0, 40), min_size=1, max_size=3),
    st.integers(0, 20),
    st.integers(0, 90 * DAY_S),
    st.integers(0, 90 * DAY_S),
)
def test_one_coarse_place_has_all_due_on_the_same_days(
    grain: Grain, spans: list[int], days: int, one: int, other: int
) -> None:
    rounding = Rounding(grain, NOW.timestamp(), sorted(spans), days)
    calendar = CALENDARS[grain]
    ages = [one, other]
    places = [rounding.coarse(rounding.place(rounding.now - age)) for age in ages]
    runs = []
    for age in ages:
        dues = (calendar.due(NOW - timedelta(seconds=age), span) for span in sorted(spans))
        ahead = [calendar.days_until(due, NOW) for due in dues]
        runs.append([day if day <= days else None for day in ahead])
    if places[0] == places[1]:
        assert runs[0] == runs[1]
    elif runs[0] == runs[1]:
        assert any(run for run in runs[0])  # 0 and None: all is over, or not in sight


def test_dates_keep_times_apart() -> None:
    date = When(date=NOW)
    assert spans_of(Lifecycle((Rule(expiration=date),))) is None
    both = Rule(expiration=When(9), transitions=(Transition(When(3), "GLACIER"),))
    noncurrent = Rule(noncurrent_expiration=NoncurrentExpiration(3))
    assert spans_of(Lifecycle((both, noncurrent))) == [3, 9]
