"""What lifecycle rules will do, as rows, as bars and as a table for other programs."""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from math import nan

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Event, Skipped
from s4desk.core.domain.lifecycle.likeness import Grain, Rounding
from s4desk.core.lifecycle.summary import Summary, Tally
from s4desk.viewmodels.lifecycle_chart import Portion, chart_action_text, day_bars, ticks
from s4desk.viewmodels.lifecycle_export import COLUMNS, findings_report
from s4desk.viewmodels.lifecycle_reason import date_text
from s4desk.viewmodels.lifecycle_sheet import (
    FindingColumn,
    Kind,
    Sieve,
    finding_cells,
    sum_rows,
    summary_text,
)
from s4desk.viewmodels.rows import format_count
from s4desk.viewmodels.usage_rows import Measure
from tests.viewmodels.lifecycle_findings import (
    GOES,
    MOVES,
    NOW,
    RULES,
    STAYS,
    UNTIL,
    decision,
    finding,
    some,
)


def summary(days: int = 30) -> Summary:
    made = Summary(Rounding(Grain.AGE, NOW.timestamp()), days)
    now = NOW.timestamp()
    made.add([Event(0, 3, GOES)], 1200, 2048, now, now, now)
    made.add([Event(0, 0, MOVES)], 1, 10, now, now - 13 * 3600, now)
    made.add([Event(0, 0, STAYS)], 2, 20, now, now, now)
    made.add([], 3, 30)
    return made


@pytest.mark.parametrize(
    ("sieve", "rows"),
    [
        (Sieve(), [0, 1, 2, 3]),
        (Sieve(Kind.DUE), [0, 2]),
        (Sieve(Kind.GOES), [0, 1]),
        (Sieve(Kind.MOVES), [2]),
        (Sieve(Kind.STAYS), [3]),
        (Sieve(rule=1), [2]),
        (Sieve(day=3), [1]),
        (Sieve(day=0), [0, 2, 3]),
        (Sieve(text="/B"), [1, 2]),
        (Sieve(Kind.GOES, 0, 3, "logs"), [1]),
        (Sieve(text="nowhere"), []),
    ],
)
def test_a_sieve_lets_through_what_it_says(sieve: Sieve, rows: list[int]) -> None:
    found = some()
    assert list(sieve.rows(found, 0, len(found))) == rows
    assert list(sieve.rows(found, 2, len(found))) == [row for row in rows if row >= 2]
    assert sieve.is_open is (sieve == Sieve())


def test_what_comes_later_is_let_through_and_told_too() -> None:
    """One that moves first and is deleted then is deleted."""
    found = some()
    later = replace(
        finding("cold/later", MOVES, day=1), then=(Event(0, 5, GOES), Event(0, 6, STAYS))
    )
    found.add(later)
    for sieve, is_in in [
        (Sieve(Kind.GOES), True),
        (Sieve(Kind.MOVES), True),
        (Sieve(Kind.STAYS), True),
        (Sieve(Kind.DUE), False),
        (Sieve(rule=0), True),
        (Sieve(day=5), True),
        (Sieve(day=5, rule=1), False),
        (Sieve(Kind.MOVES, day=5), False),
    ]:
        assert (4 in sieve.rows(found, 0, 5)) is is_in, sieve
    reason = finding_cells(later, RULES, NOW.timestamp())[FindingColumn.REASON]
    assert reason.endswith("; then delete on 2026-11-26; then stays on 2026-11-27")
    lines = b"".join(findings_report(found, RULES, [4])).decode("utf-8-sig").splitlines()
    (told,) = csv.DictReader(lines)
    then, *_ = json.loads(told["then"])
    assert (then["day"], then["action"], then["storage_class"]) == (5, "expire", None)


def test_what_follows_something_overdue_waits_for_it() -> None:
    """It was due long ago, and comes now: the next comes so many days from now."""
    now = NOW.timestamp()
    hides = replace(GOES, hides=True)
    late = replace(finding("cold/late", MOVES), due=now - 51 * 86_400, then=(Event(0, 10, hides),))
    reason = finding_cells(late, RULES, now)[FindingColumn.REASON]
    assert reason.endswith("; then put delete marker on top on 2026-12-01")


def test_what_stays_under_a_marker_has_a_sum_of_its_own() -> None:
    made = Summary(Rounding(Grain.AGE, NOW.timestamp()), 0)
    now = NOW.timestamp()
    for decided, count in ((GOES, 3), (replace(GOES, hides=True), 1)):
        made.add([Event(0, 0, decided)], count, 0, now, now, now)
    told = [row[1:3] for row in sum_rows(made, RULES)]
    assert told == [["delete", "3"], ["put delete marker on top", "1"]]


def test_sums_stand_by_rule_and_what_stays_comes_last() -> None:
    assert sum_rows(summary(), RULES) == [
        ["logs", "delete", format_count(1200), "2.0 KiB", "2026-11-24", "2026-11-24"],
        ["#2", "move to GLACIER", "1", "10 B", "2026-11-20", "2026-11-21"],
        ["logs", "stays: locked", "2", "20 B", "2026-11-21", "2026-11-21"],
    ]


def test_a_summary_says_what_is_due_what_comes_and_what_stays_as_it_is() -> None:
    said = summary_text(summary(), is_busy=False)
    assert said == (
        f"{format_count(1206)} objects looked at, 2.1 KiB. Due now: 1 action (10 B)."
        f" In 30 days: {format_count(1201)} actions (2.0 KiB). 2 actions are held back."
        f" That is about {format_count(1203)} of them; nothing happens to 3."
    )
    assert summary_text(summary(), is_busy=True) == f"{said} …"
    assert "In " not in summary_text(summary(0), is_busy=False)


def test_a_summary_counts_actions_and_what_they_are_about_apart() -> None:
    made = summary()
    now = NOW.timestamp()
    made.add([Event(0, 0, MOVES), Event(0, 9, GOES)], 1, 10, now, now, now)
    made.add_upload(Event(0, 0, decision(Action.ABORT_UPLOAD)))
    made.add_upload(None)
    made.markers = 2
    made.unmatched.add(1, 1)
    assert summary_text(made, Versioning.ENABLED, is_busy=False) == (
        f"{format_count(1207)} versions looked at, 2.1 KiB. 2 are delete markers."
        " 2 unfinished uploads too. Due now: 3 actions (20 B)."
        f" In 30 days: {format_count(1204)} actions (2.0 KiB). 2 actions are held back."
        f" That is about {format_count(1205)} of them; nothing happens to 4."
        " No rule is about 1 of those."
    )


def test_a_finding_is_a_row_of_words() -> None:
    found = some()
    assert finding_cells(found[0], RULES, NOW.timestamp()) == [
        "now",
        "delete",
        "logs/a",
        "v1",
        "2.0 KiB",
        "STANDARD",
        "logs",
        "3 days after creation",
    ]
    assert finding_cells(found[1], RULES, NOW.timestamp())[FindingColumn.DUE] == "2026-11-24"
    moved = finding_cells(found[2], RULES, NOW.timestamp())
    assert moved[FindingColumn.ACTION] == "move to GLACIER"
    kept = replace(found[0], decision=replace(GOES, hides=True))
    hidden = finding_cells(kept, RULES, NOW.timestamp())
    assert hidden[FindingColumn.ACTION] == "put delete marker on top"
    stays = finding_cells(found[3], RULES, NOW.timestamp())
    assert stays[FindingColumn.ACTION] == "stays"
    assert UNTIL.astimezone().strftime("locked until %Y-%m-%d") in stays[FindingColumn.REASON]
    assert finding_cells(finding("a\nb"), RULES, NOW.timestamp())[FindingColumn.KEY] == "a\\nb"
    assert date_text(nan) == ""


BY_DAY = {
    (0, Action.TRANSITION): Tally(1, 10),
    (0, Action.EXPIRE): Tally(2, 3000),
    (2, Action.EXPIRE_NONCURRENT): Tally(1000, 5),
}


class TestBars:
    """A bar for each day, with words for those who do not see it."""

    def test_each_day_has_one_even_when_nothing_happens(self) -> None:
        now, one, two = day_bars(BY_DAY, NOW, 2, Measure.OBJECTS)
        assert [bar.day for bar in (now, one, two)] == [0, 1, 2]
        assert now.portions == [
            Portion(Action.EXPIRE, 2, "delete"),
            Portion(Action.TRANSITION, 1, "move to another class"),
        ]
        assert (now.value, one.value, two.value) == (3, 0, 1000)
        assert (now.date, one.date) == ("now", "11-22")
        assert now.words == ("now\ndelete: 2 (2.9 KiB)\nmove to another class: 1 (10 B)")
        assert (one.when, one.words) == ("2026-11-22 (UTC)", "2026-11-22 (UTC): nothing")
        assert two.words.endswith(f"delete old version: {format_count(1000)} (5 B)")

    def test_a_class_has_its_name_where_all_that_moves_goes_there(self) -> None:
        moving = summary()
        classes = moving.only_classes()
        assert classes[Action.TRANSITION] == "GLACIER"
        now, *_ = day_bars(BY_DAY, NOW, 2, Measure.OBJECTS, classes=classes)
        assert "move to GLACIER: 1 (10 B)" in now.words
        old = Action.TRANSITION_NONCURRENT
        assert chart_action_text(old, storage_class="A\nB") == "move old version to A\\nB"
        other = replace(MOVES, step=replace(MOVES.step, storage_class="DEEP_ARCHIVE"))
        at = NOW.timestamp()
        moving.add([Event(0, 0, other)], 1, 10, at, at, at)
        assert Action.TRANSITION not in moving.only_classes()

    @pytest.mark.skipif(not hasattr(time, "tzset"), reason="zones are the computer's own there")
    def test_days_are_those_of_utc_wherever_one_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "UTC-12")  # so they write what is twelve hours ahead
        time.tzset()
        try:
            here = NOW.replace(hour=23).astimezone()
            assert here.day == NOW.day + 1
            _, one = day_bars(BY_DAY, here, 1, Measure.OBJECTS)
        finally:
            monkeypatch.undo()
            time.tzset()
        assert (one.date, one.words) == ("11-22", "2026-11-22 (UTC): nothing")

    def test_runs_of_s4desk_are_a_day_apart(self) -> None:
        _, one = day_bars(BY_DAY, NOW, 1, Measure.OBJECTS, whole_days=False)
        assert one.words == "24 hours until 2026-11-22 12:00 (UTC): nothing"

    def test_into_another_year_days_have_their_year(self) -> None:
        assert day_bars(BY_DAY, NOW, 40, Measure.OBJECTS)[40].date == "12-31"
        bars = day_bars(BY_DAY, NOW, 41, Measure.OBJECTS)
        assert (bars[1].date, bars[41].date) == ("2026-11-22", "2027-01-01")

    def test_what_goes_under_a_delete_marker_is_named_so(self) -> None:
        now = day_bars(BY_DAY, NOW, 0, Measure.OBJECTS, Versioning.ENABLED)[0]
        assert now.portions[0].text == "put delete marker on top"
        assert "put delete marker on top: 2 (" in now.words

    @pytest.mark.parametrize(
        ("most", "measure", "said"),
        [
            (0, Measure.OBJECTS, []),
            (1, Measure.OBJECTS, ["1"]),
            (2, Measure.OBJECTS, ["1", "2"]),
            (201, Measure.OBJECTS, ["100", "200"]),
            (20, Measure.OBJECTS, ["10", "20"]),
            (5000, Measure.SIZE, ["2.0 KiB", "4.0 KiB"]),
            (3 * 1024**3, Measure.SIZE, ["1.0 GiB", "2.0 GiB", "3.0 GiB"]),
            (900, Measure.SIZE, ["500 B"]),
            (6, Measure.OBJECTS, ["2", "4", "6"]),
            (2500, Measure.SIZE, ["1.0 KiB", "2.0 KiB"]),
        ],
    )
    def test_lines_are_at_round_amounts(self, most: int, measure: Measure, said: list[str]) -> None:
        assert [words for _, words in ticks(most, measure, 3)] == said

    def test_bytes_are_another_measure(self) -> None:
        assert [bar.value for bar in day_bars(BY_DAY, NOW, 2, Measure.SIZE)] == [3010, 0, 5]

    def test_every_action_has_a_name_of_its_own(self) -> None:
        assert len({chart_action_text(each) for each in Action}) == len(Action)


def test_what_is_written_is_what_was_chosen_exactly() -> None:
    found = some()
    found.add(finding("=1+1"))
    written = b"".join(findings_report(found, RULES, [4, 2, 3])).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["key"] for row in rows] == ["'=1+1", "cold/b", "held"]
    assert rows[0]["names"] != rows[1]["names"]  # that it was changed is said
    moved, held = rows[1:]
    assert (moved["action"], moved["storage_class"], moved["rule"]) == (
        "transition",
        "GLACIER",
        "#2",
    )
    assert datetime.fromisoformat(moved["due"]) == NOW
    assert (moved["version_id"], moved["size"]) == ("v1", "2048")
    assert (held["action"], held["skipped"]) == ("", Skipped.LOCKED)
    assert datetime.fromisoformat(held["created"]).tzinfo == UTC
