"""Harmless looks at an address: whether its name leads anywhere, what answers, who it claims to be.

Nothing is signed, no secret is sent and nothing is asked that could change anything.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.s3_error_xml import is_web_page, page_title, parse_error_body
from s4desk.core.store.s3_errors import time_of
from s4desk.core.store.way import NO_SECRETS, Way
from s4desk.core.wire.cancellation import CancelToken
from s4desk.core.wire.connection import Connection as WireConnection
from s4desk.core.wire.connection import Request
from s4desk.core.wire.dial import dial
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.stream import PlainStream, Stream, TlsStream
from s4desk.core.wire.tls import tls_context_of
from s4desk.core.wire.tunnel import open_tunnel

if TYPE_CHECKING:
    from s4desk.core.domain.certificate import PeerCertificate
    from s4desk.core.domain.connection import Connection, WaySecrets
    from s4desk.core.wire.endpoint import Endpoint
    from s4desk.core.wire.reply import Reply

_PATIENCE: Final = Timeouts(connect=3.0, handshake=4.0, first_byte=4.0, stall=4.0, tunnel=4.0)
_PAGE: Final = 16 * 1024
_S3_HEADERS: Final = ("x-amz-request-id", "x-amz-id-2", "x-amz-bucket-region")
_S3_PAGES: Final = (b"<ListAllMyBucketsResult", b"<ListBucketResult")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What an address answered to a request without a signature.

    `status` is 0 where no HTTP came. `ahead` is by how many seconds its clock is ahead of ours,
    None where it did not say; `region` is that of the bucket that was asked for.
    """

    status: int = 0
    server: str = ""
    title: str = ""
    is_s3: bool = False
    is_page: bool = False
    region: str = ""
    ahead: float | None = None
    certificate: PeerCertificate | None = None

    def covers(self, host: str) -> bool:
        """Whether the certificate that was shown is for this host."""
        return self.certificate is not None and self.certificate.covers(host)


class Looks:
    """The looks that one connection's way allows: through its proxy, with its certificate."""

    def __init__(self, connection: Connection, secrets: WaySecrets = NO_SECRETS) -> None:
        self._way = Way(connection, secrets)

    async def addresses(self, host: str) -> frozenset[str]:
        """What a name leads to, nothing when it leads nowhere."""
        return await in_thread(_addresses, host)

    async def greeting(self, url: str, *, method: str = "GET", path: str = "") -> Greeting | None:
        """What answers at a URL, or at another path of its host.

        None when nothing does, or it is not spoken to that way. Whatever its certificate, it is
        only looked at.
        """
        return await in_thread(self._greet, url, method, path or urlsplit(url).path or "/")

    def _greet(self, url: str, method: str, path: str) -> Greeting | None:
        try:
            endpoint = self._way.endpoint(url)
            return _ask(replace(endpoint, ca_file="", verify=False), method, path)
        except (OSError, ValueError, http.client.HTTPException, S4DeskError):
            return None


def _addresses(host: str) -> frozenset[str]:
    with contextlib.suppress(OSError, UnicodeError):
        return frozenset(str(found[4][0]) for found in socket.getaddrinfo(host, None))
    return frozenset()


def _ask(endpoint: Endpoint, method: str, path: str) -> Greeting:
    token = CancelToken()
    sock = dial(endpoint.hop, _PATIENCE, token)
    try:
        stream, der = _stream(endpoint, PlainStream(sock, token))
        certificate = _certificate(der) if der else None
        with contextlib.suppress(OSError, http.client.HTTPException):
            headers = [("Host", endpoint.authority), ("Connection", "close")]
            opened = WireConnection(endpoint, sock, stream, _PATIENCE)
            reply = opened.send(Request(method=method, target=path, headers=headers))
            return _greeting(reply, certificate)
        if certificate is None:
            raise ConnectionError("no answer in HTTP")
        return Greeting(certificate=certificate)
    finally:
        sock.close()


def _stream(endpoint: Endpoint, plain: PlainStream) -> tuple[Stream, bytes]:
    """The stream to speak HTTP on, and the certificate that was shown on it."""
    open_tunnel(plain, endpoint, _PATIENCE)
    if not endpoint.is_tls:
        return plain, b""
    stream = TlsStream(plain, tls_context_of(endpoint), endpoint.host, _PATIENCE.handshake)
    return stream, stream.peer_certificate


def _certificate(der: bytes) -> PeerCertificate | None:
    """The library that reads certificates is loaded when one is looked at."""
    read = import_module("s4desk.core.store.peer_certificate").read_certificate
    found: PeerCertificate | None = read(der)
    return found


def _greeting(reply: Reply, certificate: PeerCertificate | None) -> Greeting:
    body = reply.read_upto(_PAGE)
    headers = reply.headers
    told = time_of(headers.get("date", ""))
    is_error = parse_error_body(body).is_error
    is_s3 = is_error or any(name in headers for name in _S3_HEADERS)
    return Greeting(
        status=reply.status,
        server=headers.get("server", ""),
        title=page_title(body),
        is_s3=is_s3 or any(page in body for page in _S3_PAGES),
        is_page="html" in headers.get("content-type", "") or is_web_page(body),
        region=headers.get("x-amz-bucket-region", ""),
        ahead=(told - datetime.now(UTC)).total_seconds() if told else None,
        certificate=certificate,
    )
