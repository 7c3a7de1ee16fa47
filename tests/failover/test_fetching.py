"""A body that breaks off goes on at the next backend, and never with another object's bytes."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    MalformedReplyError,
    PreconditionFailedError,
    StoreError,
    UnavailableError,
)
from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.parts import Span
from s4desk.core.failover.errors import UsageLimitExceededError
from s4desk.core.store.retry import RetryingStore
from s4desk.core.wire.body import BytesSink, WholeSink
from s4desk.core.wire.checksums import checksum
from tests.failover.groups import (
    CONTENT,
    K,
    fetched,
    keep_versions,
    limited,
    replicate,
    turns,
    world_of,
)

OTHER = bytes(255 - each for each in CONTENT)
SIZES = len(CONTENT)


async def pinned(world):
    return (await world.store.head(K)).etag


@pytest.mark.parametrize("at", range(SIZES + 1))
async def test_it_goes_on_from_any_byte(at):
    world = await world_of("ab")
    etag = await pinned(world)
    world.stores["a"].cut_at = at
    data, moved, reply = await fetched(world, if_match=etag)
    assert (data, moved) == (CONTENT, SIZES)
    assert reply.meta.etag == etag
    assert world.meter.of("b").egress == SIZES - at
    assert world.stores["b"].count("get") == (at < SIZES)


@pytest.mark.parametrize("at", [0, 1, 7, 31, 32])
async def test_a_range_goes_on_too(at):
    world = await world_of("ab")
    etag = await pinned(world)
    world.stores["a"].cut_at = at
    sink = BytesSink()
    await world.store.get(K, sink, span=Span(16, 32), if_match=etag)
    assert bytes(sink.data[16:]) == CONTENT[16:48]
    assert len(sink.data) == 48
    assert world.meter.of("b").egress == 32 - at


async def test_it_goes_on_where_the_object_was_looked_at_though_nobody_named_it():
    world = await world_of("ab")
    await world.store.head(K)
    world.stores["a"].cut_at = 20
    data, moved, _ = await fetched(world)
    assert (data, moved) == (CONTENT, SIZES)
    assert world.meter.of("b").egress == SIZES - 20


async def test_it_starts_over_where_nobody_knows_what_came():
    world = await world_of("ab")
    world.stores["a"].cut_at = 20
    data, moved, _ = await fetched(world)
    assert (data, moved) == (CONTENT, SIZES)
    assert world.meter.of("b").egress == SIZES


async def test_what_was_written_since_somebody_looked_is_not_mixed():
    """The bytes that come are not of the object that HEAD told of, and which others still have."""
    world = await world_of("ab")
    await world.store.head(K)
    await world.stores["a"].memory.put(K, OTHER)
    world.stores["a"].cut_at = 20
    data, moved, _ = await fetched(world)
    assert (data, moved) == (CONTENT, SIZES)
    assert world.meter.of("b").egress == SIZES


async def test_what_was_written_since_somebody_looked_is_read():
    world = await world_of("ab")
    await world.store.head(K)
    await world.stores["a"].memory.put(K, OTHER)
    data, moved, _ = await fetched(world)
    assert (data, moved) == (OTHER, SIZES)
    assert world.reader.counters.failovers == 0


async def test_what_somebody_learns_meanwhile_is_not_of_the_bytes_that_came():
    world = await world_of("ab")
    await world.stores["b"].memory.put(K, OTHER)
    newer = await world.stores["b"].memory.head(K)
    world.stores["a"].cut_at = 20

    class Overtaken(BytesSink):
        def write(self, view, offset):
            world.store._twins.note(K, world.member("a"), newer)
            super().write(view, offset)

    sink = Overtaken()
    await world.store.get(K, sink)
    assert bytes(sink.data) == OTHER


async def test_a_replica_of_ours_goes_on():
    world = await world_of("ab", holding="a")
    etag = await pinned(world)
    await replicate(world, "a", "b")
    world.stores["a"].cut_at = 20
    data, _, reply = await fetched(world, if_match=etag)
    assert data == CONTENT
    assert reply.meta.etag == etag
    assert world.meter.of("b").egress == SIZES - 20


async def test_a_replica_of_another_size_does_not():
    world = await world_of("ab", holding="a")
    etag = await pinned(world)
    await replicate(world, "a", "b", content=CONTENT + b"more")
    world.stores["a"].cut_at = 20
    with pytest.raises(PreconditionFailedError):
        await fetched(world, if_match=etag)


async def test_equal_sums_go_on_under_other_etags():
    world = await world_of("ab")
    for name, etag in (("a", "of-a"), ("b", "of-b")):
        world.stores[name].etag = etag
        world.stores[name].checksum = Checksum("crc64nvme", "the same")
    etag = await pinned(world)
    # The reply to a range tells no sum, and what is known stays known.
    await world.store.get(K, BytesSink(), span=Span(0, 4), if_match=etag)
    world.stores["a"].cut_at = 20
    data, _, reply = await fetched(world, if_match=etag)
    assert data == CONTENT
    assert reply.meta.etag == "of-a"


@pytest.mark.parametrize("at", [1, 20, SIZES])
async def test_another_object_starts_over(at):
    world = await world_of("ab")
    await world.stores["b"].memory.put(K, OTHER)
    await world.store.head(K)
    world.stores["a"].cut_at = at
    data, moved, _ = await fetched(world)
    assert (data, moved) == (OTHER, SIZES)


async def test_another_object_is_cut_to_its_size():
    world = await world_of("ab")
    await world.stores["b"].memory.put(K, OTHER[:10])
    world.stores["a"].cut_at = 20
    data, moved, _ = await fetched(world)
    assert (data, moved) == (OTHER[:10], 10)


async def test_another_object_is_refused_where_one_was_named():
    """The job that named it looks again, and starts over."""
    world = await world_of("ab")
    await world.stores["b"].memory.put(K, OTHER)
    etag = await pinned(world)
    world.stores["a"].cut_at = 20
    with pytest.raises(PreconditionFailedError):
        await fetched(world, if_match=etag)
    assert world.stores["b"].count("get") == 0


async def test_the_first_backend_has_the_last_word():
    world = await world_of("ab")
    etag = await pinned(world)
    await world.stores["a"].memory.put(K, OTHER)
    with pytest.raises(PreconditionFailedError):
        await fetched(world, if_match=etag)
    assert world.stores["b"].count("get") == 0


async def test_what_another_named_is_fetched_there():
    """While the first was away; it is back, with another object."""
    world = await world_of("ab")
    await world.stores["b"].memory.put(K, OTHER)
    world.stores["a"].error = UnavailableError("away")
    etag = await pinned(world)
    world.stores["a"].error = None
    data, _, reply = await fetched(world, if_match=etag)
    assert (data, reply.meta.etag) == (OTHER, etag)


async def test_names_that_are_not_of_bytes_prove_nothing():
    """Stores that count their objects call different ones the same."""
    world = await world_of("ab")
    await world.stores["b"].memory.put(K, OTHER)
    world.stores["a"].etag = world.stores["b"].etag = "1"
    etag = await pinned(world)
    world.stores["a"].cut_at = 20
    with pytest.raises(PreconditionFailedError):
        await fetched(world, if_match=etag)


@pytest.mark.parametrize("error", [IntegrityError("other bytes"), MalformedReplyError("no XML")])
async def test_what_is_spoilt_starts_over(error):
    world = await world_of("ab")
    etag = await pinned(world)
    world.stores["a"].cut_at, world.stores["a"].broken = 20, error
    data, moved, _ = await fetched(world, if_match=etag)
    assert (data, moved) == (CONTENT, SIZES)
    assert world.meter.of("b").egress == SIZES


async def test_it_goes_on_through_many():
    world = await world_of("abcd")
    etag = await pinned(world)
    for name, at in (("a", 10), ("b", 0), ("c", 30)):
        world.stores[name].cut_at = at
    data, moved, _ = await fetched(world, if_match=etag, algorithm="crc64nvme")
    assert (data, moved) == (CONTENT, SIZES)
    assert [world.meter.of(name).egress for name in "abcd"] == [10, 0, 30, SIZES - 40]


@pytest.mark.parametrize("at", [None, 0, 20, SIZES])
async def test_the_sum_is_of_all_that_came(at):
    world = await world_of("ab")
    etag = await pinned(world)
    world.stores["a"].cut_at = at
    _, _, reply = await fetched(world, if_match=etag, algorithm="crc64nvme")
    assert reply.received == Checksum("crc64nvme", checksum("crc64nvme", CONTENT))


async def test_the_sum_begins_anew_when_it_starts_over():
    world = await world_of("ab")
    world.stores["a"].cut_at = 20
    _, _, reply = await fetched(world, algorithm="crc64nvme")
    assert reply.received == Checksum("crc64nvme", checksum("crc64nvme", CONTENT))


async def test_a_sum_that_its_store_does_not_keep_is_refused():
    """Equal names lied: the bytes of two are no object."""
    world = await world_of("ab")
    for store in world.stores.values():
        store.etag = "0" * 32
        store.checksum = Checksum("crc64nvme", checksum("crc64nvme", CONTENT))
    await world.stores["b"].memory.put(K, OTHER)
    world.stores["a"].cut_at = 20
    etag = await pinned(world)
    with pytest.raises(IntegrityError):
        await fetched(world, if_match=etag, algorithm="crc64nvme")


class Collected(WholeSink):
    def __init__(self):
        self.told = []

    def begin(self, meta):
        self.told.append("begin")
        self.data = bytearray()

    def write(self, view, offset):
        assert offset == len(self.data)
        self.data += view

    def end(self):
        self.told.append("end")


@pytest.mark.parametrize("algorithm", ["", "crc64nvme"])
async def test_a_sink_of_whole_objects_gets_it_anew(algorithm):
    world = await world_of("ab")
    await world.store.head(K)
    world.stores["a"].cut_at = 20
    sink, moved = Collected(), []
    reply = await world.store.get(K, sink, algorithm=algorithm, moved=moved.append)
    assert bytes(sink.data) == CONTENT
    assert sink.told == ["begin", "begin", "end"]
    assert sum(moved) == SIZES
    assert world.meter.of("b").egress == SIZES
    assert (reply.received is None) == (not algorithm)


async def test_nobody_goes_on_and_nothing_has_moved():
    world = await world_of("ab")
    etag = await pinned(world)
    for each in world.stores.values():
        each.cut_at = 20
    moved = []
    store = RetryingStore(world.store, attempts=1)
    with pytest.raises(UnavailableError):
        await store.get(K, BytesSink(), if_match=etag, moved=moved.append)


async def test_asked_again_it_moves_as_many_bytes_as_there_are():
    world = await world_of("ab")
    etag = await pinned(world)
    for each in world.stores.values():
        each.cut_at = 20

    def whole():
        for each in world.stores.values():
            each.cut_at = None
        return 0.0

    store = RetryingStore(world.store, jitter=whole)
    sink, moved = BytesSink(), []
    await store.get(K, sink, if_match=etag, moved=moved.append)
    assert (bytes(sink.data), sum(moved)) == (CONTENT, SIZES)


async def test_a_full_disk_is_no_failure_of_a_backend(tmp_path):
    world = await world_of("ab")

    class Full(BytesSink):
        def write(self, view, offset):
            raise LocalFileError(tmp_path, OSError(28, "No space left"))

    with pytest.raises(LocalFileError):
        await world.store.get(K, Full())
    assert world.stores["b"].count("get") == 0
    assert world.member("a").health.report.error is None


async def test_a_range_that_is_not_there_is_asked_once():
    world = await world_of("ab")
    with pytest.raises(StoreError) as raised:
        await world.store.get(K, BytesSink(), span=Span(60, 10))
    assert raised.value.status == 416
    assert world.stores["b"].count("get") == 0


async def test_a_backend_without_room_in_its_limit_is_left_out():
    world = await world_of("ab", backends={"a": limited("a", egress=SIZES - 1)})
    await world.store.head(K)
    data, _, _ = await fetched(world)
    assert data == CONTENT
    assert world.stores["a"].count("get") == 0


async def test_ranges_that_are_under_way_count():
    """Two at a time would be beyond the limit, though neither is by itself."""
    world = await world_of("a", backends={"a": limited("a", egress=SIZES)})
    etag = await pinned(world)
    world.stores["a"].stick()
    span = Span(0, 40)
    first = asyncio.ensure_future(world.store.get(K, BytesSink(), span=span, if_match=etag))
    await turns()
    with pytest.raises(UsageLimitExceededError):
        await world.store.get(K, BytesSink(), span=span, if_match=etag)
    world.stores["a"].go_on()
    await first
    assert world.meter.of("a").egress == 40
    await world.store.get(K, BytesSink(), span=Span(0, SIZES - 40), if_match=etag)


async def test_a_version_starts_over_at_each():
    world = await world_of("ab", holding="")
    version = await keep_versions(world, "a", "b")
    world.stores["a"].cut_at = 20
    sink, moved = BytesSink(), []
    await world.store.get(K, sink, version=version, moved=moved.append)
    assert (bytes(sink.data), sum(moved)) == (CONTENT, SIZES)


async def test_where_nobody_knows_it_is_looked_for_at_several():
    world = await world_of("abc", holding="c", parallel=3)
    world.index.is_broken = True
    world.stores["a"].stick()
    data, _, _ = await fetched(world)
    assert data == CONTENT
    assert [world.stores[name].count("get") for name in "abc"] == [0, 0, 1]
    assert world.stores["a"].cancelled == 1
    assert world.cache.get(K) == "c"
