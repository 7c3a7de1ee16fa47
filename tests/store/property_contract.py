"""What every ObjectStore promises about grants, archives and website redirects.

A subclass provides the fixtures `store` and `bucket`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.access import (
    ALL_USERS,
    Acl,
    CannedAcl,
    Grant,
    Grantee,
    GranteeKind,
    Permission,
)
from s4desk.core.domain.archive import Tier, archive_state
from s4desk.core.domain.errors import ConflictError, NotFoundError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes
from tests.store.samples import read

READERS = Grant(Grantee(GranteeKind.GROUP, ALL_USERS), Permission.READ)


class PropertyContract:
    """What belongs to an object beside its bytes."""

    @pytest.fixture
    def key(self, bucket):
        return Location(bucket, "key")

    async def test_a_new_object_is_private(self, store, key):
        await store.put(key, b"x")
        acl = await store.get_acl(key)
        assert acl.is_private
        assert acl.grants == (Grant(acl.grants[0].grantee, Permission.FULL_CONTROL),)

    async def test_grants_come_back_as_they_were_set(self, store, key):
        await store.put(key, b"x")
        mine = await store.get_acl(key)
        wanted = Acl(mine.owner, (*mine.grants, READERS))
        await store.put_acl(key, wanted)
        assert (await store.get_acl(key)).is_same(wanted)
        await store.put_acl(key, mine)
        assert (await store.get_acl(key)).is_same(mine)

    async def test_a_canned_list_stands_for_its_grants(self, store, key):
        await store.put(key, b"x")
        mine = await store.get_acl(key)
        await store.put_acl(key, CannedAcl.PUBLIC_READ)
        public = await store.get_acl(key)
        assert public.is_public
        assert public.is_same(Acl(mine.owner, (*mine.grants, READERS)))
        await store.put_acl(key, CannedAcl.PRIVATE)
        assert (await store.get_acl(key)).is_private

    async def test_a_copy_onto_itself_is_private_again(self, store, key):
        """This is why whoever edits an object has to carry its grants."""
        await store.put(key, b"x")
        await store.put_acl(key, CannedAcl.PUBLIC_READ)
        await store.copy(key, key, attributes=Attributes(metadata={"a": "b"}))
        assert (await store.get_acl(key)).is_private

    async def test_what_is_not_there_has_no_grants(self, store, key):
        with pytest.raises(NotFoundError):
            await store.get_acl(key)

    async def test_a_website_redirect_is_kept_and_copied(self, store, key):
        await store.put(key, b"x", attributes=Attributes(website_redirect="/elsewhere"))
        assert (await store.head(key)).attributes.website_redirect == "/elsewhere"
        target = Location(key.bucket, "copy")
        await store.copy(key, target)
        assert (await store.head(target)).attributes.website_redirect == "/elsewhere"

    async def test_an_archived_object_is_not_read_before_it_is_restored(self, store, key):
        await store.put(key, b"x", attributes=Attributes(storage_class="GLACIER"))
        with pytest.raises(ConflictError) as refusal:
            await read(store, key)
        assert refusal.value.code == "InvalidObjectState"
        with pytest.raises(ConflictError):
            await store.copy(key, Location(key.bucket, "copy"))
        meta = await store.head(key)
        assert not archive_state(meta.storage_class, meta.headers).can_read(datetime.now(UTC))

    async def test_a_restore_lasts_some_days(self, store, key):
        await store.put(key, b"x", attributes=Attributes(storage_class="GLACIER"))
        await store.restore_archived(key, 3, Tier.BULK)
        meta = await store.head(key)
        state, now = archive_state(meta.storage_class, meta.headers), datetime.now(UTC)
        assert (state.is_archived, state.is_restoring) == (True, False)
        # AWS ends it at the next midnight.
        assert now + timedelta(days=2.9) < state.until <= now + timedelta(days=4)
        assert state.can_read(now)
        assert not state.can_read(now + timedelta(days=5))
        assert await read(store, key) == b"x"

    async def test_only_what_is_archived_is_restored(self, store, key):
        await store.put(key, b"x")
        with pytest.raises(ConflictError) as refusal:
            await store.restore_archived(key, 3)
        assert refusal.value.code == "InvalidObjectState"
