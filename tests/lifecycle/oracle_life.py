"""Some buckets through some days of Ceph's, and how often we were right about them."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.calendar import NEVER, Calendar
from tests.lifecycle.oracle import (
    Fate,
    Run,
    State,
    evaluator_for,
    forecast,
    is_among,
    lifecycle_in,
    look,
    observed,
    predicted,
)
from tests.lifecycle.oracle_differences import Difference, differences, is_passed
from tests.lifecycle.oracle_worlds import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from tests.lifecycle.oracle_worlds import Case
    from tests.servers.ceph import Ceph

DAYS: Final = 4
FEWEST_DAYS: Final = 2
PATIENCE_S: Final = 200
NOT_YET: Final = 1000
"""Seconds: a day that is not over while a test runs."""
MARGIN_S: Final = 3
AT_ONCE: Final = 8
"""Buckets. On a busy machine it is the waiting that takes long."""
TICK: Final = timedelta(microseconds=1)


@dataclass
class Score:
    """`wrong` is told in full. `clear` counts keys of which nothing was due just while the engine
    ran, `done` those to which something was done, `contested` those where it was one thing of
    several."""

    wrong: list[str] = field(default_factory=list)
    excused: Counter[Difference] = field(default_factory=Counter)
    keys: int = 0
    clear: int = 0
    done: int = 0
    contested: int = 0

    def take(self, key: Key, seen: Fate, said: Sequence[Fate]) -> bool:
        """Whether what was seen of a key is what was said, or has an excuse."""
        self.keys += 1
        self.clear += all(each == said[0] for each in said)
        self.done += seen != observed(key.stack, key.stack)
        if is_among(seen, said):
            return True
        known = key.known()
        self.excused.update(known)
        if not known:
            self.wrong.append(key.told(seen, said))
        return False


@dataclass(frozen=True)
class Key:
    """All of a key as it was before the first of some runs. `past` is how it was before each."""

    case: Case
    stack: Sequence[Candidate]
    past: Sequence[tuple[Sequence[Candidate], Run]]

    def known(self) -> set[Difference]:
        found = [differences(self.case, stack, run) for stack, run in self.past if stack]
        return set().union(*found)

    def told(self, seen: Fate, said: Sequence[Fate]) -> str:
        lines = [self.case.name, *map(str, self.case.rules), *map(str, self.stack)]
        lines += [f"run {run.start:%M:%S.%f} to {run.end:%M:%S.%f}" for _, run in self.past]
        return "\n  ".join([*lines, f"seen: {seen}", *(f"said: {each}" for each in said)])


@dataclass(frozen=True)
class Shifted(Calendar):
    """What comes since `first` comes by a run, and another run finds it so much younger than whole
    days: `by`, or older, if that is negative."""

    first: datetime = NEVER
    by: timedelta = TICK

    def base(self, since: datetime) -> datetime:
        return super().base(since) + (self.by if since >= self.first else timedelta())


class Life:
    """`runs` is how right we were of each run, from what was there before it; `ahead` of all days
    together, from what was there before the first."""

    def __init__(self, client: Any, server: Ceph, cases: Sequence[Case], slowness: int = 1) -> None:
        self.runs = Score()
        self.ahead = Score()
        self.uploads: Counter[bool] = Counter()
        """By whether they were aborted."""
        self._client = client
        self._server = server
        self._cases = cases
        self._slowness = slowness
        self._past: list[tuple[Sequence[State], Run]] = []

    @property
    def is_clear(self) -> bool:
        """Else the machine was so slow that not much was compared."""
        return all(each.clear > 0.5 * each.keys for each in (self.runs, self.ahead))

    def live(self, seed: int) -> None:
        """A day is as long as it took to make everything, and as the engine takes for a run. On a
        machine that is so slow that days are very long there are fewer of them."""
        began = datetime.now(UTC)
        rngs = [Random(f"objects {seed}.{at}") for at in range(len(self._cases))]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(fill, itertools.repeat(self._client), self._cases, rngs))
        made = datetime.now(UTC)
        states, first = self._run(self._look([None] * len(self._cases)), NOT_YET)
        looked = datetime.now(UTC)
        took = max(made - began + first.end - first.start, looked - first.start).total_seconds()
        day_s = (math.ceil(took) + MARGIN_S) * self._slowness
        for day in range(1, 1 + max(FEWEST_DAYS, min(DAYS, PATIENCE_S // day_s))):
            _wait_until(made + timedelta(seconds=day * day_s))
            after, run = self._run(states, day_s)
            self._past.append((states, run))
            for at, case in enumerate(self._cases):
                self._compare_ahead(at, case, after[at])
            states = after

    def _look(self, before: Sequence[State | None]) -> list[State]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(look, itertools.repeat(self._client), self._cases, before))

    def _run(self, before: Sequence[State], day_s: int) -> tuple[list[State], Run]:
        """What it left, and how right we were."""
        start = datetime.now(UTC)
        taken = self._server.run_lifecycle(day_s)
        run = Run(start, datetime.now(UTC), timedelta(seconds=day_s))
        assert taken >= {case.bucket for case in self._cases}
        after = self._look(before)
        for case, was, became in zip(self._cases, before, after, strict=True):
            self._compare(case, was, became, run)
        return after, run

    def _compare(self, case: Case, before: State, after: State, run: Run) -> None:
        evaluator = evaluator_for(case, run)
        for name, stack in before.stacks.items():
            said = [predicted(evaluator, stack, case.versioning, at) for at in run.moments]
            seen = observed(stack, after.stacks.get(name, ()))
            is_right = self.runs.take(Key(case, stack, [(stack, run)]), seen, said)
            self.runs.contested += is_right and _is_contested(evaluator, stack, run)
        for name, upload in before.uploads.items():
            aborts = {evaluator.decide_upload(upload, at) is not None for at in run.moments}
            is_gone = name not in after.uploads
            self.uploads[is_gone] += 1
            if is_gone not in aborts and is_passed(case, upload):
                self.runs.excused[Difference.UPLOADS_PASSED] += 1
            elif is_gone not in aborts:
                self.runs.wrong.append(f"{case.name} {case.rules}: {upload}: gone is {is_gone}")

    def _compare_ahead(self, at: int, case: Case, now: State) -> None:
        """The days so far, as they were foreseen before the first of them."""
        runs = [run for _, run in self._past]
        evaluators = [
            AwsEvaluator(lifecycle_in(case), case.versioning, each) for each in _calendars(runs)
        ]
        for name, stack in self._past[0][0][at].stacks.items():
            said = [
                forecast(each, stack, case.versioning, moment, len(runs) - 1)[-1]
                for each in evaluators
                for moment in _beginnings(runs)
            ]
            past = [(states[at].stacks.get(name, ()), run) for states, run in self._past]
            self.ahead.take(Key(case, stack, past), observed(stack, now.stacks.get(name, ())), said)


def _calendars(runs: Sequence[Run]) -> list[Calendar]:
    """Days are counted from the run that made something: of each nobody knows just when it was."""
    earliest, latest = _beginnings(runs)
    day, first, by = runs[0].day, runs[0].start, latest - earliest
    shifted = [Shifted(day, to_midnight=False, first=first, by=each) for each in (by, -by)]
    return [Calendar(day, to_midnight=False), *shifted]


def _beginnings(runs: Sequence[Run]) -> tuple[datetime, datetime]:
    """When the first of them was, if all are a day apart: each came some moments earlier or
    later."""
    starts = (run.moments[0] - at * run.day for at, run in enumerate(runs))
    ends = (run.moments[1] - at * run.day for at, run in enumerate(runs))
    return min(starts), max(ends)


def _is_contested(evaluator: AwsEvaluator, stack: Sequence[Candidate], run: Run) -> bool:
    decisions = [evaluator.decide(each, run.start) for each in stack]
    return any(
        {(each.action, each.storage_class) for each in decision.outdone}
        - {(decision.step.action, decision.step.storage_class)}
        for decision in decisions
        if decision is not None
    )


def _wait_until(moment: datetime) -> None:
    """Nothing but time makes a version older."""
    left = (moment - datetime.now(UTC)).total_seconds()
    if left > 0:
        Event().wait(left)
