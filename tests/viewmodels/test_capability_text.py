"""Every capability, answer and reason has words; a place is read as people type it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from s4desk.core.domain.capability import (
    NOT_TRIED,
    Answer,
    Capability,
    CapabilityReport,
    Evidence,
    Finding,
    Reason,
)
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.availability import Situation, missing, obstacles
from s4desk.viewmodels.capability_text import (
    answer_text,
    as_text,
    cells,
    evidence_text,
    leftovers_text,
    name_text,
    parse_place,
    place_text,
    reason_text,
    records,
    summary,
    why_text,
)
from s4desk.viewmodels.places import Place

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME = Connection(ConnectionId("home"), "Home", "https://store.test")
NO = Finding(Answer.NO, Reason.REFUSED, "501 \x1b no", at=AT)
REPORT = CapabilityReport(
    "https://store.test", "store/1", Prefix("b", "p/"), {Capability.COPY: NO}, ("p/x",)
)


def test_everything_has_words_of_its_own():
    assert len({name_text(each) for each in Capability}) == len(Capability)
    assert len({answer_text(each) for each in Answer}) == len(Answer)
    sentences = [reason_text(Finding(Answer.YES, each)) for each in Reason]
    assert len(set(sentences)) == len(Reason)
    assert all(sentence.endswith(".") for sentence in sentences)
    for evidence in Evidence:
        assert evidence_text(Finding(Answer.YES, Reason.WORKED, evidence=evidence))


def test_what_the_store_said_is_printable_and_behind_the_reason():
    said = why_text(NO)
    assert said.startswith("The store says that it does not have it. (501 ")
    assert "\x1b" not in said


def test_not_set_is_not_the_same_as_there():
    there = Finding(Answer.YES, Reason.NONE_SET)
    unknown = Finding(Answer.UNKNOWN, Reason.NONE_SET)
    assert why_text(there) != why_text(unknown)


def test_what_another_key_has_found_says_so():
    theirs = replace(NO, is_of_other_key=True)
    assert "Another key" in why_text(theirs)
    assert "Another key" not in why_text(NO)
    report = replace(REPORT, findings={Capability.COPY: theirs})
    assert "with another key" in summary(report)
    assert "with another key" not in summary(REPORT)
    told = [[each.get("other_key") for each in records(HOME, of)] for of in (report, REPORT)]
    assert [each.count(True) for each in told] == [1, 0]


def test_what_was_not_tried_is_known_from_nowhere():
    assert cells(Capability.COPY, NOT_TRIED)[3] == ""
    assert "not been probed" in summary(CapabilityReport())


def test_a_report_says_where_it_is_from_and_what_stayed():
    assert "b/p/" in summary(REPORT)
    assert "store/1" in summary(REPORT)
    assert "p/x" in leftovers_text(REPORT)
    text = as_text(HOME, REPORT)
    assert len(text.splitlines()) == len(Capability) + 4
    head, *rows = records(HOME, REPORT)
    assert (head["server"], head["leftovers"]) == ("store/1", ["p/x"])
    told = {row["capability"]: row for row in rows}
    assert (told["copy"]["answer"], told["copy"]["evidence"]) == ("no", "probe")
    assert (told["cors"]["answer"], told["cors"]["evidence"], told["cors"]["at"]) == (
        "unknown",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("b", Prefix("b")),
        (" b/p ", Prefix("b", "p")),
        ("s3://b/p/q/", Prefix("b", "p/q/")),
    ],
)
def test_a_place_is_read_as_it_is_typed(typed, place):
    assert parse_place(typed) == place
    assert parse_place(place_text(place)) == place


@pytest.mark.parametrize("typed", ["", "  ", "/p", "s3://"])
def test_a_place_without_a_bucket_is_none(typed):
    with pytest.raises(ValidationError):
        parse_place(typed)


def test_only_a_certain_no_forbids_a_command():
    place = Place(HOME.id, Prefix("b"))
    lacks = {Capability.LIST_UPLOADS: NO}
    now = Situation(place=place, has_connection=True, chosen_bucket="b", lacks=lacks)
    assert "List of unfinished uploads" in obstacles(now)[Act.UPLOADS]
    assert Act.UPLOADS not in obstacles(Situation(place, True, "b"))
    assert missing({}) == {}


def test_what_is_nearer_is_said_first():
    now = Situation(lacks={Capability.LIST_UPLOADS: NO})
    assert obstacles(now)[Act.UPLOADS] == "Choose a bucket first."


def test_without_a_connection_there_is_no_store():
    assert Act.CAPABILITIES in obstacles(Situation())
    assert Act.CAPABILITIES not in obstacles(Situation(has_connection=True))
