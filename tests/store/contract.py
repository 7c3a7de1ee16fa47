"""What every ObjectStore promises, spelled out from the docstrings of `store/protocol`.

A subclass provides the fixtures `store` and `bucket` (an empty one of its own).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import Location, Prefix, UploadId
from s4desk.core.domain.objects import Attributes, Doomed
from s4desk.core.domain.parts import MIN_PART_SIZE, Span
from s4desk.core.store.protocol import Condition, ConfigKind
from s4desk.core.wire.body import BytesSink, Slice

CONTENT = bytes(range(256)) * 400
ABSENT = Condition(if_absent=True)
LAST_PART = b"the end"

ODD_KEYS = {
    "space": "a b",
    "plus": "a+b",
    "percent": "100%",
    "percent20": "a%20b",
    "latin": "ünï/cödé",
    "cjk": "日本語",
    "emoji": "😀👩‍👩‍👧.txt",
    "leading slash": "/lead",
    "double slash": "a//b",
    "dot segments": "x/../y",
    "leading dots": "../up",
    "dot": "./x",
    "trailing slash": "dir/",
    "newline": "line\nbreak",
    "carriage return": "cr\rx",
    "tab": "tab\tx",
    "control": "c\x01x",
    "quotes": "q'\"&<>",
    "backslash": "back\\slash",
    "query": "a;b?c#d=e&f",
    "1024 bytes": "k" * 1024,
    "1024 deep": ("d" * 127 + "/") * 7 + "e" * 128,
    "300 segment": "s" * 300,
    "NFD": "e\u0301x",
    "trailing dot": "dot.",
    "trailing space": "sp ",
    "specials": "\ufffd\u200b\u202e",
    "stars": "*[!]{}^`|~$@,:",
}
TWINS = ["A", "a", "a/", "a/b", "e\u0301", "\u00e9", "x", "X"]


class Bytes:
    """A source in memory, as worker threads read it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read_into(self, view, offset):
        view[:] = self._data[offset : offset + len(view)]


def in_key_order(keys):
    return sorted(keys, key=lambda key: key.encode("utf-8", "surrogateescape"))


async def read(store, location, **how):
    sink = BytesSink()
    await store.get(location, sink, **how)
    return bytes(sink.data)


async def walk(store, prefix, **how):
    """All pages of a listing; each is checked to be no longer than asked."""
    pages, token = [], None
    while True:
        page = await store.list_objects(prefix, token=token, **how)
        pages.append(page)
        assert len(page) + len(page.folders) <= how.get("limit", 1000)
        token = page.next_token
        if token is None:
            return pages
        how.pop("start_after", None)


def keys_of(pages):
    return [key for page in pages for key in page.keys]


def folders_of(pages):
    return [folder for page in pages for folder in page.folders]


class ObjectContract:
    """Bytes and their attributes."""

    @pytest.fixture
    def key(self, bucket):
        return Location(bucket, "folder/key")

    @pytest.mark.parametrize("size", [0, 1, len(CONTENT)])
    async def test_what_is_put_is_what_is_got(self, store, key, size):
        reply = await store.put(key, CONTENT[:size])
        meta = await store.head(key)
        assert await read(store, key) == CONTENT[:size]
        assert (meta.location, meta.size, meta.etag) == (key, size, reply.etag)
        assert meta.etag == hashlib.md5(CONTENT[:size]).hexdigest()
        assert abs(datetime.now(UTC) - meta.modified) < timedelta(minutes=5)
        assert meta.storage_class == "STANDARD"

    async def test_a_slice_is_sent_from_its_offset(self, store, key):
        await store.put(key, Slice(Bytes(CONTENT), Span(1000, 50_000)))
        assert await read(store, key) == CONTENT[1000:51_000]

    async def test_the_reply_to_get_describes_the_object(self, store, key):
        reply = await store.put(key, CONTENT)
        sink = BytesSink()
        got = await store.get(key, sink, span=Span(0, 10))
        assert (got.meta.location, got.meta.size, got.meta.etag) == (key, len(CONTENT), reply.etag)

    async def test_a_later_write_replaces(self, store, key):
        await store.put(key, b"first and longer")
        await store.put(key, b"second")
        assert await read(store, key) == b"second"

    async def test_what_is_not_there_is_not_found(self, store, key):
        with pytest.raises(NotFoundError) as of_head:
            await store.head(key)
        with pytest.raises(NotFoundError) as of_get:
            await store.get(key, BytesSink())
        with pytest.raises(NotFoundError):
            await store.copy(key, Location(key.bucket, "copy"))
        assert of_head.value.location == of_get.value.location == key

    async def test_nothing_works_in_a_bucket_that_is_not_there(self, store, bucket):
        nowhere = Location(f"{bucket}-nowhere", "key")
        requests = (
            store.head(nowhere),
            store.get(nowhere, BytesSink()),
            store.put(nowhere, b"x"),
            store.delete(nowhere),
            store.delete_many(nowhere.bucket, [Doomed("key")]),
            store.list_objects(Prefix(nowhere.bucket)),
            store.list_versions(Prefix(nowhere.bucket)),
            store.list_uploads(Prefix(nowhere.bucket)),
            store.create_multipart(nowhere),
        )
        for request in requests:
            with pytest.raises(NotFoundError):
                await request

    @pytest.mark.parametrize(
        "span", [Span(0, 1), Span(100, 900), Span(len(CONTENT) - 1, 1), Span(0, len(CONTENT))]
    )
    async def test_a_span_is_written_at_its_own_offset(self, store, key, span):
        await store.put(key, CONTENT)
        expected = bytes(span.offset) + CONTENT[span.offset : span.end]
        assert await read(store, key, span=span) == expected

    async def test_a_span_beyond_the_end_is_refused(self, store, key):
        await store.put(key, b"short")
        with pytest.raises(InvalidRequestError):
            await store.get(key, BytesSink(), span=Span(100, 10))

    async def test_if_match_reads_only_the_object_that_was_meant(self, store, key):
        etag = (await store.put(key, CONTENT)).etag
        assert await read(store, key, if_match=etag, span=Span(0, 9)) == CONTENT[:9]
        await store.put(key, b"another")
        sink = BytesSink()
        with pytest.raises(PreconditionFailedError):
            await store.get(key, sink, if_match=etag)
        assert sink.data == b""

    @pytest.mark.parametrize("algorithm", ["crc32", "md5", "sha256"])
    async def test_received_bytes_are_summed(self, store, key, algorithm):
        await store.put(key, CONTENT)
        reply = await store.get(key, BytesSink(), span=Span(10, 5000), algorithm=algorithm)
        part = CONTENT[10:5010]
        if algorithm == "crc32":
            digest = zlib.crc32(part).to_bytes(4, "big")
        else:
            digest = hashlib.new(algorithm, part).digest()
        assert reply.received.algorithm == algorithm
        assert reply.received.value == base64.b64encode(digest).decode()

    async def test_progress_tells_every_byte_once(self, store, key):
        up, down = [], []
        await store.put(key, CONTENT, moved=up.append)
        await store.get(key, BytesSink(), span=Span(5, 1000), moved=down.append)
        assert (sum(up), sum(down)) == (len(CONTENT), 1000)

    async def test_attributes_are_kept(self, store, key):
        wanted = Attributes(
            content_type="text/x-odd; charset=utf-8",
            content_encoding="identity",
            content_disposition='attachment; filename="a b.txt"',
            content_language="de",
            cache_control="max-age=9",
            metadata={"plain": "value", "with-dash": "a  b"},
        )
        await store.put(key, b"x", attributes=wanted)
        there = (await store.head(key)).attributes
        for name in (
            "content_type",
            "content_encoding",
            "content_disposition",
            "content_language",
            "cache_control",
        ):
            assert getattr(there, name) == getattr(wanted, name)
        assert dict(there.metadata) == {"plain": "value", "with-dash": "a  b"}

    async def test_expires_is_kept(self, store, key):
        when = "Tue, 01 Jan 2030 00:00:00 GMT"
        await store.put(key, b"x", attributes=Attributes(expires=when))
        assert (await store.head(key)).attributes.expires == when

    async def test_metadata_names_come_back_in_lower_case(self, store, key):
        await store.put(key, b"x", attributes=Attributes(metadata={"Mixed-Case": "Value"}))
        assert dict((await store.head(key)).attributes.metadata) == {"mixed-case": "Value"}

    async def test_an_underscore_in_a_metadata_name_is_kept(self, store, key):
        await store.put(key, b"x", attributes=Attributes(metadata={"a_b": "value"}))
        assert dict((await store.head(key)).attributes.metadata) == {"a_b": "value"}

    @pytest.mark.parametrize("value", ["grüße", "日本語 😀", "e\u0301", "=?not?encoded", "%20+"])
    async def test_metadata_holds_any_text(self, store, key, value):
        await store.put(key, b"x", attributes=Attributes(metadata={"text": value}))
        assert dict((await store.head(key)).attributes.metadata) == {"text": value}

    async def test_an_object_with_tags_is_accepted(self, store, key):
        await store.put(key, b"x", attributes=Attributes(tags={"team": "a b", "k/1": "c=d+e"}))
        assert (await store.head(key)).size == 1

    async def test_a_tag_holds_any_letter(self, store, key):
        await store.put(key, b"x", attributes=Attributes(tags={"größe": "日本"}))
        assert (await store.head(key)).size == 1

    @pytest.mark.parametrize("name", ODD_KEYS)
    async def test_an_odd_key_is_a_key(self, store, bucket, name):
        key = Location(bucket, ODD_KEYS[name])
        await store.put(key, name.encode())
        assert await read(store, key) == name.encode()
        assert (await store.head(key)).location == key
        page = await store.list_objects(Prefix(bucket), delimiter="")
        assert list(page.keys) == [key.key]
        assert list((await store.list_objects(Prefix(bucket, key.key))).keys) == [key.key]
        copied = Location(bucket, f"copy of {key.key[:900]}")
        await store.copy(key, copied)
        assert await read(store, copied) == name.encode()
        await store.delete(key)
        assert await store.delete_many(bucket, [Doomed(copied.key)]) == []
        assert len(await store.list_objects(Prefix(bucket), delimiter="")) == 0

    async def test_twins_are_different_keys(self, store, bucket):
        for key in TWINS:
            await store.put(Location(bucket, key), key.encode())
        page = await store.list_objects(Prefix(bucket), delimiter="")
        assert list(page.keys) == in_key_order(TWINS)
        for key in TWINS:
            assert await read(store, Location(bucket, key)) == key.encode()

    async def test_a_key_of_1025_bytes_is_refused(self, store, bucket):
        with pytest.raises(InvalidRequestError):
            await store.put(Location(bucket, "k" * 1025), b"x")

    async def test_a_copy_keeps_bytes_and_attributes(self, store, key):
        wanted = Attributes(content_type="text/x-odd", metadata={"a": "b"})
        reply = await store.put(key, CONTENT, attributes=wanted)
        target = Location(key.bucket, "copy")
        copied = await store.copy(key, target)
        meta = await store.head(target)
        assert await read(store, target) == CONTENT
        assert meta.etag == copied.etag == reply.etag
        assert meta.attributes.content_type == "text/x-odd"
        assert dict(meta.attributes.metadata) == {"a": "b"}

    async def test_a_copy_with_attributes_has_only_those(self, store, key):
        await store.put(key, b"x", attributes=Attributes(metadata={"old": "1"}))
        target = Location(key.bucket, "copy")
        new = Attributes(content_type="text/x-new", metadata={"new": "2"})
        await store.copy(key, target, attributes=new)
        there = (await store.head(target)).attributes
        assert there.content_type == "text/x-new"
        assert dict(there.metadata) == {"new": "2"}

    async def test_a_copy_onto_itself_changes_attributes(self, store, key):
        await store.put(key, CONTENT, attributes=Attributes(metadata={"old": "1"}))
        await store.copy(key, key, attributes=Attributes(metadata={"new": "2"}))
        assert dict((await store.head(key)).attributes.metadata) == {"new": "2"}
        assert await read(store, key) == CONTENT

    async def test_deleting_is_done_when_nothing_is_there(self, store, key):
        await store.put(key, b"x")
        await store.delete(key)
        with pytest.raises(NotFoundError):
            await store.head(key)
        await store.delete(key)

    async def test_many_are_deleted_at_once(self, store, bucket):
        keys = ["a", "b/c", "ü & <ö>", "gone already"]
        for key in keys[:3]:
            await store.put(Location(bucket, key), b"x")
        await store.put(Location(bucket, "stays"), b"x")
        assert await store.delete_many(bucket, [Doomed(key) for key in keys]) == []
        page = await store.list_objects(Prefix(bucket), delimiter="")
        assert list(page.keys) == ["stays"]

    async def test_a_thousand_are_deleted_in_one_request(self, store, bucket):
        await store.put(Location(bucket, "k999"), b"x")
        doomed = [Doomed(f"k{number}") for number in range(1000)]
        assert await store.delete_many(bucket, doomed) == []
        assert len(await store.list_objects(Prefix(bucket))) == 0

    async def test_a_cancelled_request_has_ended(self, store, key):
        await store.put(key, CONTENT)
        sink = BytesSink()
        running = asyncio.create_task(store.get(key, sink))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        written = len(sink.data)
        assert await read(store, key) == CONTENT
        assert len(sink.data) == written


class ConditionContract:
    """Writes that happen only if nobody else wrote."""

    @pytest.fixture
    def key(self, bucket):
        return Location(bucket, "folder/key")

    async def test_only_the_first_of_two_creates(self, store, key):
        await store.put(key, b"first", condition=ABSENT)
        with pytest.raises((PreconditionFailedError, ConflictError)):
            await store.put(key, b"second", condition=ABSENT)
        assert await read(store, key) == b"first"

    async def test_a_deleted_key_is_absent(self, store, key):
        await store.put(key, b"first")
        await store.delete(key)
        await store.put(key, b"second", condition=ABSENT)
        assert await read(store, key) == b"second"

    async def test_one_of_eight_racing_writers_wins(self, store, key):
        async def attempt(number):
            try:
                await store.put(key, b"writer %d" % number, condition=ABSENT)
            except (PreconditionFailedError, ConflictError):
                return None
            return number

        winners = [w for w in await asyncio.gather(*map(attempt, range(8))) if w is not None]
        assert len(winners) == 1
        assert await read(store, key) == b"writer %d" % winners[0]

    async def test_an_edit_needs_the_present_etag(self, store, key):
        first = (await store.put(key, b"first")).etag
        second = (await store.put(key, b"second", condition=Condition(if_match=first))).etag
        with pytest.raises((PreconditionFailedError, ConflictError)):
            await store.put(key, b"third", condition=Condition(if_match=first))
        assert await read(store, key) == b"second"
        await store.put(key, b"third", condition=Condition(if_match=second))

    async def test_an_edit_of_nothing_is_refused(self, store, key):
        etag = hashlib.md5(b"").hexdigest()
        with pytest.raises((NotFoundError, PreconditionFailedError)):
            await store.put(key, b"x", condition=Condition(if_match=etag))


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
        await store.put_config(bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
        return bucket

    async def test_a_plain_bucket_has_no_versions_to_tell(self, store, bucket):
        key = Location(bucket, "key")
        assert (await store.put(key, b"x")).version is None
        assert (await store.head(key)).version is None
        (only,) = (await store.list_versions(Prefix(bucket))).versions
        assert (only.version, only.is_latest, only.is_delete_marker) == ("null", True, False)

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


class MultipartContract:
    """Objects that arrive in parts."""

    FIRST_PART = b"p" * MIN_PART_SIZE

    @pytest.fixture
    def key(self, bucket):
        return Location(bucket, "folder/large ü+")

    async def test_parts_become_an_object(self, store, key):
        wanted = Attributes(content_type="text/x-odd", metadata={"a": "b"})
        ticket = await store.create_multipart(key, attributes=wanted)
        heard = []
        second = await store.put_part(key, ticket, 2, LAST_PART, moved=heard.append)
        first = await store.put_part(
            key, ticket, 1, Slice(Bytes(b"xx" + self.FIRST_PART), Span(2, MIN_PART_SIZE))
        )
        with pytest.raises(NotFoundError):
            await store.head(key)
        reply = await store.complete_multipart(key, ticket, [first, second])
        meta = await store.head(key)
        assert await read(store, key) == self.FIRST_PART + LAST_PART
        assert meta.size == MIN_PART_SIZE + len(LAST_PART)
        assert meta.etag == reply.etag
        assert meta.etag.endswith("-2")
        assert meta.attributes.content_type == "text/x-odd"
        assert dict(meta.attributes.metadata) == {"a": "b"}
        assert sum(heard) == len(LAST_PART)
        assert await store.list_uploads(Prefix(key.bucket)) == []

    async def test_one_part_is_enough(self, store, key):
        ticket = await store.create_multipart(key)
        part = await store.put_part(key, ticket, 1, LAST_PART)
        await store.complete_multipart(key, ticket, [part])
        assert await read(store, key) == LAST_PART

    async def test_the_store_tells_which_parts_it_holds(self, store, key):
        ticket = await store.create_multipart(key)
        assert await store.list_parts(key, ticket.upload) == []
        sent = [await store.put_part(key, ticket, number, b"x" * number) for number in (7, 2)]
        there = await store.list_parts(key, ticket.upload)
        assert [(part.number, part.size, part.etag) for part in there] == [
            (part.number, part.size, part.etag) for part in reversed(sent)
        ]
        assert [part.size for part in there] == [2, 7]
        await store.abort_multipart(key, ticket.upload)

    async def test_a_part_sent_again_replaces(self, store, key):
        ticket = await store.create_multipart(key)
        await store.put_part(key, ticket, 1, b"first")
        second = await store.put_part(key, ticket, 1, b"second")
        assert [part.etag for part in await store.list_parts(key, ticket.upload)] == [second.etag]
        await store.complete_multipart(key, ticket, [second])
        assert await read(store, key) == b"second"

    async def test_more_parts_than_a_page_are_all_told(self, store, key):
        ticket = await store.create_multipart(key)
        for start in range(1, 1003, 50):
            numbers = range(start, min(start + 50, 1003))
            await asyncio.gather(*(store.put_part(key, ticket, n, b"x") for n in numbers))
        there = await store.list_parts(key, ticket.upload)
        assert [part.number for part in there] == list(range(1, 1003))
        await store.abort_multipart(key, ticket.upload)

    async def test_a_part_too_small_is_refused_at_the_end(self, store, key):
        ticket = await store.create_multipart(key)
        parts = [await store.put_part(key, ticket, number, b"small") for number in (1, 2)]
        with pytest.raises(InvalidRequestError):
            await store.complete_multipart(key, ticket, parts)
        await store.abort_multipart(key, ticket.upload)

    async def test_a_part_of_another_etag_is_refused(self, store, key):
        ticket = await store.create_multipart(key)
        stale = await store.put_part(key, ticket, 1, b"first")
        await store.put_part(key, ticket, 1, b"second")
        with pytest.raises(InvalidRequestError):
            await store.complete_multipart(key, ticket, [stale])
        await store.abort_multipart(key, ticket.upload)

    async def test_an_aborted_upload_is_gone(self, store, key):
        ticket = await store.create_multipart(key)
        await store.put_part(key, ticket, 1, LAST_PART)
        await store.abort_multipart(key, ticket.upload)
        with pytest.raises(NotFoundError):
            await store.list_parts(key, ticket.upload)
        with pytest.raises(NotFoundError):
            await store.put_part(key, ticket, 2, LAST_PART)
        await store.abort_multipart(key, ticket.upload)

    async def test_an_aborted_upload_cannot_be_completed(self, store, key):
        ticket = await store.create_multipart(key)
        part = await store.put_part(key, ticket, 1, LAST_PART)
        await store.abort_multipart(key, ticket.upload)
        with pytest.raises(NotFoundError):
            await store.complete_multipart(key, ticket, [part])

    async def test_an_upload_that_never_was_is_not_found(self, store, key):
        with pytest.raises(NotFoundError):
            await store.list_parts(key, UploadId("00000000-never-was"))

    async def test_unfinished_uploads_are_listed_by_prefix(self, store, bucket):
        keys = ["a/one", "a/two ü", "b/three"]
        tickets = {key: await store.create_multipart(Location(bucket, key)) for key in keys}
        there = await store.list_uploads(Prefix(bucket, "a/"))
        assert [(each.location.key, each.upload) for each in there] == [
            (key, tickets[key].upload) for key in keys[:2]
        ]
        assert len(await store.list_uploads(Prefix(bucket))) == 3
        for key, ticket in tickets.items():
            await store.abort_multipart(Location(bucket, key), ticket.upload)
        assert await store.list_uploads(Prefix(bucket)) == []

    async def test_an_unfinished_upload_says_when_it_began(self, store, key):
        ticket = await store.create_multipart(key)
        (there,) = await store.list_uploads(Prefix(key.bucket))
        assert abs(datetime.now(UTC) - there.initiated) < timedelta(minutes=5)
        await store.abort_multipart(key, ticket.upload)

    async def test_a_completed_upload_may_be_refused_over_an_object(self, store, key):
        await store.put(key, b"first")
        ticket = await store.create_multipart(key)
        part = await store.put_part(key, ticket, 1, LAST_PART)
        with pytest.raises((PreconditionFailedError, ConflictError)):
            await store.complete_multipart(key, ticket, [part], condition=ABSENT)
        assert await read(store, key) == b"first"
        await store.abort_multipart(key, ticket.upload)


class ObjectStoreContract(
    ObjectContract, ConditionContract, ListingContract, VersionContract, MultipartContract
):
    """All that an ObjectStore promises."""
