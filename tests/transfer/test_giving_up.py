"""What is given up after it had arrived: it is said to be there, and is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.transfer import Transfer, TransferState
from s4desk.core.transfer.job import Stop
from tests.transfer.queue_world import QueueWorld
from tests.transfer.specs import at
from tests.transfer.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.transfer import TransferSpec


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def given_up(world: World, transfer: Transfer, attempts: int = 1) -> Transfer:
    """As the next life gives up what a former one had begun."""
    job = world.job(replace(transfer, attempts=attempts))
    job.stop(Stop.CANCEL)
    await job.run()
    return job.transfer


async def test_an_upload_that_had_arrived_has_completed(world: World) -> None:
    transfer = await world.upload(b"small")
    await world.store.memory.put(at("key").location, b"small")
    ended = await given_up(world, transfer)
    assert (ended.state, ended.verified, ended.error) == (TransferState.COMPLETED, "md5", "")
    assert world.stored("key") == b"small"


async def test_a_download_that_had_arrived_has_completed(world: World) -> None:
    transfer = await world.download(b"small")
    (world.folder / "target.bin").write_bytes(b"small")
    ended = await given_up(world, transfer)
    assert ended.state is TransferState.COMPLETED
    assert (world.folder / "target.bin").read_bytes() == b"small"


async def test_what_is_another_is_left_and_said(world: World) -> None:
    transfer = await world.upload(b"small")
    await world.store.memory.put(at("key").location, b"other")
    ended = await given_up(world, transfer)
    assert ended.state is TransferState.CANCELLED
    assert "is not proved to be of it, and is left" in ended.error
    assert world.stored("key") == b"other"


async def test_of_what_is_not_there_nothing_is_said(world: World) -> None:
    ended = await given_up(world, await world.upload(b"small"))
    assert (ended.state, ended.error) == (TransferState.CANCELLED, "")


async def test_where_nobody_may_look_that_is_said(world: World) -> None:
    transfer = await world.upload(b"small")
    world.store.fail("head", PermissionDeniedError("no"))
    ended = await given_up(world, transfer)
    assert ended.state is TransferState.CANCELLED
    assert "cannot be seen" in ended.error


async def test_where_the_store_is_away_it_can_be_given_up_later(world: World) -> None:
    transfer = await world.upload(b"small")
    world.store.fail("head", UnavailableError("away"))
    ended = await given_up(world, transfer)
    assert (ended.state, ended.error_kind) == (TransferState.FAILED, "NotUndoneError")


async def test_a_move_that_had_arrived_leaves_both(world: World) -> None:
    transfer = await world.upload(b"small")
    transfer = replace(transfer, spec=replace(transfer.spec, removes_source=True))
    world.memory_journal.transfers[transfer.id] = transfer
    await world.store.memory.put(at("key").location, b"small")
    ended = await given_up(world, transfer)
    assert ended.state is TransferState.CANCELLED
    assert "so is its source" in ended.error
    assert (world.stored("key"), (world.folder / "source.bin").exists()) == (b"small", True)


async def test_only_what_may_have_begun_is_looked_for(tmp_path: Path) -> None:
    """A thousand at most: more cannot begin between two writes of the journal."""
    world = QueueWorld(tmp_path)
    await world.queue.open(auto_resume=False)
    specs: list[TransferSpec] = [world.spec(f"k{n:04}", b"x") for n in range(1100)]
    await world.journal.add(specs)
    await world.store.memory.put(at("k0003").location, b"x")
    await world.restart(auto_resume=False)
    world.store.count.clear()
    world.queue.cancel([each.id for each in world.queue.transfers()])
    await world.queue.at_rest()
    states = world.states()
    assert (states.count("completed"), states.count("cancelled")) == (1, 1099)
    assert 1000 <= world.store.count["head"] <= 1002
    await world.queue.aclose()


async def test_of_this_life_only_what_was_begun_is_looked_for(tmp_path: Path) -> None:
    world = QueueWorld(tmp_path)
    await world.queue.open()
    world.store.let_through(0)
    ids = await world.submit(*"abcdef")
    await world.stuck()
    world.queue.cancel(ids[4:])
    assert (world.states(ids[4:]), world.store.count["head"]) == (["cancelled"] * 2, 0)
    world.queue.cancel(ids)
    await world.queue.at_rest()
    assert (world.states(), world.store.count["head"]) == (["cancelled"] * 6, 4)
    await world.queue.aclose()
