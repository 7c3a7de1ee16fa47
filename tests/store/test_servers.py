"""The contracts, on the whole chain over every real server."""

from __future__ import annotations

import asyncio
from copy import copy
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import (
    ConflictError,
    NotSupportedError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes, Doomed, ObjectParts
from s4desk.core.domain.parts import MIB
from s4desk.core.store.capabilities import Capabilities, IfMatch
from s4desk.core.store.conditional import put_if_absent, put_if_match
from s4desk.core.store.protocol import Condition
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.wire.pool import WirePool
from tests.servers.client import s3_client
from tests.store import gaps
from tests.store.bucket_contract import BucketStoreContract
from tests.store.config_contract import ConfigStoreContract
from tests.store.configs import LOCK, put_config
from tests.store.contract import ObjectStoreContract
from tests.store.lock_contract import LockContract
from tests.store.samples import read

# What a probe finds out, so that conditional writes are tried where they work.
CONDITIONS = {
    "ceph": Capabilities(
        conditional_put=True,
        conditional_complete=False,
        conditional_copy=False,
        if_match=IfMatch.BARE,
    ),
    "localstack": Capabilities(
        conditional_put=True,
        conditional_complete=True,
        conditional_copy=False,
        if_match=IfMatch.QUOTED,
    ),
    "moto": Capabilities(
        conditional_put=True,
        conditional_complete=True,
        conditional_copy=False,
        if_match=IfMatch.QUOTED,
    ),
}


@pytest.fixture
async def pool():
    pool = WirePool()
    yield pool
    await pool.aclose()


@pytest.fixture
async def open_endpoint(pool):
    opened = []

    async def open_(endpoint, capabilities=None):
        connection = Connection(ConnectionId("c"), endpoint.server, endpoint.url, endpoint.region)
        keys = GivenSecrets(Credentials(endpoint.access_key, endpoint.secret_key))
        store = await open_store(connection, keys, pool, capabilities=capabilities)
        opened.append(store)
        return store

    yield open_
    for store in opened:
        await store.aclose()


@pytest.fixture
async def store(open_endpoint, endpoint):
    return await open_endpoint(endpoint, copy(CONDITIONS[endpoint.server]))


class TestServers(ObjectStoreContract, BucketStoreContract, ConfigStoreContract, LockContract):
    @pytest.fixture
    def locked(self, endpoint, new_bucket):
        return new_bucket(endpoint, lock=True)

    @pytest.fixture(autouse=True)
    def known_gap(self, request, endpoint):
        gaps.expect_gap(request, gaps.OF_SERVER[endpoint.server])


async def test_tags_arrive(store, endpoint, bucket):
    tags = {"team": "a b", "k/1": "c=d+e"}
    await store.put(Location(bucket, "key"), b"x", attributes=Attributes(tags=tags))
    with s3_client(endpoint) as client:
        there = client.get_object_tagging(Bucket=bucket, Key="key")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in there} == tags


async def test_the_size_of_each_part_is_told(store, endpoint, bucket):
    sizes = [5 * MIB, 6 * MIB, MIB]
    with s3_client(endpoint) as client:
        place = {"Bucket": bucket, "Key": "key"}
        upload = client.create_multipart_upload(**place)["UploadId"]
        parts = [
            {
                "PartNumber": number,
                "ETag": client.upload_part(
                    **place, UploadId=upload, PartNumber=number, Body=bytes(size)
                )["ETag"],
            }
            for number, size in enumerate(sizes, 1)
        ]
        client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    meta = await store.head(Location(bucket, "key"))
    told = await store.object_parts(meta, exactly=True)
    # Ceph 16 answers for the whole object, whatever part is asked for.
    assert told == (None if endpoint.server == "ceph" else ObjectParts(sizes))


@pytest.mark.parametrize("server", ["ceph", "localstack"])
async def test_each_key_that_cannot_be_deleted_is_named(request, server, open_endpoint, new_bucket):
    endpoint = request.getfixturevalue(server)
    store = await open_endpoint(endpoint)
    bucket = new_bucket(endpoint, lock=True)
    await put_config(store, bucket, ConfigKind.OBJECT_LOCK, LOCK)
    keys = [f"locked ü {number}" for number in range(100)]
    replies = await asyncio.gather(*(store.put(Location(bucket, key), b"x") for key in keys))
    doomed = [Doomed(key, reply.version) for key, reply in zip(keys, replies, strict=True)]
    free = Doomed("free", None)
    failures = await store.delete_many(bucket, [*doomed, free])
    assert {failure.doomed for failure in failures} == set(doomed)
    assert {failure.code for failure in failures} == {"AccessDenied"}


@pytest.mark.parametrize("how", ["put", "copy", "parts"])
@pytest.mark.parametrize("server", ["ceph", "localstack"])
async def test_a_lock_is_written_and_told(request, server, how, open_endpoint, new_bucket):
    if server == "ceph" and how != "put":
        request.node.add_marker(pytest.mark.xfail(reason="locks what is put alone", strict=True))
    endpoint = request.getfixturevalue(server)
    store = await open_endpoint(endpoint)
    key = Location(new_bucket(endpoint, lock=True), "key")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    wanted = Attributes(lock=LockState(LockMode.GOVERNANCE, until, legal_hold=False))
    if how == "parts":
        ticket = await store.create_multipart(key, attributes=wanted)
        part = await store.put_part(key, ticket, 1, b"y")
        await store.complete_multipart(key, ticket, [part])
    else:
        await store.put(key, b"x", attributes=wanted)
    if how == "copy":
        source, key = key, Location(key.bucket, "copy")
        await store.copy(source, key, attributes=wanted)
    assert (await store.head(key)).attributes.lock == wanted.lock


async def test_more_uploads_than_a_page_are_all_told(open_endpoint, ceph, ceph_bucket):
    store = await open_endpoint(ceph)
    keys = [f"ü {number:04}" for number in range(1001)]
    places = [Location(ceph_bucket, key) for key in keys]
    tickets = await asyncio.gather(*(store.create_multipart(place) for place in places))
    there = await store.list_uploads(Prefix(ceph_bucket))
    assert sorted(each.location.key for each in there) == keys
    assert {each.upload for each in there} == {ticket.upload for ticket in tickets}
    await asyncio.gather(
        *(
            store.abort_multipart(place, ticket.upload)
            for place, ticket in zip(places, tickets, strict=True)
        )
    )
    assert await store.list_uploads(Prefix(ceph_bucket)) == []


async def test_a_store_that_is_not_known_is_not_trusted(open_endpoint, endpoint, bucket):
    store = await open_endpoint(endpoint)
    key = Location(bucket, "key")
    await store.put(key, b"first")
    with pytest.raises(NotSupportedError):
        await put_if_absent(store, key, b"second")
    with pytest.raises(NotSupportedError):
        await put_if_match(store, key, b"second", "etag")
    assert await read(store, key) == b"first"


async def test_one_of_eight_racing_writers_wins_on_ceph(open_endpoint, ceph, ceph_bucket):
    store = await open_endpoint(ceph, copy(CONDITIONS["ceph"]))
    for lap in range(4):
        key = Location(ceph_bucket, f"race {lap}")
        bodies = [b"writer %d" % number for number in range(8)]
        won = await asyncio.gather(*(put_if_absent(store, key, body) for body in bodies))
        assert won.count(True) == 1
        assert await read(store, key) == bodies[won.index(True)]


@pytest.mark.parametrize("way", ["put", "complete"])
async def test_of_racing_writers_with_a_safeguard(request, way, open_endpoint, ceph, ceph_bucket):
    """Nothing is known of the store, as when somebody has just made the connection."""
    if way == "complete":
        request.node.add_marker(pytest.mark.xfail(reason="ignored by Ceph 16", strict=True))
    store = await open_endpoint(ceph)
    safeguard = Condition(if_absent=True, is_safeguard=True)

    async def write(key, body):
        try:
            if way == "put":
                await store.put(key, body, condition=safeguard)
            else:
                ticket = await store.create_multipart(key)
                part = await store.put_part(key, ticket, 1, body)
                await store.complete_multipart(key, ticket, [part], condition=safeguard)
        except (PreconditionFailedError, ConflictError):
            return False
        return True

    for lap in range(4):
        key = Location(ceph_bucket, f"race {lap}")
        bodies = [b"writer %d" % number for number in range(8)]
        won = await asyncio.gather(*(write(key, body) for body in bodies))
        assert won.count(True) == 1
        assert await read(store, key) == bodies[won.index(True)]
