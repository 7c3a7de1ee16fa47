"""Uploads to a key that is taken, may be taken, or is taken while the bytes are on their way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    ConflictError,
    NotSupportedError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.transfer import ConflictPolicy, Transfer, TransferState
from s4desk.core.transfer.leftovers import ABORT_PAUSE_S
from s4desk.core.transfer.target import make_marker
from tests.store.configs import put_config
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, at, upload_spec
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from s4desk.core.store.protocol import Condition
    from s4desk.core.store.wrapper import Request
    from tests.transfer.world import World

COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED
SMALL, LARGE = b"fresh", noise(4 * PART + 500)
DENIED = PermissionDeniedError("no")


@pytest.fixture
def careless(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is not known to honour a condition, and ignores one."""
    distrust(world, monkeypatch, reads=False)


@pytest.fixture
def unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is not known to honour a condition, and does."""
    distrust(world, monkeypatch, reads=True)


def distrust(world: World, monkeypatch: pytest.MonkeyPatch, *, reads: bool) -> None:
    put, complete = world.store.memory.put, world.store.memory.complete_multipart

    def read(condition: Condition | None) -> dict[str, Condition]:
        if condition is None:
            return {}
        if not condition.is_safeguard:
            raise NotSupportedError("If-None-Match")
        return {"condition": condition} if reads else {}

    async def plain_put(
        *args: object, condition: Condition | None = None, **more: object
    ) -> object:
        return await put(*args, **read(condition), **more)  # type: ignore[arg-type]

    async def plain_complete(
        *args: object, condition: Condition | None = None, **more: object
    ) -> object:
        return await complete(*args, **read(condition), **more)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "put", plain_put)
    monkeypatch.setattr(world.store.memory, "complete_multipart", plain_complete)


async def sent(
    world: World, content: bytes, policy: ConflictPolicy = ConflictPolicy.SKIP
) -> Transfer:
    spec = upload_spec(world.file(content), "key", size=len(content))
    return await world.run(await world.add(replace(spec, on_conflict=policy)))


async def marked(world: World) -> Transfer:
    folder = world.folder / "dir"
    folder.mkdir(exist_ok=True)
    spec = replace(upload_spec(folder, "dir/"), is_folder=True)
    return await world.run(await world.add(spec))


def interfere(world: World, operation: str, key: str = "key") -> None:
    """Somebody else writes to the key just before the first request of this kind."""

    def before(request: Request) -> None:
        if request.operation == operation and world.stored(key) is None:
            with pytest.raises(StopIteration):
                world.store.memory.put(at(key).location, b"other").send(None)

    world.store.before = before


# Folders


@pytest.mark.parametrize("content", [b"", b"precious"])
async def test_a_marker_that_exists_is_left_as_it_is(world: World, content: bytes) -> None:
    await world.object("dir/", content)
    done = await marked(world)
    assert (done.state, done.skipped, world.stored("dir/")) == (COMPLETED, True, content)
    assert world.store.count == {"head": 1}


async def test_a_marker_is_written_once(world: World) -> None:
    await put_config(world.store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    assert [(await marked(world)).skipped for _ in range(3)] == [False, True, True]
    assert len(world.store.memory.buckets[BUCKET].objects["dir/"]) == 1


async def test_a_marker_that_somebody_else_writes_meanwhile_is_theirs(world: World) -> None:
    interfere(world, "put", "dir/")
    assert (await marked(world)).skipped
    assert world.stored("dir/") == b"other"


@pytest.mark.usefixtures("careless")
async def test_a_marker_at_a_store_without_conditions(world: World) -> None:
    assert not (await marked(world)).skipped
    assert world.stored("dir/") == b""


@pytest.mark.parametrize("fixture", ["careless", "unknown"])
async def test_a_folder_is_made_once(
    world: World, request: pytest.FixtureRequest, fixture: str
) -> None:
    request.getfixturevalue(fixture)
    marker = at("dir/").location
    assert [await make_marker(world.store, marker) for _ in range(2)] == [True, False]
    assert world.stored("dir/") == b""


@pytest.mark.usefixtures("unknown")
async def test_of_two_who_make_a_folder_one_does(world: World) -> None:
    marker = at("dir/").location
    made = await asyncio.gather(*(make_marker(world.store, marker) for _ in range(2)))
    assert sorted(made) == [False, True]


# Keys that may not be looked at


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("old", [None, b"old"])
async def test_what_may_not_be_looked_at_is_left_to_the_store(
    world: World, content: bytes, old: bytes | None
) -> None:
    if old is not None:
        await world.object("key", old)
    world.store.fail("head", DENIED, DENIED)
    done = await sent(world, content)
    assert (done.state, done.skipped) == (COMPLETED, old is not None)
    assert world.stored("key") == (old or content)
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


@pytest.mark.usefixtures("careless")
@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_what_nobody_can_look_at_is_not_replaced(world: World, content: bytes) -> None:
    world.store.fail("head", DENIED)
    failed = await sent(world, content)
    assert (failed.state, failed.error) == (FAILED, "PermissionDeniedError: no")
    assert world.stored("key") is None


async def test_what_may_not_be_looked_at_cannot_be_compared(world: World) -> None:
    world.store.fail("head", DENIED)
    failed = await sent(world, SMALL, ConflictPolicy.IF_DIFFERENT)
    assert (failed.error, world.store.count) == ("PermissionDeniedError: no", {"head": 1})


async def test_overwriting_does_not_look(world: World) -> None:
    await world.object("key", b"old")
    assert not (await sent(world, SMALL, ConflictPolicy.OVERWRITE)).skipped
    assert (world.stored("key"), world.store.count) == (SMALL, {"put": 1})


# Keys that are taken meanwhile


@pytest.mark.parametrize(("content", "write"), [(SMALL, "put"), (LARGE, "complete_multipart")])
async def test_who_came_in_between_keeps_the_key(world: World, content: bytes, write: str) -> None:
    interfere(world, write)
    done = await sent(world, content)
    assert (done.state, done.skipped, world.stored("key")) == (COMPLETED, True, b"other")
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


@pytest.mark.parametrize("won", [True, False])
async def test_after_a_race_it_is_seen_who_won(world: World, won: bool) -> None:
    world.store.fail("put", ConflictError("409"))
    if not won:
        interfere(world, "put")
    done = await sent(world, SMALL)
    assert done.state is (FAILED if won else COMPLETED)
    assert (done.skipped, done.error) == ((False, "ConflictError: 409") if won else (True, ""))


async def test_a_key_taken_by_ourselves_is_no_conflict(world: World) -> None:
    """The reply to the first request to join was lost, and the second one was refused."""
    complete = world.store.memory.complete_multipart

    async def twice(*args: object, **more: object) -> object:
        await complete(*args, **more)  # type: ignore[arg-type]
        return await world.store.memory.put(at("key").location, b"", **more)  # type: ignore[arg-type]

    world.store.memory.complete_multipart = twice  # type: ignore[assignment,method-assign]
    done = await sent(world, LARGE)
    assert (done.state, done.skipped, done.verified) == (COMPLETED, False, "md5")


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT])
@pytest.mark.parametrize("failure", [None, UnavailableError("reset")], ids=["refused", "unheard"])
async def test_of_two_who_send_the_same_one_leaves_no_upload(
    world: World, policy: ConflictPolicy, failure: UnavailableError | None
) -> None:
    """Both have sent all parts when one of them joins its own: the same object, not the other's."""
    spec = upload_spec(world.file(LARGE), "key", size=len(LARGE))
    first, second = [await world.add(replace(spec, on_conflict=policy)) for _ in range(2)]
    waiting = asyncio.Event()
    complete = world.store.memory.complete_multipart

    async def late(*args: object, **more: object) -> object:
        if not waiting.is_set():
            waiting.set()
            world.store.memory.complete_multipart = complete  # type: ignore[method-assign]
            assert (await world.run(second)).verified == "md5"
            if failure is not None:
                raise failure
        return await complete(*args, **more)  # type: ignore[arg-type]

    world.store.memory.complete_multipart = late  # type: ignore[assignment,method-assign]
    running = asyncio.ensure_future(world.run(first))
    # It may be that the store has not quite finished with it.
    await settle(lambda: world.store.count["list_parts"] == 1)
    await settle()
    world.clock.advance(ABORT_PAUSE_S)
    done = await running
    if failure is not None:
        assert (done.state, len(world.memory_journal.uploads)) == (FAILED, 1)
        done = await world.run(first)
    assert (done.state, done.skipped, world.stored("key")) == (COMPLETED, True, LARGE)
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


async def test_who_may_not_ask_for_parts_aborts_to_be_sure(world: World) -> None:
    world.store.lose_reply("complete_multipart", UnavailableError("reset"))
    world.store.fail("list_parts", DENIED)
    done = await sent(world, LARGE)
    assert (done.state, done.skipped, done.verified) == (COMPLETED, False, "md5")
    assert (world.stored("key"), world.store.count["abort_multipart"]) == (LARGE, 1)


@pytest.mark.usefixtures("careless")
@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_a_store_without_conditions_is_asked_before(world: World, content: bytes) -> None:
    assert not (await sent(world, content)).skipped
    assert world.stored("key") == content
    assert (await sent(world, noise(3 * PART))).skipped
    assert world.stored("key") == content


@pytest.mark.usefixtures("unknown")
@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT])
@pytest.mark.parametrize(("content", "write"), [(SMALL, "put"), (LARGE, "complete_multipart")])
async def test_a_store_that_is_not_known_is_told_the_condition_too(
    world: World, content: bytes, write: str, policy: ConflictPolicy
) -> None:
    """Somebody else comes in between the last look and the write."""
    asked: list[str] = []

    def before(request: Request) -> None:
        if request.operation == write:
            asked.append(write)
            if len(asked) == 2:  # the first one was a promise that nobody could give
                world.store.before = None
                with pytest.raises(StopIteration):
                    world.store.memory.put(at("key").location, b"other").send(None)

    world.store.before = before
    done = await sent(world, content, policy)
    is_told = done.skipped if policy is ConflictPolicy.SKIP else done.state is FAILED
    assert (is_told, world.stored("key"), len(asked)) == (True, b"other", 2)


@pytest.mark.usefixtures("careless")
async def test_before_parts_are_joined_it_is_looked_again(world: World) -> None:
    """Hours may lie between the first look and the end."""
    interfere(world, "put_part")
    assert (await sent(world, LARGE)).skipped
    assert (world.stored("key"), world.store.memory.uploads) == (b"other", {})


async def test_parts_of_an_earlier_attempt_go_when_the_key_is_taken(world: World) -> None:
    spec = upload_spec(world.file(LARGE), "key", size=len(LARGE))
    transfer = await world.add(replace(spec, on_conflict=ConflictPolicy.SKIP))
    await world.closed_midway(transfer, after=2)
    await world.object("key", b"other")
    assert (await world.run(transfer)).skipped
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


# Keys that nobody had when a person looked


async def test_a_new_key_costs_no_look(world: World) -> None:
    done = await sent(world, SMALL, ConflictPolicy.IF_ABSENT)
    assert (done.state, world.stored("key")) == (COMPLETED, SMALL)
    assert world.store.count == {"put": 1}


@pytest.mark.parametrize(("content", "operation"), [(SMALL, "put"), (LARGE, "complete_multipart")])
async def test_what_came_since_the_look_is_left_and_told(
    world: World, content: bytes, operation: str
) -> None:
    interfere(world, operation)
    done = await sent(world, content, ConflictPolicy.IF_ABSENT)
    assert (done.state, done.error_kind) == (FAILED, "TargetExistsError")
    assert world.stored("key") == b"other"
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


@pytest.mark.usefixtures("careless")
async def test_what_came_since_is_looked_for_where_conditions_are_not_honoured(
    world: World,
) -> None:
    await world.object("key", b"other")
    done = await sent(world, SMALL, ConflictPolicy.IF_ABSENT)
    assert (done.state, world.stored("key")) == (FAILED, b"other")


async def test_our_own_object_of_a_lost_reply_is_no_stranger(world: World) -> None:
    await world.object("key", SMALL)
    done = await sent(world, SMALL, ConflictPolicy.IF_ABSENT)
    assert (done.state, done.skipped) == (COMPLETED, True)
