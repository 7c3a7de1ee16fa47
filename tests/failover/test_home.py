"""Whoever writes or deletes decides by what the first backend has, and by nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import (
    NotFoundError,
    PermissionDeniedError,
    StalledError,
    StoreError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix, UploadId
from s4desk.core.domain.transfer import Direction, Transfer, TransferId, TransferSpec
from s4desk.core.failover.errors import HomeDownError, WritesRefusedError
from s4desk.core.failover.opening import GroupStore
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.registry import GivenSecrets, StoreRegistry
from s4desk.core.transfer.whereabouts import Whereabouts
from s4desk.core.wire.body import BytesSink
from s4desk.viewmodels.error_text import describe, fault_of
from tests.failover.groups import GROUP, K, fetched, turns, world_of

PLAIN = ConnectionId("plain")
REFUSALS = [UnavailableError("away"), PermissionDeniedError("no", status=403)]


@pytest.fixture(params=REFUSALS, ids=lambda each: type(each).__name__)
async def world(request):
    """The first backend answers no questions, and would take any write."""
    world = await world_of("ab")
    world.stores["a"].error = request.param
    return world


async def test_nothing_is_read_elsewhere(world):
    home = world.store.at_home()
    for asked in (
        home.head(K),
        home.get_tags(K),
        home.list_objects(Prefix("b")),
        home.list_buckets(),
        home.head_bucket("b"),
    ):
        with pytest.raises(StoreError):
            await asked
    assert world.stores["b"].calls == []


async def test_what_merely_reads_is_served_by_any(world):
    assert (await world.store.head(K)).size
    assert (await world.store.list_objects(Prefix("b"))).keys


async def test_what_is_written_at_home_is_read_by_its_new_name():
    world = await world_of("ab")
    await fetched(world)
    await world.store.at_home().put(K, b"another")
    content, _, _ = await fetched(world)
    assert content == b"another"


class Book:
    connections = (
        Connection(id=GROUP, name="G", endpoint="group:group"),
        Connection(id=PLAIN, name="P", endpoint="memory:b"),
    )

    def get(self, id_):
        return next((each for each in self.connections if each.id == id_), None)

    def all(self):
        return self.connections


@pytest.fixture
async def stores(world):
    async def open_group(_connection, _secrets, _capabilities, attempts):
        return GroupStore(world.reader, world.clock, 1)

    registry = StoreRegistry(Book(), GivenSecrets(None))
    registry.open_with("group", open_group)
    yield registry
    await registry.aclose()


async def test_only_who_says_so_reads_elsewhere(stores, world):
    with pytest.raises(StoreError):
        await (await stores.get(GROUP)).head(K)
    assert (await (await stores.to_read(GROUP)).head(K)).size
    assert isinstance(await stores.to_read(PLAIN), MemoryStore)


HERE, THERE = Address(GROUP, K), Address(PLAIN, Location("b", "other"))
FILE = Path("file")


@pytest.mark.parametrize(
    ("direction", "source", "target", "is_move", "is_read_on"),
    [
        (Direction.DOWNLOAD, HERE, FILE, False, True),
        (Direction.DOWNLOAD, HERE, FILE, True, False),
        (Direction.UPLOAD, FILE, HERE, False, False),
        (Direction.COPY, HERE, THERE, False, True),
        (Direction.COPY, HERE, THERE, True, False),
        (Direction.COPY, THERE, HERE, False, False),
        (Direction.COPY, HERE, HERE, False, False),
    ],
)
async def test_a_transfer_reads_on_what_it_leaves_as_it_is(
    stores, direction, source, target, is_move, is_read_on
):
    spec = TransferSpec(direction, source, target, removes_source=is_move)
    where = Whereabouts(Book().get, stores.get, stores.to_read, lambda _: True)
    store = await where.store_of(Transfer(TransferId(1), spec))(GROUP)
    if is_read_on:
        assert (await store.head(K)).size
    else:
        with pytest.raises(StoreError):
            await store.head(K)


async def test_a_transfer_of_which_nobody_says_so_reads_on_nowhere(stores):
    where = Whereabouts(Book().get, stores.get, stores.to_read)
    spec = TransferSpec(Direction.DOWNLOAD, HERE, FILE)
    with pytest.raises(StoreError):
        await (await where.store_of(Transfer(TransferId(1), spec))(GROUP)).head(K)


def _unfinished(store):
    return store.list_uploads(Prefix("b"))


OF_HOME_ALONE = {
    "versions": lambda store: store.list_versions(Prefix("b")),
    "configuration": lambda store: store.get_document("b", ConfigKind.TAGGING),
    "configurations": lambda store: store.list_document_ids("b", ConfigKind.INVENTORY),
    "uploads": _unfinished,
    "parts": lambda store: store.list_parts(K, UploadId("u")),
}
WRITES = {
    "put": lambda store: store.put(K, b"new"),
    "delete": lambda store: store.delete(K),
    "configure": lambda store: store.delete_document("b", ConfigKind.TAGGING),
}
AT_HOME = {
    "head": lambda store: store.at_home().head(K),
    "get": lambda store: store.at_home().get(K, BytesSink()),
    "lock": lambda store: store.at_home().get_lock(K),
    "listing": lambda store: store.at_home().list_objects(Prefix("b")),
}


@pytest.mark.parametrize(
    "ask",
    [*OF_HOME_ALONE.values(), *WRITES.values(), *AT_HOME.values()],
    ids=[*OF_HOME_ALONE, *WRITES, *AT_HOME],
)
@pytest.mark.parametrize("error", [UnavailableError("away"), UnreachableError("no route")])
async def test_that_nobody_stands_in_is_said_at_the_first_failure(ask, error):
    world = await world_of("ab")
    world.stores["a"].error = error
    with pytest.raises(type(error)) as raised:
        await ask(world.store)
    assert raised.value is error
    assert raised.value.retryable
    assert "a is the first member of the group: no other stands in" in describe(error)
    # What is told of the member itself does not say so.
    status = world.member("a").health.report
    assert fault_of(status.error).endswith(f"({error.detail}).")


async def test_that_nobody_stands_in_is_said_where_there_is_no_way_to_it_any_more():
    world = await world_of("ab")
    for _ in range(5):
        world.member("a").health.failed(UnreachableError("no route"))
    with pytest.raises(UnreachableError) as raised:
        await world.store.list_versions(Prefix("b"))
    assert "no other stands in for it here" in describe(raised.value)


@pytest.mark.parametrize("error", [NotFoundError("no"), PermissionDeniedError("no", status=403)])
async def test_what_the_first_has_answered_is_no_failure_of_it(error):
    world = await world_of("ab")
    world.stores["a"].error = error
    with pytest.raises(type(error)):
        await world.store.at_home().head(K)
    assert "stands in" not in describe(error)


async def test_what_any_may_serve_says_nothing_of_stand_ins():
    world = await world_of("ab")
    for store in world.stores.values():
        store.error = UnavailableError("away")
    with pytest.raises(UnavailableError) as raised:
        await world.store.head(K)
    assert "stands in" not in describe(raised.value)


@pytest.mark.parametrize("ask", OF_HOME_ALONE.values(), ids=OF_HOME_ALONE)
async def test_who_only_reads_is_not_told_that_nothing_was_written(ask):
    world = await world_of("ab")
    world.member("a").health.pretend_down(is_down=True)
    with pytest.raises(HomeDownError) as raised:
        await ask(world.store)
    assert not isinstance(raised.value, WritesRefusedError)
    assert "written" not in describe(raised.value)


@pytest.mark.parametrize("ask", WRITES.values(), ids=WRITES)
async def test_who_writes_is_told_that_nothing_was(ask):
    world = await world_of("ab")
    world.member("a").health.pretend_down(is_down=True)
    with pytest.raises(WritesRefusedError):
        await ask(world.store)


async def test_a_configuration_that_does_not_come_is_not_waited_for():
    world = await world_of("ab")
    world.stores["a"].stick()
    asked = asyncio.ensure_future(OF_HOME_ALONE["configuration"](world.store))
    await turns()
    world.clock.advance(world.group.timeout_s)
    with pytest.raises(StalledError):
        await asked


async def test_pages_that_come_one_after_the_other_may_take_their_time():
    world = await world_of("ab")
    world.stores["a"].stick()
    asked = asyncio.ensure_future(_unfinished(world.store))
    await turns()
    world.clock.advance(world.group.timeout_s)
    await turns()
    world.stores["a"].go_on()
    assert await asked == []
