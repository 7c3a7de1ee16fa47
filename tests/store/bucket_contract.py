"""What every BucketStore promises. A subclass provides the fixtures `store` and `bucket`."""

from __future__ import annotations

import json
import uuid

import pytest

from s4desk.core.domain.errors import ConflictError, NotFoundError
from s4desk.core.domain.identity import Location
from s4desk.core.store.protocol import ConfigKind

PLAIN_LIFECYCLE = {
    "Rules": [
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 30},
        }
    ]
}
CORS = {
    "CORSRules": [
        {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3000}
    ]
}
TAGGING = {"TagSet": [{"Key": "team", "Value": "störage"}]}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
LOCK = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
}
REMOVABLE = [
    ConfigKind.LIFECYCLE,
    ConfigKind.POLICY,
    ConfigKind.CORS,
    ConfigKind.TAGGING,
    ConfigKind.ENCRYPTION,
]


def policy(bucket):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/public/*"],
    }
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def sample(kind, bucket):
    return {
        ConfigKind.LIFECYCLE: PLAIN_LIFECYCLE,
        ConfigKind.POLICY: policy(bucket),
        ConfigKind.CORS: CORS,
        ConfigKind.TAGGING: TAGGING,
        ConfigKind.ENCRYPTION: ENCRYPTION,
    }[kind]


def contains(there, wanted):
    """Whether `there` has all of `wanted`; servers add fields of their own."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            name in there and contains(there[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return len(there) == len(wanted) and all(map(contains, there, wanted))
    return there == wanted


class BucketStoreContract:
    """Buckets and their configurations."""

    @pytest.fixture
    def new_name(self):
        return f"t-{uuid.uuid4().hex[:20]}"

    async def test_a_created_bucket_is_there_until_it_is_deleted(self, store, new_name):
        await store.create_bucket(new_name)
        assert (await store.head_bucket(new_name)).name == new_name
        assert new_name in [bucket.name for bucket in await store.list_buckets()]
        await store.delete_bucket(new_name)
        assert new_name not in [bucket.name for bucket in await store.list_buckets()]
        with pytest.raises(NotFoundError):
            await store.head_bucket(new_name)

    async def test_a_listed_bucket_says_when_it_was_created(self, store, bucket):
        (found,) = [each for each in await store.list_buckets() if each.name == bucket]
        assert found.created is not None
        assert found.created.utcoffset() is not None

    async def test_a_bucket_that_is_not_empty_stays(self, store, bucket):
        await store.put(Location(bucket, "key"), b"data")
        with pytest.raises(ConflictError):
            await store.delete_bucket(bucket)
        assert (await store.head(Location(bucket, "key"))).size == 4

    async def test_a_bucket_that_is_not_there_is_not_found(self, store, new_name):
        with pytest.raises(NotFoundError):
            await store.head_bucket(new_name)
        with pytest.raises(NotFoundError):
            await store.delete_bucket(new_name)

    async def test_a_configuration_of_no_bucket_is_not_found(self, store, new_name):
        for kind in (ConfigKind.LIFECYCLE, ConfigKind.VERSIONING, ConfigKind.TAGGING):
            with pytest.raises(NotFoundError):
                await store.get_config(new_name, kind)

    @pytest.mark.parametrize("kind", [kind for kind in ConfigKind if kind != "encryption"])
    async def test_a_new_bucket_has_no_configuration(self, store, bucket, kind):
        assert await store.get_config(bucket, kind) is None

    @pytest.mark.parametrize("kind", REMOVABLE)
    async def test_a_configuration_is_kept_until_it_is_deleted(self, store, bucket, kind):
        wanted = sample(kind, bucket)
        await store.put_config(bucket, kind, wanted)
        there = await store.get_config(bucket, kind)
        if kind is ConfigKind.POLICY:
            assert json.loads(there["Policy"]) == json.loads(wanted["Policy"])
        else:
            assert contains(there, wanted)
        await store.delete_config(bucket, kind)
        after = await store.get_config(bucket, kind)
        # Modern stores encrypt by default and say so, whatever was configured.
        assert after is None or kind is ConfigKind.ENCRYPTION

    async def test_versioning_is_enabled_and_suspended(self, store, bucket):
        await store.put_config(bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
        there = await store.get_config(bucket, ConfigKind.VERSIONING)
        assert there["Status"] == "Enabled"
        await store.delete_config(bucket, ConfigKind.VERSIONING)
        there = await store.get_config(bucket, ConfigKind.VERSIONING)
        assert there is None or there["Status"] == "Suspended"

    async def test_a_bucket_with_lock_has_lock_and_versions(self, store, new_name):
        await store.create_bucket(new_name, with_lock=True)
        lock = await store.get_config(new_name, ConfigKind.OBJECT_LOCK)
        versioning = await store.get_config(new_name, ConfigKind.VERSIONING)
        assert lock["ObjectLockEnabled"] == "Enabled"
        assert versioning["Status"] == "Enabled"
        await store.delete_bucket(new_name)

    @pytest.mark.parametrize("with_lock", [False, True])
    async def test_a_bucket_is_not_made_twice(self, store, bucket, with_lock):
        with pytest.raises(ConflictError) as refusal:
            await store.create_bucket(bucket, with_lock=with_lock)
        assert refusal.value.code == "BucketAlreadyOwnedByYou"
        assert await store.get_config(bucket, ConfigKind.OBJECT_LOCK) is None

    async def test_a_default_retention_comes_and_goes(self, store, new_name):
        await store.create_bucket(new_name, with_lock=True)
        await store.put_config(new_name, ConfigKind.OBJECT_LOCK, LOCK)
        there = await store.get_config(new_name, ConfigKind.OBJECT_LOCK)
        assert contains(there, LOCK)
        await store.delete_config(new_name, ConfigKind.OBJECT_LOCK)
        there = await store.get_config(new_name, ConfigKind.OBJECT_LOCK)
        assert not (there or {}).get("Rule")
        await store.delete_bucket(new_name)
