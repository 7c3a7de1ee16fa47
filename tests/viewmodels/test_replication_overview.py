"""Replication rules in a table, and how they go, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId, Generation
from s4desk.core.domain.replication.rules import Destination, Rule
from s4desk.core.domain.replication.status import Entry, Status
from s4desk.core.replication.engine import Look
from s4desk.core.replication.meter import Minute
from s4desk.core.replication.service import Running
from s4desk.core.replication.table import Known, Seen, Source, Task, Write
from s4desk.core.replication.watcher import Looked
from s4desk.core.runtime import i18n
from s4desk.viewmodels.replication_chart import BARS, STEP_S, time_bars, total_text
from s4desk.viewmodels.replication_overview import (
    Going,
    error_rows,
    going_facts,
    lag_text,
    look_text,
    looking_text,
    our_row,
    running_text,
    state_text,
    stores_row,
    stores_rules_of,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME = Source(ConnectionId("home"), "photos")
RULE = Rule("r", Destination(ConnectionId("away"), "copies", "old/"))
LOOKED = Look(Looked(listed=1200, found=3, gone=1), at=NOW)


def name_of(connection: ConnectionId) -> str:
    return connection.capitalize()


@pytest.mark.parametrize(
    ("going", "running", "said"),
    [
        (Going(), Running.ON, "Up to date"),
        (Going({Status.PENDING: 2}), Running.ON, "Replicating"),
        (Going({Status.FAILED: 2}), Running.ON, "Has failures"),
        (Going({Status.PENDING: 2}, reason="No answer."), Running.ON, "Waits: No answer."),
        (Going(look=replace(LOOKED, is_running=True)), Running.ON, "Looking"),
        (Going(look=replace(LOOKED, error="No.")), Running.ON, "Cannot look"),
        (Going({Status.PENDING: 2}), Running.PAUSED, "Paused"),
        (Going(), Running.ELSEWHERE, "In another process"),
        (Going(), Running.BROKEN, "Stopped"),
        (Going(), Running.OFF, "Not started yet"),
    ],
)
def test_the_state_of_a_rule_is_one_word(going, running, said):
    assert state_text(RULE, going, running) == said
    assert state_text(replace(RULE, is_enabled=False), going, running) == "Off"


def test_a_row_counts_what_waits_arrived_and_failed():
    counts = {Status.PENDING: 1, Status.COMPLETED: 2000, Status.FAILED: 3}
    row = our_row(HOME, RULE, Going(counts), Running.ON, name_of)
    assert row.cells[:4] == ("Home:photos", "r", "s4desk", "Away:copies/old/")
    assert row.cells[5:] == ("1", "2\u202f000", "3")
    assert row.has_failed
    assert not our_row(HOME, RULE, Going(), Running.ON, name_of).has_failed


def test_rules_of_a_store_are_marked_as_its_own():
    config = {
        "Rules": [
            {
                "ID": "dr",
                "Status": "Enabled",
                "Destination": {"Bucket": "arn:aws:s3:::far"},
            },
            {"Status": "Disabled", "Destination": {"Bucket": "b"}},
        ]
    }
    first, second = stores_rules_of(config)
    assert stores_row(HOME, first, name_of).cells == (
        *("Home:photos", "dr", "The store", "far", "On"),
        *("–", "–", "–"),
    )
    row = stores_row(HOME, second, name_of)
    assert (row.cells[1], row.cells[4], row.id.is_ours) == ("(without an id)", "Off", False)
    assert stores_rules_of(None) == []


def test_what_is_said_of_all_of_it():
    assert "No bucket has rules" in running_text(Running.OFF, "", 0)
    assert running_text(Running.BROKEN, "The disk is full.", 1).endswith("The disk is full.")
    assert "2 buckets" in running_text(Running.ON, "", 2)
    assert "Another process" in running_text(Running.ELSEWHERE, "", 2)


def test_facts_of_a_rule():
    going = Going(
        {Status.PENDING: 1},
        NOW - timedelta(minutes=2),
        *(1.25, 2048.0, (0.25, 90.0)),
        *(3, 4096, 7, 2, 1),
        LOOKED,
    )
    facts = {each.name: each.value for each in going_facts(going, Running.ON, NOW)}
    assert facts["Pending since"].endswith("2 min 00 s ago")
    assert facts["Speed"] in ("1.2 objects/s, 2.0 KiB/s", "1.2 objects/s, 2.00 KiB/s")
    assert facts["Lag"] == "half within 0.2 s (p50), 99 % within 1 min 30 s (p99)"
    assert facts["Since the start"].startswith("3 replicated, 4")
    assert facts["Since the start"].endswith("7 attempts")
    assert (facts["Given up"], facts["Locks left behind"]) == ("2", "1")
    assert facts["Last look"].endswith("1\u202f200 listed, 3 new, 1 gone")
    elsewhere = {each.name for each in going_facts(going, Running.ELSEWHERE, NOW)}
    assert "Speed" not in elsewhere
    assert going_facts(Going(), Running.ELSEWHERE, NOW)[0].value == "nothing waits"


def test_a_look_tells_how_far_it_is_and_why_not():
    assert look_text(replace(LOOKED, is_running=True)) == "under way: 1\u202f200 listed"
    assert look_text(Look(error="Nobody answers.")) == "Not since: Nobody answers."


def test_lags_are_exact_where_they_are_short():
    assert [lag_text(each) for each in (0.04, 9.94, 61)] == ["0.0 s", "9.9 s", "1 min 01 s"]


def test_lags_have_the_mark_of_the_language():
    i18n.choose("de")
    try:
        assert lag_text(1.2).startswith("1,2")
    finally:
        i18n.choose()


@pytest.mark.parametrize("running", Running)
def test_a_look_that_is_asked_for_says_what_becomes_of_it(running):
    said = looking_text(running, "Home:photos")
    assert ("is compared" in said) == (running in (Running.ON, Running.PAUSED))
    assert "above" not in said  # it is said in two windows, of which one has nothing there


def test_errors_name_their_keys():
    write = Write("a/b\n.txt", Seen("e"), "r")
    known = Known(
        Task(HOME, write, Generation(1)), Entry(Status.FAILED, Generation(1), NOW, 3, "No.")
    )
    ((key, when, attempts, error),) = error_rows([known])
    assert (key, attempts, error) == ("a/b␊.txt", "3", "No.")
    assert when.startswith("2026-11-20 ")


def test_bars_hold_the_last_hours():
    at = int(NOW.timestamp())
    minutes = [
        Minute(at, 2, 1, 100),
        Minute(at - STEP_S, 5),
        Minute(at - BARS * STEP_S, 70),  # too long ago
        Minute(at - (BARS - 1) * STEP_S, 9),
    ]
    bars = time_bars(minutes, NOW)
    assert len(bars) == BARS
    assert (bars[-1].completed, bars[-1].failed, bars[-2].value) == (2, 1, 5)
    assert bars[0].completed == 9
    assert "2 replicated, 1 failed, 100 B" in bars[-1].words
    assert bars[5].words.endswith(": nothing")
    assert total_text(bars) == "In the last 6 hours: 16 replicated, 1 failed"
