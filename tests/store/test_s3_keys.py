"""Keys are bytes: whatever is put comes back from a real server as it was."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import Doomed
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.body import BytesSink
from s4desk.core.wire.pool import WirePool

# A store keeps text: bytes that are no UTF-8 and NUL are refused by all of them.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
ODD = st.sampled_from(
    ["/", "//", "..", ".", " ", "+", "%", "%2F", "%00", "\n", "\r", "\x01", "?", "#"]
)
KEYS = (
    st.lists(st.one_of(ODD, st.text(CHARACTERS, max_size=6)), min_size=1, max_size=8)
    .map("".join)
    .filter(lambda key: 0 < len(key.encode()) <= 1000)
)


async def round_trip(store, bucket, keys):
    """Put, list, copy and read all keys; delete half of them each way."""
    for key in keys:
        await store.put(Location(bucket, key), key.encode())
    listed = await store.list_objects(Prefix(bucket), delimiter="")
    versions = await store.list_versions(Prefix(bucket), delimiter="")
    assert list(listed.keys) == sorted(keys)
    assert sorted({each.location.key for each in versions.versions}) == sorted(keys)
    for key in keys:
        sink = BytesSink()
        await store.copy(Location(bucket, key), Location(bucket, "copy"))
        await store.get(Location(bucket, "copy"), sink)
        assert bytes(sink.data) == key.encode()
        page = await store.list_objects(Prefix(bucket, key), delimiter="")
        assert key in page.keys
    await store.delete(Location(bucket, "copy"))
    half = len(keys) // 2
    for key in keys[:half]:
        await store.delete(Location(bucket, key))
    assert await store.delete_many(bucket, [Doomed(key) for key in keys[half:]]) == []
    assert len(await store.list_objects(Prefix(bucket), delimiter="")) == 0


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(keys=st.lists(KEYS.filter(lambda key: key != "copy"), min_size=1, max_size=6, unique=True))
def test_keys_come_back_as_they_were(ceph, ceph_bucket, keys):
    async def run():
        pool = WirePool()
        connection = Connection(ConnectionId("c"), "c", ceph.url, ceph.region)
        key = Credentials(ceph.access_key, ceph.secret_key)
        store = S3Store(connection, lambda: key, pool, Capabilities())
        try:
            await round_trip(store, ceph_bucket, keys)
        finally:
            await pool.aclose()

    asyncio.run(run())
