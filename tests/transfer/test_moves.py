"""Moves: whatever happens, the source or the target, or both, hold all the bytes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
    UnavailableError,
)
from s4desk.core.domain.identity import Address
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import MoveCheckpoint
from s4desk.core.domain.transfer import (
    Carried,
    ConflictPolicy,
    Direction,
    Transfer,
    TransferSpec,
    TransferState,
)
from s4desk.core.transfer.ends import LocalEnd
from s4desk.core.transfer.job import Stop
from s4desk.core.transfer.moving import Landed, Removal
from tests.store.configs import put_config
from tests.transfer.specs import BUCKET, at, elsewhere
from tests.transfer.world import PART, World, noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.store.wrapper import Request
    from tests.transfer.scripted_store import ScriptedStore

COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED
SMALL, LARGE = b"hello", noise(5 * PART + 7)
KINDS = ("up", "down", "within", "between")


@dataclass
class Move:
    """One move in a world: where it comes from and goes to, and what is there."""

    world: World
    spec: TransferSpec
    content: bytes

    @property
    def source(self) -> bytes | None:
        return self._at(self.spec.source)

    @property
    def target(self) -> bytes | None:
        return self._at(self.spec.target)

    def _at(self, place: Path | Address) -> bytes | None:
        if isinstance(place, Address):
            return self.world.held(place)
        return place.read_bytes() if place.is_file() else None

    @property
    def is_safe(self) -> bool:
        return self.content in (self.source, self.target)

    @property
    def has_moved(self) -> bool:
        return (self.source, self.target) == (None, self.content)

    @property
    def stores(self) -> list[ScriptedStore]:
        return [self.world.store, self.world.other]

    async def change_source(self, content: bytes) -> None:
        if isinstance(self.spec.source, Path):
            self.spec.source.write_bytes(content)
        else:
            is_here = self.spec.source.connection == at("x").connection
            store = self.world.store if is_here else self.world.other
            await store.memory.put(self.spec.source.location, content)

    async def add(self, **changes: object) -> Transfer:
        return await self.world.add(replace(self.spec, **changes))  # type: ignore[arg-type]

    async def run(self, **changes: object) -> Transfer:
        return await self.world.run(await self.add(**changes))


async def begin(
    world: World, kind: str, content: bytes, name: str = "from", **kept: object
) -> Move:
    size, target = len(content), f"to-{name}"
    attributes = Attributes(**kept)  # type: ignore[arg-type]
    if kind == "up":
        path = world.file(content, name)
        spec = TransferSpec(Direction.UPLOAD, path, at(target), size, attributes=attributes)
    elif kind == "down":
        path = world.folder / target
        spec = TransferSpec(Direction.DOWNLOAD, at(name), path, size, root=world.folder)
    else:
        source = at(name) if kind == "within" else elsewhere(name)
        spec = TransferSpec(Direction.COPY, source, at(target), size)
    if isinstance(spec.source, Address):
        store = world.other if kind == "between" else world.store
        await store.memory.put(spec.source.location, content, attributes=attributes)
    return Move(world, replace(spec, removes_source=True), content)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[b"", SMALL, LARGE], ids=["empty", "small", "large"])
def content(request: pytest.FixtureRequest) -> bytes:
    assert isinstance(request.param, bytes)
    return request.param


async def test_the_source_is_gone_when_the_target_is_there(
    world: World, kind: str, content: bytes
) -> None:
    move = await begin(world, kind, content)
    done = await move.run()
    assert (done.state, done.error, done.skipped) == (COMPLETED, "", False)
    assert move.has_moved
    assert done.verified in {"md5", "crc64nvme"}
    assert (world.memory_journal.moves, world.memory_journal.uploads) == ({}, {})


async def test_where_only_sizes_are_known_both_are_read_back(
    world: World, kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s4desk.core.transfer.verify._MD5_ETAG", _Never)
    monkeypatch.setattr("s4desk.core.transfer.composite._COMPOSITE_ETAG", _Never)
    move = await begin(world, kind, content)
    done = await move.run()
    assert (done.state, move.has_moved) == (COMPLETED, True)
    assert done.verified in {"crc64nvme", "md5"}


class _Never:
    @staticmethod
    def fullmatch(_text: str) -> None:
        """No ETag is an MD5."""


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_targets_that_turn_out_to_be_others_are_removed(
    world: World, kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "up":
        pytest.skip("the store verified it while it came")
    monkeypatch.setattr("s4desk.core.transfer.verify._MD5_ETAG", _Never)
    monkeypatch.setattr("s4desk.core.transfer.composite._COMPOSITE_ETAG", _Never)
    move = await begin(world, kind, content)
    bad = bytes([content[0] ^ 1]) + content[1:]

    def damage() -> None:
        if isinstance(move.spec.target, Path):
            move.spec.target.write_bytes(bad)
        else:
            objects = world.store.memory.buckets[BUCKET].objects
            key = move.spec.target.location.key
            objects[key] = [replace(objects[key][-1], data=bad)]

    monkeypatch.setattr("s4desk.core.transfer.moving.Removal.noted", _noted_with(damage, move))
    failed = await move.run()
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")
    assert (move.source, move.target) == (content, None)


def _noted_with(damage: Callable[[], None], move: Move) -> object:
    async def noted(self: object, landed: object) -> object:
        damage()
        return MoveCheckpoint(landed.source, await _identity(move), "size-only")  # type: ignore[attr-defined]

    return noted


async def _identity(move: Move) -> object:
    job = move.world.job(await move.add())
    end = await job._end(move.spec.target)  # type: ignore[attr-defined]
    return await end.identity()


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_a_source_that_changed_when_all_had_arrived_stays(
    world: World, kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = await begin(world, kind, content)
    save = world.memory_journal.save_move

    async def changing(transfer: object, checkpoint: object) -> None:
        await save(transfer, checkpoint)  # type: ignore[arg-type]
        await move.change_source(b"new words")

    monkeypatch.setattr(world.memory_journal, "save_move", changing)
    transfer = await move.add()
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "SourceKeptError")
    assert (move.source, move.target) == (b"new words", content)

    monkeypatch.undo()
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    done = await world.run(transfer)
    assert (done.state, move.source, move.target) == (COMPLETED, None, b"new words")


async def test_a_source_that_changed_before_it_was_read_back(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = await begin(world, kind, SMALL)
    noted = Removal.noted

    async def changing(self: Removal, landed: Landed) -> MoveCheckpoint:
        await move.change_source(b"jello")
        return await noted(self, replace(landed, verified="size-only"))

    monkeypatch.setattr(Removal, "noted", changing)
    failed = await move.run()
    assert failed.error_kind == "SourceKeptError"
    assert (move.source, move.target) == (b"jello", SMALL)


@pytest.mark.parametrize("error", [PermissionDeniedError("403"), UnavailableError("cable")])
@pytest.mark.parametrize("is_lost", [True, False])
async def test_a_delete_that_fails_is_tried_again_alone(
    world: World, kind: str, error: StoreError, is_lost: bool
) -> None:
    if kind == "up":
        pytest.skip("the source is a file")
    move = await begin(world, kind, LARGE)
    transfer = await move.add()
    for store in move.stores:
        (store.lose_reply if is_lost else store.fail)("delete", error)
    failed = await world.run(transfer)
    assert (failed.state, move.target) == (FAILED, LARGE)
    assert (move.source is None) is is_lost
    for store in move.stores:
        store.count.clear()
        store.forget_script()
    done = await world.run(transfer)
    assert (done.state, move.has_moved) == (COMPLETED, True)
    counted = world.store.count + world.other.count
    assert set(counted) <= {"head", "delete"}


async def test_a_target_that_went_before_the_source_was_deleted_is_made_again(
    world: World, kind: str
) -> None:
    if kind == "up":
        pytest.skip("the source is a file")
    move = await begin(world, kind, LARGE)
    transfer = await move.add()
    for store in move.stores:
        store.fail("delete", PermissionDeniedError("403"))
    await world.run(transfer)
    if isinstance(move.spec.target, Path):
        move.spec.target.unlink()
    else:
        world.store.memory.buckets[BUCKET].objects.pop(move.spec.target.location.key)
    done = await world.run(transfer)
    assert (done.state, move.has_moved) == (COMPLETED, True)


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("error", [NotSupportedError("501"), IntegrityError("200 with an error")])
async def test_a_copy_that_fails_deletes_nothing(
    world: World, kind: str, content: bytes, error: StoreError
) -> None:
    move = await begin(world, kind, content)
    for store in move.stores:
        for operation in ("copy", "copy_part", "put", "put_part", "get", "complete_multipart"):
            store.fail(operation, *[error] * 20)
    failed = await move.run()
    assert (failed.state, move.source) == (FAILED, content)
    assert world.store.count["delete"] == world.other.count["delete"] == 0


# What is there already


@pytest.mark.parametrize("old", [SMALL, b"other"])
async def test_skipped_moves_keep_both(world: World, kind: str, old: bytes) -> None:
    move = await begin(world, kind, SMALL)
    await _put_target(move, old)
    done = await move.run(on_conflict=ConflictPolicy.SKIP)
    assert (done.state, done.skipped) == (COMPLETED, True)
    assert (move.source, move.target) == (SMALL, old)


@pytest.mark.parametrize("old", [SMALL, b"other"])
async def test_if_different_moves_what_is_there_already_too(
    world: World, kind: str, old: bytes
) -> None:
    move = await begin(world, kind, SMALL)
    await _put_target(move, old)
    done = await move.run(on_conflict=ConflictPolicy.IF_DIFFERENT)
    assert (done.state, done.skipped, move.has_moved) == (COMPLETED, False, True)


async def test_if_different_does_not_take_other_metadata_for_the_same(
    world: World, kind: str
) -> None:
    if kind == "down":
        pytest.skip("files have no metadata")
    move = await begin(world, kind, SMALL, metadata={"a": "b"})
    await _put_target(move, SMALL)
    await move.run(on_conflict=ConflictPolicy.IF_DIFFERENT)
    assert move.has_moved
    there = await world.store.head(move.spec.target.location)  # type: ignore[union-attr]
    assert dict(there.attributes.metadata) == {"a": "b"}


@pytest.mark.parametrize("old", [SMALL, b"other"])
async def test_what_came_after_the_look(world: World, kind: str, old: bytes) -> None:
    move = await begin(world, kind, SMALL)
    await _put_target(move, old)
    ended = await move.run(on_conflict=ConflictPolicy.IF_ABSENT)
    if old == SMALL:
        assert (ended.state, move.has_moved) == (COMPLETED, True)
    else:
        assert (ended.error_kind, move.source, move.target) == ("TargetExistsError", SMALL, old)


async def _put_target(move: Move, content: bytes) -> None:
    if isinstance(move.spec.target, Path):
        move.spec.target.write_bytes(content)
    else:
        await move.world.store.memory.put(move.spec.target.location, content)


# What belongs to it


@pytest.mark.parametrize("kind", ["within", "between"])
@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_tags_that_cannot_be_read_stop_a_move(
    world: World, kind: str, content: bytes
) -> None:
    move = await begin(world, kind, content, tags={"t": "1"})
    source = world.other if kind == "between" else world.store
    source.fail("get_tags", *[PermissionDeniedError("403")] * 3)
    failed = await move.run()
    assert (failed.error_kind, move.source) == ("PermissionDeniedError", content)
    source.forget_script()
    source.fail("get_tags", *[PermissionDeniedError("403")] * 3)
    other = await begin(world, kind, content, "second")
    done = await other.run(carries=Carried(tags=False))
    assert done.state is (FAILED if kind == "within" else COMPLETED)


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_tags_that_cannot_be_written_stop_a_move(world: World, content: bytes) -> None:
    move = await begin(world, "between", content, tags={"t": "1"})
    operation = "put" if content == SMALL else "create_multipart"
    world.store.fail(operation, PermissionDeniedError("403"))
    failed = await move.run()
    assert (failed.error_kind, move.source) == ("PermissionDeniedError", content)


@pytest.mark.parametrize("kind", ["within", "between"])
@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_tags_that_the_store_dropped_are_written_again(
    world: World, kind: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = await begin(world, kind, content, tags={"t": "1"})

    def drop(request: Request) -> None:
        if request.operation in {"copy", "put", "complete_multipart"}:
            objects = world.store.memory.buckets[BUCKET].objects
            (there,) = objects["to-from"]
            plain = replace(there.attributes, tags={})
            objects["to-from"] = [replace(there, attributes=plain)]

    world.store.after = drop
    await move.run()
    assert move.has_moved
    assert dict(await world.store.get_tags(at("to-from").location)) == {"t": "1"}

    again = await begin(world, kind, content, "second", tags={"t": "1"})
    monkeypatch.setattr(world.store.memory, "put_tags", _nothing)
    world.store.after = None
    monkeypatch.setattr(world.store.memory, "get_tags", _other_tags(world, again))
    failed = await again.run()
    assert (failed.error_kind, again.source) == ("NotKeptError", content)


async def _nothing(*_: object, **__: object) -> None:
    """Done, as it claims."""


def _other_tags(world: World, move: Move) -> object:
    async def get_tags(location: object, **_: object) -> dict[str, str]:
        return {} if location == move.spec.target.location else {"t": "1"}  # type: ignore[union-attr]

    return get_tags


@pytest.mark.parametrize("kind", ["up", "within", "between"])
async def test_metadata_that_the_store_loses_keeps_the_source(world: World, kind: str) -> None:
    move = await begin(world, kind, SMALL, metadata={"a": "b"})

    def lose(request: Request) -> None:
        if request.operation in {"copy", "put"}:
            objects = world.store.memory.buckets[BUCKET].objects
            (there,) = objects["to-from"]
            objects["to-from"] = [replace(there, attributes=Attributes())]

    world.store.after = lose
    failed = await move.run()
    assert (failed.error_kind, move.source) == ("NotKeptError", SMALL)
    assert "metadata" in failed.error


@pytest.mark.parametrize("kind", ["down", "within", "between"])
@pytest.mark.parametrize(
    "lock",
    [
        LockState(legal_hold=True),
        LockState(LockMode.GOVERNANCE, World(Path()).clock.now().replace(year=9999)),
    ],
)
async def test_what_is_locked_is_not_even_copied(world: World, kind: str, lock: LockState) -> None:
    move = await begin(world, kind, SMALL, lock=lock)
    failed = await move.run()
    assert (failed.error_kind, move.source, move.target) == ("LockedError", SMALL, None)
    assert world.store.count + world.other.count == {"head": 1}


async def test_an_old_version_stays_under_a_moved_key(world: World) -> None:
    await put_config(world.store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    move = await begin(world, "within", LARGE)
    assert (await move.run()).state is COMPLETED
    assert move.has_moved
    kept = world.store.memory.buckets[BUCKET].objects["from"]
    assert [each.data for each in kept] == [LARGE, None]


# One and the same


async def test_nothing_is_moved_onto_itself(world: World) -> None:
    move = await begin(world, "within", SMALL)
    failed = await move.run(target=move.spec.source)
    assert (failed.state, move.source) == (FAILED, SMALL)


async def test_two_connections_to_one_object_are_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = await begin(world, "between", SMALL)
    monkeypatch.setattr(world, "other", world.store)
    await world.store.memory.put(at("from").location, SMALL)
    failed = await move.run(target=at("from"))
    assert (failed.state, world.stored("from")) == (FAILED, SMALL)
    assert "same object" in failed.error


@pytest.mark.parametrize(
    ("error", "said"), [(None, "same object"), (PermissionDeniedError("no"), "cannot be told")]
)
async def test_an_access_point_to_the_object_itself_is_noticed(
    world: World, error: PermissionDeniedError | None, said: str
) -> None:
    buckets, alias = world.store.memory.buckets, "point-abc-s3alias"
    move = await begin(world, "within", SMALL)
    buckets[alias] = buckets[BUCKET]
    world.store.fail("head", None, error)
    failed = await move.run(target=at("from", alias))
    assert (failed.state, world.stored("from"), said in failed.error) == (FAILED, SMALL, True)
    assert world.store.count["copy"] + world.store.count["put"] == 0


async def test_an_access_point_of_another_bucket_is_a_target_like_any(world: World) -> None:
    alias = "point-abc-s3alias"
    await world.store.memory.create_bucket(alias)
    move = await begin(world, "within", SMALL)
    done = await move.run(target=at("from", alias))
    assert (done.state, move.source, world.held(at("from", alias))) == (COMPLETED, None, SMALL)


# Folders


async def test_a_marker_and_an_empty_folder_move(world: World) -> None:
    (world.folder / "top" / "empty").mkdir(parents=True)
    up = TransferSpec(
        Direction.UPLOAD,
        world.folder / "top" / "empty",
        at("top/empty/"),
        is_folder=True,
        root=world.folder / "top",
        removes_source=True,
    )
    await world.run(await world.add(up))
    assert (world.stored("top/empty/"), (world.folder / "top").exists()) == (b"", False)
    down = TransferSpec(
        Direction.DOWNLOAD,
        at("top/empty/"),
        world.folder / "back",
        is_folder=True,
        removes_source=True,
    )
    await world.run(await world.add(down))
    assert ((world.folder / "back").is_dir(), world.stored("top/empty/")) == (True, None)


async def test_a_folder_goes_with_the_last_that_was_in_it(world: World) -> None:
    top = world.folder / "top"
    (top / "sub").mkdir(parents=True)
    for name in ("sub/a", "sub/b", "c"):
        (top / name).write_bytes(b"x")
    specs = [
        TransferSpec(Direction.UPLOAD, top / name, at(name), 1, root=top, removes_source=True)
        for name in ("sub/a", "sub/b", "c")
    ]
    await world.run(await world.add(specs[0]))
    assert (top / "sub").is_dir()
    await world.run(await world.add(specs[1]))
    assert not (top / "sub").exists()
    await world.run(await world.add(specs[2]))
    assert (top.exists(), world.folder.exists()) == (False, True)


async def test_a_link_goes_and_not_what_it_leads_to(world: World) -> None:
    file, link = world.file(SMALL, "file"), world.folder / "link"
    link.symlink_to(file)
    spec = TransferSpec(Direction.UPLOAD, link, at("link"), len(SMALL), removes_source=True)
    done = await world.run(await world.add(spec))
    assert (done.state, world.stored("link")) == (COMPLETED, SMALL)
    assert (link.is_symlink(), file.read_bytes()) == (False, SMALL)

    link.symlink_to(world.folder / "nowhere")
    with pytest.raises(LocalFileError):
        await LocalEnd(link).identity()


async def test_a_marker_that_has_got_bytes_stays(world: World) -> None:
    await world.object("dir/", b"bytes")
    spec = TransferSpec(
        Direction.DOWNLOAD, at("dir/"), world.folder / "d", is_folder=True, removes_source=True
    )
    failed = await world.run(await world.add(spec))
    assert (failed.error_kind, world.stored("dir/")) == ("SourceChangedError", b"bytes")


# Whatever happens


ERRORS = (UnavailableError("cable"), PermissionDeniedError("403"), NotSupportedError("501"))


@pytest.mark.parametrize("error", ERRORS, ids=["lost", "refused", "unsupported"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_no_failed_request_loses_a_byte(
    world: World, kind: str, content: bytes, error: StoreError, moment: str
) -> None:
    """Each request of a move in turn is refused, or its reply is lost; then it is tried again."""
    for number in itertools.count(1):
        move = await begin(world, kind, content, f"source-{number}")
        passed = 0

        def fail(_: Request, number: int = number) -> None:
            nonlocal passed
            passed += 1
            if passed == number:
                raise error

        for store in move.stores:
            setattr(store, moment, fail)
        transfer = await move.add()
        await world.run(transfer)
        for store in move.stores:
            store.before = store.after = None
        assert move.is_safe, number
        if passed < number:
            break
        if world.memory_journal.transfers[transfer.id].state is FAILED:
            await world.run(transfer)
        assert move.has_moved, number
        assert world.memory_journal.moves == {}
    assert number > 2


@pytest.mark.parametrize("how", [Stop.PAUSE, Stop.CANCEL])
async def test_no_stop_loses_a_byte(world: World, kind: str, content: bytes, how: Stop) -> None:
    for number in itertools.count(1):
        move = await begin(world, kind, content, f"source-{number}")
        transfer = await move.add()
        job = world.job(transfer)
        passed = 0

        def stop(_: Request, number: int = number, job: object = job) -> None:
            nonlocal passed
            passed += 1
            if passed == number:
                job.stop(how)  # type: ignore[attr-defined]

        for store in move.stores:
            store.before = store.after = stop
        await job.run()
        for store in move.stores:
            store.before = store.after = None
        assert move.is_safe, number
        if job.transfer.state is TransferState.PAUSED:
            await world.run(transfer)
            assert move.has_moved, number
        if passed < number:
            break
    assert number > 2
