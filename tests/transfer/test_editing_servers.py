"""Changes in place, on every real server; and restores of what is too large for one copy."""

from __future__ import annotations

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import ObjectVersion
from s4desk.core.store.capabilities import Capabilities, IfMatch
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.restoring import Restoration, Step, restore
from s4desk.core.wire.pool import WirePool
from tests.store.configs import put_config
from tests.store.samples import read
from tests.transfer.editing_contract import (
    FULL,
    IN_PARTS,
    MIB,
    ArchiveContract,
    Counting,
    EditingContract,
)

SERVERS = ("ceph", "localstack", "moto")


@pytest.fixture(params=SERVERS)
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def bucket(server, new_bucket):
    return new_bucket(server)


@pytest.fixture
def locked(server, new_bucket):
    return new_bucket(server, lock=True)


@pytest.fixture
async def store(server):
    connection = Connection(ConnectionId("c"), server.server, server.url, server.region)
    keys = GivenSecrets(Credentials(server.access_key, server.secret_key))
    # As a probe would find it out at LocalStack; the others heed none of it.
    heeds = server.server == "localstack"
    known = Capabilities(conditional_copy=True, if_match=IfMatch.QUOTED) if heeds else None
    pool = WirePool()
    opened = await open_store(connection, keys, pool, capabilities=known)
    yield opened
    await opened.aclose()
    await pool.aclose()


class TestServers(EditingContract):
    @pytest.fixture(autouse=True)
    def gaps(self, request, server):
        self.heeds_source_match = server.server == "localstack"
        if server.server == "moto" and "a_lock_goes_along" in request.node.name:
            request.node.add_marker(pytest.mark.xfail(reason="tells no locks", strict=True))


class TestArchives(ArchiveContract):
    """Ceph has none, and moto tells not even the tags of what is in one."""

    @pytest.fixture
    def server(self, localstack):
        return localstack


@pytest.mark.parametrize("is_large", [True, False])
async def test_an_old_version_becomes_the_newest(server, store, bucket, is_large):
    """Of more than 5 GiB in parts; the limit is an argument here."""
    await put_config(store, bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
    key, body = Location(bucket, "key"), bytes(range(256)) * (11 * MIB // 256)
    old = await store.put(key, body, attributes=FULL)
    await store.put(key, b"newer")
    page = await store.list_versions(Prefix(bucket), delimiter="")
    version = next(each for each in page.versions if each.version == old.version)
    assert isinstance(version, ObjectVersion)
    if not is_large and server.server == "localstack":
        pytest.skip("refuses to copy a version over its key")
    asked = Counting(store)
    sizes = {"sizes": IN_PARTS} if is_large else {}
    await restore(asked, Restoration(key, Step.COPY, version), **sizes)
    assert ("copy_part" in asked.operations) is is_large
    assert await read(store, key) == body
    there = await store.head(key)
    assert there.storage_class == FULL.storage_class
    assert dict(there.attributes.metadata) == dict(FULL.metadata)
    assert dict(await store.get_tags(key)) == dict(FULL.tags)
    assert await store.list_uploads(Prefix(bucket)) == []
