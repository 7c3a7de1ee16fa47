"""GetObject: a body into a sink, and proof that it is the one that was asked for."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    IntegrityError,
    InvalidRequestError,
    MalformedReplyError,
    PreconditionFailedError,
    UnavailableError,
)
from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.parts import Span
from s4desk.core.store.protocol import GetReply
from s4desk.core.store.s3_headers import VERSION, read_meta
from s4desk.core.store.s3_integrity import has_md5_etag
from s4desk.core.store.s3_sender import S3Request
from s4desk.core.wire.body import WholeSink
from s4desk.core.wire.checksums import MD5, running_sum
from s4desk.core.wire.exchange import RECEIVE_BUFFER

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Moved
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.body import Sink
    from s4desk.core.wire.cancellation import CancelToken
    from s4desk.core.wire.checksums import RunningSum
    from s4desk.core.wire.exchange import Exchange
    from s4desk.core.wire.pacing import Pace
    from s4desk.core.wire.reply import Reply

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Download:
    """What a GET was asked for; `span` None is the whole object."""

    location: Location
    span: Span | None = None
    if_match: str = ""
    version: VersionId | None = None
    algorithm: str = ""

    def run(
        self, sender: S3Sender, exchange: Exchange, sink: Sink, moved: Moved | None
    ) -> GetReply:
        """Worker thread. Raises StoreError, LocalFileError, CancelledJobError."""
        total = running_sum(self.algorithm) if self.algorithm else None
        whole = sink if isinstance(sink, WholeSink) else None
        with sender.open(exchange, self._request()) as reply:
            meta, body = self._promised(reply)
            if whole is not None:
                whole.begin(meta)
            if self.span is None or self.span.size:
                pace = sender.paces.down
                _receive(exchange, reply, body, sink, total, _Told(moved, pace, exchange.token))
        received = Checksum(total.algorithm, total.value) if total is not None else None
        if self.span is None:
            refuse_other(meta, received)
        if whole is not None:
            whole.end()
        return GetReply(meta, received)

    def _request(self) -> S3Request:
        headers: dict[str, str] = {}
        if self.span is None:
            headers["x-amz-checksum-mode"] = "ENABLED"
        elif self.span.size:
            headers["range"] = self.span.header
        if self.if_match:
            headers["if-match"] = f'"{self.if_match}"'
        return S3Request(
            operation="get",
            # There is no range of no bytes; what HEAD says of the object is all there is to say.
            method="GET" if self.span is None or self.span.size else "HEAD",
            bucket=self.location.bucket,
            key=self.location.key,
            query={"versionId": self.version} if self.version else {},
            headers=headers,
        )

    def _promised(self, reply: Reply) -> tuple[ObjectMeta, Span]:
        """The object behind the reply, and the bytes of it that follow."""
        size, body = self._extent(reply)
        meta = read_meta(self.location, reply.headers, size)
        if self.if_match and not meta.etag:
            raise MalformedReplyError("the reply names no ETag")
        if self.if_match and meta.etag != self.if_match:
            # The store ignores If-Match: what comes is not what was meant.
            raise PreconditionFailedError(f"the ETag is {meta.etag}")
        told = reply.headers.get(VERSION, "")
        if self.version and told and told != self.version:
            raise MalformedReplyError(f"version {told} came where {self.version} was asked for")
        if body.end > meta.size:
            raise InvalidRequestError(f"the object ends at {meta.size}", status=416)
        return meta, body

    def _extent(self, reply: Reply) -> tuple[int | None, Span]:
        """The size of the object, and what of it is wanted and follows."""
        if self.span is None or not self.span.size:
            if reply.status != 200:
                raise MalformedReplyError(f"status {reply.status} where 200 should be")
            return reply.length, self.span or Span(0, reply.length or 0)
        if reply.status == 200 and self.span.offset == 0:
            # A store that ignores Range sends everything: the rest is not read.
            return reply.length, self.span
        told = _CONTENT_RANGE.fullmatch(reply.headers.get("content-range", ""))
        if reply.status != 206 or told is None:
            raise MalformedReplyError("the reply is not the range that was asked for")
        first, last, size = (int(number) for number in told.groups())
        if size < self.span.end:
            return size, self.span
        if (first, last + 1) != (self.span.offset, self.span.end):
            raise MalformedReplyError(f"bytes {first}-{last} came for {self.span.header}")
        if reply.length not in (None, self.span.size):
            raise MalformedReplyError(f"{reply.length} bytes came for {self.span.header}")
        return size, self.span


@dataclass(frozen=True, slots=True)
class _Told:
    """Who is told of bytes that came, and what limits how many may come."""

    moved: Moved | None
    pace: Pace
    token: CancelToken

    def add(self, count: int) -> None:
        if self.moved is not None:
            self.moved(count)
        self.pace.spend(count, self.token)


def _receive(
    exchange: Exchange,
    reply: Reply,
    body: Span,
    sink: Sink,
    total: RunningSum | None,
    told: _Told,
) -> None:
    buffer = exchange.scratch.view(RECEIVE_BUFFER)
    offset = body.offset
    while offset < body.end:
        size = min(body.end - offset, told.pace.piece() or RECEIVE_BUFFER)
        count = reply.read_into(buffer[:size])
        exchange.token.check()
        if not count:
            raise UnavailableError(f"the body ended {body.end - offset} bytes early")
        chunk = buffer[:count]
        if total is not None:
            total.update(chunk)
        sink.write(chunk, offset)
        offset += count
        told.add(count)


def refuse_other(meta: ObjectMeta, received: Checksum | None) -> None:
    """Hold the sum of a whole object that came against the one the store keeps, if that is of the
    same kind. Raises IntegrityError."""
    if received is None:
        return
    kept = _kept(meta, received.algorithm)
    if kept not in ("", received.value):
        raise IntegrityError(f"other bytes came: {received.algorithm} {received.value}, not {kept}")


def _kept(meta: ObjectMeta, algorithm: str) -> str:
    kept = meta.checksum
    if kept is not None and kept.is_full and kept.algorithm == algorithm:
        return kept.value
    if algorithm == MD5 and has_md5_etag(meta.headers):
        return base64.b64encode(bytes.fromhex(meta.etag)).decode()
    return ""
