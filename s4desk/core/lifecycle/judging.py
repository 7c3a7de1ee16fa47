"""What happens to keys, and what else has to be known of them to tell.

Whether a tag or a lock matters is found out by evaluating with it and without: nothing is asked for
that changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.lifecycle.decisions import Skipped
from s4desk.core.domain.lifecycle.forecast import by_version
from s4desk.core.domain.lifecycle.likeness import Grain, as_stack, likeness_of
from s4desk.core.domain.lock import LockState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lifecycle.decisions import Event
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.likeness import Matcher, Rounding

MOST_KINDS: Final = 30_000
"""So many kinds of keys are remembered; each takes a kilobyte or two."""


class Known(NamedTuple):
    """What has been asked about a version; `is_silent` when it did not tell its tags."""

    tags: bool = False
    head: bool = False
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Fate:
    """What happens to a version and to all that are like it: `events`, in order of time; `then` are
    those behind the first.

    `since` is the time from which days were counted for the one that was looked at. `is_matched`
    says whether an enabled rule is about it, `is_unsure` that only its tags would tell: nobody
    asked for them, or it did not say.
    """

    events: tuple[Event, ...] = ()
    then: tuple[Event, ...] = ()
    since: float = nan
    is_matched: bool = False
    is_unsure: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to the versions of a key, and to all keys that are like it.

    `tags` and `heads` are the places of versions of which that has to be known first: nothing is
    said of the fates then.
    """

    fates: tuple[Fate, ...]
    tags: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()
    is_open: bool = False


class Judge:
    """Evaluates each kind of key once. For one thread at a time.

    `may_be_locked` and `may_be_replicating`: whether versions of the bucket can be that.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        matcher: Matcher,
        rounding: Rounding,
        now: datetime,
        *,
        may_be_locked: bool,
        may_be_replicating: bool,
    ) -> None:
        self.matcher = matcher
        self.rounding = rounding
        self._evaluator = evaluator
        self._now = now
        self._holds: list[dict[str, object]] = []
        if may_be_locked:
            self._holds.append({"lock": LockState(legal_hold=True)})
        if may_be_replicating:
            self._holds.append({"replication": "PENDING"})
        self.has_open = False
        """Whether more had to be known of any kind until now."""
        self.known: dict[Hashable, Verdict] = {}
        self._may_be_replicating = may_be_replicating
        self.spares_keys = rounding.grain is Grain.AGE
        """As s4desk acts: it leaves keys alone of which any version did not say all."""
        self._doubts: dict[tuple[Fate, bool], Fate] = {}
        """By kind, as `by` was asked."""
        self._events_once: dict[tuple[Event, ...], tuple[Event, ...]] = {}

    def by(self, kind: Hashable, versions: Callable[[], Sequence[Candidate]]) -> Verdict:
        """Of keys of which the listing tells the same. `versions` makes one of them."""
        verdict = self.known.get(kind)
        if verdict is None:
            made = as_stack(versions())
            verdict = self._remember(kind, self._judged(made, [Known()] * len(made)))
        return verdict

    def of(self, versions: Sequence[Candidate], known: Sequence[Known]) -> Verdict:
        """Of the versions of one key, the newest first, of which more was asked."""
        likenesses = [likeness_of(each, self.matcher, self.rounding) for each in versions]
        tags = [self._open_rules(*each) for each in zip(versions, known, strict=True)]
        asked = [each[1:] for each in known]
        kind = (*zip(likenesses, tags, asked, strict=True),)
        verdict = self.known.get(kind)
        if verdict is None:
            verdict = self._remember(kind, self._judged(as_stack(versions), known))
        return verdict

    def doubted(self, verdict: Verdict, known: Sequence[Known], silent: Collection[int]) -> Verdict:
        """The same, when the versions at these places did not say what decides about them: what
        that decides is held back, and what comes then nobody knows."""
        fates = list(verdict.fates)
        for at in silent:
            # A lock keeps nothing from moving, nor from going under a delete marker.
            is_lock = not (known[at].is_silent or self._may_be_replicating)
            fates[at] = self._doubted(fates[at], is_lock=is_lock and not self.spares_keys)
        return replace(verdict, fates=tuple(fates))

    def _doubted(self, fate: Fate, *, is_lock: bool) -> Fate:
        """One for all that share a fate: they are counted together."""
        found = self._doubts.get((fate, is_lock))
        if found is None:
            if len(self._doubts) >= MOST_KINDS:
                self._doubts.clear()
            found = self._doubts[fate, is_lock] = _cut_short(fate, is_lock=is_lock)
        return found

    def _remember(self, kind: Hashable, verdict: Verdict) -> Verdict:
        if len(self.known) >= MOST_KINDS:
            self.known.clear()
        self.known[kind] = verdict
        return verdict

    def _judged(self, versions: Sequence[Candidate], known: Sequence[Known]) -> Verdict:
        events = self._events(versions)
        tags = tuple(self._wanted_tags(versions, known, events))
        heads = () if tags else tuple(self._wanted_heads(versions, known, events))
        is_open = bool(tags or heads)
        self.has_open |= is_open
        fates = []
        told = by_version(() if is_open else events, versions)
        for at, each in enumerate(versions):
            mine = self._once(told[at])
            # In a suspended bucket the null version goes with the deletion of another.
            is_matched = bool(mine or self._rules(each, known[at]))
            is_unsure = not mine and self._is_unsure(each, known[at])
            fates.append(Fate(mine, self._once(mine[1:]), _since(each), is_matched, is_unsure))
        return Verdict(tuple(fates), tags, heads, is_open)

    def _once(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Equal ones are one: rows refer to them for long."""
        if len(self._events_once) >= MOST_KINDS:
            self._events_once.clear()
        return self._events_once.setdefault(events, events)

    def _events(self, versions: Sequence[Candidate]) -> Sequence[Event]:
        return self._evaluator.forecast(versions, self._now, self.rounding.days)

    def _rules(self, candidate: Candidate, known: Known) -> int:
        """The rules that are about a version; until its tags are known, those that ask for some
        as well."""
        if (known.tags and not known.is_silent) or candidate.is_delete_marker:
            return self.matcher.rules_of(candidate)
        rank = self.matcher.rank(candidate.size)
        return self.matcher.by_key(candidate.key) & self.matcher.by_rank(rank)

    def _is_unsure(self, candidate: Candidate, known: Known) -> bool:
        """Whether rules may be about it, and all of them ask for tags that are not known."""
        if (known.tags and not known.is_silent) or candidate.is_delete_marker:
            return False
        rules = self._rules(candidate, known)
        return bool(rules) and not rules & ~self.matcher.tagged

    def _open_rules(self, candidate: Candidate, known: Known) -> int:
        is_known = known.tags or candidate.is_delete_marker
        return 0 if is_known else self._rules(candidate, known) & self.matcher.tagged

    def _wanted_tags(
        self, versions: Sequence[Candidate], known: Sequence[Known], events: Sequence[Event]
    ) -> Iterator[int]:
        for at, each in enumerate(versions):
            rules = self._open_rules(each, known[at])
            # A rule that changes nothing alone changes nothing beside others either.
            wanted = map(dict, self.matcher.tags_of(rules)) if rules else ()
            if any(self._differs(versions, at, events, tags=tags) for tags in wanted):
                yield at

    def _wanted_heads(
        self, versions: Sequence[Candidate], known: Sequence[Known], events: Sequence[Event]
    ) -> Iterator[int]:
        touched = {event.index for event in events}
        for at, each in enumerate(versions):
            if at not in touched or known[at].head or each.is_delete_marker:
                continue
            if any(self._differs(versions, at, events, **hold) for hold in self._holds):
                yield at

    def _differs(
        self, versions: Sequence[Candidate], at: int, events: Sequence[Event], **changes: object
    ) -> bool:
        """Whether something else happens if a version is changed."""
        changed = list(versions)
        changed[at] = replace(changed[at], **changes)  # type: ignore[arg-type]
        return _told(self._events(changed)) != _told(events)


def _cut_short(fate: Fate, *, is_lock: bool) -> Fate:
    """With the first thing held back that a lock (else anything) could, and nothing behind it."""
    for at, each in enumerate(fate.events):
        decision = each.decision
        if decision.skipped is not None or (
            is_lock and (decision.hides or decision.step.storage_class)
        ):
            continue
        held = replace(each, decision=replace(decision, skipped=Skipped.UNKNOWN, hides=False))
        events = (*fate.events[:at], held)
        return replace(fate, events=events, then=events[1:])
    return fate


def _told(events: Sequence[Event]) -> list[object]:
    """What of events matters: not what they were stronger than."""
    return [
        (
            *(each.index, each.day, each.decision.skipped),
            *(each.decision.step.action, each.decision.step.rule),
            each.decision.step.storage_class,
        )
        for each in events
    ]


def _since(candidate: Candidate) -> float:
    """The time from which days are counted; nan when nobody told."""
    since = candidate.created if candidate.is_current else candidate.noncurrent_since
    return nan if since is None else since.timestamp()
