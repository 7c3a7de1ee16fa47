"""Forecasts compared with an engine that runs every day, of any rules and any versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event, Skipped
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lifecycle.rules import Rule, Transition, When
from tests.domain.lifecycle_strategies import lifecycles, stacks, worlds
from tests.domain.lifecycle_words import DAY, NOW

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.lifecycle.rules import Lifecycle

OFF, ENABLED, SUSPENDED = Versioning.OFF, Versioning.ENABLED, Versioning.SUSPENDED
NULLS: Final = ("", "null")
World = tuple[Versioning, list[Candidate]]
Evaluators = type[AwsEvaluator] | type[FirstMatchEvaluator]
both = pytest.mark.parametrize("kind", [AwsEvaluator, FirstMatchEvaluator])


class Engine:
    """One that runs every day, kept as simple as can be: a list of dicts, the newest first."""

    def __init__(self, world: World, evaluator: AwsEvaluator | FirstMatchEvaluator) -> None:
        self.versioning, stack = world
        self.evaluator = evaluator
        self.copies = isinstance(evaluator, FirstMatchEvaluator)
        self.there = dict(enumerate(stack))
        self.order = list(self.there)
        self.quiet: set[int] = set()
        self.next = len(stack)
        self.anew: set[int] = set()

    def run(self, day: int) -> list[Event]:
        now = NOW + day * DAY
        decided = [
            (at, decided_by(self.evaluator, self.versioning, self.there[at], now))
            for at in self.order
        ]
        events = []
        for at, decision in self.spared(decided):
            if decision is None:
                continue
            if decision.skipped is None:
                self.quiet.discard(at)
                events.append(Event(at, day, decision, at in self.anew))
            elif at not in self.quiet:
                self.quiet.add(at)
                events.append(Event(at, day, decision, at in self.anew))
        events += self.besides(events, day)
        for event in events:
            if event.decision.action is not None:
                self.act(event, now)
                self.renew()
        return events

    def spared(
        self, decided: list[tuple[int, Decision | None]]
    ) -> list[tuple[int, Decision | None]]:
        """No copy takes the place of a null version that is not going anyway."""
        going = {
            at
            for at, each in decided
            if each and each.action in (Action.EXPIRE_NONCURRENT, Action.REMOVE_DELETE_MARKER)
        }
        nulls = {
            at
            for at, each in self.there.items()
            if each.version == "null" and not each.is_delete_marker and at not in going
        }
        if not self.copies or self.versioning is not SUSPENDED or not nulls:
            return decided
        return [
            (at, replace(each, skipped=Skipped.REPLACES))
            if each and each.action is Action.TRANSITION and self.there[at].version not in NULLS
            else (at, each)
            for at, each in decided
        ]

    def besides(self, events: list[Event], day: int) -> list[Event]:
        """The null version goes where a null marker comes."""
        acted = {each.index for each in events if each.decision.action is not None}
        marks = [each for each in events if each.decision.action is Action.EXPIRE]
        if not marks or self.versioning is not SUSPENDED:
            return []
        step = replace(marks[0].decision.step, action=Action.EXPIRE_NONCURRENT)
        nulls = [at for at in self.order if self.there[at].version == "null" and at not in acted]
        return [
            Event(at, day, Decision(step, is_consequence=True), at in self.anew) for at in nulls
        ]

    def act(self, event: Event, now: datetime) -> None:
        at, step = event.index, event.decision.step
        if step.storage_class:
            if at in self.there:
                before = self.there[at]
                self.there[at] = replace(before, storage_class=step.storage_class)
                if step.action is Action.TRANSITION and self.copies:
                    self.copy(at, before, now)
        elif step.action is Action.EXPIRE and self.versioning is not OFF:
            self.hide(at, now)
        else:
            self.forget(at)

    def copy(self, at: int, before: Candidate, now: datetime) -> None:
        """The copy is young, and keeps the place of what was copied."""
        self.there[at] = replace(self.there[at], created=now)
        self.anew |= {at, self.next}
        is_null = before.version in ("", "null")
        if self.versioning is OFF or (self.versioning is SUSPENDED and is_null):
            return
        if self.versioning is SUSPENDED:
            for each in [e for e in self.order if self.there[e].version == "null"]:
                self.forget(each)
            self.there[at] = replace(self.there[at], version="null")
        self.there[self.next] = replace(before, is_current=False, noncurrent_since=now)
        self.order.insert(1, self.next)
        self.next += 1

    def hide(self, at: int, now: datetime) -> None:
        key = self.there[at].key
        name = "" if self.versioning is ENABLED else "null"
        if name:
            for each in [e for e in self.order if self.there[e].version == name]:
                self.forget(each)
        if at in self.there:
            self.there[at] = replace(self.there[at], is_current=False, noncurrent_since=now)
        self.anew |= {at, self.next}
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


def decided_by(
    evaluator: AwsEvaluator | FirstMatchEvaluator,
    versioning: Versioning,
    one: Candidate,
    now: datetime,
) -> Decision | None:
    """With what a delete marker leaves."""
    decision = evaluator.decide(one, now)
    if decision is None or decision.action is not Action.EXPIRE:
        return decision
    is_null = one.version in ("", "null")
    return replace(
        decision, hides=versioning is ENABLED or (versioning is SUSPENDED and not is_null)
    )


DAYS_AHEAD = 12
MOVES: Final = Rule("moves", transitions=(Transition(When(0), "GLACIER"),))


@both
@given(found=lifecycles, world=worlds)
def test_jumping_ahead_is_running_every_day(
    kind: Evaluators, found: Lifecycle, world: World
) -> None:
    run_daily(kind(found, world[0]), world)


@given(found=lifecycles, stack=stacks(SUSPENDED))
def test_copies_wait_for_null_versions_to_go(found: Lifecycle, stack: list[Candidate]) -> None:
    moving = replace(found, rules=(MOVES, *found.rules))
    run_daily(FirstMatchEvaluator(moving, SUSPENDED), (SUSPENDED, stack))


def run_daily(evaluator: AwsEvaluator | FirstMatchEvaluator, world: World) -> None:
    engine = Engine(world, evaluator)
    daily = [event for day in range(DAYS_AHEAD + 1) for event in engine.run(day)]
    assert list(evaluator.forecast(world[1], NOW, DAYS_AHEAD)) == daily


def _alone(event: Event) -> Event:
    """As it is decided of a version of which nobody sees the others."""
    if event.decision.skipped is not Skipped.REPLACES:
        return event
    return replace(event, decision=replace(event.decision, skipped=None))


@both
@given(found=lifecycles, world=worlds, days=st.integers(0, DAYS_AHEAD))
def test_events_come_in_order_of_time_and_none_after_the_end(
    kind: Evaluators, found: Lifecycle, world: World, days: int
) -> None:
    versioning, stack = world
    events = kind(found, versioning).forecast(stack, NOW, days)
    assert [each.day for each in events] == sorted(each.day for each in events)
    assert all(0 <= each.day <= days and each.index >= 0 for each in events)
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
    """But for null versions: what another's marker replaces, and what would replace one."""
    evaluator = kind(found, world[0])
    decisions = [
        (at, decided_by(evaluator, world[0], each, NOW)) for at, each in enumerate(world[1])
    ]
    decided = [Event(at, 0, decision) for at, decision in decisions if decision is not None]
    events = list(evaluator.forecast(world[1], NOW, 0))
    assert [*map(_alone, events[: len(decided)])] == decided
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
        if each.index >= len(stack) or each.decision.action is None:
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
