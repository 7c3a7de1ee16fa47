"""What Ceph 16 does otherwise than AWS documents, and where that may show.

Each of them is seen by a test of its own in `test_ceph_differences`: what differs no longer fails
there, and leaves this table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.calendar import Calendar
from s4desk.core.domain.lifecycle.candidates import NULL_VERSION, Candidate, Versioning
from s4desk.core.domain.lifecycle.classes import can_become
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.lifecycle.likeness import as_stack
from s4desk.core.domain.lifecycle.rules import Lifecycle, MinimumSize
from tests.lifecycle.oracle import evaluator_for, identity, lifecycle_in, predicted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.candidates import UploadCandidate
    from s4desk.core.domain.lifecycle.decisions import Step
    from s4desk.core.domain.lifecycle.rules import Rule
    from tests.lifecycle.oracle import Run
    from tests.lifecycle.oracle_worlds import Case


class Difference(StrEnum):
    """The value is the reason."""

    RULES_MEET = (
        "each rule is carried out by itself, one after the other, and within a rule what was due"
        " last; AWS does one thing, of transitions that to the cheapest class"
    )
    WAY_BACK = "versions are moved to dearer classes too, to which AWS knows no way"
    SAME_RUN = (
        "a rule sees what another rule did in the same run: a marker goes with the last version"
        " behind it, AWS does not say when"
    )
    LONE_MARKER = (
        "a lone marker goes in the next run by any rule with an Expiration, whatever its Days, its"
        " Date and its tags (unless it is the last key that is listed)"
    )
    MARKER_TAGS = "a noncurrent marker is matched by rules whose tags it does not have"
    OLDEST_MARKER = (
        "ExpiredObjectDeleteMarker removes the oldest version of a key if that is a marker, though"
        " newer versions are there"
    )
    NULL_STAYS = (
        "where versioning is suspended a null version that expires stays as it is, though the"
        " engine notes that it deleted it"
    )
    NO_CURRENT = (
        "a version that is moved in the run that removed the oldest marker below it is no longer"
        " the current one: it ages by another key then"
    )
    UPLOADS_PASSED = (
        "of several rules that abort an upload one is asked only: that with the shortest prefix"
    )
    # Those below are of what is saved, not of what is done.
    SIZES_FORGOTTEN = "size filters are taken and not kept: the rule is then about all sizes"
    NEWER_FORGOTTEN = "NewerNoncurrentVersions is taken and not kept: no version is"
    # Random worlds have small objects all the time.
    SMALL_MOVED = "objects below 128 KiB are transitioned too: MinimumSize.NONE"


def differences(case: Case, stack: Sequence[Candidate], run: Run) -> set[Difference]:
    """Those by which something else may become of a key in a run than AWS says."""
    rules = [rule for rule in lifecycle_in(case).rules if rule.is_enabled]
    here = [rule for rule in rules if stack[0].key.startswith(rule.filter.prefix)]
    moments = [_Moment(case, here, run, now) for now in run.moments]
    return {
        found
        for found, is_so in (
            (Difference.RULES_MEET, any(at.rules_meet(each) for at in moments for each in stack)),
            (Difference.WAY_BACK, any(at.goes_back(each) for at in moments for each in stack)),
            (Difference.SAME_RUN, len(here) > 1 and any(at.goes_on(stack) for at in moments)),
            (Difference.LONE_MARKER, _is_lone_marker(stack, here)),
            (Difference.MARKER_TAGS, _has_markers_by_tags(stack, here)),
            (Difference.OLDEST_MARKER, _is_oldest_marker(stack, here)),
            (Difference.NULL_STAYS, any(at.ends_null(stack) for at in moments)),
            (Difference.NO_CURRENT, not stack[0].is_current),
        )
        if is_so
    }


def is_passed(case: Case, upload: UploadCandidate) -> bool:
    """UPLOADS_PASSED."""
    rules = [rule for rule in lifecycle_in(case).rules if rule.is_enabled and rule.abort_days]
    return sum(upload.key.startswith(rule.filter.prefix) for rule in rules) > 1


@dataclass(frozen=True)
class _Moment:
    """What is due of a key, of which `rules` there are, if a run comes to it just `now`."""

    case: Case
    rules: Sequence[Rule]
    run: Run
    now: datetime

    def rules_meet(self, candidate: Candidate) -> bool:
        """Whether several things are due of which none is the end."""
        due = {(step.action, step.storage_class) for step in self._due(candidate)}
        is_end = any(_ends(self.case, candidate, action) for action, _ in due)
        return len(due) > 1 and (not is_end or candidate.lock.is_locked(self.now))

    def goes_back(self, candidate: Candidate) -> bool:
        due = {step.storage_class for step in self._due(candidate) if step.storage_class}
        here = candidate.storage_class
        return any(each != here and not can_become(here, each) for each in due)

    def goes_on(self, stack: Sequence[Candidate]) -> bool:
        """Whether something is due again when what was due is done."""
        evaluator = evaluator_for(self.case, self.run)
        fate = predicted(evaluator, stack, self.case.versioning, self.now)
        left = [
            replace(each, storage_class=fate.kept[identity(each)])
            for each in stack
            if identity(each) in fate.kept
        ]
        if fate.has_new_marker:
            marker = Candidate(stack[0].key, created=self.now, is_delete_marker=True)
            left = [marker, *(replace(each, is_current=False) for each in left)]
        then = predicted(evaluator, as_stack(left), self.case.versioning, self.now)
        return len(left) < len(stack) + fate.has_new_marker and len(then.kept) < len(left)

    def ends_null(self, stack: Sequence[Candidate]) -> bool:
        is_suspended = self.case.versioning is Versioning.SUSPENDED
        is_null = is_suspended and stack[0].version == NULL_VERSION
        return is_null and any(step.action is Action.EXPIRE for step in self._due(stack[0]))

    def _due(self, candidate: Candidate) -> Iterator[Step]:
        """By each rule for itself, as if nothing was done yet."""
        calendar = Calendar(self.run.day, to_midnight=False)
        fresh = replace(candidate, storage_class="STANDARD")
        for rule in self.rules:
            only = Lifecycle((rule,), MinimumSize.NONE)
            alone = AwsEvaluator(only, self.case.versioning, calendar)
            yield from (step for step in alone.steps(fresh) if step.due <= self.now)


def _ends(case: Case, candidate: Candidate, action: Action) -> bool:
    if action is Action.EXPIRE:
        return not case.versioning.keeps(candidate.version)
    return action not in (Action.TRANSITION, Action.TRANSITION_NONCURRENT)


def _is_lone_marker(stack: Sequence[Candidate], rules: Sequence[Rule]) -> bool:
    return stack[0].is_alone and any(rule.expiration is not None for rule in rules)


def _has_markers_by_tags(stack: Sequence[Candidate], rules: Sequence[Rule]) -> bool:
    is_there = any(each.is_delete_marker and not each.is_current for each in stack)
    return is_there and any(
        rule.filter.tags and rule.noncurrent_expiration is not None for rule in rules
    )


def _is_oldest_marker(stack: Sequence[Candidate], rules: Sequence[Rule]) -> bool:
    is_marker = stack[-1].is_delete_marker and not stack[-1].is_current
    return is_marker and any(rule.expires_markers for rule in rules)
