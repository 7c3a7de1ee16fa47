"""Copies that the store makes itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    MalformedReplyError,
    NotSupportedError,
    PayloadTooLargeError,
    PermissionDeniedError,
    PreconditionFailedError,
    UnavailableError,
)
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes, Checksum
from s4desk.core.domain.transfer import (
    Carried,
    ConflictPolicy,
    Direction,
    TransferSpec,
    TransferState,
)
from s4desk.core.transfer.job import Stop
from s4desk.core.transfer.leftovers import ABORT_PAUSE_S
from s4desk.core.transfer.streaming import SpanBuffer
from s4desk.core.wire.checksums import checksum
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, at, elsewhere
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import GetReply, PutReply
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
    assert world.stored("to") is None


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


# In parts


LARGE = noise(5 * PART + 7)
BETWEEN = replace(SPEC, source=elsewhere("from"))
BOTH = pytest.mark.parametrize("spec", [SPEC, BETWEEN], ids=["within", "between"])


async def begin(world: World, spec: TransferSpec, content: bytes = LARGE, **kept: object) -> None:
    store = world.other if spec.source == elsewhere("from") else world.store
    attributes = Attributes(**kept)  # type: ignore[arg-type]
    await store.memory.put(spec.source.location, content, attributes=attributes)  # type: ignore[union-attr]


@BOTH
async def test_a_large_object_goes_in_parts(world: World, spec: TransferSpec) -> None:
    await begin(world, spec, content_type="text/x", metadata={"a": "b"}, tags={"t": "1"})
    done = await world.run(await world.add(spec))
    assert (done.state, done.error, world.stored("to")) == (COMPLETED, "", LARGE)
    there = await world.store.head(at("to").location)
    assert (there.attributes.content_type, dict(there.attributes.metadata)) == (
        "text/x",
        {"a": "b"},
    )
    assert dict(await world.store.get_tags(at("to").location)) == {"t": "1"}
    assert world.store.count["copy_part"] == (6 if spec is SPEC else 0)
    assert world.store.count["put_part"] == (0 if spec is SPEC else 6)
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (len(LARGE), len(LARGE))
    assert (world.memory_journal.uploads, world.store.memory.uploads) == ({}, {})


@BOTH
async def test_parts_are_cut_as_those_of_the_source_were(world: World, spec: TransferSpec) -> None:
    """Then the ETag proves the copy."""
    store = world.other if spec is BETWEEN else world.store
    location = spec.source.location  # type: ignore[union-attr]
    ticket = await store.memory.create_multipart(location)
    cut = 2 * PART
    parts = [
        await store.memory.put_part(location, ticket, n, LARGE[cut * (n - 1) : cut * n])
        for n in (1, 2, 3)
    ]
    await store.memory.complete_multipart(location, ticket, parts)
    done = await world.run(await world.add(spec))
    assert (done.verified, world.stored("to")) == ("size-only", LARGE)

    world.store.memory.buckets[BUCKET].objects.pop("to")
    fitting = replace(world.context().sizes, part=cut)
    job = world.job(await world.add(spec))
    job._context = replace(job._context, sizes=fitting)
    await job.run()
    assert (job.transfer.verified, world.stored("to")) == ("md5", LARGE)


@BOTH
@pytest.mark.parametrize("size", [0, 1, 2 * PART - 1, 2 * PART, 4 * PART])
async def test_every_size_is_copied(world: World, spec: TransferSpec, size: int) -> None:
    await begin(world, spec, noise(size))
    done = await world.run(await world.add(spec))
    assert (done.state, world.stored("to")) == (COMPLETED, noise(size))
    assert done.verified == "md5"


@BOTH
async def test_a_copy_in_parts_goes_on_where_it_was(world: World, spec: TransferSpec) -> None:
    await begin(world, spec)
    transfer = await world.add(spec)
    operation = "copy_part" if spec is SPEC else "put_part"
    world.store.fail(operation, *[None] * 5, UnavailableError("cable"))
    failed = await world.run(transfer)
    assert (failed.state, len(world.store.memory.uploads)) == (FAILED, 1)
    arrived = len(world.memory_journal.uploads[transfer.id].parts)
    world.store.forget_script()
    world.store.count.clear()
    done = await world.run(transfer)
    assert (done.state, world.stored("to")) == (COMPLETED, LARGE)
    assert world.store.count[operation] == 6 - arrived < 6
    assert world.store.count["create_multipart"] == 0


@BOTH
async def test_of_another_source_all_is_begun_anew(world: World, spec: TransferSpec) -> None:
    await begin(world, spec)
    transfer = await world.add(spec)
    world.store.fail("complete_multipart", UnavailableError("cable"))
    await world.run(transfer)
    other = noise(len(LARGE), 2)
    await begin(world, spec, other)
    done = await world.run(transfer)
    assert (done.state, world.stored("to"), world.store.memory.uploads) == (COMPLETED, other, {})
    assert world.store.count["create_multipart"] == 2


@BOTH
async def test_a_lost_reply_to_complete_is_recognised(world: World, spec: TransferSpec) -> None:
    await begin(world, spec)
    transfer = await world.add(spec)
    world.store.lose_reply("complete_multipart", UnavailableError("cable"))
    world.store.fail("head", *[None] * (2 if spec is SPEC else 0), UnavailableError("cable"))
    assert (await world.run(transfer)).state is FAILED
    world.store.forget_script()
    done = await world.run(transfer)
    assert (done.state, world.stored("to")) == (COMPLETED, LARGE)
    assert world.store.count["create_multipart"] == 1
    assert world.store.memory.uploads == {}


@BOTH
async def test_a_cancelled_copy_leaves_no_part(world: World, spec: TransferSpec) -> None:
    await begin(world, spec)
    world.store.fail("complete_multipart", UnavailableError("cable"))
    transfer = await world.add(spec)
    await world.run(transfer)
    assert len(world.store.memory.uploads) == 1
    job = world.job(transfer)
    job.stop(Stop.CANCEL)
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})
    assert world.stored("to") is None


# Stores that do not copy


async def test_a_store_that_does_not_copy_is_streamed(world: World) -> None:
    await begin(world, SPEC, b"hello", metadata={"a": "b"}, tags={"t": "1"})
    world.store.fail("copy", NotSupportedError("501"))
    done = await world.run(await world.add(SPEC))
    assert (done.state, done.verified, world.stored("to")) == (COMPLETED, "md5", b"hello")
    assert dict((await world.store.head(at("to").location)).attributes.metadata) == {"a": "b"}
    assert dict(await world.store.get_tags(at("to").location)) == {"t": "1"}


async def test_a_store_that_copies_no_parts_is_streamed(world: World) -> None:
    await begin(world, SPEC)
    world.store.fail("copy_part", None, *[NotSupportedError("501")] * 9)
    done = await world.run(await world.add(SPEC))
    assert (done.state, world.stored("to")) == (COMPLETED, LARGE)
    assert world.store.count["put_part"] >= 2


async def test_a_store_that_takes_less_in_one_request_gets_parts(world: World) -> None:
    await begin(world, SPEC, noise(3 * PART))
    world.store.fail("copy", PayloadTooLargeError("413"))
    done = await world.run(await world.add(SPEC))
    assert (done.state, world.stored("to")) == (COMPLETED, noise(3 * PART))
    assert world.store.count["copy_part"] == 3


async def test_a_copy_whose_reply_was_lost_is_made_again(world: World) -> None:
    await begin(world, SPEC, b"hello")
    world.store.lose_reply("copy", UnavailableError("cable"))
    transfer = await world.add(SPEC)
    assert (await world.run(transfer)).state is FAILED
    assert ((await world.run(transfer)).state, world.stored("to")) == (COMPLETED, b"hello")


async def test_a_copy_of_the_same_parts_by_somebody_else_is_not_ours(world: World) -> None:
    """Ours was cut off before it was joined: its parts go, whoever made what is there."""
    spec = replace(SPEC, on_conflict=ConflictPolicy.SKIP)
    await begin(world, spec)
    world.store.fail("complete_multipart", UnavailableError("cable"))
    first, second = await world.add(spec), await world.add(spec)
    assert (await world.run(first)).state is FAILED
    assert (await world.run(second)).state is COMPLETED
    looks = world.store.count["list_parts"]
    running = asyncio.ensure_future(world.run(first))
    await settle(lambda: world.store.count["list_parts"] > looks)
    await settle()
    world.clock.advance(ABORT_PAUSE_S)
    done = await running
    assert (done.state, done.skipped, world.stored("to")) == (COMPLETED, True, LARGE)
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


# A source that changes


@pytest.mark.parametrize("operation", ["copy", "copy_part", "get", "put_part"])
async def test_a_source_that_is_replaced_meanwhile(world: World, operation: str) -> None:
    spec = SPEC if operation.startswith("copy") else BETWEEN
    content = b"hello" if operation == "copy" else LARGE
    await begin(world, spec, content)
    store = world.other if operation == "get" else world.store
    seen = 0

    def replace_it(request: Request) -> None:
        nonlocal seen
        seen += request.operation == operation
        if seen == 1 and request.operation == operation:
            held = (world.other if spec is BETWEEN else world.store).memory.buckets[BUCKET]
            (old,) = held.objects["from"]
            held.objects["from"] = [replace(old, data=b"x" * len(content), etag="other")]

    store.before = replace_it
    failed = await world.run(await world.add(spec))
    assert failed.error.startswith("SourceChangedError")
    assert (world.stored("to"), world.store.memory.uploads) == (None, {})
    assert world.memory_journal.uploads == {}


async def test_a_store_that_ignores_if_match_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(world, SPEC, b"hello")
    copy = world.store.memory.copy

    async def deaf(source: Location, target: Location, **how: object) -> PutReply:
        await world.object("from", b"other")
        return await copy(source, target, **how | {"if_match": ""})  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "copy", deaf)
    failed = await world.run(await world.add(SPEC))
    assert failed.error.startswith("SourceChangedError")


async def test_parts_of_two_objects_are_never_joined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a store that ignores If-Match when it copies parts."""
    await begin(world, SPEC)
    copy_part = world.store.memory.copy_part

    async def deaf(*what: object, **how: object) -> object:
        if what[3] == 3:
            await world.object("from", noise(len(LARGE), 2))
        return await copy_part(*what, **how | {"if_match": ""})  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "copy_part", deaf)
    failed = await world.run(await world.add(SPEC))
    assert failed.error.startswith("SourceChangedError")
    assert (world.stored("to"), world.store.memory.uploads) == (None, {})


# What is there already


IF_ABSENT = ConflictPolicy.IF_ABSENT


@BOTH
@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, IF_ABSENT])
@pytest.mark.parametrize("content", [b"hello", LARGE])
@pytest.mark.parametrize("honours", [True, False])
async def test_what_came_in_between_is_not_replaced(
    world: World, spec: TransferSpec, policy: ConflictPolicy, content: bytes, honours: bool
) -> None:
    if not honours and policy is ConflictPolicy.SKIP:
        pytest.skip("it was looked for before; a later look is for what a person was asked about")
    await begin(world, spec, content)
    writes = {"copy", "put", "complete_multipart"}
    if not honours:
        for operation in writes:
            world.store.fail(operation, NotSupportedError("not known to honour If-None-Match"))

    def come(request: Request) -> None:
        if request.operation in writes and world.stored("to") is None:
            world.store.memory.buckets[BUCKET].objects["to"] = _theirs(world)  # type: ignore[assignment]

    world.store.before = come
    ended = await world.run(await world.add(replace(spec, on_conflict=policy)))
    assert world.stored("to") == b"theirs"
    if policy is IF_ABSENT:
        assert ended.error.startswith("TargetExistsError")
    else:
        assert (ended.state, ended.skipped) == (COMPLETED, True)
    assert world.store.memory.uploads == {}


def _theirs(world: World) -> list[object]:
    held = world.store.memory.buckets[BUCKET]
    some = next(iter((held.objects or world.other.memory.buckets[BUCKET].objects).values()))[0]
    return [replace(some, data=b"theirs", etag="theirs")]


@BOTH
async def test_what_we_wrote_before_the_reply_was_lost_is_ours(
    world: World, spec: TransferSpec
) -> None:
    await begin(world, spec, b"hello")
    operation = "copy" if spec is SPEC else "put"
    world.store.lose_reply(operation, PreconditionFailedError("it is there already"))
    done = await world.run(await world.add(replace(spec, on_conflict=IF_ABSENT)))
    assert (done.state, done.skipped, world.stored("to")) == (COMPLETED, True, b"hello")


async def test_two_writers_that_raced(world: World) -> None:
    await begin(world, SPEC, b"hello")
    world.store.fail("copy", ConflictError("409"))
    failed = await world.run(await world.add(replace(SPEC, on_conflict=ConflictPolicy.SKIP)))
    assert failed.error.startswith("ConflictError")


# What goes along


@BOTH
@pytest.mark.parametrize("content", [b"hello", LARGE])
async def test_tags_may_stay_behind(world: World, spec: TransferSpec, content: bytes) -> None:
    await begin(world, spec, content, tags={"t": "1"})
    await world.run(await world.add(replace(spec, carries=Carried(tags=False))))
    assert world.stored("to") == content
    assert dict(await world.store.get_tags(at("to").location)) == {}


@BOTH
async def test_tags_of_the_spec_win(world: World, spec: TransferSpec) -> None:
    await begin(world, spec, b"hello", tags={"t": "1"}, content_type="text/x")
    told = Attributes(tags={"u": "2"})
    await world.run(await world.add(replace(spec, attributes=told)))
    assert dict(await world.store.get_tags(at("to").location)) == {"u": "2"}
    assert (await world.store.head(at("to").location)).attributes.content_type == "text/x"


@pytest.mark.parametrize(
    "error",
    [PermissionDeniedError("403"), NotSupportedError("501"), MalformedReplyError("no XML")],
)
async def test_tags_that_cannot_be_read_do_no_harm(world: World, error: Exception) -> None:
    await begin(world, BETWEEN, b"hello", tags={"t": "1"})
    world.other.fail("get_tags", error)
    done = await world.run(await world.add(BETWEEN))
    assert (done.state, world.stored("to")) == (COMPLETED, b"hello")


@pytest.mark.parametrize("content", [b"hello", LARGE])
@pytest.mark.parametrize("error", [PermissionDeniedError("403"), NotSupportedError("501")])
async def test_tags_that_cannot_be_written_do_no_harm(
    world: World, error: Exception, content: bytes
) -> None:
    await begin(world, BETWEEN, content, tags={"t": "1"})
    world.store.fail("put" if content == b"hello" else "create_multipart", error)
    done = await world.run(await world.add(BETWEEN))
    assert (done.state, world.stored("to")) == (COMPLETED, content)
    assert dict(await world.store.get_tags(at("to").location)) == {}


@pytest.mark.parametrize(
    ("spec", "carries", "kept"),
    [
        (SPEC, Carried(), "GLACIER_IR"),
        (SPEC, Carried(storage_class=False), "STANDARD"),
        (BETWEEN, Carried(), "STANDARD"),
        (BETWEEN, Carried(storage_class=True), "GLACIER_IR"),
    ],
)
async def test_the_storage_class(
    world: World, spec: TransferSpec, carries: Carried, kept: str
) -> None:
    await begin(world, spec, b"hello", storage_class="GLACIER_IR")
    await world.run(await world.add(replace(spec, carries=carries)))
    assert (await world.store.head(at("to").location)).storage_class == kept


@BOTH
async def test_a_lock_goes_along_when_it_is_chosen(world: World, spec: TransferSpec) -> None:
    now = world.clock.now()
    lock = LockState(LockMode.GOVERNANCE, now.replace(year=now.year + 1), legal_hold=False)
    await begin(world, spec, b"hello", lock=lock)
    await world.run(await world.add(spec))
    assert not (await world.store.head(at("to").location)).attributes.lock.is_locked(now)
    await world.run(await world.add(replace(spec, carries=Carried(lock=True))))
    assert (await world.store.head(at("to").location)).attributes.lock == lock


async def test_a_lock_that_the_store_loses_is_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(world, BETWEEN, b"hello", lock=LockState(legal_hold=True))
    put = world.store.memory.put

    async def forgetful(location: Location, body: object, **how: object) -> PutReply:
        return await put(location, body, **how | {"attributes": Attributes()})  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "put", forgetful)
    failed = await world.run(await world.add(replace(BETWEEN, carries=Carried(lock=True))))
    assert (failed.state, "lock" in failed.error) == (FAILED, True)


# Between two stores


async def test_no_more_is_in_memory_than_the_parts_in_flight(world: World) -> None:
    await begin(world, BETWEEN, noise(40 * PART))
    done = await world.run(await world.add(BETWEEN))
    assert (done.state, world.stored("to")) == (COMPLETED, noise(40 * PART))
    # World has four slots for parts; each holds one buffer from its GET to the end of its PUT.
    assert 1 < world.other.most_in_flight + world.store.most_in_flight <= 8
    assert world.other.most_in_flight <= 4


@pytest.mark.parametrize("content", [b"hello", LARGE])
async def test_bytes_that_change_on_the_way_are_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    await begin(world, BETWEEN, content)
    get = world.other.memory.get

    class Liar:
        def __init__(self, sink: object) -> None:
            self._sink = sink

        def write(self, view: memoryview, offset: int) -> None:
            self._sink.write(memoryview(bytes([view[0] ^ 1]) + bytes(view[1:])), offset)  # type: ignore[attr-defined]

    async def lie(location: Location, sink: object, **how: object) -> object:
        return await get(location, Liar(sink), **how)  # type: ignore[arg-type]

    monkeypatch.setattr(world.other.memory, "get", lie)
    failed = await world.run(await world.add(BETWEEN))
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")
    assert world.stored("to") is None
    kept = {each.upload for each in world.memory_journal.uploads.values()}
    assert set(world.store.memory.uploads) == kept


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_sums_of_two_kinds_are_compared_in_memory(
    world: World, monkeypatch: pytest.MonkeyPatch, is_damaged: bool
) -> None:
    await begin(world, BETWEEN, b"hello")
    head, there, write = world.other.memory.head, world.store.memory.head, SpanBuffer.write
    kept = Checksum("crc64nvme", checksum("crc64nvme", b"hello"))

    async def without(location: Location, **how: object) -> object:
        return replace(await there(location, **how), etag="opaque")  # type: ignore[arg-type]

    async def with_sum(location: Location, **how: object) -> object:
        return replace(await head(location, **how), checksum=kept)  # type: ignore[arg-type]

    def damaged(buffer: SpanBuffer, view: memoryview, offset: int) -> None:
        write(buffer, memoryview(b"jello") if is_damaged else view, offset)

    monkeypatch.setattr(world.other.memory, "head", with_sum)
    monkeypatch.setattr(world.store.memory, "head", without)
    monkeypatch.setattr(SpanBuffer, "write", damaged)
    ended = await world.run(await world.add(BETWEEN))
    assert (ended.error_kind, ended.verified) == (
        ("IntegrityError", "") if is_damaged else ("", "crc64nvme")
    )


# Bytes that are not what the source has


def spoil_ranges(world: World, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the source send another byte in the first range, that many times; how many are left."""
    read, left = world.other.memory.get, [times]

    async def get(location: Location, sink: Any, **asked: Any) -> GetReply:
        if left[0] == 0 or asked.get("span") is None or asked["span"].offset:
            return await read(location, sink, **asked)
        left[0] -= 1
        spoilt, whole = SpanBuffer(asked["span"], location), bytearray(asked["span"].size)
        reply = await read(location, spoilt, **asked)
        spoilt.read_into(memoryview(whole), 0)
        whole[0] ^= 0xFF
        sink.write(memoryview(whole), 0)
        return replace(reply, received=Checksum("md5", checksum("md5", bytes(whole))))

    monkeypatch.setattr(world.other.memory, "get", get)
    return left


@pytest.mark.parametrize("has_sum", [True, False])
async def test_a_flipped_byte_of_a_range_is_never_joined(
    world: World, monkeypatch: pytest.MonkeyPatch, has_sum: bool
) -> None:
    await begin(world, BETWEEN)
    if not has_sum:
        objects = world.other.memory.buckets[BUCKET].objects
        objects["from"] = [replace(each, etag=f"{'0' * 32}-5") for each in objects["from"]]
    await world.object("to", b"old")
    left = spoil_ranges(world, monkeypatch, 9 if has_sum else 1)
    transfer = await world.add(BETWEEN)
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")
    assert (world.stored("to"), world.store.memory.uploads) == (b"old", {})
    left[0] = 0
    done = await world.run(transfer)
    assert (done.state, world.stored("to")) == (COMPLETED, LARGE)
    assert done.verified == ("md5" if has_sum else "size-only")


async def test_nothing_is_removed_for_a_length_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.object("from", b"hello")
    look, lies = world.store.memory.head, [7]

    async def head(location: Location, **asked: Any) -> ObjectMeta:
        there = await look(location, **asked)
        if location.key != "to" or not lies:
            return there
        return replace(there, size=lies.pop())

    monkeypatch.setattr(world.store.memory, "head", head)
    done = await world.run(await world.add(SPEC))
    assert (done.state, world.stored("to"), lies) == (COMPLETED, b"hello", [])


async def test_parts_of_a_larger_object_go_when_it_is_small(world: World) -> None:
    await begin(world, BETWEEN)
    transfer = await world.add(BETWEEN)
    world.store.fail("complete_multipart", UnavailableError("cable"))
    await world.run(transfer)
    assert len(world.store.memory.uploads) == 1
    await begin(world, BETWEEN, b"small")
    done = await world.run(transfer)
    assert (done.state, world.stored("to"), world.store.memory.uploads) == (
        COMPLETED,
        b"small",
        {},
    )
