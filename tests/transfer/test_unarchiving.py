"""Copies of archived objects are asked for, once each, and what needs none is left alone."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.archive import ARCHIVES, Tier
from s4desk.core.domain.errors import ConflictError, NotFoundError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.wrapper import StoreWrapper
from s4desk.core.transfer.editing import locations_in
from s4desk.core.transfer.unarchiving import (
    Unarchived,
    UnarchiveOutcome,
    unarchive,
    unarchive_many,
)

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta

BUCKET = "bucket"
CLASSES = {"warm": "STANDARD", "cold/a": "GLACIER", "cold/b": "DEEP_ARCHIVE", "cold/c": "STANDARD"}


class Asked(StoreWrapper):
    """`under_way` are restored already, as a HEAD tells; `late` as only the refusal tells."""

    def __init__(self, inner, under_way=(), late=()):
        super().__init__(inner)
        self.under_way = under_way
        self.late = late
        self.asked: list[tuple[str, int, Tier]] = []

    async def head(self, location, *, version=None) -> ObjectMeta:
        meta = await super().head(location, version=version)
        if location.key in self.under_way:
            meta = replace(meta, headers={"x-amz-restore": 'ongoing-request="true"'})
        if location.key == "tiered":
            meta = replace(
                meta,
                storage_class="INTELLIGENT_TIERING",
                headers={"x-amz-archive-status": "ARCHIVE_ACCESS"},
            )
        return meta

    async def restore_archived(self, location, days, tier=Tier.STANDARD, *, version=None):
        self.asked.append((location.key, days, tier))
        if location.key in self.late:
            raise ConflictError("x", code="RestoreAlreadyInProgress", location=location)
        if location.key != "tiered":
            await super().restore_archived(location, days, tier, version=version)


@pytest.fixture
async def memory():
    store = MemoryStore([BUCKET])
    for key, kind in CLASSES.items():
        await store.put(Location(BUCKET, key), b"x", attributes=Attributes(storage_class=kind))
    await store.put(Location(BUCKET, "tiered"), b"x")
    return store


def now() -> datetime:
    return datetime.now(UTC)


async def test_what_becomes_of_each(memory):
    store = Asked(memory, under_way=["cold/b"])

    async def ask(key, **words):
        return await unarchive(store, Location(BUCKET, key), 3, Tier.BULK, now(), **words)

    assert await ask("warm") is Unarchived.NOT_ARCHIVED
    assert await ask("cold/b") is Unarchived.UNDER_WAY
    assert await ask("cold/a", is_dry=True) is Unarchived.ASKED
    assert store.asked == []
    assert await ask("cold/a") is Unarchived.ASKED
    assert await ask("cold/a") is Unarchived.EXTENDED
    # It comes back for good: S3 takes no days there.
    assert await ask("tiered") is Unarchived.ASKED
    bulk = Tier.BULK
    assert store.asked == [("cold/a", 3, bulk), ("cold/a", 3, bulk), ("tiered", 0, bulk)]


async def test_somebody_else_may_be_quicker(memory):
    store = Asked(memory, late=["cold/a"])
    result = await unarchive(store, Location(BUCKET, "cold/a"), 3, Tier.STANDARD, now())
    assert result is Unarchived.UNDER_WAY


async def test_a_refusal_is_raised(memory):
    class Refusing(Asked):
        async def restore_archived(self, *_words, **_more):
            raise ConflictError("x", code="GlacierExpeditedRetrievalNotAvailable")

    with pytest.raises(ConflictError):
        await unarchive(Refusing(memory), Location(BUCKET, "cold/a"), 3, Tier.EXPEDITED, now())


async def test_many_are_asked_for_and_each_is_told(memory):
    store, told = Asked(memory), list[UnarchiveOutcome]()
    gone = Location(BUCKET, "gone")
    selection = [Prefix(BUCKET, "cold/"), Location(BUCKET, "warm"), gone]
    async with aclosing(locations_in(store, selection, ARCHIVES)) as pages:
        await unarchive_many(store, pages, 3, Tier.STANDARD, now(), told.append)
    results = {each.location.key: each.result for each in told if each.error is None}
    assert results == {
        "cold/a": Unarchived.ASKED,
        "cold/b": Unarchived.ASKED,
        "warm": Unarchived.NOT_ARCHIVED,
    }
    assert [type(each.error) for each in told if each.location == gone] == [NotFoundError]


async def test_everything_below_a_prefix_is_found_once(memory):
    selection = [Prefix(BUCKET, "cold/"), Location(BUCKET, "cold/a"), Location(BUCKET, "warm")]
    async with aclosing(locations_in(memory, selection)) as pages:
        found = [location.key async for page in pages for location in page]
    assert sorted(found) == ["cold/a", "cold/b", "cold/c", "warm"]
