"""What holds of changes in place at every store: nothing is lost that was not to be changed.

A subclass provides the fixtures `store`, `bucket`, and `locked`, a bucket with Object Lock.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.access import CannedAcl
from s4desk.core.domain.errors import ConflictError, InvalidRequestError, LostUpdateError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.properties import Pairs, PropertyChange
from s4desk.core.store.wrapper import StoreWrapper
from s4desk.core.transfer.editing import EditOutcome, Seen, edit, edit_many
from s4desk.core.transfer.rewriting import CopySizes
from tests.store.samples import read

MIB = 1024**2
BODY = b"the bytes stay"
FULL = Attributes(
    content_type="text/x-odd; charset=utf-8",
    content_disposition='attachment; filename="a b.txt"',
    content_language="de",
    cache_control="max-age=9",
    expires="Tue, 01 Jan 2030 00:00:00 GMT",
    website_redirect="/elsewhere",
    metadata={"author": "Grüße, 日本語 😀", "plain": "a  b", "odd": "%20+=?not?encoded"},
    tags={"team": "blue", "größe": "日本"},
    storage_class="STANDARD_IA",
)
KEPT = (
    "content_type",
    "content_disposition",
    "content_language",
    "cache_control",
    "expires",
    "website_redirect",
)
IN_PARTS = CopySizes(single=5 * MIB, part=5 * MIB)


def now() -> datetime:
    return datetime.now(UTC)


def plain(meta):
    """Without the date of the reply."""
    return replace(meta, headers={})


class Between(StoreWrapper):
    """Another program writes, once, right before a request of that name."""

    def __init__(self, inner, operation, deed):
        super().__init__(inner)
        self.operation = operation
        self.deed = deed

    async def _around(self, request, call, moved=None):
        if request.operation == self.operation and self.deed is not None:
            deed, self.deed = self.deed, None
            await deed()
        return await super()._around(request, call, moved)


class EditingContract:
    """Changes of one object, whatever the store keeps by itself."""

    heeds_source_match = True
    """Whether the store looks at the ETag of what it copies."""

    @pytest.fixture
    def key(self, bucket):
        return Location(bucket, "key")

    async def seen(self, store, key):
        meta = await store.head(key)
        return Seen(meta, await store.get_tags(key), await store.get_acl(key))

    async def assert_kept(self, store, key, wanted=FULL):
        there = await store.head(key)
        assert {name: getattr(there.attributes, name) for name in KEPT} == {
            name: getattr(wanted, name) for name in KEPT
        }
        assert dict(there.attributes.metadata) == dict(wanted.metadata)
        assert dict(await store.get_tags(key)) == dict(wanted.tags)
        assert there.storage_class == wanted.storage_class

    async def test_what_is_not_changed_stays(self, store, key):
        await store.put(key, BODY, attributes=FULL)
        await store.put_acl(key, CannedAcl.PUBLIC_READ)
        grants, before = await store.get_acl(key), await store.head(key)
        change = PropertyChange(metadata=Pairs({"added": "später"}))
        outcome = await edit(store, key, change, now(), seen=await self.seen(store, key))
        assert outcome.changed == ("metadata",)
        await self.assert_kept(
            store, key, replace(FULL, metadata={**FULL.metadata, "added": "später"})
        )
        assert (await store.get_acl(key)).is_same(grants)
        there = await store.head(key)
        assert (there.etag, there.size) == (before.etag, before.size)
        assert there.checksum == before.checksum
        assert await read(store, key) == BODY

    async def test_everything_can_be_changed_at_once(self, store, key):
        await store.put(key, BODY, attributes=FULL)
        change = PropertyChange(
            fields={"content_type": "text/plain", "cache_control": "", "website_redirect": ""},
            metadata=Pairs({"new": "ñ"}, frozenset({"author"})),
            tags=Pairs({"only": "this"}, replaces=True),
            storage_class="STANDARD",
            acl=CannedAcl.PUBLIC_READ,
        )
        outcome = await edit(store, key, change, now())
        assert set(outcome.changed) == {
            "content_type",
            "cache_control",
            "website_redirect",
            "metadata",
            "storage_class",
            "tags",
            "acl",
        }
        metadata = {"plain": "a  b", "odd": "%20+=?not?encoded", "new": "ñ"}
        wanted = replace(
            FULL,
            content_type="text/plain",
            cache_control="",
            website_redirect="",
            metadata=metadata,
            tags={"only": "this"},
            storage_class="STANDARD",
        )
        await self.assert_kept(store, key, wanted)
        assert (await store.get_acl(key)).is_public

    async def test_tags_alone_do_not_make_another_object(self, store, key):
        await store.put(key, BODY, attributes=FULL)
        before = await store.head(key)
        change = PropertyChange(tags=Pairs(removed=frozenset({"team"})))
        outcome = await edit(store, key, change, now())
        assert outcome.changed == ("tags",)
        assert dict(await store.get_tags(key)) == {"größe": "日本"}
        assert (await store.head(key)).modified == before.modified

    async def test_all_tags_can_go(self, store, key):
        await store.put(key, BODY, attributes=FULL)
        change = PropertyChange(fields={"content_type": "a/b"}, tags=Pairs(replaces=True))
        await edit(store, key, change, now())
        assert dict(await store.get_tags(key)) == {}
        await self.assert_kept(store, key, replace(FULL, content_type="a/b", tags={}))

    async def test_what_is_so_already_is_not_written(self, store, key):
        await store.put(key, BODY, attributes=FULL)
        before = await store.head(key)
        change = PropertyChange(
            fields={"content_language": "de"},
            metadata=Pairs({"plain": "a  b"}, frozenset({"nothing"})),
            tags=Pairs({"team": "blue"}),
            storage_class="STANDARD_IA",
        )
        assert (await edit(store, key, change, now())).changed == ()
        assert plain(await store.head(key)) == plain(before)

    async def test_a_look_changes_nothing(self, store, key):
        await store.put(key, BODY, attributes=FULL)
        before = await store.head(key)
        change = PropertyChange(fields={"expires": ""}, acl=CannedAcl.PUBLIC_READ)
        outcome = await edit(store, key, change, now(), is_dry=True)
        assert set(outcome.changed) == {"expires", "acl"}
        assert plain(await store.head(key)) == plain(before)
        assert (await store.get_acl(key)).is_private

    @pytest.mark.parametrize("other", ["bytes", "metadata", "tags", "acl"])
    async def test_a_change_of_others_is_not_overwritten(self, store, key, other):
        """Somebody writes between the look and the save."""
        await store.put(key, BODY, attributes=FULL)
        seen = await self.seen(store, key)
        if other == "bytes":
            await store.put(key, b"others")
        elif other == "metadata":
            await store.copy(key, key, attributes=replace(FULL, metadata={"theirs": "1"}, tags={}))
        elif other == "tags":
            await store.put_tags(key, {"theirs": "1"})
        else:
            await store.put_acl(key, CannedAcl.PUBLIC_READ)
        before = await self.seen(store, key)
        change = PropertyChange(
            fields={"content_type": "a/b"},
            tags=Pairs({"mine": "1"}),
            acl=CannedAcl.AUTHENTICATED_READ,
        )
        with pytest.raises(LostUpdateError) as lost:
            await edit(store, key, change, now(), seen=seen)
        assert not lost.value.is_mixed
        after = await self.seen(store, key)
        assert (plain(after.meta), dict(after.tags)) == (plain(before.meta), dict(before.tags))
        assert after.acl.is_same(before.acl)

    async def test_bytes_that_come_at_the_last_moment_are_not_lost(self, store, key):
        """After our own last look, when only the store itself can still notice."""
        await store.put(key, BODY, attributes=FULL)
        seen = await self.seen(store, key)
        late = Between(store, "copy", lambda: store.put(key, b"of others"))
        change = PropertyChange(fields={"content_type": "a/b"})
        with pytest.raises(LostUpdateError) as lost:
            await edit(late, key, change, now(), seen=seen)
        assert await read(store, key) == b"of others"
        assert lost.value.is_mixed is not self.heeds_source_match

    async def test_what_is_too_large_for_one_copy_goes_in_parts(self, store, key):
        body = bytes(range(256)) * (11 * MIB // 256) + b"end"
        await store.put(key, body, attributes=FULL)
        await store.put_acl(key, CannedAcl.PUBLIC_READ)
        asked = Counting(store)
        change = PropertyChange(fields={"content_language": "fr"})
        outcome = await edit(asked, key, change, now(), sizes=IN_PARTS)
        assert outcome.changed == ("content_language",)
        assert asked.operations.count("copy_part") == 3
        assert "copy" not in asked.operations
        await self.assert_kept(store, key, replace(FULL, content_language="fr"))
        assert (await store.get_acl(key)).is_public
        assert await read(store, key) == body
        assert await store.list_uploads(Prefix(key.bucket)) == []

    @pytest.mark.parametrize("theirs", [b"short", b"\1" * 11 * MIB])
    async def test_parts_of_two_objects_are_never_joined(self, store, key, theirs):
        await store.put(key, bytes(11 * MIB), attributes=FULL)
        late = Between(store, "copy_part", lambda: store.put(key, theirs))
        change = PropertyChange(fields={"content_language": "fr"})
        with pytest.raises((LostUpdateError, InvalidRequestError)):
            await edit(late, key, change, now(), sizes=IN_PARTS)
        assert await store.list_uploads(Prefix(key.bucket)) == []
        assert await read(store, key) == theirs

    async def test_tags_that_come_between_parts_are_not_lost(self, store, key):
        await store.put(key, bytes(11 * MIB), attributes=FULL)
        late = Between(store, "copy_part", lambda: store.put_tags(key, {"late": "second"}))
        change = PropertyChange(fields={"content_language": "fr"})
        with pytest.raises(LostUpdateError) as lost:
            await edit(late, key, change, now(), sizes=IN_PARTS)
        assert lost.value.what in (("tags",), ("content",))  # Ceph moves the time as well
        assert await store.get_tags(key) == {"late": "second"}
        assert await store.list_uploads(Prefix(key.bucket)) == []

    async def test_a_lock_goes_along(self, store, locked):
        key = Location(locked, "key")
        until = now().replace(microsecond=0) + timedelta(hours=1)
        lock = LockState(LockMode.GOVERNANCE, until, legal_hold=True)
        first = await store.put(key, BODY, attributes=replace(FULL, lock=lock))
        change = PropertyChange(metadata=Pairs({"plain": "new"}))
        outcome = await edit(store, key, change, now(), seen=await self.seen(store, key))
        there = await store.head(key)
        assert there.version == outcome.version != first.version
        assert there.attributes.lock == lock
        assert (await store.get_lock(key, version=first.version)) == lock
        for version in (first.version, outcome.version):
            await store.put_legal_hold(key, is_on=False, version=version)

    async def test_many_are_changed_and_each_is_told(self, store, bucket):
        names = ["a", "b", "c"]
        for name in names:
            await store.put(Location(bucket, name), BODY, attributes=FULL)

        async def pages():
            yield [Location(bucket, name) for name in names]
            yield [Location(bucket, "missing")]

        told: list[EditOutcome] = []
        change = PropertyChange(tags=Pairs({"team": "red"}))
        await edit_many(store, pages(), change, now(), told.append)
        assert {
            each.location.key: each.changed for each in told if each.error is None
        } == dict.fromkeys(names, ("tags",))
        assert [each.location.key for each in told if each.error is not None] == ["missing"]
        for name in names:
            assert (await store.get_tags(Location(bucket, name)))["team"] == "red"


class ArchiveContract:
    """What is in an archive is not copied before it is restored."""

    async def test_what_is_archived_is_refused_before_anything_is_done(self, store, bucket):
        key = Location(bucket, "key")
        await store.put(key, BODY, attributes=replace(FULL, storage_class="GLACIER"))
        asked = Counting(store)
        change = PropertyChange(fields={"content_type": "a/b"})
        with pytest.raises(ConflictError) as refusal:
            await edit(asked, key, change, now())
        assert refusal.value.code == "InvalidObjectState"
        assert "copy" not in asked.operations
        await edit(store, key, PropertyChange(tags=Pairs({"a": "b"})), now())
        await store.restore_archived(key, 1)
        await edit(store, key, change, now())
        there = await store.head(key)
        assert (there.attributes.content_type, there.storage_class) == ("a/b", "GLACIER")


class Counting(StoreWrapper):
    def __init__(self, inner):
        super().__init__(inner)
        self.operations: list[str] = []

    async def _around(self, request, call, moved=None):
        self.operations.append(request.operation)
        return await super()._around(request, call, moved)
