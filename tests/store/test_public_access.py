"""What a store that enforces policies lets strangers do is what we call public."""

from __future__ import annotations

import pytest

from s4desk.core.domain.access import ALL_USERS, AUTHENTICATED_USERS
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.public_access import is_public
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.pool import WirePool
from tests.domain.test_public_access import OPEN, SHUT

POLICY, ACL = ConfigKind.POLICY, ConfigKind.ACL


@pytest.fixture
async def store_of(ceph):
    """Ceph, as somebody who has these keys, or none."""
    pool, opened = WirePool(), []

    def make(keys):
        connection = Connection(ConnectionId("c"), "c", ceph.url, ceph.region)
        opened.append(S3Store(connection, lambda: keys, pool, Capabilities()))
        return opened[-1]

    yield make
    for each in opened:
        await each.aclose()
    await pool.aclose()


@pytest.fixture
def alice(store_of, ceph):
    return store_of(Credentials(ceph.access_key, ceph.secret_key))


@pytest.fixture
def bob(store_of, ceph):
    return store_of(Credentials(ceph.access_key2, ceph.secret_key2))


@pytest.fixture
def stranger(store_of):
    return store_of(None)


async def may_read(store, location):
    try:
        await store.head(location)
    except PermissionDeniedError:
        return False
    return True


def of_bucket(document, bucket):
    body = document.body.replace(b"arn:aws:s3:::b/", f"arn:aws:s3:::{bucket}/".encode())
    return from_json(POLICY, as_json(type(document)(POLICY, body)))


@pytest.mark.parametrize("name", [each for each in OPEN | SHUT if each != "no JSON"])
async def test_a_policy_that_lets_a_stranger_in_is_public(alice, stranger, ceph_bucket, name):
    key = Location(ceph_bucket, "key")
    await alice.put(key, b"x")
    assert not await may_read(stranger, key)
    document = of_bucket((OPEN | SHUT)[name], ceph_bucket)
    await alice.put_document(ceph_bucket, document)
    if await may_read(stranger, key):
        assert is_public(document)
    if name in ("everybody", "everybody by name", "the whole internet"):
        assert await may_read(stranger, key)


@pytest.mark.parametrize("group", [ALL_USERS, AUTHENTICATED_USERS])
async def test_a_grant_that_lets_others_in_is_public(alice, bob, stranger, ceph_bucket, group):
    before = await alice.get_document(ceph_bucket, ACL)
    assert not is_public(before)
    value = as_json(before)
    value["Grants"].append({"Grantee": {"Type": "Group", "URI": group}, "Permission": "READ"})
    await alice.put_document(ceph_bucket, from_json(ACL, value, before))
    assert is_public(await alice.get_document(ceph_bucket, ACL))
    await bob.list_objects(Prefix(ceph_bucket))
    if group == ALL_USERS:
        await stranger.list_objects(Prefix(ceph_bucket))
    await alice.delete_document(ceph_bucket, ACL)
    assert not is_public(await alice.get_document(ceph_bucket, ACL))
    for store in (bob, stranger):
        with pytest.raises(PermissionDeniedError):
            await store.list_objects(Prefix(ceph_bucket))
