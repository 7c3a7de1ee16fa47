"""What the store does by its rules, as AWS documents it.

"Managing the lifecycle of objects" in the S3 user guide, above all "How Amazon S3 handles conflicts
in lifecycle configurations", and SPEC.md section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.calendar import MIDNIGHTS
from s4desk.core.domain.lifecycle.candidates import HELD_REPLICATION, Versioning
from s4desk.core.domain.lifecycle.classes import ARCHIVES, RANKS
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Skipped
from s4desk.core.domain.lifecycle.forecast import forecast
from s4desk.core.domain.lifecycle.plans import Plans, is_earlier, is_ranked, without_ways_back
from s4desk.core.domain.lifecycle.rules import SMALL, MinimumSize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.calendar import Calendar
    from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate
    from s4desk.core.domain.lifecycle.decisions import Event, Step
    from s4desk.core.domain.lifecycle.plans import Outdone
    from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule

_MOVES: Final = frozenset({Action.TRANSITION, Action.TRANSITION_NONCURRENT})


class AwsEvaluator:
    """All rules are considered, and the least expensive of what is due is done."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        versioning: Versioning = Versioning.OFF,
        calendar: Calendar = MIDNIGHTS,
    ) -> None:
        self._versioning = versioning
        self._calendar = calendar
        self._default = lifecycle.minimum
        rules = [(at, rule) for at, rule in enumerate(lifecycle.rules) if rule.is_enabled]
        self._is_ranked = all(is_ranked(rule) for _, rule in rules)
        self._is_outdone: Outdone = _is_dearer if self._is_ranked else is_earlier
        self._plans = Plans(rules, calendar, self._minimum)

    def decide(self, candidate: Candidate, now: datetime) -> Decision | None:
        due = [step for step in self.steps(candidate) if step.due <= now]
        if not due:
            return None
        free = due
        if candidate.lock.is_locked(now):
            free = [step for step in due if not self._removes(step, candidate)]
        chosen = free or due
        first = self._first(chosen, candidate)
        skipped = None if free else Skipped.LOCKED
        if skipped is None and candidate.replication in HELD_REPLICATION:
            skipped = Skipped.REPLICATION_PENDING
        return Decision(first, skipped, tuple(step for step in due if step is not first))

    def steps(self, candidate: Candidate) -> Sequence[Step]:
        steps = self._plans.steps(candidate)
        return without_ways_back(steps, candidate.storage_class, self._is_outdone)

    def decide_upload(self, upload: UploadCandidate, now: datetime) -> Decision | None:
        due = [step for step in self.upload_steps(upload) if step.due <= now]
        if not due:
            return None
        first = min(due, key=lambda step: step.due)
        return Decision(first, None, tuple(step for step in due if step is not first))

    def upload_steps(self, upload: UploadCandidate) -> Sequence[Step]:
        return self._plans.upload_steps(upload)

    def forecast(self, versions: Sequence[Candidate], now: datetime, days: int) -> Sequence[Event]:
        return forecast(self, versions, now, days, self._versioning, self._calendar)

    def _minimum(self, rule: Rule, storage_class: str) -> int:
        """Bytes: "Constraints and considerations for transitions". A size filter overrides it."""
        if rule.filter.has_size or self._default is MinimumSize.NONE:
            return 0
        is_archive = storage_class in ARCHIVES and self._default is MinimumSize.BY_CLASS
        return 0 if is_archive else SMALL

    def _removes(self, step: Step, candidate: Candidate) -> bool:
        """Whether nothing is left of a candidate afterwards."""
        if step.action is Action.EXPIRE:
            return not self._versioning.keeps(candidate.version)
        return step.action not in _MOVES

    def _first(self, due: Sequence[Step], candidate: Candidate) -> Step:
        if len(due) == 1:
            return due[0]
        if gone := [step for step in due if self._removes(step, candidate)]:
            return min(gone, key=lambda step: step.due)
        if moves := [step for step in due if step.action in _MOVES]:
            return self._cheapest(moves)
        return min(due, key=lambda step: step.due)

    def _cheapest(self, moves: Sequence[Step]) -> Step:
        """The cheapest class; the last of them in time where nobody knows."""
        if self._is_ranked:
            return min(moves, key=lambda step: (RANKS[step.storage_class], step.due))
        return max(moves, key=lambda step: step.due)


def _is_dearer(step: Step, other: Step) -> bool:
    """Whether the other wins where both are due, and is not due before this is."""
    return step.due <= other.due and RANKS[other.storage_class] < RANKS[step.storage_class]
