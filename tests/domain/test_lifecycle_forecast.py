"""What becomes of all versions of a key, event by event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.calendar import Calendar
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lock import LockMode, LockState
from tests.domain.lifecycle_words import (
    DAY,
    MARKER,
    NOW,
    about,
    cleans_markers,
    expires,
    lifecycle,
    moves,
    old,
    old_expires,
    on,
    told,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

OFF, ENABLED, SUSPENDED = Versioning.OFF, Versioning.ENABLED, Versioning.SUSPENDED
Evaluators = type[AwsEvaluator] | type[FirstMatchEvaluator]
both = pytest.mark.parametrize("kind", [AwsEvaluator, FirstMatchEvaluator])


def forecast(
    versions: Sequence[Candidate],
    *rules: dict[str, Any],
    versioning: Versioning = ENABLED,
    days: int = 100,
    kind: Evaluators = FirstMatchEvaluator,
) -> list[str]:
    events = kind(lifecycle(*rules), versioning).forecast(versions, NOW, days)
    return [told(each) for each in events]


LIFE = (moves((30, "GLACIER")) | expires(60) | old_expires(3), cleans_markers())


def test_a_life_to_its_end_by_the_store() -> None:
    assert forecast([version(40)], *LIFE, kind=AwsEvaluator) == [
        "day 0: [0] transition GLACIER #0",
        "day 21: [0] expire #0",
        "day 25: [0] expire_noncurrent #0",
        "day 26: [1] remove_delete_marker #1",
    ]


def test_a_life_to_its_end_by_copies() -> None:
    """What s4desk copies to another class is new, and the version before it stays."""
    assert forecast([version(40)], *LIFE) == [
        "day 0: [0] transition GLACIER #0",
        "day 3: [1] expire_noncurrent #0",
        "day 60: [0] expire #0",
        "day 63: [0] expire_noncurrent #0",
        "day 64: [2] remove_delete_marker #1",
    ]
    assert forecast([version(40)], *LIFE, versioning=OFF) == [
        "day 0: [0] transition GLACIER #0",
        "day 60: [0] expire #0",
    ]


def test_a_copy_where_versioning_is_suspended_waits_for_the_null_version_to_go() -> None:
    """It would take its place: nothing is destroyed that no rule says is to go."""
    stack = [version(40, version="v1"), old(1, version="null"), old(1, version="v0")]
    stack[2] = replace(stack[2], newer_noncurrent=1)
    assert forecast(stack, *LIFE, versioning=SUSPENDED, days=60) == [
        "day 0: [0] replaces_null_version: transition GLACIER #0",
        "day 2: [0] transition GLACIER #0",
        "day 2: [1] expire_noncurrent #0",
        "day 2: [2] expire_noncurrent #0",
        "day 5: [3] expire_noncurrent #0",
    ]
    kept = [stack[0], replace(stack[1], is_delete_marker=True)]
    held = "day 0: [0] replaces_null_version: transition GLACIER #0"
    life = moves((30, "GLACIER"))
    assert forecast(stack, life, versioning=SUSPENDED) == [held]
    for found, versioning, kind in (
        (kept, SUSPENDED, FirstMatchEvaluator),
        (stack, ENABLED, FirstMatchEvaluator),
        (stack, SUSPENDED, AwsEvaluator),
    ):
        done = forecast(found, life, versioning=versioning, kind=kind)
        assert done == ["day 0: [0] transition GLACIER #0"]


def test_copies_count_among_the_newer_ones() -> None:
    stack = [version(40), old(1)]
    keeps = old_expires(1, newer=1)
    assert forecast(stack, moves((30, "GLACIER")), keeps, days=9) == [
        "day 0: [0] transition GLACIER #0",
        "day 1: [1] expire_noncurrent #1",
    ]


@both
def test_without_versions_an_expiration_is_the_end(kind: Evaluators) -> None:
    found = forecast(
        [version(9)], expires(3), old_expires(1), cleans_markers(), versioning=OFF, kind=kind
    )
    assert found == ["day 0: [0] expire #0"]


def test_a_transition_before_the_marker_that_was_due_as_well() -> None:
    """The engine does one thing to a version in one run."""
    found = forecast([version(9)], moves((1, "GLACIER")), expires(1), kind=AwsEvaluator)
    assert found == ["day 0: [0] transition GLACIER #0", "day 1: [0] expire #1"]


def test_what_is_expired_counts_among_the_newer_ones() -> None:
    stack = [version(1), old(1), old(2, newer_noncurrent=1)]
    assert forecast(stack, expires(3), old_expires(1, newer=2)) == [
        "day 2: [0] expire #0",
        "day 3: [2] expire_noncurrent #1",
    ]


def test_what_is_removed_does_not_any_more() -> None:
    """The small one goes at once: from then on the oldest is one of the newest two."""
    stack = [
        version(0),
        old(1),
        old(2, size=1, newer_noncurrent=1),
        old(6, newer_noncurrent=2),
    ]
    small = old_expires(1, **about(ObjectSizeLessThan=9))
    assert forecast(stack, old_expires(9, newer=2)) == ["day 3: [3] expire_noncurrent #0"]
    assert forecast(stack, small, old_expires(9, newer=2)) == ["day 0: [2] expire_noncurrent #0"]
    assert forecast(stack, small, old_expires(9, newer=1)) == [
        "day 0: [2] expire_noncurrent #0",
        "day 3: [3] expire_noncurrent #1",
    ]


def test_noncurrent_markers_are_not_counted() -> None:
    stack = [version(0), old(5, **MARKER), old(6), old(1, newer_noncurrent=1)]
    assert forecast(stack, old_expires(4, newer=1), days=9) == ["day 3: [3] expire_noncurrent #0"]
    assert forecast(stack, old_expires(5, newer=0), days=9) == [
        "day 0: [1] expire_noncurrent #0",
        "day 0: [2] expire_noncurrent #0",
        "day 4: [3] expire_noncurrent #0",
    ]
    stack = [version(0), old(5, **MARKER), old(1), old(9, newer_noncurrent=1)]
    assert forecast(stack, old_expires(5, newer=1), days=9) == ["day 0: [3] expire_noncurrent #0"]


def test_a_marker_left_alone_goes_a_run_later() -> None:
    stack = [version(5, **MARKER), old(5)]
    assert forecast(stack, old_expires(7), cleans_markers()) == [
        "day 2: [1] expire_noncurrent #0",
        "day 3: [0] remove_delete_marker #1",
    ]
    assert forecast(stack, old_expires(7), expires(30)) == [
        "day 2: [1] expire_noncurrent #0",
        "day 25: [0] remove_delete_marker #1",
    ]


def test_where_versioning_is_suspended_the_null_version_is_replaced() -> None:
    rules = [expires(3), old_expires(5), cleans_markers()]
    null = version(3, version="null")
    assert forecast([null], *rules, versioning=SUSPENDED) == [
        "day 0: [0] expire #0",
        "day 1: [1] remove_delete_marker #2",
    ]
    other = version(3, version="v2")
    gone = old(3, version="null")
    kept = old(4, version="v1", newer_noncurrent=1)
    assert forecast([other, gone, kept], *rules, versioning=SUSPENDED) == [
        "day 0: [0] expire #0",
        "day 0: [1] expire_noncurrent #0",
        "day 1: [2] expire_noncurrent #1",
        "day 5: [0] expire_noncurrent #1",
        "day 6: [3] remove_delete_marker #0",
    ]


def test_those_behind_a_replaced_version_keep_their_places() -> None:
    stack = [version(3, version="null"), old(9, version="v1"), old(9, version="v0")]
    stack[2] = replace(stack[2], newer_noncurrent=1)
    for newer, more in ((1, ["day 0: [2] expire_noncurrent #1"]), (2, [])):
        found = forecast(stack, expires(3), old_expires(9, newer=newer), versioning=SUSPENDED)
        assert found == ["day 0: [0] expire #0", *more]
    for newer, more in ((1, ["day 7: [2] expire_noncurrent #1"]), (2, [])):
        found = forecast(stack, expires(3), old_expires(16, newer=newer), versioning=SUSPENDED)
        assert found == ["day 0: [0] expire #0", *more]


def test_a_null_version_is_kept_where_versioning_is_enabled_again() -> None:
    stack = [version(3, version="v1"), old(3, version="null")]
    assert forecast(stack, expires(3), days=9) == ["day 0: [0] expire #0"]
    found = forecast(stack, expires(3), old_expires(5), days=9)
    assert found[1:] == [
        "day 2: [1] expire_noncurrent #1",
        "day 5: [0] expire_noncurrent #1",
        "day 6: [2] remove_delete_marker #0",
    ]


def test_a_version_without_id_is_not_kept_where_versioning_is_suspended() -> None:
    stack = [version(3), old(4)]
    assert forecast(stack, expires(3), old_expires(5), cleans_markers(), versioning=SUSPENDED) == [
        "day 0: [0] expire #0",
        "day 1: [1] expire_noncurrent #1",
        "day 2: [2] remove_delete_marker #2",
    ]


def test_a_lock_is_told_once_and_ends() -> None:
    held = LockState(LockMode.GOVERNANCE, NOW + 40 * DAY)
    rules = [moves((30, "GLACIER")), expires(20)]
    one = version(19, lock=held)
    assert forecast([one], *rules) == [
        "day 1: [0] locked: expire #1",
        "day 40: [0] transition GLACIER #0",
        "day 60: [0] expire #1",
    ]


def test_a_hold_never_ends() -> None:
    held = version(19, lock=LockState(legal_hold=True))
    assert forecast([held], expires(20), days=10_000) == ["day 1: [0] locked: expire #0"]


def test_where_a_deletion_is_held_back_transitions_go_on() -> None:
    held = old(19, lock=LockState(LockMode.COMPLIANCE, NOW + 40 * DAY))
    rule = {
        "NoncurrentVersionTransitions": [
            {"NoncurrentDays": 10, "StorageClass": "GLACIER"},
            {"NoncurrentDays": 30, "StorageClass": "DEEP_ARCHIVE"},
        ]
    }
    assert forecast([version(19), held], rule | old_expires(5), kind=AwsEvaluator) == [
        "day 0: [1] transition_noncurrent GLACIER #0",
        "day 1: [1] locked: expire_noncurrent #0",
        "day 12: [1] transition_noncurrent DEEP_ARCHIVE #0",
        "day 13: [1] locked: expire_noncurrent #0",
        "day 40: [1] expire_noncurrent #0",
    ]


def test_replication_that_is_pending_is_waited_for_without_end() -> None:
    one = version(19, replication="PENDING")
    assert forecast([one], expires(20), days=10_000) == [
        "day 1: [0] replication_pending: expire #0"
    ]


def test_days_may_be_seconds() -> None:
    calendar = Calendar(timedelta(seconds=3), to_midnight=False)
    one = Candidate("k", 1 << 20, NOW - timedelta(seconds=4))
    rules = lifecycle(moves((2, "GLACIER")), expires(4), old_expires(2), cleans_markers())
    events = AwsEvaluator(rules, ENABLED, calendar).forecast([one], NOW, 100)
    assert [told(each) for each in events] == [
        "day 1: [0] transition GLACIER #0",
        "day 3: [0] expire #1",
        "day 5: [0] expire_noncurrent #2",
        "day 6: [1] remove_delete_marker #3",
    ]


def test_no_days_and_fewer() -> None:
    assert forecast([version(0)], on("2026-11-21"), days=0) == ["day 0: [0] expire #0"]
    assert forecast([version(0)], on("2026-11-21"), days=-1) == []
    assert forecast([version(0)], expires(99), days=98) == []
    assert forecast([version(0)], expires(99), days=99) == ["day 99: [0] expire #0"]
    assert forecast([], expires(99)) == []
