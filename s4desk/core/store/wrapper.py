"""A store made of another store: every request passes through one hook."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import NotSupportedError
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.store.property_wrapper import PropertyWrapper
from s4desk.core.store.protocol import MAX_KEYS, Condition, Moved
from s4desk.core.store.request import Call, Request, at
from s4desk.core.wire.body import SMALL_BODY, GlanceSink, WholeSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
    from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
    from s4desk.core.domain.objects import (
        Bucket,
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
    from s4desk.core.store.direct import DirectStore, Work
    from s4desk.core.store.protocol import (
        BucketStore,
        ConfigStore,
        GetReply,
        ObjectStore,
        PutReply,
        Store,
        UploadTicket,
    )
    from s4desk.core.wire.body import Body, Sink

T = TypeVar("T")


__all__ = ["Call", "Request", "StoreWrapper", "put_request"]


class StoreWrapper(PropertyWrapper):
    """All of `Store`, passed on to `inner` through `_around`.

    A subclass overrides `_around`, and single requests only where they need more than that.
    """

    def __init__(self, inner: Store) -> None:
        self._objects: ObjectStore = inner
        self._buckets: BucketStore = inner
        self._configs: ConfigStore = inner
        self._close: Callable[[], Awaitable[None]] = inner.aclose

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        """Make the request `call`; called exactly once for each request to this store."""
        return await call(moved)

    # Objects

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
        return await self._around(
            _under("list_objects", prefix),
            lambda _: self._objects.list_objects(
                prefix,
                delimiter=delimiter,
                token=token,
                start_after=start_after,
                limit=limit,
                with_owner=with_owner,
            ),
        )

    async def list_versions(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        marker: VersionMarker | None = None,
        limit: int = MAX_KEYS,
    ) -> VersionPage:
        return await self._around(
            _under("list_versions", prefix),
            lambda _: self._objects.list_versions(
                prefix, delimiter=delimiter, marker=marker, limit=limit
            ),
        )

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        return await self._around(
            at("head", location), lambda _: self._objects.head(location, version=version)
        )

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
        return await self._around(
            Request(
                "get",
                location.bucket,
                location.key,
                has_body=True,
                is_small=isinstance(sink, WholeSink),
                is_glance=isinstance(sink, GlanceSink),
            ),
            lambda moved: self._objects.get(
                location,
                sink,
                span=span,
                if_match=if_match,
                version=version,
                algorithm=algorithm,
                moved=moved,
            ),
            moved,
        )

    async def object_parts(self, meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        return await self._around(
            at("object_parts", meta.location),
            lambda _: self._objects.object_parts(meta, exactly=exactly),
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
        return await self._around(
            put_request(location, body),
            lambda moved: self._objects.put(
                location, body, attributes=attributes, condition=condition, moved=moved
            ),
            moved,
        )

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
        return await self._around(
            at("copy", target),
            lambda _: self._objects.copy(
                source,
                target,
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
        await self._around(
            at("delete", location),
            lambda _: self._objects.delete(
                location, version=version, bypass=bypass, if_match=if_match
            ),
        )

    async def delete_many(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        return await self._around(
            Request("delete_many", bucket),
            lambda _: self._objects.delete_many(bucket, doomed, bypass=bypass),
        )

    async def create_multipart(
        self, location: Location, *, attributes: Attributes = NO_ATTRIBUTES
    ) -> UploadTicket:
        return await self._around(
            at("create_multipart", location),
            lambda _: self._objects.create_multipart(location, attributes=attributes),
        )

    async def put_part(
        self,
        location: Location,
        ticket: UploadTicket,
        number: int,
        body: Body,
        *,
        moved: Moved | None = None,
    ) -> PartReceipt:
        return await self._around(
            at("put_part", location, has_body=True),
            lambda moved: self._objects.put_part(location, ticket, number, body, moved=moved),
            moved,
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
        return await self._around(
            at("copy_part", target),
            lambda _: self._objects.copy_part(
                source, target, ticket, number, span, if_match=if_match, version=version
            ),
        )

    async def list_parts(self, location: Location, upload: UploadId) -> list[PartReceipt]:
        return await self._around(
            at("list_parts", location), lambda _: self._objects.list_parts(location, upload)
        )

    async def complete_multipart(
        self,
        location: Location,
        ticket: UploadTicket,
        parts: Sequence[PartReceipt],
        *,
        condition: Condition | None = None,
    ) -> PutReply:
        return await self._around(
            at("complete_multipart", location),
            lambda _: self._objects.complete_multipart(
                location, ticket, parts, condition=condition
            ),
        )

    async def abort_multipart(self, location: Location, upload: UploadId) -> None:
        await self._around(
            at("abort_multipart", location),
            lambda _: self._objects.abort_multipart(location, upload),
        )

    async def list_uploads(self, prefix: Prefix) -> list[Upload]:
        return await self._around(
            _under("list_uploads", prefix), lambda _: self._objects.list_uploads(prefix)
        )

    def names_of(self, bucket: str) -> frozenset[str]:
        """What a bucket may be called at other connections, too; nothing is asked."""
        names = getattr(self._objects, "names_of", None)
        return frozenset({bucket}) if names is None else names(bucket)

    async def directly(self, work: Work) -> None:
        """Lend `work` a worker thread for small requests, until it returns.

        Raises NotSupportedError, before `work` is called, where no threads are lent.
        """
        await self._around(
            Request("directly", has_body=True, is_small=True), lambda _: self._lend(work)
        )

    async def _lend(self, work: Work) -> None:
        lend = getattr(self._objects, "directly", None)
        if lend is None:
            raise NotSupportedError("no threads are lent here", operation="directly")
        await lend(lambda direct: work(self._direct(direct)))

    def _direct(self, inner: DirectStore) -> DirectStore:
        """What this wrapper makes of the requests of a lent thread."""
        return inner

    # Buckets

    async def list_buckets(self) -> list[Bucket]:
        return await self._around(Request("list_buckets"), lambda _: self._buckets.list_buckets())

    async def head_bucket(self, bucket: str) -> Bucket:
        return await self._around(
            Request("head_bucket", bucket), lambda _: self._buckets.head_bucket(bucket)
        )

    async def create_bucket(self, bucket: str, *, with_lock: bool = False) -> None:
        await self._around(
            Request("create_bucket", bucket),
            lambda _: self._buckets.create_bucket(bucket, with_lock=with_lock),
        )

    async def delete_bucket(self, bucket: str) -> None:
        await self._around(
            Request("delete_bucket", bucket), lambda _: self._buckets.delete_bucket(bucket)
        )

    # Configurations of buckets

    async def get_document(
        self, bucket: str, kind: ConfigKind, *, id: str = ""
    ) -> BucketDocument | None:
        return await self._around(
            Request(f"get_document {kind}", bucket),
            lambda _: self._configs.get_document(bucket, kind, id=id),
        )

    async def put_document(self, bucket: str, document: BucketDocument) -> None:
        await self._around(
            Request(f"put_document {document.kind}", bucket),
            lambda _: self._configs.put_document(bucket, document),
        )

    async def delete_document(self, bucket: str, kind: ConfigKind, *, id: str = "") -> None:
        await self._around(
            Request(f"delete_document {kind}", bucket),
            lambda _: self._configs.delete_document(bucket, kind, id=id),
        )

    async def list_document_ids(self, bucket: str, kind: ConfigKind) -> list[str]:
        return await self._around(
            Request(f"list_document_ids {kind}", bucket),
            lambda _: self._configs.list_document_ids(bucket, kind),
        )

    async def aclose(self) -> None:
        """Close the inner store."""
        await self._close()


def put_request(location: Location, body: Body) -> Request:
    return Request(
        "put", location.bucket, location.key, has_body=True, is_small=len(body) <= SMALL_BODY
    )


def _under(operation: str, prefix: Prefix) -> Request:
    return Request(operation, prefix.bucket, prefix.prefix)
