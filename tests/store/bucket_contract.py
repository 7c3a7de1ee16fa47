"""What every BucketStore promises. A subclass provides the fixtures `store` and `bucket`."""

from __future__ import annotations

import uuid

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import ConflictError, NotFoundError
from s4desk.core.domain.identity import Location
from tests.store.configs import get_config


class BucketStoreContract:
    """Buckets."""

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

    async def test_a_bucket_with_lock_has_lock_and_versions(self, store, new_name):
        await store.create_bucket(new_name, with_lock=True)
        lock = await get_config(store, new_name, ConfigKind.OBJECT_LOCK)
        versioning = await get_config(store, new_name, ConfigKind.VERSIONING)
        assert lock["ObjectLockEnabled"] == "Enabled"
        assert versioning["Status"] == "Enabled"
        await store.delete_bucket(new_name)

    @pytest.mark.parametrize("with_lock", [False, True])
    async def test_a_bucket_is_not_made_twice(self, store, bucket, with_lock):
        with pytest.raises(ConflictError) as refusal:
            await store.create_bucket(bucket, with_lock=with_lock)
        assert refusal.value.code == "BucketAlreadyOwnedByYou"
        assert await get_config(store, bucket, ConfigKind.OBJECT_LOCK) is None
