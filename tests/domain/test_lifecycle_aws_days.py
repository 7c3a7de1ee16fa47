"""What AWS says about days, dates, counts and unfinished uploads, sentence by sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.calendar import Calendar
from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate
from s4desk.core.domain.lifecycle.rules import Lifecycle
from tests.domain.lifecycle_table import ELEMENTS, ENABLED, IA, ICE, OFF, Case, check, table
from tests.domain.lifecycle_words import (
    DAY,
    NOW,
    about,
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


@table(
    Case(
        ELEMENTS,
        "the newest noncurrent versions are retained",
        [old_expires(1, newer=2)],
        old(9, newer_noncurrent=1),
        "",
        ENABLED,
    ),
    Case(
        ELEMENTS,
        "those beyond are deleted",
        [old_expires(1, newer=2)],
        old(9, newer_noncurrent=2),
        "expire_noncurrent #0",
        ENABLED,
    ),
    Case(
        ELEMENTS,
        "after the days, not before",
        [old_expires(30, newer=2)],
        old(9, newer_noncurrent=5),
        "",
        ENABLED,
    ),
    Case(
        ELEMENTS,
        "transitions retain them too",
        [old_moves(1, ICE, newer=2)],
        old(9, newer_noncurrent=1),
        "",
        ENABLED,
    ),
    Case(
        ELEMENTS,
        "and move those beyond",
        [old_moves(1, ICE, newer=2)],
        old(9, newer_noncurrent=2),
        "transition_noncurrent GLACIER #0",
        ENABLED,
    ),
    Case(
        ELEMENTS,
        "they are where a store does not say the class",
        [old_expires(1, newer=2)],
        old(9, storage_class="", newer_noncurrent=1),
        "",
        ENABLED,
    ),
    Case(
        "ours",
        "what moved it lets it go nowhere else when there are fewer of them",
        [old_moves(0, "COLD"), old_moves(1, IA, newer=1)],
        old(9, storage_class=IA, newer_noncurrent=0),
        "",
        ENABLED,
    ),
)
def test_newer_noncurrent_versions(case: Case) -> None:
    check(case)


@table(
    Case(
        ELEMENTS,
        "a date in the past makes all immediately eligible",
        [on("2026-11-21T00:00:00Z")],
        version(0.01),
        "expire #0",
    ),
    Case(
        ELEMENTS,
        "it continues to be applied to new objects",
        [on("2020-01-01")],
        version(0),
        "expire #0",
    ),
    Case(ELEMENTS, "not before it arrives", [on("2026-11-22")], version(1000), ""),
    Case(
        ELEMENTS,
        "transitions have dates too",
        [{"Transitions": [{"Date": "2026-11-21", "StorageClass": ICE}]}],
        version(9),
        "transition GLACIER #0",
    ),
    Case("SPEC", "an object without date is of age 0", [expires(1)], version(None), ""),
    Case("SPEC", "of age 0 a midnight is to come", [moves((0, ICE))], version(None), ""),
    Case("SPEC", "a date is one for it as well", [on("2020-01-01")], version(None), "expire #0"),
    Case(
        "SPEC", "nobody knows since when it is noncurrent", [old_expires(1)], old(None), "", ENABLED
    ),
)
def test_dates(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("created", "days", "due"),
    [
        ("2014-01-15T10:30", 3, "2014-01-19"),
        ("2014-01-15T00:00", 3, "2014-01-19"),
        ("2014-01-15T23:59:59", 3, "2014-01-19"),
        ("2014-01-15T10:30", 0, "2014-01-16"),
        ("2026-12-31T10:30", 1, "2027-01-02"),
        ("2014-01-15T10:30", 2**31 - 1, "9999-12-31T23:59:59.999999"),
    ],
)
def test_days_are_rounded_up_to_the_next_midnight(created: str, days: int, due: str) -> None:
    """intro-lifecycle-rules, "Lifecycle rules: Based on an object's age"."""
    at = datetime.fromisoformat(created).replace(tzinfo=UTC)
    one = Candidate("k", 1 << 20, at)
    noncurrent = Candidate("k", 1 << 20, is_current=False, noncurrent_since=at)
    evaluator = AwsEvaluator(
        lifecycle(moves((days, ICE)), expires(days), old_expires(days), old_moves(days, ICE)),
        ENABLED,
    )
    steps = [*evaluator.steps(one), *evaluator.steps(noncurrent)]
    assert [step.due for step in steps] == [datetime.fromisoformat(due).replace(tzinfo=UTC)] * 4
    assert evaluator.decide(one, steps[0].due - timedelta(microseconds=1)) is None
    assert evaluator.decide(one, steps[0].due) is not None


def test_the_photo_that_was_deleted() -> None:
    """intro-lifecycle-rules: noncurrent on 1/2/2014 11:30, kept for five days, gone on 1/8."""
    since = datetime(2014, 1, 2, 11, 30, tzinfo=UTC)
    photo = Candidate("photo.gif", 1, is_current=False, noncurrent_since=since)
    (step,) = AwsEvaluator(lifecycle(old_expires(5)), ENABLED).steps(photo)
    assert step.due == datetime(2014, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "decided"),
    [
        ({}, "abort_upload #0"),
        (about(Prefix="logs/"), "abort_upload #0"),
        (about(Prefix="tax/"), ""),
        (tagged("k", "v"), ""),
        (about(ObjectSizeLessThan=9), ""),
        ({"Status": "Disabled"}, ""),
    ],
)
def test_uploads_are_aborted_by_prefix(rule: dict[str, Any], decided: str) -> None:
    """intro-lifecycle-rules, "AbortIncompleteMultipartUpload": by prefix, and never with tags (nor
    with sizes, as the API answers)."""
    rules = lifecycle({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, **rule})
    upload = UploadCandidate("logs/a", "id", NOW - 8 * DAY)
    assert said(AwsEvaluator(rules).decide_upload(upload, NOW)) == decided


def test_uploads_wait_for_midnight_and_the_shorter_time_wins() -> None:
    abort = "AbortIncompleteMultipartUpload"
    rules = lifecycle(
        {abort: {"DaysAfterInitiation": 7}}, {abort: {"DaysAfterInitiation": 2}}, expires(1)
    )
    evaluator = AwsEvaluator(rules)
    upload = UploadCandidate("a", "id", NOW - 8 * DAY)
    decision = evaluator.decide_upload(upload, NOW)
    assert said(decision) == "abort_upload #1"
    assert decision is not None
    assert [step.rule for step in decision.outdone] == [0]
    assert evaluator.decide_upload(UploadCandidate("a", "id", NOW - 2 * DAY), NOW) is None
    assert evaluator.decide_upload(UploadCandidate("a", "id"), NOW) is None
    assert evaluator.decide_upload(upload, NOW - 7 * DAY) is None
    first = evaluator.upload_steps(upload)[1].due
    assert evaluator.decide_upload(upload, first) is not None
    assert evaluator.decide_upload(upload, first - DAY / 24) is None


def test_what_was_due_as_well_is_told() -> None:
    rules = lifecycle(moves((30, IA), (60, ICE)), expires(90), on("2030-01-01"))
    decision = AwsEvaluator(rules).decide(version(100), NOW)
    assert said(decision) == "expire #1"
    assert decision is not None
    assert [each.storage_class for each in decision.outdone] == [IA, ICE]
    assert decision.step.when.days == 90


def test_steps_are_all_that_will_come() -> None:
    rules = lifecycle(moves((30, IA), (60, ICE)), expires(90), old_expires(3), on("2030-01-01"))
    steps = AwsEvaluator(rules).steps(version(0))
    assert [(each.action.value, each.rule) for each in steps] == [
        ("transition", 0),
        ("transition", 0),
        ("expire", 1),
        ("expire", 3),
    ]


def test_a_day_may_be_short() -> None:
    """A server that shows what it does in seconds: no midnights."""
    evaluator = AwsEvaluator(lifecycle(expires(2)), OFF, Calendar(timedelta(seconds=3), False))
    one = Candidate("k", 1, NOW)
    assert evaluator.decide(one, NOW + timedelta(seconds=5.9)) is None
    assert said(evaluator.decide(one, NOW + timedelta(seconds=6))) == "expire #0"


def test_a_store_may_know_nothing_of_small_objects() -> None:
    rules = lifecycle(moves((1, IA)))
    none = Lifecycle(rules.rules, type(rules.minimum).NONE)
    assert said(AwsEvaluator(none).decide(version(9, size=1), NOW)) == "transition STANDARD_IA #0"


def test_what_is_known_of_a_rule_is_done() -> None:
    """A store may know what we do not."""
    rules = lifecycle(expires(1, Novelty="x"))
    assert rules.rules[0].unknown == ("Novelty",)
    assert said(AwsEvaluator(rules).decide(version(9), NOW)) == "expire #0"
