"""Downloads: atomic, of one object only, stopped, resumed, spoilt on the way."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotFoundError, UnavailableError
from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.transfer import ConflictPolicy, Transfer, TransferState
from s4desk.core.store.memory_bucket import StoredVersion
from s4desk.core.transfer.job import Stop
from s4desk.core.transfer.jobs import make_job
from s4desk.core.wire.checksums import checksum
from tests.store.configs import put_config
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, at, download_spec
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import GetReply
    from s4desk.core.store.wrapper import Request
    from tests.transfer.world import World

COMPLETED = TransferState.COMPLETED
FAILED = TransferState.FAILED
SMALL = b"hello"
LARGE = noise(4 * PART + 500)


@pytest.fixture
def target(world: World) -> Path:
    path = world.folder / "target.bin"
    path.write_bytes(b"old")
    return path


def put_now(world: World, content: bytes) -> None:
    """Replace the object between two steps; the store in memory needs no loop for that."""
    with pytest.raises(StopIteration):
        world.store.memory.put(at("key").location, content).send(None)


def overwrite_once(world: World, content: bytes, *, on_get: int = 1) -> None:
    """Somebody replaces the object just before the given GET."""
    gets = 0

    def interfere(request: Request) -> None:
        nonlocal gets
        gets += request.operation == "get"
        if request.operation == "get" and gets == on_get:
            put_now(world, content)

    world.store.before = interfere


@pytest.mark.parametrize("content", [b"", SMALL, noise(2 * PART), noise(2 * PART + 1), LARGE])
async def test_bytes_arrive_as_they_are(world: World, target: Path, content: bytes) -> None:
    done = await world.run(await world.download(content))
    assert target.read_bytes() == content
    assert done.state is COMPLETED
    assert done.verified == ("md5" if content else "size-only")
    assert (world.partials(), world.memory_journal.downloads) == ([], {})
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (len(content), len(content))


async def test_a_large_object_comes_in_ranges_of_one_object(world: World) -> None:
    transfer = await world.download(LARGE)
    await world.run(transfer)
    assert world.store.count == {"head": 1, "get": 5}
    assert world.store.most_in_flight == 4


async def test_folders_are_made_on_the_way(world: World) -> None:
    await world.object("k", SMALL)
    target = world.folder / "a" / "b" / "file"
    await world.run(await world.add(download_spec("k", target, root=world.folder)))
    assert target.read_bytes() == SMALL


async def test_a_marker_becomes_a_folder(world: World) -> None:
    spec = download_spec("k/", world.folder / "a" / "b", root=world.folder)
    done = await world.run(await world.add(replace(spec, is_folder=True)))
    assert (done.state, (world.folder / "a" / "b").is_dir()) == (COMPLETED, True)
    assert not done.skipped
    assert world.store.count == {}


async def test_a_folder_is_made_once(world: World) -> None:
    """One that is there is left; one that came with a file of the same batch is new."""
    there = replace(download_spec("k/", world.folder / "there"), is_folder=True)
    (world.folder / "there").mkdir()
    assert (await world.run(await world.add(there))).skipped
    await world.object("new/k", SMALL)
    context = world.context()
    for spec in (
        download_spec("new/k", world.folder / "new" / "k"),
        replace(download_spec("new/", world.folder / "new"), is_folder=True),
    ):
        job = make_job(await world.add(spec), context)
        await job.run()
        assert (job.transfer.state, job.transfer.skipped) == (COMPLETED, False)


async def test_the_old_file_stays_until_the_new_one_is_whole(world: World, target: Path) -> None:
    for content in (SMALL, LARGE):
        transfer = await world.download(content)
        await world.stopped_midway(transfer, Stop.CANCEL, after=len(content) // PART // 2)
        assert target.read_bytes() == b"old"
        assert world.partials() == []


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("error", [NotFoundError("gone"), UnavailableError("cable")])
async def test_a_failure_leaves_the_old_file(
    world: World, target: Path, content: bytes, error: Exception
) -> None:
    world.store.fail("get", *[None] * (2 if content is LARGE else 0), error)
    failed = await world.run(await world.download(content))
    assert (failed.state, failed.error) == (FAILED, f"{type(error).__name__}: {error}")
    assert target.read_bytes() == b"old"
    assert len(world.partials()) == (1 if content is LARGE else 0)


# Another object under the key


@pytest.mark.parametrize(
    ("content", "on_get", "heads"), [(SMALL, 1, 0), (LARGE, 1, 2), (LARGE, 4, 2)]
)
@pytest.mark.parametrize("other", [b"brief", noise(5 * PART, seed=2)])
async def test_an_object_replaced_meanwhile_is_fetched_anew(
    world: World, target: Path, content: bytes, on_get: int, heads: int, other: bytes
) -> None:
    """The one reply with a small object is of one object anyway."""
    overwrite_once(world, other, on_get=on_get)
    done = await world.run(await world.download(content))
    assert (done.state, target.read_bytes()) == (COMPLETED, other)
    assert world.store.count["head"] == heads
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (len(other), len(other))
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


async def test_an_object_that_is_replaced_all_the_time_is_a_failure(
    world: World, target: Path
) -> None:
    number = 0

    def interfere(request: Request) -> None:
        nonlocal number
        number += 1
        if request.operation == "get":
            put_now(world, noise(len(LARGE), seed=number))

    world.store.before = interfere
    failed = await world.run(await world.download(LARGE))
    assert failed.error.startswith("PreconditionFailedError")
    assert (target.read_bytes(), world.store.count["head"]) == (b"old", 2)
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_a_store_that_ignores_if_match_is_seen_through(
    world: World, target: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = world.store.memory.get

    async def careless(*args: object, **kwargs: object) -> GetReply:
        return await get(*args, **{**kwargs, "if_match": ""})  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "get", careless)
    other = noise(len(content), seed=2)
    overwrite_once(world, other)
    await world.run(await world.download(content))
    assert target.read_bytes() == other


# Checking what came


def keep_checksum(
    world: World, monkeypatch: pytest.MonkeyPatch, algorithm: str, value: str, *, full: bool = True
) -> None:
    """Make the store one that keeps checksums, and whose ETags are none."""
    get = world.store.memory.get
    tell(monkeypatch, etag="opaque", checksum=Checksum(algorithm, value, full))

    async def opaque(*args: object, **kwargs: object) -> GetReply:
        return await get(*args, **{**kwargs, "if_match": ""})  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "get", opaque)


def tell(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Have the store say something else of its objects, in any reply."""
    meta = StoredVersion.meta

    def told(version: StoredVersion, location: Location) -> ObjectMeta:
        return replace(meta(version, location), **changes)

    monkeypatch.setattr(StoredVersion, "meta", told)


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("algorithm", ["crc32", "sha256", "md5"])
async def test_the_sum_that_the_store_keeps_is_compared(
    world: World, target: Path, content: bytes, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_checksum(world, monkeypatch, algorithm, checksum(algorithm, content))
    done = await world.run(await world.download(content))
    assert (done.verified, target.read_bytes()) == (algorithm, content)


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("algorithm", ["crc32", "sha256"])
async def test_another_sum_than_the_stores_is_a_failure(
    world: World, target: Path, content: bytes, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_checksum(world, monkeypatch, algorithm, checksum(algorithm, b"other"))
    failed = await world.run(await world.download(content))
    assert failed.error.startswith("IntegrityError")
    assert target.read_bytes() == b"old"
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_a_sum_of_sums_tells_nothing(
    world: World, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_checksum(world, monkeypatch, "sha256", "abc=-5", full=False)
    assert (await world.run(await world.download(content))).verified == "size-only"


async def test_the_etag_of_joined_parts_proves_the_ranges(world: World, target: Path) -> None:
    await world.run(await world.upload(LARGE))
    done = await world.run(await world.add(download_spec("key", target, size=len(LARGE))))
    assert (done.verified, target.read_bytes()) == ("md5", LARGE)


async def test_parts_that_were_cut_in_another_way_prove_nothing(world: World, target: Path) -> None:
    """As many, but the first one is shorter."""
    await world.run(await world.upload(LARGE))
    objects = world.store.memory.buckets[BUCKET].objects
    objects["key"] = [replace(each, etag=f"{'0' * 32}-5", parts=None) for each in objects["key"]]
    done = await world.run(await world.add(download_spec("key", target, size=len(LARGE))))
    assert (done.verified, target.read_bytes()) == ("size-only", LARGE)


def flip_for(world: World, requests: Callable[[int], bool], position: int) -> None:
    """Change a byte of the object, and not its ETag, while these requests for bytes are made."""
    objects = world.store.memory.buckets[BUCKET].objects
    (right,) = objects["key"]
    numbers = itertools.count()

    def before(request: Request) -> None:
        if request.operation == "get":
            number = next(numbers)
            data = bytearray(right.data)
            data[position] ^= 1 + number if requests(number) else 0
            objects["key"] = [replace(right, data=bytes(data))]

    world.store.before = before


@pytest.mark.parametrize("size", [2 * PART, 4 * PART + 500])
async def test_bytes_that_no_etag_proves_have_to_come_twice(
    world: World, target: Path, size: int
) -> None:
    """A byte that changes on the way is no object that was cut in another way."""
    content = noise(size)
    await world.run(await world.upload(content))
    # The first reply with a small one is not read: its head tells that it proves nothing.
    flip_for(world, lambda number: number == (size == 2 * PART), 5)
    done = await world.run(await world.add(download_spec("key", target, size=size)))
    assert (done.state, done.verified) == (COMPLETED, "md5")
    assert target.read_bytes() == content


@pytest.mark.parametrize("size", [2 * PART, 4 * PART + 500])
async def test_other_bytes_each_time_are_a_failure(world: World, target: Path, size: int) -> None:
    await world.run(await world.upload(noise(size)))
    flip_for(world, lambda _: True, 5)
    failed = await world.run(await world.add(download_spec("key", target, size=size)))
    assert (failed.state, failed.error_kind) == (TransferState.FAILED, "IntegrityError")
    assert target.read_bytes() == b"old"
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


async def test_parts_of_another_size_prove_the_ranges_too(world: World, target: Path) -> None:
    content = noise(6 * PART)
    location = await world.object("key", b"")
    ticket = await world.store.memory.create_multipart(location)
    parts = [
        await world.store.memory.put_part(location, ticket, number + 1, content[start:][: 3 * PART])
        for number, start in enumerate((0, 3 * PART))
    ]
    await world.store.memory.complete_multipart(location, ticket, parts)
    done = await world.run(await world.add(download_spec("key", target, size=len(content))))
    assert (done.verified, target.read_bytes()) == ("md5", content)
    assert world.store.count["get"] == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-server-side-encryption": "aws:kms"},
        {"x-amz-server-side-encryption": "aws:kms:dsse"},
        {"x-amz-server-side-encryption-customer-algorithm": "AES256"},
    ],
)
async def test_an_etag_of_an_encrypted_object_is_no_md5(
    world: World, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(monkeypatch, headers=headers)
    assert (await world.run(await world.download(SMALL))).verified == "size-only"


# Stopped and resumed


async def test_a_paused_download_goes_on_where_it_stopped(world: World, target: Path) -> None:
    transfer = await world.download(LARGE)
    job = await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    assert job.transfer.state is TransferState.PAUSED
    assert world.board.drain()[transfer.id].done == 2 * PART
    assert len(world.partials()) == 1

    world.store.count.clear()
    done = await world.run(transfer)
    assert (done.state, target.read_bytes()) == (COMPLETED, LARGE)
    assert world.store.count == {"head": 1, "get": 3}


async def test_a_paused_small_download_leaves_nothing_lying(world: World, target: Path) -> None:
    transfer = await world.download(SMALL)
    await world.stopped_midway(transfer, Stop.PAUSE)
    assert world.partials() == []
    await world.run(transfer)
    assert target.read_bytes() == SMALL


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_closing_touches_nothing_and_the_next_life_goes_on(
    world: World, target: Path, content: bytes
) -> None:
    transfer = await world.download(content)
    after = 2 if content is LARGE else 0
    await world.closed_midway(transfer, after=after)
    assert (len(world.partials()), target.read_bytes()) == (content is LARGE, b"old")
    world.store.count.clear()
    await world.run(transfer)
    assert (target.read_bytes(), world.partials()) == (content, [])
    assert world.store.count["get"] == (3 if content is LARGE else 1)


async def test_a_retry_keeps_what_was_fetched(world: World, target: Path) -> None:
    world.parts.size = 1
    world.store.fail("get", None, None, UnavailableError("cable"))
    transfer = await world.download(LARGE)
    assert (await world.run(transfer)).state is FAILED
    fetched = len(world.memory_journal.downloads[transfer.id].done)
    assert fetched == 2

    world.store.fail("head", UnavailableError("still down"))
    assert (await world.run(transfer)).state is FAILED
    assert len(world.memory_journal.downloads[transfer.id].done) == fetched

    world.store.count.clear()
    await world.run(transfer)
    assert (target.read_bytes(), world.store.count["get"]) == (LARGE, 5 - fetched)


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
async def test_ranges_that_are_not_on_the_disk_are_fetched_again(
    world: World, target: Path, damage: str
) -> None:
    transfer = await world.download(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    (partial,) = world.partials()
    if damage == "changed":
        partial.write_bytes(b"?" + partial.read_bytes()[1:])
    elif damage == "cut":
        os.truncate(partial, PART + 1)
    else:
        partial.unlink()
    world.store.count.clear()
    await world.run(transfer)
    assert target.read_bytes() == LARGE
    assert world.store.count["get"] == (5 if damage == "gone" else 4)


async def test_another_object_makes_the_old_ranges_useless(world: World, target: Path) -> None:
    transfer = await world.download(LARGE)
    await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    other = noise(len(LARGE), seed=2)
    await world.object("key", other)
    await world.run(transfer)
    assert (target.read_bytes(), world.partials()) == (other, [])


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_cancelling_after_a_pause_or_a_crash_leaves_nothing(
    world: World, target: Path, content: bytes
) -> None:
    transfer = await world.download(content)
    await world.closed_midway(transfer, after=2 if content is LARGE else 0)
    job = world.job(transfer)
    job.stop(Stop.CANCEL)
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED
    assert (world.partials(), world.memory_journal.downloads) == ([], {})
    assert target.read_bytes() == b"old"


async def test_an_error_that_comes_of_closing_is_no_failure(world: World, target: Path) -> None:
    """Closing takes the connections away under the requests."""
    transfer = await world.download(LARGE)
    world.store.let_through(2)
    job = world.job(transfer)
    running = asyncio.ensure_future(job.run())
    await settle(world.store.is_stuck)
    world.store.cancelled_as = UnavailableError("the pool was closed")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    assert job.transfer.state is TransferState.RUNNING
    assert (len(world.partials()), target.read_bytes()) == (1, b"old")


async def test_a_cancel_is_not_taken_back_by_a_pause(world: World, target: Path) -> None:
    job = world.job(await world.download(LARGE))
    job.stop(Stop.CANCEL)
    job.stop(Stop.PAUSE)
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED


async def test_a_pause_may_become_a_cancel(world: World, target: Path) -> None:
    job = world.job(await world.download(LARGE))
    job.stop(Stop.PAUSE)
    job.stop(Stop.CANCEL)
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED


async def test_a_stop_while_the_file_is_put_in_place_is_too_late(
    world: World, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = await world.download(LARGE)
    job = world.job(transfer)
    loop, replaced = asyncio.get_running_loop(), os.replace

    def slow(*args: object, **kwargs: object) -> None:
        stopped = asyncio.run_coroutine_threadsafe(stop(), loop)
        stopped.result(10)
        replaced(*args, **kwargs)  # type: ignore[arg-type]

    async def stop() -> None:
        job.stop(Stop.CANCEL)

    monkeypatch.setattr(os, "replace", slow)
    await job.run()
    assert (job.transfer.state, target.read_bytes()) == (COMPLETED, LARGE)


# The local file system says no


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
async def test_what_has_arrived_outlives_a_full_disk(
    world: World, target: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = await world.download(LARGE)
    write, written = os.pwrite, 0

    def full(file: int, data: memoryview, offset: int) -> int:
        nonlocal written
        if written >= PART:
            raise OSError(code, "no")
        written += write(file, data, offset)
        return len(data)

    world.parts.size = 1
    monkeypatch.setattr(os, "pwrite", full)
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "LocalFileError")
    assert target.read_bytes() == b"old"
    is_kept = code != errno.EIO
    assert (bool(world.partials()), bool(world.memory_journal.downloads)) == (is_kept, is_kept)
    monkeypatch.undo()
    world.store.count.clear()
    done = await world.run(transfer)
    assert (done.state, target.read_bytes()) == (COMPLETED, LARGE)
    assert (world.partials(), world.memory_journal.downloads) == ([], {})
    assert bool(done.effort.reused) is is_kept


async def test_no_space_for_a_small_object(
    world: World, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = SMALL
    transfer = await world.download(content)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    failed = await world.run(transfer)
    assert failed.error.startswith("LocalFileError")
    assert "No space left" in failed.error
    assert target.read_bytes() == b"old"
    assert (world.partials(), world.memory_journal.downloads) == ([], {})
    monkeypatch.undo()
    await world.run(transfer)
    assert target.read_bytes() == content


async def test_no_space_before_the_first_byte(
    world: World, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_path: object) -> object:
        return type("Usage", (), {"free": len(LARGE) - 1, "total": 2 * len(LARGE)})

    monkeypatch.setattr("shutil.disk_usage", none)
    failed = await world.run(await world.download(LARGE))
    assert "No space left" in failed.error
    assert (world.store.count["get"], world.partials()) == (0, [])


async def failed_at(world: World, target: Path, *, root: Path | None = None) -> Transfer:
    await world.object("key", SMALL)
    failed = await world.run(await world.add(download_spec("key", target, root=root)))
    assert failed.state is FAILED
    assert world.store.count["get"] == 0
    return failed


async def test_a_name_too_long_is_said_before_anything_is_fetched(world: World) -> None:
    failed = await failed_at(world, world.folder / ("n" * 256))
    assert failed.error.startswith("LocalFileError")
    assert "too long" in failed.error


async def test_a_file_where_a_folder_must_be(world: World, target: Path) -> None:
    assert (await failed_at(world, target / "below")).error.startswith("LocalFileError")


async def test_a_folder_where_the_file_must_be(world: World) -> None:
    (world.folder / "taken").mkdir()
    assert (await failed_at(world, world.folder / "taken")).error.startswith("LocalFileError")


async def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (world.folder / "link").symlink_to(outside)
    failed = await failed_at(world, world.folder / "link" / "file", root=world.folder)
    assert failed.error.startswith("UnsafeNameError")
    assert list(outside.iterdir()) == []


CHILD = """
import asyncio, os, pathlib, resource, sys
from s4desk.core.transfer.files import PartialFile
from s4desk.core.domain.errors import LocalFileError
target = pathlib.Path(sys.argv[1])
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
elif os.getuid() == 0:
    os.setuid(65534)
partial = PartialFile(target, "f00d-1")
try:
    partial.open(target.parent, 10)
    for offset in range(0, 10_000, 1000):
        partial.sink.write(memoryview(bytes(1000)), offset)
except LocalFileError as error:
    partial.remove()
    print(error.cause.errno)
"""


@pytest.mark.parametrize(("how", "code"), [("limit", errno.EFBIG), ("nobody", errno.EACCES)])
def test_real_refusals_of_the_system(open_folder: Path, how: str, code: int) -> None:
    """A file size limit, and a folder that may only be read; in a process of its own."""
    open_folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(open_folder / "file"), how],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(code)]
    assert list(open_folder.iterdir()) == []


# What exists already


@pytest.mark.parametrize(
    ("policy", "seconds", "expected"),
    [
        (ConflictPolicy.SKIP, 0, b"old"),
        (ConflictPolicy.IF_DIFFERENT, 0, SMALL),
        (ConflictPolicy.OVERWRITE, 0, SMALL),
    ],
)
async def test_policies(
    world: World, target: Path, policy: ConflictPolicy, seconds: int, expected: bytes
) -> None:
    transfer = await world.download(SMALL)
    spec = replace(transfer.spec, on_conflict=policy)
    done = await world.run(await world.add(spec))
    assert (target.read_bytes(), done.skipped) == (expected, expected == b"old")


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_who_came_in_between_keeps_the_name(world: World, content: bytes) -> None:
    target = world.folder / "target.bin"
    transfer = await world.download(content)

    def interfere(request: Request) -> None:
        if request.operation == "get":
            target.write_bytes(b"other")

    world.store.before = interfere
    spec = replace(transfer.spec, on_conflict=ConflictPolicy.SKIP)
    done = await world.run(await world.add(spec))
    assert (done.state, done.skipped, target.read_bytes()) == (COMPLETED, True, b"other")
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


async def test_what_a_former_attempt_collected_goes_when_the_name_is_taken(world: World) -> None:
    transfer = await world.download(LARGE)
    transfer = await world.add(replace(transfer.spec, on_conflict=ConflictPolicy.SKIP))
    await world.closed_midway(transfer, after=2)
    (world.folder / "target.bin").write_bytes(b"other")
    assert (await world.run(transfer)).skipped
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


async def test_a_pipe_where_the_file_must_be(world: World) -> None:
    os.mkfifo(world.folder / "pipe")
    failed = await failed_at(world, world.folder / "pipe")
    assert failed.error.startswith("LocalFileError")
    assert (world.folder / "pipe").is_fifo()


async def test_the_same_bytes_are_not_fetched_again(world: World, target: Path) -> None:
    target.write_bytes(SMALL)
    transfer = await world.download(SMALL)
    spec = replace(transfer.spec, on_conflict=ConflictPolicy.IF_DIFFERENT)
    assert (await world.run(await world.add(spec))).skipped
    assert world.store.count == {"head": 1}


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_what_cannot_be_proved_equal_is_fetched(
    world: World, target: Path, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_checksum(world, monkeypatch, "sha256", "x-2", full=False)
    transfer = await world.download(SMALL)
    modified = (await world.store.head(at("key").location)).modified
    assert modified is not None
    target.write_bytes(b"other")
    os.utime(target, (modified.timestamp() + seconds,) * 2)
    spec = replace(transfer.spec, on_conflict=ConflictPolicy.IF_DIFFERENT)
    assert not (await world.run(await world.add(spec))).skipped
    assert target.read_bytes() == SMALL


async def test_joined_parts_are_compared_by_their_etag(world: World, target: Path) -> None:
    await world.run(await world.upload(LARGE))
    spec = download_spec("key", target, size=len(LARGE))
    spec = replace(spec, on_conflict=ConflictPolicy.IF_DIFFERENT)
    assert [(await world.run(await world.add(spec))).skipped for _ in range(2)] == [False, True]


async def test_a_file_that_came_since_the_look_is_left_and_told(world: World) -> None:
    await world.object("key", b"new")
    target = world.folder / "target"
    target.write_bytes(b"other")
    spec = replace(download_spec("key", target), on_conflict=ConflictPolicy.IF_ABSENT)
    failed = await world.run(await world.add(spec))
    assert (failed.state, failed.error_kind) == (TransferState.FAILED, "TargetExistsError")
    assert target.read_bytes() == b"other"
    target.write_bytes(b"new")
    assert (await world.run(await world.add(spec))).skipped


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("policy", [ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT])
async def test_the_version_that_was_asked_for_comes(
    world: World, target: Path, content: bytes, policy: ConflictPolicy
) -> None:
    await put_config(world.store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    await world.object("key", content)
    first = (await world.store.head(at("key").location)).version
    await world.object("key", b"newer")
    spec = download_spec("key", target, size=len(content))
    done = await world.run(await world.add(replace(spec, version=first, on_conflict=policy)))
    assert (done.state, target.read_bytes()) == (COMPLETED, content)
    newest = await world.run(await world.add(replace(spec, size=5)))
    assert (newest.state, target.read_bytes()) == (COMPLETED, b"newer")


@pytest.mark.parametrize("is_early", [False, True])
async def test_a_stop_is_heard_when_something_came_in_the_place_of_the_file(
    world: World, tmp_path: Path, is_early: bool
) -> None:
    """It was put there before, in vain; a person may have stopped it then, or later."""
    await world.object("key", SMALL)
    target = tmp_path / "fresh"
    spec = download_spec("key", target, size=len(SMALL))
    transfer = await world.add(replace(spec, on_conflict=ConflictPolicy.IF_DIFFERENT))
    job = world.job(transfer)
    get = world.store.get
    asked: list[str] = []

    async def told(location, sink, **options):
        asked.append(location.key)
        if len(asked) > 1:
            job.stop(Stop.CANCEL)
            return await get(location, sink, **options)
        begin = sink.begin

        def begun(meta):
            begin(meta)
            target.write_bytes(b"theirs")

        sink.begin = begun
        reply = await get(location, sink, **options)
        if is_early:
            job.stop(Stop.CANCEL)
        return reply

    world.store.get = told  # type: ignore[method-assign]
    await job.run()
    assert job.transfer.state is TransferState.CANCELLED
    assert target.read_bytes() == b"theirs"
    assert len(asked) == (1 if is_early else 2)
