"""All groups of the desk: opened, watched, and told about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from s4desk.core.domain.breaker import FAILURES, OPEN_S, BreakerState
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import (
    CredentialsError,
    PermissionDeniedError,
    S4DeskError,
    ThrottledError,
    UnavailableError,
)
from s4desk.core.domain.failover import Answer, Backend, FailoverGroup
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.failover.errors import UsageLimitExceededError
from s4desk.core.failover.index import Copy
from s4desk.core.failover.service import KEEP_S, PROBE_REST_S, Groups
from s4desk.core.failover.telling import TELL_S
from s4desk.core.failover.usage import Usage, UsageLoss
from s4desk.core.store.memory import MemoryStore
from tests.failover.groups import CONTENT, HandClock, K, Turned, limited, turns
from tests.failover.memory_index import MemoryIndex
from tests.failover.test_usage import Shelf

G, A, B = (ConnectionId(name) for name in ("group", "a", "b"))
AWAY = UnavailableError("away")


class Indexes:
    is_available = True

    def __init__(self):
        self.indexes = {}
        self.is_closed = False

    def of(self, group):
        return self.indexes.setdefault(group, MemoryIndex())

    async def aclose(self):
        self.is_closed = True


class Book:
    def __init__(self, *connections):
        self.connections = {each.id: each for each in connections}

    def get(self, id_):
        return self.connections.get(id_)

    def all(self):
        return list(self.connections.values())


def group_of(*backends, id_=G, **options):
    members = [each if isinstance(each, Backend) else Backend(each) for each in backends]
    group = FailoverGroup(tuple(members), **options)
    return Connection(id=id_, name=f"{id_}'s name", endpoint="group:", group=group)


class Desk:
    def __init__(self, group=None, names="ab"):
        plain = [Connection(id=ConnectionId(name), name=name.upper()) for name in names]
        self.book = Book(group or group_of(A, B), *plain)
        self.stores = {ConnectionId(name): Turned(MemoryStore(["b"])) for name in names}
        self.clock = HandClock()
        self.indexes, self.shelf, self.changes = Indexes(), Shelf(), []
        self.groups = Groups(
            self.book, self._store_of, self.indexes, self.shelf, self.clock, self.changes.append
        )

    async def _store_of(self, id_):
        found = self.stores[id_]
        if isinstance(found, Exception):
            raise found
        return found

    async def open(self, id_=G):
        for each in self.stores.values():
            if isinstance(each, Turned):
                await each.memory.put(K, CONTENT)
        store = await self.groups.open(self.book.get(id_), attempts=1)
        return store.to_read


@pytest.fixture
async def desk():
    made = Desk()
    yield made
    made.shelf.error = None
    await made.groups.aclose()


async def test_what_is_no_group_is_none(desk):
    assert desk.groups.status(A) is None
    assert await desk.groups.look(A) is None
    assert desk.groups.behind(A, "b", True) is None
    with pytest.raises(UnavailableError):
        await desk.groups.open(desk.book.get(A))


async def test_a_group_tells_how_it_is(desk):
    store = await desk.open()
    desk.stores[A].error = AWAY
    for _ in range(5):
        await store.head(K)
    status = desk.groups.status(G)
    assert status.is_degraded
    assert status.month == "2026-11"
    first, second = status.backends
    assert (first.name, first.health.state, first.health.error) == ("A", BreakerState.OPEN, AWAY)
    assert first.health.probe_in_s >= 300
    assert (second.health.is_well, second.used) == (True, Usage(requests=5))
    assert status.last == Answer(B, is_failover=True, may_be_old=True)
    assert (status.counters.reads, status.counters.failovers) == (5, 5)


async def test_a_group_without_its_index_is_degraded(desk):
    assert not desk.groups.status(G).is_degraded
    desk.indexes.is_available = False
    assert desk.groups.status(G).is_degraded


async def test_what_is_not_counted_is_told(desk):
    assert desk.groups.status(G).usage_lost is None
    desk.shelf.lost = lost = UsageLoss(desk.clock.now(), "usage.damaged", is_news=True)
    assert (await desk.groups.look(G)).usage_lost == desk.groups.usage_lost == lost


async def test_a_change_is_told_once(desk):
    store = await desk.open()
    for _ in range(5):
        await store.head(K)
    assert desk.changes == [G]
    desk.groups.pretend_down(G, A, is_down=True)
    assert len(desk.changes) == 2


async def test_why_another_had_to_list_it_is_known(desk):
    store = await desk.open()
    desk.stores[A].error = refusal = PermissionDeniedError("no listing")
    await store.list_objects(K.parent)
    assert desk.groups.status(G).refusal is refusal
    desk.stores[A].error = None
    await store.list_objects(K.parent)
    assert desk.groups.status(G).refusal is None


async def test_who_was_left_alone_for_its_time_is_asked_and_nobody_else(desk):
    store = await desk.open()
    desk.stores[A].error = AWAY
    for _ in range(FAILURES):
        await store.head(K)
    desk.stores[A].error = None
    await desk.groups.probe(G)
    assert desk.groups.status(G).backends[0].health.state is BreakerState.OPEN
    desk.clock.advance(2 * OPEN_S)
    before = len(desk.stores[B].calls)
    await desk.groups.probe(G)
    assert desk.groups.status(G).backends[0].health.is_well
    assert len(desk.stores[B].calls) == before


async def test_who_asks_for_patience_has_it_while_somebody_looks(desk):
    """That closes no breaker and opens none: its time is over again at once."""
    store = await desk.open()
    desk.stores[A].error = AWAY
    for _ in range(FAILURES):
        await store.head(K)
    desk.clock.advance(2 * OPEN_S)
    desk.stores[A].error = ThrottledError("slow down", code="SlowDown", status=503)
    before = len(desk.stores[A].calls)
    for _ in range(int(PROBE_REST_S)):
        await desk.groups.probe(G)
        desk.clock.advance(1.0)
    assert len(desk.stores[A].calls) == before + 1
    await desk.groups.probe(G)
    assert len(desk.stores[A].calls) == before + 2


async def test_answers_that_change_by_the_request_are_told_now_and_then(desk):
    store = await desk.open()
    for at in range(50):
        desk.stores[A].error = PermissionDeniedError("no") if at % 2 else None
        await store.head(K)
    assert desk.changes == [G]
    desk.clock.advance(TELL_S)
    await turns()
    assert desk.changes == [G] * 2
    assert desk.groups.status(G).last == Answer(B, is_failover=True, may_be_old=True)


async def test_a_breaker_that_opens_is_told_though_the_same_one_answers(desk):
    store = await desk.open()
    desk.stores[A].error = AWAY
    states = []
    for _ in range(FAILURES):
        desk.clock.advance(TELL_S)
        await turns()
        before = len(desk.changes)
        await store.head(K)
        desk.clock.advance(TELL_S)
        await turns()
        states.append((len(desk.changes) - before, desk.groups.status(G).backends[0].health.state))
    first, *between, last = states
    assert (first, last) == ((1, BreakerState.CLOSED), (1, BreakerState.OPEN))
    assert between == [(0, BreakerState.CLOSED)] * (FAILURES - 2)


async def test_another_failure_of_a_backend_is_told(desk):
    store = await desk.open()
    for error in (AWAY, AWAY, UnavailableError("far away")):
        desk.stores[A].error = error
        desk.clock.advance(TELL_S)
        await store.head(K)
    assert desk.changes == [G] * 2


async def test_usage_is_told_when_it_is_put_down(desk):
    store = await desk.open()
    desk.groups.start()
    await turns()
    for _ in range(5):
        await store.head(K)
        desk.clock.advance(KEEP_S / 100)
    assert desk.changes == [G]
    desk.clock.advance(KEEP_S)
    await turns()
    assert desk.changes == [G] * 2
    # Nobody has used it since.
    desk.clock.advance(KEEP_S)
    await turns()
    assert desk.changes == [G] * 2


async def test_to_look_asks_everybody(desk):
    desk.stores[A].error = AWAY
    for _ in range(5):
        status = await desk.groups.look(G)
    assert [each.health.is_well for each in status.backends] == [False, True]
    desk.stores[A].error = None
    status = await desk.groups.look(G)
    assert all(each.health.is_well for each in status.backends)


async def test_a_drill_ends(desk):
    store = await desk.open()
    desk.groups.pretend_down(G, A, is_down=True)
    await store.head(K)
    assert desk.groups.status(G).last == Answer(B, is_failover=True, may_be_old=True)
    desk.groups.pretend_down(G, A, is_down=False)
    await store.head(K)
    assert desk.groups.status(G).last == Answer(A)


async def test_it_can_be_tried_at_once(desk):
    store = await desk.open()
    desk.stores[A].error = AWAY
    for _ in range(5):
        await store.head(K)
    desk.stores[A].error = None
    desk.groups.try_now(G, A)
    await store.head(K)
    assert desk.groups.status(G).last == Answer(A)


async def test_what_is_known_of_a_backend_is_known_in_all_groups(desk):
    other = group_of(B, A, id_=ConnectionId("other"))
    desk.book.connections[other.id] = other
    store = await desk.open()
    desk.stores[A].error = AWAY
    for _ in range(5):
        await store.head(K)
    assert not desk.groups.status(other.id).backends[1].health.is_well


async def test_a_member_that_was_removed_is_unavailable(desk):
    """And nobody takes it for a store that has nothing."""
    store = await desk.open()
    del desk.book.connections[A], desk.book.connections[B]
    with pytest.raises(UnavailableError):
        await store.head(K)
    with pytest.raises(UnavailableError):
        await store.put(K, b"")


async def test_the_others_are_read_when_one_was_removed(desk):
    store = await desk.open()
    del desk.book.connections[A]
    assert (await store.head(K)).size == len(CONTENT)


async def test_a_group_is_no_backend(desk):
    desk.book.connections[A] = group_of(B, id_=A)
    store = await desk.open()
    assert (await store.head(K)).size
    assert desk.groups.status(G).last == Answer(B, is_failover=True, may_be_old=True)


async def test_keys_that_are_missing_are_a_failure(desk):
    store = await desk.open()
    desk.stores[A] = CredentialsError("none")
    assert (await store.head(K)).size
    assert isinstance(desk.groups.status(G).backends[0].health.error, CredentialsError)


async def test_a_backend_that_was_edited_is_well_until_it_is_not(desk):
    store = await desk.open()
    desk.stores[A].error = AWAY
    for _ in range(5):
        await store.head(K)
    desk.groups.connections_changed()
    assert not desk.groups.status(G).backends[0].health.is_well
    desk.book.connections[A] = Connection(id=A, name="A", endpoint="https://elsewhere.test")
    desk.groups.connections_changed()
    assert desk.groups.status(G).backends[0].health.is_well


async def test_what_is_asked_again_asks_everybody_again(desk):
    await desk.open()
    store = (await desk.groups.open(desk.book.get(G), attempts=3)).to_read
    desk.stores[A].error = desk.stores[B].error = AWAY

    async def impatient(_):
        await turns(1)

    desk.clock.sleep = impatient
    with pytest.raises(UnavailableError):
        await store.head(K)
    assert [desk.stores[each].count("head") for each in (A, B)] == [3, 3]


# Usage


async def test_what_was_used_is_put_down_now_and_then(desk):
    store = await desk.open()
    desk.groups.start()
    await turns()
    await store.head(K)
    calls = desk.shelf.calls
    desk.clock.advance(KEEP_S)
    await turns()
    assert desk.shelf.kept[G, "2026-11"] == {A: Usage(requests=1)}
    # Nothing was used since.
    desk.clock.advance(KEEP_S)
    await turns()
    assert desk.shelf.calls == calls + 1
    await desk.groups.aclose()


async def test_it_is_put_down_once_when_all_ends(desk):
    store = await desk.open()
    desk.groups.start()
    await turns()
    await store.head(K)
    desk.clock.advance(KEEP_S)
    await desk.groups.aclose()
    assert desk.shelf.kept[G, "2026-11"] == {A: Usage(requests=1)}
    assert desk.indexes.is_closed


async def test_it_counts_after_a_restart():
    group = group_of(limited("a", requests=2))
    before = Desk(group)
    store = await before.open()
    for _ in range(2):
        await store.head(K)
    await before.groups.aclose()
    after = Desk(group)
    after.shelf = before.shelf
    after.groups = Groups(after.book, after._store_of, after.indexes, after.shelf, after.clock)
    store = await after.open()
    with pytest.raises(UsageLimitExceededError):
        await store.head(K)


async def test_it_is_no_reason_to_read_nothing(desk, expected_logs):
    desk.shelf.error = S4DeskError("no space")
    store = await desk.open()
    assert (await store.head(K)).size
    await desk.groups.aclose()
    assert len(expected_logs) == 2


# Who holds what


NAMED = Backend(B, (("here", "there"),))


@pytest.mark.parametrize(
    ("source", "made", "known"),
    [
        (Location("here", "k"), Location("there", "k"), Location("here", "k")),
        (Location("here", "k"), Location("there", "copies/k"), None),
        (Location("other", "k"), Location("there", "k"), None),
        (Location("plain", "k"), Location("plain", "k"), Location("plain", "k")),
        (Location("here", "k"), Location("here", "k"), None),
    ],
)
async def test_a_replica_is_known_of_where_it_is_one_of_the_group(source, made, known):
    desk = Desk(group_of(A, NAMED))
    desk.groups.replicated(A, source, Copy(made, B, "etag", 5))
    index = desk.indexes.of(G)
    for place in {source, made}:
        copies = await index.copies(place)
        assert copies == ([Copy(place, B, "etag", 5)] if place == known else [])


async def test_replicas_for_others_are_not(desk):
    desk.groups.replicated(A, K, Copy(K, ConnectionId("stranger"), "etag", 5))
    desk.groups.replicated(ConnectionId("stranger"), K, Copy(K, B, "etag", 5))
    assert await desk.indexes.of(G).copies(K) == []


async def test_writes_go_to_the_first_by_its_name():
    desk = Desk(group_of(NAMED, A))
    assert desk.groups.behind(G, "here", True) == (B, "there")
    desk.groups.pretend_down(G, B, is_down=True)
    assert desk.groups.behind(G, "here", True) == (B, "there")
    assert desk.groups.behind(G, "here", False) == (A, "here")


def placed(connection, bucket):
    return Address(ConnectionId(connection), Location(bucket, "k"))


@pytest.mark.parametrize(
    ("written", "may"),
    [
        ([], True),
        ([placed("elsewhere", "b")], True),
        ([placed("a", "b")], False),
        ([placed("a", "another")], True),
        # The same store by another connection.
        ([placed("also a", "b")], False),
        ([placed("b", "b")], False),
        # Another group with the same first backend, which calls the bucket otherwise.
        ([placed("group 2", "c")], False),
        ([placed("group 2", "b")], True),
        ([placed("elsewhere", "b"), placed("a", "b")], False),
    ],
)
def test_nobody_stands_in_for_what_is_written_by_another_name(written, may):
    desk = Desk()
    other = Backend(A, (("c", "b"), ("b", "d")))
    endpoints = {
        "a": "http://a",
        "also a": "http://A:80/",
        "b": "http://b",
        "elsewhere": "http://c",
    }
    desk.book = Book(
        group_of(A, B),
        group_of(other, id_=ConnectionId("group 2")),
        *(Connection(ConnectionId(name), name, url) for name, url in endpoints.items()),
    )
    groups = Groups(desk.book, desk._store_of, desk.indexes, desk.shelf, desk.clock)
    assert groups.may_stand_in(placed(G, "b"), written) == may
    assert not groups.may_stand_in(placed("a", "b"), [])
    assert not groups.may_stand_in(Path("file"), written)


def test_a_place_that_a_profile_names_is_the_same_place():
    desk = Desk()
    by_name = Connection(ConnectionId("by profile"), "P", "")
    desk.book = Book(group_of(A, B), Connection(A, "A", "http://a"), by_name)
    groups = Groups(
        desk.book,
        desk._store_of,
        desk.indexes,
        desk.shelf,
        desk.clock,
        reached=lambda each: each if each != by_name else replace(each, endpoint="http://a"),
    )
    assert not groups.may_stand_in(placed(G, "b"), [placed("by profile", "b")])
    assert groups.may_stand_in(placed(G, "b"), [placed("by profile", "another")])
