"""Versions that rules cannot tell apart: what happens to them is found out once for all of them.

Rules look at few things: which filters match, the class, whether an object is small, and times no
more exactly than to the day. A million objects have some hundred likenesses.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, floor, isnan
from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.lifecycle.rules import SMALL
from s4desk.core.domain.objects import DELETED, LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lifecycle.decisions import Event
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.rules import Filter, Lifecycle
    from s4desk.core.domain.lock import LockState

DAY_S: Final = 86_400
UNDATED: Final = -(2**62)
"""The place of a time that nobody told."""
FOREVER: Final = 2**62
"""The place at which a legal hold ends."""
HELD_REPLICATION: Final = frozenset({"PENDING", "FAILED"})


class Grain(StrEnum):
    """How exactly an evaluator looks at times: AWS counts from the midnight (UTC) that follows
    them, first match counts whole days of age."""

    MIDNIGHT = "midnight"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Times as whole numbers; what has the same number, an evaluator of this grain takes for the
    same. Times are seconds since the epoch, nan when nobody told."""

    grain: Grain
    now: float

    def place(self, seconds: float) -> int:
        """Of a creation. By midnights: twice the day since the epoch, and 1 more behind its
        midnight. By age: the whole days that have passed until now."""
        if seconds != seconds:
            return UNDATED
        if self.grain is Grain.AGE:
            return floor((self.now - seconds) / DAY_S)
        day, rest = divmod(seconds, DAY_S)
        return 2 * int(day) + (rest > 0)

    def until(self, seconds: float) -> int:
        """Of the end of what holds a version back; 0 when it is over."""
        if not seconds > self.now:
            return 0
        if self.grain is Grain.AGE:
            return ceil((seconds - self.now) / DAY_S)
        return ceil(seconds / DAY_S)

    def held(self, lock: LockState) -> int:
        """How long a lock holds a version back: 0 for not at all."""
        if lock.legal_hold:
            return FOREVER
        if lock.mode is None or lock.retain_until is None:
            return 0
        return self.until(lock.retain_until.timestamp())

    def due(self, due: float, day: int, sample: float, own: float) -> float:
        """When that is due for a version which is due for a sample of its likeness at `due`.

        `sample` and `own` are the times from which days are counted for the two.
        """
        if self.grain is Grain.MIDNIGHT or isnan(sample) or isnan(own):
            return due
        end = self.now + day * DAY_S
        shifted = due + own - sample
        return min(shifted, end) if day == 0 else min(max(shifted, end - DAY_S + 1e-3), end)


class Likeness(NamedTuple):
    """All that rules see of one version. Those behind and before it are in the stack of its key:
    they tell since when it is noncurrent, and how many newer ones there are.

    `rules` has a bit for each enabled rule whose filter matches, the lowest for the first. `mark`
    is what it is, as a `Page` says it. `created` and `held` are places of a `Rounding`.
    """

    rules: int
    is_large: bool
    storage_class: str
    created: int
    mark: int = LATEST
    held: int = 0
    is_replicating: bool = False


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
        self._edges = _edges(each for _, each in rules)
        self._by_rank = [
            sum(bit for bit, each in rules if _fits(each, size)) for size in (0, *self._edges)
        ]
        self._tags = [(each.tags, bit) for bit, each in rules if each.tags]
        self.tagged = sum(bit for _, bit in self._tags)
        """The rules that ask for tags."""

    def by_key(self, key: str) -> int:
        """The rules whose prefix the key has."""
        bits = self._free
        for prefix, bit in self._prefixes:
            if key.startswith(prefix):
                bits |= bit
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

    def by_rank(self, rank: int) -> int:
        """The rules for objects of such a size."""
        return self._by_rank[rank]

    def is_large(self, rank: int) -> bool:
        return rank > 0 and self._edges[rank - 1] >= SMALL

    def by_tags(self, tags: Mapping[str, str]) -> int:
        """The rules whose tags are all there; those that ask for none as well."""
        bits = self.all & ~self.tagged
        for wanted, bit in self._tags:
            if all(tags.get(name) == value for name, value in wanted):
                bits |= bit
        return bits

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
        created=UNDATED if created is None else rounding.place(created.timestamp()),
        mark=(LATEST if candidate.is_current else 0)
        | (DELETED if candidate.is_delete_marker else 0),
        held=rounding.held(candidate.lock),
        is_replicating=candidate.replication in HELD_REPLICATION,
    )


def as_stack(versions: Sequence[Candidate]) -> list[Candidate]:
    """The versions of one key, the newest first, each told what it is among the others.

    A version ceases to be current when the next one comes ("Understanding how S3 calculates how
    long an object has been noncurrent"). Markers count among the newer ones.
    """
    stack = []
    newer: datetime | None = None
    behind = 0
    for at, each in enumerate(versions):
        stack.append(
            replace(
                each,
                is_alone=each.is_delete_marker and len(versions) == 1,
                noncurrent_since=None if each.is_current else newer,
                newer_noncurrent=behind,
            )
        )
        behind += not each.is_current
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
    """Strictly between the two: "Lifecycle configuration elements" in the S3 user guide."""
    is_over = each.larger_than is None or size > each.larger_than
    return is_over and (each.smaller_than is None or size < each.smaller_than)
