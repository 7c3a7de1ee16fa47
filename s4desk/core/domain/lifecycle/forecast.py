"""What becomes of all versions of one key, run after run of an engine that runs once a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.lifecycle.candidates import NULL_VERSION, Candidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.calendar import Calendar
    from s4desk.core.domain.lifecycle.decisions import Step


class Decider(Protocol):
    """What a forecast asks."""

    def decide(self, candidate: Candidate, now: datetime) -> Decision | None: ...

    def steps(self, candidate: Candidate) -> Sequence[Step]: ...


def by_version(events: Sequence[Event], versions: Sequence[Candidate]) -> list[tuple[Event, ...]]:
    """What happens to each, in order of time. The removal of a delete marker that is not there yet
    stands with the current version, whose expiration brings it; what else is not there yet is left
    out."""
    found: list[list[Event]] = [[] for _ in versions]
    for each in events:
        if each.index < len(versions):
            found[each.index].append(each)
        elif each.decision.step.action is Action.REMOVE_DELETE_MARKER:
            found[0].append(each)
    return [tuple(each) for each in found]


@dataclass(slots=True, eq=False)
class _Version:
    """A version as it will be. `is_told` is true while what holds it back is known already,
    `from_run` once its time is that of a run."""

    index: int
    candidate: Candidate
    is_told: bool = False
    from_run: bool = False

    def becomes(self, **changes: object) -> None:
        self.candidate = replace(self.candidate, **changes)  # type: ignore[arg-type]


def forecast(
    decider: Decider,
    versions: Sequence[Candidate],
    now: datetime,
    days: int,
    versioning: Versioning,
    calendar: Calendar,
    *,
    copies: bool = False,
) -> list[Event]:
    """As `Evaluator.forecast` says. With `copies` a transition is made as clients do: by a copy
    onto itself, which is a new object.

    The engine runs at `now`, and so many whole days later, and does one thing to each version in
    one run, as the versions were at its start. What holds a version back is told once. A null
    version that another's delete marker replaces is told as expired, by the rule that did it.
    """
    key = _Key(versions, versioning, copies=copies)
    events: list[Event] = []
    day = 0
    while day <= days:
        moment = calendar.run(now, day)
        done = key.spared(
            [
                (each, key.told(each, decision))
                for each in key.versions
                if (decision := decider.decide(each.candidate, moment)) is not None
            ]
        )
        done += key.replaced(done)
        events += [
            Event(each.index, day, decision, each.from_run)
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

    def __init__(
        self, versions: Sequence[Candidate], versioning: Versioning, *, copies: bool
    ) -> None:
        self.versions = [_Version(at, each) for at, each in enumerate(versions)]
        self._count = len(versions)
        self._versioning = versioning
        self._copies = copies

    def apply(self, done: Sequence[tuple[_Version, Decision]], moment: datetime) -> bool:
        """Do it, and say whether anything has changed."""
        gone = []
        is_changed = False
        for version, decision in done:
            version.is_told = decision.skipped is not None
            if decision.skipped is not None:
                continue
            is_changed = True
            if self._removes(decision.step):
                gone.append(version)
            else:
                self._act(version, decision.step, moment)
        # A key may have thousands of versions: they go together.
        self._remove(gone)
        return is_changed

    def told(self, version: _Version, decision: Decision) -> Decision:
        """What is decided of it, with what a delete marker leaves of it."""
        hides = decision.action is Action.EXPIRE and self._versioning.keeps(
            version.candidate.version
        )
        return replace(decision, hides=True) if hides else decision

    def spared(self, done: list[tuple[_Version, Decision]]) -> list[tuple[_Version, Decision]]:
        """The same without copies that would destroy a null version: it goes first, or stays."""
        if not self._copies or self._versioning is not Versioning.SUSPENDED:
            return done
        going = [
            version
            for version, decision in done
            if decision.action is not None and self._removes(decision.step)
        ]
        if not any(
            each.candidate.version == NULL_VERSION
            and not each.candidate.is_delete_marker
            and each not in going
            for each in self.versions
        ):
            return done
        return [
            (version, replace(decision, skipped=Skipped.REPLACES))
            if decision.action is Action.TRANSITION
            and self._versioning.keeps(version.candidate.version)
            else (version, decision)
            for version, decision in done
        ]

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
            (each, Decision(last, is_consequence=True))
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

    def _removes(self, step: Step) -> bool:
        is_end = not step.storage_class
        return is_end and (step.action is not Action.EXPIRE or self._versioning is Versioning.OFF)

    def _act(self, version: _Version, step: Step, moment: datetime) -> None:
        if not step.storage_class:
            self._hide(version, moment)
            return
        before = version.candidate
        version.becomes(storage_class=step.storage_class)
        if self._copies and step.action is Action.TRANSITION:
            self._renew(version, before, moment)

    def _renew(self, version: _Version, before: Candidate, moment: datetime) -> None:
        """The copy goes on in the place of what was copied, and is as young as it is. Where
        versions are kept the one `before` stays behind it: nothing has happened to that yet."""
        version.becomes(created=moment)
        version.from_run = True
        if not self._versioning.keeps(before.version):
            return
        if self._versioning is Versioning.SUSPENDED:
            self._remove([each for each in self.versions if self._is_replaced(each, version)])
            version.becomes(version=NULL_VERSION)
        for each in self.versions[1:]:
            each.becomes(newer_noncurrent=each.candidate.newer_noncurrent + 1)
        left = replace(before, is_current=False, noncurrent_since=moment, newer_noncurrent=0)
        self.versions.insert(1, _Version(self._new(), left, from_run=True))

    def _hide(self, version: _Version, moment: datetime) -> None:
        """A delete marker comes on top. Where versioning is suspended it is the null version, and
        takes the place of the one that was."""
        if self._versioning is Versioning.SUSPENDED:
            self._remove([each for each in self.versions if self._is_replaced(each, version)])
        if version in self.versions:
            version.becomes(is_current=False, noncurrent_since=moment, newer_noncurrent=0)
            version.from_run = True
            for each in self.versions[1:]:
                each.becomes(newer_noncurrent=each.candidate.newer_noncurrent + 1)
        marker = Candidate(
            version.candidate.key,
            created=moment,
            is_delete_marker=True,
            is_alone=not self.versions,
        )
        self.versions.insert(0, _Version(self._new(), marker, from_run=True))

    def _new(self) -> int:
        """The place of what is not there yet."""
        self._count += 1
        return self._count - 1

    def _remove(self, gone: Sequence[_Version]) -> None:
        """Those of them that are there still."""
        if not gone:
            return
        going, fewer, kept = set(map(id, gone)), 0, []
        for each in self.versions:
            was = each.candidate
            if id(each) in going:
                fewer += not (was.is_current or was.is_delete_marker)
                continue
            if fewer:
                each.becomes(newer_noncurrent=was.newer_noncurrent - fewer)
            kept.append(each)
        self.versions = kept
        if len(kept) == 1:
            kept[0].becomes(is_alone=kept[0].candidate.is_delete_marker)

    def _is_replaced(self, each: _Version, deleted: _Version) -> bool:
        if each is deleted:
            return not self._versioning.keeps(each.candidate.version)
        return each.candidate.version == NULL_VERSION
