from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.store.check import ConnectionOutcome, check_connection
from s4desk.core.store.memory import MemoryStore
from s4desk.viewmodels.connection_outcome import describe_outcome


class Watch:
    """A clock that a quarter of a second passes on with each look."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += 0.25
        return self._now


def connection(bucket: str = "", prefix: str = "") -> Connection:
    return Connection(ConnectionId("1"), "Work", start_bucket=bucket, start_prefix=prefix)


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore(["one", "two"])
    for key in ("in/a", "in/b", "in/deep/c", "out"):
        await store.put(Location("one", key), b"x")
    return store


async def test_a_connection_is_tried_by_its_list_of_buckets(store):
    outcome = await check_connection(store, connection(), Watch())
    assert outcome == ConnectionOutcome(2, 0.25)
    assert describe_outcome(outcome) == "The connection works: 2 buckets, answered in 250 ms."


async def test_with_a_start_bucket_only_that_is_asked_for(store, monkeypatch):
    async def refuse() -> None:
        raise AssertionError("this key may not list buckets")

    monkeypatch.setattr(store, "list_buckets", refuse)
    outcome = await check_connection(store, connection("one", "in"), Watch())
    assert outcome == ConnectionOutcome(3, 0.25, Prefix("one", "in/"))
    assert "3 entries in s3://one/in/" in describe_outcome(outcome)


async def test_what_stands_in_the_way_is_raised(store):
    with pytest.raises(NotFoundError):
        await check_connection(store, connection("three"), Watch())


async def test_one_page_is_enough(store):
    for number in range(1001):
        await store.put(Location("two", f"{number}"), b"")
    outcome = await check_connection(store, connection("two"), Watch())
    assert (outcome.count, outcome.has_more) == (1000, True)
    assert "more than 1000 entries" in describe_outcome(outcome)
