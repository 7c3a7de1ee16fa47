"""Multipart uploads, all but the sending of parts."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    IntegrityError,
    MalformedReplyError,
    NotFoundError,
    UnavailableError,
)
from s4desk.core.store.protocol import PutReply, UploadTicket
from s4desk.core.store.replies import (
    UploadMarker,
    Written,
    complete_document,
    read_completed,
    read_parts,
    read_upload_id,
    read_uploads,
)
from s4desk.core.store.s3_conditions import Writing, sent_under, under
from s4desk.core.store.s3_headers import CHECKSUM, read_meta, read_version
from s4desk.core.store.s3_integrity import checksum_of_parts, verified_by_parts
from s4desk.core.store.s3_sender import S3Request, read_headers
from s4desk.core.wire.checksums import CRC64NVME, MD5, composite_sum
from s4desk.core.wire.payload import BufferPayload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
    from s4desk.core.domain.objects import ObjectMeta, Upload
    from s4desk.core.domain.parts import PartReceipt
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.protocol import Condition
    from s4desk.core.store.s3_sender import Headers, S3Sender
    from s4desk.core.wire.exchange import Exchange

_FULL: Final = "FULL_OBJECT"
_GONE: Final = ("NoSuchUpload", "NoSuchKey")


class Multipart:
    """The multipart uploads of one store; worker threads only."""

    def __init__(self, sender: S3Sender, capabilities: Capabilities) -> None:
        self._sender = sender
        self._capabilities = capabilities

    def create(
        self, exchange: Exchange, location: Location, headers: Mapping[str, str]
    ) -> UploadTicket:
        """Offer checksums of the whole object; the reply tells whether the store keeps them."""
        if self._capabilities.keeps_checksums is not False:
            offer = {CHECKSUM + "algorithm": CRC64NVME.upper(), CHECKSUM + "type": _FULL}
            headers = {**headers, **offer}
        request = S3Request(
            "create_multipart",
            "POST",
            location.bucket,
            location.key,
            query={"uploads": ""},
            headers=headers,
            is_idempotent=False,
        )
        return self._sender.call(
            exchange,
            request,
            lambda told, body: UploadTicket(read_upload_id(body), _agreed_algorithm(told)),
        )

    def list_parts(
        self, exchange: Exchange, location: Location, upload: UploadId
    ) -> list[PartReceipt]:
        parts: list[PartReceipt] = []
        marker: int | None = 0
        while marker is not None:
            query = {"uploadId": str(upload)}
            if marker:
                query["part-number-marker"] = str(marker)
            request = S3Request("list_parts", "GET", location.bucket, location.key, query=query)
            read = functools.partial(_read_parts, marker)
            page, marker = self._sender.call(exchange, request, read)
            parts += page
        return parts

    def complete(
        self,
        exchange: Exchange,
        location: Location,
        ticket: UploadTicket,
        parts: Sequence[PartReceipt],
        condition: Condition | None,
    ) -> PutReply:
        headers: dict[str, str] = {}
        whole = "" if ticket.is_composite else checksum_of_parts(ticket.algorithm, parts)
        if whole:
            headers[CHECKSUM + ticket.algorithm] = whole
            headers[CHECKSUM + "type"] = _FULL
            headers["x-amz-mp-object-size"] = str(sum(part.size for part in parts))
        document = complete_document(
            parts, ticket.algorithm if whole or ticket.is_composite else ""
        )
        request = S3Request(
            "complete_multipart",
            "POST",
            location.bucket,
            location.key,
            query={"uploadId": ticket.upload},
            headers={"content-type": "application/xml", **headers},
            payload=BufferPayload(memoryview(document)),
            payload_sha256=hashlib.sha256(document).hexdigest(),
            is_idempotent=False,
            works_long=True,
        )

        def send(conditions: dict[str, str]) -> tuple[Written, VersionId | None]:
            return self._sender.call(exchange, under(request, conditions), _read_completed)

        try:
            written, version = sent_under(condition, self._capabilities, Writing.COMPLETE, send)
        except UnavailableError as error:
            if error.status >= 500:
                # Ceph answers 500 for an upload that is gone; asking for it tells.
                self.list_parts(exchange, location, ticket.upload)
            raise
        if not written.etag:
            # Ceph leaves it out.
            there = head(self._sender, exchange, location, version)
            written = Written(there.etag, written.checksum or there.checksum)
        return PutReply(
            etag=written.etag,
            version=version,
            checksum=written.checksum,
            checked=_verified(ticket, whole, parts, written),
        )

    def abort(self, exchange: Exchange, location: Location, upload: UploadId) -> None:
        request = S3Request(
            "abort_multipart",
            "DELETE",
            location.bucket,
            location.key,
            query={"uploadId": upload},
        )
        try:
            self._sender.call(exchange, request, read_headers)
        except NotFoundError as error:
            if error.code not in _GONE:
                raise

    def list_uploads(self, exchange: Exchange, prefix: Prefix) -> list[Upload]:
        """Keys are asked for as they are: stores do not agree on how they are encoded here."""
        uploads: list[Upload] = []
        query = {"uploads": "", "prefix": prefix.prefix}
        marker: UploadMarker | None = None
        while True:
            page, marker = self._uploads_page(exchange, prefix, query, marker)
            uploads += (each for each in page if each.location.key.startswith(prefix.prefix))
            if marker is None:
                return uploads
            query |= {"key-marker": marker.key, "upload-id-marker": marker.upload}

    def _uploads_page(
        self,
        exchange: Exchange,
        prefix: Prefix,
        query: Mapping[str, str],
        marker: UploadMarker | None,
    ) -> tuple[list[Upload], UploadMarker | None]:
        request = S3Request("list_uploads", "GET", prefix.bucket, query=_filled(query))
        read = functools.partial(_read_uploads, prefix.bucket, marker)
        try:
            return self._sender.call(exchange, request, read)
        except MalformedReplyError:
            # A key with a character that XML does not have can only come encoded.
            encoded = replace(request, query={**request.query, "encoding-type": "url"})
            return self._sender.call(exchange, encoded, read)


def head(
    sender: S3Sender, exchange: Exchange, location: Location, version: VersionId | None
) -> ObjectMeta:
    """HeadObject. Raises NotFoundError; MalformedReplyError when the reply has no length."""
    request = S3Request(
        "head",
        "HEAD",
        location.bucket,
        location.key,
        query={"versionId": version} if version else {},
        headers={"x-amz-checksum-mode": "ENABLED"},
    )
    with sender.open(exchange, request) as reply:
        return read_meta(location, reply.headers, reply.length)


def _agreed_algorithm(headers: Headers) -> str:
    is_ours = headers.get(CHECKSUM + "algorithm", "").lower() == CRC64NVME
    return CRC64NVME if is_ours and headers.get(CHECKSUM + "type", _FULL) == _FULL else MD5


def _verified(
    ticket: UploadTicket, whole: str, parts: Sequence[PartReceipt], written: Written
) -> str:
    """What the store compared. Raises IntegrityError when its sum is another."""
    if ticket.algorithm == MD5:
        return verified_by_parts(written.etag, parts)
    kept = written.checksum
    if ticket.is_composite:
        whole = composite_sum(ticket.algorithm, [part.checksum for part in parts])
    is_alike = kept is not None and kept.is_full is not ticket.is_composite
    if not whole or kept is None or not is_alike or kept.algorithm != ticket.algorithm:
        return ""
    # Some stores say of how many parts a sum of sums is, some do not.
    if kept.value.partition("-")[0] != whole.partition("-")[0]:
        raise IntegrityError(f"the store joined other bytes: {kept.value}, not {whole}")
    return ticket.algorithm


def _filled(query: Mapping[str, str]) -> dict[str, str]:
    """Without the markers and prefixes that are empty."""
    return {name: value for name, value in query.items() if value or name == "uploads"}


def _read_completed(headers: Headers, body: bytes) -> tuple[Written, VersionId | None]:
    return read_completed(body), read_version(headers)


def _read_parts(
    marker: int, _headers: Headers, body: bytes
) -> tuple[list[PartReceipt], int | None]:
    return read_parts(body, marker)


def _read_uploads(
    bucket: str, marker: UploadMarker | None, _headers: Headers, body: bytes
) -> tuple[list[Upload], UploadMarker | None]:
    return read_uploads(body, bucket, marker)
