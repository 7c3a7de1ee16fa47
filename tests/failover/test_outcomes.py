"""What a group says when nobody could be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import (
    CredentialsError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.domain.failover import Backend, UsageLimits
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    DegradedReadsOffError,
    HomeDownError,
    MixedOutcomeError,
    UsageLimitExceededError,
)
from s4desk.core.store.memory import MemoryStore
from s4desk.viewmodels.error_text import describe
from tests.failover.groups import GroupWorld, Turned

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


MAPPED = {name: Backend(ConnectionId(name), (("photos", f"photos-{name}"),)) for name in ("a", "b")}


def mapped_world() -> GroupWorld:
    """Two that call the bucket of the group otherwise."""
    stores = {name: Turned(MemoryStore([f"photos-{name}"])) for name in MAPPED}
    return GroupWorld(stores, backends=MAPPED)


def told_of(error) -> tuple[str, str, Location | None]:
    return error.backend, error.group, error.location


async def test_what_all_say_is_said_of_the_group():
    world = mapped_world()
    with pytest.raises(NotFoundError) as missing:
        await world.store.head(OBJECT)
    assert told_of(missing.value) == ("", "the group", OBJECT)
    with pytest.raises(NotFoundError) as missing:
        await world.store.list_objects(Prefix("nosuch", "a"))
    assert told_of(missing.value) == ("", "the group", Location("nosuch", ""))


async def test_what_one_says_is_said_by_its_name():
    world = mapped_world()
    world.stores["a"].error = PermissionDeniedError("no", location=Location("photos-a", "a"))
    with pytest.raises(PermissionDeniedError) as refused:
        await world.store.head(OBJECT)
    assert told_of(refused.value) == ("a", "the group", OBJECT)


async def test_keys_that_are_missing_are_those_of_one():
    world = mapped_world()
    world.stores["a"] = CredentialsError("no keys")
    with pytest.raises(CredentialsError) as keyless:
        await world.store.head(OBJECT)
    assert describe(keyless.value).startswith("a: no keys.")


async def test_what_is_written_at_home_is_missing_there():
    world = mapped_world()
    with pytest.raises(NotFoundError) as missing:
        await world.store.delete_bucket("nosuch")
    assert told_of(missing.value) == ("a", "the group", Location("nosuch", ""))


async def test_a_bucket_of_which_nobody_knows_is_named():
    world = mapped_world()
    world.stores["a"].error = UnavailableError("away", location=Location("photos-a", ""))
    for ask in (
        lambda: world.store.list_objects(Prefix("nosuch")),
        lambda: world.store.head_bucket("nosuch"),
    ):
        with pytest.raises(MixedOutcomeError) as unknown:
            await ask()
        assert told_of(unknown.value) == ("", "the group", Location("nosuch", ""))


async def test_a_folder_of_which_nobody_knows_is_the_groups():
    world = mapped_world()
    world.members[0].health.pretend_down(is_down=True)
    with pytest.raises(MixedOutcomeError) as unknown:
        await world.store.list_objects(Prefix("photos", "folder/"))
    assert told_of(unknown.value) == ("", "the group", Location("photos", "folder/"))


async def test_it_is_named_whom_nobody_stands_in_for():
    limited = replace(MAPPED["a"], limits=UsageLimits(requests=1))
    world = GroupWorld(mapped_world().stores, backends={**MAPPED, "a": limited})
    await world.store.list_versions(Prefix("photos"))
    for asking in (
        world.store.list_versions(Prefix("photos")),
        world.store.at_home().list_objects(Prefix("photos")),
    ):
        with pytest.raises(UsageLimitExceededError) as left_out:
            await asking
        said = describe(left_out.value)
        assert said == (
            "a: This would take this member of the group beyond its limit: at most 1 request a"
            " month. a is the first member of the group: no other stands in for it here. Raise that"
            " limit in the group, or with “s4desk group limits”; else wait until the month has"
            " ended (in UTC)."
        )
    world = mapped_world()
    world.members[0].health.pretend_down(is_down=True)
    for looking in (
        world.store.list_versions(Prefix("photos")),
        world.store.at_home().list_objects(Prefix("photos")),
        world.store.at_home().head(Location("photos", "x")),
    ):
        with pytest.raises(HomeDownError) as left_alone:
            await looking
        assert describe(left_alone.value).startswith("a is down, the first member")
        assert not left_alone.value.retryable


async def test_who_waits_for_a_way_to_the_first_goes_on_waiting():
    world = mapped_world()
    for _ in range(5):
        world.members[0].health.failed(UnreachableError("no route"))
    with pytest.raises(UnreachableError, match="no route") as away:
        await world.store.at_home().head(Location("photos", "x"))
    assert away.value.backend == "a"
