"""What a row shows of the replication of its object."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId, Generation, Location, VersionId
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.replication.stamp import Stamp
from s4desk.core.domain.replication.status import Entry, Status
from s4desk.core.replication.table import Known, Seen, Source, Task, Write
from s4desk.viewmodels.replication_badge import (
    Told,
    badge_of,
    facts_of,
    known_of,
    lag_of,
    stamp_facts,
    stores_badge,
    stores_facts,
)

WRITTEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOURCE = Source(ConnectionId("home"), "photos")


def known(status: Status, number: int = 1, etag: str = "e", **more: object) -> Known:
    version = more.get("version")
    write = Write("a", Seen(etag, 1, WRITTEN), "r", VersionId(str(version)) if version else None)
    entry = Entry(
        status,
        Generation(number),
        WRITTEN + timedelta(seconds=5),
        int(str(more.get("attempts", 0))),
        str(more.get("error", "")),
    )
    return Known(Task(SOURCE, write, Generation(number)), entry)


def meta(etag: str = "e", version: str = "") -> ObjectMeta:
    at = Location("photos", "a")
    return ObjectMeta(at, 1, WRITTEN, etag, version=VersionId(version) if version else None)


@pytest.mark.parametrize(
    ("status", "text", "icon"),
    [
        (Status.PENDING, "Pending", "hourglass"),
        (Status.COMPLETED, "Completed", "check"),
        (Status.FAILED, "Failed", "error"),
        (Status.REPLICA, "Replica", "replica"),
    ],
)
def test_a_status_has_a_word_and_an_icon(status, text, icon):
    badge = badge_of(Told(known(status), None, "Away:copies"))
    assert badge is not None
    assert (badge.text, badge.icon) == (text, icon)
    assert "“r”" in badge.meaning


def test_nothing_is_shown_where_no_rule_is_about_it():
    told = Told(known(Status.NONE))
    assert badge_of(told) is None
    assert facts_of(told) == []


def test_what_failed_says_how_often_and_why():
    badge = badge_of(Told(known(Status.FAILED, attempts=3, error="It is full.")))
    assert badge is not None
    assert "no rule names any more" in badge.meaning
    assert badge.meaning.endswith("3 attempts. It is full.")


def test_the_lag_is_from_the_write_to_the_replica():
    assert lag_of(known(Status.COMPLETED)) == 5
    assert lag_of(known(Status.PENDING)) is None
    facts = {each.name: each.value for each in facts_of(Told(known(Status.COMPLETED), None, "A:b"))}
    assert (facts["Lag"], facts["Destination"]) == ("5 s", "A:b")
    assert "Attempts" not in facts


def test_a_row_shows_what_is_known_of_its_own_bytes():
    older, newer = known(Status.COMPLETED, 1, "old"), known(Status.PENDING, 2, "new")
    assert known_of([older, newer], meta("new")) is newer
    assert known_of([older, newer], meta("old")) is None
    assert known_of([], meta()) is None
    first, second = known(Status.COMPLETED, 1, version="v1"), known(Status.FAILED, 2, version="v2")
    assert known_of([first, second], meta("e", "v1")) is first
    assert known_of([newer], meta("new", "v9")) is newer  # the store names versions, we the key


@pytest.mark.parametrize(
    ("header", "text", "icon"),
    [
        ("COMPLETED", "Completed (store)", "check"),
        ("COMPLETE", "Completed (store)", "check"),
        ("Pending", "Pending (store)", "hourglass"),
        ("REPLICA", "Replica (store)", "replica"),
        ("FAILED", "Failed (store)", "error"),
        ("ODD\n", "ODD\\n (store)", ""),
        ("NONE", "NONE (store)", ""),
    ],
)
def test_what_the_store_says_is_marked(header, text, icon):
    badge = stores_badge(header)
    assert badge is not None
    assert (badge.text, badge.icon) == (text, icon)
    assert stores_facts(header)[0].copied == header


def test_a_store_that_says_nothing():
    assert stores_badge("") is None
    assert stores_facts("") == []


def test_a_replica_names_its_source():
    facts = {
        each.name: each.value for each in stamp_facts(Stamp("e1", VersionId("v"), Generation(1)))
    }
    assert facts["ETag of its source"] == "e1"
    assert facts["Version of its source"] == "v"
    assert len(stamp_facts(Stamp("e1", None, Generation(1)))) == 2
