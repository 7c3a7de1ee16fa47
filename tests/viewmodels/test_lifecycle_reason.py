"""Decisions in words."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, nan

import pytest

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Skipped, Step
from s4desk.core.domain.lifecycle.rules import Rule, When
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.lifecycle.hints import Disagreement, Expiry, read_hint
from s4desk.viewmodels.lifecycle_reason import (
    action_text,
    concern_text,
    disagreement_text,
    reason_text,
    rule_name,
    skipped_text,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = (Rule(id="logs"), Rule(), Rule(id="odd\n"))


def step(action: Action, rule: int = 0, days: int | None = None, **more: object) -> Step:
    return Step(action, rule, NOW, When(days), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (step(Action.EXPIRE, 0, 30), "rule “logs”: 30 days after creation"),
        (step(Action.TRANSITION, 1, 1), "rule “#2”: 1 day after creation"),
        (
            step(Action.EXPIRE_NONCURRENT, 2, 3, newer=2),
            "rule “odd\\n”: 3 days after it was replaced, with 2 newer old versions",
        ),
        (step(Action.ABORT_UPLOAD, 0, 7), "rule “logs”: 7 days after it was begun"),
        (
            step(Action.REMOVE_DELETE_MARKER),
            "rule “logs”: no version is behind the delete marker",
        ),
        (
            Step(Action.EXPIRE, 0, NOW, When(date=datetime(2026, 12, 1, tzinfo=UTC))),
            "rule “logs”: from 2026-12-01 on",
        ),
    ],
)
def test_the_rule_and_its_threshold_are_named(told: Step, text: str) -> None:
    assert reason_text(Decision(told), RULES) == text


def test_what_lost_is_named_once() -> None:
    lost = step(Action.TRANSITION, 1, 3, storage_class="GLACIER")
    text = reason_text(Decision(step(Action.EXPIRE, 0, 3), None, (lost, lost)), RULES)
    assert text.endswith("; comes before “#2” (move to GLACIER)")


def test_what_is_held_back_says_by_what_and_until_when() -> None:
    locked = Decision(step(Action.EXPIRE_NONCURRENT, 0, 3), Skipped.LOCKED)
    until = NOW.timestamp()
    local = NOW.astimezone().strftime("held back: locked until %Y-%m-%d %H:%M")
    assert local in reason_text(locked, RULES, until)
    assert skipped_text(Skipped.LOCKED, inf) == "under a legal hold"
    assert skipped_text(Skipped.LOCKED, nan) == "locked"
    assert skipped_text(Skipped.REPLICATION_PENDING) == "not replicated yet"
    assert "the place of the version “null”" in skipped_text(Skipped.REPLACES)


def test_every_action_and_every_doubt_has_words() -> None:
    texts = {action_text(each, "GLACIER") for each in Action}
    assert len(texts) == len(Action) - 1  # both moves are said alike
    error = PermissionDeniedError("no", operation="list_uploads", status=403)
    doubts = set(Doubt) - {Doubt.REPORT_LACKS, Doubt.UNTOLD_RULE, Doubt.DOUBLED}
    texts = {concern_text(Concern(each, error, 0, ("Filter/X",)), RULES) for each in doubts}
    assert len(texts) == len(doubts)
    unknown = Concern(Doubt.UNKNOWN_RULE, rule=0, names=("Filter/X",))
    assert "Filter/X" in concern_text(unknown, RULES)
    assert rule_name(RULES, 1) == "#2"


def test_a_disagreement_says_both() -> None:
    theirs = read_hint('expiry-date="Mon, 30 Nov 2026 00:00:00 GMT", rule-id="by%20ten"')
    assert theirs == Expiry(datetime(2026, 11, 30, tzinfo=UTC), "by ten")
    text = disagreement_text(Disagreement("k", "", theirs, None))
    assert text == (
        "The store: it expires 2026-11-30 00:00 UTC by “by ten”. Here: it does not expire."
    )
    assert read_hint("") is None
    assert read_hint('expiry-date="soon", rule-id="x"') is None
