"""Small files, each sent or fetched by one thread in one request."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    SourceChangedError,
    UnsafeNameError,
)
from s4desk.core.domain.transfer import ConflictPolicy, TransferState
from s4desk.core.transfer.brief import BRIEF, BriefSink, BriefSource, NotBriefError
from s4desk.core.transfer.files import PartialFile
from s4desk.core.transfer.folders import KNOWN_FOR_S, KnownFolders
from s4desk.core.transfer.job import Stop
from s4desk.core.wire.body import FileSource
from s4desk.core.wire.cancellation import CancelledJobError
from tests.transfer.specs import at, download_spec, upload_spec
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.transfer.world import World

    Change = Callable[[Path], None]

COMPLETED = TransferState.COMPLETED
FAILED = TransferState.FAILED
CONTENT = b"0123456789"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    os.utime(path, ns=(10**18, 10**18))
    return path


def read(source: BriefSource, offset: int = 0, size: int = len(CONTENT)) -> bytes:
    buffer = bytearray(size)
    source.read_into(memoryview(buffer), offset)
    return bytes(buffer)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, 4)


def swap(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"abcdefghij")
    other.replace(path)


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


CHANGES = [touch, grow, cut, swap, Path.unlink, become_a_folder]


# Sources


def test_a_file_is_open_only_while_it_is_read(path: Path) -> None:
    before, source = open_files(), BriefSource(path, len(CONTENT))
    assert open_files() == before
    assert read(source, 0, 4) == b"0123"
    assert open_files() == before + 1
    assert read(source, 4, 6) == b"456789"
    assert open_files() == before
    assert read(source) == CONTENT
    assert open_files() == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_the_first_byte_and_the_last_is_found(path: Path, change: Change) -> None:
    source = BriefSource(path, len(CONTENT))
    read(source, 0, 4)
    change(path)
    with pytest.raises(SourceChangedError):
        read(source, 4, 6)
    source.close()


@pytest.mark.parametrize("change", [touch, swap])
def test_what_is_sent_again_must_be_the_same_file(path: Path, change: Change) -> None:
    source = BriefSource(path, len(CONTENT))
    read(source)
    change(path)
    with pytest.raises(SourceChangedError):
        read(source)
    source.close()


@pytest.mark.parametrize("change", [grow, cut])
def test_another_size_than_was_told_is_not_sent(path: Path, change: Change) -> None:
    change(path)
    source = BriefSource(path, len(CONTENT))
    with pytest.raises(NotBriefError):
        read(source)
    source.close()


def test_a_pipe_in_the_files_place_keeps_nobody_waiting(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)
    source = BriefSource(path, len(CONTENT))
    with pytest.raises(LocalFileError):
        read(source)
    source.close()


# Uploads


def while_it_is_read(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Do something right after the last byte was read, once."""
    read_end, todo = FileSource.read_end_into, [change]

    def changing(source: FileSource, view: memoryview, offset: int) -> bool:
        is_end = read_end(source, view, offset)
        if todo:
            todo.pop()()
        return is_end

    monkeypatch.setattr(FileSource, "read_end_into", changing)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_small_file_that_changes_while_it_is_read_is_not_stored(
    world: World, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.object("key", b"old")
    transfer = await world.upload(noise(PART))
    while_it_is_read(monkeypatch, lambda: change(world.folder / "source.bin"))
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "SourceChangedError")
    assert world.stored("key") == b"old"


@pytest.mark.parametrize("size", [3, 2 * PART - 1, 2 * PART, 5 * PART])
async def test_a_file_of_another_size_than_planned_is_sent_as_it_is(
    world: World, size: int
) -> None:
    content = noise(size)
    spec = upload_spec(world.file(content), "key", size=10)
    done = await world.run(await world.add(spec))
    assert (done.state, done.verified, world.stored("key")) == (COMPLETED, "md5", content)
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (size, size)


async def test_a_small_file_that_is_gone_or_no_file_fails(world: World) -> None:
    for change in (Path.unlink, become_a_folder):
        transfer = await world.upload(CONTENT)
        change(world.folder / "source.bin")
        failed = await world.run(transfer)
        assert (failed.error_kind, world.stored("key")) == ("LocalFileError", None)
        if change is become_a_folder:
            (world.folder / "source.bin").rmdir()


# Downloads


@pytest.fixture
def target(world: World) -> Path:
    path = world.folder / "target.bin"
    path.write_bytes(b"old")
    return path


async def test_a_small_object_is_one_request(world: World, target: Path) -> None:
    done = await world.run(await world.download(CONTENT))
    assert (done.state, done.verified, target.read_bytes()) == (COMPLETED, "md5", CONTENT)
    assert world.store.count == {"get": 1}


@pytest.mark.parametrize("size", [3, 2 * PART, BRIEF + 1])
async def test_an_object_that_is_of_another_size_by_now_comes_whole(
    world: World, target: Path, size: int
) -> None:
    content = noise(size)
    await world.object("key", content)
    done = await world.run(await world.add(download_spec("key", target, size=10)))
    assert (done.state, done.verified) == (COMPLETED, "md5")
    assert target.read_bytes() == content
    assert world.partials() == []
    assert world.store.count["head"] == (size > BRIEF)
    shown = world.board.drain()[done.id]
    assert (shown.done, shown.total) == (size, size)


async def test_a_smaller_object_leaves_no_rest_of_a_larger_one(world: World, target: Path) -> None:
    """A request that starts over may find another object."""
    partial = PartialFile(target, "f00d-1")
    sink = BriefSink(partial, world.folder, lambda: None, may_replace=True)
    for content in (b"a larger object", b"small"):
        location = await world.object("key", content)
        sink.begin(await world.store.head(location))
        sink.write(memoryview(content), 0)
    sink.end()
    assert (target.read_bytes(), sink.verified) == (b"small", "md5")


async def test_other_bytes_than_the_store_has_leave_the_old_file(
    world: World, target: Path
) -> None:
    location = await world.object("key", CONTENT)
    sink = BriefSink(PartialFile(target, "f00d-1"), world.folder, lambda: None, may_replace=True)
    sink.begin(await world.store.head(location))
    sink.write(memoryview(b"012345678?"), 0)
    with pytest.raises(IntegrityError):
        sink.end()
    sink._partial.remove()
    assert (target.read_bytes(), world.partials()) == (b"old", [])


async def test_a_stop_before_the_file_is_put_in_place_is_obeyed(world: World, target: Path) -> None:
    job = world.job(await world.download(CONTENT))
    job.stop(Stop.CANCEL)
    sink = BriefSink(
        PartialFile(target, "f00d-1"),
        world.folder,
        job._begin_commit_in_thread,
        may_replace=True,
    )
    sink.begin(await world.store.head(at("key").location))
    sink.write(memoryview(CONTENT), 0)
    with pytest.raises(CancelledJobError):
        sink.end()
    assert target.read_bytes() == b"old"
    sink._partial.remove()


async def test_a_stop_while_the_file_is_put_in_place_is_too_late(
    world: World, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, finish = world.job(await world.download(CONTENT)), PartialFile.finish

    def stopped(partial: PartialFile, *args: object, **kwargs: object) -> bool:
        job.stop(Stop.CANCEL)
        return finish(partial, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(PartialFile, "finish", stopped)
    await job.run()
    assert (job.transfer.state, target.read_bytes()) == (COMPLETED, CONTENT)


async def test_a_folder_in_the_targets_place_fails(world: World) -> None:
    await world.object("key", CONTENT)
    target = world.folder / "taken"
    target.mkdir()
    failed = await world.run(await world.add(download_spec("key", target, size=10)))
    assert (failed.error_kind, world.partials()) == ("LocalFileError", [])


async def test_a_link_in_the_targets_place_stays(world: World) -> None:
    await world.object("key", CONTENT)
    (world.folder / "real").write_bytes(b"old")
    link = world.folder / "link"
    link.symlink_to("real")
    await world.run(await world.add(download_spec("key", link, size=10)))
    assert (link.is_symlink(), (world.folder / "real").read_bytes()) == (True, CONTENT)


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT])
async def test_what_is_there_is_neither_replaced_nor_fetched(
    world: World, target: Path, policy: ConflictPolicy
) -> None:
    await world.object("key", CONTENT)
    spec = replace(download_spec("key", target, size=10), on_conflict=policy)
    done = await world.run(await world.add(spec))
    assert done.skipped is (policy is ConflictPolicy.SKIP)
    assert (target.read_bytes(), world.store.count["get"]) == (b"old", 0)


async def test_what_proves_nothing_is_looked_at_first(world: World, target: Path) -> None:
    transfer = await world.download(CONTENT)
    objects = world.store.memory.buckets[at("key").location.bucket].objects
    objects["key"] = [replace(each, etag=f"{'0' * 32}-2") for each in objects["key"]]
    done = await world.run(transfer)
    assert (done.state, done.verified, target.read_bytes()) == (COMPLETED, "size-only", CONTENT)
    assert world.store.count == {"get": 3, "head": 1, "object_parts": 2}


# Folders


def test_a_known_folder_is_looked_at_again_when_another_is_there(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    folders = KnownFolders()
    folders.make(root / "a", root)
    (root / "a").rmdir()
    (root / "a").symlink_to(outside)
    with pytest.raises(UnsafeNameError):
        folders.make(root / "a", root)
    (root / "a").unlink()
    folders.make(root / "a", root)
    assert (root / "a").is_dir()


def test_a_folder_is_known_for_a_moment_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(
        "s4desk.core.transfer.folders.make_folder", lambda folder, _root: made.append(folder)
    )
    now = 0.0
    folders = KnownFolders(lambda: now)
    for now in (0.0, KNOWN_FOR_S - 0.1, KNOWN_FOR_S):  # noqa: B007
        folders.make(tmp_path, None)
    assert made == [tmp_path] * 2
    folders.make(tmp_path, tmp_path)
    assert len(made) == 3
    assert folders.name_limit(tmp_path) > 0
