"""What becomes of all versions of one key, run after run of an engine that runs once a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.lifecycle.candidates import NULL_VERSION, Candidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.calendar import Calendar
    from s4desk.core.domain.lifecycle.decisions import Step


class Decider(Protocol):
    """What a forecast asks."""

    def decide(self, candidate: Candidate, now: datetime) -> Decision | None: ...

    def steps(self, candidate: Candidate) -> Sequence[Step]: ...


@dataclass(slots=True, eq=False)
class _Version:
    """A version as it will be. `is_told` is true while what holds it back is known already."""

    index: int
    candidate: Candidate
    is_told: bool = False

    def becomes(self, **changes: object) -> None:
        self.candidate = replace(self.candidate, **changes)  # type: ignore[arg-type]


def forecast(
    decider: Decider,
    versions: Sequence[Candidate],
    now: datetime,
    days: int,
    versioning: Versioning,
    calendar: Calendar,
) -> list[Event]:
    """As `Evaluator.forecast` says.

    The engine runs at `now`, and so many whole days later, and does one thing to each version in
    one run, as the versions were at its start. What holds a version back is told once. A null
    version that another's delete marker replaces is told as expired, by the rule that did it.
    """
    key = _Key(versions, versioning)
    events: list[Event] = []
    day = 0
    while day <= days:
        moment = calendar.run(now, day)
        done = [
            (each, decision)
            for each in key.versions
            if (decision := decider.decide(each.candidate, moment)) is not None
        ]
        done += key.replaced(done)
        events += [
            Event(each.index, day, decision)
            for each, decision in done
            if decision.skipped is None or not each.is_told
        ]
        if key.apply(done, moment):
            day += 1
            continue
        ahead = [each for each in key.moments(decider) if each > moment]
        if not ahead:
            break
        day = calendar.days_until(min(ahead), now)
    return events


class _Key:
    """All versions of a key, the newest first. What an action makes of one changes the others."""

    def __init__(self, versions: Sequence[Candidate], versioning: Versioning) -> None:
        self.versions = [_Version(at, each) for at, each in enumerate(versions)]
        self._count = len(versions)
        self._versioning = versioning

    def apply(self, done: Sequence[tuple[_Version, Decision]], moment: datetime) -> bool:
        """Do it, and say whether anything has changed."""
        is_changed = False
        for version, decision in done:
            version.is_told = decision.skipped is not None
            if decision.skipped is None:
                self._act(version, decision.step, moment)
                is_changed = True
        return is_changed

    def replaced(
        self, done: Sequence[tuple[_Version, Decision]]
    ) -> list[tuple[_Version, Decision]]:
        """What an expiration destroys besides: the null version, where its marker is one."""
        steps = [decision.step for _, decision in done if decision.action is Action.EXPIRE]
        if not steps or self._versioning is not Versioning.SUSPENDED:
            return []
        acted = [version for version, decision in done if decision.action is not None]
        last = replace(steps[0], action=Action.EXPIRE_NONCURRENT)
        return [
            (each, Decision(last))
            for each in self.versions
            if each.candidate.version == NULL_VERSION and each not in acted
        ]

    def moments(self, decider: Decider) -> Iterator[datetime]:
        """When another decision may be made."""
        for each in self.versions:
            for step in decider.steps(each.candidate):
                yield step.due
            if each.candidate.lock.retain_until is not None:
                yield each.candidate.lock.retain_until

    def _act(self, version: _Version, step: Step, moment: datetime) -> None:
        if step.storage_class:
            version.becomes(storage_class=step.storage_class)
        elif step.action is not Action.EXPIRE or self._versioning is Versioning.OFF:
            self._remove(version)
        else:
            self._hide(version, moment)

    def _hide(self, version: _Version, moment: datetime) -> None:
        """A delete marker comes on top. Where versioning is suspended it is the null version, and
        takes the place of the one that was."""
        if self._versioning is Versioning.SUSPENDED:
            for each in [each for each in self.versions if self._is_replaced(each, version)]:
                self._remove(each)
        if version in self.versions:
            version.becomes(is_current=False, noncurrent_since=moment, newer_noncurrent=0)
            for each in self.versions[1:]:
                each.becomes(newer_noncurrent=each.candidate.newer_noncurrent + 1)
        marker = Candidate(
            version.candidate.key,
            created=moment,
            is_delete_marker=True,
            is_alone=not self.versions,
        )
        self.versions.insert(0, _Version(self._count, marker))

    def _remove(self, version: _Version) -> None:
        if version not in self.versions:
            return
        at = self.versions.index(version)
        del self.versions[at]
        if not (version.candidate.is_current or version.candidate.is_delete_marker):
            for each in self.versions[at:]:
                each.becomes(newer_noncurrent=each.candidate.newer_noncurrent - 1)
        if len(self.versions) == 1:
            last = self.versions[0]
            last.becomes(is_alone=last.candidate.is_delete_marker and last.candidate.is_current)

    def _is_replaced(self, each: _Version, deleted: _Version) -> bool:
        if each is deleted:
            return not self._versioning.keeps(each.candidate.version)
        return each.candidate.version == NULL_VERSION
