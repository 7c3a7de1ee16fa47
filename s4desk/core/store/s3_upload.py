"""PutObject and UploadPart: bodies that are summed before they are sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    IntegrityError,
    InvalidRequestError,
    NotSupportedError,
    PayloadTooLargeError,
)
from s4desk.core.domain.parts import MAX_SINGLE_PUT, PartReceipt
from s4desk.core.store.protocol import PutReply
from s4desk.core.store.s3_conditions import Writing, sent_under, under
from s4desk.core.store.s3_headers import read_checksum, read_version
from s4desk.core.store.s3_integrity import algorithms_for, sum_headers, verified_by
from s4desk.core.store.s3_sender import S3Request, read_headers
from s4desk.core.wire.body import Slice
from s4desk.core.wire.checksums import CRC64NVME, MD5, KnownSum, running_sum
from s4desk.core.wire.connection import Meter
from s4desk.core.wire.listing import bare_etag
from s4desk.core.wire.payload import FilePayload, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.identity import Location
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.protocol import Condition, Moved, UploadTicket
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.body import Body
    from s4desk.core.wire.checksums import RunningSum
    from s4desk.core.wire.exchange import Exchange


_NOT_OF_SUMS: Final = (
    "InvalidTag",
    "InvalidStorageClass",
    "KeyTooLongError",
    "MetadataTooLarge",
)
"""Refusals that no other sum would change."""


class Uploader:
    """The sending of bodies for one store; worker threads only.

    What a store does with checksums is learned from its first replies.
    """

    def __init__(self, sender: S3Sender, capabilities: Capabilities) -> None:
        self._sender = sender
        self._capabilities = capabilities

    def put(
        self,
        exchange: Exchange,
        location: Location,
        body: Body,
        headers: Mapping[str, str],
        *,
        condition: Condition | None,
        moved: Moved | None,
    ) -> PutReply:
        if len(body) > MAX_SINGLE_PUT:
            raise PayloadTooLargeError("larger than 5 GiB", operation="put", location=location)
        sums = [running_sum(each) for each in algorithms_for(self._capabilities)]
        is_compared = self._capabilities.keeps_checksums is True
        request = S3Request(
            "put",
            "PUT",
            location.bucket,
            location.key,
            payload=prepare(body, sums, exchange, is_compared=is_compared),
            headers={**headers, **sum_headers(sums)},
            meter=Meter(moved) if moved is not None else None,
        )

        def send(conditions: dict[str, str]) -> Mapping[str, str]:
            if request.meter is not None:
                request.meter.take_back()
            return self._send(exchange, under(request, conditions), sums)

        reply = sent_under(condition, self._capabilities, Writing.PUT, send)
        return PutReply(
            etag=bare_etag(reply.get("etag")),
            version=read_version(reply),
            checksum=read_checksum(reply),
            checked=verified_by(reply, sums),
        )

    def put_part(
        self,
        exchange: Exchange,
        location: Location,
        ticket: UploadTicket,
        number: int,
        body: Body,
        *,
        moved: Moved | None,
    ) -> PartReceipt:
        total = _sum_of_part(body, ticket.algorithm)
        request = S3Request(
            "put_part",
            "PUT",
            location.bucket,
            location.key,
            query={"partNumber": str(number), "uploadId": ticket.upload},
            payload=prepare(body, [total], exchange, is_compared=ticket.algorithm == CRC64NVME),
            headers=sum_headers([total]),
            meter=Meter(moved) if moved is not None else None,
        )
        reply = self._call(exchange, request)
        verified_by(reply, [total])
        return PartReceipt(number, len(body), bare_etag(reply.get("etag")), total.value)

    def _send(
        self, exchange: Exchange, request: S3Request, sums: Sequence[RunningSum]
    ) -> Mapping[str, str]:
        """Send; a store that refuses the sum that it does not know gets the request without it."""
        is_trial = self._capabilities.keeps_checksums is None
        try:
            reply = self._call(exchange, request)
        except (InvalidRequestError, NotSupportedError) as refusal:
            is_about_sums = refusal.code not in _NOT_OF_SUMS
            if not is_trial or refusal.status not in (400, 501) or not is_about_sums:
                raise
            if request.meter is not None:
                request.meter.take_back()
            unknown = sum_headers([each for each in sums if each.algorithm != MD5])
            reply = self._call(exchange, _without(request, unknown))
        if is_trial:
            self._capabilities.keeps_checksums = read_checksum(reply) is not None
        return reply

    def _call(self, exchange: Exchange, request: S3Request) -> Mapping[str, str]:
        """Send. Raises SourceChangedError when other bytes arrived because the file has others."""
        try:
            return self._sender.call(exchange, request, read_headers)
        except IntegrityError:
            if isinstance(request.payload, FilePayload):
                request.payload.check()
            raise


def _without(request: S3Request, unwanted: Mapping[str, str]) -> S3Request:
    kept = {name: value for name, value in request.headers.items() if name not in unwanted}
    return replace(request, headers=kept)


def _sum_of_part(body: Body, algorithm: str) -> RunningSum:
    """That which was taken when the bytes came, if it is the one; else a new one."""
    known = body.summed if isinstance(body, Slice) else None
    if known is not None and known.algorithm == algorithm:
        return KnownSum(algorithm, known.value)
    return running_sum(algorithm)
