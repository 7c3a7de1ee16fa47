"""Keep-alive connections: one request and its reply at a time, and the idle ones in between."""

from __future__ import annotations

import ssl
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from s4desk.core.wire.dial import dial
from s4desk.core.wire.plain_http import NoTlsError, speaks_plain_http
from s4desk.core.wire.proxying import SilentProxyError, forwarding
from s4desk.core.wire.reply import NoReplyError, Reply, ReplyReader
from s4desk.core.wire.stream import PlainStream, ReplyPendingError, Stream, TlsStream
from s4desk.core.wire.tls import tls_context_of
from s4desk.core.wire.tunnel import open_tunnel

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence

    from s4desk.core.wire.cancellation import CancelToken
    from s4desk.core.wire.endpoint import Endpoint, Timeouts
    from s4desk.core.wire.proxying import Forwarding
    from s4desk.core.wire.stream import Moved

_JOINED = 64 * 1024
"""Bodies up to this size travel in one piece with the head."""


class Meter:
    """Tells how many bytes moved, and takes it back when they have to move again."""

    def __init__(self, moved: Callable[[int], None]) -> None:
        self._moved = moved
        self._total = 0

    def add(self, count: int) -> None:
        self._total += count
        self._moved(count)

    def take_back(self) -> None:
        if self._total:
            self.add(-self._total)


class Payload(Protocol):
    """The body of a request. It may be asked for its chunks again when a request starts over."""

    @property
    def size(self) -> int: ...

    def chunks(self) -> Iterator[memoryview]:
        """The bytes, `size` in all; a chunk is valid until the next one."""

    def send_to(self, stream: Stream, limit: float, moved: Moved | None) -> None:
        """Send them all by the shortest way; raises what `Stream.send` raises."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the wire.

    `target` is the raw path and query, `headers` hold everything but Host's siblings that the wire
    adds itself (Content-Length). `is_idempotent` says that sending it twice does no harm.
    `first_byte` overrides the limit of that name; `meter` counts the body as it goes out.
    """

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    payload: Payload | None = None
    is_idempotent: bool = True
    first_byte: float | None = None
    meter: Meter | None = None

    def head(self, forwarding: Forwarding | None = None) -> bytes:
        """The request line and the headers. Raises ValueError for a line break in a value."""
        headers, target = self.headers, self.target
        if forwarding is not None:
            headers, target = (*headers, *forwarding.headers), forwarding.url + target
        lines = [f"{self.method} {target} HTTP/1.1"]
        lines.extend(f"{name}: {value}" for name, value in headers)
        if self.payload is not None:
            lines.append(f"Content-Length: {self.payload.size}")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("a header holds a line break")
        # Some values are not UTF-8: a store has them from others, and gets them back.
        return f"{head}\r\n\r\n".encode("utf-8", "surrogateescape")


class Connection:
    """An open connection to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, sock: socket.socket, stream: Stream, timeouts: Timeouts
    ) -> None:
        self.endpoint = endpoint
        self.idle_since = 0.0
        self._sock = sock
        self._stream = stream
        self._reader = ReplyReader(stream)
        self._timeouts = timeouts
        self._is_broken = False
        self._reply: Reply | None = None
        self._forwarding = forwarding(endpoint)

    def send(self, request: Request) -> Reply:
        """Send `request` and read the head of its reply.

        Raises NoReplyError when the connection turned out dead before the first byte of a reply,
        TimeoutError, CancelledJobError, BadReplyError, OSError.
        """
        self._reply = None
        hung_up = self._send(request)
        limits = self._timeouts
        first_byte = limits.first_byte if request.first_byte is None else request.first_byte
        try:
            reply = Reply(
                self._reader,
                is_head=request.method == "HEAD",
                first_byte=min(limits.stall, first_byte) if self._is_broken else first_byte,
                stall=limits.stall,
            )
        except (NoReplyError, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError) as error:
            cause = hung_up or error
            raise NoReplyError(cause.strerror or str(cause)) from error
        self._reply = reply
        return reply

    def _send(self, request: Request) -> OSError | None:
        """Send what the store takes of it; the error that ended it, since a reply may be there."""
        head = request.head(self._forwarding)
        stall = self._timeouts.stall
        moved = request.meter.add if request.meter is not None else None
        payload = request.payload
        try:
            if payload is None or payload.size <= _JOINED:
                body = b"".join(payload.chunks()) if payload is not None else b""
                self._stream.send(memoryview(head + body), stall)
                if moved is not None and body:
                    moved(len(body))
                return None
            self._stream.send(memoryview(head), stall)
            payload.send_to(self._stream, stall, moved)
        except ReplyPendingError:
            self._is_broken = True
        except (ConnectionError, ssl.SSLError) as error:
            self._is_broken = True
            return error
        return None

    @property
    def is_reusable(self) -> bool:
        """Whether nothing of the last exchange is left on the wire."""
        reply = self._reply
        return (
            not self._is_broken
            and reply is not None
            and reply.is_complete
            and reply.keeps_alive
            and self._reader.is_empty
        )

    def is_stale(self) -> bool:
        """Whether an idle connection has been closed, or speaks unasked."""
        try:
            return self._stream.has_input()
        except OSError:
            return True

    def adopt(self, token: CancelToken) -> None:
        """Belong to another job from now on. Raises CancelledJobError."""
        self._stream.token = token
        token.hold(self._sock)

    def close(self) -> None:
        self._stream.close()


class ConnectionPool:
    """Idle connections by endpoint, newest first; safe for all threads."""

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self._lock = threading.Lock()
        self._idle: defaultdict[Endpoint, list[Connection]] = defaultdict(list)
        self._is_closed = False

    def idle(self, endpoint: Endpoint) -> Connection | None:
        """Take out a connection that seems alive, None when there is none."""
        while True:
            with self._lock:
                held = self._idle[endpoint]
                connection = held.pop() if held else None
            if connection is None:
                return None
            age = time.monotonic() - connection.idle_since
            if age <= self.timeouts.idle and not connection.is_stale():
                return connection
            connection.close()

    def give_back(self, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        with self._lock:
            if not self._is_closed:
                self._idle[connection.endpoint].append(connection)
                return
        connection.close()

    def drop_expired(self) -> None:
        """Close what nobody has used for longer than the limit."""
        oldest = time.monotonic() - self.timeouts.idle
        self._drop(lambda connection: connection.idle_since <= oldest)

    def drop(self, endpoint: Endpoint) -> None:
        """Close the idle connections of one endpoint."""
        self._drop(lambda connection: connection.endpoint == endpoint)

    def close(self) -> None:
        """Close all idle connections; those that come back later are closed too."""
        self._is_closed = True
        self._drop(lambda _: True)

    def _drop(self, is_doomed: Callable[[Connection], bool]) -> None:
        with self._lock:
            held = [each for connections in self._idle.values() for each in connections]
            doomed = [connection for connection in held if is_doomed(connection)]
            for connection in doomed:
                self._idle[connection.endpoint].remove(connection)
        for connection in doomed:
            connection.close()


def open_connection(endpoint: Endpoint, timeouts: Timeouts, token: CancelToken) -> Connection:
    """Connect and shake hands, through the endpoint's proxy if it has one.

    Raises OSError (ssl.SSLError and ProxyFault among them), CancelledJobError.
    """
    context = tls_context_of(endpoint) if endpoint.is_tls else None
    sock = _dialed(endpoint, timeouts, token)
    try:
        token.hold(sock)
        plain = PlainStream(sock, token)
        open_tunnel(plain, endpoint, timeouts)
        stream: Stream = plain
        if context is not None:
            stream = TlsStream(plain, context, endpoint.host, timeouts.handshake)
    except TimeoutError as error:
        token.let_go()
        sock.close()
        if endpoint.proxy is None and token.detached(
            lambda: speaks_plain_http(endpoint.host, endpoint.port)
        ):
            raise NoTlsError from error
        raise
    except BaseException:
        token.let_go()
        sock.close()
        raise
    return Connection(endpoint, sock, stream, timeouts)


def _dialed(endpoint: Endpoint, timeouts: Timeouts, token: CancelToken) -> socket.socket:
    try:
        return dial(endpoint.hop, timeouts, token)
    except OSError as error:
        if endpoint.proxy is None:
            raise
        raise SilentProxyError(endpoint.proxy, error.strerror or str(error)) from error
