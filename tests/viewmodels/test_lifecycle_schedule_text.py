"""Rules that are applied by the clock, in words: by which rules, when next, what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.report import ApplyReport, Outcome, RunState
from s4desk.core.lifecycle.schedule_entries import DAILY, Entry, Trouble
from s4desk.core.persist.lifecycle_runs import RunRecord
from s4desk.viewmodels.lifecycle_schedule_text import (
    ahead_text,
    found_rules_text,
    outcome_text,
    ran_text,
    saved_text,
    schedule_row,
    schedule_titles,
    words_of,
)
from s4desk.viewmodels.lifecycle_subject import RulesOf, engine_text, place_text, rules_text
from s4desk.viewmodels.rows import format_time

C, HOUR = ConnectionId("c"), timedelta(hours=1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON = Entry(C, "b", is_on=True, since=NOW)
REPORT = ApplyReport(
    RunState.FINISHED, done={("b", Action.EXPIRE): 4}, left={("b", Outcome.LOCKED): 2}
)
RAN = RunRecord("1", C, REPORT)
DONE = "4 done, 2 left, 0 errors."


def shown(moment: datetime) -> str:
    return format_time(moment.timestamp())


def test_the_first_run_is_told_before_anything_is_saved() -> None:
    off = replace(ON, is_on=False)
    first = f"Nothing runs at once: the first run is at {shown(NOW + 6 * HOUR)}, or"
    assert ahead_text(off, 6 * HOUR, NOW).startswith(first)
    assert shown(NOW + HOUR) in ahead_text(off, timedelta(0), NOW)  # not more often


@pytest.mark.parametrize(
    ("entry", "every", "said"),
    [
        (ON, DAILY, f"The next run is at {shown(NOW + DAILY)}"),
        (ON, HOUR, f"The next run is at {shown(NOW + 2 * HOUR)}"),
        (replace(ON, last=NOW + HOUR), DAILY, f"The next run is at {shown(NOW + DAILY + HOUR)}"),
        (replace(ON, since=None), DAILY, "It runs as soon as s4desk looks."),
        (replace(ON, since=NOW - 2 * DAILY), DAILY, "It runs as soon as s4desk looks."),
    ],
)
def test_the_next_run_is_told_where_it_is_on(entry: Entry, every: timedelta, said: str) -> None:
    assert ahead_text(entry, every, NOW + HOUR).startswith(said)


def test_it_is_said_by_which_rules_it_goes() -> None:
    words = words_of(ON, "home:b")
    assert (words.place, words.warning) == ("home:b", "")
    assert words.rules.startswith("It goes by the rules that the bucket has when it runs.")
    assert "the first rule that fires" in words.rules
    edited = words_of(ON, "home:b", is_edited=True)
    assert "it goes by the rules that are" in edited.warning
    kept = words_of(replace(ON, rules={"Rules": [{}, {}]}), "home:b", is_edited=True)
    assert kept.rules.startswith("2 rules that are kept here, not those of the bucket.")
    # As soon as somebody goes back to those of the bucket.
    assert (kept.own, kept.warning) == (edited.rules, edited.warning)
    assert found_rules_text(0) == "The bucket has no lifecycle rules."
    assert found_rules_text(1) == "The bucket has 1 rule now."


@pytest.mark.parametrize(
    ("entry", "record", "said"),
    [
        (ON, None, ""),
        (replace(ON, last=NOW), None, "Nothing was due."),
        (replace(ON, last=NOW), RAN, DONE),
        (
            replace(ON, last=NOW, trouble=Trouble.NO_RULES),
            RAN,
            "Nothing was done: the bucket has no lifecycle rules.",
        ),
    ],
)
def test_what_came_of_it(entry: Entry, record: RunRecord | None, said: str) -> None:
    assert outcome_text(entry, record) == said
    assert ran_text(entry, "home:b", record).endswith(f"home:b, by the clock: {said}")


def test_what_was_saved_is_told() -> None:
    assert shown(NOW + DAILY) in saved_text(ON, "home:b")
    off = "Rules are not applied to home:b by the clock."
    assert saved_text(replace(ON, is_on=False), "home:b") == off


def test_each_bucket_is_a_row() -> None:
    row = schedule_row(ON, "home", None, NOW)
    assert row == ["home", "b", "Every 24 hours", shown(NOW + DAILY), "", ""]
    assert len(row) == len(schedule_titles())
    ran = replace(ON, last=NOW)
    assert schedule_row(ran, "home", RAN, NOW + 2 * DAILY)[3:] == ["soon", shown(NOW), DONE]
    gone = schedule_row(replace(ON, is_on=False), "", None, NOW)
    assert gone == ["(removed)", "b", "Off", "", "", ""]


def test_a_window_names_its_bucket_its_rules_and_who_carries_them_out() -> None:
    assert place_text("home", Prefix("b")) == "home:b"
    assert place_text("home", Prefix("b", "logs/\n")) == "home:b/logs/\\n"
    assert len({rules_text(each) for each in RulesOf}) == len(RulesOf)
    assert rules_text(RulesOf.SAVED, 1) == "1 rule as saved."
    assert rules_text(RulesOf.EDITED, 12) == "12 rules as edited, not saved."
    assert engine_text(Engine.AWS) == "As the store does it"
    assert engine_text(Engine.FIRST_MATCH) == "As s4desk does it, first match"
