"""What a group says when nobody could be asked."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.failover.errors import AllDownError, BackendDownError, DegradedReadsOffError
from s4desk.core.store.memory import MemoryStore
from tests.failover.groups import GroupWorld

OBJECT = Location("photos", "a")


def world_of_two(**options) -> GroupWorld:
    return GroupWorld({name: MemoryStore(["photos"]) for name in "ab"}, **options)


async def test_all_that_are_down_are_named():
    world = world_of_two()
    for each in world.members:
        each.health.pretend_down(is_down=True)
    with pytest.raises(AllDownError) as of_object:
        await world.store.head(OBJECT)
    with pytest.raises(AllDownError) as of_listing:
        await world.store.list_objects(Prefix("photos"))
    for raised in (of_object, of_listing):
        told = raised.value.outcomes
        assert set(told) == {"a", "b"}
        assert all(isinstance(each, BackendDownError) for each in told.values())


async def test_who_wants_no_degraded_reads_is_told_so():
    world = world_of_two(degraded_reads=False)
    world.index.is_broken = True
    with pytest.raises(DegradedReadsOffError):
        await world.store.head(OBJECT)
