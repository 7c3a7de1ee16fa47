"""What every ObjectStore promises about objects that arrive in parts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import Location, Prefix, UploadId
from s4desk.core.domain.objects import Attributes, Checksum
from s4desk.core.domain.parts import MIN_PART_SIZE, Span
from s4desk.core.wire.body import Slice
from s4desk.core.wire.checksums import checksum
from tests.store.samples import ABSENT, Bytes, read

LAST_PART = b"the end"


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

    async def test_a_part_whose_sum_is_known_is_summed_no_more(self, store, key):
        """And a store that compares it refuses other bytes."""
        ticket = await store.create_multipart(key)
        known = Checksum(ticket.algorithm, checksum(ticket.algorithm, LAST_PART))
        body = Slice(Bytes(LAST_PART), Span(0, len(LAST_PART)), known)
        part = await store.put_part(key, ticket, 1, body)
        await store.complete_multipart(key, ticket, [part])
        assert await read(store, key) == LAST_PART
        assert part.checksum in ("", known.value)

    async def test_parts_have_tags(self, store, key):
        ticket = await store.create_multipart(key, attributes=Attributes(tags={"a": "ü b"}))
        part = await store.put_part(key, ticket, 1, LAST_PART)
        await store.complete_multipart(key, ticket, [part])
        assert dict(await store.get_tags(key)) == {"a": "ü b"}

    async def test_parts_are_copied_by_the_store(self, store, key):
        source = Location(key.bucket, "source ü+/x")
        etag = (await store.put(source, self.FIRST_PART + b"and " + LAST_PART)).etag
        ticket = await store.create_multipart(key)
        spans = [Span(0, MIN_PART_SIZE), Span(MIN_PART_SIZE + 4, len(LAST_PART))]
        parts = [
            await store.copy_part(source, key, ticket, number, span, if_match=etag)
            for number, span in enumerate(spans, 1)
        ]
        assert [(part.number, part.size) for part in parts] == [(1, spans[0].size), (2, 7)]
        held = await store.list_parts(key, ticket.upload)
        assert [(p.number, p.size, p.etag) for p in held] == [
            (p.number, p.size, p.etag) for p in parts
        ]
        await store.complete_multipart(key, ticket, parts)
        assert await read(store, key) == self.FIRST_PART + LAST_PART

    async def test_a_copied_part_is_of_the_object_that_was_meant(self, store, key):
        source = Location(key.bucket, "source")
        etag = (await store.put(source, b"the first")).etag
        await store.put(source, b"another")
        ticket = await store.create_multipart(key)
        with pytest.raises(PreconditionFailedError):
            await store.copy_part(source, key, ticket, 1, Span(0, 5), if_match=etag)
        await store.abort_multipart(key, ticket.upload)

    async def test_a_part_of_nothing_cannot_be_copied(self, store, key):
        ticket = await store.create_multipart(key)
        with pytest.raises(NotFoundError):
            await store.copy_part(Location(key.bucket, "nothing"), key, ticket, 1, Span(0, 5))
        await store.abort_multipart(key, ticket.upload)

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
