"""What members of a failover group hold, in words."""

from __future__ import annotations

import csv
import io

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.holdings import (
    MISSING,
    UNREAD,
    Holding,
    MemberSummary,
    MergedRow,
    MergedSummary,
    Standing,
)
from s4desk.viewmodels.group_compare import (
    Shown,
    Sieve,
    compare_row,
    compare_titles,
    compared_text,
    comparing_text,
    sheet,
    sieves,
)

HERE = Holding(Standing.SAME, 2048, "e1", 0.0)
OTHER = Holding(Standing.OTHER, 1, "e2", None)
UNPROVED = Holding(Standing.UNPROVED, 2048, "e3")
ALIKE = MergedRow("alike", (HERE, HERE))
LACKING = MergedRow("lacking", (HERE, MISSING))
ALONE = MergedRow("alone", (MISSING, HERE))
DIFFERENT = MergedRow("different", (HERE, OTHER))
HALF_READ = MergedRow("half", (HERE, UNREAD))
ROWS = [ALIKE, LACKING, ALONE, DIFFERENT, HALF_READ]


def through(sieve: Sieve) -> list[MergedRow]:
    return [row for row in ROWS if sieve.lets_through(row)]


def test_each_sieve_lets_through_what_it_says():
    assert through(Sieve()) == [LACKING, ALONE, DIFFERENT]
    assert through(Sieve(Shown.ALL)) == ROWS
    assert through(Sieve(Shown.MISSING, 1)) == [LACKING]
    assert through(Sieve(Shown.MISSING, 0)) == [ALONE]
    # Of what could not be listed nobody knows where else it is.
    assert through(Sieve(Shown.ONLY, 0)) == [LACKING]
    assert through(Sieve(Shown.ONLY, 1)) == [ALONE]


def test_sieves_are_named_by_members():
    assert [words for _, words in sieves(["A", "B"])] == [
        "Differences",
        "Everything",
        "Missing at A",
        "Missing at B",
        "Only at A: not readable without it",
        "Only at B: not readable without it",
    ]


def test_each_member_has_a_column():
    assert compare_titles(["A", "B"]) == ("Key", "A", "B")
    assert compare_row(LACKING) == ("lacking", "2.0 KiB", "missing")
    assert compare_row(DIFFERENT) == ("different", "2.0 KiB", "other: 1 B")
    assert compare_row(HALF_READ) == ("half", "2.0 KiB", "not read")
    row = MergedRow("x", (HERE, UNPROVED))
    assert compare_row(row)[2] == "not proved: 2.0 KiB"


def summary(*members: MemberSummary) -> MergedSummary:
    return MergedSummary(1500, 3, members, 7)


def test_what_came_of_it_is_told_for_each_member():
    a = MemberSummary(ConnectionId("a"), "A", held=4, size=2048, missing=1, only=2)
    b = MemberSummary(
        ConnectionId("b"), "B", unread=4, error=UnavailableError("500 broken", status=500)
    )
    c = MemberSummary(ConnectionId("c"), "C", has_bucket=False)
    said = compared_text(summary(a, b, c)).splitlines()
    assert said == [
        "7 of 1\u202f500 keys are the same at all members that could be read.",
        "A: 4 held (2.0 KiB), 1 missing, 2 only there.",
        "B: 0 held (0 B), 4 not read. The store has a fault of its own (500 broken).",
        "C: there is no such bucket.",
    ]
    said = "3 of 1\u202f500 keys are the same at all members."
    assert compared_text(summary(a, c)).startswith(said)
    assert compared_text(summary(), is_stopped=True) == f"Stopped before the end: {said}"
    assert comparing_text(summary()) == "1\u202f500 keys so far…"


def test_the_table_for_others_is_exact_and_runs_nothing():
    rows = [MergedRow("=cmd", (HERE, MISSING)), MergedRow("a\udcff", (HERE, OTHER))]
    table = b"".join(sheet(iter(rows), ["A", "B"])).decode("utf-8-sig")
    head, first, second = csv.reader(io.StringIO(table))
    assert head[:4] == ["key", "key_is", "A: standing", "A: size"]
    assert first[:2] == ["'=cmd", "guarded"]
    assert first[2:] == ["same", "2048", "e1", "1970-01-01T00:00:00+00:00", "missing", "", "", ""]
    assert second[:2] == ["a\\xff", "escaped"]
