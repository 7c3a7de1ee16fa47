"""Uploads: small and large, stopped, resumed, spoilt on the way."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import (
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.identity import UploadId
from s4desk.core.domain.objects import Attributes, Checksum
from s4desk.core.domain.transfer import ConflictPolicy, TransferState
from s4desk.core.transfer.job import Stop
from s4desk.core.wire.checksums import checksum
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, upload_spec
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.store.wrapper import Request
    from tests.transfer.world import World

COMPLETED = TransferState.COMPLETED
LARGE = noise(4 * PART + 500)


# In one request


async def test_a_small_file_is_one_request(world: World) -> None:
    done = await world.run(await world.upload(b"hello"))
    assert world.stored("key") == b"hello"
    assert (done.state, done.verified, done.error) == (COMPLETED, "md5", "")
    assert world.store.count == {"put": 1}
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (5, 5)


async def test_an_empty_file(world: World) -> None:
    done = await world.run(await world.upload(b""))
    assert (world.stored("key"), done.state) == (b"", COMPLETED)


async def test_attributes_go_along(world: World) -> None:
    spec = upload_spec(world.file(b"x"), "key")
    kept = Attributes(content_type="text/plain", metadata={"a": "b"})
    await world.run(await world.add(replace(spec, attributes=kept)))
    assert (await world.store.head(spec.target.location)).attributes == kept  # type: ignore[union-attr]


async def test_an_empty_folder_becomes_a_marker(world: World) -> None:
    folder = world.folder / "empty"
    folder.mkdir()
    spec = replace(upload_spec(folder, "to/empty/"), is_folder=True)
    done = await world.run(await world.add(spec))
    assert (world.stored("to/empty/"), done.state) == (b"", COMPLETED)


async def test_a_store_that_checks_nothing_leaves_the_size(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = world.store.memory.put

    async def unchecked(*args: object, **kwargs: object) -> object:
        return replace(await put(*args, **kwargs), checked="")  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "put", unchecked)
    assert (await world.run(await world.upload(b"hello"))).verified == "size-only"

    async def shortened(location: object, body: object, **kwargs: object) -> object:
        return replace(await put(location, b"hell", **kwargs), checked="")  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "put", shortened)
    failed = await world.run(await world.upload(b"hello"))
    assert failed.error == "IntegrityError: 5 bytes became 4"


@pytest.mark.parametrize("content", [b"hello", LARGE])
async def test_what_cannot_be_read_fails_alone(world: World, content: bytes) -> None:
    transfer = await world.upload(content)
    (world.folder / "source.bin").unlink()
    failed = await world.run(transfer)
    assert failed.state is TransferState.FAILED
    assert failed.error.startswith("LocalFileError")
    assert (world.store.memory.uploads, world.stored("key")) == ({}, None)


# In parts


async def test_a_large_file_goes_in_parts(world: World) -> None:
    done = await world.run(await world.upload(LARGE))
    assert world.stored("key") == LARGE
    assert (done.state, done.verified) == (COMPLETED, "md5")
    assert world.store.count["put_part"] == 5
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})
    assert world.store.most_in_flight == 4
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (len(LARGE), len(LARGE))


async def test_the_upload_is_in_the_journal_before_its_first_part(world: World) -> None:
    seen = []

    def look(request: Request) -> None:
        if request.operation == "put_part":
            kept = world.memory_journal.uploads.values()
            seen.append([checkpoint.upload for checkpoint in kept])

    world.store.before = look
    await world.run(await world.upload(LARGE))
    assert seen == [["upload-1"]] * 5


async def test_a_paused_upload_goes_on_where_it_stopped(world: World) -> None:
    transfer = await world.upload(LARGE)
    job = await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    assert job.transfer.state is TransferState.PAUSED
    assert world.board.drain()[transfer.id].done == 2 * PART
    assert list(world.memory_journal.uploads) == [transfer.id]

    world.store.count.clear()
    done = await world.run(transfer)
    assert (world.stored("key"), done.verified) == (LARGE, "md5")
    assert (world.store.count["put_part"], world.store.count["create_multipart"]) == (3, 0)


async def test_closing_touches_nothing_and_the_next_life_goes_on(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.closed_midway(transfer, after=2)
    assert world.states[-1] is TransferState.RUNNING
    assert world.store.count["abort_multipart"] == 0
    assert len(world.memory_journal.uploads[transfer.id].parts) == 2

    world.store.count.clear()
    await world.run(transfer)
    assert (world.stored("key"), world.store.count["put_part"]) == (LARGE, 3)


@pytest.mark.parametrize("after", [0, 2, 4])
async def test_cancel_leaves_nothing_and_proves_it(world: World, after: int) -> None:
    transfer = await world.upload(LARGE)
    job = await world.stopped_midway(transfer, Stop.CANCEL, after=after)
    assert job.transfer.state is TransferState.CANCELLED
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})
    assert world.stored("key") is None
    assert world.store.calls[-1].operation == "list_parts"


async def test_cancelling_a_paused_upload_leaves_nothing_either(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    world.store.count.clear()
    job = world.job(transfer)
    job.stop(Stop.CANCEL)
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})
    assert world.store.count["put_part"] == 0


async def test_a_part_that_arrives_late_is_aborted_again(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    kept = dict(world.store.memory.uploads)

    def late(request: Request) -> None:
        if request.operation == "abort_multipart" and world.store.count["abort_multipart"] == 1:
            world.store.memory.uploads.update(kept)

    world.store.after = late
    job = world.job(transfer)
    job.stop(Stop.CANCEL)
    running = asyncio.ensure_future(job.run())
    await settle(lambda: world.store.count["list_parts"] == 1)
    await settle()
    world.clock.advance(1)
    await running
    assert job.transfer.state is TransferState.CANCELLED
    assert (world.store.memory.uploads, world.store.count["abort_multipart"]) == ({}, 2)


async def test_a_cancel_that_cannot_be_carried_out_is_a_failure_and_may_be_repeated(
    world: World,
) -> None:
    transfer = await world.upload(LARGE)
    world.store.fail("abort_multipart", PermissionDeniedError("no"))
    job = await world.stopped_midway(transfer, Stop.CANCEL, after=2)
    assert job.transfer.state is TransferState.FAILED
    assert job.transfer.error == "NotUndoneError: no"
    assert list(world.memory_journal.uploads) == [transfer.id]

    again = world.job(transfer)
    again.stop(Stop.CANCEL)
    await again.run()
    assert again.transfer.state is TransferState.CANCELLED
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


@pytest.mark.parametrize("begun", [0, 2])
async def test_without_its_bucket_nothing_of_an_upload_is_left(world: World, begun: int) -> None:
    transfer = await world.upload(LARGE)
    gone = NotFoundError("no", code="NoSuchBucket")
    if begun:
        await world.stopped_midway(transfer, Stop.PAUSE, after=begun)
    else:
        world.store.fail("create_multipart", gone)
        assert (await world.run(transfer)).state is TransferState.FAILED
        assert await world.journal.intended_uploads(transfer.id)
    world.store.fail("list_uploads", gone)
    world.store.fail("abort_multipart", gone)
    job = world.job(transfer)
    job.stop(Stop.CANCEL)
    await job.run()
    assert (job.transfer.state, job.transfer.error) == (TransferState.CANCELLED, "")
    assert world.memory_journal.uploads == {}
    assert not await world.journal.intended_uploads(transfer.id)


async def test_a_failed_upload_keeps_its_parts_for_the_retry(world: World) -> None:
    world.parts.size = 1
    world.store.fail("put_part", None, None, UnavailableError("cable"))
    transfer = await world.upload(LARGE)
    failed = await world.run(transfer)
    assert (failed.state, failed.error) == (TransferState.FAILED, "UnavailableError: cable")
    assert world.board.drain()[transfer.id].done == 2 * PART

    world.store.count.clear()
    done = await world.run(transfer)
    assert (world.stored("key"), done.state, done.error) == (LARGE, COMPLETED, "")
    assert (world.store.count["create_multipart"], world.store.count["put_part"]) == (0, 3)


# What the store holds and what the journal says


async def test_a_part_whose_reply_was_lost_is_sent_again(world: World) -> None:
    world.store.lose_reply("put_part", UnavailableError("reset"))
    transfer = await world.upload(LARGE)
    await world.run(transfer)
    await world.run(transfer)
    assert world.stored("key") == LARGE


async def test_a_part_of_another_size_or_content_is_not_trusted(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=3)
    upload = world.store.memory.uploads[UploadId("upload-1")]
    receipt, _ = upload.parts[1]
    upload.parts[1] = (replace(receipt, etag="0" * 32), b"?" * PART)
    receipt, _ = upload.parts[2]
    upload.parts[2] = (replace(receipt, size=PART - 1), b"?" * (PART - 1))
    world.store.count.clear()
    await world.run(transfer)
    assert (world.stored("key"), world.store.count["put_part"]) == (LARGE, 4)


async def test_a_part_beyond_the_plan_is_not_trusted(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    upload = world.store.memory.uploads[UploadId("upload-1")]
    receipt, content = upload.parts[1]
    upload.parts[99] = (replace(receipt, number=99), content)
    kept = world.memory_journal.uploads[transfer.id]
    world.memory_journal.uploads[transfer.id] = replace(
        kept, parts={**kept.parts, 99: replace(receipt, number=99)}
    )
    await world.run(transfer)
    assert world.stored("key") == LARGE


async def test_an_upload_that_the_store_forgot_begins_again(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    world.store.memory.uploads.clear()
    await world.run(transfer)
    assert world.stored("key") == LARGE
    assert world.store.count["create_multipart"] == 2


async def test_another_file_begins_again_and_the_old_upload_is_aborted(world: World) -> None:
    transfer = await world.upload(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    other = noise(len(LARGE), seed=2)
    world.file(other)
    await world.run(transfer)
    assert world.stored("key") == other
    assert (world.store.count["abort_multipart"], world.store.memory.uploads) == (1, {})


async def test_a_journal_that_cannot_be_written_leaves_no_upload(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise PermissionDeniedError("journal")

    monkeypatch.setattr(world.journal, "save_upload", fail)
    failed = await world.run(await world.upload(LARGE))
    assert failed.error == "PermissionDeniedError: journal"
    assert world.store.memory.uploads == {}


@pytest.mark.parametrize("how", [*Stop, None])
async def test_no_stop_comes_between_an_upload_and_its_journal(
    world: World, how: Stop | None
) -> None:
    transfer = await world.upload(LARGE)
    job = world.job(transfer)
    running = asyncio.ensure_future(job.run())

    def stop(request: Request) -> None:
        if request.operation == "create_multipart":
            if how is None:
                running.cancel()
            else:
                job.stop(how)

    world.store.before = stop
    await asyncio.gather(running, return_exceptions=True)
    existing = set(world.store.memory.uploads)
    journalled = {kept.upload for kept in world.memory_journal.uploads.values()}
    assert existing == journalled == (set() if how is Stop.CANCEL else {"upload-1"})


# Completing


async def test_a_lost_reply_to_complete_is_found_out(world: World) -> None:
    world.store.lose_reply("complete_multipart", UnavailableError("reset"))
    done = await world.run(await world.upload(LARGE))
    assert (done.state, done.verified, world.stored("key")) == (COMPLETED, "md5", LARGE)
    assert world.memory_journal.uploads == {}


async def test_no_such_upload_after_a_repeated_complete_is_found_out(world: World) -> None:
    world.store.lose_reply("complete_multipart", NotFoundError("NoSuchUpload"))
    assert (await world.run(await world.upload(LARGE))).state is COMPLETED


async def test_a_complete_that_failed_is_a_failure_even_over_an_older_object(world: World) -> None:
    await world.object("key", noise(len(LARGE), seed=3))
    world.store.fail("complete_multipart", UnavailableError("reset"))
    transfer = await world.upload(LARGE)
    assert (await world.run(transfer)).error == "UnavailableError: reset"
    await world.run(transfer)
    assert world.stored("key") == LARGE
    assert world.store.count["put_part"] == 5


async def test_a_refused_complete_is_not_looked_into(world: World) -> None:
    world.store.fail("complete_multipart", PermissionDeniedError("no"))
    assert (await world.run(await world.upload(LARGE))).error == "PermissionDeniedError: no"
    assert world.store.count["head"] == 0


async def test_the_next_life_finds_what_was_completed_unheard(world: World) -> None:
    world.store.lose_reply("complete_multipart", UnavailableError("reset"))
    world.store.fail("head", UnavailableError("still down"))
    transfer = await world.upload(LARGE)
    assert (await world.run(transfer)).error == "UnavailableError: reset"
    world.store.count.clear()
    done = await world.run(transfer)
    assert (done.state, done.verified) == (COMPLETED, "md5")
    assert world.store.count["put_part"] == 0


async def test_a_stop_while_completing_is_too_late(world: World) -> None:
    transfer = await world.upload(LARGE)
    job = world.job(transfer)

    def stop(request: Request) -> None:
        if request.operation == "complete_multipart":
            job.stop(Stop.CANCEL)

    world.store.before = stop
    await job.run()
    assert (job.transfer.state, world.stored("key")) == (COMPLETED, LARGE)


async def test_a_stop_while_a_complete_fails_is_obeyed(world: World) -> None:
    transfer = await world.upload(LARGE)
    job = world.job(transfer)

    def stop(request: Request) -> None:
        if request.operation == "complete_multipart":
            job.stop(Stop.CANCEL)

    world.store.before = stop
    world.store.fail("complete_multipart", PermissionDeniedError("no"))
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED
    assert world.store.memory.uploads == {}


@pytest.mark.parametrize("is_right", [True, False])
async def test_the_sums_of_the_parts_make_the_sum_of_the_whole(
    world: World, monkeypatch: pytest.MonkeyPatch, is_right: bool
) -> None:
    """A store that keeps checksums: its reply to complete has one of the whole object."""
    memory = world.store.memory
    put_part, create, complete = memory.put_part, memory.create_multipart, memory.complete_multipart

    async def with_algorithm(*args: object, **kwargs: object) -> object:
        return replace(await create(*args, **kwargs), algorithm="crc32c")  # type: ignore[arg-type]

    async def with_sum(*args: object, **kwargs: object) -> object:
        receipt = await put_part(*args, **kwargs)  # type: ignore[arg-type]
        offset = (receipt.number - 1) * PART
        content = LARGE[offset : offset + receipt.size]
        return replace(receipt, etag="opaque", checksum=checksum("crc32c", content))

    async def with_whole(location: object, ticket: object, parts: object) -> object:
        parts = [memory.uploads[ticket.upload].parts[part.number][0] for part in parts]  # type: ignore[attr-defined]
        reply = await complete(location, ticket, parts)  # type: ignore[arg-type]
        value = checksum("crc32c", LARGE if is_right else LARGE[::-1])
        return replace(reply, checksum=Checksum("crc32c", value))

    monkeypatch.setattr(memory, "create_multipart", with_algorithm)
    monkeypatch.setattr(memory, "put_part", with_sum)
    monkeypatch.setattr(
        memory,
        "complete_multipart",
        lambda at, ticket, parts, condition: with_whole(at, ticket, parts),
    )
    done = await world.run(await world.upload(LARGE))
    if is_right:
        assert (done.state, done.verified) == (COMPLETED, "crc32c")
        assert world.store.count["head"] == 0
    else:
        assert done.error.startswith("IntegrityError")


async def test_an_empty_etag_in_the_reply_is_looked_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = world.store.memory.complete_multipart

    async def mute(*args: object, **kwargs: object) -> object:
        return replace(await complete(*args, **kwargs), etag="")  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "complete_multipart", mute)
    assert (await world.run(await world.upload(LARGE))).verified == "md5"
    assert world.store.count["head"] == 1


# A file that changes


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, 10)


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def swap(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(noise(path.stat().st_size, seed=9))
    other.replace(path)


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [grow, cut, touch, swap, remove])
async def test_a_file_that_changes_while_it_is_read_completes_nothing(
    world: World, change: object
) -> None:
    await world.object("key", b"old")
    transfer = await world.upload(LARGE)
    requests = 0

    def interfere(request: Request) -> None:
        nonlocal requests
        requests += request.has_body
        if requests == 3:
            change(world.folder / "source.bin")  # type: ignore[operator]

    world.store.before = interfere
    failed = await world.run(transfer)
    assert failed.state is TransferState.FAILED
    assert failed.error.startswith("SourceChangedError")
    assert world.stored("key") == b"old"
    assert (world.store.memory.uploads, world.memory_journal.uploads) == ({}, {})


async def test_a_change_after_the_last_part_was_read_counts_too(world: World) -> None:
    transfer = await world.upload(LARGE)

    def interfere(request: Request) -> None:
        if request.operation == "put_part" and world.store.count["put_part"] == 5:
            touch(world.folder / "source.bin")

    world.store.after = interfere
    assert (await world.run(transfer)).error.startswith("SourceChangedError")
    assert (world.stored("key"), world.store.memory.uploads) == (None, {})


async def test_a_file_that_changed_and_a_store_that_is_gone(world: World) -> None:
    transfer = await world.upload(LARGE)
    world.store.fail("abort_multipart", UnavailableError("down"))
    world.store.before = lambda request: (
        touch(world.folder / "source.bin") if request.operation == "put_part" else None
    )
    assert (await world.run(transfer)).error.startswith("SourceChangedError")
    assert list(world.memory_journal.uploads) == [transfer.id]

    world.store.before = None
    await world.run(transfer)
    assert (world.stored("key"), world.store.memory.uploads) == (LARGE, {})


# What exists already


async def test_skip_leaves_what_exists(world: World) -> None:
    await world.object("key", b"old")
    for key, skipped, content in (("key", True, b"old"), ("new", False, b"fresh")):
        spec = replace(upload_spec(world.file(b"fresh"), key), on_conflict=ConflictPolicy.SKIP)
        done = await world.run(await world.add(spec))
        assert (done.state, done.skipped) == (COMPLETED, skipped)
        assert world.stored(key) == content


@pytest.mark.parametrize(
    ("old", "skipped"), [(b"fresh", True), (b"other", False), (b"longer", False), (None, False)]
)
async def test_if_different_compares_the_bytes(
    world: World, old: bytes | None, skipped: bool
) -> None:
    if old is not None:
        await world.object("key", old)
    spec = upload_spec(world.file(b"fresh"), "key")
    spec = replace(spec, on_conflict=ConflictPolicy.IF_DIFFERENT)
    done = await world.run(await world.add(spec))
    assert (done.skipped, world.stored("key")) == (skipped, b"fresh")


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_if_different_compares_joined_parts_by_their_etag(world: World, seconds: int) -> None:
    """Whatever the times of both say."""
    await world.run(await world.upload(LARGE))
    modified = world.store.memory.buckets[BUCKET].objects["key"][0].modified.timestamp()
    for content, skipped in ((LARGE, True), (noise(len(LARGE), seed=5), False)):
        path = world.file(content)
        os.utime(path, (modified + seconds, modified + seconds))
        spec = replace(upload_spec(path, "key"), on_conflict=ConflictPolicy.IF_DIFFERENT)
        assert (await world.run(await world.add(spec))).skipped is skipped
        assert world.stored("key") == content
