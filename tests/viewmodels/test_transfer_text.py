"""What is said about transfers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from s4desk.core.domain.failover import Answer
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import (
    Direction,
    Effort,
    Progress,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
    Wait,
    WaitKind,
)
from s4desk.core.transfer.progress import Totals
from s4desk.viewmodels.transfer_text import (
    Wish,
    brief_totals_text,
    direction_text,
    done_percent,
    full_path,
    size_text,
    state_text,
    state_tip,
    totals_text,
    transfer_name,
    verified_text,
    verified_tip,
)

MIB = 1 << 20


def at(key: str) -> Address:
    return Address(ConnectionId("c"), Location("b", key))


def progress(state: TransferState, done: int = 0, total: int = MIB, **fields: object) -> Progress:
    note = str(fields.pop("note", ""))
    spec = TransferSpec(Direction.UPLOAD, Path("/x"), at("x"), total)
    transfer = Transfer(TransferId(1), spec, state, **fields)  # type: ignore[arg-type]
    return Progress(transfer, done, total, note)


@pytest.mark.parametrize(
    ("source", "target", "is_folder", "name"),
    [
        (Path("/a/b.txt"), at("k"), False, "b.txt"),
        (Path("/a/b"), at("k/"), True, "b"),
        (at("p/q.txt"), Path("/z"), False, "q.txt"),
        (at("p/q/"), Path("/z"), True, "q"),
        (at("p//"), Path("/z"), True, "(empty name)"),
        (at("p/a\nb"), at("r"), False, "a␊b"),
    ],
)
def test_a_transfer_is_called_by_what_it_moves(source, target, is_folder, name):
    spec = TransferSpec(Direction.COPY, source, target, is_folder=is_folder)
    assert transfer_name(spec) == name


def test_paths_are_told_in_full():
    assert full_path(at("p/\udc80")) == "c:b/p/\\udc80"
    assert full_path(at("k"), {"c": "My\nstore"}.__getitem__) == "My␊store:b/k"
    assert full_path(Path("/a/b\n")) == "/a/b\\n"


def test_states_are_words():
    words = {state: state_text(progress(state)) for state in TransferState}
    assert len(set(words.values())) == len(TransferState)
    assert state_text(progress(TransferState.COMPLETED, skipped=True)) == "Skipped"
    assert state_text(progress(TransferState.COMPLETED, error="No tags.")) == (
        "Done, something left behind"
    )
    failed = progress(TransferState.FAILED, error="The disk is full.")
    assert state_text(failed) == "Failed – The disk is full."
    assert state_text(progress(TransferState.RUNNING, note="of a new kind")) == "of a new kind"
    assert state_text(progress(TransferState.PAUSED, note="verifying")) == "Paused"
    assert state_text(progress(TransferState.RUNNING), quiet_s=8) == "Running – no answer for 8 s"
    assert state_text(progress(TransferState.RUNNING, note="verifying"), quiet_s=8) == "Verifying"
    assert state_text(progress(TransferState.PAUSED), wish=Wish.CANCEL) == "Cancelling…"
    assert state_text(progress(TransferState.RUNNING), wish=Wish.PAUSE, quiet_s=8) == "Pausing…"
    specs = [TransferSpec(each, Path("a"), Path("b")) for each in Direction]
    assert [direction_text(spec) for spec in specs] == ["Upload", "Download", "Copy"]
    assert direction_text(replace(specs[2], removes_source=True)) == "Move"


@pytest.mark.parametrize(
    ("wait", "text"),
    [
        (Wait(WaitKind.SLOT), "Waiting for a slot"),
        (Wait(WaitKind.THROTTLED, 12), "Throttled – waiting 12 s"),
        (Wait(WaitKind.THROTTLED), "Throttled"),
        (Wait(WaitKind.RETRY, 3), "Trying again in 3 s"),
        (Wait(WaitKind.RETRY), "Trying again"),
    ],
)
def test_what_is_waited_for_is_said(wait, text):
    running = progress(TransferState.RUNNING)
    assert state_text(running, wait=wait) == text
    assert state_text(running, wait=wait, quiet_s=9) == text
    assert state_text(running, wait=wait, wish=Wish.PAUSE) == "Pausing…"
    assert state_text(progress(TransferState.PAUSED), wait=wait) == "Paused"


def test_how_a_result_was_checked():
    done = TransferState.COMPLETED
    by_sum = progress(done, verified="crc64nvme")
    assert state_tip(by_sum) == "Both ends have the same checksum: CRC64NVME."
    assert verified_text(by_sum.transfer) == "CRC64NVME"
    by_size = progress(done, verified="size-only").transfer
    assert verified_text(by_size) == "Size only"
    assert "Verify Transfers Now" in verified_tip(by_size)
    assert verified_text(progress(TransferState.RUNNING).transfer) == ""
    assert "Only the size" in state_tip(progress(done, verified="size-only"))
    assert state_tip(progress(done, verified="md5", error="No tags.")) == "No tags."
    assert "already" in state_tip(progress(done, skipped=True, verified="md5"))
    assert state_tip(progress(TransferState.RUNNING)) == ""


def test_who_stood_in_for_the_first_member_is_named_beside_how_it_was_checked():
    older = Answer(ConnectionId("away"), is_failover=True, may_be_old=True)
    name_of = {"away": "Away"}.__getitem__
    spec = TransferSpec(Direction.DOWNLOAD, at("x"), Path("/x"))
    done = Transfer(TransferId(1), spec, TransferState.COMPLETED, verified="md5")

    def told(answer, **fields):
        transfer = replace(done, effort=Effort(answer=answer), **fields)
        return state_tip(Progress(transfer), name_of)

    said, summed = "Read from Away: this may be an older copy.", state_tip(Progress(done))
    assert told(older) == f"{said} {summed}"
    assert told(older, state=TransferState.RUNNING, verified="") == said
    assert told(older, error="No tags.") == f"{said} No tags."
    assert told(replace(older, may_be_old=False)) == (
        "Read from Away, because the first member of the group did not give it. " + summed
    )
    assert told(Answer(ConnectionId("away"))) == summed
    assert told(older, state=TransferState.FAILED, verified="") == ""
    assert told(older, spec=replace(spec, source=Path("/y"), target=at("y"))) == summed


def test_what_has_arrived_unproved_is_not_just_done():
    spec = TransferSpec(Direction.DOWNLOAD, at("x"), Path("/x"))
    done = Transfer(TransferId(1), spec, TransferState.COMPLETED, verified="size-only")
    assert state_text(Progress(done, done=5)) == "Done, not proved"
    assert "of which parts" in verified_tip(done)
    assert state_text(Progress(done)) == "Done"
    away = Address(ConnectionId("away"), Location("b", "y"))
    through_us = replace(done, spec=replace(spec, direction=Direction.COPY, target=away))
    assert state_text(Progress(through_us, done=5)) == "Done, not proved"
    others = [
        replace(done, verified="md5"),
        replace(done, skipped=True),
        replace(done, spec=replace(spec, direction=Direction.COPY, target=at("y"))),
    ]
    assert {state_text(Progress(each, done=5)) for each in others} == {"Done", "Skipped"}


def test_how_much_of_how_much():
    running = TransferState.RUNNING
    assert size_text(progress(running, MIB // 2)) == "512 KiB of 1.0 MiB"
    assert size_text(progress(running)) == "1.0 MiB"
    assert size_text(progress(running, MIB)) == "1.0 MiB"
    spec = TransferSpec(Direction.UPLOAD, Path("/x"), at("x/"), is_folder=True)
    assert size_text(Progress(Transfer(TransferId(1), spec))) == ""


def test_percent():
    assert done_percent(progress(TransferState.RUNNING, 999, 1000)) == 99
    assert done_percent(progress(TransferState.RUNNING, 0, 0)) is None
    assert done_percent(progress(TransferState.RUNNING, 12, 10)) == 100
    assert done_percent(progress(TransferState.COMPLETED, 0, 0)) == 100
    assert done_percent(progress(TransferState.COMPLETED, 10, 10, skipped=True)) is None


def test_totals():
    assert totals_text(Totals()) == brief_totals_text(Totals()) == ""
    busy = Totals(
        queued=1, running=2, failed=1, completed=1200, done=MIB, total=4 * MIB, speed=MIB,
        seconds_left=3,
    )  # fmt: skip
    assert totals_text(busy).split(" · ") == [
        "2 running", "1 waiting", "1 failed", "1\u202f200 done", "1.0 MiB of 4.0 MiB",
        "1.0 MiB/s", "3 s left",
    ]  # fmt: skip
    assert brief_totals_text(busy) == "3 transfers · 1.0 MiB/s · 3 s left · 1 failed in all"
    resting = Totals(paused=2, completed=1, failed=3, cancelled=1, speed=0.0)
    assert totals_text(resting) == "2 paused · 3 failed · 1 done · 1 cancelled"
    assert brief_totals_text(resting) == "2 paused · 3 failed in all"
    assert totals_text(Totals(completed=3, skipped=2)) == "1 done · 2 skipped"
    assert totals_text(Totals(completed=2, skipped=2)) == "2 skipped"
    waiting = Totals(queued=1, total=MIB)
    assert brief_totals_text(waiting) == "1 transfer"
