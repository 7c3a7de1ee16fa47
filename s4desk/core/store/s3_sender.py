"""Signed requests of one connection, from a worker thread: built, sent, and their errors named."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.connection import Credentials
from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotFoundError,
    StoreError,
    WrongRegionError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.store.once import is_once
from s4desk.core.store.s3_address import Addresses, query_string
from s4desk.core.store.s3_error_xml import MAX_ERROR_BODY, is_web_page, page_detail
from s4desk.core.store.s3_errors import NO_HEADERS, error_in, from_exception, from_proxy, from_reply
from s4desk.core.wire.connection import Request
from s4desk.core.wire.paced_body import PacedMeter, paced
from s4desk.core.wire.pacing import UNPACED, Paces
from s4desk.core.wire.payload import BufferPayload
from s4desk.core.wire.signing import UNSIGNED_PAYLOAD, sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.s3_address import Target
    from s4desk.core.store.way import Way
    from s4desk.core.wire.connection import Meter, Payload
    from s4desk.core.wire.exchange import Exchange
    from s4desk.core.wire.reply import Reply

T = TypeVar("T")
CredentialSource = Callable[[], Credentials | None]
Headers = Mapping[str, str]
MAX_REPLY: Final = 32 * 1024 * 1024
"""A page of 1000 of the longest keys with owners is far smaller."""

_REQUEST_ID: Final = "x-amz-request-id"
_NOTHING: Final = BufferPayload(memoryview(b""))
_SHA256_OF_NOTHING: Final = hashlib.sha256().hexdigest()


def _user_agent() -> str:
    try:
        return f"s4desk/{version('s4desk')}"
    except PackageNotFoundError:
        return "s4desk"


_UNSIGNED: Final = [("Accept-Encoding", "identity"), ("User-Agent", _user_agent())]
"""Proxies rewrite these, so they are no part of the signature."""


@dataclass(frozen=True, slots=True)
class S3Request:
    """One S3 operation. `operation` is the protocol's name for it.

    `works_long` says that the store may work for minutes before it answers; `payload_sha256` is
    that of a body that must not be changed on the way.
    """

    operation: str
    method: str
    bucket: str
    key: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Payload | None = None
    payload_sha256: str = UNSIGNED_PAYLOAD
    is_idempotent: bool = True
    works_long: bool = False
    meter: Meter | None = None

    @property
    def location(self) -> Location:
        return Location(self.bucket, self.key or "")


def document_request(
    operation: str,
    method: str,
    bucket: str,
    key: str | None = None,
    *,
    query: Mapping[str, str],
    document: bytes,
    headers: Mapping[str, str] = NO_HEADERS,
) -> S3Request:
    """A request with a small XML document, which must arrive as it is."""
    digest = hashlib.md5(document, usedforsecurity=False).digest()
    return S3Request(
        operation,
        method,
        bucket,
        key,
        query=query,
        headers={
            "content-type": "application/xml",
            "content-md5": base64.b64encode(digest).decode(),
            **headers,
        },
        payload=BufferPayload(memoryview(document)),
        payload_sha256=hashlib.sha256(document).hexdigest(),
    )


class S3Sender:
    """Sends requests, and answers with replies that succeeded.

    What has a meter is the body of an object: it keeps to `paces`, and so do downloads.
    """

    def __init__(
        self,
        connection: Connection,
        credentials: CredentialSource,
        paces: Paces = UNPACED,
        way: Way | None = None,
    ) -> None:
        self.paces = paces
        self.addresses = Addresses(connection, way)
        self.is_aws = connection.is_aws
        self._credentials = credentials

    @contextlib.contextmanager
    def open(self, exchange: Exchange, request: S3Request) -> Iterator[Reply]:
        """Send, and hand out the reply (2xx) while its body is read.

        A bucket that lives in another region is asked for there, once. Raises the StoreError that
        the reply or the broken connection means, also for faults inside the block.
        """
        reply = None
        try:
            with self._attempt(exchange, request) as reply:
                yield reply
        except WrongRegionError as error:
            if reply is not None:
                raise
            region = error.region or self._ask_region(exchange, request)
            if not region or region == self.addresses.region_of(request.bucket):
                raise
            self.addresses.learn(request.bucket, region)
        else:
            return
        if request.meter is not None:
            request.meter.take_back()
        with self._attempt(exchange, request) as reply:
            yield reply

    def call(
        self, exchange: Exchange, request: S3Request, read: Callable[[Headers, bytes], T]
    ) -> T:
        """Send, and return what `read` makes of headers and body.

        An error document in a 200 reply is raised as the error it is ("CopyObject" and
        "CompleteMultipartUpload" in the S3 API reference). Raises StoreError.
        """
        with self.open(exchange, request) as reply:
            body = reply.read_all(MAX_REPLY)
        if body:
            self._check_document(reply, body, request)
        try:
            return read(reply.headers, body)
        except StoreError as error:
            _place(error, request)
            raise

    def _check_document(self, reply: Reply, body: bytes, request: S3Request) -> None:
        """Raises the StoreError for a document that is an error, or nothing of S3's."""
        if error_in(body) is not None:
            raise _refusal(reply, body, request, self.addresses.region_of(request.bucket))
        if is_web_page(body):
            detail = page_detail(body)
            raise MalformedReplyError(
                detail, operation=request.operation, location=request.location, status=reply.status
            )

    @contextlib.contextmanager
    def _attempt(self, exchange: Exchange, request: S3Request) -> Iterator[Reply]:
        target = self.addresses.target(request.bucket, request.key)
        try:
            with exchange.request(target.endpoint, self._built(exchange, request, target)) as reply:
                if 200 <= reply.status < 300:
                    yield reply
                    return
                body = reply.read_upto(MAX_ERROR_BODY)
                refusal = _of_proxy(reply, body, target) or _refusal(
                    reply, body, request, target.region
                )
            raise refusal
        except StoreError as error:
            _place(error, request)
            raise
        except (OSError, http.client.HTTPException) as error:
            raise from_exception(
                error,
                host=target.endpoint.host,
                operation=request.operation,
                location=request.location,
            ) from error

    def _built(self, exchange: Exchange, request: S3Request, target: Target) -> Request:
        payload = request.payload
        if payload is None and request.method in ("PUT", "POST"):
            payload = _NOTHING
        query = query_string(request.query)
        path = f"{target.path}?{query}" if query else target.path
        headers = [("Host", target.endpoint.authority), *request.headers.items()]
        # Renewing keys may take a while, and touches no body.
        credentials = exchange.token.detached(self._credentials)
        if credentials is not None:
            headers = sign(
                request.method,
                path,
                headers,
                credentials,
                region=target.region,
                payload_sha256=(
                    request.payload_sha256 if request.payload is not None else _SHA256_OF_NOTHING
                ),
            )
        meter = request.meter
        if meter is not None and payload is not None:
            payload = paced(payload, self.paces.up)
            meter = PacedMeter(meter, self.paces.up, exchange.token)
        return Request(
            method=request.method,
            target=path,
            headers=headers + _UNSIGNED,
            payload=payload,
            is_idempotent=request.is_idempotent and not is_once(),
            first_byte=exchange.timeouts.server_work if request.works_long else None,
            meter=meter,
        )

    def _ask_region(self, exchange: Exchange, request: S3Request) -> str:
        """AWS names the region of a bucket in every reply to a HEAD, even in a refusal."""
        if not self.is_aws:
            return ""
        head = S3Request("head_bucket", "HEAD", request.bucket)
        target = self.addresses.target(request.bucket)
        try:
            with exchange.request(target.endpoint, self._built(exchange, head, target)) as reply:
                return reply.headers.get("x-amz-bucket-region", "")
        except (OSError, http.client.HTTPException):
            return ""


def _refusal(reply: Reply, body: bytes, request: S3Request, region: str) -> StoreError:
    if reply.status == 405 and request.method in ("GET", "HEAD") and "versionId" in request.query:
        # A delete marker has nothing to read ("Working with delete markers", S3 user guide).
        detail = f"version {request.query['versionId']} is a delete marker"
        return NotFoundError(detail, status=405, request_id=reply.headers.get(_REQUEST_ID, ""))
    return from_reply(
        status=reply.status,
        headers=reply.headers,
        body=body,
        operation=request.operation,
        location=request.location,
        signed_region=region,
    )


def _of_proxy(reply: Reply, body: bytes, target: Target) -> StoreError | None:
    """The refusal of a proxy that reads what it passes on, None for one of the store."""
    proxy = target.endpoint.proxy
    if proxy is None or not target.endpoint.is_forwarded:
        return None
    return from_proxy(proxy, status=reply.status, headers=reply.headers, body=body)


def _place(error: StoreError, request: S3Request) -> None:
    """Let an error say where it happened."""
    error.operation = error.operation or request.operation
    error.location = error.location or request.location


def read_headers(headers: Headers, _body: bytes) -> Headers:
    """For replies whose body says nothing."""
    return headers
