"""What rules do to a candidate in time, before anybody chooses among it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.calendar import EPOCH, later
from s4desk.core.domain.lifecycle.classes import RANKS, STANDARD, can_become
from s4desk.core.domain.lifecycle.decisions import Action, Step
from s4desk.core.domain.lifecycle.rules import When

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from s4desk.core.domain.lifecycle.calendar import Calendar
    from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate
    from s4desk.core.domain.lifecycle.rules import Filter, Rule, Transition

_AT_ONCE: Final = When()


@dataclass(frozen=True, slots=True)
class Deed:
    """A step of a rule, for whom it is about. `span` is None where a date decides. Objects smaller
    than `at_least` bytes are left alone."""

    action: Action
    rule: int
    when: When
    span: timedelta | None
    storage_class: str = ""
    newer: int = 0
    at_least: int = 0


Outdone = Callable[[Step, Step], bool]
"""Whether a step has lost against another."""
Plan = tuple["Filter", tuple[Deed, ...]]
"""What one rule does to what its filter matches."""


class Plans:
    """The deeds of all rules, by what they are about.

    `minimum` tells the bytes below which a rule leaves objects out of a class.
    """

    def __init__(
        self,
        rules: Sequence[tuple[int, Rule]],
        calendar: Calendar,
        minimum: Callable[[Rule, str], int],
    ) -> None:
        self._calendar = calendar
        self._minimum = minimum
        bare = [(at, rule) for at, rule in rules if not _asks_for_content(rule)]
        self._current = _only([(r.filter, tuple(self._of_current(at, r))) for at, r in rules])
        self._markers = _only([(r.filter, tuple(self._of_marker(at, r))) for at, r in bare])
        self._noncurrent = _only([(r.filter, tuple(self._of_noncurrent(at, r))) for at, r in rules])
        self._uploads = _only([(r.filter, tuple(self._of_upload(at, r))) for at, r in bare])

    def steps(self, candidate: Candidate) -> list[Step]:
        """In order of the rules, and of what they say; those to classes as well that are no way
        from where the candidate is."""
        if not candidate.is_current:
            return self._found(self._noncurrent, candidate, candidate.noncurrent_since)
        if not candidate.is_delete_marker:
            return self._found(self._current, candidate, candidate.created)
        return (
            self._found(self._markers, candidate, candidate.created) if candidate.is_alone else []
        )

    def upload_steps(self, upload: UploadCandidate) -> list[Step]:
        """As `steps`, for an unfinished upload: it has no tags, and its size is 0."""
        base = None if upload.initiated is None else self._calendar.base(upload.initiated)
        return [
            Step(deed.action, deed.rule, due, deed.when)
            for filter, deeds in self._uploads
            if filter.matches(upload.key, 0, {})
            for deed in deeds
            if (due := self._due(deed, base, upload.initiated)) is not None
        ]

    def _found(
        self, plans: Sequence[Plan], candidate: Candidate, since: datetime | None
    ) -> list[Step]:
        base = None if since is None else self._calendar.base(since)
        size, tags, newer = candidate.size, candidate.tags, candidate.newer_noncurrent
        here = candidate.storage_class or STANDARD
        found = []
        for filter, deeds in plans:
            if not filter.matches(candidate.key, size, tags):
                continue
            for deed in deeds:
                if deed.storage_class and candidate.is_delete_marker:
                    continue
                # By which it may have come to its class counts even if it would not go there now.
                is_here = deed.storage_class == here
                if size < deed.at_least or (newer < deed.newer and not is_here):
                    continue
                due = self._due(deed, base, since)
                if due is not None:
                    found.append(
                        Step(deed.action, deed.rule, due, deed.when, deed.storage_class, deed.newer)
                    )
        return found

    def _due(self, deed: Deed, base: datetime | None, since: datetime | None) -> datetime | None:
        """None for never: what nobody dated is 0 days old for ever."""
        if deed.span is None:
            due = deed.when.date or EPOCH
            return due if since is None else max(due, since)
        if base is not None:
            return later(base, deed.span)
        return None if deed.span or self._calendar.to_midnight else EPOCH

    def _of_current(self, at: int, rule: Rule) -> Iterator[Deed]:
        if rule.expiration is not None:
            yield from self._deeds(Action.EXPIRE, at, rule.expiration)
        yield from self._moves(Action.TRANSITION, at, rule, rule.transitions)

    def _of_marker(self, at: int, rule: Rule) -> Iterator[Deed]:
        """By itself, or when an expiration is due for the marker: "Expiring objects", "Removing
        expired object delete markers"."""
        if rule.expires_markers:
            yield Deed(Action.REMOVE_DELETE_MARKER, at, _AT_ONCE, None)
        if rule.expiration is not None:
            yield from self._deeds(Action.REMOVE_DELETE_MARKER, at, rule.expiration)

    def _of_noncurrent(self, at: int, rule: Rule) -> Iterator[Deed]:
        if (ends := rule.noncurrent_expiration) is not None:
            yield from self._deeds(Action.EXPIRE_NONCURRENT, at, When(ends.days), newer=ends.newer)
        yield from self._moves(Action.TRANSITION_NONCURRENT, at, rule, rule.noncurrent_transitions)

    def _of_upload(self, at: int, rule: Rule) -> Iterator[Deed]:
        yield from self._deeds(Action.ABORT_UPLOAD, at, When(rule.abort_days))

    def _moves(
        self, action: Action, at: int, rule: Rule, transitions: Sequence[Transition]
    ) -> Iterator[Deed]:
        for each in transitions:
            least = self._minimum(rule, each.storage_class)
            yield from self._deeds(
                action,
                at,
                each.when,
                storage_class=each.storage_class,
                newer=each.newer,
                at_least=least,
            )

    def _deeds(
        self,
        action: Action,
        at: int,
        when: When,
        *,
        storage_class: str = "",
        newer: int = 0,
        at_least: int = 0,
    ) -> Iterator[Deed]:
        """One for the days and one for the date, where somebody wrote both."""
        if when.days is not None:
            span = self._calendar.span(when.days)
            days = When(when.days)
            yield Deed(action, at, days, span, storage_class, newer, at_least)
        if when.date is not None:
            date = When(date=when.date)
            yield Deed(action, at, date, None, storage_class, newer, at_least)


def without_ways_back(steps: list[Step], storage_class: str, is_outdone: Outdone) -> list[Step]:
    """`steps` but for transitions to which no way leads from a class, and those that have lost
    against one by which the candidate may have come there."""
    if not any(step.storage_class for step in steps):
        return steps
    now = storage_class or STANDARD
    here = [step for step in steps if step.storage_class == now]
    return [
        step
        for step in steps
        if not step.storage_class
        or (
            can_become(now, step.storage_class)
            and not (here and any(is_outdone(step, other) for other in here))
        )
    ]


def is_ranked(rule: Rule) -> bool:
    """Whether S3 has all classes to which a rule leads, so that it is known which is deeper."""
    moves = rule.transitions + rule.noncurrent_transitions
    return all(each.storage_class in RANKS for each in moves)


def is_earlier(step: Step, other: Step) -> bool:
    """Whether one step is not due after the other: time has passed over it."""
    return step.due <= other.due


def _asks_for_content(rule: Rule) -> bool:
    """S3 takes no rule that is about lone markers, or about uploads, and asks for tags ("Lifecycle
    configuration elements") or for sizes."""
    return bool(rule.filter.tags) or rule.filter.has_size


def _only(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    return tuple((filter, deeds) for filter, deeds in plans if deeds)
