"""What the inspector says: in words, with what is copied behind what is shown."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes, Checksum, ObjectMeta
from s4desk.core.domain.sign_in import KeyLife
from s4desk.viewmodels import link_text
from s4desk.viewmodels.inspector import (
    Counted,
    Row,
    Section,
    Sheet,
    Told,
    etag_text,
    folder_sheet,
    lock_facts,
    many_sheet,
    nothing_sheet,
    object_sheet,
    size_text,
)
from s4desk.viewmodels.link_text import SignedLink
from s4desk.viewmodels.selection import Summary

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOON = NOW.replace(hour=12)
HOME = Connection(ConnectionId("h"), "Home", endpoint="http://127.0.0.1:9000")
PLACE = Location("b", "dir/a b.txt")


def facts(sheet: Sheet, title: str) -> dict[str, str]:
    section = next(section for section in sheet.sections if section.title == title)
    return {fact.name: fact.value for fact in section.facts}


def note(sheet: Sheet, title: str) -> str:
    return next(section.note for section in sheet.sections if section.title == title)


def sheet(
    told: Told, *, has_tags: bool = True, place: Location = PLACE, may_lock: bool = False
) -> Sheet:
    row = Row(place, 5, math.nan)
    return object_sheet(HOME, row, told, NOW, has_tags=has_tags, may_lock=may_lock)


def reply(**headers: str) -> ObjectMeta:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ObjectMeta(PLACE, 2048, NOW, "9e107d9d372bb6826bd81d3542a419d6", headers=named)


def test_a_row_is_told_before_the_store_answers():
    told = sheet(Told())
    assert facts(told, "General")["Size"] == "5 bytes"
    assert "Modified" not in facts(told, "General")
    assert note(told, "General") == "Asking the store…"
    assert facts(told, "Links") == {
        "s3": "s3://b/dir/a b.txt",
        "http": "http://127.0.0.1:9000/b/dir/a%20b.txt",
    }


def test_the_reply_is_told_section_by_section():
    meta = ObjectMeta(
        PLACE,
        2048,
        NOW,
        "abc-12",
        storage_class="GLACIER",
        attributes=Attributes(content_type="text/plain", metadata={"who": "me\u202e"}),
        headers={"x-a": "1"},
    )
    told = sheet(Told(meta, {"k": "v"}))
    general = facts(told, "General")
    assert (general["Size"], general["Class"]) == ("2.0 KiB (2\u202f048 bytes)", "GLACIER")
    assert general[""] == "of 12 parts: no checksum of the content"
    assert facts(told, "Metadata") == {"who": "me⟨U+202E⟩"}
    assert facts(told, "Tags") == {"k": "v"}
    assert facts(told, "Headers") == {"x-a": "1"}
    assert note(told, "Lock") == "None, or none that this key is allowed to see."
    metadata = next(section for section in told.sections if section.title == "Metadata")
    assert metadata.facts[0].copied == "me\u202e"


def test_the_lock_of_a_stand_in_is_said_to_be_its_own():
    """Only what is at the first member protects anything, and is changed."""
    held = replace(reply(), attributes=Attributes(lock=LockState(legal_hold=True)))
    (lock,) = [
        each
        for each in sheet(Told(held, {}, may_be_old=True), may_lock=True).sections
        if each.title == "Lock"
    ]
    assert [each.value for each in lock.facts] == ["on"]
    assert (lock.note.startswith("This is of the copy"), lock.offer) == (True, "")


def test_what_cannot_be_read_says_why_in_its_place():
    assert note(sheet(Told("Access was denied.")), "Not read") == "Access was denied."
    assert note(sheet(Told(reply(), "No such right.")), "Tags") == "No such right."
    assert note(sheet(Told(reply())), "Tags") == "Asking the store…"
    assert note(sheet(Told(reply(), {})), "Tags") == "None."
    assert "keeps no tags" in note(sheet(Told(reply()), has_tags=False), "Tags")


@pytest.mark.parametrize(
    ("etag", "encryption", "words"),
    [
        ("", "", ""),
        ("9e107d9d372bb6826bd81d3542a419d6-1", "", "of 1 part: no"),
        ("9e107d9d372bb6826bd81d3542a419d6-10000", "", "of 10000 parts: no"),
        ("9e107d9d372bb6826bd81d3542a419d6", "", "looks like the MD5"),
        ("9e107d9d372bb6826bd81d3542a419d6", "AES256", "looks like the MD5"),
        ("9e107d9d372bb6826bd81d3542a419d6", "aws:kms", "of encrypted content"),
        ("0x8D4BCC2E4835CD0", "", "the store's own mark"),
    ],
)
def test_an_etag_is_explained(etag, encryption, words):
    assert etag_text(etag, encryption).startswith(words)
    assert bool(etag_text(etag, encryption)) == bool(words)


def test_every_checksum_says_what_it_covers():
    full = reply(
        x_amz_checksum_crc64nvme="AAA=",
        x_amz_checksum_sha256="BBB=",
        x_amz_checksum_type="FULL_OBJECT",
    )
    section = next(s for s in sheet(Told(full)).sections if s.title == "Checksums")
    told = [(fact.name, fact.value) for fact in section.facts]
    covers = ("", "of all bytes")
    assert told == [("CRC64NVME", "AAA="), covers, ("SHA256", "BBB="), covers]
    parts = reply(x_amz_checksum_crc32="AAA=-3")
    assert facts(sheet(Told(parts)), "Checksums")[""] == "of the checksums of 3 parts"
    bare = ObjectMeta(PLACE, 1, NOW, "e", checksum=Checksum("md5", "CCC=", is_full=False))
    assert facts(sheet(Told(bare)), "Checksums") == {
        "MD5": "CCC=",
        "": "of the checksums of its parts",
    }


def test_a_lock_is_told_and_one_that_is_over():
    past = datetime(2020, 1, 1, tzinfo=UTC)
    told = {
        fact.name: fact.value
        for fact in lock_facts(LockState(LockMode.COMPLIANCE, past, False), NOW)
    }
    assert told["Mode"] == "COMPLIANCE"
    assert told["Until"].endswith("(over)")
    assert told["Legal hold"] == "off"
    later = lock_facts(LockState(LockMode.GOVERNANCE, NOW.replace(year=2030), True), NOW)
    assert not later[1].value.endswith("(over)")
    assert lock_facts(LockState(), NOW) == []


def test_an_odd_key_is_shown_safely_and_copied_as_it_is():
    odd = Location("b", "a\nb\udcff ")
    general = sheet(Told(), place=odd).sections[0]
    by_name = {fact.name: fact for fact in general.facts}
    assert by_name["Key"].value == "a␊b⟨FF⟩␣"
    assert by_name["Key"].copied == "a\nb\udcff "
    assert by_name["Key, escaped"].value == r"a\nb\udcff "
    assert "Key, escaped" not in facts(sheet(Told()), "General")


def test_a_link_is_signed_on_demand_and_says_until_when():
    def links(told: Told, connection: Connection = HOME) -> Section:
        row = Row(PLACE, 5, math.nan)
        return object_sheet(connection, row, told, NOW).sections[-1]

    assert links(Told()).offer == "Sign a link for one hour"
    signed = links(Told(link=SignedLink("http://x?X-Amz-Signature=1", NOW)))
    assert (signed.offer, signed.facts[-1].name) == ("", "Signed")
    assert "until 2026-11-21" in signed.note
    assert links(Told(link="No keys.")).note == "No keys."
    nobody = replace(HOME, credentials=CredentialReference(CredentialKind.ANONYMOUS))
    assert links(Told(), nobody).offer == ""


@pytest.mark.parametrize(
    ("life", "said"),
    [
        (None, "until 12:00."),
        (KeyLife(), "until 12:00. Its key may end sooner."),
        (KeyLife(NOON + timedelta(hours=1)), "until 12:00."),
        (KeyLife(NOON - timedelta(hours=1)), "until 11:00. Then its key ends."),
    ],
)
def test_a_link_does_not_work_longer_than_its_key(
    life: KeyLife | None, said: str, monkeypatch: pytest.MonkeyPatch
):
    def clock_face(moment: datetime) -> str:
        return f"{moment.astimezone(UTC):%H:%M}"

    monkeypatch.setattr(link_text, "until_text", clock_face)
    told = Told(link=SignedLink("http://x?X-Amz-Signature=1", NOON, life))
    note = object_sheet(HOME, Row(PLACE, 5, NOON.timestamp()), told, NOW).sections[-1].note
    assert note.endswith(said)


def test_several_are_counted():
    told = many_sheet(Summary(2, 3, 4096))
    assert told.title == "5 selected"
    assert facts(told, "General") == {
        "Objects": "3",
        "Size": "4.0 KiB (4\u202f096 bytes)",
        "Folders": "2",
    }
    assert note(told, "General") == "What lies in the folders is not counted."
    assert facts(many_sheet(Summary(2, 0, 0)), "General") == {"Folders": "2"}


def test_a_folder_offers_to_count():
    told = folder_sheet(HOME, Prefix("b", "x/"))
    assert (told.title, told.counts, told.icon) == ("x", "&Count All Below", "folder")
    assert [section.title for section in told.sections] == ["General", "Links"]
    running = folder_sheet(HOME, Prefix("b", "x/"), Counted(10, 2000))
    assert running.counts == "&Stop Counting"
    assert facts(running, "All below")["Objects"] == "10"
    done = folder_sheet(HOME, Prefix("b"), Counted(1, 1, is_running=False, failure="Stopped."))
    assert (done.title, done.counts, done.icon) == ("b", "&Count All Below", "bucket")
    assert note(done, "All below") == "Stopped."


def test_nothing_has_nothing_to_say():
    assert nothing_sheet().sections == ()
    assert size_text(1) == "1 byte"
