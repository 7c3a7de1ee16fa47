"""A comparison before a sync: what is new, changed, gone, and what may never be taken for gone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import LocalFileError, UnavailableError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.transfer import BatchId, ConflictPolicy
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.inventory import LocalInventory, RemoteInventory
from s4desk.core.transfer.names import LINUX
from s4desk.core.transfer.planner import plan_downloads, plan_uploads
from s4desk.core.transfer.sync import (
    Change,
    Compare,
    Comparison,
    Difference,
    Why,
    locations,
    remove_files,
    unchanged,
)
from s4desk.core.transfer.walk import PathReason
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import BUCKET, HERE, at

if TYPE_CHECKING:
    from s4desk.core.store.protocol import Store

THERE = Prefix(BUCKET, "there/")
NEW, CHANGED, GONE = Change.NEW, Change.CHANGED, Change.GONE
OLD_S = 1_000_000_000


class SyncWorld:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "here"
        self.folder.mkdir()
        self.store = ScriptedStore(MemoryStore([BUCKET]))
        self.comparison: Comparison | None = None
        self.top: Path | None = None

    def file(self, name: str, content: bytes, *, modified_s: float = OLD_S) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (modified_s, modified_s))
        return path

    async def object(self, name: str, content: bytes = b"") -> None:
        await self.store.memory.put(at(f"there/{name}").location, content)

    async def up(self, how: Compare = Compare.SIZE_AND_TIME) -> dict[str, tuple[Change, Why]]:
        plan = plan_uploads([self.folder], HERE, THERE, BatchId("b"), keep_name=False)
        inventory = RemoteInventory(self.store, HERE, THERE, local=LINUX)
        return await self._differences(plan, inventory, how)

    async def down(self, how: Compare = Compare.SIZE_AND_TIME) -> dict[str, tuple[Change, Why]]:
        plan = plan_downloads(self.store, HERE, [THERE], self.folder, BatchId("b"), keep_name=False)
        return await self._differences(plan, LocalInventory(self.folder), how)

    async def _differences(
        self, plan: object, inventory: object, how: Compare
    ) -> dict[str, tuple[Change, Why]]:
        self.comparison = Comparison(
            plan,  # type: ignore[arg-type]
            inventory,  # type: ignore[arg-type]
            how,
            self._store_of,
            top=self.top,
        )
        batches = [batch async for batch in self.comparison.run()]
        self.found = [each for batch in batches for each in batch.differences]
        self.problems = [each for batch in batches for each in batch.problems]
        return {self.name(each): (each.change, each.why) for each in self.found}

    async def _store_of(self, _: object) -> Store:
        return self.store

    def name(self, difference: Difference) -> str:
        place = difference.spec.target if difference.spec is not None else None
        if place is None and difference.held is not None:
            place = difference.held.place
        if isinstance(place, Path):
            return str(place.relative_to(self.folder))
        location = getattr(place, "location", place)
        return location.key.removeprefix(THERE.prefix)  # type: ignore[union-attr]


@pytest.fixture
def world(tmp_path: Path) -> SyncWorld:
    return SyncWorld(tmp_path)


async def test_new_changed_and_gone(world: SyncWorld) -> None:
    world.file("new/one", b"1")
    world.file("same", b"same")
    world.file("longer", b"longer than it was")
    for name in ("same", "longer", "gone", "deep/er/gone"):
        await world.object(name, b"same")
    assert await world.up() == {
        "new/one": (NEW, Why.NONE),
        "longer": (CHANGED, Why.SIZE),
        "deep/er/gone": (GONE, Why.NONE),
        "gone": (GONE, Why.NONE),
    }
    assert world.comparison is not None
    assert (world.comparison.same, world.comparison.may_delete) == (1, True)
    assert dict(world.comparison.sizes) == {NEW: 1, CHANGED: 18, GONE: 8}


async def test_what_is_new_must_still_be_absent_when_it_is_written(world: SyncWorld) -> None:
    world.file("new", b"1")
    world.file("other", b"22")
    await world.object("other", b"1")
    await world.up()
    policies = {self.change: self.spec.on_conflict for self in world.found if self.spec}
    assert policies == {NEW: ConflictPolicy.IF_ABSENT, CHANGED: ConflictPolicy.OVERWRITE}


async def test_a_newer_source_of_the_same_size(world: SyncWorld) -> None:
    await world.object("newer", b"a")
    await world.object("older", b"a")
    held = await world.store.memory.head(at("there/newer").location)
    assert held.modified is not None
    world.file("newer", b"b", modified_s=held.modified.timestamp() + 10)
    world.file("older", b"b", modified_s=held.modified.timestamp() - 10)
    assert await world.up() == {"newer": (CHANGED, Why.NEWER)}
    assert await world.up(Compare.SIZE) == {}


@pytest.mark.parametrize("how", [Compare.CHECKSUM, Compare.ETAG])
async def test_content_tells_what_time_cannot(world: SyncWorld, how: Compare) -> None:
    for name, here in (("same", b"abc"), ("other", b"xyz")):
        world.file(name, here)
        await world.object(name, b"abc")
    assert await world.up() == {}
    world.store.count.clear()
    assert await world.up(how) == {"other": (CHANGED, Why.CONTENT)}
    assert bool(world.store.count["head"]) == (how is Compare.CHECKSUM)
    assert await world.down(how) == {"other": (CHANGED, Why.CONTENT)}


async def test_downloads_meet_what_is_on_the_disk(world: SyncWorld) -> None:
    world.file("same", b"abc", modified_s=4e9)
    world.file("gone", b"abc")
    world.file(".half.abcdef-1.s4part", b"ours")
    await world.object("same", b"abc")
    await world.object("new/", b"")
    (world.folder / "empty").mkdir()
    await world.object("empty/", b"")
    assert await world.down() == {"new": (NEW, Why.NONE), "gone": (GONE, Why.NONE)}


async def test_what_cannot_come_to_its_place_is_named(world: SyncWorld) -> None:
    world.file("x", b"a file")
    for name in ("x/y", "x/deep/z", "fine/y"):
        await world.object(name, b"abc")
    await world.object(".half.abcdef-1.s4part", b"an object")
    assert await world.down() == {"fine/y": (NEW, Why.NONE)}
    assert [(each.path, each.reason, each.detail) for each in world.problems] == [
        (at("there/.half.abcdef-1.s4part").location, PathReason.PARTIAL_NAME, ""),
        (at("there/x/deep/z").location, PathReason.IN_THE_WAY, str(world.folder / "x")),
        (at("there/x/y").location, PathReason.IN_THE_WAY, str(world.folder / "x")),
    ]
    assert world.comparison is not None
    assert not world.comparison.may_delete


async def test_a_marker_of_a_folder_where_a_file_is(world: SyncWorld) -> None:
    world.file("x", b"")
    await world.object("x/", b"")
    assert await world.down() == {}
    assert [each.reason for each in world.problems] == [PathReason.IN_THE_WAY]


async def test_an_object_newer_than_the_file(world: SyncWorld) -> None:
    world.file("a", b"abc", modified_s=OLD_S)
    await world.object("a", b"xyz")
    assert await world.down() == {"a": (CHANGED, Why.NEWER)}


async def test_a_marker_of_a_folder_that_is_not_empty_is_not_gone(world: SyncWorld) -> None:
    world.file("full/file", b"1")
    for name in ("", "full/", "gone/", "full/file"):
        await world.object(name, b"1" if name.endswith("file") else b"")
    assert await world.up() == {"gone/": (GONE, Why.NONE)}


async def test_nothing_is_gone_when_not_all_could_be_looked_at(world: SyncWorld) -> None:
    outside = world.folder.parent / "outside"
    outside.write_bytes(b"1")
    (world.folder / "link").symlink_to(outside)
    await world.object("link", b"the only copy")
    assert await world.up() == {}
    assert world.comparison is not None
    assert not world.comparison.may_delete


async def test_what_could_not_be_looked_at_spares_its_own_name(world: SyncWorld) -> None:
    world.top = world.folder
    (world.folder / "pipe").symlink_to("nowhere")
    for name in ("pipe", "pipe/below", "pipes"):
        await world.object(name, b"1")
    assert await world.up() == {"pipes": (GONE, Why.NONE)}
    assert world.comparison is not None
    assert (world.comparison.may_delete, world.comparison.spared) == (True, 2)


async def test_a_key_that_no_file_can_be_named_is_not_gone(world: SyncWorld) -> None:
    world.file("a", b"1")
    for name in ("a", "a/b", "../up", "x//y", "gone"):
        await world.object(name, b"1")
    assert await world.up() == {"gone": (GONE, Why.NONE)}
    assert world.comparison is not None
    assert (world.comparison.spared, world.comparison.would_empty) == (3, False)


async def test_a_source_that_has_nothing_of_the_target(world: SyncWorld) -> None:
    await world.object("all", b"1")
    world.file("other", b"1")
    await world.up()
    assert world.comparison is not None
    assert world.comparison.would_empty


async def test_half_a_listing_is_no_comparison(world: SyncWorld) -> None:
    world.file("here", b"1")
    world.store.fail("list_objects", UnavailableError("cut"))
    with pytest.raises(UnavailableError):
        await world.up()
    world.store.fail("list_objects", UnavailableError("cut"))
    with pytest.raises(UnavailableError):
        await world.down()
    assert world.comparison is not None
    assert not world.comparison.may_delete


async def test_only_objects_that_are_still_as_they_were_may_go(world: SyncWorld) -> None:
    world.file("kept", b"1")
    for name in ("gone", "rewritten", "kept"):
        await world.object(name, b"1")
    await world.up()
    gone = [each.held for each in world.found if each.held is not None]
    assert len(gone) == 2
    await world.object("rewritten", b"2")
    left = await unchanged(world.store, THERE, gone)
    assert [location.key for location in locations(left)] == ["there/gone"]


async def test_the_source_is_dated(world: SyncWorld) -> None:
    world.file("new", b"1", modified_s=OLD_S)
    await world.up()
    assert [each.modified for each in world.found] == [OLD_S]


async def test_links_to_folders_are_not_entered(world: SyncWorld, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_bytes(b"1")
    (world.folder / "link").symlink_to(elsewhere)
    world.file("file", b"1")
    assert await world.down() == {"file": (GONE, Why.NONE)}


async def test_removing_what_is_gone(world: SyncWorld) -> None:
    world.file("a/b/gone", b"1")
    world.file("changed", b"1")
    world.file("kept/file", b"1")
    await world.object("kept/file", b"1")
    await world.down(Compare.SIZE)
    gone = [each.held for each in world.found if each.held is not None]
    world.file("changed", b"somebody wrote it since")
    outcomes = await asyncio.to_thread(lambda: list(remove_files(world.folder, gone)))
    left = sorted(str(p.relative_to(world.folder)) for p in world.folder.rglob("*"))
    assert left == ["changed", "kept", "kept/file"]
    assert [isinstance(each, LocalFileError) for each in outcomes] == [False, True]
