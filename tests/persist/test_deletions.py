"""Deletions that outlive their process: noted, gone on with, and sparing what came since."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.failover.errors import UsageLimitExceededError
from s4desk.core.persist import deletions
from s4desk.core.persist.database import Database
from s4desk.core.persist.deletions import LastingDeletion, command_of
from s4desk.core.persist.runs import Run, RunFolder
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.confirmed import (
    CLOCK_DOUBT,
    Confirmed,
    NotConfirmedError,
    check_still,
    confirm_now,
    moment_at,
)
from s4desk.core.transfer.delete import Deletion
from tests.store.configs import put_config
from tests.transfer.fake_clock import EPOCH, FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, HERE

if TYPE_CHECKING:
    import logging
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.domain.objects import DeleteFailure, Doomed
    from s4desk.core.persist.deletion_rows import DeletionView
    from s4desk.core.store.wrapper import Request

ODD = "odd/\udcfe\n/"
COMMAND = command_of(HERE, Prefix(BUCKET, "p/"))
CONNECTION = Connection(HERE, "T", endpoint="http://one")


class DiedError(Exception):
    """The process, at this moment."""


class World:
    """A store with a clock of its own, and the journals of one home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store = ScriptedStore(MemoryStore([BUCKET], clock=self.clock))
        self.runs = RunFolder(folder)

    async def put(self, *keys: str) -> None:
        for key in keys:
            await self.store.memory.put(Location(BUCKET, key), b"x")

    async def fill(self, count: int) -> None:
        await self.put(*(f"p/{number:05}" for number in range(count)))
        self.clock.advance(10)

    def left(self) -> list[str]:
        held = self.store.memory.buckets[BUCKET]
        return sorted(key for key in held.objects if held.newest(key))

    async def confirm(self, *places: Location | Prefix, total: int | None = None) -> Confirmed:
        places = places or (Prefix(BUCKET, "p/"),)
        return await confirm_now(self.store, places, "http://one", total=total)

    async def begin(self, confirmed: Confirmed | None = None) -> LastingDeletion:
        confirmed = confirmed or await self.confirm()
        run = await self.runs.begin(COMMAND, confirmed)
        return LastingDeletion(run, Deletion(self.store, confirmed.places), clock=self.clock)

    async def killed_after(self, batches: int, confirmed: Confirmed | None = None) -> None:
        """A deletion whose process dies: what was noted is all that is left of it."""
        confirmed = confirmed or await self.confirm()
        run = await self.runs.begin(COMMAND, confirmed)
        deletion = Deletion(self.store, confirmed.places, in_flight=1)

        def die(request: Request) -> None:
            if request.operation == "delete_many" and self.store.count["delete_many"] > batches:
                raise DiedError

        self.store.before = die
        with pytest.raises(DiedError):
            await deletion.run()
        self.store.before = None
        await run.note_deleted(deletion.report.deleted)
        await run.aclose()
        self.clock.advance(60)

    async def view(self) -> DeletionView:
        (view,) = await self.runs.look()
        assert view.journal.deletion is not None
        return view.journal.deletion

    async def resumed(self) -> LastingDeletion:
        (view,) = await self.runs.look()
        run: Run = await self.runs.open(view.id)
        confirmed = await run.confirmed()
        assert confirmed is not None
        return await LastingDeletion.resumed(run, confirmed, self.store)

    def files(self) -> list[str]:
        return [path.name for path in self.folder.iterdir()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "runs")


async def test_what_was_agreed_to_is_kept_to_the_letter(world: World) -> None:
    places: list[Location | Prefix] = [Location(BUCKET, ODD), Prefix(BUCKET, ODD), Prefix(BUCKET)]
    arriving = frozenset({Location(BUCKET, ODD)})
    confirmed = Confirmed(
        places, EPOCH, "http://one", is_kept=True, with_versions=True, with_bucket=True, total=7
    )
    confirmed = replace(confirmed, arriving=arriving)
    run = await world.runs.begin(COMMAND, confirmed)
    await run.aclose()
    again = await world.runs.open(run.id)
    assert await again.confirmed() == confirmed
    await again.note_deleted(3, is_halted=True)
    await again.aclose()
    view = await world.view()
    assert (view.items, view.deleted, view.total, view.is_halted) == (3, 3, 7, True)
    assert view.moment == EPOCH


async def test_one_that_ends_well_leaves_nothing(world: World) -> None:
    await world.fill(2500)
    report = await (await world.begin()).run()
    assert (report.deleted, report.spared) == (2500, 0)
    assert (world.left(), world.files()) == ([], [])


async def test_a_killed_one_goes_on_and_spares_what_came_since(world: World) -> None:
    await world.fill(3500)
    await world.killed_after(2, await world.confirm(total=3500))
    assert ((await world.view()).deleted, (await world.view()).total) == (2000, 3500)
    await world.put("p/00001", "p/03000", "p/new", "q")  # came again, was replaced, is new
    deletion = await world.resumed()
    report = await deletion.run()
    assert (report.deleted, report.spared, deletion.deleted) == (1499, 3, 3499)
    assert world.left() == ["p/00001", "p/03000", "p/new", "q"]
    assert world.files() == []


async def test_what_was_written_in_the_second_of_the_confirmation_is_spared(world: World) -> None:
    await world.put("p/before")
    world.clock.advance(1)
    await world.put("p/then")
    await world.killed_after(0)
    report = await (await world.resumed()).run()
    assert (report.deleted, report.spared, world.left()) == (1, 1, ["p/then"])


async def test_single_objects_are_looked_at_before_they_go_in_a_later_life(world: World) -> None:
    await world.put("a", "b", "c", "d")
    world.clock.advance(10)
    places = [Location(BUCKET, key) for key in "abcd"]
    await world.killed_after(0, await world.confirm(*places))
    await world.store.memory.delete(Location(BUCKET, "a"))
    await world.put("b")
    world.store.fail("head", None, None, PermissionDeniedError("no", code="AccessDenied"))
    report = await (await world.resumed()).run()
    assert (report.deleted, report.spared) == (1, 1)
    assert [each.doomed.key for each in report.failures] == ["c"]
    assert world.left() == ["b", "c"]


async def test_versions_that_came_since_are_spared(world: World) -> None:
    await put_config(world.store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    await world.put("p/a", "p/a", "p/b")
    world.clock.advance(10)
    confirmed = Confirmed(
        [Prefix(BUCKET)], await moment_at(world.store, Prefix(BUCKET)), with_versions=True
    )
    world.clock.advance(10)
    await world.put("p/a")
    run = await world.runs.begin(COMMAND, confirmed)
    deletion = await LastingDeletion.resumed(run, confirmed, world.store)
    report = await deletion.run()
    assert (report.deleted, report.spared, world.left()) == (3, 1, ["p/a"])
    assert len(world.store.memory.buckets[BUCKET].objects["p/a"]) == 1


async def test_what_was_being_uploaded_is_spared_whatever_its_date(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.put("p/old", "single")
    late, other = Location(BUCKET, "p/late"), Location(BUCKET, "single")
    tickets = {each: await world.store.create_multipart(each) for each in (late, other)}
    await world.store.create_multipart(Location(BUCKET, "p/never"))
    await world.put("p/never")
    world.clock.advance(10)
    await world.killed_after(0, await world.confirm(Prefix(BUCKET, "p/"), other))
    began = world.clock.seconds
    world.clock.seconds = 0  # as AWS dates them
    for location, ticket in tickets.items():
        part = await world.store.put_part(location, ticket, 1, b"x")
        await world.store.complete_multipart(location, ticket, [part])
    world.clock.seconds = began
    report = await (await world.resumed()).run()
    assert (report.deleted, report.spared, report.failures) == (2, 2, ())
    assert world.left() == ["p/late", "single"]


async def test_a_store_that_does_not_tell_of_uploads_is_taken_by_its_dates(world: World) -> None:
    await world.fill(1)
    world.store.fail("list_uploads", PermissionDeniedError("no"))
    assert (await world.confirm()).arriving == frozenset()


async def test_the_same_again_goes_on_with_what_is_there_now(world: World) -> None:
    await world.fill(1500)
    await world.killed_after(1)
    await world.put("p/new")
    (before,) = await world.runs.look()
    again = await world.begin()
    assert again.run_id == before.id
    assert (await again.run()).deleted == 501
    assert (world.left(), world.files()) == ([], [])


async def test_a_person_who_stops_it_does_not_want_the_rest(world: World) -> None:
    await world.fill(4000)
    deletion = await world.begin()
    world.store.before = lambda request: (
        deletion.stop() if request.operation == "delete_many" else None
    )
    report = await deletion.run()
    assert report.is_stopped
    assert 0 < report.deleted < 4000
    assert (deletion.is_kept, world.files()) == (False, [])


async def test_one_that_is_halted_stays_and_says_so(world: World) -> None:
    await world.fill(4000)
    deletion = await world.begin()
    world.store.before = lambda request: (
        deletion.halt() if request.operation == "delete_many" else None
    )
    report = await deletion.run()
    view = await world.view()
    assert (deletion.is_kept, view.is_halted, view.deleted) == (True, True, report.deleted)


@pytest.mark.parametrize(
    ("requests", "error", "is_kept"),
    [
        ([UnavailableError("cable")], UnavailableError, True),
        ([PermissionDeniedError("no")], PermissionDeniedError, False),
        ([None, PermissionDeniedError("expired")], PermissionDeniedError, True),
    ],
)
async def test_what_was_begun_and_ends_early_stays(
    world: World, requests: list[BaseException | None], error: type[Exception], is_kept: bool
) -> None:
    await world.fill(2000)
    confirmed = await world.confirm()
    run = await world.runs.begin(COMMAND, confirmed)
    deletion = LastingDeletion(run, Deletion(world.store, confirmed.places, in_flight=1))
    world.store.fail("delete_many", *requests)
    report = await deletion.run()
    assert isinstance(report.error, error)
    assert (deletion.is_kept, bool(world.files())) == (is_kept, is_kept)


async def test_how_far_it_is_is_noted_while_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.fill(2000)
    first, noted, gate = asyncio.Event(), asyncio.Event(), asyncio.Event()
    delete_many, note_deleted = world.store.memory.delete_many, Run.note_deleted

    async def waits(bucket: str, doomed: Sequence[Doomed], **_how: object) -> list[DeleteFailure]:
        if doomed[0].key == "p/01000":
            await gate.wait()
        failures = await delete_many(bucket, doomed)
        first.set()
        return failures

    async def told(run: Run, count: int, *, is_halted: bool = False) -> None:
        await note_deleted(run, count, is_halted=is_halted)
        noted.set()

    monkeypatch.setattr(world.store.memory, "delete_many", waits)
    monkeypatch.setattr(Run, "note_deleted", told)
    deletion = await world.begin()
    running = asyncio.ensure_future(deletion.run())
    await first.wait()
    async with asyncio.timeout(5):
        await noted.wait()  # no second has passed: the process may be killed before
    assert (await world.view()).deleted == 1000
    noted.clear()
    await settle()
    world.clock.advance(deletions.NOTE_EVERY_S)
    async with asyncio.timeout(5):
        await noted.wait()
    gate.set()
    await running


async def test_a_disk_that_is_full_does_not_end_it(
    world: World, monkeypatch: pytest.MonkeyPatch, expected_logs: list[logging.LogRecord]
) -> None:
    await world.fill(10)
    deletion = await world.begin()
    world.store.fail("delete_many", UnavailableError("cable"))
    monkeypatch.setattr(Database, "_transact", _no_room)
    report = await deletion.run()
    assert isinstance(report.error, UnavailableError)
    assert "not noted" in expected_logs[-1].getMessage()


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


async def test_the_moment_is_that_of_the_store_or_surely_not_later(world: World) -> None:
    world.clock.advance(1000)
    ours = FakeClock()
    assert await moment_at(world.store, Prefix(BUCKET), ours) == world.clock.now()
    world.store.fail("list_objects", PermissionDeniedError("no"))
    doubtful = await moment_at(world.store, Location(BUCKET, "k"), ours)
    assert doubtful == EPOCH - CLOCK_DOUBT
    world.store.fail("list_objects", UsageLimitExceededError("the limit of requests", {}))
    assert await moment_at(world.store, Location(BUCKET, "k"), ours) == doubtful
    assert timedelta(minutes=15) == CLOCK_DOUBT


async def test_it_goes_on_only_where_it_means_the_same(world: World) -> None:
    confirmed = Confirmed([Prefix(BUCKET)], EPOCH, "http://one", is_kept=True)
    await put_config(world.store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    await check_still(confirmed, CONNECTION, world.store)
    elsewhere = Connection(ConnectionId("other"), "T", endpoint="http://two")
    for connection in (None, elsewhere):
        with pytest.raises(NotConfirmedError, match="elsewhere"):
            await check_still(confirmed, connection, world.store)
    await put_config(world.store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Suspended"})
    with pytest.raises(NotConfirmedError, match="kept versions"):
        await check_still(confirmed, CONNECTION, world.store)
    await check_still(Confirmed([Prefix(BUCKET)], EPOCH, "http://one"), CONNECTION, world.store)
