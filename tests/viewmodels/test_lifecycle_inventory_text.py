"""What a report leaves open is said in whole sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from math import nan

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.rules import Rule
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.lifecycle.inventory_view import Unknown
from s4desk.viewmodels.lifecycle_inventory_text import (
    age_text,
    counting_text,
    other_bucket_text,
    other_versioning_text,
    reading_text,
    report_concern_text,
)

RULES = [Rule("a\nb"), Rule()]


@pytest.mark.parametrize("unknown", Unknown)
def test_each_lack_has_a_sentence_of_its_own(unknown: Unknown) -> None:
    texts = {
        each: report_concern_text(Concern(Doubt.REPORT_LACKS, names=(each,)), RULES)
        for each in Unknown
    }
    assert texts[unknown].endswith(".")
    assert list(texts.values()).count(texts[unknown]) == 1


def test_a_rule_that_is_left_out_is_named() -> None:
    concern = Concern(Doubt.UNTOLD_RULE, rule=1, names=("Tags", "Size"))
    assert report_concern_text(concern, RULES).startswith(
        "Rule “#2” is left out: without the column Tags, Size"
    )


def test_other_concerns_are_those_of_a_listing() -> None:
    concern = Concern(Doubt.UNKNOWN_RULE, rule=0, names=("Moon",))
    assert "Moon" in report_concern_text(concern, RULES)


def test_what_is_assumed_of_versions_and_what_would_differ_is_said() -> None:
    said = report_concern_text(Concern(Doubt.VERSIONING), RULES)
    assert "it is assumed that they are not" in said
    assert "where versions are kept, it stays" in said
    texts = {other_versioning_text(each) for each in Versioning}
    assert len(texts) == len(Versioning)


MADE = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "newest", "text"),
    [
        (MADE, 0.0, "Inventory report of 2026-11-20 01:02 UTC: what"),
        (MADE.astimezone(timezone(timedelta(hours=9))), nan, "of 2026-11-20 01:02 UTC: what"),
        (None, MADE.timestamp(), "a date, its newest object is of 2026-11-20 01:02 UTC: what"),
        (None, nan, "Inventory report without a date: what"),
    ],
)
def test_how_old_a_report_is_is_said(created: datetime | None, newest: float, text: str) -> None:
    assert f"{text} has changed since is not in it." in age_text(created, newest)


def test_nothing_is_done_before_it_is() -> None:
    assert counting_text(0.999) == "The report is being read… 99 %"


def test_another_bucket_is_named() -> None:
    assert other_bucket_text("a\nb", "c") == "The report is of the bucket a\\nb, and not of c."


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (["/a/manifest.json"], "Inventory report: manifest.json"),
        (["C:\\r\\1.csv", "2.csv", "3.csv"], "Inventory report: 1.csv and 2 more"),
        (["s3://b/x/r.parquet"], "Inventory report: r.parquet"),
    ],
)
def test_a_report_is_named_by_its_first_file(files: list[str], text: str) -> None:
    assert reading_text(files) == text
