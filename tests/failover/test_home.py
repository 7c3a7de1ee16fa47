"""Whoever writes or deletes decides by what the first backend has, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import PermissionDeniedError, StoreError, UnavailableError
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, Transfer, TransferId, TransferSpec
from s4desk.core.failover.opening import GroupStore
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.registry import GivenSecrets, StoreRegistry
from s4desk.core.transfer.whereabouts import Whereabouts
from tests.failover.groups import GROUP, K, fetched, world_of

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
