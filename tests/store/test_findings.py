"""The best answer wins, and only what is young and certain is relied on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.capability import (
    Answer,
    Capability,
    CapabilityReport,
    Evidence,
    Finding,
    Reason,
)
from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.providers import PROVIDERS
from s4desk.core.store.capabilities import Capabilities, IfMatch, known
from s4desk.core.store.findings import asker, identity, rely_on, report_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ID = ConnectionId("c")
OTHER = Connection(ID, "other", "https://store.test/")
AWS = Connection(ID, "aws")


def probed(**findings):
    return CapabilityReport(
        findings={Capability[name]: finding for name, finding in findings.items()}
    )


def test_of_aws_everything_is_known_beforehand():
    report = report_of(AWS, known(AWS), None)
    assert set(Capability) - set(report.findings) == {Capability.LIST_BUCKETS}
    assert {each.evidence for each in report.findings.values()} == {Evidence.DOCUMENTED}
    assert report.at is None


def test_what_a_vendor_lacks_is_a_no_before_anything_is_asked():
    vendor = next(each for each in PROVIDERS.values() if each.lacks and each.id != "aws")
    connection = Connection(ID, "c", "https://store.test", provider=vendor.id)
    report = report_of(connection, known(connection), None)
    assert set(vendor.lacks) <= set(report.lacks)
    assert all(report[each].answer is Answer.YES for each in vendor.has)


def test_of_a_stranger_nothing_is_known():
    assert report_of(OTHER, known(OTHER), None).findings == {}


def test_what_replies_have_shown_is_told():
    learned = Capabilities(keeps_checksums=False, batch_delete=False, tagging=True)
    report = report_of(OTHER, learned, None)
    told = {each: (found.answer, found.reason) for each, found in report.findings.items()}
    assert told == {
        Capability.CRC64NVME: (Answer.NO, Reason.NOT_KEPT),
        Capability.BATCH_DELETE: (Answer.NO, Reason.REFUSED),
        Capability.OBJECT_TAGGING: (Answer.YES, Reason.SEEN),
    }
    assert {each.evidence for each in report.findings.values()} == {Evidence.REPLY}


def test_a_probe_knows_better_unless_it_does_not_know():
    learned = Capabilities(batch_delete=False, tagging=False)
    yes = Finding(Answer.YES, Reason.WORKED, at=NOW)
    unknown = Finding(Answer.UNKNOWN, Reason.NEEDS_WRITING, at=NOW)
    report = report_of(OTHER, learned, probed(BATCH_DELETE=yes, OBJECT_TAGGING=unknown, COPY=yes))
    assert report[Capability.BATCH_DELETE] == yes
    assert report[Capability.OBJECT_TAGGING].answer is Answer.NO
    assert set(report.lacks) == {Capability.OBJECT_TAGGING}


@pytest.mark.parametrize(
    ("answer", "reason", "expected"),
    [
        (Answer.YES, Reason.WORKED, (True, IfMatch.QUOTED)),
        (Answer.YES, Reason.WORKED_UNQUOTED, (True, IfMatch.BARE)),
        (Answer.NO, Reason.IGNORED, (False, IfMatch.UNSUPPORTED)),
        (Answer.UNKNOWN, Reason.FAILED, (None, None)),
        (Answer.DENIED, Reason.FORBIDDEN, (None, None)),
    ],
)
def test_what_is_certain_is_relied_on(answer, reason, expected):
    finding = Finding(answer, reason, at=NOW)
    learned = Capabilities()
    rely_on(probed(PUT_IF_ABSENT=finding, PUT_IF_MATCH=finding), learned, NOW)
    assert (learned.conditional_put, learned.if_match) == expected


def test_what_is_old_or_not_tried_is_no_promise():
    long_ago = NOW - timedelta(days=31)
    learned = Capabilities()
    for finding in (
        Finding(Answer.YES, Reason.WORKED, at=long_ago),
        Finding(Answer.YES, Reason.WORKED),
        Finding(Answer.YES, Reason.WORKED, at=NOW, among_versions=True),
        Finding(Answer.NO, Reason.IGNORED, at=NOW, among_versions=True),
        Finding(Answer.YES, Reason.DOCUMENTED, evidence=Evidence.DOCUMENTED, at=NOW),
    ):
        rely_on(probed(PUT_IF_ABSENT=finding, COMPLETE_IF_ABSENT=finding), learned, NOW)
    assert learned == Capabilities()


def test_of_another_keys_answers_only_those_count_that_are_not_known_better():
    theirs = Finding(Answer.NO, Reason.REFUSED, at=NOW, is_of_other_key=True)
    report = report_of(
        OTHER, Capabilities(tagging=True), probed(OBJECT_TAGGING=theirs, COPY=theirs)
    )
    assert report[Capability.OBJECT_TAGGING].answer is Answer.YES
    assert report[Capability.COPY] == theirs
    assert report.has_other_keys
    mine = probed(OBJECT_TAGGING=replace(theirs, is_of_other_key=False))
    assert report_of(OTHER, Capabilities(tagging=True), mine)[Capability.OBJECT_TAGGING].at == NOW
    assert not mine.has_other_keys


def test_who_asks_is_told_by_the_key():
    def asked(kind, profile="", key="", id="c"):
        reference = CredentialReference(kind, profile)
        return asker(Connection(ConnectionId(id), "n", credentials=reference, key_id=key))

    kinds = CredentialKind
    assert asked(kinds.KEYRING, key="a") == asked(kinds.KEYRING, key="a", id="d")
    assert asked(kinds.KEYRING) != asked(kinds.KEYRING, id="d")
    assert asked(kinds.PROFILE, "p", "a") == asked(kinds.PROFILE, "p", "b", id="d")
    told = [
        asked(kinds.KEYRING, key="a"),
        asked(kinds.KEYRING, key="b"),
        asked(kinds.KEYRING),
        asked(kinds.PROFILE, "p"),
        asked(kinds.PROFILE, "q"),
        asked(kinds.ENVIRONMENT),
        asked(kinds.ANONYMOUS),
    ]
    assert len(set(told)) == len(told)


def test_a_store_is_its_address():
    assert identity(OTHER) == "https://store.test"
    assert identity(AWS) == "AWS"
