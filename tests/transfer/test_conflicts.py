"""What is in the way is found with few requests, and decided before bytes move."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.conflicts import (
    FEW,
    KEYS_PER_LOOK,
    Conflict,
    FreeNames,
    decide,
    existing_at,
    find_conflicts,
)
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import BUCKET, HERE, at, download_spec, upload_spec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import Page
    from s4desk.core.store.protocol import Store

    StoreOf = Callable[[ConnectionId], Awaitable[Store]]


@pytest.fixture
async def store() -> ScriptedStore:
    return ScriptedStore(MemoryStore([BUCKET]))


@pytest.fixture
def store_of(store: ScriptedStore) -> StoreOf:
    async def find(connection: ConnectionId) -> Store:
        assert connection == HERE
        return store

    return find


async def put(store: ScriptedStore, *keys: str) -> None:
    for key in keys:
        await store.memory.put(Location(BUCKET, key), b"123")


def keys_of(conflicts: list[Conflict]) -> list[str]:
    return [each.spec.target.location.key for each in conflicts]  # type: ignore[union-attr]


async def test_a_few_targets_are_asked_for(store: ScriptedStore, store_of: StoreOf) -> None:
    await put(store, "b")
    conflicts = await find_conflicts([upload_spec(key=key) for key in "abc"], store_of)
    assert keys_of(conflicts) == ["b"]
    assert conflicts[0].existing.size == 3
    assert conflicts[0].existing.modified is not None
    assert store.count == {"head": 3}


async def test_many_targets_are_looked_up_in_one_listing(
    store: ScriptedStore, store_of: StoreOf
) -> None:
    names = [f"to/{number:03}.jpg" for number in range(200)]
    await put(store, *names[::3], "to/000.jpg.bak", "to/9", "elsewhere")
    conflicts = await find_conflicts([upload_spec(key=key) for key in reversed(names)], store_of)
    assert sorted(keys_of(conflicts)) == names[::3]
    assert store.count == {"list_objects": 1}


async def test_stretches_without_targets_are_skipped(
    store: ScriptedStore, store_of: StoreOf
) -> None:
    await put(store, *(f"m/{number:05}" for number in range(8000)))
    targets = [f"m/{number:05}" for number in (*range(20), *range(7990, 8010))] + ["a", "z"]
    conflicts = await find_conflicts([upload_spec(key=key) for key in targets], store_of)
    assert sorted(keys_of(conflicts)) == [key for key in targets if "m/" in key and key < "m/08"]
    assert store.count["list_objects"] <= 3


async def test_very_many_targets_are_looked_up_at_several_places(
    store: ScriptedStore, store_of: StoreOf
) -> None:
    there = [f"d/{number:05}" for number in range(0, 5 * KEYS_PER_LOOK, 2)]
    await put(store, *there, *(f"c/{number:05}" for number in range(50)))
    specs = [upload_spec(key=f"d/{number:05}") for number in range(5 * KEYS_PER_LOOK)]
    inside = most_inside = 0
    list_objects = store.list_objects

    async def counted(*place: Any, **how: Any) -> Page:
        nonlocal inside, most_inside
        inside += 1
        most_inside = max(most_inside, inside)
        await asyncio.sleep(0)
        inside -= 1
        return await list_objects(*place, **how)

    store.list_objects = counted  # type: ignore[method-assign]
    assert keys_of(await find_conflicts(specs, store_of)) == there
    assert most_inside == 5
    assert store.count["list_objects"] <= 2 * 5


async def test_a_store_that_ignores_start_after_is_looked_through(
    store: ScriptedStore, store_of: StoreOf
) -> None:
    """It shows its first page time and again; who skips must not go round with it."""
    await put(store, *(f"k{number:04}" for number in range(2100)), "z")
    list_objects = store.list_objects

    async def deaf(*place: Any, **how: Any) -> Page:
        return await list_objects(*place, **(how | {"start_after": ""}))

    store.list_objects = deaf  # type: ignore[method-assign]
    specs = [upload_spec(key=f"k{number}") for number in range(2000, 2000 + 2 * FEW)]
    specs += [upload_spec(key="z"), upload_spec(key="a")]
    found = keys_of(await find_conflicts(specs, store_of))
    assert found == [*(f"k{number}" for number in range(2000, 2000 + 2 * FEW)), "z"]
    assert store.count["list_objects"] <= 5


async def test_odd_keys_are_found_too(store: ScriptedStore, store_of: StoreOf) -> None:
    names = [f"{odd}{number}" for odd in ("é", "\udcff", "😀", "//", "z") for number in range(5)]
    await put(store, *names)
    conflicts = await find_conflicts([upload_spec(key=key) for key in names], store_of)
    assert sorted(keys_of(conflicts)) == sorted(names)


async def test_where_we_may_not_look_something_may_be(
    store: ScriptedStore, store_of: StoreOf
) -> None:
    denied = PermissionDeniedError("no")
    store.fail("head", *[denied] * (FEW + 2))
    store.fail("list_objects", denied)
    (conflict,) = await find_conflicts([upload_spec(key="a")], store_of)
    assert conflict.existing.is_hidden
    names = FreeNames([conflict.spec], store_of)
    for policy in (ConflictPolicy.SKIP, ConflictPolicy.OVERWRITE):
        assert await decide(conflict, policy, names) == replace(conflict.spec, on_conflict=policy)
    many = [upload_spec(key=f"{number}") for number in range(FEW + 1)]
    assert all(each.existing.is_hidden for each in await find_conflicts(many, store_of))


async def test_no_name_is_free_where_we_may_not_look(
    store: ScriptedStore, store_of: StoreOf
) -> None:
    store.fail("head", PermissionDeniedError("no"))
    with pytest.raises(PermissionDeniedError):
        await FreeNames([], store_of).renamed(upload_spec(key="a"))


async def test_a_timeout_is_not_an_empty_folder(store: ScriptedStore, store_of: StoreOf) -> None:
    store.fail("head", UnavailableError("timeout"))
    with pytest.raises(UnavailableError):
        await find_conflicts([upload_spec(key="a")], store_of)
    store.fail("list_objects", UnavailableError("timeout"))
    with pytest.raises(UnavailableError):
        await find_conflicts([upload_spec(key=f"{number}") for number in range(30)], store_of)


async def test_local_targets(tmp_path: Path, store_of: StoreOf) -> None:
    (tmp_path / "file").write_text("12345")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to("absent")
    names = ["file", "folder", "dangling", "absent", "file/below"]
    conflicts = await find_conflicts(
        [download_spec(name, tmp_path / name) for name in names], store_of
    )
    found = {each.spec.target.name: each.existing for each in conflicts}  # type: ignore[union-attr]
    assert sorted(found) == ["dangling", "file", "folder"]
    assert (found["file"].size, found["file"].is_folder) == (5, False)
    assert found["folder"].is_folder
    assert existing_at(tmp_path / "absent") is None


async def test_folders_do_not_conflict(
    store: ScriptedStore, store_of: StoreOf, tmp_path: Path
) -> None:
    await put(store, "f/")
    remote = replace(upload_spec(key="f/"), is_folder=True)
    local = replace(download_spec("f/", tmp_path), is_folder=True)
    assert await find_conflicts([remote, local], store_of) == []


async def test_a_free_name_is_free_in_the_batch_and_at_the_target(
    store: ScriptedStore, store_of: StoreOf, tmp_path: Path
) -> None:
    await put(store, "p/a.txt", "p/a (2).txt")
    specs = [upload_spec(key="p/a.txt"), upload_spec(key="p/a (3).txt")]
    names = FreeNames(specs, store_of)
    renamed = await names.renamed(specs[0])
    assert renamed.target == at("p/a (4).txt")
    assert (await names.renamed(specs[0])).target == at("p/a (5).txt")

    (tmp_path / "a (2).txt").symlink_to("absent")
    local = download_spec("a.txt", tmp_path / "a.txt")
    assert (await FreeNames([local], store_of).renamed(local)).target == tmp_path / "a (3).txt"


async def test_a_renamed_key_is_not_too_long(store: ScriptedStore, store_of: StoreOf) -> None:
    spec = upload_spec(key="d/" * 400 + "é" * 110 + ".txt")
    target = (await FreeNames([spec], store_of).renamed(spec)).target
    assert isinstance(target, Address)
    assert len(target.location.key.encode()) <= 1024
    assert target.location.key.endswith("é (2).txt")


async def test_what_becomes_of_a_conflict(
    store: ScriptedStore, store_of: StoreOf, tmp_path: Path
) -> None:
    await put(store, "a")
    (conflict,) = await find_conflicts([upload_spec(key="a")], store_of)
    names = FreeNames([conflict.spec], store_of)
    assert await decide(conflict, ConflictPolicy.SKIP, names) is None
    for policy in (ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT):
        assert await decide(conflict, policy, names) == replace(conflict.spec, on_conflict=policy)
    renamed = await decide(conflict, ConflictPolicy.RENAME, names)
    assert renamed is not None
    assert renamed.target == at("a (2)")
    with pytest.raises(ValueError, match="decided"):
        await decide(conflict, ConflictPolicy.ASK, names)
