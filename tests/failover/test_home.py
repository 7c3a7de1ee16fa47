"""Whoever writes or deletes decides by what the first backend has, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, StoreError, UnavailableError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.properties import Pairs, PropertyChange
from s4desk.core.runtime.answers import stay_at_home, stay_at_home_of
from s4desk.core.transfer.editing import edit
from s4desk.core.transfer.locking import LockChange, change_lock
from tests.failover.groups import GROUP, K, world_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
REFUSALS = [UnavailableError("away"), PermissionDeniedError("no", status=403)]


@pytest.fixture(params=REFUSALS, ids=lambda each: type(each).__name__)
async def world(request):
    """The first backend answers no questions, and would take any write."""
    world = await world_of("ab")
    world.stores["a"].error = request.param
    return world


@pytest.mark.parametrize("begin", [stay_at_home, lambda: stay_at_home_of([GROUP])])
async def test_nothing_is_read_elsewhere(world, begin):
    begin()
    with pytest.raises(StoreError):
        await world.store.head(K)
    with pytest.raises(StoreError):
        await world.store.list_objects(Prefix("b"))
    with pytest.raises(StoreError):
        await world.store.get_tags(K)
    assert world.stores["b"].calls == []


async def test_other_groups_are_read_on(world):
    stay_at_home_of([ConnectionId("another")])
    assert (await world.store.head(K)).size


async def test_an_object_is_not_edited_by_what_another_has(world):
    change = PropertyChange(metadata=Pairs({"a": "b"}))
    with pytest.raises(StoreError):
        await edit(world.store, K, change, NOW)
    assert world.stores["b"].calls == []


async def test_a_lock_is_that_of_the_first(world):
    with pytest.raises(StoreError):
        await change_lock(world.store, (K, None), LockChange(legal_hold=True), NOW, is_dry=True)
    assert world.stores["b"].calls == []
