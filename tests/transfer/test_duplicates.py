"""Copies beside their originals."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.transfer import BatchId
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.duplicates import plan_duplicates
from tests.transfer.specs import BUCKET, HERE

LONG = "x" * 1020 + ".jpg"


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore([BUCKET])
    for key in ("a.txt", "a (2).txt", "dir/b", "v1.0/c", "v1.0 (2)/d", LONG, "empty/"):
        await store.put(Location(BUCKET, key), b"" if key.endswith("/") else b"x")
    return store


async def pairs(store: MemoryStore, *selection: Location | Prefix) -> dict[str, str]:
    plan = plan_duplicates(store, HERE, list(selection), BatchId("b"))
    specs = [spec for planned in [each async for each in plan] for spec in planned.specs]
    assert not any(spec.removes_source for spec in specs)
    return {spec.source.location.key: spec.target.location.key for spec in specs}  # type: ignore[union-attr]


async def test_the_number_goes_before_the_ending_of_an_object_and_is_free(store: MemoryStore):
    assert await pairs(store, Location(BUCKET, "a.txt")) == {"a.txt": "a (3).txt"}


async def test_a_folder_has_no_ending(store: MemoryStore):
    assert await pairs(store, Prefix(BUCKET, "v1.0/")) == {"v1.0/c": "v1.0 (3)/c"}
    assert await pairs(store, Prefix(BUCKET, "empty/")) == {"empty/": "empty (2)/"}


async def test_two_of_one_selection_do_not_meet(store: MemoryStore):
    both = [Location(BUCKET, "a.txt"), Location(BUCKET, "a (2).txt")]
    assert await pairs(store, *both) == {"a.txt": "a (3).txt", "a (2).txt": "a (2) (2).txt"}


async def test_a_long_name_is_cut_to_make_room(store: MemoryStore):
    (target,) = (await pairs(store, Location(BUCKET, LONG))).values()
    assert target.endswith(" (2).jpg")
    assert len(target.encode()) == 1024
