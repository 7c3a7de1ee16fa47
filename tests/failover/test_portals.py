"""Backends that answer to all that they are asked, and are no stores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Prefix
from s4desk.core.store.memory import MemoryStore
from s4desk.core.wire.body import BytesSink, WholeSink
from tests.failover.groups import CONTENT, GroupWorld, HandClock, K, Turned
from tests.transfer.lending_store import LendingStore


class Nothing:
    """It says 200 to all, with nothing in it."""

    async def head(self, location, *, version=None):
        return replace(await super().head(location, version=version), size=0, etag="")

    async def get(self, location, sink, **named):
        whole = isinstance(sink, WholeSink)
        reply = await super().get(location, BytesSink(), **named)
        meta = replace(reply.meta, size=0, etag="")
        if whole:
            sink.begin(meta)
            sink.end()
        return replace(reply, meta=meta)

    async def list_objects(self, prefix, **named):
        page = await super().list_objects(prefix, **named)
        return replace(page, etags=[""] * len(page.keys))


class Portal(Nothing, Turned):
    pass


class LendingPortal(Nothing, LendingStore):
    pass


class Collected(WholeSink):
    def __init__(self):
        self.told = []

    def begin(self, meta):
        self.told.append(meta.size)

    def write(self, view, offset):
        self.told.append(bytes(view))

    def end(self):
        self.told.append("end")


@pytest.fixture
async def world():
    stores = {"a": Portal(MemoryStore(["b"])), "b": Turned(MemoryStore(["b"]))}
    for store in stores.values():
        await store.memory.put(K, CONTENT)
    return GroupWorld(stores, clock=HandClock())


async def test_what_has_no_etag_is_no_object(world):
    found = await world.store.head(K)
    assert (found.size, found.etag != "") == (len(CONTENT), True)
    sink = BytesSink()
    await world.store.get(K, sink)
    assert bytes(sink.data) == CONTENT
    page = await world.store.list_objects(Prefix("b"))
    assert (page.keys, all(page.etags)) == (["K"], True)


async def test_nobody_begins_with_it(world):
    sink = Collected()
    await world.store.get(K, sink)
    assert sink.told[0] == len(CONTENT)
    assert sink.told.count("end") == 1


async def test_it_is_left_alone_in_the_end(world):
    for _ in range(6):
        await world.store.head(K)
    assert not world.member("a").health.report.is_well


async def test_nothing_listed_is_nothing(world):
    world.stores["b"] = world.stores["a"]
    with pytest.raises(MalformedReplyError):
        await world.store.list_objects(Prefix("b"))
    page = await world.store.list_objects(Prefix("b", "none/"))
    assert page.keys == []


async def test_nor_does_a_lent_thread():
    stores = {"a": LendingPortal(MemoryStore(["b"]))}
    await stores["a"].memory.put(K, CONTENT)
    world = GroupWorld(stores, clock=HandClock())
    sink = Collected()
    for request in (lambda direct: direct.get(K, sink), lambda direct: direct.head(K)):
        with pytest.raises(MalformedReplyError):
            await world.store.directly(request)
    assert sink.told == []
