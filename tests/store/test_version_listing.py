"""Versions page by page, and a bucket as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import MalformedReplyError, UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import VersionMarker, VersionPage
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.version_listing import (
    MOST_LOOKS,
    PastListing,
    VersionListing,
    past_pages,
)
from tests.store.configs import put_config
from tests.transfer.fake_clock import FakeClock

if TYPE_CHECKING:
    from datetime import datetime

BUCKET = "bucket"


class World:
    """A store that keeps versions and lists three of them at a time."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore([BUCKET], clock=self.clock)
        self.asked: list[str] = []
        self.fails = 0

    async def keep_versions(self) -> World:
        await put_config(self.store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
        return self

    async def list_versions(self, prefix: Prefix, **how: Any) -> VersionPage:
        self.asked.append(prefix.prefix)
        if self.fails:
            self.fails -= 1
            raise UnavailableError("not now", operation="list_versions")
        return await self.store.list_versions(prefix, **{**how, "limit": 3})

    async def put(self, *keys: str) -> None:
        for key in keys:
            self.clock.advance(60)
            await self.store.put(Location(BUCKET, key), f"{self.clock.seconds}".encode())

    async def delete(self, *keys: str) -> None:
        for key in keys:
            self.clock.advance(60)
            await self.store.delete(Location(BUCKET, key))

    async def keys(self) -> dict[str, str]:
        page = await self.store.list_objects(Prefix(BUCKET), delimiter="")
        return dict(zip(page.keys, page.etags, strict=True))

    async def keys_then(self, moment: datetime) -> dict[str, str]:
        pages = past_pages(self.list_versions, Prefix(BUCKET), moment)
        return {
            key: etag
            async for page in pages
            for key, etag in zip(page.keys, page.etags, strict=True)
        }

    async def folders_then(self, moment: datetime) -> list[str]:
        return list(
            (await PastListing(self.list_versions, Prefix(BUCKET), moment).next_page()).folders
        )


@pytest.fixture
async def world() -> World:
    return await World().keep_versions()


async def test_all_versions_come_page_by_page(world: World) -> None:
    await world.put("a", "a", "b", "a")
    await world.delete("b")
    listing = VersionListing(world.list_versions, Prefix(BUCKET))
    pages = []
    while listing.has_more:
        pages.append(await listing.next_page())
    assert [list(page.keys) for page in pages] == [["a", "a", "a"], ["b", "b"]]
    assert [list(page.marks) for page in pages] == [[1, 0, 0], [3, 0]]


async def test_after_an_error_the_same_page_is_asked_for(world: World) -> None:
    await world.put("a", "b", "c", "d")
    listing = VersionListing(world.list_versions, Prefix(BUCKET))
    await listing.next_page()
    world.fails = 1
    with pytest.raises(UnavailableError):
        await listing.next_page()
    assert listing.has_more
    assert list((await listing.next_page()).keys) == ["d"]
    assert not listing.has_more


async def test_a_listing_that_stands_still_is_an_error() -> None:
    marker = VersionMarker("k", "v")

    async def list_versions(prefix: Prefix, **_how: Any) -> VersionPage:
        return VersionPage(prefix, [], next_marker=marker)

    listing = VersionListing(list_versions, Prefix(BUCKET))
    await listing.next_page()
    with pytest.raises(MalformedReplyError):
        await listing.next_page()


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=14),
    st.data(),
)
async def test_a_bucket_is_listed_as_it_was(deeds: list[tuple[str, bool]], data: Any) -> None:
    world = await World().keep_versions()
    moments = [(world.clock.now(), await world.keys())]
    for key, is_put in deeds:
        await (world.put(key) if is_put else world.delete(key))
        moments.append((world.clock.now(), await world.keys()))
    moment, keys = data.draw(st.sampled_from(moments))
    assert await world.keys_then(moment) == keys


async def test_folders_are_shown_if_something_was_in_them(world: World) -> None:
    await world.put("old/1", "gone/1")
    await world.delete("gone/1")
    moment = world.clock.now()
    await world.put("new/1", "old/2")
    await world.delete("old/1")
    assert await world.folders_then(moment) == ["old/"]
    assert await world.folders_then(world.clock.now()) == ["new/", "old/"]


async def test_of_very_many_folders_nobody_asks() -> None:
    folders = [f"{number:04}/" for number in range(MOST_LOOKS + 1)]
    asked = []

    async def list_versions(prefix: Prefix, **_how: Any) -> VersionPage:
        asked.append(prefix)
        return VersionPage(prefix, [], folders)

    moment = FakeClock().now()
    page = await PastListing(list_versions, Prefix(BUCKET), moment).next_page()
    assert (list(page.folders), len(asked)) == (folders, 1)
