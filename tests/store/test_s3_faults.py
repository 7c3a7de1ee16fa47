"""S3Store between a real server and a bad network."""

from __future__ import annotations

import asyncio
import dataclasses
import threading

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import (
    IntegrityError,
    MalformedReplyError,
    StalledError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.parts import MIB, Span
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.body import BytesSink, Slice
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.pool import WirePool
from tests.servers.fault import (
    Cut,
    EditHead,
    FaultProxy,
    Flip,
    Reply,
    Stall,
    Trickle,
    dropped_reply,
    html_reply,
    slow_down,
    truncated,
)
from tests.servers.tls import TlsFront

BODY = bytes(range(251)) * 20_000
PATIENT = Timeouts(tick=0.05)
HASTY = Timeouts(first_byte=0.5, stall=0.5, tick=0.05)


class Bytes:
    """A source that notices when it is read after its request has ended."""

    def __init__(self, data):
        self._data = data
        self.is_over = False
        self.late_reads = 0

    def read_into(self, view, offset):
        self.late_reads += self.is_over
        view[:] = self._data[offset : offset + len(view)]


class WatchedSink(BytesSink):
    """A sink that notices when it is written after its request has ended."""

    def __init__(self):
        super().__init__()
        self.is_over = False
        self.late_writes = 0
        self.written = threading.Event()

    def write(self, view, offset):
        self.late_writes += self.is_over
        super().write(view, offset)
        self.written.set()


def connect(endpoint, pool, **changes):
    connection = Connection(
        ConnectionId("c"), "c", endpoint.url, endpoint.region, ca_file=str(endpoint.ca or "")
    )
    key = Credentials(endpoint.access_key, changes.pop("secret", endpoint.secret_key))
    connection = dataclasses.replace(connection, **changes)
    return S3Store(connection, lambda: key, pool, Capabilities())


@pytest.fixture
async def pool():
    made = WirePool(PATIENT)
    yield made
    await made.aclose()


@pytest.fixture
async def hasty_pool():
    """For tests of the limits: a busy machine may be slower than this."""
    made = WirePool(HASTY)
    yield made
    await made.aclose()


@pytest.fixture
def proxy(moto, fault_proxy):
    return fault_proxy(moto)


@pytest.fixture
def store(proxy, pool):
    return connect(proxy.endpoint, pool)


@pytest.fixture
async def key(store, moto_bucket, proxy):
    there = Location(moto_bucket, "there")
    await store.put(there, BODY)
    return there


async def read(store, key, **how):
    sink = BytesSink()
    await store.get(key, sink, **how)
    return bytes(sink.data)


# Down


@pytest.mark.parametrize(
    "fault",
    [truncated(100_000), Cut(100_000), truncated(0), dropped_reply(), Cut(100_000, reset=False)],
)
async def test_a_cut_download_is_unavailable(store, proxy, key, fault):
    proxy.on(fault, method="GET")
    sink = BytesSink()
    with pytest.raises(UnavailableError) as caught:
        await store.get(key, sink)
    assert (caught.value.operation, caught.value.location) == ("get", key)
    assert len(sink.data) <= 100_000
    assert await read(store, key) == BODY


async def test_a_download_that_stalls_is_given_up(store, proxy, key, hasty_pool):
    proxy.on(Stall(100_000), method="GET")
    with pytest.raises(StalledError):
        await connect(proxy.endpoint, hasty_pool).get(key, BytesSink())
    assert await read(store, key) == BODY


async def test_a_slow_download_is_no_stalled_one(store, proxy, key):
    proxy.on(Trickle(200_000), method="GET")
    steps = []
    assert await read(store, key, span=Span(0, 300_000), moved=steps.append) == BODY[:300_000]
    assert sum(steps) == 300_000
    assert len(steps) > 5


@pytest.mark.parametrize("length", ["10", "9999999"])
async def test_a_wrong_length_is_an_error(store, proxy, key, length):
    proxy.on(EditHead({"Content-Length": length}), method="GET", times=2)
    for how in ({"span": Span(5, 100)}, {"algorithm": "md5"}):
        with pytest.raises((UnavailableError, MalformedReplyError, IntegrityError)):
            await store.get(key, BytesSink(), **how)


async def test_a_head_without_a_length_is_an_error_and_never_an_empty_object(store, proxy, key):
    proxy.on(EditHead({"Content-Length": None}), method="HEAD")
    with pytest.raises(MalformedReplyError):
        await store.head(key)


async def test_a_web_page_is_no_listing(store, proxy, key):
    proxy.on(html_reply(), path_re="list-type")
    with pytest.raises(MalformedReplyError):
        await store.list_objects(Prefix(key.bucket))


async def test_a_listing_that_does_not_come_is_never_empty(store, proxy, key, hasty_pool):
    hasty = connect(proxy.endpoint, hasty_pool)
    for fault, kind in (
        (Stall(None), StalledError),
        (slow_down(), ThrottledError),
        (truncated(200), UnavailableError),
    ):
        proxy.on(fault, path_re="list-type")
        with pytest.raises(kind):
            await hasty.list_objects(Prefix(key.bucket))
    assert len(await store.list_objects(Prefix(key.bucket))) == 1


# Up


async def test_a_byte_that_changes_on_its_way_up_is_noticed(store, proxy, key, moto):
    proxy.on(Flip(1234, "request"), method="PUT")
    with pytest.raises(IntegrityError):
        await store.put(key, BODY)


async def test_a_strict_store_notices_it_itself(ceph, ceph_bucket, fault_proxy, pool):
    proxy = fault_proxy(ceph)
    store, key = connect(proxy.endpoint, pool), Location(ceph_bucket, "k")
    for _ in range(2):
        proxy.on(Flip(1234, "request"), method="PUT")
        with pytest.raises(IntegrityError) as caught:
            await store.put(key, BODY)
        assert caught.value.code == "BadDigest"
    ticket = await store.create_multipart(key)
    proxy.on(Flip(0, "request"), method="PUT")
    with pytest.raises(IntegrityError):
        await store.put_part(key, ticket, 1, BODY)
    await store.abort_multipart(key, ticket.upload)


async def test_a_modern_store_notices_it_by_crc(localstack, new_bucket, fault_proxy, pool):
    proxy = fault_proxy(localstack)
    store, key = connect(proxy.endpoint, pool), Location(new_bucket(localstack), "k")
    assert (await store.put(key, BODY)).checked == "crc64nvme"
    proxy.on(Flip(1234, "request"), method="PUT")
    with pytest.raises(IntegrityError):
        await store.put(key, BODY)


async def test_an_early_503_is_read_and_not_taken_for_a_broken_pipe(store, proxy, key):
    refusal = dataclasses.replace(slow_down(), drain=False)
    assert isinstance(refusal, Reply)
    proxy.on(refusal, method="PUT")
    with pytest.raises(ThrottledError) as caught:
        await store.put(key, Slice(Bytes(bytes(48 * MIB)), Span(0, 48 * MIB)))
    assert caught.value.status == 503
    assert (await store.put(key, BODY)).checked == "md5"


@pytest.mark.parametrize("fault", [Cut(100_000, "request"), Stall(100_000, "request")])
async def test_an_upload_that_breaks_is_unavailable(proxy, key, hasty_pool, fault):
    proxy.on(fault, method="PUT")
    with pytest.raises(UnavailableError):
        await connect(proxy.endpoint, hasty_pool).put(
            key, Slice(Bytes(bytes(48 * MIB)), Span(0, 48 * MIB))
        )


async def test_a_dead_connection_is_replaced_unseen(ceph, ceph_bucket, fault_proxy, pool):
    proxy = fault_proxy(ceph)
    store, key = connect(proxy.endpoint, pool), Location(ceph_bucket, "k")
    await store.put(key, BODY)
    await store.head(key)
    proxy.on(dropped_reply(), method="HEAD")
    assert (await store.head(key)).size == len(BODY)
    assert [each.method for each in proxy.requests].count("HEAD") == 3


async def test_a_server_that_came_back_is_found(store, proxy, key):
    proxy.down()
    with pytest.raises(UnavailableError):
        await store.head(key)
    proxy.up()
    assert (await store.head(key)).size == len(BODY)


# Cancelling


async def test_a_cancelled_download_writes_nothing_more(proxy, key):
    pool = WirePool(PATIENT)
    store = connect(proxy.endpoint, pool)
    stall = Stall(200_000)
    proxy.on(stall, method="GET")
    sink = WatchedSink()
    running = asyncio.create_task(store.get(key, sink))
    assert await asyncio.to_thread(sink.written.wait, 5)
    assert await asyncio.to_thread(stall.reached.wait, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(3):
            await running
    sink.is_over = True
    stall.release()
    assert await read(store, key) == BODY
    assert (sink.late_writes, len(sink.data) <= 200_000) == (0, True)
    await pool.aclose()


async def test_a_cancelled_upload_reads_nothing_more(proxy, key):
    pool = WirePool(PATIENT)
    store = connect(proxy.endpoint, pool)
    stall = Stall(200_000, "request")
    proxy.on(stall, method="PUT")
    source = Bytes(bytes(64 * MIB))
    running = asyncio.create_task(store.put(key, Slice(source, Span(0, 64 * MIB))))
    assert await asyncio.to_thread(stall.reached.wait, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(3):
            await running
    source.is_over = True
    stall.release()
    assert await read(store, key) == BODY
    assert source.late_reads == 0
    await pool.aclose()


async def test_a_cancelled_listing_ends_at_once(proxy, key):
    pool = WirePool(PATIENT)
    store = connect(proxy.endpoint, pool)
    stall = Stall(None)
    proxy.on(stall, path_re="list-type")
    running = asyncio.create_task(store.list_objects(Prefix(key.bucket)))
    assert await asyncio.to_thread(stall.reached.wait, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(3):
            await running
    await pool.aclose()


# Who is there


async def test_a_frozen_store_stalls_and_thaws(ceph, ceph_server, ceph_bucket, pool, hasty_pool):
    store, key = connect(ceph, pool), Location(ceph_bucket, "k")
    await store.put(key, BODY)
    ceph_server.freeze_storage()
    try:
        with pytest.raises(StalledError):
            await connect(ceph, hasty_pool).head(key)
    finally:
        ceph_server.thaw_storage()
    assert await read(store, key) == BODY


async def test_a_wrong_secret_is_not_authenticated(ceph, ceph_bucket, pool):
    with pytest.raises(UnauthenticatedError):
        await connect(ceph, pool, secret="wrong").list_objects(Prefix(ceph_bucket))


async def test_tls_is_verified(moto, moto_bucket, pool):
    front = TlsFront(moto)
    endpoint = front.start()
    try:
        key = Location(moto_bucket, "k")
        store = connect(endpoint, pool)
        assert (await store.put(key, BODY)).checked == "md5"
        assert await read(store, key) == BODY
        with pytest.raises(TlsError, match="not trusted"):
            await connect(endpoint, pool, ca_file="").head(key)
    finally:
        await store.aclose()
        front.stop()


async def test_faults_inside_tls_are_the_same(moto, moto_bucket, pool, hasty_pool):
    with FaultProxy(moto) as proxy:
        front = TlsFront(proxy.endpoint)
        endpoint = front.start()
        store, key = connect(endpoint, pool), Location(moto_bucket, "k")
        hasty = connect(endpoint, hasty_pool)
        try:
            await store.put(key, BODY)
            for fault, kind in (
                (truncated(100_000), UnavailableError),
                (Cut(100_000), UnavailableError),
                (Stall(100_000), StalledError),
            ):
                proxy.on(fault, method="GET")
                with pytest.raises(kind):
                    await hasty.get(key, BytesSink())
            proxy.on(dataclasses.replace(slow_down(), drain=False), method="PUT")
            with pytest.raises((ThrottledError, UnavailableError)):
                await store.put(key, Slice(Bytes(bytes(48 * MIB)), Span(0, 48 * MIB)))
            assert await read(store, key) == BODY
        finally:
            await asyncio.gather(store.aclose(), hasty.aclose())
            front.stop()
