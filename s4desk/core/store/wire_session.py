"""aiobotocore's requests on the byte path's connections: one way to a store, whoever asks.

So buckets are reached through the same proxy, with the same certificates and the same trust as
their objects, and what goes wrong on the way is told in the same words.
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from aiobotocore.awsrequest import AioAWSResponse

from s4desk.core.store.s3_errors import from_exception, from_proxy
from s4desk.core.wire.connection import Request
from s4desk.core.wire.payload import BufferPayload
from s4desk.core.wire.pool import Lane

if TYPE_CHECKING:
    from s4desk.core.store.way import Way
    from s4desk.core.wire.endpoint import Endpoint
    from s4desk.core.wire.exchange import Exchange
    from s4desk.core.wire.pool import WirePool

_MAX_REPLY = 32 * 1024 * 1024


class WireSession:
    """What aiobotocore wants of an HTTP session; its other ways are not needed here.

    Nothing is asked again: a bucket deleted at the first attempt would not be found at the second.
    """

    def __init__(self, pool: WirePool, way: Way) -> None:
        self._pool = pool
        self._way = way
        self._seen: set[Endpoint] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        for endpoint in self._seen:
            self._pool.drop_connections(endpoint)

    async def send(self, request: Any) -> AioAWSResponse:
        """Raises StoreError for what happens on the way; a reply of any status is a reply."""
        parts = urlsplit(request.url)
        endpoint = self._way.endpoint(request.url)
        self._seen.add(endpoint)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        ours = Request(
            method=request.method,
            target=target,
            headers=[("Host", endpoint.authority), *_headers_of(request)],
            payload=_payload_of(request),
            is_idempotent=False,
        )

        def ask(exchange: Exchange) -> tuple[int, dict[str, str], bytes]:
            with exchange.request(endpoint, ours) as reply:
                is_refused = reply.status >= 300
                body = reply.read_upto(_MAX_REPLY) if is_refused else reply.read_all(_MAX_REPLY)
                return reply.status, reply.headers, body

        try:
            status, headers, body = await self._pool.run(Lane.INTERACTIVE, ask)
        except (OSError, http.client.HTTPException) as error:
            raise from_exception(error, host=endpoint.host) from error
        if endpoint.proxy is not None and endpoint.is_forwarded:
            refusal = from_proxy(endpoint.proxy, status=status, headers=headers, body=body)
            if refusal is not None:
                raise refusal
        return AioAWSResponse(request.url, status, headers, _Body(body))


class _Body:
    """A body that is here, for who would read it from the network."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def read(self) -> bytes:
        return self._content


def _headers_of(request: Any) -> list[tuple[str, str]]:
    """Without what the wire adds itself."""
    ours = ("host", "content-length", "transfer-encoding", "expect", "accept-encoding")
    headers = [
        (name, value.decode("utf-8") if isinstance(value, bytes) else str(value))
        for name, value in request.headers.items()
        if name.lower() not in ours
    ]
    return [*headers, ("Accept-Encoding", "identity")]


def _payload_of(request: Any) -> BufferPayload | None:
    body = request.body
    if body is None and request.method not in ("PUT", "POST"):
        return None
    content = body if isinstance(body, bytes | bytearray) else (body or "").encode("utf-8")
    return BufferPayload(memoryview(content))
