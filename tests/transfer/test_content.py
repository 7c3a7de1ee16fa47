"""What a selection holds is known again, and so is what has changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.transfer.content import FEW, content_of
from tests.transfer.specs import BUCKET

if TYPE_CHECKING:
    from s4desk.core.transfer.selection import Selected
    from tests.transfer.world import World


async def fill(world: World, count: int = 3) -> list[Selected]:
    return [await world.object(f"p/{number:03}", b"old") for number in range(count)]


@pytest.mark.parametrize("count", [3, FEW + 1])
@pytest.mark.parametrize("is_folder", [False, True])
async def test_what_is_replaced_or_gone_or_new_is_seen(
    world: World, count: int, is_folder: bool
) -> None:
    alone = await fill(world, count)
    selection: list[Selected] = [Prefix(BUCKET, "p/")] if is_folder else alone
    before = await content_of(world.store, selection)
    assert before.keys() == set(alone)
    assert await content_of(world.store, selection) == before
    await world.object("p/001", b"new")
    after = await content_of(world.store, selection)
    assert {each.key for each in before if before[each] != after[each]} == {"p/001"}
    await world.store.delete(Location(BUCKET, "p/001"))
    assert (await content_of(world.store, selection)).keys() == {
        each for each in before if each.key != "p/001"
    }
    await world.object("p/x", b"new")
    assert (Location(BUCKET, "p/x") in await content_of(world.store, selection)) is is_folder


async def test_many_of_one_folder_are_listed(world: World) -> None:
    alone = await fill(world, FEW + 1)
    await content_of(world.store, alone)
    assert (world.store.count["head"], world.store.count["list_objects"] > 0) == (0, True)
    await content_of(world.store, alone[:FEW])
    assert world.store.count["head"] == FEW
