"""Copies that the store makes itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import GIB
from s4desk.core.domain.transfer import ConflictPolicy, Direction, TransferSpec, TransferState
from s4desk.core.transfer.job import Stop
from tests.transfer.specs import BUCKET, at

if TYPE_CHECKING:
    from s4desk.core.store.protocol import PutReply
    from s4desk.core.store.wrapper import Request
    from tests.transfer.world import World

SPEC = TransferSpec(Direction.COPY, at("from"), at("to"))
COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED


async def test_a_copy_is_made_and_looked_at(world: World) -> None:
    kept = Attributes(content_type="text/x", metadata={"a": "b"})
    await world.store.memory.put(at("from").location, b"hello", attributes=kept)
    done = await world.run(await world.add(SPEC))
    assert (done.state, done.verified, world.stored("to")) == (COMPLETED, "md5", b"hello")
    assert (await world.store.head(at("to").location)).attributes == kept
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (5, 5)


async def test_attributes_of_the_spec_replace_those_of_the_source(world: World) -> None:
    await world.object("from", b"hello")
    new = Attributes(content_type="text/new")
    await world.run(await world.add(replace(SPEC, attributes=new)))
    assert (await world.store.head(at("to").location)).attributes == new


async def test_no_store_copies_from_another(world: World) -> None:
    elsewhere = Address(ConnectionId("elsewhere"), Location(BUCKET, "from"))
    failed = await world.run(await world.add(replace(SPEC, source=elsewhere)))
    assert failed.error.startswith("NotSupportedError")
    assert world.store.count == {}


async def test_what_is_too_large_for_one_request_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.object("from", b"hello")
    head = world.store.memory.head

    async def huge(*args: object, **kwargs: object) -> object:
        return replace(await head(*args, **kwargs), size=5 * GIB + 1)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "head", huge)
    failed = await world.run(await world.add(SPEC))
    assert failed.error.startswith("PayloadTooLargeError")
    assert world.stored("to") is None


@pytest.mark.parametrize("content", [b"hell", b"jello"])
async def test_a_copy_that_is_another_object_is_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    await world.object("from", b"hello")

    async def wrong(_source: Location, target: Location, **_: object) -> PutReply:
        return await world.store.memory.put(target, content)

    monkeypatch.setattr(world.store.memory, "copy", wrong)
    failed = await world.run(await world.add(SPEC))
    assert (failed.state, failed.error.partition(":")[0]) == (FAILED, "IntegrityError")


@pytest.mark.parametrize(
    ("policy", "old", "skipped"),
    [
        (ConflictPolicy.OVERWRITE, b"hello", False),
        (ConflictPolicy.SKIP, b"other", True),
        (ConflictPolicy.SKIP, None, False),
        (ConflictPolicy.IF_DIFFERENT, b"hello", True),
        (ConflictPolicy.IF_DIFFERENT, b"jello", False),
        (ConflictPolicy.IF_DIFFERENT, b"longer", False),
        (ConflictPolicy.IF_DIFFERENT, None, False),
    ],
)
async def test_policies(
    world: World, policy: ConflictPolicy, old: bytes | None, skipped: bool
) -> None:
    await world.object("from", b"hello")
    if old is not None:
        await world.object("to", old)
    done = await world.run(await world.add(replace(SPEC, on_conflict=policy)))
    assert (done.state, done.skipped) == (COMPLETED, skipped)
    assert world.stored("to") == (old if skipped else b"hello")
    assert world.store.count["copy"] == (not skipped)


@pytest.mark.parametrize("is_same", [True, False])
async def test_joined_parts_are_compared_by_their_etag(world: World, is_same: bool) -> None:
    await world.object("from", b"hello")
    await world.object("to", b"hello" if is_same else b"jello")
    for key in ("from", "to"):
        objects = world.store.memory.buckets[BUCKET].objects
        objects[key] = [replace(each, etag=each.etag + "-2") for each in objects[key]]
    done = await world.run(await world.add(replace(SPEC, on_conflict=ConflictPolicy.IF_DIFFERENT)))
    assert done.skipped is is_same


async def test_what_cannot_be_proved_equal_is_copied(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s4desk.core.store.memory.md5", lambda _: "opaque")
    await world.object("from", b"hello")
    await world.object("to", b"jello")
    done = await world.run(await world.add(replace(SPEC, on_conflict=ConflictPolicy.IF_DIFFERENT)))
    assert (done.skipped, world.stored("to")) == (False, b"hello")


@pytest.mark.parametrize("how", Stop)
async def test_a_stop_before_the_copy_is_obeyed_and_after_it_too_late(
    world: World, how: Stop
) -> None:
    await world.object("from", b"hello")
    for operation, state in (("head", how), ("copy", None)):
        job = world.job(await world.add(SPEC))

        def stop(request: Request, job=job, operation=operation) -> None:  # type: ignore[no-untyped-def]
            if request.operation == operation:
                job.stop(how)

        world.store.before = stop
        await job.run()
        stopped = TransferState.PAUSED if how is Stop.PAUSE else TransferState.CANCELLED
        assert job.transfer.state is (COMPLETED if state is None else stopped)
        assert (world.stored("to") is None) == (state is not None)
