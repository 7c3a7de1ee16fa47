"""What each member of a group holds, side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import MalformedReplyError, NotFoundError, UnavailableError
from s4desk.core.domain.failover import Backend
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes, Checksum
from s4desk.core.domain.replication.stamp import Stamp, stamped
from s4desk.core.failover.holdings import Standing
from s4desk.core.failover.merged import MergedView
from s4desk.core.store.memory import MemoryStore
from tests.failover.groups import GroupWorld, limited
from tests.transfer.scripted_store import ScriptedStore

BUCKET = "photos"
MARKS = {
    Standing.SAME: "=",
    Standing.OTHER: "x",
    Standing.UNPROVED: "?",
    Standing.MISSING: "-",
    Standing.UNREAD: "!",
}


def stores_of(names: str) -> dict[str, ScriptedStore]:
    return {name: ScriptedStore(MemoryStore([BUCKET])) for name in names}


async def put(store, key, data, bucket=BUCKET, **more):
    return await store.put(Location(bucket, key), data, **more)


async def in_parts(store, key, *parts, attributes=NO_ATTRIBUTES):
    """The same bytes with an ETag that says nothing of them."""
    location = Location(BUCKET, key)
    upload = await store.create_multipart(location, attributes=attributes)
    receipts = [
        await store.put_part(location, upload, number, part) for number, part in enumerate(parts, 1)
    ]
    await store.complete_multipart(location, upload, receipts)


def made_of(etag, size):
    stamp = Stamp(etag, None, 1, size)
    return Attributes(metadata=stamped({}, stamp, Location(BUCKET, "k")))


class SummingStore(MemoryStore):
    """Keeps a sum of all bytes of what it holds: here what a test says."""

    def __init__(self, buckets, kept) -> None:
        super().__init__(buckets)
        self._kept = kept

    async def head(self, location, *, version=None):
        found = await super().head(location, version=version)
        return replace(found, checksum=Checksum("sha256", self._kept))


async def seen(world, prefix=""):
    """The view, and what it tells: the key, and a mark for each member."""
    view = MergedView(world.members, Prefix(BUCKET, prefix))
    rows = [row async for some in view.rows() for row in some]
    marks = ["".join(MARKS[each.standing] for each in row.holdings) for row in rows]
    return view.summary, [f"{row.key} {mark}" for row, mark in zip(rows, marks, strict=True)], rows


async def test_each_key_comes_once_in_order_with_who_holds_it():
    stores = stores_of("abc")
    for key, data, names in (
        ("a", b"1", "abc"),
        ("b", b"22", "b"),
        ("c", b"3", "ac"),
        ("d/é", b"4", "abc"),
    ):
        for name in names:
            await put(stores[name], key, data)
    await put(stores["c"], "a", b"11")
    summary, told, rows = await seen(GroupWorld(stores))
    assert told == ["a ==x", "b -=-", "c =-=", "d/é ==="]
    assert (summary.keys, summary.same, summary.is_alike) == (4, 1, False)
    a, b, c = summary.members
    assert [(m.held, m.missing, m.other, m.only, m.size) for m in (a, b, c)] == [
        (3, 1, 0, 0, 3),
        (3, 1, 0, 1, 4),
        (3, 1, 1, 0, 4),
    ]
    assert [row.only_at for row in rows] == [None, 1, None, None]
    assert rows[1].is_missing_at(0)
    assert not rows[1].is_missing_at(1)


async def test_only_what_is_below_the_prefix_is_told():
    stores = stores_of("ab")
    for key in ("in/a", "in/b", "out"):
        await put(stores["a"], key, b"1")
    _, told, _ = await seen(GroupWorld(stores), "in/")
    assert told == ["in/a =-", "in/b =-"]


async def test_members_that_hold_the_same_are_alike():
    stores = stores_of("ab")
    for store in stores.values():
        for number in range(2500):
            await put(store.memory, f"{number:05}", b"x")
    summary, told, _ = await seen(GroupWorld(stores))
    assert len(told) == 2500
    assert summary.is_alike
    # Nobody was asked about one object: listings tell it all.
    assert stores["a"].count == stores["b"].count == {"list_objects": 3}


async def test_a_replica_is_the_same_by_what_it_is_stamped_with():
    stores = stores_of("abc")
    await in_parts(stores["a"], "k", b"same")
    listed = await stores["a"].list_objects(Prefix(BUCKET))
    await put(stores["b"], "k", b"same", attributes=made_of(listed.etags[0], 4))
    await put(stores["c"], "k", b"same", attributes=made_of("another", 4))
    _, told, _ = await seen(GroupWorld(stores))
    assert told == ["k ==x"]


async def test_two_replicas_of_one_object_are_the_same():
    stores = stores_of("ab")
    await put(stores["a"], "k", b"same", attributes=made_of("of-both", 4))
    await in_parts(stores["b"], "k", b"same", attributes=made_of("of-both", 4))
    _, told, _ = await seen(GroupWorld(stores))
    assert told == ["k =="]


@pytest.mark.parametrize(("other", "said"), [("1", "k =="), ("2", "k =x")])
async def test_sums_of_all_bytes_prove_it(other, said):
    stores = {"a": SummingStore([BUCKET], "1"), "b": SummingStore([BUCKET], other)}
    await in_parts(stores["a"], "k", b"same")
    await put(stores["b"], "k", b"same")
    _, told, _ = await seen(GroupWorld(stores))
    assert told == [said]


async def test_one_size_and_other_etags_prove_nothing():
    stores = stores_of("ab")
    await in_parts(stores["a"], "k", b"same")
    await put(stores["b"], "k", b"same")
    summary, told, _ = await seen(GroupWorld(stores))
    assert told == ["k =?"]
    assert summary.members[1].unproved == 1


async def test_a_member_that_is_down_is_left_out_and_said():
    stores = {**stores_of("a"), "b": UnavailableError("nobody answers")}
    await put(stores["a"], "k", b"1")
    summary, told, rows = await seen(GroupWorld(stores))
    assert told == ["k =!"]
    assert not summary.is_alike
    assert summary.members[1].unread == 1
    assert isinstance(summary.members[1].error, UnavailableError)
    assert not rows[0].is_same
    assert (rows[0].differs, summary.same, summary.alike) == (False, 0, 1)
    assert rows[0].only_at is None


async def test_one_that_fails_midway_is_unknown_from_there_on():
    stores = stores_of("ab")
    for number in range(1500):
        for store in stores.values():
            await put(store.memory, f"{number:05}", b"x")
    stores["b"].fail("list_objects", None, UnavailableError("gone"))
    summary, told, _ = await seen(GroupWorld(stores))
    assert told[999] == "00999 =="
    assert told[1000] == "01000 =!"
    assert summary.members[1].unread == 500


async def test_a_bucket_that_is_not_there_lacks_everything():
    stores = {"a": MemoryStore([BUCKET]), "b": MemoryStore([])}
    await put(stores["a"], "k", b"1")
    summary, told, _ = await seen(GroupWorld(stores))
    assert told == ["k =-"]
    assert (summary.members[0].has_bucket, summary.members[1].has_bucket) == (True, False)
    assert summary.members[1].error is None


async def test_names_of_buckets_are_those_of_the_member():
    stores = {"a": MemoryStore([BUCKET]), "b": MemoryStore(["backup"])}
    await in_parts(stores["a"], "k", b"1")
    listed = await stores["a"].list_objects(Prefix(BUCKET))
    metadata = stamped({}, Stamp(listed.etags[0], None, 1, 1), Location("backup", "k"))
    await put(stores["b"], "k", b"1", "backup", attributes=Attributes(metadata=metadata))
    backends = {"b": Backend(ConnectionId("b"), ((BUCKET, "backup"),))}
    _, told, _ = await seen(GroupWorld(stores, backends=backends))
    assert told == ["k =="]


@pytest.mark.parametrize(("gone", "said"), [("a", "k -="), ("b", "k =-")])
async def test_what_is_gone_when_it_is_looked_at_is_missing(gone, said):
    stores = stores_of("ab")
    await in_parts(stores["a"], "k", b"same")
    await put(stores["b"], "k", b"same")
    stores[gone].fail("head", NotFoundError("gone"))
    _, told, _ = await seen(GroupWorld(stores))
    assert told == [said]


async def test_it_counts_as_use_and_keeps_to_limits():
    stores = stores_of("ab")
    await put(stores["a"], "k", b"1")
    backends = {"b": limited("b", requests=1)}
    world = GroupWorld(stores, backends=backends)
    await seen(world)
    assert world.member("a").usage.requests == 1
    summary, told, _ = await seen(world)
    assert told == ["k =!"]
    assert "requests" in str(summary.members[1].error)


async def test_a_store_that_lists_in_no_order_is_refused():
    stores = stores_of("ab")
    for key in ("a", "b"):
        await put(stores["a"], key, b"1")
    inner = stores["a"].memory.list_objects

    async def backwards(prefix, **named):
        page = await inner(prefix, **named)
        return page.of_rows([1, 0]) if len(page) == 2 else page

    stores["a"].memory.list_objects = backwards
    with pytest.raises(MalformedReplyError, match="no order"):
        await seen(GroupWorld(stores))
