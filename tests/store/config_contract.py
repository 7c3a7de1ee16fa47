"""What every ConfigStore promises. A subclass provides the fixtures `store` and `bucket`."""

from __future__ import annotations

import uuid

import pytest

from s4desk.core.domain.bucket_config import FACTS, ConfigKind
from s4desk.core.domain.config_json import as_json, from_json, is_set
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.store.config_compare import differences
from s4desk.core.store.configuration import read_config
from tests.store.configs import LOCK, VERSIONED, inventory, put_config, sample

REMOVABLE = [
    ConfigKind.LIFECYCLE,
    ConfigKind.POLICY,
    ConfigKind.CORS,
    ConfigKind.TAGGING,
    ConfigKind.ENCRYPTION,
    ConfigKind.PUBLIC_ACCESS_BLOCK,
    ConfigKind.WEBSITE,
]
EVERYWHERE = [
    ConfigKind.LIFECYCLE,
    ConfigKind.POLICY,
    ConfigKind.CORS,
    ConfigKind.TAGGING,
    ConfigKind.VERSIONING,
    ConfigKind.REPLICATION,
    ConfigKind.OBJECT_LOCK,
    ConfigKind.WEBSITE,
    ConfigKind.LOGGING,
    ConfigKind.NOTIFICATION,
    ConfigKind.ACL,
]
"""Kinds that all stores of the suite know, and have none of in a new bucket."""


class ConfigStoreContract:
    """What buckets are told."""

    async def test_a_configuration_of_no_bucket_is_not_found(self, store):
        nowhere = f"t-{uuid.uuid4().hex[:20]}"
        for kind in (ConfigKind.LIFECYCLE, ConfigKind.VERSIONING, ConfigKind.TAGGING):
            with pytest.raises(NotFoundError):
                await store.get_document(nowhere, kind)

    @pytest.mark.parametrize("kind", EVERYWHERE)
    async def test_a_new_bucket_has_no_configuration(self, store, bucket, kind):
        assert not is_set(await store.get_document(bucket, kind))

    @pytest.mark.parametrize("kind", REMOVABLE)
    async def test_a_configuration_is_kept_until_it_is_deleted(self, store, bucket, kind):
        wanted = sample(kind, bucket)
        before = await store.get_document(bucket, kind)
        await store.put_document(bucket, from_json(kind, wanted, before))
        there = await store.get_document(bucket, kind)
        assert differences(kind, wanted, as_json(there)) == []
        assert (there.kind, there.id) == (kind, "")
        await store.delete_document(bucket, kind)
        # Modern stores encrypt by default and say so, whatever was configured.
        is_default = kind is ConfigKind.ENCRYPTION
        assert is_default or not is_set(await store.get_document(bucket, kind))
        await store.delete_document(bucket, kind)

    async def test_what_came_is_taken_again(self, store, bucket):
        """A document goes back as the store sent it, whatever it calls its root."""
        for kind in (ConfigKind.VERSIONING, ConfigKind.CORS, ConfigKind.ACL):
            if kind is not ConfigKind.ACL:
                await put_config(store, bucket, kind, sample(kind, bucket))
            there = await store.get_document(bucket, kind)
            if there is not None:  # the store in memory has no ACL by itself
                await store.put_document(bucket, there)
                assert as_json(await store.get_document(bucket, kind)) == as_json(there)

    async def test_versioning_is_enabled_and_suspended(self, store, bucket):
        await put_config(store, bucket, ConfigKind.VERSIONING, VERSIONED)
        assert (await read_config(store, bucket, ConfigKind.VERSIONING))["Status"] == "Enabled"
        await store.delete_document(bucket, ConfigKind.VERSIONING)
        assert (await read_config(store, bucket, ConfigKind.VERSIONING))["Status"] == "Suspended"

    async def test_a_default_retention_comes_and_goes(self, store):
        name = f"t-{uuid.uuid4().hex[:20]}"
        await store.create_bucket(name, with_lock=True)
        await put_config(store, name, ConfigKind.OBJECT_LOCK, LOCK)
        there = await read_config(store, name, ConfigKind.OBJECT_LOCK)
        assert differences(ConfigKind.OBJECT_LOCK, LOCK, there) == []
        await store.delete_document(name, ConfigKind.OBJECT_LOCK)
        there = await read_config(store, name, ConfigKind.OBJECT_LOCK)
        assert there["ObjectLockEnabled"] == "Enabled"
        assert not there.get("Rule")
        await store.delete_bucket(name)

    async def test_several_of_a_kind_have_ids(self, store, bucket):
        kind = ConfigKind.INVENTORY
        assert FACTS[kind].has_ids
        assert await store.list_document_ids(bucket, kind) == []
        for name in ("one", "two"):
            await put_config(store, bucket, kind, inventory(bucket, name), id=name)
        assert sorted(await store.list_document_ids(bucket, kind)) == ["one", "two"]
        there = await store.get_document(bucket, kind, id="two")
        assert there.id == "two"
        assert as_json(there)["Id"] == "two"
        assert await store.get_document(bucket, kind, id="three") is None
