"""What becomes of all versions of a key, compared with an engine that runs day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.calendar import Calendar
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lock import LockMode, LockState
from tests.domain.lifecycle_strategies import lifecycles, worlds
from tests.domain.lifecycle_words import (
    DAY,
    MARKER,
    NOW,
    cleans_markers,
    expires,
    lifecycle,
    moves,
    old,
    old_expires,
    on,
    told,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.rules import Lifecycle

OFF, ENABLED, SUSPENDED = Versioning.OFF, Versioning.ENABLED, Versioning.SUSPENDED
World = tuple[Versioning, list[Candidate]]
Evaluators = type[AwsEvaluator] | type[FirstMatchEvaluator]
both = pytest.mark.parametrize("kind", [AwsEvaluator, FirstMatchEvaluator])


def forecast(
    versions: Sequence[Candidate],
    *rules: dict[str, Any],
    versioning: Versioning = ENABLED,
    days: int = 100,
    kind: Evaluators = FirstMatchEvaluator,
) -> list[str]:
    events = kind(lifecycle(*rules), versioning).forecast(versions, NOW, days)
    return [told(each) for each in events]


@pytest.mark.parametrize(
    ("kind", "days"), [(AwsEvaluator, (0, 21, 25, 26)), (FirstMatchEvaluator, (0, 20, 23, 24))]
)
def test_a_life_to_its_end(kind: Evaluators, days: tuple[int, ...]) -> None:
    found = forecast(
        [version(40)],
        moves((30, "GLACIER")) | expires(60) | old_expires(3),
        cleans_markers(),
        kind=kind,
    )
    whats = (
        "[0] transition GLACIER #0",
        "[0] expire #0",
        "[0] expire_noncurrent #0",
        "[1] remove_delete_marker #1",
    )
    assert found == [f"day {day}: {what}" for day, what in zip(days, whats, strict=True)]


@both
def test_without_versions_an_expiration_is_the_end(kind: Evaluators) -> None:
    found = forecast(
        [version(9)], expires(3), old_expires(1), cleans_markers(), versioning=OFF, kind=kind
    )
    assert found == ["day 0: [0] expire #0"]


def test_a_transition_before_the_marker_that_was_due_as_well() -> None:
    """The engine does one thing to a version in one run."""
    found = forecast([version(9)], moves((1, "GLACIER")), expires(1), kind=AwsEvaluator)
    assert found == ["day 0: [0] transition GLACIER #0", "day 1: [0] expire #1"]


def test_what_is_expired_counts_among_the_newer_ones() -> None:
    stack = [version(1), old(1), old(2, newer_noncurrent=1)]
    assert forecast(stack, expires(3), old_expires(1, newer=2)) == [
        "day 2: [0] expire #0",
        "day 3: [2] expire_noncurrent #1",
    ]


def test_what_is_removed_does_not_any_more() -> None:
    """The middle one goes after two days: from then on the oldest is kept among the newest two."""
    stack = [version(0), old(1), old(3, newer_noncurrent=1), old(0, newer_noncurrent=2)]
    assert forecast(stack, old_expires(4), old_expires(9, newer=2)) == [
        "day 1: [2] expire_noncurrent #0",
        "day 3: [1] expire_noncurrent #0",
        "day 4: [3] expire_noncurrent #0",
    ]
    stack = [version(0), old(8), old(9, newer_noncurrent=1), old(7, newer_noncurrent=2)]
    assert forecast(stack, old_expires(9, newer=1)) == [
        "day 0: [2] expire_noncurrent #0",
        "day 2: [3] expire_noncurrent #0",
    ]


def test_noncurrent_markers_are_not_counted() -> None:
    stack = [version(0), old(5, **MARKER), old(6), old(1, newer_noncurrent=1)]
    assert forecast(stack, old_expires(4, newer=1), days=9) == ["day 3: [3] expire_noncurrent #0"]
    assert forecast(stack, old_expires(5, newer=0), days=9) == [
        "day 0: [1] expire_noncurrent #0",
        "day 0: [2] expire_noncurrent #0",
        "day 4: [3] expire_noncurrent #0",
    ]
    stack = [version(0), old(5, **MARKER), old(1), old(9, newer_noncurrent=1)]
    assert forecast(stack, old_expires(5, newer=1), days=9) == ["day 0: [3] expire_noncurrent #0"]


def test_a_marker_left_alone_goes_a_run_later() -> None:
    stack = [version(5, **MARKER), old(5)]
    assert forecast(stack, old_expires(7), cleans_markers()) == [
        "day 2: [1] expire_noncurrent #0",
        "day 3: [0] remove_delete_marker #1",
    ]
    assert forecast(stack, old_expires(7), expires(30)) == [
        "day 2: [1] expire_noncurrent #0",
        "day 25: [0] remove_delete_marker #1",
    ]


def test_where_versioning_is_suspended_the_null_version_is_replaced() -> None:
    rules = [expires(3), old_expires(5), cleans_markers()]
    null = version(3, version="null")
    assert forecast([null], *rules, versioning=SUSPENDED) == [
        "day 0: [0] expire #0",
        "day 1: [1] remove_delete_marker #2",
    ]
    other = version(3, version="v2")
    gone = old(3, version="null")
    kept = old(4, version="v1", newer_noncurrent=1)
    assert forecast([other, gone, kept], *rules, versioning=SUSPENDED) == [
        "day 0: [0] expire #0",
        "day 0: [1] expire_noncurrent #0",
        "day 1: [2] expire_noncurrent #1",
        "day 5: [0] expire_noncurrent #1",
        "day 6: [3] remove_delete_marker #0",
    ]


def test_a_lock_is_told_once_and_ends() -> None:
    held = LockState(LockMode.GOVERNANCE, NOW + 40 * DAY)
    rules = [moves((30, "GLACIER")), expires(20)]
    one = version(19, lock=held)
    assert forecast([one], *rules) == [
        "day 1: [0] locked: expire #1",
        "day 40: [0] transition GLACIER #0",
        "day 41: [0] expire #1",
    ]


def test_a_hold_never_ends() -> None:
    held = version(19, lock=LockState(legal_hold=True))
    assert forecast([held], expires(20), days=10_000) == ["day 1: [0] locked: expire #0"]


def test_where_a_deletion_is_held_back_transitions_go_on() -> None:
    held = old(19, lock=LockState(LockMode.COMPLIANCE, NOW + 40 * DAY))
    rule = {
        "NoncurrentVersionTransitions": [
            {"NoncurrentDays": 10, "StorageClass": "GLACIER"},
            {"NoncurrentDays": 30, "StorageClass": "DEEP_ARCHIVE"},
        ]
    }
    assert forecast([version(19), held], rule | old_expires(5), kind=AwsEvaluator) == [
        "day 0: [1] transition_noncurrent GLACIER #0",
        "day 1: [1] locked: expire_noncurrent #0",
        "day 12: [1] transition_noncurrent DEEP_ARCHIVE #0",
        "day 13: [1] locked: expire_noncurrent #0",
        "day 40: [1] expire_noncurrent #0",
    ]


def test_replication_that_is_pending_is_waited_for_without_end() -> None:
    one = version(19, replication="PENDING")
    assert forecast([one], expires(20), days=10_000) == [
        "day 1: [0] replication_pending: expire #0"
    ]


def test_days_may_be_seconds() -> None:
    calendar = Calendar(timedelta(seconds=3), to_midnight=False)
    one = Candidate("k", 1 << 20, NOW - timedelta(seconds=4))
    rules = lifecycle(moves((2, "GLACIER")), expires(4), old_expires(2), cleans_markers())
    events = AwsEvaluator(rules, ENABLED, calendar).forecast([one], NOW, 100)
    assert [told(each) for each in events] == [
        "day 1: [0] transition GLACIER #0",
        "day 3: [0] expire #1",
        "day 5: [0] expire_noncurrent #2",
        "day 6: [1] remove_delete_marker #3",
    ]


def test_no_days_and_fewer() -> None:
    assert forecast([version(0)], on("2026-11-21"), days=0) == ["day 0: [0] expire #0"]
    assert forecast([version(0)], on("2026-11-21"), days=-1) == []
    assert forecast([version(0)], expires(99), days=98) == []
    assert forecast([version(0)], expires(99), days=99) == ["day 99: [0] expire #0"]
    assert forecast([], expires(99)) == []


class Engine:
    """One that runs every day, kept as simple as can be: a list of dicts, the newest first."""

    def __init__(self, world: World, evaluator: AwsEvaluator | FirstMatchEvaluator) -> None:
        self.versioning, stack = world
        self.evaluator = evaluator
        self.there = dict(enumerate(stack))
        self.order = list(self.there)
        self.quiet: set[int] = set()
        self.next = len(stack)

    def run(self, day: int, day_long: timedelta = DAY) -> list[Event]:
        now = NOW + day * day_long
        decided = [(at, self.evaluator.decide(self.there[at], now)) for at in self.order]
        events = []
        for at, decision in decided:
            if decision is None:
                continue
            if decision.skipped is None:
                self.quiet.discard(at)
                events.append(Event(at, day, decision))
            elif at not in self.quiet:
                self.quiet.add(at)
                events.append(Event(at, day, decision))
        events += self.besides(events, day)
        for event in events:
            if event.decision.action is not None:
                self.act(event, now)
                self.renew()
        return events

    def besides(self, events: list[Event], day: int) -> list[Event]:
        """The null version goes where a null marker comes."""
        acted = {each.index for each in events if each.decision.action is not None}
        marks = [each for each in events if each.decision.action is Action.EXPIRE]
        if not marks or self.versioning is not SUSPENDED:
            return []
        step = replace(marks[0].decision.step, action=Action.EXPIRE_NONCURRENT)
        nulls = [at for at in self.order if self.there[at].version == "null" and at not in acted]
        return [Event(at, day, Decision(step)) for at in nulls]

    def act(self, event: Event, now: Any) -> None:
        at, step = event.index, event.decision.step
        if step.storage_class:
            if at in self.there:
                self.there[at] = replace(self.there[at], storage_class=step.storage_class)
        elif step.action is Action.EXPIRE and self.versioning is not OFF:
            self.hide(at, now)
        else:
            self.forget(at)

    def hide(self, at: int, now: Any) -> None:
        key = self.there[at].key
        name = "" if self.versioning is ENABLED else "null"
        if name:
            for each in [e for e in self.order if self.there[e].version == name]:
                self.forget(each)
        if at in self.there:
            self.there[at] = replace(self.there[at], is_current=False, noncurrent_since=now)
        self.there[self.next] = Candidate(key, created=now, version=name, is_delete_marker=True)
        self.order.insert(0, self.next)
        self.next += 1

    def forget(self, at: int) -> None:
        if at in self.there:
            del self.there[at]
            self.order.remove(at)

    def renew(self) -> None:
        newer = 0
        for at in self.order:
            one = self.there[at]
            is_alone = one.is_delete_marker and one.is_current and len(self.order) == 1
            self.there[at] = replace(one, is_alone=is_alone, newer_noncurrent=newer)
            newer += not (one.is_current or one.is_delete_marker)


DAYS_AHEAD = 12


@both
@given(found=lifecycles, world=worlds)
def test_jumping_ahead_is_running_every_day(
    kind: Evaluators, found: Lifecycle, world: World
) -> None:
    evaluator = kind(found, world[0])
    engine = Engine(world, evaluator)
    daily = [event for day in range(DAYS_AHEAD + 1) for event in engine.run(day)]
    assert list(evaluator.forecast(world[1], NOW, DAYS_AHEAD)) == daily


@both
@given(found=lifecycles, world=worlds, days=st.integers(0, DAYS_AHEAD))
def test_events_come_in_order_of_time_and_none_after_the_end(
    kind: Evaluators, found: Lifecycle, world: World, days: int
) -> None:
    versioning, stack = world
    events = kind(found, versioning).forecast(stack, NOW, days)
    assert [each.day for each in events] == sorted(each.day for each in events)
    assert all(0 <= each.day <= days and 0 <= each.index <= len(stack) for each in events)
    gone = set()
    for each in events:
        assert each.index not in gone
        action = each.decision.action
        if action in (Action.EXPIRE_NONCURRENT, Action.REMOVE_DELETE_MARKER) or (
            action is Action.EXPIRE and versioning is OFF
        ):
            gone.add(each.index)


@both
@given(found=lifecycles, world=worlds)
def test_no_days_ahead_is_what_is_decided_now(
    kind: Evaluators, found: Lifecycle, world: World
) -> None:
    """But for null versions that another's marker replaces."""
    evaluator = kind(found, world[0])
    decisions = [(at, evaluator.decide(each, NOW)) for at, each in enumerate(world[1])]
    decided = [Event(at, 0, decision) for at, decision in decisions if decision is not None]
    events = list(evaluator.forecast(world[1], NOW, 0))
    assert events[: len(decided)] == decided
    besides = [world[1][each.index].version for each in events[len(decided) :]]
    assert besides in ([], ["null"])
    assert not besides or (world[0] is SUSPENDED and decided[0].decision.action is Action.EXPIRE)


@both
@given(found=lifecycles, world=worlds, days=st.integers(0, DAYS_AHEAD))
def test_more_days_begin_with_fewer(
    kind: Evaluators, found: Lifecycle, world: World, days: int
) -> None:
    evaluator = kind(found, world[0])
    more = evaluator.forecast(world[1], NOW, DAYS_AHEAD)
    assert list(evaluator.forecast(world[1], NOW, days)) == [e for e in more if e.day <= days]


@both
@given(found=lifecycles, world=worlds)
def test_nothing_is_moved_to_and_fro(kind: Evaluators, found: Lifecycle, world: World) -> None:
    events = kind(found, world[0]).forecast(world[1], NOW, 50)
    for at, first in enumerate(world[1]):
        done = [e.decision.step for e in events if e.index == at and e.decision.action]
        old_moves = [s.storage_class for s in done if s.action is Action.TRANSITION_NONCURRENT]
        current = [s.storage_class for s in done if s.action is Action.TRANSITION]
        assert len({first.storage_class, *current}) == len(current) + 1
        assert len(set(old_moves)) == len(old_moves)


@both
@given(found=lifecycles, world=worlds)
def test_nothing_that_is_locked_is_destroyed(
    kind: Evaluators, found: Lifecycle, world: World
) -> None:
    versioning, stack = world
    for each in kind(found, versioning).forecast(stack, NOW, DAYS_AHEAD):
        if each.index == len(stack) or each.decision.action is None:
            continue
        candidate = stack[each.index]
        if candidate.lock.is_locked(NOW + each.day * DAY):
            assert kind is AwsEvaluator
            assert each.decision.action in (
                Action.TRANSITION,
                Action.TRANSITION_NONCURRENT,
                Action.EXPIRE,
            )
            assert each.decision.action is not Action.EXPIRE or versioning.keeps(candidate.version)
