"""CopyObject and UploadPartCopy: bytes that never leave the store."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    InvalidRequestError,
    MalformedReplyError,
    NotSupportedError,
)
from s4desk.core.domain.keys import encode_key, encode_value
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import PartReceipt
from s4desk.core.store.protocol import PutReply
from s4desk.core.store.replies import read_copied, read_copied_part
from s4desk.core.store.s3_conditions import Writing, sent_under, under
from s4desk.core.store.s3_headers import attribute_headers, read_version
from s4desk.core.store.s3_multipart import head
from s4desk.core.store.s3_sender import S3Request
from s4desk.core.wire.listing import STANDARD

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import Span
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.protocol import Condition, UploadTicket
    from s4desk.core.store.s3_sender import Headers, S3Sender
    from s4desk.core.wire.exchange import Exchange


class Copier:
    """The copies of one store; worker threads only."""

    def __init__(self, sender: S3Sender, capabilities: Capabilities) -> None:
        self._sender = sender
        self._capabilities = capabilities

    def copy(
        self,
        exchange: Exchange,
        *,
        source: Location,
        target: Location,
        version: VersionId | None,
        attributes: Attributes | None,
        if_match: str,
        condition: Condition | None,
        seen: ObjectMeta | None = None,
    ) -> PutReply:
        headers: dict[str, str] = {}
        if attributes is None:
            # S3 keeps everything but the storage class and where a website redirects to.
            there = seen or head(self._sender, exchange, source, version)
            kept = there.storage_class
            headers |= {} if kept == STANDARD else {"x-amz-storage-class": kept}
            redirect = Attributes(website_redirect=there.attributes.website_redirect)
            headers |= attribute_headers(redirect)
        else:
            headers |= attribute_headers(attributes) | {"x-amz-metadata-directive": "REPLACE"}
            if attributes.tags:
                headers["x-amz-tagging-directive"] = "REPLACE"
        request = S3Request(
            "copy",
            "PUT",
            target.bucket,
            target.key,
            headers=headers | _source_headers(source, version, if_match),
            works_long=True,
            # Over itself: sent again it would put what was there before over whatever somebody has
            # written meanwhile.
            is_idempotent=source != target,
        )

        def send(conditions: dict[str, str]) -> PutReply:
            return self._sender.call(exchange, under(request, conditions), _read_copied)

        return sent_under(condition, self._capabilities, Writing.COPY, send)

    def copy_part(
        self,
        exchange: Exchange,
        *,
        source: Location,
        target: Location,
        ticket: UploadTicket,
        number: int,
        span: Span,
        version: VersionId | None,
        if_match: str,
    ) -> PartReceipt:
        if not span.size:
            raise InvalidRequestError("no bytes to copy", operation="copy_part", location=source)
        if "%" in source.key and not self._sender.is_aws:
            # Ceph 16 decodes the name twice here: it copies another object, or dies.
            raise NotSupportedError(
                "a store may take another object for one with % in its key",
                operation="copy_part",
                location=source,
            )
        headers = _source_headers(source, version, if_match)
        headers["x-amz-copy-source-range"] = span.header
        request = S3Request(
            "copy_part",
            "PUT",
            target.bucket,
            target.key,
            query={"partNumber": str(number), "uploadId": ticket.upload},
            headers=headers,
            works_long=True,
        )
        read = functools.partial(_read_part, ticket, number, span)
        return self._sender.call(exchange, request, read)


def _source_headers(source: Location, version: VersionId | None, if_match: str) -> dict[str, str]:
    path = f"/{encode_key(source.bucket)}/{encode_key(source.key)}"
    if version:
        path = f"{path}?versionId={encode_value(version)}"
    headers = {"x-amz-copy-source": path}
    if if_match:
        headers["x-amz-copy-source-if-match"] = f'"{if_match}"'
    return headers


def _read_copied(told: Headers, body: bytes) -> PutReply:
    written = read_copied(body)
    return PutReply(written.etag, read_version(told), written.checksum)


def _read_part(
    ticket: UploadTicket, number: int, span: Span, _told: Headers, body: bytes
) -> PartReceipt:
    written = read_copied_part(body)
    if not written.etag:
        raise MalformedReplyError("a copied part without an ETag")
    kept = written.checksum
    is_ours = kept is not None and kept.algorithm == ticket.algorithm
    return PartReceipt(number, span.size, written.etag, kept.value if kept and is_ours else "")
