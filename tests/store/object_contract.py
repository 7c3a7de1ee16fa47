"""What every ObjectStore promises about bytes, their attributes and conditional writes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    NotSupportedError,
    PreconditionFailedError,
    S4DeskError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Attributes, Doomed, ObjectMeta
from s4desk.core.domain.parts import Span
from s4desk.core.store.protocol import Condition
from s4desk.core.wire.body import BytesSink, Slice, WholeSink
from tests.store.samples import ABSENT, CONTENT, ODD_KEYS, TWINS, Bytes, in_key_order, read


class RefusedError(S4DeskError):
    pass


class Whole(WholeSink):
    """Remembers what it was told."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.bytes = BytesSink()
        self.heard: list[tuple[str, int, str]] = []
        self._etag = ""

    def begin(self, meta: ObjectMeta) -> None:
        if self.refuses:
            raise RefusedError
        self._etag = meta.etag
        self.heard.append(("begin", meta.size, meta.etag))

    def write(self, view: memoryview, offset: int) -> None:
        self.bytes.write(view, offset)

    def end(self) -> None:
        self.heard.append(("end", len(self.bytes.data), self._etag))


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

    @pytest.mark.parametrize("size", [0, len(CONTENT)])
    async def test_a_whole_sink_hears_of_begin_and_end(self, store, key, size):
        reply = await store.put(key, CONTENT[:size])
        sink = Whole()
        await store.get(key, sink)
        assert sink.heard == [("begin", size, reply.etag), ("end", size, reply.etag)]
        assert bytes(sink.bytes.data) == CONTENT[:size]

    async def test_a_whole_sink_may_refuse_what_comes(self, store, key):
        await store.put(key, CONTENT)
        sink = Whole(refuses=True)
        with pytest.raises(RefusedError):
            await store.get(key, sink)
        assert bytes(sink.bytes.data) == b""
        assert await read(store, key) == CONTENT

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

    async def test_a_copy_is_of_the_object_that_was_meant(self, store, key):
        etag = (await store.put(key, CONTENT)).etag
        target = Location(key.bucket, "copy")
        await store.copy(key, target, if_match=etag)
        await store.put(key, b"another")
        with pytest.raises(PreconditionFailedError):
            await store.copy(key, target, if_match=etag)
        assert await read(store, target) == CONTENT

    async def test_tags_are_read_and_replaced(self, store, key):
        await store.put(key, b"x", attributes=Attributes(tags={"team": "a b", "k/1": "c=d+e"}))
        assert dict(await store.get_tags(key)) == {"team": "a b", "k/1": "c=d+e"}
        await store.put_tags(key, {"größe": "日本 -+=", "empty": ""})
        assert dict(await store.get_tags(key)) == {"größe": "日本 -+=", "empty": ""}
        await store.put_tags(key, {})
        assert dict(await store.get_tags(key)) == {}
        with pytest.raises(NotFoundError):
            await store.get_tags(Location(key.bucket, "nothing"))

    async def test_an_object_without_tags_has_none(self, store, key):
        await store.put(key, b"x")
        assert dict(await store.get_tags(key)) == {}

    async def test_a_copy_keeps_tags(self, store, key):
        await store.put(key, b"x", attributes=Attributes(tags={"old": "1"}))
        kept = Location(key.bucket, "kept")
        await store.copy(key, kept)
        assert dict(await store.get_tags(kept)) == {"old": "1"}

    async def test_a_copy_with_attributes_keeps_tags(self, store, key):
        await store.put(key, b"x", attributes=Attributes(tags={"old": "1"}))
        kept = Location(key.bucket, "kept")
        await store.copy(key, kept, attributes=Attributes(content_type="a/b"))
        assert dict(await store.get_tags(kept)) == {"old": "1"}

    async def test_a_copy_gets_new_tags(self, store, key):
        await store.put(key, b"x", attributes=Attributes(tags={"old": "1"}))
        changed = Location(key.bucket, "changed")
        await store.copy(key, changed, attributes=Attributes(tags={"new": "2"}))
        assert dict(await store.get_tags(changed)) == {"new": "2"}

    async def test_an_object_without_a_lock_has_none(self, store, key):
        await store.put(key, b"x")
        assert not (await store.head(key)).attributes.lock.is_locked(datetime.now(UTC))

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

    async def test_a_deletion_is_of_one_content_or_refused_before_it_is_sent(self, store, key):
        """A store that is not known to look at the ETag is never asked."""
        seen = await store.put(key, b"seen")
        await store.put(key, b"another")
        with pytest.raises((PreconditionFailedError, NotSupportedError)):
            await store.delete(key, if_match=seen.etag)
        try:
            (failure,) = await store.delete_many(key.bucket, [Doomed(key.key, etag=seen.etag)])
        except NotSupportedError:
            pass
        else:
            assert failure.code == "PreconditionFailed"
        assert await read(store, key) == b"another"

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

    async def test_a_copy_may_be_refused_over_an_object(self, store, key):
        await store.put(key, b"first")
        target = Location(key.bucket, "copy")
        await store.copy(key, target, condition=ABSENT)
        await store.put(key, b"second")
        with pytest.raises((PreconditionFailedError, ConflictError)):
            await store.copy(key, target, condition=ABSENT)
        assert await read(store, target) == b"first"

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
