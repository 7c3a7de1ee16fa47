"""A crash at every request and every write of the journal: the next life loses nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.persist.database import Database
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.transfer.job import Stop
from tests.transfer.queue_world import QueueWorld
from tests.transfer.settle import settle
from tests.transfer.specs import ELSEWHERE, at, download_spec, elsewhere
from tests.transfer.world import PART, World, noise

if TYPE_CHECKING:
    import logging
    import sqlite3

    from s4desk.core.domain.identity import Address
    from s4desk.core.store.wrapper import Request

T = TypeVar("T")
AS_STOPPED = {
    Stop.PAUSE: TransferState.PAUSED,
    Stop.CANCEL: TransferState.CANCELLED,
    None: TransferState.RUNNING,
}
CONTENT = noise(3 * PART + 1)
SMALL = b"small"
SOURCE, TINY = at("source"), at("tiny")


class CrashError(BaseException):
    """No `except` of the program may take this for something it knows."""


class Fate:
    """Strikes at the n-th step. Dead, nothing is done any more; else the program cleans up."""

    def __init__(self, strikes_at: int, *, is_deadly: bool, name: str = "") -> None:
        """With a `name` it strikes at the first step of that name."""
        self.steps = 0
        self.names: list[str] = []
        self._strikes_at = strikes_at
        self._name = name
        self._is_deadly = is_deadly

    def step(self, name: str) -> None:
        self.steps += 1
        self.names.append(name)
        if name == self._name and not self._strikes_at:
            self._strikes_at = self.steps
        is_dead = self._is_deadly and self.steps > self._strikes_at > 0
        if self.steps == self._strikes_at or is_dead:
            raise CrashError(name)

    @property
    def last_name(self) -> str:
        return self.names[self._strikes_at - 1]

    @property
    def has_struck(self) -> bool:
        return 0 < self._strikes_at <= self.steps


class FatefulJournal(SqliteJournal):
    def __init__(self, database: Database, fate: Fate, world: QueueWorld) -> None:
        super().__init__(database, world.clock)
        self._fate = fate

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._fate.step("before journal")
        result = await super()._write(work)
        self._fate.step("after journal")
        return result


class Lives:
    """A queue over a database, killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.world = QueueWorld(folder)
        self.specs: list[TransferSpec] = []

    async def begin(self, fate: Fate) -> None:
        self.database = Database(self.folder / "s4desk.sqlite")
        await self.database.open()
        quiet = Fate(0, is_deadly=False)
        journal = FatefulJournal(self.database, quiet, self.world)
        self.world.journal = journal
        self.world.board, self.world.queue = self.world._life()
        await self.world.queue.open()
        journal._fate = fate
        for store in (self.world.store, self.world.other):
            store.before = lambda request: fate.step(f"before {request.operation}")
            store.after = lambda request: fate.step(f"after {request.operation}")

    async def submit(self, spec: TransferSpec) -> None:
        """In peace; what is to be seen comes after."""
        self.specs.append(spec)
        journal = self.world.journal
        assert isinstance(journal, FatefulJournal)
        fate, journal._fate = journal._fate, Fate(0, is_deadly=False)
        submitted = self.world.queue.submit([spec])
        # The job starts with the end of the submission, and so with this fate.
        await submitted
        journal._fate = fate

    async def end(self) -> None:
        """Nothing that was only noted reaches the disk."""
        for store in (self.world.store, self.world.other):
            store.before = store.after = None
        journal = self.world.journal
        assert isinstance(journal, FatefulJournal)
        journal._fate = Fate(0, is_deadly=False)
        await self.database.aclose()
        await self.world.queue.aclose()

    async def calm(self) -> None:
        """Until it is done, or dead: nothing happens any more."""
        await settle(lambda: not self.world.queue.is_busy)


async def live(folder: Path, spec_of: Callable[[QueueWorld], TransferSpec], fate: Fate) -> Lives:
    lives = Lives(folder)
    for store in (lives.world.store, lives.world.other):
        await store.memory.put(SOURCE.location, CONTENT)
        await store.memory.put(TINY.location, SMALL)
    await lives.begin(fate)
    await lives.submit(spec_of(lives.world))
    await lives.calm()
    await lives.end()
    return lives


def upload_large(world: QueueWorld) -> TransferSpec:
    return world.spec("key", CONTENT)


def upload_small(world: QueueWorld) -> TransferSpec:
    return world.spec("key", SMALL)


def download_large(world: QueueWorld) -> TransferSpec:
    return download_spec("source", world.folder / "target", size=len(CONTENT))


def copy_large(_: QueueWorld) -> TransferSpec:
    return TransferSpec(Direction.COPY, SOURCE, at("key"), len(CONTENT))


def copy_between_large(_: QueueWorld) -> TransferSpec:
    return TransferSpec(Direction.COPY, elsewhere("source"), at("key"), len(CONTENT))


def copy_small(_: QueueWorld) -> TransferSpec:
    return TransferSpec(Direction.COPY, TINY, at("key"), len(SMALL))


def copy_between_small(_: QueueWorld) -> TransferSpec:
    return TransferSpec(Direction.COPY, elsewhere("tiny"), at("key"), len(SMALL))


SpecOf = Callable[[QueueWorld], TransferSpec]


def moving(spec_of: SpecOf) -> SpecOf:
    """The same as a move."""

    def move(world: QueueWorld) -> TransferSpec:
        return replace(spec_of(world), removes_source=True)

    move.__name__ = f"move_by_{spec_of.__name__}"
    return move


COPIES = (copy_large, copy_between_large, copy_small, copy_between_small)
TRANSFERS = (upload_large, upload_small, download_large, *COPIES)


def held(lives: Lives, place: Path | Address) -> bytes | None:
    """The bytes at one end of a transfer."""
    if isinstance(place, Path):
        return place.read_bytes() if place.exists() else None
    world = lives.world
    store = world.other if place.connection == ELSEWHERE else world.store
    newest = store.memory.buckets[place.location.bucket].newest(place.location.key)
    return None if newest is None else newest.data


def check(lives: Lives, spec: TransferSpec) -> None:
    content = SMALL if spec.size == len(SMALL) else CONTENT
    assert held(lives, spec.target) == content
    assert held(lives, spec.source) == (None if spec.removes_source else content)
    assert [each.name for each in lives.folder.iterdir() if each.suffix == ".s4part"] == []


@pytest.mark.parametrize("is_deadly", [True, False])
@pytest.mark.parametrize("spec_of", [*TRANSFERS, *map(moving, TRANSFERS)])
async def test_a_crash_at_every_step(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_logs: list[logging.LogRecord],
    spec_of: Callable[[QueueWorld], TransferSpec],
    is_deadly: bool,
) -> None:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    whole = Fate(0, is_deadly=False)
    await live(tmp_path / "whole", spec_of, whole)
    assert whole.steps >= 2
    for number in range(1, whole.steps + 1):
        fate = Fate(number, is_deadly=is_deadly)
        lives = await live(tmp_path / str(number), spec_of, fate)
        assert fate.has_struck
        spec = lives.specs[0]
        content = SMALL if spec.size == len(SMALL) else CONTENT
        assert content in (held(lives, spec.source), held(lives, spec.target))

        await lives.begin(Fate(0, is_deadly=False))
        await lives.world.rest()
        lives.world.queue.retry([each.id for each in lives.world.queue.transfers()])
        await lives.world.rest()
        check(lives, spec)
        # Even one whose reply never came: the journal knew that it was asked for.
        assert lives.world.store.memory.uploads == {}, fate.last_name
        await lives.end()


async def test_who_dies_right_after_completing_sends_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: list[logging.LogRecord]
) -> None:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    fate = Fate(0, is_deadly=True, name="after complete_multipart")
    lives = await live(tmp_path / "dead", upload_large, fate)
    assert lives.world.stored()["key"] == CONTENT
    lives.world.store.count.clear()
    await lives.begin(Fate(0, is_deadly=False))
    await lives.world.rest()
    assert lives.world.states() == ["completed"]
    assert lives.world.store.count == {"list_parts": 1, "head": 1}
    await lives.end()
    assert expected_logs


@pytest.mark.parametrize("how", [Stop.PAUSE, Stop.CANCEL, None])
@pytest.mark.parametrize("content", [SMALL, CONTENT])
@pytest.mark.parametrize("is_upload", [True, False])
async def test_a_stop_at_every_request(
    world: World, how: Stop | None, content: bytes, is_upload: bool
) -> None:
    """None is the closing of the application."""
    for number in itertools.count(1):
        stopped = await stopped_at(world, how, content, number, is_upload=is_upload)
        if not stopped:
            break
    assert number > (2 if content is SMALL else 8)


async def stopped_at(
    world: World, how: Stop | None, content: bytes, number: int, *, is_upload: bool
) -> bool:
    """Stop a transfer before or after a request, and see what is left; False when it is over."""
    key, target = f"key{number}", world.folder / "target.bin"
    target.unlink(missing_ok=True)
    transfer = await (world.upload if is_upload else world.download)(content, key)
    job = world.job(transfer)
    running = asyncio.ensure_future(job.run())
    passed = 0

    def stop(_: Request) -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            running.cancel() if how is None else job.stop(how)

    world.store.before = world.store.after = stop
    await asyncio.gather(running, return_exceptions=True)
    world.store.before = world.store.after = None

    uploads = set(world.store.memory.uploads)
    journalled = {each.upload for each in world.memory_journal.uploads.values()}
    assert uploads <= journalled
    state = world.memory_journal.transfers[transfer.id].state
    assert state in {TransferState.COMPLETED, AS_STOPPED[how]}
    if state is TransferState.CANCELLED:
        assert (uploads, journalled, world.memory_journal.downloads) == (set(), set(), {})
        assert not target.exists()
        assert not is_upload or world.stored(key) is None
    elif state is not TransferState.COMPLETED:
        assert (await world.run(transfer)).state is TransferState.COMPLETED
    if state is not TransferState.CANCELLED:
        assert (world.stored(key) if is_upload else target.read_bytes()) == content
    assert (world.partials(), world.store.memory.uploads) == ([], {})
    return passed >= number
