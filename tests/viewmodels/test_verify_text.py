"""Verdicts in words: both sums where they differ, and nothing claimed that is not proved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.failover import Answer, UsageLimits
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.transfer.verifying import Finding, Outcome, Pair, Verdict
from s4desk.viewmodels.verify_text import (
    outcome_columns,
    outcome_rows,
    report_text,
    verdict_text,
    verifying_text,
)

PAIR = Pair(Address(ConnectionId("home"), Location("b", "a\nb")), Path("/x"))
AWAY = ConnectionId("away")
OLDER = Answer(AWAY, is_failover=True, may_be_old=True)
SAME, DIFFERENT, UNPROVED = Finding.SAME, Finding.DIFFERENT, Finding.UNPROVED


def ran(failed=0, size=0, older=0, **counts):
    counted = Counter({Finding(name): count for name, count in counts.items()})
    done = counted.total() + failed
    return SimpleNamespace(counts=counted, failed=failed, done=done, older=older, bytes_read=size)


def test_every_sum_that_is_known_is_told():
    differs = Verdict(DIFFERENT, "crc64nvme", "kept=", "read=", "file=", 7, 7)
    assert all(each in verdict_text(differs) for each in ("CRC64NVME", "kept=", "read=", "file="))
    alone = verdict_text(Verdict(DIFFERENT, "md5", "kept=", "read=", size=7))
    assert "other end" not in alone
    longer = verdict_text(Verdict(DIFFERENT, size=7, other_size=8))
    assert "7" in longer
    assert "8" in longer


def test_what_cannot_be_told_is_no_success():
    assert "local copy" in verdict_text(Verdict(UNPROVED))
    assert "every byte is the same" in verdict_text(Verdict(SAME, "md5", "x", "x"))


def test_what_differs_from_an_older_copy_need_not_be_damage():
    verdict = Verdict(DIFFERENT, "crc64nvme", "kept=", "read=", "file=", 7, 7)
    old = replace(verdict, served=OLDER)
    told = verdict_text(old)
    assert told.startswith("This need not be damage: an older copy may have been compared")
    assert told.endswith(verdict_text(verdict))
    same = Verdict(SAME, "md5", "x", "x", served=OLDER)
    assert "damage" not in verdict_text(same)
    rows = outcome_rows([Outcome(PAIR, old), Outcome(PAIR, same)])
    assert [row[1] for row in rows] == ["Different from a copy that may be older", "The same"]


def test_who_stood_in_is_named_and_what_is_the_same_may_be_older():
    same = Verdict(SAME, "md5", "x", "x")
    at_home, elsewhere = Answer(AWAY), Answer(AWAY, is_failover=True)
    for verdict in (same, replace(same, served=at_home)):
        assert verdict_text(verdict, str.upper) == verdict_text(same)
    for served, reason in ((OLDER, "may be an older copy"), (elsewhere, "did not give it")):
        told = verdict_text(replace(same, served=served), str.upper)
        assert told.startswith(f"{verdict_text(same)} Read from AWAY")
        assert reason in told
    limited = replace(OLDER, limit=UsageLimits(requests=9))
    assert verdict_text(replace(same, served=limited), str.upper).endswith(
        "this may be an older copy. The first member of the group may be used for at most 9"
        " requests a month."
    )
    many = ran(same=3, older=2)
    assert report_text(many).startswith("Verified: 3 are the same. 2 were read from other members")


def test_rows():
    differs = Outcome(PAIR, Verdict(DIFFERENT, "md5", "kept=", "read=", "file=", 7, 7))
    gone = Outcome(PAIR, error=NotFoundError("x", operation="head", location=PAIR.address.location))
    shorter = Outcome(PAIR, Verdict(DIFFERENT, size=7, other_size=8))
    rows = outcome_rows([differs, gone, shorter])
    assert rows[0] == ("a␊b", "Different", "MD5", "read=", "kept=", "file=")
    assert rows[1][1]
    assert rows[2][3] != rows[2][5] != ""
    assert {len(row) for row in rows} == {len(outcome_columns())}


def test_the_end_is_told():
    assert report_text(ran(same=3)) == "Verified: 3 are the same."
    assert (
        report_text(ran(same=1, different=1, unproved=2, failed=1))
        == "Verified: 1 is the same, 1 differs, 2 cannot be told, 1 cannot be read."
    )
    assert report_text(ran()) == "There is no object to verify."
    assert "you stopped it" in report_text(ran(), is_stopped=True)
    assert verifying_text(ran(same=2, size=1024)) == "2 objects verified · 1.0 KiB"
