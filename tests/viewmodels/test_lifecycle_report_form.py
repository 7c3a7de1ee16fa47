"""A report in a bucket is chosen, or named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.lifecycle.inventory_reports import WrittenReport
from s4desk.viewmodels.lifecycle_report_form import ReportForm

HOME = Connection(ConnectionId("home"), "Home")
MADE = datetime(2026, 11, 20, 1, tzinfo=UTC)
REPORTS = [
    WrittenReport("daily\n", MADE, Location("reports", "1/manifest.json")),
    WrittenReport("weekly", MADE, Location("reports", "2/manifest.json")),
]


def form(*reports: WrittenReport) -> ReportForm:
    return ReportForm(reports, {"Home": HOME}.get)


def test_the_first_is_chosen_unless_another_is() -> None:
    made = form(*REPORTS)
    assert made.fields["report"].choices == [
        ("0", "2026-11-20 01:00 UTC (daily\\n)"),
        ("1", "2026-11-20 01:00 UTC (weekly)"),
        ("", "Another one"),
    ]
    assert made.errors == {}
    assert made.result() == (None, REPORTS[0].manifest)
    made.edit("report", "1")
    assert made.result() == (None, REPORTS[1].manifest)
    assert not made.is_shown("address")
    made.edit("report", "")
    assert made.is_shown("address")
    assert list(made.errors) == ["address"]


def test_where_none_was_found_one_is_named() -> None:
    made = form()
    assert not made.is_shown("report")
    assert made.is_shown("address")


@pytest.mark.parametrize(
    ("text", "connection", "place"),
    [
        ("Home:b/x/manifest.json", HOME, Location("b", "x/manifest.json")),
        (" Home:b/a:b ", HOME, Location("b", "a:b")),
        ("b/x y.csv", None, Location("b", "x y.csv")),
        ("b/a:b", None, Location("b", "a:b")),
        ("s3://b/k", None, Location("b", "k")),
    ],
)
def test_places_are_read(text: str, connection: Connection | None, place: Location) -> None:
    made = form()
    made.edit("address", text)
    assert made.result() == (connection, place)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Name a file in a bucket"),
        ("Home:b", "Name a file in a bucket"),
        ("Home:b/", "Name a file in a bucket"),
        ("s3:///k", "Name a file in a bucket"),
        ("nobody:b/k", "There is no connection named “nobody”."),
    ],
)
def test_what_is_no_place_is_said(text: str, sentence: str) -> None:
    made = form()
    made.edit("address", text)
    assert made.errors["address"].startswith(sentence)
