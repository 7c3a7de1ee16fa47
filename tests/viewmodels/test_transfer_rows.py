"""Rows of the dialogs before a transfer."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import ConflictPolicy, Direction, TransferSpec
from s4desk.core.transfer.conflicts import Conflict, Existing
from s4desk.core.transfer.names import NameChange, NameReason
from s4desk.core.transfer.walk import PathProblem, PathReason
from s4desk.viewmodels.rows import format_time
from s4desk.viewmodels.transfer_rows import (
    DECISIONS,
    change_rows,
    conflict_rows,
    decision_text,
    modified_times,
    problem_rows,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SOURCE = Path("/home/me/a.txt")


def upload(key: str, existing: Existing) -> Conflict:
    target = Address(ConnectionId("c"), Location("b", key))
    return Conflict(TransferSpec(Direction.UPLOAD, SOURCE, target, 2048), existing)


def test_a_row_shows_both_sizes_and_dates():
    (row,) = conflict_rows([upload("x/a.txt", Existing(10, NOW))], {SOURCE: NOW.timestamp()})
    when = format_time(NOW.timestamp())
    assert (row.name, row.fresh, row.existing) == ("a.txt", f"2.0 KiB, {when}", f"10 B, {when}")


def test_dates_are_read_where_a_file_is(tmp_path):
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.write_bytes(b"")
    os.utime(there, (1, 1000))
    target = Address(ConnectionId("c"), Location("b", "k"))
    specs = [TransferSpec(Direction.UPLOAD, path, target) for path in (there, gone)]
    specs.append(TransferSpec(Direction.DOWNLOAD, target, there))
    assert modified_times(specs) == {there: 1000}


def test_names_leave_out_only_the_folder_they_share():
    rows = conflict_rows([upload(key, Existing(1, None)) for key in ("x/y/a", "x/z/b", "x/c")])
    assert [row.name for row in rows] == ["y/a", "z/b", "c"]
    assert rows[0].existing == "1 B"


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["five.bin"], ["five.bin"]),
        (["five.bin", "six.bin"], ["five.bin", "six.bin"]),
        (["x/y/a", "six.bin"], ["x/y/a", "six.bin"]),
        (["a//x", "a/y"], ["/x", "y"]),
        (["a//x", "a//y"], ["x", "y"]),
        (["/x", "x"], ["/x", "x"]),
        (["marker/"], ["marker/"]),
        (["a/marker//"], ["marker//"]),
    ],
)
def test_whatever_is_shared_a_name_is_left(keys, names):
    rows = conflict_rows([upload(key, Existing(1, None)) for key in keys])
    assert [row.name for row in rows] == names


def test_a_download_is_named_after_its_file():
    source = Address(ConnectionId("c"), Location("b", "k"))
    spec = TransferSpec(Direction.DOWNLOAD, source, Path("/tmp/k"), 5)
    (row,) = conflict_rows([Conflict(spec, Existing(0, None, is_folder=True))])
    assert (row.name, row.existing, row.is_folder) == ("k", "a folder", True)
    assert row.decided(ConflictPolicy.IF_DIFFERENT) is ConflictPolicy.RENAME
    assert row.decided(ConflictPolicy.SKIP) is ConflictPolicy.SKIP


def test_what_may_not_be_looked_at_has_no_size():
    (row,) = conflict_rows([upload("a", Existing(0, None, is_hidden=True))])
    assert row.existing == "unknown; the store does not let you look"


def test_every_decision_has_its_own_words():
    assert len({decision_text(policy) for policy in DECISIONS}) == len(DECISIONS)
    assert decision_text(None) == ""


def test_every_reason_is_a_sentence():
    changes = change_rows([NameChange("a\nb", "a%0Ab", reason) for reason in NameReason])
    assert {row[:2] for row in changes} == {("a␊b", "a%0Ab")}
    assert all(why.endswith(".") for *_, why in changes)
    problems = problem_rows([PathProblem(SOURCE, reason) for reason in PathReason])
    assert all(path == str(SOURCE) and why.endswith(".") for path, why in problems)
    detailed = problem_rows([PathProblem(SOURCE, PathReason.UNREADABLE, "Permission denied")])
    assert detailed[0][1] == "It cannot be read. (Permission denied)"
