"""What is said before rules are applied, and what is written afterwards."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Skipped, Step
from s4desk.core.domain.lifecycle.rules import Lifecycle, When
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.lifecycle.findings import Finding
from s4desk.core.lifecycle.plan import Plan, PlanDraft
from s4desk.core.lifecycle.report import (
    ApplyReport,
    NotDone,
    Outcome,
    RunState,
    Settled,
    Tally,
    changes_of,
)
from s4desk.core.lifecycle.schedule_entries import Entry, Trouble
from s4desk.core.persist.lifecycle_runs import RunRecord
from s4desk.viewmodels.lifecycle_apply_text import (
    done_words,
    not_done_text,
    outcome_text,
    plan_lines,
    plan_warnings,
    question,
    report_lines,
    settled_row,
    state_text,
)
from s4desk.viewmodels.lifecycle_report import COLUMNS, report_pieces
from s4desk.viewmodels.lifecycle_schedule_text import (
    every_text,
    last_text,
    run_row,
    trouble_text,
)
from s4desk.viewmodels.rows import format_time

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def plan(*actions, **more):
    draft = PlanDraft()
    is_kept = more.get("versioning") is Versioning.ENABLED
    for action in actions:
        step = Step(action, 0, NOW, When(days=1), "GLACIER")
        decision = Decision(step, hides=is_kept and action is Action.EXPIRE)
        draft.take([Finding("k", "", "e", 1024, "STANDARD", 0.0, 0, 0.0, decision)])
    return Plan("b", Lifecycle(), NOW, draft.findings, **more)


def suspended_plan(*described):
    """Of objects of 1 KiB that expire: what their deletion hides, and what it takes with it."""
    draft = PlanDraft()
    step = Step(Action.EXPIRE, 0, NOW, When(days=1))
    behind = replace(step, action=Action.EXPIRE_NONCURRENT)
    for at, (hides, takes) in enumerate(described):
        decisions = [Decision(step, hides=hides)]
        decisions += [Decision(behind, is_consequence=True)] if takes else []
        for each in decisions:
            draft.take([Finding(f"k{at}", "", "e", 1024, "STANDARD", 0.0, 0, 0.0, each)])
    return Plan("b", Lifecycle(), NOW, draft.findings, Versioning.SUSPENDED)


def test_a_suspended_bucket_keeps_what_is_no_null_version():
    made = suspended_plan((False, False), (False, False), (False, False), (True, False))
    replaced, kept = plan_lines(made)
    assert replaced.endswith("deleted for good: 3 (3.0 KiB)")
    assert kept.endswith("stay as noncurrent versions: 1 (1.0 KiB)")
    (warning,) = plan_warnings(made)
    assert "3 versions that were written before it was enabled, or since" in warning
    assert "cannot be undone" in question(made, "T:b")


def test_null_versions_behind_are_lost_in_a_suspended_bucket():
    made = suspended_plan((True, True), (True, False))
    kept, lost = plan_lines(made)
    assert kept.endswith("stay as noncurrent versions: 2 (2.0 KiB)")
    assert lost == "noncurrent versions that are deleted for good: 1 (1.0 KiB)"
    (warning,) = plan_warnings(made)
    assert "1 version that was written before" in warning
    harmless = suspended_plan((True, False))
    assert plan_warnings(harmless) == []
    assert "can be brought back" in question(harmless, "T:b")


def test_a_plan_names_every_action_with_its_number():
    made = plan(*Action, Action.EXPIRE, skipped={Skipped.LOCKED: 7})
    lines = plan_lines(made)
    assert len(lines) == len(Action) + 1
    assert "objects that are deleted: 2 (2.0 KiB)" in lines
    assert any(line.endswith(": 7") for line in lines)


@pytest.mark.parametrize(
    ("actions", "versioning", "said"),
    [
        ([Action.EXPIRE], Versioning.OFF, "cannot be undone"),
        ([Action.EXPIRE], Versioning.SUSPENDED, "cannot be undone"),
        ([Action.EXPIRE], Versioning.ENABLED, "can be brought back"),
        ([Action.EXPIRE, Action.EXPIRE_NONCURRENT], Versioning.ENABLED, "cannot be undone"),
        ([Action.TRANSITION], Versioning.OFF, "Nothing is deleted"),
        ([Action.ABORT_UPLOAD], Versioning.ENABLED, "cannot be undone"),
    ],
)
def test_the_question_says_whether_it_can_be_undone(actions, versioning, said):
    assert said in question(plan(*actions, versioning=versioning), "T:b")


def test_versions_that_are_only_supposed_promise_nothing():
    guessed = (Concern(Doubt.VERSIONING),)
    made = plan(Action.EXPIRE, versioning=Versioning.ENABLED, concerns=guessed)
    assert "cannot be undone" in question(made, "T:b")
    assert "deleted" in plan_lines(made)[0]


def test_a_copy_begins_anew_and_that_is_said():
    assert plan_warnings(plan(Action.EXPIRE)) == []
    (plain,) = plan_warnings(plan(Action.TRANSITION))
    (kept,) = plan_warnings(plan(Action.TRANSITION, versioning=Versioning.ENABLED))
    assert "age begins anew" in plain
    assert "noncurrent" not in plain
    assert "noncurrent" in kept
    (suspended,) = plan_warnings(plan(Action.EXPIRE, versioning=Versioning.SUSPENDED))
    assert "for good" in suspended


def report():
    tally = Tally(NOW)
    tally.begin("b", 4, 9, {Skipped.LOCKED: 2})
    tally.add_done("b", Action.EXPIRE, 2, 10)
    tally.add_left(NotDone("b", "=1+1", "v", Action.EXPIRE, Outcome.FAILED, "AccessDenied", "no"))
    tally.add_left(NotDone("b", "x\udcff", "", Action.EXPIRE, Outcome.CHANGED))
    tally.bucket_errors["c"] = "gone"
    tally.state, tally.ended = RunState.FINISHED, NOW
    return tally.report


OBJECTS = [
    Settled("b", "l1", "", Action.EXPIRE, Outcome.LOCKED, 7),
    Settled("b", "d1", "v1", Action.EXPIRE, Outcome.DONE, 4),
    Settled("b", "=1+1", "v", Action.EXPIRE, Outcome.FAILED, None, "AccessDenied", "no"),
    Settled("b", "x\udcff", "", Action.EXPIRE, Outcome.CHANGED),
]


def table(*objects):
    text = b"".join(report_pieces(report(), objects, is_table=True)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_report_is_a_table_with_a_line_for_each_object():
    rows = table(*OBJECTS)
    assert tuple(rows[0]) == COLUMNS
    told = [(row["key"], row["outcome"], row["count"], row["bytes"]) for row in rows]
    assert told == [
        ("l1", "locked", "1", "7"),
        ("d1", "done", "1", "4"),
        ("'=1+1", "failed", "1", ""),
        ("x\\xff", "changed", "1", ""),
        # Of these only the number is known.
        ("", "done", "1", "6"),
        ("", "locked", "1", ""),
        ("", "failed", "", ""),
    ]
    assert (rows[1]["version_id"], rows[1]["action"]) == ("v1", "expire")
    assert (rows[2]["code"], rows[2]["message"], rows[2]["names"]) == (
        *("AccessDenied", "no", "guarded"),
    )
    assert (rows[-1]["bucket"], rows[-1]["message"]) == ("c", "gone")


def test_without_its_objects_a_report_has_their_number():
    told = [(row["action"], row["outcome"], row["count"], row["bytes"]) for row in table()]
    assert ("expire", "done", "2", "10") in told
    assert ("", "changed", "1", "") in told


def test_a_report_is_json_with_everything_in_it():
    value = json.loads(b"".join(report_pieces(report(), OBJECTS, is_table=False)))
    assert [(each["key"], each["outcome"]) for each in value["objects"]] == [
        (each.key, each.outcome) for each in OBJECTS
    ]
    assert value["objects"][1]["bytes"] == 4
    assert json.loads(b"".join(report_pieces(report(), [], is_table=False)))["objects"] == []
    assert value["expired"] == 2
    assert value["skipped_locked"] == 2
    assert value["errors"] == 2
    assert value["objects_evaluated"] == 9
    assert value["per_bucket"] == [{"bucket": "b", "action": "expire", "count": 2, "bytes": 10}]
    assert [each["key"] for each in value["not_done"]] == ["=1+1", "x\udcff"]
    assert value["bucket_errors"] == {"c": "gone"}


def test_what_is_not_zero_has_a_line():
    first, *lines = report_lines(report())
    assert "4 of 4" in first  # what is locked was none of what somebody agreed to
    words = done_words()
    assert f"{words['expired']}: 2" in lines
    assert f"{words['skipped_locked']}: 2" in lines
    assert not any(line.startswith(words["transitioned"]) for line in lines)


def test_a_report_says_what_was_done_where_the_plan_tells():
    def words(**more):
        return done_words(plan(Action.EXPIRE, Action.TRANSITION, **more))

    assert words()["expired"] == "deleted"
    assert words(versioning=Versioning.ENABLED)["expired"] == "put under a delete marker"
    either = done_words()["expired"]
    assert words(versioning=Versioning.SUSPENDED)["expired"] == either
    assert words(concerns=(Concern(Doubt.VERSIONING),))["expired"] == either
    assert words()["transitioned"] == "moved to storage class GLACIER"
    assert plan_lines(plan(Action.TRANSITION)) == [
        "objects that are copied to storage class GLACIER: 1 (1.0 KiB)"
    ]
    lines = report_lines(report(), plan(Action.EXPIRE, versioning=Versioning.ENABLED))
    assert "put under a delete marker: 2" in lines
    moved = Settled("b", "a", "", Action.TRANSITION, Outcome.DONE, 1)
    assert settled_row(moved, Versioning.OFF, "GLACIER")[2] == "move to GLACIER"


def test_everything_that_can_happen_has_words():
    assert all(outcome_text(each) for each in Outcome)
    texts = [
        trouble_text(Entry(ConnectionId("c"), "b", trouble=each, detail="d")) for each in Trouble
    ]
    assert texts[0] == ""
    assert all(texts[1:])


def test_the_history_hears_what_was_done_and_what_failed():
    home = ConnectionId("home")
    whole, given_up = changes_of(replace(report(), buckets=("b", "c")), home)
    assert (whole.bucket, whole.done, whole.failed) == ("b", 2, 1)
    assert (given_up.bucket, given_up.done, given_up.failed) == ("c", 0, 1)
    doubtful = ApplyReport(buckets=("b",), left={("b", Outcome.IN_DOUBT): 64})
    (change,) = changes_of(doubtful, home)
    assert (change.done, change.failed, change.doubtful) == (0, 0, 64)


def test_a_run_that_gave_up_did_not_try_all():
    assert state_text(ApplyReport(RunState.GIVEN_UP, planned=4)) == "Given up: 0 of 4 were tried."


def test_what_was_moved_and_not_kept_whole_is_said():
    words = ("PropertiesLostError", "tags, acl")
    left = NotDone("b", "k", "", Action.TRANSITION, Outcome.INCOMPLETE, *words)
    text = not_done_text(left)
    assert text.startswith("moved, but")
    assert text.endswith(": tags, permissions")
    assert "failed" not in text


def test_what_no_store_said_is_told_in_a_sentence():
    cut = NotDone("b", "k", "", Action.EXPIRE, Outcome.IN_DOUBT, "UnreachableError", "127.0.0.1:9")
    assert not_done_text(cut) == (
        "not known whether done: There is no way to the store (127.0.0.1:9)."
    )
    refused = replace(cut, outcome=Outcome.FAILED, code="AccessDenied", detail="no")
    assert not_done_text(refused) == "failed: AccessDenied no"


class TestRuns:
    """What a schedule says of its runs, past and to come."""

    @pytest.mark.parametrize(
        ("every", "said"),
        [(0.5, "Every hour"), (1, "Every hour"), (24, "Every 24 hours")],
    )
    def test_it_says_how_often(self, every: float, said: str) -> None:
        assert every_text(Entry(ConnectionId("c"), "b", every=timedelta(hours=every))) == said

    def test_a_run_is_told_by_its_report_or_by_why_it_did_nothing(self) -> None:
        entry = Entry(ConnectionId("c"), "b", last=NOW)
        assert last_text(Entry(ConnectionId("c"), "b")) == ""
        began = f"Last run: {format_time(NOW.timestamp())}"
        assert last_text(entry).splitlines() == [began, "Nothing was due."]
        assert last_text(replace(entry, report="r")) == began
        told = last_text(replace(entry, trouble=Trouble.NO_RULES, is_on=True)).splitlines()
        assert told[1] == "Nothing was done: the bucket has no lifecycle rules."
        assert told[2] == f"Next run: {format_time((NOW + timedelta(days=1)).timestamp())}"

    @pytest.mark.parametrize(
        ("verb", "asker"),
        [
            ("window", "this window"),
            ("schedule", "the schedule"),
            ("apply", "the command line"),
            ("later", "later"),
        ],
    )
    def test_it_says_who_asked_for_it_and_how_it_ended(self, verb: str, asker: str) -> None:
        record = RunRecord("1", ConnectionId("c"), report(), {"verb": verb})
        row = run_row(record)
        assert row[1] == asker
        assert row[3] == str(sum(record.report.done.values()))
        cut_off = ApplyReport(RunState.CUT_OFF, left={("b", Outcome.IN_DOUBT): 3}, in_doubt=64)
        assert run_row(replace(record, report=cut_off))[2:] == ["cut off", "0", "0", "0", "67"]
        assert run_row(replace(record, report=ApplyReport(RunState.GIVEN_UP)))[2] == "given up"


def test_each_thing_that_was_settled_is_a_row():
    gone = Settled("b", "a\n", "v1", Action.EXPIRE, Outcome.DONE, 5)
    assert settled_row(gone, Versioning.OFF) == ["a\\n", "v1", "delete", "done"]
    assert settled_row(gone, Versioning.ENABLED)[2] == "put delete marker on top"
    unknown = Settled("b", "a", "", None, Outcome.FAILED, None, "Gone", "Gone away")
    assert settled_row(unknown, Versioning.OFF) == ["a", "", "", "failed: Gone away"]


def test_what_rests_does_not_go_on():
    report = ApplyReport(planned=4, done={("b", Action.EXPIRE): 1})
    assert state_text(report) == "It goes on: 1 of 4 so far."
    assert state_text(report, is_paused=True) == "Paused: 1 of 4."
    ended = replace(report, state=RunState.FINISHED)
    assert state_text(ended, is_paused=True) == state_text(ended)
