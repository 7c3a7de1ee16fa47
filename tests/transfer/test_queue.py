"""The queue: order and limits, commands at any time, lives that follow each other, batches."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import CredentialsError, UnavailableError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.transfer import (
    BatchId,
    ConflictPolicy,
    Direction,
    Endpoints,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)
from s4desk.core.runtime.events import BatchFinished, ObjectsChanged
from s4desk.core.transfer.admission import Limits
from s4desk.core.transfer.changes import QUIET_S
from s4desk.core.transfer.chores import AT_ONCE
from s4desk.core.transfer.waiting_line import Shift
from tests.transfer.queue_world import BATCH, QueueWorld
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, HERE, at, download_spec, upload_spec
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator
    from pathlib import Path

    from s4desk.core.store.wrapper import Request

LARGE = noise(4 * PART + 500)
S = TransferState


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[QueueWorld]:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    # What is large in these tests, as in their sizes of parts.
    monkeypatch.setattr("s4desk.core.transfer.waiting_line.LARGE", 2 * PART)
    world = QueueWorld(tmp_path)
    await world.queue.open()
    yield world
    world.store.open_gate()
    await world.queue.aclose()


async def test_what_is_submitted_is_carried_out(world: QueueWorld) -> None:
    ids = await world.submit(*(f"d/{number}" for number in range(20)))
    assert ids == sorted(ids)
    await world.rest()
    assert world.states() == ["completed"] * 20
    assert world.stored() == {f"d/{number}": b"hello" for number in range(20)}
    drained = world.board.drain()
    assert {drained[id_].transfer.state for id_ in ids} == {S.COMPLETED}
    assert [each.verified for each in world.queue.transfers()] == ["md5"] * 20


async def test_both_directions_and_a_copy(world: QueueWorld) -> None:
    await world.submit("k")
    await world.rest()
    down = download_spec("k", world.folder / "down")
    copy = replace(upload_spec(key="k2"), direction="copy", source=down.source)
    await world.queue.submit([down, replace(copy, direction=copy.direction)])
    await world.rest()
    assert world.states() == ["completed"] * 3
    assert (world.folder / "down").read_bytes() == world.stored()["k2"] == b"hello"


async def test_an_undecided_conflict_is_not_taken(world: QueueWorld) -> None:
    for policy in (ConflictPolicy.ASK, ConflictPolicy.RENAME):
        with pytest.raises(ValueError, match="decided"):
            await world.queue.submit([replace(world.spec("k"), on_conflict=policy)])
    assert await world.queue.submit([]) == []
    assert world.queue.transfers() == []


# Limits and order


async def test_no_more_jobs_than_allowed_and_the_rest_in_order(world: QueueWorld) -> None:
    world.store.let_through(0)
    ids = await world.submit(*(f"{number:02}" for number in range(10)))
    await world.stuck()
    assert world.states(ids) == ["running"] * 4 + ["queued"] * 6
    world.queue.set_concurrency(6)
    await world.stuck()
    assert world.states(ids) == ["running"] * 6 + ["queued"] * 4
    world.queue.set_concurrency(1)
    world.store.open_gate()
    await world.rest()
    puts = [request.key for request in world.store.calls if request.operation == "put"]
    assert sorted(puts[:6]) + puts[6:] == [f"{number:02}" for number in range(10)]


async def test_a_crowd_of_small_files_takes_the_place_of_few_large_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    monkeypatch.setattr("s4desk.core.transfer.waiting_line.LARGE", 2 * PART)
    world = QueueWorld(tmp_path, Limits(jobs=3, large=2, parts=4, crowds=True))
    await world.queue.open()
    world.store.let_through(0)
    large = await world.submit("large", content=LARGE)
    small = await world.submit(*(f"{number:02}" for number in range(12)))
    await world.stuck()
    assert world.states(large) == ["running"]
    assert world.states(small) == ["running"] * 8 + ["queued"] * 4
    world.queue.set_concurrency(1)
    world.store.open_gate()
    await world.rest()
    assert set(world.states()) == {"completed"}
    world.store.let_through(0)
    more = await world.submit("more0", "more1")
    await world.stuck()
    assert world.states(more) == ["running", "queued"]
    world.store.open_gate()
    await world.rest()
    await world.queue.aclose()


async def test_small_files_pass_large_ones_that_have_no_room(world: QueueWorld) -> None:
    world.store.let_through(0)
    large = await world.submit(*(f"large{number}" for number in range(4)), content=LARGE)
    small = await world.submit(*(f"small{number}" for number in range(4)))
    await world.stuck()
    assert world.states(large) == ["running"] * 2 + ["queued"] * 2
    assert world.states(small) == ["running"] * 2 + ["queued"] * 2
    world.store.open_gate()
    await world.rest()
    assert set(world.states()) == {"completed"}


async def test_large_and_small_ones_come_in_their_order(world: QueueWorld) -> None:
    world.queue.set_concurrency(1)
    specs = [world.spec(f"{n}", LARGE if n in (0, 2, 3) else b"small") for n in range(6)]
    await world.queue.submit(specs)
    await world.rest()
    begun = [r.key for r in world.store.calls if r.operation in ("put", "create_multipart")]
    assert begun == [f"{n}" for n in range(6)]


async def test_the_order_is_changed_and_kept_over_a_restart(world: QueueWorld) -> None:
    world.store.let_through(0)
    ids = await world.submit(*"abcdefgh")
    await world.stuck()
    world.queue.move([ids[7], ids[6]], Shift.TOP)
    world.queue.move(ids[4:5], Shift.DOWN)
    # What runs is not moved.
    world.queue.move(ids[:1], Shift.BOTTOM)
    drained = world.board.drain()
    waiting = [drained[id_].transfer for id_ in ids[4:]]
    assert [each.id for each in sorted(waiting, key=lambda each: each.place)] == [
        ids[n] for n in (6, 7, 5, 4)
    ]
    await world.restart()
    world.queue.set_concurrency(1)
    world.queue.pause(ids[:4])
    world.store.calls.clear()
    world.store.open_gate()
    await settle(lambda: world.states(ids[4:]) == ["completed"] * 4)
    puts = [request.key for request in world.store.calls if request.operation == "put"]
    assert [key for key in puts if key in "efgh"] == ["g", "h", "f", "e"]


async def test_parts_of_all_transfers_share_their_slots(world: QueueWorld) -> None:
    world.store.let_through(0)
    await world.submit("a", "b", content=LARGE)
    await settle(lambda: world.store.in_flight == 4)
    await world.stuck()
    assert world.store.in_flight == 4
    world.queue.set_concurrency(7)
    await settle(lambda: world.store.in_flight == 7)
    world.store.open_gate()
    await world.rest()
    assert world.stored() == {"a": LARGE, "b": LARGE}


async def test_one_failure_stops_nothing_else(world: QueueWorld) -> None:
    world.store.fail("put", None, UnavailableError("cable"))
    ids = await world.submit("a", "b", "c")
    await world.rest()
    assert sorted(world.states(ids)) == ["completed", "completed", "failed"]
    (failed,) = [each for each in world.queue.transfers() if each.state is S.FAILED]
    assert failed.error == "UnavailableError: cable"
    world.queue.retry(ids)
    await world.rest()
    assert world.states(ids) == ["completed"] * 3


async def test_a_connection_without_credentials_is_a_failure(world: QueueWorld) -> None:
    world.connect_error = CredentialsError("no secret")
    ids = await world.submit("a")
    await world.rest()
    assert world.queue.transfers()[0].error == "CredentialsError: no secret"
    world.connect_error = None
    world.queue.retry(ids)
    await world.rest()
    assert world.states() == ["completed"]


async def test_a_fault_of_ours_stops_nothing_else(
    world: QueueWorld, expected_logs: list[logging.LogRecord]
) -> None:
    world.store.fail("put", ZeroDivisionError("oops"))
    await world.submit("a", "b", batch=BatchId("faulty"))
    await world.rest()
    finished = await world.queue.wait(BatchId("faulty"))
    assert (finished.completed, finished.failed) == (1, 1)
    assert sorted(world.states()) == ["completed", "failed"]
    (failed,) = [each for each in world.queue.transfers() if each.state is S.FAILED]
    assert failed.error == "ZeroDivisionError: oops"
    assert "failed" in expected_logs[0].getMessage()


# Commands


async def test_pause_and_resume_what_runs_and_what_waits(world: QueueWorld) -> None:
    world.store.let_through(2)
    ids = await world.submit("large", content=LARGE) + await world.submit(*"abcdef")
    await world.stuck()
    world.queue.pause_all()
    await world.rest()
    assert set(world.states(ids)) <= {"paused", "completed"}
    before = world.states(ids).count("paused")
    assert before >= 4
    world.store.open_gate()
    await settle()
    assert world.states(ids).count("paused") == before

    world.queue.resume_all()
    await world.rest()
    assert world.states(ids) == ["completed"] * 7
    assert world.stored()["large"] == LARGE


async def test_a_resume_on_the_heels_of_a_pause_is_obeyed(world: QueueWorld) -> None:
    world.store.let_through(0)
    ids = await world.submit(*"abcdef")
    await world.stuck()
    world.queue.pause(ids)
    world.queue.resume(ids)
    world.store.open_gate()
    await world.rest()
    assert world.states(ids) == ["completed"] * 6


async def test_a_pause_after_that_is_obeyed_again(world: QueueWorld) -> None:
    world.store.let_through(0)
    ids = await world.submit("a")
    await world.stuck()
    for command in (world.queue.pause, world.queue.resume, world.queue.pause):
        command(ids)
    world.store.open_gate()
    await world.rest()
    assert world.states(ids) == ["paused"]


async def test_cancel_in_every_state(world: QueueWorld) -> None:
    world.store.let_through(1)
    (large,) = await world.submit("large", content=LARGE)
    await world.stuck()
    world.queue.pause([large])
    await world.rest()
    assert len(world.store.memory.uploads) == 1
    world.store.let_through(0)
    ids = await world.submit(*"abcdef")
    await world.stuck()
    world.queue.pause(ids[-1:])
    world.queue.cancel([large, *ids, TransferId(999)])
    await world.rest()
    assert set(world.states()) == {"cancelled"}
    assert (world.stored(), world.store.memory.uploads) == ({}, {})
    world.queue.cancel(ids)
    world.queue.retry(ids)
    world.queue.resume(ids)
    assert set(world.states()) == {"cancelled"}


async def test_cancel_of_a_failure_removes_its_parts(world: QueueWorld) -> None:
    world.store.fail("put_part", None, UnavailableError("cable"))
    ids = await world.submit("large", content=LARGE)
    await world.rest()
    assert len(world.store.memory.uploads) == 1
    world.queue.cancel(ids)
    world.queue.cancel(ids)
    await world.rest()
    assert (world.states(), world.store.memory.uploads) == (["cancelled"], {})
    assert world.store.count["create_multipart"] == 1


async def test_what_is_to_be_undone_cannot_be_paused(world: QueueWorld) -> None:
    """More than are undone at once, so that some wait for it."""
    world.store.fail("put", *[UnavailableError("cable")] * 30)
    ids = await world.submit(*(f"{n}" for n in range(30)))
    await world.rest()
    world.queue.cancel(ids)
    assert "queued" in world.states()
    world.queue.pause(ids)
    world.queue.retry(ids)
    await world.rest()
    assert set(world.states()) == {"cancelled"}


async def test_a_cancel_that_fails_can_be_repeated(world: QueueWorld) -> None:
    world.store.fail("put_part", UnavailableError("cable"))
    ids = await world.submit("large", content=LARGE)
    await world.rest()
    world.store.fail("abort_multipart", UnavailableError("still"))
    world.queue.cancel(ids)
    await world.rest()
    assert world.states() == ["failed"]
    world.queue.cancel(ids)
    await world.rest()
    assert (world.states(), world.store.memory.uploads) == (["cancelled"], {})


async def test_what_is_finished_can_be_cleared(world: QueueWorld) -> None:
    world.store.fail("put", UnavailableError("cable"))
    ids = await world.submit(*"abc")
    await world.rest()
    world.board.drain()
    cleared = world.queue.clear_finished()
    assert len(cleared) == 2
    assert world.states() == ["failed"]
    assert world.board.drain_removed() == set(cleared) < set(ids)
    assert world.queue.clear_finished() == []
    await settle()
    assert len(world.journal.transfers) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "state"), [("cancel", "cancelled"), ("retry", "completed"), ("pause", "failed")]
)
async def test_a_command_at_the_very_end_of_an_attempt_is_obeyed(
    world: QueueWorld, monkeypatch: pytest.MonkeyPatch, command: str, state: str
) -> None:
    """A job says that it has failed, and leaves a turn of the loop later."""
    world.store.fail("put_part", UnavailableError("cable"))
    record, calls = world.journal.record, []

    def interfere(transfer: Transfer) -> None:
        record(transfer)
        if transfer.state is S.FAILED and not calls:
            calls.append(transfer)
            asyncio.get_running_loop().call_soon(getattr(world.queue, command), [transfer.id])

    monkeypatch.setattr(world.journal, "record", interfere)
    await world.submit("large", content=LARGE)
    await world.rest()
    assert (world.states(), len(calls)) == ([state], 1)
    assert len(world.store.memory.uploads) == (state == "failed")


async def test_who_waited_for_a_batch_may_go_on_with_it(world: QueueWorld) -> None:
    world.store.fail("put", UnavailableError("cable"))
    ids = await world.submit("a")
    assert (await world.queue.wait(BATCH)).failed == 1
    world.queue.retry(ids)
    assert (await world.queue.wait(BATCH)).completed == 1
    assert world.queue.clear_finished() == ids
    assert (await world.queue.wait(BATCH)).completed == 0


async def test_many_are_worked_off_in_pieces(world: QueueWorld) -> None:
    world.store.let_through(0)
    count = 20 * AT_ONCE
    spec = world.spec("x")
    ids = await world.queue.submit([spec] * count)
    await settle(lambda: world.store.in_flight == 4)
    world.queue.pause_all()
    assert world.states().count("paused") == AT_ONCE - 4
    await world.rest()
    assert set(world.states()) == {"paused"}
    assert sum(each.attempts for each in world.queue.transfers()) == 4
    world.queue.resume_all()
    world.queue.pause_all()
    await world.rest()
    assert set(world.states(ids)) == {"paused"}
    world.queue.cancel(ids)
    await world.rest()
    assert set(world.states(ids)) == {"cancelled"}


async def test_a_hundred_thousand_wait_quietly(world: QueueWorld) -> None:
    """A job is only made when there is room for it."""
    world.store.let_through(0)
    spec = world.spec("x")
    await world.queue.submit([spec] * 100_000)
    await settle(lambda: world.store.in_flight == 4)
    await world.stuck()
    assert (world.moving(), world.store.in_flight) == (4, 4)
    assert len(asyncio.all_tasks()) < 20


# Lives


@pytest.mark.parametrize("auto_resume", [True, False])
async def test_the_next_life_takes_up_what_was_left(world: QueueWorld, auto_resume: bool) -> None:
    world.store.let_through(3)
    await world.submit("large", content=LARGE)
    await world.submit(*"abcdef")
    await world.stuck()
    done = world.states().count("completed")
    await world.queue.aclose()
    parts = sum(len(upload.parts) for upload in world.store.memory.uploads.values())
    world.store.open_gate()
    world.store.count.clear()
    await world.restart(auto_resume=auto_resume)
    if not auto_resume:
        assert set(world.states()) == {"paused"}
        world.queue.resume_all()
    await world.rest()
    assert world.states() == ["completed"] * (7 - done)
    assert world.stored() == {"large": LARGE} | dict.fromkeys("abcdef", b"hello")
    assert (world.store.memory.uploads, world.store.count["put_part"]) == ({}, 5 - parts)


async def test_failed_and_paused_ones_stay_what_they_are(world: QueueWorld) -> None:
    world.store.fail("put", UnavailableError("cable"))
    await world.submit("a")
    await world.rest()
    world.store.let_through(0)
    paused = await world.submit("b")
    await world.stuck()
    world.queue.pause(paused)
    await world.rest()
    await world.restart()
    world.store.open_gate()
    await world.rest()
    assert world.states() == ["failed", "paused"]
    assert world.queue.transfers()[0].error == "UnavailableError: cable"


async def test_what_could_not_be_undone_is_undone_in_the_next_life(world: QueueWorld) -> None:
    world.store.let_through(2)
    (id_,) = await world.submit("large", content=LARGE)
    await world.stuck()
    world.store.fail("abort_multipart", UnavailableError("still"))
    world.queue.cancel([id_])
    world.store.open_gate()
    await world.rest()
    (failed,) = world.queue.transfers()
    assert (failed.state, failed.error_kind) == (S.FAILED, "NotUndoneError")
    assert world.store.memory.uploads
    await world.restart()
    await world.rest()
    assert (world.state(id_), world.store.memory.uploads) == (S.CANCELLED, {})


async def test_cancel_in_the_next_life_leaves_nothing(world: QueueWorld) -> None:
    world.store.let_through(2)
    await world.submit("large", content=LARGE)
    await world.stuck()
    await world.restart(auto_resume=False)
    world.queue.cancel([each.id for each in world.queue.transfers()])
    await world.rest()
    assert (world.states(), world.store.memory.uploads) == (["cancelled"], {})


async def test_a_download_whose_begin_was_not_noted_is_cleaned_up_too(world: QueueWorld) -> None:
    await world.submit("k")
    await world.rest()
    world.store.let_through(0)
    (id_,) = await world.queue.submit([download_spec("k", world.folder / "down")])
    await world.stuck()
    await world.queue.aclose()
    (partial,) = world.folder.glob(".down.*.s4part")
    kept = world.journal.transfers  # type: ignore[attr-defined]
    kept[id_] = replace(kept[id_], state=S.QUEUED, attempts=0)
    await world.restart(auto_resume=False)
    world.queue.cancel([id_])
    await world.rest()
    assert (world.states(), partial.exists()) == (["cancelled"], False)


@pytest.mark.parametrize("kind", ["up", "down", "within"])
async def test_a_move_whose_begin_was_not_noted_is_ended(world: QueueWorld, kind: str) -> None:
    """The program died in the moment between the arrival and the next words of the journal."""
    source, target = world.folder / "from", world.folder / "to"
    source.write_bytes(b"hello")
    target.write_bytes(b"hello")
    await world.submit("from", "to")
    await world.rest()
    plan = {
        "up": upload_spec(source, "to", size=5),
        "down": download_spec("from", target, size=5),
        "within": TransferSpec(Direction.COPY, at("from"), at("to"), 5),
    }
    spec = replace(plan[kind], removes_source=True, on_conflict=ConflictPolicy.SKIP)
    (untouched,) = await world.journal.add([spec])
    await world.restart()
    await world.rest()
    (ended,) = [each for each in world.queue.transfers() if each.id == untouched.id]
    assert (ended.state, ended.skipped, ended.verified) == (S.COMPLETED, False, "md5")
    left = {"up": not source.exists(), "down": "from" not in world.stored()}
    assert left.get(kind, "from" not in world.stored())
    assert (target.read_bytes(), world.stored()["to"]) == (b"hello", b"hello")


async def test_a_new_move_takes_nothing_for_its_own(world: QueueWorld) -> None:
    await world.submit("to")
    await world.rest()
    spec = replace(world.spec("from"), removes_source=True, on_conflict=ConflictPolicy.SKIP)
    (id_,) = await world.queue.submit([replace(spec, target=at("to"))])
    await world.rest()
    assert next(each.skipped for each in world.queue.transfers() if each.id == id_)
    assert (world.folder / "from").exists()


async def test_a_submission_that_is_cancelled_is_in_the_queue_or_nowhere(
    world: QueueWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, added = world.journal.add, asyncio.Event()

    async def slow(specs: list[TransferSpec], endpoints: Endpoints) -> list[Transfer]:
        transfers = await add(specs, endpoints)
        added.set()
        await asyncio.sleep(0)
        return transfers

    monkeypatch.setattr(world.journal, "add", slow)
    submitting = asyncio.ensure_future(world.submit("a", "b"))
    await added.wait()
    submitting.cancel()
    await asyncio.gather(submitting, return_exceptions=True)
    assert len(world.queue.transfers()) == len(world.journal.transfers) == 2  # type: ignore[attr-defined]
    await world.rest()


# Batches and changes


async def test_a_batch_says_once_when_it_has_ended(world: QueueWorld) -> None:
    world.store.fail("put", UnavailableError("cable"))
    await world.store.memory.put(upload_spec(key="c").target.location, b"old")  # type: ignore[union-attr]
    specs = [world.spec(name) for name in "abcd"]
    specs[2] = replace(specs[2], on_conflict=ConflictPolicy.SKIP)
    world.queue.set_concurrency(1)
    await world.queue.submit(specs)
    other = await world.submit("e", batch="other")
    finished = await world.queue.wait(BATCH)
    assert finished == BatchFinished(BATCH, 2, 1, 1, 0, 10, error="UnavailableError: cable")
    await world.rest()
    assert world.finished == [finished, BatchFinished(BatchId("other"), 1, 0, 0, 0, 5)]
    assert await world.queue.wait(BATCH) == finished

    world.queue.retry([each.id for each in world.queue.transfers()])
    await world.rest()
    assert world.finished[2:] == [BatchFinished(BATCH, 3, 1, 0, 0, 15)]
    assert world.state(other[0]) is S.COMPLETED


async def test_a_batch_that_is_still_planned_does_not_end(world: QueueWorld) -> None:
    with world.queue.holding(BATCH):
        await world.submit("a")
        await world.rest()
        waiting = asyncio.ensure_future(world.queue.wait(BATCH))
        await settle()
        assert (world.finished, waiting.done()) == ([], False)
        await world.submit("b")
        await world.rest()
    assert (await waiting).completed == 2
    assert len(world.finished) == 1


async def test_an_empty_batch_ends_without_a_word(world: QueueWorld) -> None:
    with world.queue.holding(BATCH):
        waiting = asyncio.ensure_future(world.queue.wait(BATCH))
        await settle()
    nothing = BatchFinished(BATCH, 0, 0, 0, 0, 0)
    assert await waiting == await world.queue.wait(BATCH) == nothing
    assert world.finished == []


async def test_what_is_paused_has_not_ended(world: QueueWorld) -> None:
    world.store.let_through(0)
    ids = await world.submit("a")
    await world.stuck()
    waiting = asyncio.ensure_future(world.queue.wait(BATCH))
    world.queue.pause(ids)
    await world.rest()
    await settle()
    assert not waiting.done()
    world.queue.cancel(ids)
    assert await waiting == BatchFinished(BATCH, 0, 0, 0, 1, 0)


async def test_cleared_batches_are_forgotten(world: QueueWorld) -> None:
    await world.submit("a")
    await world.rest()
    world.queue.clear_finished()
    assert await world.queue.wait(BATCH) == BatchFinished(BATCH, 0, 0, 0, 0, 0)


async def test_changes_are_told_per_prefix_and_not_per_file(world: QueueWorld) -> None:
    world.store.let_through(9)
    await world.submit(*(f"a/{number}" for number in range(5)), *(f"b/{n}" for n in range(5)))
    await world.stuck()
    assert world.changed == []
    world.clock.advance(QUIET_S)
    await settle()
    expected = {ObjectsChanged(HERE, Prefix(BUCKET, prefix)) for prefix in ("a/", "b/")}
    assert len(world.changed) == 2
    assert set(world.changed) == expected
    world.store.open_gate()
    await world.rest()
    assert world.changed[2:] == [ObjectsChanged(HERE, Prefix(BUCKET, "b/"))]


async def test_a_move_changes_both_ends(world: QueueWorld) -> None:
    await world.queue.open()
    await world.store.memory.put(at("a/from").location, b"x")
    spec = TransferSpec(Direction.COPY, at("a/from"), at("b/to"), batch=BATCH, removes_source=True)
    await world.queue.submit([spec])
    await world.rest()
    expected = {ObjectsChanged(HERE, Prefix(BUCKET, prefix)) for prefix in ("a/", "b/")}
    assert set(world.changed) == expected


async def test_what_failed_or_was_skipped_changed_nothing(world: QueueWorld) -> None:
    world.store.fail("put", UnavailableError("cable"))
    await world.submit("a")
    await world.rest()
    assert world.changed == []


async def test_the_journal_knows_every_state(world: QueueWorld) -> None:
    seen = []

    def look(request: Request) -> None:
        kept = world.journal.transfers.values()  # type: ignore[attr-defined]
        seen.extend(each.state for each in kept if each.spec.target == at(request.key))

    world.store.before = look
    await world.submit("a", "b")
    await world.rest()
    assert seen == [S.RUNNING] * 2
    assert {each.state for each in world.journal.transfers.values()} == {S.COMPLETED}  # type: ignore[attr-defined]


async def test_the_engine_keeps_up_with_many_small_files(tmp_path: Path) -> None:
    world = QueueWorld(tmp_path, Limits())
    await world.queue.open()
    spec = world.spec("x")
    specs = [replace(spec, target=upload_spec(key=f"{n}").target) for n in range(1500)]
    began = process_time()
    await world.queue.submit(specs)
    await world.queue.wait(BATCH)
    took = process_time() - began
    await world.queue.aclose()
    assert len(world.stored()) == 1500
    # Of one processor's time, so that other work on the machine does not count.
    assert len(specs) / took > 500


async def test_what_somebody_waits_for_passes_the_queue(world: QueueWorld) -> None:
    world.queue.set_concurrency(1)
    world.store.let_through(0)
    await world.submit("first", "second", "third")
    await world.stuck()
    urgent = replace(world.spec("urgent"), priority=1)
    await world.queue.submit([urgent])
    world.store.open_gate()
    await world.rest()
    written = [each.location.key for each in world.store.calls if each.location is not None]
    assert written == ["first", "urgent", "second", "third"]
