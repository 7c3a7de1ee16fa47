"""The whole chain: faults of the network are overcome, and no secret is written anywhere."""

from __future__ import annotations

import logging
import os
from contextlib import suppress

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Answer, Capability
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import (
    CredentialsError,
    NotFoundError,
    NotSupportedError,
    S4DeskError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.core.persist.capability_file import CapabilityFile
from s4desk.core.runtime import logs
from s4desk.core.store.capabilities import Capabilities, IfMatch
from s4desk.core.store.conditional import put_if_absent, put_if_match
from s4desk.core.store.registry import StoreRegistry
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.wire.body import BytesSink
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.pool import WirePool
from tests.servers.fault import FaultProxy, Stall, dropped_reply, slow_down, truncated
from tests.store.configs import PLAIN_LIFECYCLE, get_config, put_config
from tests.store.samples import read
from tests.store.scripted import FakeClock

ID = ConnectionId("c")
TRUSTED = Capabilities(conditional_put=True, if_match=IfMatch.BARE)
DATA = os.urandom(200_000)
LOST = dropped_reply()


class World:
    """An open store behind a proxy that does harm, with a clock that does not wait."""

    def __init__(self, proxy, store, clock, bucket):
        self.proxy = proxy
        self.store = store
        self.clock = clock
        self.bucket = bucket
        self.key = Location(bucket, "folder/key ü")


@pytest.fixture
async def world(ceph, ceph_bucket):
    pool, clock = WirePool(Timeouts(first_byte=0.5, stall=0.5)), FakeClock()
    with FaultProxy(ceph) as proxy:
        connection = Connection(ID, "home", proxy.endpoint.url, ceph.region)
        keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
        store = await open_store(connection, keys, pool, capabilities=TRUSTED, clock=clock)
        yield World(proxy, store, clock, ceph_bucket)
        await store.aclose()
        await pool.aclose()


async def test_a_throttled_upload_arrives_and_is_counted_once(world):
    heard = []
    rule = world.proxy.on(slow_down(), method="PUT", times=3)
    await world.store.put(world.key, DATA, moved=heard.append)
    assert rule.hits == 3
    assert sum(heard) == len(DATA)
    assert len(world.clock.slept) == 3
    assert world.clock.slept[0] >= 0.5
    assert await read(world.store, world.key) == DATA


@pytest.mark.parametrize("fault", [truncated(5000), Stall(5000)], ids=["cut", "stalled"])
async def test_a_broken_download_is_repeated_and_counted_once(world, fault):
    await world.store.put(world.key, DATA)
    heard, sink = [], BytesSink()
    world.proxy.on(fault, method="GET", times=2)
    await world.store.get(world.key, sink, moved=heard.append)
    assert bytes(sink.data) == DATA
    assert sum(heard) == len(DATA)
    assert len(world.clock.slept) == 2


async def test_a_listing_survives_a_bad_moment(world):
    await world.store.put(world.key, b"x")
    world.proxy.on(slow_down(), method="GET", times=2)
    page = await world.store.list_objects(Prefix(world.bucket), delimiter="")
    assert list(page.keys) == [world.key.key]


async def test_the_last_failure_is_told_when_none_helped(world):
    world.proxy.on(LOST, method="HEAD", times=None)
    with pytest.raises(UnavailableError):
        await world.store.head(world.key)
    assert len(world.clock.slept) == 4


async def head(world):
    await world.store.head(world.key)


async def head_on_a_lent_thread(world):
    lost = []

    def work(direct):
        try:
            direct.head(world.key)
        except UnavailableError as error:
            lost.append(error)

    await world.store.directly(work)
    for each in lost:
        raise each


@pytest.mark.parametrize("ask", [head, head_on_a_lent_thread])
async def test_an_error_tells_whether_its_connection_has_worked(world, ask):
    for is_there in (False, True):
        if is_there:
            world.proxy.clear()
            await world.store.put(world.key, b"x")
            await ask(world)
        world.proxy.on(LOST, times=None)
        with pytest.raises(UnavailableError) as lost:
            await ask(world)
        assert lost.value.connection.name == "home"
        assert lost.value.has_worked is is_there


async def test_a_lent_thread_whose_requests_all_failed_has_not_worked(world):
    world.proxy.on(LOST, times=None)

    def work(direct):
        with suppress(UnavailableError):
            direct.head(world.key)

    await world.store.directly(work)
    with pytest.raises(UnavailableError) as lost:
        await head(world)
    assert not lost.value.has_worked


async def test_a_refusal_that_has_a_code_is_a_store_s(world):
    with pytest.raises(NotFoundError) as absent:
        await world.store.list_objects(Prefix("no-such-bucket-anywhere"))
    assert absent.value.has_worked
    world.proxy.on(LOST, times=None)
    with pytest.raises(UnavailableError) as lost:
        await head(world)
    assert lost.value.has_worked


async def test_a_race_won_with_a_lost_reply_is_won(world):
    world.proxy.on(LOST, method="PUT", times=1)
    nonce = Attributes(metadata={"writer": "me"})
    assert await put_if_absent(world.store, world.key, b"mine", attributes=nonce)
    assert [request.method for request in world.proxy.requests] == ["PUT", "PUT", "HEAD"]


async def test_a_race_lost_with_a_lost_reply_is_lost(world):
    await world.store.put(world.key, b"them")
    world.proxy.on(LOST, method="PUT", times=1)
    assert not await put_if_absent(world.store, world.key, b"mine")
    assert await read(world.store, world.key) == b"them"


async def test_a_configuration_is_written_through_a_bad_moment(world):
    world.proxy.on(slow_down(), method="PUT", times=1)
    await put_config(world.store, world.bucket, ConfigKind.LIFECYCLE, PLAIN_LIFECYCLE)
    assert await get_config(world.store, world.bucket, ConfigKind.LIFECYCLE) is not None


async def test_a_bucket_deleted_with_a_lost_reply_is_deleted(world):
    name = f"{world.bucket}-second"
    world.proxy.on(LOST, method="PUT", times=1)
    await world.store.create_bucket(name)
    world.proxy.on(LOST, method="DELETE", times=1)
    await world.store.delete_bucket(name)
    assert name not in [bucket.name for bucket in await world.store.list_buckets()]


async def test_no_secret_is_ever_logged(ceph, new_bucket, tmp_path, monkeypatch, expected_logs):
    """A whole run at DEBUG, refused requests and a broken connection among them."""
    monkeypatch.setattr(logs, "_secrets", logs._Secrets())
    undo = logs.configure(tmp_path, level=logging.DEBUG, stderr_level=logging.CRITICAL)
    bucket = new_bucket(ceph)
    keys = Credentials(ceph.access_key, ceph.secret_key)
    book = {
        ID: Connection(ID, "home", ceph.url),
        ConnectionId("wrong"): Connection(ConnectionId("wrong"), "wrong", ceph.url),
    }

    class Keyring:
        async def credentials(self, connection):
            wrong = Credentials(ceph.access_key, "a-secret-that-is-not-right")
            return keys if connection == ID else wrong

    try:
        registry = StoreRegistry(book, Keyring())
        store = await registry.get(ID)
        await store.put(Location(bucket, "key"), b"data")
        await store.list_objects(Prefix(bucket))
        await store.list_buckets()
        await put_config(store, bucket, ConfigKind.LIFECYCLE, PLAIN_LIFECYCLE)
        wrong = await registry.get(ConnectionId("wrong"))
        for request in (wrong.list_buckets(), wrong.head(Location(bucket, "key"))):
            try:
                await request
            except S4DeskError:
                logging.getLogger("s4desk.test").exception("refused")
        logging.getLogger("s4desk.test").error("careless: %s %r", keys.secret, vars)
        await registry.aclose()
    finally:
        undo()

    assert len(expected_logs) == 3
    text = (tmp_path / logs.FILE_NAME).read_text("utf-8")
    for said in ("botocore", "aiobotocore", "s4desk.core.store.tracing", "Traceback", "refused"):
        assert said in text
    assert logs.BLOT in text
    assert ceph.secret_key not in text
    assert "a-secret-that-is-not-right" not in text
    assert "Signature=" not in text.replace(f"Signature={logs.BLOT}", "")


async def test_the_registry_opens_real_stores_and_closes_them(ceph, new_bucket):
    bucket = new_bucket(ceph)
    keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
    registry = StoreRegistry({ID: Connection(ID, "home", ceph.url)}, keys)
    await registry.warm_up()
    store = await registry.get(ID)
    await store.put(Location(bucket, "key"), b"data")
    assert bucket in [each.name for each in await store.list_buckets()]
    registry.limit_bodies(2)
    assert await read(store, Location(bucket, "key")) == b"data"
    await registry.aclose()


async def test_the_registry_tells_of_missing_keys():
    registry = StoreRegistry({ID: Connection(ID, "home", "http://store.test")}, GivenSecrets(None))
    with pytest.raises(CredentialsError):
        await registry.get(ID)
    await registry.aclose()


class Book(dict):
    def all(self):
        return list(self.values())


async def test_what_a_probe_learned_is_relied_on(ceph, new_bucket):
    bucket = new_bucket(ceph)
    keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
    book = Book({ID: Connection(ID, "home", ceph.url)})
    registry = StoreRegistry(book, keys)
    assert registry.report(ID) is None
    found = await registry.probe(ID, Prefix(bucket))
    assert found[Capability.PUT_IF_ABSENT].answer is Answer.YES
    key = Location(bucket, "key")
    store = await registry.get(ID)
    assert await put_if_absent(store, key, b"first")
    assert not await put_if_absent(store, key, b"second")
    await registry.forget(ID)
    with pytest.raises(NotSupportedError):
        await put_if_absent(await registry.get(ID), key, b"third")
    await registry.aclose()


async def test_what_an_earlier_run_probed_is_relied_on(ceph, new_bucket, tmp_path):
    bucket = new_bucket(ceph)
    keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
    book = Book({ID: Connection(ID, "home", ceph.url)})
    shelf = CapabilityFile(tmp_path / "capabilities.toml")
    earlier = StoreRegistry(book, keys, shelf)
    probed = await earlier.probe(ID, Prefix(bucket))
    await earlier.aclose()
    registry = StoreRegistry(book, keys, shelf)
    try:
        key, store = Location(bucket, "key"), await registry.get(ID)
        etag = (await store.put(key, b"first")).etag
        assert not await put_if_absent(store, key, b"second")
        assert await put_if_match(store, key, b"third", etag)
        assert registry.report(ID).findings == probed.findings
        book[ID] = Connection(ID, "home", "http://store.test")
        await registry.forget(ID)
        assert registry.report(ID) is None
        await registry.get(ID)
        assert registry.report(ID).findings == {}
    finally:
        await registry.aclose()
