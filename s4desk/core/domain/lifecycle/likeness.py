"""Versions that rules cannot tell apart: what happens to them is found out once for all of them.

Rules look at few things: which filters match, the class, whether an object is small, and times no
more exactly than to the day. A million objects have some hundred likenesses.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from math import ceil, floor
from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.lifecycle.candidates import HELD_REPLICATION, NULL_VERSION
from s4desk.core.domain.lifecycle.rules import SMALL
from s4desk.core.domain.objects import DELETED, LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lifecycle.decisions import Event
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.rules import Filter, Lifecycle, When
    from s4desk.core.domain.lock import LockState

DAY_S: Final = 86_400
UNDATED: Final = -(2**62)
"""The place of a time that nobody told."""
FOREVER: Final = 2**62
"""The place at which a legal hold ends."""
AHEAD: Final = 2**32
PASSED: Final = -(2**40)
"""The place of times behind which so many (less 1 each) of all spans have passed."""


class Grain(StrEnum):
    """How exactly an evaluator looks at times: AWS counts from the midnight (UTC) that follows
    them, first match counts whole days of age."""

    MIDNIGHT = "midnight"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Times as whole numbers; what has the same number, an evaluator of this grain takes for the
    same. Times are seconds since the epoch, nan when nobody told.

    With `spans`, the numbers of days that rules name, and the `days` one looks ahead, what comes
    behind or before all that matters is the same as well.
    """

    grain: Grain
    now: float
    spans: Sequence[int] | None = None
    days: int = 0

    def place(self, seconds: float) -> int:
        """Of a creation. By midnights: twice the day since the epoch, and 1 more behind its
        midnight. By age: the whole days that have passed until now.

        What comes after now has the days until then beside it, `AHEAD` times each.
        """
        if seconds != seconds:
            return UNDATED
        if self.grain is Grain.AGE:
            return floor((self.now - seconds) / DAY_S)
        day, rest = divmod(seconds, DAY_S)
        ahead = ceil((seconds - self.now) / DAY_S) * AHEAD if seconds > self.now else 0
        return 2 * int(day) + (rest > 0) + ahead

    def coarse(self, place: int) -> int:
        """The same for all places with nothing to come from now on, if as much of it is over."""
        if self.spans is None or place == UNDATED or place > AHEAD // 2:
            return place
        passed = 0
        for span in self.spans:
            day = self._days_until(place, span)
            if 0 < day <= self.days:
                return place
            passed += day <= 0
        return PASSED - passed

    def _days_until(self, place: int, span: int) -> int:
        if self.grain is Grain.AGE:
            return span - place
        return ceil(((place // 2 + 1 + span) * DAY_S - self.now) / DAY_S)

    def until(self, seconds: float) -> int:
        """The runs until the end of what holds a version back; 0 when it is over."""
        return ceil((seconds - self.now) / DAY_S) if seconds > self.now else 0

    def held(self, lock: LockState) -> int:
        """How long a lock holds a version back: 0 for not at all."""
        if lock.legal_hold:
            return FOREVER
        if lock.mode is None or lock.retain_until is None:
            return 0
        return self.until(lock.retain_until.timestamp())

    def due(self, event: Event, sample: float, own: float) -> float:
        """When an event comes for a version which happens to a sample of its likeness.

        `sample` and `own` are the times from which days are counted for the two.
        """
        step, end = event.decision.step, self.now + event.day * DAY_S
        due = step.due.timestamp()
        if step.when.days is None:
            since = own if step.when.date is None else step.when.date.timestamp()
            due = max(since, own) if own == own else due
        elif sample == sample and own == own and not event.from_run:
            due = min(due + self._since(own) - self._since(sample), end)
        # What was held back, or waits for something else, comes with the run that finds it free.
        return end if event.day and due <= end - DAY_S else due

    def _since(self, seconds: float) -> float:
        return seconds if self.grain is Grain.AGE else seconds // DAY_S * DAY_S


def spans_of(lifecycle: Lifecycle) -> Sequence[int] | None:
    """The numbers of days that rules name for versions; None where dates stand beside them: which
    of two comes first then depends on the time itself."""
    whens: list[When] = []
    spans: set[int] = set()
    for rule in lifecycle.rules:
        whens += [each.when for each in (*rule.transitions, *rule.noncurrent_transitions)]
        whens += [rule.expiration] if rule.expiration is not None else []
        spans |= {rule.noncurrent_expiration.days} if rule.noncurrent_expiration else set()
    if any(when.date is not None for when in whens):
        return None
    return sorted(spans | {when.days for when in whens if when.days is not None})


class Likeness(NamedTuple):
    """All that rules see of one version. Those behind and before it are in the stack of its key:
    they tell since when it is noncurrent, and how many newer ones there are.

    `rules` has a bit for each enabled rule whose filter matches, the lowest for the first. `mark`
    is what it is, as a `Page` says it. `created` and `held` are places of a `Rounding`. A version
    that `is_null` is the one of a bucket without versions.
    """

    rules: int
    is_large: bool
    storage_class: str
    created: int
    mark: int = LATEST
    held: int = 0
    is_replicating: bool = False
    is_null: bool = True


Stack = tuple[Likeness, ...]
"""The versions of one key, the newest first."""


class Matcher:
    """Which rules are about an object: a bit for each that is enabled, the lowest for the first."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        rules = [
            (1 << at, rule.filter) for at, rule in enumerate(lifecycle.rules) if rule.is_enabled
        ]
        self.all = sum(bit for bit, _ in rules)
        self._prefixes = [(each.prefix, bit) for bit, each in rules if each.prefix]
        self._free = self.all & ~sum(bit for _, bit in self._prefixes)
        self._tables: dict[int, dict[str, int]] = {}
        for prefix, bit in self._prefixes:
            table = self._tables.setdefault(len(prefix), {})
            table[prefix] = table.get(prefix, 0) | bit
        self._edges = _edges(each for _, each in rules)
        self.ranks = [
            sum(bit for bit, each in rules if _fits(each, size)) for size in (0, *self._edges)
        ]
        self._tags = [(each.tags, bit) for bit, each in rules if each.tags]
        self.tagged = sum(bit for _, bit in self._tags)
        """The rules that ask for tags."""

    def by_key(self, key: str) -> int:
        """The rules whose prefix the key has."""
        bits = self._free
        for length, table in self._tables.items():
            bits |= table.get(key[:length], 0)
        return bits

    def by_start(self, start: str) -> int | None:
        """The same for all keys that begin with `start`; None if it may differ."""
        bits = self._free
        for prefix, bit in self._prefixes:
            if start.startswith(prefix):
                bits |= bit
            elif prefix.startswith(start):
                return None
        return bits

    def rank(self, size: int) -> int:
        """Sizes of one rank (in bytes) are the same for all rules."""
        return bisect_right(self._edges, size)

    def ranks_of(self, sizes: Iterable[int]) -> Iterator[int]:
        """The same for many."""
        return map(partial(bisect_right, self._edges), sizes)

    def by_rank(self, rank: int) -> int:
        """The rules for objects of such a size."""
        return self.ranks[rank]

    def is_large(self, rank: int) -> bool:
        return rank > 0 and self._edges[rank - 1] >= SMALL

    def by_tags(self, tags: Mapping[str, str]) -> int:
        """The rules whose tags are all there; those that ask for none as well."""
        bits = self.all & ~self.tagged
        for wanted, bit in self._tags:
            if all(tags.get(name) == value for name, value in wanted):
                bits |= bit
        return bits

    def tags_of(self, rules: int) -> list[tuple[tuple[str, str], ...]]:
        """What those of these rules ask for that ask for tags."""
        return [wanted for wanted, bit in self._tags if bit & rules]

    def rules_of(self, candidate: Candidate) -> int:
        """The rules whose filter matches."""
        bits = self.by_key(candidate.key) & self.by_rank(self.rank(candidate.size))
        return bits & self.by_tags(candidate.tags)


def likeness_of(candidate: Candidate, matcher: Matcher, rounding: Rounding) -> Likeness:
    """What rules see of a version."""
    created = candidate.created
    return Likeness(
        rules=matcher.rules_of(candidate),
        is_large=candidate.size >= SMALL,
        storage_class=candidate.storage_class,
        created=rounding.coarse(
            UNDATED if created is None else rounding.place(created.timestamp())
        ),
        mark=(LATEST if candidate.is_current else 0)
        | (DELETED if candidate.is_delete_marker else 0),
        held=rounding.held(candidate.lock),
        is_replicating=candidate.replication in HELD_REPLICATION,
        is_null=candidate.version in ("", NULL_VERSION),
    )


def as_stack(versions: Sequence[Candidate]) -> list[Candidate]:
    """The versions of one key, the newest first, each told what it is among the others.

    A version ceases to be current when the next one comes ("Understanding how S3 calculates how
    long an object has been noncurrent"). Markers do not count among the newer ones ("Lifecycle
    configuration elements").
    """
    stack = []
    newer: datetime | None = None
    behind = 0
    for at, each in enumerate(versions):
        stack.append(
            replace(
                each,
                is_alone=each.is_delete_marker and each.is_current and len(versions) == 1,
                noncurrent_since=None if each.is_current else newer,
                newer_noncurrent=behind,
            )
        )
        behind += not (each.is_current or each.is_delete_marker)
        newer = versions[at].created
    return stack


MOST_STACKS: Final = 100_000
"""So many kinds of keys are remembered."""


class Forecasts:
    """What happens to keys, found out once for all that are alike."""

    def __init__(self, evaluator: Evaluator, now: datetime, days: int) -> None:
        self._evaluator = evaluator
        self._now = now
        self._days = days
        self._known: dict[Stack, Sequence[Event]] = {}

    def of(self, stack: Stack, sample: Callable[[], Sequence[Candidate]]) -> Sequence[Event]:
        """As `Evaluator.forecast`, of a key with versions of these likenesses.

        `sample` makes the versions of one such key, told what they are by `as_stack`; it is called
        when there was none before. Steps are due as they are for that one: see `Rounding.due`.
        """
        known = self._known.get(stack)
        if known is None:
            if len(self._known) >= MOST_STACKS:
                self._known.clear()
            known = tuple(self._evaluator.forecast(sample(), self._now, self._days))
            self._known[stack] = known
        return known


def _edges(filters: Iterable[Filter]) -> list[int]:
    """The sizes at which a filter begins to match, or ceases to."""
    edges = {SMALL}
    for each in filters:
        edges |= {each.larger_than + 1} if each.larger_than is not None else set()
        edges |= {each.smaller_than} if each.smaller_than is not None else set()
    return sorted(edges)


def _fits(each: Filter, size: int) -> bool:
    return each.matches(each.prefix, size, dict(each.tags))
