"""Any rules, and the versions of any key, small enough to meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.candidates import NULL_VERSION, Candidate, Versioning
from s4desk.core.domain.lifecycle.rules import (
    Filter,
    Lifecycle,
    MinimumSize,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from tests.domain.lifecycle_words import NOW

if TYPE_CHECKING:
    from datetime import datetime

CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "COLD", "COLDER")
SIZES = (0, 1, 128 * 1024 - 1, 128 * 1024, 1 << 20)
HOURS = st.integers(0, 8 * 24)
DAYS = st.integers(0, 7)
DATES = st.integers(-4, 4).map(lambda day: NOW + timedelta(days=day))
WHENS = st.builds(When, DAYS) | st.builds(When, date=DATES)
NEWER = st.integers(0, 2)
NAMES = st.sampled_from(CLASSES)

filters = st.builds(
    Filter,
    st.sampled_from(["", "", "a", "b"]),
    st.sampled_from([(), (), (("k", "v"),)]),
    st.none() | st.sampled_from(SIZES),
    st.none() | st.sampled_from(SIZES),
)
transitions = st.lists(st.builds(Transition, WHENS, NAMES), max_size=2).map(tuple)
old_transitions = st.lists(
    st.builds(Transition, st.builds(When, DAYS), NAMES, NEWER), max_size=2
).map(tuple)


def rules(is_enabled: st.SearchStrategy[bool] | None = None) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        is_enabled=st.sampled_from([True, True, True, False]) if is_enabled is None else is_enabled,
        filter=st.just(Filter()) | filters,
        expiration=st.none() | WHENS,
        expires_markers=st.booleans(),
        transitions=transitions,
        noncurrent_expiration=st.none() | st.builds(NoncurrentExpiration, DAYS, NEWER),
        noncurrent_transitions=old_transitions,
        abort_days=st.none() | DAYS,
    )


lifecycles = st.builds(
    Lifecycle, st.lists(rules(), min_size=1, max_size=4).map(tuple), st.sampled_from(MinimumSize)
)

locks = st.sampled_from([NO_LOCK] * 4 + [LockState(legal_hold=True)]) | st.builds(
    LockState,
    st.sampled_from(LockMode),
    DAYS.map(lambda day: NOW + timedelta(days=day - 1, hours=5)),
)
replications = st.sampled_from(["", "", "", "COMPLETED", "PENDING"])
versions = st.builds(
    Candidate,
    key=st.just("a/1"),
    size=st.sampled_from(SIZES),
    created=st.none() | HOURS.map(lambda hours: NOW - timedelta(hours=hours)),
    storage_class=st.sampled_from(["STANDARD", "STANDARD", *CLASSES]),
    tags=st.sampled_from([{}, {"k": "v"}]),
    lock=locks,
    replication=replications,
)


@st.composite
def stacks(draw: st.DrawFn, versioning: Versioning) -> list[Candidate]:
    """All versions of a key, the newest first; one alone where there are no versions. Where
    something is locked versioning cannot be suspended ("Object Lock considerations")."""
    if versioning is Versioning.OFF:
        return [draw(versions)]
    found: list[Candidate] = []
    came = NOW - timedelta(hours=draw(HOURS))
    null = draw(st.integers(0, 3))
    count = draw(st.integers(1, 4))
    since: datetime | None = None
    for place in range(count):
        drawn = draw(versions)
        one = replace(
            drawn,
            created=came,
            version=NULL_VERSION if place == null else f"v{place}",
            is_current=place == 0,
            noncurrent_since=since,
            lock=NO_LOCK if versioning is Versioning.SUSPENDED else drawn.lock,
            newer_noncurrent=sum(not (each.is_current or each.is_delete_marker) for each in found),
        )
        if draw(st.sampled_from([False, False, True])):
            one = replace(
                one,
                size=0,
                tags={},
                lock=NO_LOCK,
                replication="",
                is_delete_marker=True,
                is_alone=count == 1,
            )
        found.append(one)
        since, came = came, came - timedelta(hours=draw(st.integers(0, 72)))
    return found


worlds = st.sampled_from(Versioning).flatmap(
    lambda versioning: st.tuples(st.just(versioning), stacks(versioning))
)
"""A state of versioning, and the versions of a key in such a bucket."""
