"""A store in memory: the fake of the tests, which passes the contract of the real ones.

It behaves like AWS where stores differ: conditions are honoured, versions and delete markers are
kept, an ETag is the MD5 of the bytes, a multipart ETag the MD5 of the parts' MD5s with `-N`.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.archive import archive_state
from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.objects import (
    NO_ATTRIBUTES,
    Attributes,
    Checksum,
    DeleteFailure,
    Doomed,
    ObjectMeta,
    ObjectParts,
    Page,
    Upload,
    VersionMarker,
    VersionPage,
)
from s4desk.core.domain.parts import PartReceipt, Span
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.store.memory_bodies import read_body, write_body
from s4desk.core.store.memory_bucket import (
    NULL_VERSION,
    MemoryBucket,
    StoredVersion,
    key_bytes,
)
from s4desk.core.store.memory_properties import MemoryProperties
from s4desk.core.store.memory_upload import MemoryUpload, md5
from s4desk.core.store.protocol import (
    MAX_KEYS,
    Condition,
    GetReply,
    Moved,
    PutReply,
    UploadTicket,
)
from s4desk.core.wire.body import WholeSink
from s4desk.core.wire.checksums import checksum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.wire.body import Body, Sink

MAX_KEY_BYTES = 1024


class MemoryStore(MemoryProperties):
    """All of `Store`, in a dictionary."""

    def __init__(self, buckets: Sequence[str] = (), *, clock: Clock | None = None) -> None:
        super().__init__(buckets, clock or SystemClock())
        self._ids = itertools.count(1)
        self.uploads: dict[UploadId, MemoryUpload] = {}

    # Listings

    async def list_objects(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        token: str | None = None,
        start_after: str = "",
        limit: int = MAX_KEYS,
        with_owner: bool = False,
    ) -> Page:
        page = self._bucket(prefix.bucket).page(
            prefix,
            delimiter=delimiter,
            after=token if token is not None else start_after,
            limit=limit,
            with_owner=with_owner,
        )
        return replace(page, told_at=self._clock.now())

    async def list_versions(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        marker: VersionMarker | None = None,
        limit: int = MAX_KEYS,
    ) -> VersionPage:
        return self._bucket(prefix.bucket).version_page(
            prefix, delimiter=delimiter, marker=marker, limit=limit
        )

    # Objects

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        found = self._version(location, version)
        return found.meta(location)

    async def get(
        self,
        location: Location,
        sink: Sink,
        *,
        span: Span | None = None,
        if_match: str = "",
        version: VersionId | None = None,
        algorithm: str = "",
        moved: Moved | None = None,
    ) -> GetReply:
        found = self._matching(location, version, if_match, "get")
        data = found.data or b""
        span = span or Span(0, len(data))
        if span.end > len(data):
            raise InvalidRequestError("range", operation="get", location=location, status=416)
        if isinstance(sink, WholeSink):
            sink.begin(found.meta(location))
        await write_body(data, span, sink, moved)
        received = _sum(algorithm, data[span.offset : span.end]) if algorithm else None
        if isinstance(sink, WholeSink):
            sink.end()
        return GetReply(found.meta(location), received)

    async def object_parts(self, meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        return self._version(meta.location, meta.version).parts

    async def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        bucket = self._bucket(location.bucket)
        data = await read_body(body, moved)
        self._bucket(location.bucket).check(location, condition)
        version = self._add(bucket, location.key, data, md5(data), attributes)
        return PutReply(version.etag, bucket.told(version), checked="md5")

    async def copy(
        self,
        source: Location,
        target: Location,
        *,
        version: VersionId | None = None,
        attributes: Attributes | None = None,
        if_match: str = "",
        condition: Condition | None = None,
        seen: ObjectMeta | None = None,
    ) -> PutReply:
        found = self._matching(source, version, if_match, "copy")
        if source == target and version is None and attributes is None:
            raise InvalidRequestError("copy to itself changes nothing", operation="copy")
        self._bucket(target.bucket).check(target, condition)
        bucket = self._bucket(target.bucket)
        kept = found.attributes
        if attributes is None:
            kept = replace(kept, lock=NO_LOCK)
        else:
            kept = replace(attributes, tags=attributes.tags or kept.tags)
        copied = self._add(bucket, target.key, found.data or b"", found.etag, kept)
        return PutReply(copied.etag, bucket.told(copied))

    async def delete(
        self,
        location: Location,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
        if_match: str = "",
    ) -> None:
        bucket = self._bucket(location.bucket)
        if if_match and bucket.newest(location.key) is None:
            return
        bucket.check(location, Condition(if_match=if_match) if if_match else None)
        if version is not None:
            bucket.remove(location, version, self._clock.now(), bypass=bypass)
            return
        left: list[StoredVersion] = []
        if bucket.is_versioned or bucket.is_suspended:
            marker = self._make(None, "", NO_ATTRIBUTES, is_versioned=bucket.is_versioned)
            left = [*bucket.beneath(location.key), marker]
        bucket.keep(location.key, left)

    async def delete_many(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        if len(doomed) > MAX_KEYS:
            raise InvalidRequestError("more than 1000 keys", operation="delete_many")
        self._bucket(bucket)
        failures = []
        for each in doomed:
            try:
                await self.delete(
                    Location(bucket, each.key),
                    version=each.version,
                    bypass=bypass,
                    if_match=each.etag,
                )
            except PermissionDeniedError as error:
                failures.append(DeleteFailure(each, "AccessDenied", error.detail))
            except PreconditionFailedError as error:
                failures.append(DeleteFailure(each, "PreconditionFailed", error.detail))
        return failures

    # Multipart uploads

    async def create_multipart(
        self, location: Location, *, attributes: Attributes = NO_ATTRIBUTES
    ) -> UploadTicket:
        self._bucket(location.bucket)
        upload = UploadId(f"upload-{next(self._ids)}")
        self.uploads[upload] = MemoryUpload(location, attributes, self._clock.now())
        return UploadTicket(upload, "md5")

    async def put_part(
        self,
        location: Location,
        ticket: UploadTicket,
        number: int,
        body: Body,
        *,
        moved: Moved | None = None,
    ) -> PartReceipt:
        upload = self._upload(location, ticket.upload)
        data = await read_body(body, moved)
        receipt = PartReceipt(number, len(data), md5(data), _sum("md5", data).value)
        upload.parts[number] = (receipt, data)
        return receipt

    async def copy_part(
        self,
        source: Location,
        target: Location,
        ticket: UploadTicket,
        number: int,
        span: Span,
        *,
        if_match: str = "",
        version: VersionId | None = None,
    ) -> PartReceipt:
        found = self._matching(source, version, if_match, "copy_part")
        data = found.data or b""
        if span.end > len(data) or not span.size:
            raise InvalidRequestError("range", operation="copy_part", location=source, status=400)
        return await self.put_part(target, ticket, number, data[span.offset : span.end])

    async def list_parts(self, location: Location, upload: UploadId) -> list[PartReceipt]:
        return self._upload(location, upload).receipts()

    async def complete_multipart(
        self,
        location: Location,
        ticket: UploadTicket,
        parts: Sequence[PartReceipt],
        *,
        condition: Condition | None = None,
    ) -> PutReply:
        upload = self._upload(location, ticket.upload)
        data, etag = upload.joined(parts)
        self._bucket(location.bucket).check(location, condition)
        bucket = self._bucket(location.bucket)
        cut = ObjectParts([part.size for part in parts])
        version = self._add(bucket, location.key, data, etag, upload.attributes, cut)
        del self.uploads[ticket.upload]
        return PutReply(version.etag, bucket.told(version))

    async def abort_multipart(self, location: Location, upload: UploadId) -> None:
        self.uploads.pop(upload, None)

    async def list_uploads(self, prefix: Prefix) -> list[Upload]:
        self._bucket(prefix.bucket)
        return [
            Upload(upload.location, id_, upload.initiated)
            for id_, upload in self.uploads.items()
            if upload.location.bucket == prefix.bucket
            and upload.location.key.startswith(prefix.prefix)
        ]

    async def aclose(self) -> None:
        """Nothing to close."""

    # Inside

    def _version(self, location: Location, version: VersionId | None) -> StoredVersion:
        bucket = self._bucket(location.bucket)
        if version is None:
            found = bucket.newest(location.key)
        else:
            versions = bucket.objects.get(location.key, [])
            found = next((each for each in versions if each.id == version), None)
        if found is None or found.data is None:
            raise NotFoundError("NoSuchKey", operation="get", location=location, status=404)
        return found

    def _matching(
        self, location: Location, version: VersionId | None, if_match: str, operation: str
    ) -> StoredVersion:
        found = self._version(location, version)
        if if_match and if_match != found.etag:
            raise PreconditionFailedError("ETag differs", operation=operation, location=location)
        if not archive_state(found.storage_class, found.headers).can_read(self._clock.now()):
            raise ConflictError(
                "in an archive",
                operation=operation,
                location=location,
                status=403,
                code="InvalidObjectState",
            )
        return found

    def _upload(self, location: Location, upload: UploadId) -> MemoryUpload:
        found = self.uploads.get(upload)
        if found is None or found.location != location:
            raise NotFoundError("NoSuchUpload", location=location, status=404)
        return found

    def _add(
        self,
        bucket: MemoryBucket,
        key: str,
        data: bytes,
        etag: str,
        attributes: Attributes,
        parts: ObjectParts | None = None,
    ) -> StoredVersion:
        if len(key_bytes(key)) > MAX_KEY_BYTES:
            raise InvalidRequestError("KeyTooLongError", operation="put", status=400)
        lock = bucket.default_lock(self._clock.now())
        if attributes.lock.mode is None and lock.mode is not None:
            attributes = replace(
                attributes,
                lock=replace(attributes.lock, mode=lock.mode, retain_until=lock.retain_until),
            )
        made = self._make(data, etag, attributes, is_versioned=bucket.is_versioned)
        version = replace(made, parts=parts)
        bucket.objects[key] = [*bucket.beneath(key), version]
        return version

    def _make(
        self, data: bytes | None, etag: str, attributes: Attributes, *, is_versioned: bool
    ) -> StoredVersion:
        id_ = VersionId(f"v{next(self._ids)}") if is_versioned else NULL_VERSION
        kept = replace(
            attributes,
            content_type=attributes.content_type or "binary/octet-stream",
            metadata={key.lower(): value for key, value in attributes.metadata.items()},
        )
        return StoredVersion(id_, data, etag, self._clock.now(), kept)


def _sum(algorithm: str, data: bytes) -> Checksum:
    return Checksum(algorithm, checksum(algorithm, data))
