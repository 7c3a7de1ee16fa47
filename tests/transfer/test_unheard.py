"""Uploads that were created for us, and of which the reply never came."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.transfer import TransferState
from s4desk.core.store.protocol import UploadTicket
from s4desk.core.store.retry import ATTEMPTS, RetryingStore
from s4desk.core.transfer.asking import LATEST, SLACK
from s4desk.core.transfer.job import Stop
from tests.transfer.settle import settle
from tests.transfer.specs import at
from tests.transfer.world import PART, World, noise

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.objects import Upload
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Store

CONTENT = noise(3 * PART + 1)


async def failed_unheard(world: World) -> Transfer:
    """An upload whose store created what it never answered."""
    transfer = await world.upload(CONTENT)
    world.store.lose_reply("create_multipart", UnavailableError("the reply is lost"))
    failed = await world.run(transfer)
    assert (failed.state, world.store.count["put_part"]) == (TransferState.FAILED, 0)
    assert world.store.memory.uploads
    return failed


async def test_the_next_attempt_ends_it(world: World) -> None:
    transfer = await failed_unheard(world)
    assert (await world.run(transfer)).state is TransferState.COMPLETED
    assert world.store.memory.uploads == {}
    assert world.stored("key") == CONTENT


async def test_whoever_cancels_ends_it_too(world: World) -> None:
    transfer = await failed_unheard(world)
    job = world.job(transfer)
    job.stop(Stop.CANCEL)
    await job.run()
    assert (job.transfer.state, world.store.memory.uploads) == (TransferState.CANCELLED, {})


@pytest.mark.parametrize("how", [Stop.CANCEL, None])
async def test_it_is_known_to_every_later_life(world: World, how: Stop | None) -> None:
    """Also when the next one got an upload, and was interrupted before it had sent a part."""
    transfer = await failed_unheard(world)
    world.store.let_through(0)
    job = world.job(transfer)
    running = asyncio.ensure_future(job.run())
    await settle(world.store.is_stuck)
    job.stop(Stop.PAUSE)
    await running
    assert len(world.store.memory.uploads) == 2
    world.store.open_gate()
    job = world.job(transfer)
    if how is not None:
        job.stop(how)
    await job.run()
    ended = TransferState.COMPLETED if how is None else TransferState.CANCELLED
    assert (job.transfer.state, world.store.memory.uploads) == (ended, {})


async def test_a_request_that_was_sent_again_leaves_no_twin(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def patient(_: ConnectionId) -> Store:
        return RetryingStore(world.store, jitter=lambda: 0.0)

    monkeypatch.setattr(world, "_store_of", patient)
    world.store.lose_reply("create_multipart", UnavailableError("the reply is lost"))
    done = await world.run(await world.upload(CONTENT))
    assert (done.state, done.effort.retries) == (TransferState.COMPLETED, 1)
    assert world.store.count["create_multipart"] == 2
    assert world.store.memory.uploads == {}


@pytest.mark.parametrize("stranger", ["with a part", "another key", "of before", "of later"])
async def test_those_of_others_are_left_alone(world: World, stranger: str) -> None:
    location = at("key and more" if stranger == "another key" else "key").location
    if stranger == "of before":
        other = await world.store.create_multipart(location)
        world.clock.advance(60)
    transfer = await failed_unheard(world)
    if stranger == "of later":
        world.clock.advance((LATEST + SLACK) / timedelta(seconds=1) + 1)
    if stranger != "of before":
        other = await world.store.create_multipart(location)
    if stranger == "with a part":
        await world.store.put_part(location, other, 1, b"somebody's")
    assert (await world.run(transfer)).state is TransferState.COMPLETED
    assert set(world.store.memory.uploads) == {other.upload}


@pytest.mark.parametrize("is_theirs", [False, True])
async def test_a_part_that_arrived_unheard_is_not_sent_again(world: World, is_theirs: bool) -> None:
    transfer = await world.upload(CONTENT)
    lost = [UnavailableError("the reply is lost")] * 4
    world.store.lose_reply("put_part", *lost)
    failed = await world.run(transfer)
    (held,) = world.store.memory.uploads.values()
    arrived = len(held.parts)
    assert (failed.state, arrived > 0) == (TransferState.FAILED, True)
    (saved,) = world.memory_journal.uploads.values()
    assert saved.parts == {}
    if is_theirs:
        # Of the right size, and not what belongs there.
        ticket = UploadTicket(saved.upload, saved.algorithm)
        await world.store.memory.put_part(at("key").location, ticket, 1, bytes(PART))
    world.store.forget_script()
    world.store.count.clear()
    done = await world.run(transfer)
    assert (done.state, world.stored("key")) == (TransferState.COMPLETED, CONTENT)
    assert world.store.count["put_part"] == 4 - arrived + is_theirs


async def test_who_gets_a_part_while_we_send_ours_is_a_stranger(world: World) -> None:
    """An upload that was begun in the same moment, and is empty as long as ours is."""
    transfer = await failed_unheard(world)
    location = at("key").location
    other = await world.store.create_multipart(location)
    world.store.let_through(1)
    job = world.job(transfer)
    running = asyncio.ensure_future(job.run())
    await settle(world.store.is_stuck)
    assert len(world.store.memory.uploads) == 3
    await world.store.memory.put_part(location, other, 1, b"somebody's")
    world.store.open_gate()
    await running
    assert (job.transfer.state, world.stored("key")) == (TransferState.COMPLETED, CONTENT)
    assert set(world.store.memory.uploads) == {other.upload}


async def test_another_initiator_is_a_stranger(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = await failed_unheard(world)
    (theirs,) = world.store.memory.uploads
    listed = world.store.memory.list_uploads

    async def told(prefix: Prefix) -> list[Upload]:
        names = {theirs: "somebody"}
        return [
            replace(each, initiator=names.get(each.upload, "us")) for each in await listed(prefix)
        ]

    monkeypatch.setattr(world.store.memory, "list_uploads", told)
    assert (await world.run(transfer)).state is TransferState.COMPLETED
    assert set(world.store.memory.uploads) == {theirs}


async def test_of_more_than_we_asked_for_none_is_ended(world: World) -> None:
    transfer = await failed_unheard(world)
    for _ in range(ATTEMPTS):
        await world.store.create_multipart(at("key").location)
    assert (await world.run(transfer)).state is TransferState.COMPLETED
    assert len(world.store.memory.uploads) == ATTEMPTS + 1
