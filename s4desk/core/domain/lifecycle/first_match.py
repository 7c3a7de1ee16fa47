"""What s4desk itself does by rules: the first that has something to do decides (SPEC.md section
4)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.calendar import WHOLE_DAYS
from s4desk.core.domain.lifecycle.candidates import HELD_REPLICATION, Versioning
from s4desk.core.domain.lifecycle.decisions import Decision, Skipped
from s4desk.core.domain.lifecycle.forecast import forecast
from s4desk.core.domain.lifecycle.plans import Plans, is_earlier, is_ranked, without_ways_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.calendar import Calendar
    from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate
    from s4desk.core.domain.lifecycle.decisions import Event, Step
    from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule


class FirstMatchEvaluator:
    """Rules are asked in their order. One with something in it that nobody here understands is
    not: it might do more than it was written for."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        versioning: Versioning = Versioning.OFF,
        calendar: Calendar = WHOLE_DAYS,
    ) -> None:
        self._versioning = versioning
        self._calendar = calendar
        rules = [
            (at, rule)
            for at, rule in enumerate(lifecycle.rules)
            if rule.is_enabled and not rule.unknown
        ]
        self._unranked = min(
            (at for at, rule in rules if not is_ranked(rule)), default=len(lifecycle.rules)
        )
        self._plans = Plans(rules, calendar, _no_minimum)

    def decide(self, candidate: Candidate, now: datetime) -> Decision | None:
        due = [step for step in self.steps(candidate) if step.due <= now]
        if not due:
            return None
        skipped = None
        if candidate.lock.is_locked(now):
            skipped = Skipped.LOCKED
        elif candidate.replication in HELD_REPLICATION:
            skipped = Skipped.REPLICATION_PENDING
        return _decided(due, skipped)

    def steps(self, candidate: Candidate) -> Sequence[Step]:
        steps = self._plans.steps(candidate)
        return without_ways_back(steps, candidate.storage_class, self._is_outdone)

    def decide_upload(self, upload: UploadCandidate, now: datetime) -> Decision | None:
        due = [step for step in self.upload_steps(upload) if step.due <= now]
        return _decided(due, None) if due else None

    def upload_steps(self, upload: UploadCandidate) -> Sequence[Step]:
        return self._plans.upload_steps(upload)

    def forecast(self, versions: Sequence[Candidate], now: datetime, days: int) -> Sequence[Event]:
        return forecast(self, versions, now, days, self._versioning, self._calendar, copies=True)

    def _is_outdone(self, step: Step, other: Step) -> bool:
        """What a rule did it did not do for a later one to undo: that may only go on in time, to
        where a way is known to lead down. No rule looks at those behind it."""
        if step.rule == other.rule:
            return _depth(step) <= _depth(other)
        if other.rule < step.rule < self._unranked:
            return is_earlier(step, other)
        return other.rule < step.rule


def _no_minimum(rule: Rule, storage_class: str) -> int:
    return 0


def _decided(due: Sequence[Step], skipped: Skipped | None) -> Decision:
    _, steps = next(groupby(due, key=lambda step: step.rule))
    first = _of_rule(list(steps))
    return Decision(first, skipped, tuple(step for step in due if step is not first))


def _is_by_date(step: Step) -> bool:
    return step.when.date is not None


def _depth(step: Step) -> tuple[bool, float]:
    """How late in its rule a transition comes, whenever the object came: days are checked before
    dates, for transitions too (S3 takes no rule that mixes them)."""
    date = step.when.date
    return (True, step.when.days or 0) if date is None else (False, date.timestamp())


def _of_rule(due: Sequence[Step]) -> Step:
    """The deepest transition; an expiration comes before it that names no more days than it."""
    moves = [step for step in due if step.storage_class]
    ends = [step for step in due if not step.storage_class]
    if not moves:
        return ends[0]
    deepest = max(moves, key=_depth)
    beating = [step for step in ends if not _is_by_date(step) and step.due <= deepest.due]
    return beating[0] if beating else deepest
