"""The first rule that has something to do decides: SPEC.md section 4, statement by statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate, Versioning
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule
from s4desk.core.domain.lock import LockMode, LockState
from tests.domain.lifecycle_strategies import lifecycles, rules, versions, worlds
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
    old_moves,
    on,
    said,
    tagged,
    version,
)

ENABLED = Versioning.ENABLED
HELD = LockState(LockMode.GOVERNANCE, NOW + DAY)
IA, ICE, DEEP = "STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"
TIERED = moves((30, IA), (90, ICE))
LIVES: dict[str, tuple[list[dict[str, Any]], Candidate, str]] = {
    "nothing before its days are over": ([expires(30)], version(29.99), ""),
    "when they are": ([expires(30)], version(30), "expire #0"),
    "midnights do not count": ([expires(1)], version(1.01), "expire #0"),
    "rules in order of declaration": (
        [moves((1, ICE)), expires(1)],
        version(9),
        "transition GLACIER #0",
    ),
    "the other order": ([expires(1), moves((1, ICE))], version(9), "expire #0"),
    "shorter is no reason": ([expires(8), expires(1)], version(9), "expire #0"),
    "a rule that does not fire is passed over": (
        [expires(30), moves((1, ICE))],
        version(9),
        "transition GLACIER #1",
    ),
    "one whose filter does not match too": (
        [expires(1, **about(Prefix="x")), expires(1, **tagged("k", "v")), expires(2)],
        version(9),
        "expire #2",
    ),
    "a disabled one as well": (
        [expires(1, Status="Disabled"), expires(2)],
        version(9),
        "expire #1",
    ),
    "what nobody understands never fires": (
        [expires(1, **about(LastAccessed=3)), expires(2)],
        version(9),
        "expire #1",
    ),
    "the deepest transition": ([TIERED], version(100), "transition GLACIER #0"),
    "of those whose days have come": ([TIERED], version(89), "transition STANDARD_IA #0"),
    "in whatever order they stand": (
        [moves((90, ICE), (30, IA))],
        version(100),
        "transition GLACIER #0",
    ),
    "expiration with more days loses": (
        [TIERED | expires(365)],
        version(400),
        "transition GLACIER #0",
    ),
    "with as many it wins": ([TIERED | expires(90)], version(400), "expire #0"),
    "with fewer too": ([TIERED | expires(60)], version(400), "expire #0"),
    "with fewer, before the deeper one": (
        [TIERED | expires(60)],
        version(70),
        "transition STANDARD_IA #0",
    ),
    "it comes when the transition is done": (
        [TIERED | expires(365)],
        version(400, storage_class=ICE),
        "expire #0",
    ),
    "and before that nothing": ([TIERED | expires(365)], version(300, storage_class=ICE), ""),
    "nothing goes back up": ([TIERED], version(40, storage_class=ICE), ""),
    "a date that has come": ([on("2026-11-21")], version(0), "expire #0"),
    "at its moment": ([on("2026-11-21T13:00:00Z")], version(0), "expire #0"),
    "not before": ([on("2026-11-21T13:00:01Z")], version(999), ""),
    "a date loses to any transition": (
        [moves((5, ICE)) | on("2026-11-01")],
        version(9),
        "transition GLACIER #0",
    ),
    "not to one that is to come": ([moves((50, ICE)) | on("2026-11-01")], version(9), "expire #0"),
    "days are checked before the date": (
        [moves((5, ICE)) | {"Expiration": {"Days": 3, "Date": "2020-01-01"}}],
        version(9),
        "expire #0",
    ),
    "a date counts where days have not come": (
        [{"Expiration": {"Days": 30, "Date": "2020-01-01"}}],
        version(9),
        "expire #0",
    ),
    "small objects are like others": (
        [moves((1, IA))],
        version(9, size=0),
        "transition STANDARD_IA #0",
    ),
    "sizes are strict": ([expires(1, **about(ObjectSizeGreaterThan=9))], version(9, size=9), ""),
    "no date is age 0": ([expires(1), moves((1, ICE))], version(None), ""),
    "of age 0 is what asks for none": ([moves((0, ICE))], version(None), "transition GLACIER #0"),
    "no date does not matter to a date": ([on("2020-01-01")], version(None), "expire #0"),
    "old versions only see noncurrent actions": (
        [expires(1), moves((1, ICE)), on("2020-01-01"), cleans_markers(), old_expires(3)],
        old(9),
        "expire_noncurrent #4",
    ),
    "current ones do not see them": ([old_expires(1), old_moves(1, ICE)], version(9), ""),
    "old ones have transitions": (
        [old_moves(3, ICE) | old_expires(9)],
        old(10),
        "transition_noncurrent GLACIER #0",
    ),
    "and the same contest": ([old_moves(3, ICE) | old_expires(3)], old(10), "expire_noncurrent #0"),
    "the newest are kept": ([old_expires(1, newer=2)], old(9, newer_noncurrent=1), ""),
    "the others are not": (
        [old_expires(1, newer=2)],
        old(9, newer_noncurrent=2),
        "expire_noncurrent #0",
    ),
    "nobody knows since when": ([old_expires(1)], old(None), ""),
    "a lone marker": (
        [cleans_markers()],
        version(0, is_alone=True, **MARKER),
        "remove_delete_marker #0",
    ),
    "one that hides something": ([cleans_markers(), expires(1)], version(9, **MARKER), ""),
    "with days when it is as old": (
        [expires(5)],
        version(5, is_alone=True, **MARKER),
        "remove_delete_marker #0",
    ),
    "locked always wins": ([expires(1)], version(9, lock=HELD), "locked: expire #0"),
    "over transitions too": (
        [moves((1, ICE))],
        version(9, lock=HELD),
        "locked: transition GLACIER #0",
    ),
    "and old versions": (
        [old_expires(1)],
        old(9, lock=LockState(legal_hold=True)),
        "locked: expire_noncurrent #0",
    ),
    "not when it is over": (
        [expires(1)],
        version(9, lock=LockState(LockMode.COMPLIANCE, NOW)),
        "expire #0",
    ),
    "replication is waited for": (
        [expires(1)],
        version(9, replication="PENDING"),
        "replication_pending: expire #0",
    ),
    "also when it failed": (
        [expires(1)],
        version(9, replication="FAILED"),
        "replication_pending: expire #0",
    ),
    "a later rule goes on down": (
        [moves((30, IA)), moves((60, ICE))],
        version(70, storage_class=IA),
        "transition GLACIER #1",
    ),
    "not in the place of an earlier one": (
        [moves((30, IA)), moves((30, ICE))],
        version(70, storage_class=IA),
        "",
    ),
    "nor where nobody knows the way": (
        [moves((30, "COLD")), moves((60, "COLDER"))],
        version(70, storage_class="COLD"),
        "",
    ),
    "nor behind a rule of which nobody does": (
        [moves((30, IA)), moves((60, "COLD")), moves((90, ICE)), moves((95, "COLDER"))],
        version(99, storage_class=IA),
        "",
    ),
    "in one rule time tells the way": (
        [moves((30, "COLD"), (60, "COLDER"))],
        version(70, storage_class="COLD"),
        "transition COLDER #0",
    ),
    "and there is none back": (
        [moves((30, "COLD"), (60, "COLDER"))],
        version(40, storage_class="COLDER"),
        "",
    ),
}


@pytest.mark.parametrize("name", LIVES)
def test_statement(name: str) -> None:
    given_rules, candidate, decided = LIVES[name]
    evaluator = FirstMatchEvaluator(lifecycle(*given_rules), ENABLED)
    assert said(evaluator.decide(candidate, NOW)) == decided


@pytest.mark.parametrize(
    ("rule", "age", "decided"),
    [
        ({}, 7, "abort_upload #0"),
        ({}, 6.99, ""),
        ({}, None, ""),
        (about(Prefix="x"), 9, ""),
        (tagged("k", "v"), 9, ""),
        (about(ObjectSizeGreaterThan=0), 9, ""),
        (about(ObjectSizeLessThan=1), 9, ""),
        ({"Status": "Disabled"}, 9, ""),
    ],
)
def test_uploads(rule: dict[str, Any], age: float | None, decided: str) -> None:
    """They have no tags, and their size is 0."""
    found = lifecycle({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, **rule})
    initiated = None if age is None else NOW - age * DAY
    evaluator = FirstMatchEvaluator(found)
    assert said(evaluator.decide_upload(UploadCandidate("a", "id", initiated), NOW)) == decided


def test_of_uploads_the_first_rule_is_told() -> None:
    abort = "AbortIncompleteMultipartUpload"
    found = lifecycle({abort: {"DaysAfterInitiation": 7}}, {abort: {"DaysAfterInitiation": 2}})
    decision = FirstMatchEvaluator(found).decide_upload(
        UploadCandidate("a", "i", NOW - 9 * DAY), NOW
    )
    assert said(decision) == "abort_upload #0"
    assert decision is not None
    assert [each.rule for each in decision.outdone] == [1]


def test_what_was_due_as_well_is_told() -> None:
    found = lifecycle(TIERED | expires(95), expires(10))
    decision = FirstMatchEvaluator(found).decide(version(100), NOW)
    assert said(decision) == "transition GLACIER #0"
    assert decision is not None
    assert [(each.action.value, each.rule) for each in decision.outdone] == [
        ("expire", 0),
        ("transition", 0),
        ("expire", 1),
    ]


FREE = versions.map(lambda each: replace(each, lock=LockState(), replication=""))


@given(lifecycles, FREE, st.floats(0, 20))
def test_what_fires_fires_also_later(found: Lifecycle, candidate: Candidate, later: float) -> None:
    evaluator = FirstMatchEvaluator(found, ENABLED)
    if evaluator.decide(candidate, NOW) is not None:
        assert evaluator.decide(candidate, NOW + later * DAY) is not None


@given(lifecycles, worlds)
def test_disabled_rules_never_fire(
    found: Lifecycle, world: tuple[Versioning, list[Candidate]]
) -> None:
    versioning, stack = world
    for each in stack:
        decision = FirstMatchEvaluator(found, versioning).decide(each, NOW)
        if decision is not None:
            assert found.rules[decision.step.rule].is_enabled
            assert all(found.rules[step.rule].is_enabled for step in decision.outdone)
    off = Lifecycle(tuple(replace(each, is_enabled=False) for each in found.rules))
    odd = Lifecycle(tuple(replace(each, unknown=("X",)) for each in found.rules))
    for rules_off in (off, odd):
        assert all(FirstMatchEvaluator(rules_off, versioning).decide(e, NOW) is None for e in stack)


@given(lifecycles, worlds, st.integers(0, 10))
def test_what_is_locked_is_never_acted_on(
    found: Lifecycle, world: tuple[Versioning, list[Candidate]], day: int
) -> None:
    versioning, stack = world
    moment = NOW + day * DAY
    for each in stack:
        decision = FirstMatchEvaluator(found, versioning).decide(each, moment)
        if each.lock.is_locked(moment) and decision is not None:
            assert decision.action is None


@given(lifecycles, worlds, st.lists(rules(), min_size=1, max_size=3))
def test_rules_behind_the_first_that_fires_change_nothing(
    found: Lifecycle, world: tuple[Versioning, list[Candidate]], more: list[Rule]
) -> None:
    versioning, stack = world
    for each in stack:
        decision = FirstMatchEvaluator(found, versioning).decide(each, NOW)
        if decision is None:
            continue
        for place in range(decision.step.rule + 1, len(found.rules) + 1):
            longer = Lifecycle((*found.rules[:place], *more, *found.rules[place:]), found.minimum)
            again = FirstMatchEvaluator(longer, versioning).decide(each, NOW)
            assert again is not None
            assert (again.step, again.skipped) == (decision.step, decision.skipped)


@given(lifecycles, worlds)
def test_no_rule_before_the_first_that_fires_has_anything_to_do(
    found: Lifecycle, world: tuple[Versioning, list[Candidate]]
) -> None:
    versioning, stack = world
    for each in stack:
        decision = FirstMatchEvaluator(found, versioning).decide(each, NOW)
        first = len(found.rules) if decision is None else decision.step.rule
        for place in range(first):
            alone = Lifecycle(found.rules[: place + 1], found.minimum)
            assert FirstMatchEvaluator(alone, versioning).decide(each, NOW) is None
