"""Objects as they were at a moment."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Generation, Location, Prefix, VersionId
from s4desk.core.domain.objects import Attributes, ObjectVersion, VersionPage
from s4desk.core.domain.replication.stamp import Stamp, stamped
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.restoring import (
    Restoration,
    Step,
    restoration,
    restorations,
    restore,
    restore_all,
    undeletion,
)
from tests.store.configs import put_config
from tests.store.samples import read
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import BUCKET

if TYPE_CHECKING:
    from s4desk.core.domain.errors import S4DeskError

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
KEY = Location(BUCKET, "key")


def history(*kinds: str) -> list[ObjectVersion]:
    """Versions (v) and markers (m) of a key, the newest first; one came every hour."""
    return [
        ObjectVersion(
            KEY,
            VersionId(f"{kind}{hour}"),
            is_latest=hour == len(kinds) - 1,
            is_delete_marker=kind == "m",
            etag=f"etag of {hour}",
            modified=BEGIN + timedelta(hours=hour),
        )
        for hour, kind in reversed(list(enumerate(kinds)))
    ]


@pytest.mark.parametrize(
    ("kinds", "hour", "step", "version"),
    [
        ("v", 0, None, ""),
        ("vm", 0, Step.UNHIDE, "v0"),
        ("vmm", 0, Step.UNHIDE, "v0"),
        ("vmm", 1, None, ""),
        ("vv", 0, Step.COPY, "v0"),
        ("vmv", 0, Step.COPY, "v0"),
        ("vmv", 1, Step.HIDE, ""),
        ("v", -1, Step.HIDE, ""),
        ("vm", -1, None, ""),
    ],
)
def test_a_key_becomes_what_it_was(kinds: str, hour: int, step: Step | None, version: str) -> None:
    found = restoration(history(*kinds), BEGIN + timedelta(hours=hour, minutes=30))
    assert (found and found.step) == step
    assert (found.version.version if found and found.version else "") == version


@pytest.mark.parametrize(
    ("kinds", "version", "markers"),
    [("v", "", 0), ("m", "", 0), ("vm", "v0", 1), ("vvmm", "v1", 2), ("vmv", "", 0)],
)
def test_what_markers_hide_can_be_seen_again(kinds: str, version: str, markers: int) -> None:
    found = undeletion(history(*kinds))
    assert (found.version.version if found and found.version else "") == version
    assert len(found.markers if found else ()) == markers


class SmallPages(ScriptedStore):
    """The versions of a key may go on, on the next page."""

    async def list_versions(self, prefix: Prefix, **how: Any) -> VersionPage:
        return await super().list_versions(prefix, **{**how, "limit": 3})


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.memory = MemoryStore([BUCKET], clock=self.clock)
        self.store = SmallPages(self.memory)

    async def plan(self, moment: datetime) -> list[Restoration]:
        async with aclosing(restorations(self.store, Prefix(BUCKET), moment)) as pages:
            return [each async for page in pages for each in page]

    async def restore(self, moment: datetime) -> dict[str, S4DeskError | None]:
        told: dict[str, S4DeskError | None] = {}

        def hear(each: Restoration, error: S4DeskError | None) -> None:
            told[each.location.key] = error

        async with aclosing(restorations(self.store, Prefix(BUCKET), moment)) as pages:
            await restore_all(self.store, pages, hear)
        return told

    async def content(self) -> dict[str, bytes]:
        page = await self.store.list_objects(Prefix(BUCKET), delimiter="")
        return {key: await read(self.store, Location(BUCKET, key)) for key in page.keys}


@pytest.fixture
async def world() -> World:
    world = World()
    await put_config(world.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    return world


@given(
    deeds=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "delete"])), max_size=12
    ),
    data=st.data(),
)
async def test_any_history_can_be_undone(deeds: list[tuple[str, str]], data: st.DataObject) -> None:
    world = World()
    await put_config(world.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    moments, contents = [world.clock.now()], [await world.content()]
    for number, (key, deed) in enumerate(deeds):
        world.clock.advance(60)
        if deed == "put":
            await world.store.put(Location(BUCKET, key), f"{number}".encode())
        else:
            await world.store.delete(Location(BUCKET, key))
        moments.append(world.clock.now())
        contents.append(await world.content())
    world.clock.advance(60)
    which = data.draw(st.integers(0, len(moments) - 1))
    told = await world.restore(moments[which])
    assert set(told.values()) <= {None}
    assert await world.content() == contents[which]
    assert await world.plan(moments[which]) == []


async def test_many_pages_hold_every_key_once(world: World) -> None:
    for number in range(30):
        for _ in range(number % 4 + 1):
            await world.store.put(Location(BUCKET, f"{number:02}"), b"x")
    moment = world.clock.now()
    world.clock.advance(60)
    for number in range(30):
        await world.store.delete(Location(BUCKET, f"{number:02}"))
    found = await world.plan(moment)
    assert [each.location.key for each in found] == [f"{number:02}" for number in range(30)]
    assert {each.step for each in found} == {Step.UNHIDE}


async def test_one_that_fails_keeps_no_other(world: World) -> None:
    for key in ("a", "b", "c"):
        await world.store.put(Location(BUCKET, key), b"x")
    moment = world.clock.now()
    world.clock.advance(60)
    for key in ("a", "b", "c"):
        await world.store.delete(Location(BUCKET, key))
    world.store.fail("delete", PermissionDeniedError("no"))
    told = await world.restore(moment)
    assert sum(error is not None for error in told.values()) == 1
    assert len(await world.content()) == 2


async def test_what_was_not_there_is_hidden_and_kept(world: World) -> None:
    moment = world.clock.now()
    world.clock.advance(60)
    version = (await world.store.put(KEY, b"new")).version
    await world.restore(moment)
    with pytest.raises(NotFoundError):
        await world.store.head(KEY)
    assert (await world.store.head(KEY, version=version)).size == 3


async def test_a_replica_that_is_brought_back_is_one_no_more() -> None:
    """Else it would be replicated no further, and two ends would differ for good."""
    store = MemoryStore([BUCKET])
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    told = stamped({"own": "kept"}, Stamp("etag", None, Generation(1), 7), KEY)
    await store.put(KEY, b"replica", attributes=Attributes(metadata=told))
    await store.put(KEY, b"newer")
    found = (await store.list_versions(KEY.parent)).versions
    await restore(store, Restoration(KEY, Step.COPY, found[1], ()))
    there = await store.head(KEY)
    assert (await read(store, KEY), there.attributes.metadata) == (b"replica", {"own": "kept"})
