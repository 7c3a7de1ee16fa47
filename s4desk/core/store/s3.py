"""Objects on S3: every request is one job on a worker thread of the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.objects import NO_ATTRIBUTES
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.core.store.s3_conditions import Writing, condition_headers
from s4desk.core.store.s3_config import Documents
from s4desk.core.store.s3_copy import Copier
from s4desk.core.store.s3_delete import Deleter
from s4desk.core.store.s3_direct import S3Direct
from s4desk.core.store.s3_download import Download
from s4desk.core.store.s3_errors import time_of
from s4desk.core.store.s3_headers import attribute_headers
from s4desk.core.store.s3_multipart import Multipart, head
from s4desk.core.store.s3_parts import PartsReader, each_part
from s4desk.core.store.s3_properties import S3Properties
from s4desk.core.store.s3_sender import S3Request, S3Sender
from s4desk.core.store.s3_upload import Uploader
from s4desk.core.wire.body import SMALL_BODY, GlanceSink, WholeSink
from s4desk.core.wire.listing import parse_objects, parse_versions
from s4desk.core.wire.pacing import UNPACED
from s4desk.core.wire.pool import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
    from s4desk.core.domain.objects import (
        Attributes,
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
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.direct import Work
    from s4desk.core.store.protocol import Condition, GetReply, Moved, PutReply, UploadTicket
    from s4desk.core.store.s3_sender import CredentialSource, Headers
    from s4desk.core.store.way import Way
    from s4desk.core.wire.body import Body, Sink
    from s4desk.core.wire.exchange import Exchange
    from s4desk.core.wire.pacing import Paces
    from s4desk.core.wire.pool import WirePool

T = TypeVar("T")
_WITH_RESTORES: Final = {"x-amz-optional-object-attributes": "RestoreStatus"}
"""What a listing tells of archived objects then, one need not ask of each; AWS alone knows it."""
_DIRECTORY: Final = "--x-s3"
"""How the names of directory buckets end, which have no archives."""


class S3Store(S3Properties):
    """The `ObjectStore` and `ConfigStore` of one connection.

    `credentials` is asked for each request, in a worker thread; None sends it unsigned.
    `capabilities` decides what may be relied on, and learns whether the store keeps checksums.
    """

    def __init__(
        self,
        connection: Connection,
        credentials: CredentialSource,
        pool: WirePool,
        capabilities: Capabilities,
        paces: Paces = UNPACED,
        way: Way | None = None,
    ) -> None:
        """Raises InvalidRequestError for an endpoint that is no http or https URL."""
        self._pool = pool
        self._capabilities = capabilities
        self._sender = S3Sender(connection, credentials, paces, way)
        super().__init__(self._sender)
        self._uploader = Uploader(self._sender, capabilities)
        self._multipart = Multipart(self._sender, capabilities)
        self._copier = Copier(self._sender, capabilities)
        self._parts_reader = PartsReader(self._sender, capabilities)
        self._documents = Documents(self._sender)
        self._deleter = Deleter(self._sender, capabilities)

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
        query = {
            "list-type": "2",
            "encoding-type": "url",
            "max-keys": str(limit),
            "prefix": prefix.prefix,
            "delimiter": delimiter,
            "continuation-token": token or "",
            "start-after": "" if token else start_after,
            "fetch-owner": "true" if with_owner else "",
        }
        request = _listing("list_objects", prefix, query)
        if self._sender.is_aws and not prefix.bucket.endswith(_DIRECTORY):
            request = replace(request, headers=_WITH_RESTORES)

        def read(headers: Headers, body: bytes) -> Page:
            page = parse_objects(body, prefix, token=token, with_owner=with_owner)
            return replace(page, told_at=time_of(headers.get("date", "")))

        return await self._ask(lambda exchange: self._sender.call(exchange, request, read))

    async def list_versions(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        marker: VersionMarker | None = None,
        limit: int = MAX_KEYS,
    ) -> VersionPage:
        query = {
            "encoding-type": "url",
            "max-keys": str(limit),
            "prefix": prefix.prefix,
            "delimiter": delimiter,
            "key-marker": marker.key if marker else "",
            "version-id-marker": marker.version if marker else "",
        }
        request = _listing("list_versions", prefix, query, flag="versions")

        def read(_headers: Headers, body: bytes) -> VersionPage:
            return parse_versions(body, prefix, marker=marker)

        return await self._ask(lambda exchange: self._sender.call(exchange, request, read))

    # Objects

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        return await self._ask(lambda exchange: head(self._sender, exchange, location, version))

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
        wanted = Download(location, span, if_match, version, algorithm)
        return await self._pool.run(
            _lane_of(sink),
            lambda exchange: wanted.run(self._sender, exchange, sink, moved),
        )

    async def object_parts(self, meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        reader = self._parts_reader
        told = await self._ask(lambda exchange: reader.read(exchange, meta))
        if not exactly or (told is not None and told.is_exact):
            return told
        return (
            await each_part(
                lambda number: self._ask(lambda exchange: reader.size(exchange, meta, number)), meta
            )
            or told
        )

    async def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        # What cannot be promised is refused before a thread is asked.
        condition_headers(condition, self._capabilities)
        headers = attribute_headers(attributes)
        return await self._pool.run(
            Lane.SMALL if len(body) <= SMALL_BODY else Lane.BULK,
            lambda exchange: self._uploader.put(
                exchange, location, body, headers, condition=condition, moved=moved
            ),
        )

    async def directly(self, work: Work) -> None:
        """Lend `work` a worker thread for small requests, until it returns."""
        parts = (self._sender, self._uploader, self._tagger, self._capabilities)
        await self._pool.run(Lane.SMALL, lambda exchange: work(S3Direct(exchange, *parts)))

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
        condition_headers(condition, self._capabilities, Writing.COPY)
        return await self._pool.run(
            Lane.BULK,
            lambda exchange: self._copier.copy(
                exchange,
                source=source,
                target=target,
                version=version,
                attributes=attributes,
                if_match=if_match,
                condition=condition,
                seen=seen,
            ),
        )

    async def delete(
        self,
        location: Location,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
        if_match: str = "",
    ) -> None:
        self._deleter.refuse_unheeded(if_match)
        await self._ask(
            lambda exchange: self._deleter.delete(
                exchange, location, version, bypass=bypass, if_match=if_match
            )
        )

    async def delete_many(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        return await self._ask(
            lambda exchange: self._deleter.delete_many(exchange, bucket, doomed, bypass=bypass)
        )

    # Multipart uploads

    async def create_multipart(
        self, location: Location, *, attributes: Attributes = NO_ATTRIBUTES
    ) -> UploadTicket:
        headers = attribute_headers(attributes)
        return await self._ask(lambda exchange: self._multipart.create(exchange, location, headers))

    async def put_part(
        self,
        location: Location,
        ticket: UploadTicket,
        number: int,
        body: Body,
        *,
        moved: Moved | None = None,
    ) -> PartReceipt:
        return await self._pool.run(
            Lane.BULK,
            lambda exchange: self._uploader.put_part(
                exchange, location, ticket, number, body, moved=moved
            ),
        )

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
        return await self._pool.run(
            Lane.BULK,
            lambda exchange: self._copier.copy_part(
                exchange,
                source=source,
                target=target,
                ticket=ticket,
                number=number,
                span=span,
                version=version,
                if_match=if_match,
            ),
        )

    async def list_parts(self, location: Location, upload: UploadId) -> list[PartReceipt]:
        return await self._ask(
            lambda exchange: self._multipart.list_parts(exchange, location, upload)
        )

    async def complete_multipart(
        self,
        location: Location,
        ticket: UploadTicket,
        parts: Sequence[PartReceipt],
        *,
        condition: Condition | None = None,
    ) -> PutReply:
        condition_headers(condition, self._capabilities, Writing.COMPLETE)
        return await self._pool.run(
            Lane.BULK,
            lambda exchange: self._multipart.complete(exchange, location, ticket, parts, condition),
        )

    async def abort_multipart(self, location: Location, upload: UploadId) -> None:
        await self._ask(lambda exchange: self._multipart.abort(exchange, location, upload))

    async def list_uploads(self, prefix: Prefix) -> list[Upload]:
        return await self._ask(lambda exchange: self._multipart.list_uploads(exchange, prefix))

    # Configurations of buckets

    async def get_document(
        self, bucket: str, kind: ConfigKind, *, id: str = ""
    ) -> BucketDocument | None:
        return await self._ask(lambda exchange: self._documents.get(exchange, bucket, kind, id))

    async def put_document(self, bucket: str, document: BucketDocument) -> None:
        await self._ask(lambda exchange: self._documents.put(exchange, bucket, document))

    async def delete_document(self, bucket: str, kind: ConfigKind, *, id: str = "") -> None:
        await self._ask(lambda exchange: self._documents.delete(exchange, bucket, kind, id))

    async def list_document_ids(self, bucket: str, kind: ConfigKind) -> list[str]:
        return await self._ask(lambda exchange: self._documents.ids(exchange, bucket, kind))

    async def aclose(self) -> None:
        """Close idle connections; the threads belong to the pool."""
        for endpoint in self._sender.addresses.endpoints:
            self._pool.drop_connections(endpoint)

    async def _ask(self, call: Callable[[Exchange], T]) -> T:
        return await self._pool.run(Lane.INTERACTIVE, call)


def _lane_of(sink: Sink) -> Lane:
    if isinstance(sink, GlanceSink):
        return Lane.GLANCE
    return Lane.SMALL if isinstance(sink, WholeSink) else Lane.BULK


def _listing(operation: str, prefix: Prefix, query: dict[str, str], *, flag: str = "") -> S3Request:
    """Parameters without a value are left out; `flag` is one that has none."""
    filled = {name: value for name, value in query.items() if value or name == "prefix"}
    return S3Request(operation, "GET", prefix.bucket, query=filled | ({flag: ""} if flag else {}))
