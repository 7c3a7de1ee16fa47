"""Many small transfers, which threads carry one after another: each is still one of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import (
    PermissionDeniedError,
    ThrottledError,
    UnavailableError,
)
from s4desk.core.domain.transfer import ConflictPolicy, TransferState
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from s4desk.core.transfer.admission import Limits
from s4desk.core.transfer.conveyor import AGAIN_S, ENOUGH, FEW, HELD_UP_S
from s4desk.core.transfer.job import remote
from s4desk.core.transfer.waiting_line import LARGE
from tests.transfer.lending_store import LendingStore
from tests.transfer.queue_world import BATCH, QueueWorld
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, at, download_spec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.store.protocol import Store

MANY = 40
S = TransferState
ALL = os.sched_getaffinity(0) if sys.platform == "linux" else set()
needs_two = pytest.mark.skipif(len(ALL) < 2, reason="needs two processors, and Linux")


class LendingWorld(QueueWorld):
    """Its store lends threads, and asks again as the real one does."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Limits(jobs=4, large=2, parts=4, in_a_row=True))
        self.store = LendingStore(MemoryStore([BUCKET], clock=self.clock))

    async def _store_of(self, connection: ConnectionId) -> Store:
        await super()._store_of(connection)
        return RetryingStore(self.store, clock=self.clock)

    async def many(
        self, policy: ConflictPolicy = ConflictPolicy.OVERWRITE, batch: str = "b"
    ) -> list[TransferId]:
        specs = [self.spec(f"f{number:03d}", batch=batch) for number in range(MANY)]
        return await self.queue.submit([replace(spec, on_conflict=policy) for spec in specs])

    async def downloads(self, policy: ConflictPolicy) -> list[TransferId]:
        for number in range(MANY):
            await self.store.memory.put(at(f"o{number}").location, b"hello")
        return await self.queue.submit(
            [
                replace(
                    download_spec(f"o{number}", self.folder / f"t{number}", size=5),
                    on_conflict=policy,
                )
                for number in range(MANY)
            ]
        )

    def under_way(self) -> set[str]:
        """The keys that are said to be written now."""
        moving = (each for each in self.queue.transfers() if each.state is S.RUNNING)
        return {remote(each.spec.target).location.key for each in moving}

    def shown(self, ids: Iterable[TransferId]) -> list[str]:
        """What the rows of the pane say."""
        rows = (self.board.progress(id_) for id_ in ids)
        return [row.transfer.state.value for row in rows if row is not None]

    def transfer(self, id_: TransferId) -> Transfer:
        return next(each for each in self.queue.transfers() if each.id == id_)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LendingWorld]:
    world = LendingWorld(tmp_path)
    await world.queue.open()
    yield world
    world.store.open_gate()
    await world.queue.aclose()


async def test_threads_carry_many_small_files_each_once(world: LendingWorld) -> None:
    ids = await world.many()
    await world.rest()
    assert world.states() == ["completed"] * MANY
    assert len(world.stored()) == MANY == world.store.count["put"]
    assert world.store.direct >= MANY // 2
    assert world.store.most_in_flight <= 4
    for id_ in ids:
        transfer = world.transfer(id_)
        assert (transfer.attempts, transfer.verified) == (1, "md5")
        assert (transfer.effort.sent, transfer.effort.parts) == (5, 1)
    assert world.board.totals().done == 5 * MANY
    (finished,) = world.finished
    assert (finished.completed, finished.bytes_moved) == (MANY, 5 * MANY)


async def test_a_few_have_a_job_each(world: LendingWorld) -> None:
    await world.submit("a", "b", "c")
    await world.rest()
    assert (world.states(), world.store.lent) == (["completed"] * 3, 0)


async def test_one_that_fails_fails_alone_and_is_not_sent_again(world: LendingWorld) -> None:
    world.store.fail("put", None, None, PermissionDeniedError("no"))
    await world.many()
    await world.rest()
    assert sorted(world.states()) == ["completed"] * (MANY - 1) + ["failed"]
    assert world.store.count["put"] == MANY
    (failed,) = (each for each in world.queue.transfers() if each.state is S.FAILED)
    assert (failed.error_kind, failed.attempts) == ("PermissionDeniedError", 1)
    assert world.board.totals().running == 0


async def test_a_store_that_asks_for_patience_gets_it(world: LendingWorld) -> None:
    world.store.fail("put", ThrottledError("slow down", status=503))
    await world.many()
    await settle(lambda: world.states().count("completed") == MANY - 1)
    assert world.store.count["put"] == MANY, "asked again without a pause"
    (waiting,) = (each for each in world.queue.transfers() if each.state is S.RUNNING)
    world.clock.advance(60)
    await world.rest()
    assert world.states() == ["completed"] * MANY
    ended = world.transfer(waiting.id)
    assert (ended.effort.retries, ended.effort.sent, ended.attempts) == (1, 5, 1)


async def test_a_lost_reply_to_a_guarded_write_is_recognised(world: LendingWorld) -> None:
    world.store.lose_reply("put", UnavailableError("gone"))
    await world.many(ConflictPolicy.SKIP)
    await settle(lambda: world.states().count("completed") == MANY - 1)
    world.clock.advance(60)
    await world.rest()
    assert world.states() == ["completed"] * MANY
    assert not any(each.skipped for each in world.queue.transfers())


async def test_what_is_in_hand_and_what_waits_can_be_cancelled(world: LendingWorld) -> None:
    world.store.let_through(0)
    ids = await world.many()
    await settle(lambda: world.states().count("running") == FEW)
    in_hand = [id_ for id_ in ids if world.state(id_) is S.RUNNING]
    gone = [in_hand[0], ids[-1]]
    world.queue.cancel(gone)
    await settle(lambda: world.states().count("cancelled") == 2)
    world.store.open_gate()
    await world.rest()
    assert world.states(gone) == ["cancelled"] * 2
    assert world.states().count("completed") == MANY - 2
    assert len(world.stored()) == MANY - 2
    ended = await world.queue.wait(BATCH)
    assert (ended.completed, ended.cancelled) == (MANY - 2, 2)


async def test_all_of_it_can_be_paused_and_goes_on(world: LendingWorld) -> None:
    world.store.let_through(6)
    await world.many()
    await world.stuck()
    world.queue.pause_all()
    await settle(lambda: not world.queue.is_busy)
    assert set(world.states()) == {"paused", "completed"}
    world.store.open_gate()
    world.queue.resume_all()
    await world.rest()
    assert world.states() == ["completed"] * MANY


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT])
async def test_what_is_there_is_not_replaced(world: LendingWorld, policy: ConflictPolicy) -> None:
    await world.store.memory.put(at("f007").location, b"theirs")
    ids = await world.many(policy)
    await world.rest()
    assert world.stored()["f007"] == b"theirs"
    met = world.transfer(ids[7])
    is_skip = policy is ConflictPolicy.SKIP
    assert (met.state, met.skipped) == (S.COMPLETED if is_skip else S.FAILED, is_skip)
    assert world.states().count("completed") == MANY - (not is_skip)


async def test_a_store_without_conditions_is_looked_at_first(world: LendingWorld) -> None:
    await world.store.memory.put(at("f007").location, b"theirs")
    world.store.honours_conditions = False
    await world.many(ConflictPolicy.IF_ABSENT)
    await world.rest()
    assert world.stored()["f007"] == b"theirs"
    assert sorted(world.states()) == ["completed"] * (MANY - 1) + ["failed"]
    assert world.store.count["head"] >= MANY


@pytest.mark.parametrize("policy", [ConflictPolicy.OVERWRITE, ConflictPolicy.SKIP])
async def test_objects_come_the_same_way(world: LendingWorld, policy: ConflictPolicy) -> None:
    (world.folder / "t7").write_bytes(b"mine")
    ids = await world.downloads(policy)
    await world.rest()
    assert world.states() == ["completed"] * MANY
    is_kept = policy is ConflictPolicy.SKIP
    assert (world.folder / "t7").read_bytes() == (b"mine" if is_kept else b"hello")
    assert world.transfer(ids[7]).skipped is is_kept
    assert all((world.folder / f"t{n}").read_bytes() == b"hello" for n in range(MANY) if n != 7)
    assert not list(world.folder.glob(".*.s4part"))
    assert world.store.count["get"] == MANY - is_kept


async def test_an_object_that_is_not_there_fails_alone(world: LendingWorld) -> None:
    world.store.before = lambda request: world.store.memory.buckets[BUCKET].objects.pop("o9", None)
    await world.downloads(ConflictPolicy.OVERWRITE)
    await world.rest()
    assert sorted(world.states()) == ["completed"] * (MANY - 1) + ["failed"]
    assert not (world.folder / "t9").exists()
    assert not list(world.folder.glob(".*.s4part"))


async def test_closing_leaves_what_threads_had_to_the_next_life(world: LendingWorld) -> None:
    world.store.let_through(6)
    await world.many()
    await world.stuck()
    await world.queue.aclose()
    world.store.open_gate()
    world.board, world.queue = world._life()
    left = await world.queue.open()
    assert len(left) >= MANY - 6 - FEW
    await world.rest()
    assert len(world.stored()) == MANY
    assert set(world.states()) == {"completed"}


async def test_files_that_change_their_size_are_sent_as_they_are(world: LendingWorld) -> None:
    specs = [world.spec(f"f{number:03d}") for number in range(MANY)]
    (world.folder / "f003").write_bytes(b"hello and more")
    await world.queue.submit(specs)
    await world.rest()
    assert world.states() == ["completed"] * MANY
    assert world.stored()["f003"] == b"hello and more"


async def test_a_store_that_cannot_be_opened_fails_each(world: LendingWorld) -> None:
    world.connect_error = PermissionDeniedError("no key")
    await world.many()
    await world.rest()
    assert world.states() == ["failed"] * MANY


async def test_to_a_far_store_jobs_go_until_it_may_be_near_again(world: LendingWorld) -> None:
    world.store.before = lambda _: world.clock.advance(0.1)
    await world.many()
    await world.rest()
    assert ENOUGH <= world.store.direct < MANY
    before = world.store.lent

    world.store.before = None
    await world.many(batch="near, and nobody knows it")
    await world.rest()
    assert world.store.lent == before
    world.clock.advance(AGAIN_S)
    await world.many(batch="near")
    await world.rest()
    assert world.store.lent > before
    assert world.states() == ["completed"] * (3 * MANY)


async def test_what_takes_long_holds_up_no_other(world: LendingWorld) -> None:
    world.store.hold("f000", "f001")
    ids = await world.many()
    await settle(lambda: len(world.store.held & world.under_way()) == FEW)
    assert world.states(ids[FEW:]) == ["queued"] * (MANY - FEW)
    world.clock.advance(2 * HELD_UP_S)
    await settle(lambda: world.states().count("completed") == MANY - FEW)
    assert world.states(ids[:FEW]) == world.shown(ids[:FEW]) == ["running"] * FEW
    assert world.store.most_in_flight <= 4
    world.store.let_go()
    await world.rest()
    assert world.states() == world.shown(ids) == ["completed"] * MANY
    assert world.store.count["put"] == MANY


async def test_as_many_that_take_long_as_may_run_hold_up_all(world: LendingWorld) -> None:
    world.store.hold("f000", "f001", "f002", "f003")
    ids = await world.many()
    await settle(lambda: len(world.under_way()) == FEW)
    world.clock.advance(2 * HELD_UP_S)
    await settle(lambda: world.moving() == len(world.store.held))
    world.clock.advance(2 * HELD_UP_S)
    world.queue.pause_all()
    await settle(lambda: not world.queue.is_busy)
    assert world.states() == world.shown(ids) == ["paused"] * MANY
    world.store.let_go()
    world.queue.resume_all()
    await world.rest()
    assert world.states() == ["completed"] * MANY
    assert world.store.most_in_flight <= 4


@needs_two
async def test_what_moves_only_small_files_shares_one_processor(world: LendingWorld) -> None:
    world.store.let_through(6)
    await world.many()
    await world.stuck()
    assert len(os.sched_getaffinity(0)) == 1
    world.store.open_gate()
    await settle(lambda: os.sched_getaffinity(0) == ALL)
    assert world.states() == ["completed"] * MANY


@needs_two
async def test_a_large_file_beside_them_has_all_processors(world: LendingWorld) -> None:
    world.store.let_through(0)
    large = replace(world.spec("large"), size=LARGE)
    (id_,) = await world.queue.submit([large])
    await world.many()
    await world.stuck()
    assert world.store.lent
    assert os.sched_getaffinity(0) == ALL
    world.queue.cancel([id_])
    world.store.open_gate()
    await world.rest()


@needs_two
async def test_closing_gives_the_processors_back(world: LendingWorld) -> None:
    world.store.let_through(0)
    await world.many()
    await world.stuck()
    await world.queue.aclose()
    assert os.sched_getaffinity(0) == ALL
