"""Changes in place, on the store in memory, and what the real ones cannot be brought to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import (
    InvalidRequestError,
    PermissionDeniedError,
    PropertiesLostError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.domain.properties import Encryption, Pairs, PropertyChange
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.s3_headers import attribute_headers
from s4desk.core.store.wrapper import StoreWrapper
from s4desk.core.transfer.editing import edit
from tests.transfer.editing_contract import BODY, FULL, ArchiveContract, EditingContract, now

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Attributes


@pytest.fixture
def store():
    return MemoryStore(["bucket"])


@pytest.fixture
def bucket():
    return "bucket"


@pytest.fixture
async def locked(store):
    await store.create_bucket("locked", with_lock=True)
    return "locked"


class TestMemory(EditingContract, ArchiveContract):
    pass


class Heedless(StoreWrapper):
    """Looks at no condition, as Ceph and moto do not."""

    async def copy(self, source, target, *, if_match="", condition=None, **words):
        return await super().copy(source, target, **words)

    async def copy_part(self, *words, if_match="", **more):
        return await super().copy_part(*words, **more)

    async def complete_multipart(self, *words, condition=None):
        return await super().complete_multipart(*words)


class TestHeedless(EditingContract):
    heeds_source_match = False

    @pytest.fixture
    def store(self):
        return Heedless(MemoryStore(["bucket"]))


class Telling(StoreWrapper):
    """Says more in a HEAD, refuses some requests, and remembers what copies were to have."""

    def __init__(self, inner, headers=None, denied=()):
        super().__init__(inner)
        self.headers = headers or {}
        self.denied = denied
        self.written: list[Attributes] = []

    async def _around(self, request, call, moved=None):
        if request.operation in self.denied:
            raise PermissionDeniedError("no", operation=request.operation)
        return await super()._around(request, call, moved)

    async def head(self, location, *, version=None):
        meta = await super().head(location, version=version)
        return replace(meta, headers={**meta.headers, **self.headers})

    async def copy(self, source, target, **words):
        self.written.append(words["attributes"])
        return await super().copy(source, target, **words)


CHANGE = PropertyChange(fields={"content_type": "a/b"})


@pytest.fixture
async def key(store, bucket):
    key = Location(bucket, "key")
    await store.put(key, BODY, attributes=FULL)
    return key


async def test_the_key_of_the_encryption_goes_along(store, key):
    name = "x-amz-server-side-encryption"
    told = Telling(
        store,
        {
            name: "aws:kms",
            f"{name}-aws-kms-key-id": "arn:aws:kms:key",
            f"{name}-bucket-key-enabled": "true",
        },
    )
    await edit(told, key, CHANGE, now())
    assert told.written[0].encryption == Encryption("aws:kms", "arn:aws:kms:key", True)
    headers = attribute_headers(told.written[0])
    assert headers[name] == "aws:kms"
    assert headers[f"{name}-aws-kms-key-id"] == "arn:aws:kms:key"
    assert headers[f"{name}-bucket-key-enabled"] == "true"


async def test_metadata_that_cannot_be_told_is_not_lost(store, key):
    told = Telling(store, {"x-amz-missing-meta": "1"})
    with pytest.raises(InvalidRequestError):
        await edit(told, key, CHANGE, now())
    assert told.written == []
    outcome = await edit(told, key, PropertyChange(tags=Pairs({"a": "b"})), now())
    assert outcome.changed == ("tags",)


async def test_grants_that_may_not_be_read_are_told_of(store, key):
    outcome = await edit(Telling(store, denied=["get_acl"]), key, CHANGE, now())
    assert outcome.has_unseen_acl
    tags_alone = PropertyChange(tags=Pairs({"a": "b"}))
    assert not (
        await edit(Telling(store, denied=["get_acl"]), key, tags_alone, now())
    ).has_unseen_acl


async def test_tags_that_may_not_be_read_are_not_lost(store, key):
    told = Telling(store, denied=["get_tags"])
    with pytest.raises(PermissionDeniedError):
        await edit(told, key, CHANGE, now())
    assert told.written == []


async def test_a_store_that_forgets_is_told_of(store, key):
    class Forgetful(StoreWrapper):
        async def copy(self, source, target, *, attributes=None, **words):
            return await super().copy(
                source, target, attributes=replace(attributes, content_language=""), **words
            )

    with pytest.raises(PropertiesLostError) as lost:
        await edit(Forgetful(store), key, CHANGE, now())
    assert lost.value.detail == "content_language"
