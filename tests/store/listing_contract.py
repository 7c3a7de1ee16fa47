"""What every ObjectStore promises about listings of keys and of versions."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Doomed
from s4desk.core.wire.body import BytesSink
from tests.store.configs import put_config
from tests.store.samples import folders_of, in_key_order, keys_of, read, walk


class ListingContract:
    """Pages of keys and folders."""

    KEYS: ClassVar = ["a", "a/1", "a/2", "a/b/3", "b", "c/4", "d/", "e//5", "f", "g/6"]
    FOREIGN: ClassVar = ["B", "a b", "a+b", "z", "é/1", "é/2", "～", "😀"]

    @pytest.fixture
    async def full(self, store, bucket):
        for key in self.KEYS:
            await store.put(Location(bucket, key), key.encode())
        return Prefix(bucket)

    async def test_an_empty_bucket_is_an_empty_page(self, store, bucket):
        page = await store.list_objects(Prefix(bucket))
        assert (len(page), list(page.folders), page.next_token) == (0, [], None)

    async def test_one_level_has_keys_and_folders(self, store, full):
        page = await store.list_objects(full)
        assert list(page.keys) == ["a", "b", "f"]
        assert list(page.folders) == ["a/", "c/", "d/", "e/", "g/"]
        assert page.prefix == full

    async def test_a_folder_has_its_own_level(self, store, full):
        page = await store.list_objects(Prefix(full.bucket, "a/"))
        assert (list(page.keys), list(page.folders)) == (["a/1", "a/2"], ["a/b/"])

    async def test_an_empty_name_is_a_folder_too(self, store, full):
        page = await store.list_objects(Prefix(full.bucket, "e/"))
        assert (list(page.keys), list(page.folders)) == ([], ["e//"])

    async def test_a_marker_object_is_listed_in_its_folder(self, store, full):
        page = await store.list_objects(Prefix(full.bucket, "d/"))
        assert (list(page.keys), list(page.folders)) == (["d/"], [])

    async def test_without_delimiter_all_keys_come_in_byte_order(self, store, full):
        page = await store.list_objects(full, delimiter="")
        assert list(page.keys) == in_key_order(self.KEYS)
        assert list(page.folders) == []

    async def test_a_prefix_is_bytes_not_a_folder(self, store, full):
        page = await store.list_objects(Prefix(full.bucket, "a"), delimiter="")
        assert list(page.keys) == ["a", "a/1", "a/2", "a/b/3"]

    async def test_the_columns_belong_together(self, store, full):
        page = await store.list_objects(full, delimiter="")
        for row, key in enumerate(page.keys):
            meta = page.meta(row)
            assert meta.location == Location(full.bucket, key)
            assert meta.size == len(key.encode())
            assert meta.etag == hashlib.md5(key.encode()).hexdigest()
            assert meta.storage_class == "STANDARD"
            assert abs(datetime.now(UTC) - meta.modified) < timedelta(minutes=5)

    @pytest.mark.parametrize("limit", [1, 2, 3, 7])
    @pytest.mark.parametrize("delimiter", ["", "/"])
    async def test_pages_hold_everything_once(self, store, full, limit, delimiter):
        whole = await store.list_objects(full, delimiter=delimiter)
        pages = await walk(store, full, delimiter=delimiter, limit=limit)
        assert keys_of(pages) == list(whole.keys)
        assert folders_of(pages) == list(whole.folders)
        assert all(page.next_token is not None for page in pages[:-1])

    async def test_a_listing_may_begin_in_the_middle(self, store, full):
        pages = await walk(store, full, delimiter="", start_after="a/2", limit=2)
        assert keys_of(pages) == in_key_order(self.KEYS)[3:]
        beyond = await store.list_objects(full, delimiter="", start_after="a/22")
        assert list(beyond.keys) == in_key_order(self.KEYS)[3:]

    async def test_after_the_last_key_there_is_nothing(self, store, full):
        page = await store.list_objects(full, delimiter="", start_after="g/6")
        assert (len(page), page.next_token) == (0, None)

    @pytest.fixture
    async def foreign(self, store, bucket):
        for key in self.FOREIGN:
            await store.put(Location(bucket, key), key.encode())
        return Prefix(bucket)

    async def test_keys_sort_by_their_bytes(self, store, foreign):
        page = await store.list_objects(foreign, delimiter="")
        assert list(page.keys) == in_key_order(self.FOREIGN) == self.FOREIGN

    @pytest.mark.parametrize("limit", [1, 2, 3])
    @pytest.mark.parametrize("delimiter", ["", "/"])
    async def test_pages_of_any_text_hold_everything_once(self, store, foreign, limit, delimiter):
        pages = await walk(store, foreign, delimiter=delimiter, limit=limit)
        plain = [key for key in self.FOREIGN if not delimiter or "/" not in key]
        assert keys_of(pages) == plain
        assert folders_of(pages) == (["é/"] if delimiter else [])

    @pytest.mark.parametrize("after", range(len(FOREIGN)))
    async def test_a_listing_may_begin_after_any_text(self, store, foreign, after):
        page = await store.list_objects(foreign, delimiter="", start_after=self.FOREIGN[after])
        assert list(page.keys) == self.FOREIGN[after + 1 :]

    async def test_owners_come_only_when_asked_for(self, store, full):
        assert list((await store.list_objects(full)).owners) == []
        page = await store.list_objects(full, with_owner=True)
        assert len(page.owners) == len(page.keys)
        assert all(page.owners)

    async def test_a_full_page_holds_a_thousand(self, store, bucket):
        names = [f"k{number:04}" for number in range(1001)]
        for start in range(0, len(names), 50):
            batch = names[start : start + 50]
            await asyncio.gather(*(store.put(Location(bucket, name), b"") for name in batch))
        pages = await walk(store, Prefix(bucket))
        assert [len(page) for page in pages] == [1000, 1]
        assert keys_of(pages) == names


class VersionContract:
    """Buckets that keep what was replaced."""

    @pytest.fixture
    async def versioned(self, store, bucket):
        await put_config(store, bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
        return bucket

    async def test_a_plain_bucket_has_no_versions_to_tell(self, store, bucket):
        key = Location(bucket, "key")
        assert (await store.put(key, b"x")).version is None
        assert (await store.head(key)).version is None
        (only,) = (await store.list_versions(Prefix(bucket))).versions
        assert (only.version, only.is_latest, only.is_delete_marker) == ("null", True, False)

    async def test_a_suspended_bucket_keeps_its_versions_and_makes_one_more(self, store, bucket):
        key = Location(bucket, "key")
        await store.put(key, b"null")
        await put_config(store, bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
        second = (await store.put(key, b"second")).version
        await put_config(store, bucket, ConfigKind.VERSIONING, {"Status": "Suspended"})

        async def there():
            found = (await store.list_versions(Prefix(bucket))).versions
            return [(each.version, each.size, each.is_delete_marker) for each in found]

        kept = (second, 6, False)
        assert await there() == [kept, ("null", 4, False)]
        await store.delete(key)
        assert await there() == [("null", 0, True), kept]
        await store.put(key, b"third")
        assert await there() == [("null", 5, False), kept]

    async def test_each_write_is_a_version(self, store, versioned):
        key = Location(versioned, "key")
        first = (await store.put(key, b"first")).version
        second = (await store.put(key, b"second, longer")).version
        assert first != second
        assert (await store.head(key)).version == second
        assert await read(store, key, version=first) == b"first"
        assert (await store.head(key, version=first)).size == 5
        rows = (await store.list_versions(Prefix(versioned))).versions
        assert [(row.version, row.is_latest, row.size) for row in rows] == [
            (second, True, 14),
            (first, False, 5),
        ]
        assert all(row.location == key and row.etag and row.modified for row in rows)

    async def test_a_version_that_never_was_is_not_found(self, store, versioned):
        key = Location(versioned, "key")
        version = (await store.put(key, b"x")).version
        await store.delete(key, version=version)
        with pytest.raises(NotFoundError):
            await store.head(key, version=version)
        with pytest.raises(NotFoundError):
            await store.get(key, BytesSink(), version=version)

    async def test_a_deleted_key_keeps_its_versions(self, store, versioned):
        key = Location(versioned, "key")
        version = (await store.put(key, b"kept")).version
        await store.delete(key)
        with pytest.raises(NotFoundError):
            await store.head(key)
        marker, row = (await store.list_versions(Prefix(versioned))).versions
        assert (marker.is_delete_marker, marker.is_latest) == (True, True)
        assert (row.version, row.is_latest) == (version, False)
        assert await read(store, key, version=version) == b"kept"
        with pytest.raises(NotFoundError):
            await store.head(key, version=marker.version)
        assert len(await store.list_objects(Prefix(versioned))) == 0

        await store.delete(key, version=marker.version)
        assert await read(store, key) == b"kept"

    async def test_versions_are_deleted_among_many(self, store, versioned):
        key = Location(versioned, "key")
        first = (await store.put(key, b"first")).version
        second = (await store.put(key, b"second")).version
        doomed = [Doomed("key", first), Doomed("other", None)]
        assert await store.delete_many(versioned, doomed) == []
        rows = (await store.list_versions(Prefix(versioned, "key"))).versions
        assert [row.version for row in rows] == [second]

    async def test_an_old_version_can_be_copied(self, store, versioned):
        key, target = Location(versioned, "key"), Location(versioned, "copy +ü")
        first = (await store.put(key, b"first")).version
        await store.put(key, b"second")
        await store.copy(key, target, version=first)
        assert await read(store, target) == b"first"

    async def test_an_old_version_can_be_restored_over_its_key(self, store, versioned):
        key = Location(versioned, "key")
        first = (await store.put(key, b"first")).version
        await store.put(key, b"second")
        await store.copy(key, key, version=first)
        assert await read(store, key) == b"first"

    @pytest.mark.parametrize("limit", [1, 2, 5])
    async def test_pages_of_versions_hold_everything_once(self, store, versioned, limit):
        for key in ("a", "b", "b", "c/d", "a", "z ü+%"):
            await store.put(Location(versioned, key), b"x")
        await store.delete(Location(versioned, "b"))
        whole = await store.list_versions(Prefix(versioned), delimiter="")
        assert len(whole.versions) == 7
        assert whole.next_marker is None
        seen, marker = [], None
        for _ in range(20):
            page = await store.list_versions(
                Prefix(versioned), delimiter="", marker=marker, limit=limit
            )
            assert len(page.versions) <= limit
            seen += page.versions
            marker = page.next_marker
            if marker is None:
                break
        assert seen == list(whole.versions)

    async def test_versions_have_folders(self, store, versioned):
        for key in ("a", "f/1", "f/2", "g/3"):
            await store.put(Location(versioned, key), b"x")
        page = await store.list_versions(Prefix(versioned))
        assert [row.location.key for row in page.versions] == ["a"]
        assert list(page.folders) == ["f/", "g/"]
