"""The report of transfers: every name told apart, and nothing in it that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import (
    BatchId,
    Direction,
    Effort,
    Progress,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)
from s4desk.viewmodels.transfer_report import COLUMNS, report

HOME = ConnectionId("id-1")
DONE = TransferState.COMPLETED


def moved(key="a.txt", path="/tmp/a.txt", **fields):
    target = Address(HOME, Location("b", key))
    spec = TransferSpec(Direction.UPLOAD, Path(path), target, 7, batch=BatchId("b1"))
    transfer = Transfer(TransferId(1), spec, fields.pop("state", DONE), **fields)
    return Progress(transfer, 7, 7)


def rows(*transfers, name="Home"):
    text = report(transfers, lambda _: name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_one_line_for_each_transfer():
    effort = Effort(7, 1, 2, 3, 4.5, 1_000_000_000.0, 1_000_000_005.0)
    (row,) = rows(moved(verified="crc64nvme", checksum="AAAA", effort=effort))
    assert tuple(row) == COLUMNS
    assert row == {
        "direction": "upload",
        "source": "/tmp/a.txt",
        "target": "Home:b/a.txt",
        "size": "7",
        "state": "completed",
        "verified": "crc64nvme",
        "checksum": "AAAA",
        "md5": "",
        "error": "",
        "bytes_sent": "7",
        "bytes_reused": "1",
        "parts": "2",
        "retries": "3",
        "seconds": "4.500",
        "started": "2001-09-09T01:46:40+00:00",
        "ended": "2001-09-09T01:46:45+00:00",
        "batch": "b1",
        "names": "exact",
    }


DIGITS = "6f4fcc86d1c5cbb5fc0a4ff8b8a2a1c3"
IN_64 = "b0/MhtHFy7X8Ck/4uKKhww=="


@pytest.mark.parametrize(
    ("verified", "kept", "checksum", "md5"),
    [
        ("md5", DIGITS, IN_64, DIGITS),
        ("md5", DIGITS.upper(), IN_64, DIGITS),
        ("md5", IN_64, IN_64, DIGITS),
        ("md5", f"{DIGITS}-3", f"{IN_64}-3", ""),
        ("md5", f"{IN_64}-3", f"{IN_64}-3", ""),
        ("md5", "AAAA", "AAAA", ""),
        ("md5", "", "", ""),
        ("crc64nvme", "AAAAAAAAAAA=", "AAAAAAAAAAA=", ""),
    ],
)
def test_a_column_of_sums_is_written_in_one_way(verified, kept, checksum, md5):
    (row,) = rows(moved(verified=verified, checksum=kept))
    assert (row["checksum"], row["md5"]) == (checksum, md5)


def test_what_is_not_known_is_empty():
    (row,) = rows(moved(state=TransferState.QUEUED))
    assert (row["seconds"], row["started"], row["ended"], row["verified"]) == ("", "", "", "")


def test_a_skipped_transfer_is_not_told_as_done():
    assert rows(moved(skipped=True))[0]["state"] == "skipped"


def test_the_size_that_was_measured_counts():
    unknown = moved()
    spec = replace(unknown.transfer.spec, size=0)
    (row,) = rows(replace(unknown, transfer=replace(unknown.transfer, spec=spec), total=99))
    assert row["size"] == "99"


@pytest.mark.parametrize("key", ['a,"b";c', "line\nbreak\r\n", "träume/雪", "back\\slash", " a "])
def test_names_that_are_text_come_back_as_they_were(key):
    (row,) = rows(moved(key))
    assert (row["target"], row["names"]) == (f"Home:b/{key}", "exact")


def test_bytes_that_are_no_text_are_told_apart():
    first, second = rows(moved("a\udcff\\x"), moved("a\\xff\\x"))
    assert (first["target"], first["names"]) == ("Home:b/a\\xff\\\\x", "escaped")
    assert (second["target"], second["names"]) == ("Home:b/a\\xff\\x", "exact")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r", "\uff1d"])
def test_no_cell_is_a_formula(start):
    error = f"{start}HYPERLINK(1)"
    (row,) = rows(moved(error=error, state=TransferState.FAILED), name=error)
    assert row["error"] == f"'{error}"
    assert row["target"] == f"'{error}:b/a.txt"
    assert row["names"] == "guarded"


def test_lines_end_as_the_rfc_says():
    assert report([moved()]).count(b"\r\n") == 2
    assert report([]).startswith(b"\xef\xbb\xbfdirection,")
