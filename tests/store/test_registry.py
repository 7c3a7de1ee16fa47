"""Stores are opened once, late, and closed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import NotFoundError, S4DeskError, UnavailableError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.registry import StoreRegistry

ID = ConnectionId("one")
CONNECTION = Connection(ID, "one", "memory:alpha,beta")


class NoSecrets:
    async def credentials(self, _connection):
        return None


class Book(dict):
    """The connections, by id."""


@pytest.fixture
def book():
    return Book({ID: CONNECTION})


@pytest.fixture
async def registry(book):
    registry = StoreRegistry(book, NoSecrets())
    yield registry
    await registry.aclose()


def test_importing_it_imports_no_s3_library():
    code = (
        "import sys; import s4desk.core.store.registry;"
        "print(*{'botocore', 'aiobotocore', 'aiohttp', 'awscrt', 'lxml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


async def test_a_memory_endpoint_is_a_store_in_memory(registry):
    store = await registry.get(ID)
    assert isinstance(store, MemoryStore)
    assert [bucket.name for bucket in await store.list_buckets()] == ["alpha", "beta"]


async def test_a_store_is_opened_once_even_by_many_at_once(registry):
    async def slow(*_asked):
        await asyncio.sleep(0)
        return MemoryStore()

    registry._openers["memory"] = slow
    stores = await asyncio.gather(*(registry.get(ID) for _ in range(5)))
    assert all(store is stores[0] for store in stores)


async def test_an_edited_connection_is_opened_anew(registry, book):
    before = await registry.get(ID)
    closed = []

    async def aclose():
        closed.append(True)

    before.aclose = aclose
    book[ID] = replace(CONNECTION, endpoint="memory:gamma")
    assert await registry.get(ID) is before
    await registry.forget(ID)
    after = await registry.get(ID)
    assert closed == [True]
    assert [bucket.name for bucket in await after.list_buckets()] == ["gamma"]


async def test_forgetting_what_is_not_open_is_nothing(registry):
    await registry.forget(ConnectionId("never"))


async def test_a_removed_connection_has_no_store(registry):
    with pytest.raises(NotFoundError):
        await registry.get(ConnectionId("gone"))


@pytest.mark.parametrize("endpoint", ["ftp://store.test", "store.test:9000"])
async def test_an_endpoint_without_http_is_told(registry, book, endpoint):
    book[ID] = replace(CONNECTION, endpoint=endpoint)
    with pytest.raises(S4DeskError, match="http"):
        await registry.get(ID)


async def test_a_failed_opening_is_tried_again(registry, book):
    book[ID] = replace(CONNECTION, endpoint="ftp://store.test")
    with pytest.raises(S4DeskError):
        await registry.get(ID)
    book[ID] = CONNECTION
    assert await registry.get(ID)


async def test_closing_closes_every_store(book):
    registry = StoreRegistry(book, NoSecrets())
    store = await registry.get(ID)
    closed = asyncio.Event()

    async def aclose():
        closed.set()

    store.aclose = aclose
    await registry.aclose()
    assert closed.is_set()


async def test_closing_goes_on_after_a_store_that_cannot_be_closed(book):
    book[ConnectionId("two")] = replace(CONNECTION, id=ConnectionId("two"))
    registry = StoreRegistry(book, NoSecrets())
    first, second = await registry.get(ID), await registry.get(ConnectionId("two"))
    closed = asyncio.Event()

    async def fail():
        raise UnavailableError("cannot close")

    async def aclose():
        closed.set()

    first.aclose, second.aclose = fail, aclose
    with pytest.raises(UnavailableError):
        await registry.aclose()
    assert closed.is_set()
