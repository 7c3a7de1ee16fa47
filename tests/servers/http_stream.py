"""HTTP/1.1 as it passes through: heads that can be edited, bodies piece by piece."""

from __future__ import annotations

import select
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

PIECE_BYTES = 1 << 18
MAX_HEAD_BYTES = 1 << 20


class Framing(Enum):
    """How the end of a body is known, when it is not by a length."""

    CHUNKED = "chunked"
    UNTIL_CLOSE = "until close"


class IncompleteError(Exception):
    """The peer closed the connection in the middle of a message."""


class InterruptedReadError(Exception):
    """The other side spoke while this one was being read."""


@dataclass(slots=True)
class Head:
    """A start line and header lines, in order."""

    start: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), default)

    def put(self, name: str, value: str | None) -> None:
        """Replace a header; None removes it."""
        self.fields = [pair for pair in self.fields if pair[0].lower() != name.lower()]
        if value is not None:
            self.fields.append((name, value))

    def encode(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.fields), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    @property
    def method(self) -> str:
        return self.start.split(" ", 2)[0]

    @property
    def target(self) -> str:
        return self.start.split(" ", 2)[1]

    @property
    def status(self) -> int:
        return int(self.start.split(" ", 2)[1])

    @property
    def wants_close(self) -> bool:
        return "close" in self.get("Connection").lower()

    @property
    def expects_continue(self) -> bool:
        return self.get("Expect").lower() == "100-continue"


def request_framing(head: Head) -> int | Framing:
    if "chunked" in head.get("Transfer-Encoding").lower():
        return Framing.CHUNKED
    return int(head.get("Content-Length") or 0)


def response_framing(head: Head, method: str) -> int | Framing:
    """Return how long the body is; RFC 9112 section 6.3."""
    if method == "HEAD" or head.status in (204, 304):
        return 0
    if "chunked" in head.get("Transfer-Encoding").lower():
        return Framing.CHUNKED
    length = head.get("Content-Length")
    return int(length) if length else Framing.UNTIL_CLOSE


class Stream:
    """One side of a connection; used by one thread.

    While `interrupted_by` is set, reading raises InterruptedReadError as soon
    as that other stream has something to read.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.interrupted_by: Stream | None = None
        self._pending = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def has_input(self) -> bool:
        """Say whether something, or the end, can be read at once."""
        return bool(self._pending) or bool(select.select([self.sock], [], [], 0)[0])

    def read_head(self) -> Head | None:
        """Return the next head, or None if the connection ended before it began."""
        while b"\r\n\r\n" not in self._pending:
            data = self._receive(PIECE_BYTES)
            if not data:
                if self._pending:
                    raise IncompleteError
                return None
            self._pending += data
            if len(self._pending) > MAX_HEAD_BYTES + PIECE_BYTES:
                raise IncompleteError
        raw, self._pending = self._pending.split(b"\r\n\r\n", 1)
        start, *lines = raw.decode("latin-1").split("\r\n")
        return Head(start, [(name, value.strip()) for name, _, value in map(_split, lines)])

    def body(self, framing: int | Framing) -> Iterator[bytes]:
        """Yield a body as it arrives, chunk headers included if it is chunked."""
        if framing is Framing.CHUNKED:
            yield from self._chunks()
        elif framing is Framing.UNTIL_CLOSE:
            while piece := self._read(PIECE_BYTES):
                yield piece
        else:
            yield from self._exactly(framing)

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self._read(min(size, PIECE_BYTES))
            if not piece:
                raise IncompleteError
            size -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        size = -1
        while size:
            line = self._line()
            size = int(line.split(b";")[0], 16)
            yield line
            if size:
                yield from self._exactly(size + 2)
        trailer = b""
        while trailer != b"\r\n":
            trailer = self._line()
            yield trailer

    def _line(self) -> bytes:
        while b"\n" not in self._pending:
            data = self._receive(PIECE_BYTES)
            if not data:
                raise IncompleteError
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        return line + b"\n"

    def _read(self, size: int) -> bytes:
        if not self._pending:
            return self._receive(size)
        piece, self._pending = self._pending[:size], self._pending[size:]
        return piece

    def _receive(self, size: int) -> bytes:
        other = self.interrupted_by
        if other is not None:
            select.select([self.sock, other.sock], [], [])
            if other.has_input():
                raise InterruptedReadError
        return self.sock.recv(size)


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")
