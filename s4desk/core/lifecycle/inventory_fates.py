"""What becomes of the versions of a key, found out once for all keys that are alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.domain.lifecycle.decisions import Skipped
from s4desk.core.domain.lifecycle.forecast import by_version
from s4desk.core.domain.lifecycle.likeness import MOST_STACKS, Likeness, as_stack
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.lifecycle.findings import Finding
from s4desk.core.lifecycle.inventory_likeness import rules_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.decisions import Event
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.likeness import Rounding, Stack
    from s4desk.core.lifecycle.inventory_database import Row

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
CANDIDATE: Final = (
    *("key", "version", "size", "modified", "class", "is_latest", "is_marker"),
    *("replication", "lock_mode", "lock_until", "lock_hold", "tags"),
)
"""The columns of which a candidate is made."""
FOUND: Final = "key, version, etag, size, class, modified, lock_until, lock_hold"
"""The columns of which a finding is made."""


@dataclass(frozen=True, slots=True, eq=False)
class Fate:
    """All that happens to one version, in order of time. `since` is the time from which days were
    counted for the one that it was found out of."""

    events: tuple[Event, ...]
    since: float


class Fates:
    """Asks the evaluator about each kind of key once. For one thread at a time."""

    def __init__(self, evaluator: Evaluator, now: datetime, days: int) -> None:
        self._evaluator = evaluator
        self._now = now
        self._days = days
        self._known: dict[Stack, tuple[Fate, ...]] = {}

    def of(self, likenesses: Sequence[Row], samples: Sequence[Row]) -> tuple[Fate, ...]:
        """Of the versions of a key, the newest first: the columns that say what rules see of each,
        and CANDIDATE."""
        stack = tuple(map(likeness, likenesses))
        known = self._known.get(stack)
        if known is None:
            if len(self._known) >= MOST_STACKS:
                self._known.clear()
            known = self._known[stack] = self._found(as_stack(list(map(candidate, samples))))
        return known

    def _found(self, versions: Sequence[Candidate]) -> tuple[Fate, ...]:
        events = self._evaluator.forecast(versions, self._now, self._days)
        return tuple(
            Fate(each, _since(version))
            for each, version in zip(by_version(events, versions), versions, strict=True)
        )


def likeness(row: Row) -> Likeness:
    """Of the columns that `with_likeness` made. What nothing is about is all the same."""
    at = len(row) - (len(Likeness._fields) - 1)
    return Likeness(rules_of(row[: at - 1]), *row[at:])


def candidate(row: Row) -> Candidate:
    """Of the columns CANDIDATE; `as_stack` tells the rest."""
    key, version, size, modified, storage_class, is_latest, is_marker, *rest = row
    replication, mode, until, is_held, tags = rest
    return Candidate(
        key=text(key),
        size=size,
        created=moment(modified),
        storage_class=storage_class,
        version=version,
        tags=tags_of(tags),
        is_current=is_latest,
        is_delete_marker=is_marker,
        lock=_lock(mode, moment(until), is_held),
        replication=replication,
    )


def finding(row: Row, since: int | None, fate: Fate, rounding: Rounding) -> Finding:
    """Of the columns FOUND, and the time from which days are counted for this very version."""
    key, version, etag, size, storage_class, modified, until, is_held = row
    event, *then = fate.events
    is_locked = event.decision.skipped is Skipped.LOCKED
    return Finding(
        key=text(key),
        version=version,
        etag=etag,
        size=size,
        storage_class=storage_class,
        created=seconds(modified),
        day=event.day,
        due=rounding.due(event, fate.since, seconds(since)),
        decision=event.decision,
        then=tuple(then),
        until=(inf if is_held else seconds(until)) if is_locked else nan,
    )


def text(key: bytes) -> str:
    return key.decode("utf-8", "surrogateescape")


def seconds(microseconds: int | None) -> float:
    return nan if microseconds is None else microseconds / 1e6


def moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def tags_of(tags: str) -> dict[str, str]:
    """As the header x-amz-tagging has them."""
    if not tags:
        return {}
    return dict(parse_qsl(tags, keep_blank_values=True, errors="surrogateescape"))


def _lock(mode: str, until: datetime | None, is_held: bool) -> LockState:
    if not mode or until is None:
        return LockState(legal_hold=True) if is_held else NO_LOCK
    # A mode that nobody knows is taken for the one that nothing ends.
    known = LockMode.GOVERNANCE if mode == LockMode.GOVERNANCE else LockMode.COMPLIANCE
    return LockState(known, until, is_held or None)


def _since(version: Candidate) -> float:
    since = version.created if version.is_current else version.noncurrent_since
    return nan if since is None else since.timestamp()
