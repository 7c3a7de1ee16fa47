"""The faults a FaultProxy can inject into one exchange."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.servers.http_stream import Head

Direction = Literal["request", "response"]

_POLL_S = 0.02


class SeveredError(Exception):
    """The connection is to be cut here."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("cut")
        self.reset = reset


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer instead of the server, which never sees the request.

    With `drain` off the answer goes out before the request body is read, and
    the connection is closed: what an overloaded front does to an upload.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drain: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """End the connection after that many bytes of the body, by RST or FIN.

    `after=None` is before any byte of that direction, head included: a request
    the server never sees, or a reply that is lost after the server acted.
    Chunk headers count as bytes of a chunked body.
    """

    after: int | None = 0
    direction: Direction = "response"
    reset: bool = True


class Stall:
    """Stop forwarding after that many bytes of the body, until released.

    `after=None` is before any byte of that direction, as in `Cut`. The proxy
    releases all stalls when it stops.
    """

    def __init__(self, after: int | None = 0, direction: Direction = "response") -> None:
        self.after = after
        self.direction = direction
        self.reached = threading.Event()
        self.released = threading.Event()

    def release(self) -> None:
        self.released.set()


@dataclass(frozen=True, slots=True)
class Flip:
    """Invert the bits of one byte of the body."""

    at: int = 0
    direction: Direction = "response"


@dataclass(frozen=True, slots=True)
class Latency:
    """Wait before the request is forwarded."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Trickle:
    """Forward the body at a rate."""

    bytes_per_second: int
    direction: Direction = "response"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Send the body twice; the head still promises it once."""

    direction: Direction = "response"


@dataclass(frozen=True, slots=True)
class Mask:
    """Overwrite each match of a pattern in the body with zeros: a lie of the same length.

    The body is held until it is whole; not for large ones.
    """

    pattern: bytes
    direction: Direction = "response"


@dataclass(frozen=True, slots=True)
class EditHead:
    """Change headers of the response; None removes one. The body stays as it is."""

    headers: Mapping[str, str | None]

    def apply(self, head: Head) -> None:
        for name, value in self.headers.items():
            head.put(name, value)


Fault = Reply | Cut | Stall | Flip | Latency | Trickle | Repeat | Mask | EditHead


def truncated(after: int) -> Cut:
    """Return a fault that promises the whole body, sends `after` bytes and closes politely."""
    return Cut(after, "response", reset=False)


def dropped_reply(*, reset: bool = True) -> Cut:
    """Return a fault that loses the reply after the server has acted."""
    return Cut(None, "response", reset=reset)


def error_reply(status: int, code: str, message: str = "injected", **headers: str) -> Reply:
    """Return an S3 error; with status 200 it is the error body that copy and complete may send.

    Underscores in header names stand for hyphens: `Retry_After="1"`.
    """
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        "<RequestId>injected</RequestId></Error>"
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body.encode(), {"Content-Type": "application/xml", **named})


def slow_down() -> Reply:
    return error_reply(503, "SlowDown", "Please reduce your request rate.")


def html_reply(status: int = 200) -> Reply:
    """Return the login or error page that a captive portal or a proxy sends."""
    return Reply(status, b"<!doctype html><html>not S3</html>", {"Content-Type": "text/html"})


def pause_or_cut(fault: Fault | None, direction: Direction, closing: threading.Event) -> None:
    """Apply what happens before any byte of `direction`; raises SeveredError."""
    if isinstance(fault, Cut) and fault.after is None and fault.direction == direction:
        raise SeveredError(reset=fault.reset)
    if isinstance(fault, Stall) and fault.after is None and fault.direction == direction:
        _hold(fault, closing)
    if isinstance(fault, Latency) and direction == "request":
        closing.wait(fault.seconds)


def distort(
    pieces: Iterator[bytes], fault: Fault | None, direction: Direction, closing: threading.Event
) -> Iterator[bytes]:
    """Yield a body as the fault leaves it; raises SeveredError where it is cut."""
    if getattr(fault, "direction", None) != direction:
        return pieces
    match fault:
        case Cut(after=int(after)):
            pieces = _cut(pieces, after, reset=fault.reset)
        case Stall(after=int(after)):
            pieces = _stalled(pieces, fault, after, closing)
        case Flip():
            pieces = _flipped(pieces, fault.at)
        case Trickle():
            pieces = _trickled(pieces, fault.bytes_per_second, closing)
        case Repeat():
            pieces = _repeated(pieces)
        case Mask():
            pieces = _masked(pieces, fault.pattern)
    return pieces


def _hold(stall: Stall, closing: threading.Event) -> None:
    stall.reached.set()
    while not (stall.released.wait(_POLL_S) or closing.is_set()):
        pass


def _split_at(pieces: Iterator[bytes], offset: int) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces and whether `offset` is where the piece begins; it always begins one."""
    position = 0
    if offset == 0:
        yield b"", True
    for piece in pieces:
        room = offset - position
        position += len(piece)
        if 0 < room <= len(piece):
            yield piece[:room], False
            yield piece[room:], True
        else:
            yield piece, False


def _cut(pieces: Iterator[bytes], after: int, *, reset: bool) -> Iterator[bytes]:
    for piece, is_here in _split_at(pieces, after):
        if is_here:
            raise SeveredError(reset=reset)
        yield piece


def _stalled(
    pieces: Iterator[bytes], stall: Stall, after: int, closing: threading.Event
) -> Iterator[bytes]:
    for piece, is_here in _split_at(pieces, after):
        if is_here:
            _hold(stall, closing)
        yield piece


def _flipped(pieces: Iterator[bytes], at: int) -> Iterator[bytes]:
    position = 0
    for piece in pieces:
        where = at - position
        position += len(piece)
        if 0 <= where < len(piece):
            flipped = bytes([piece[where] ^ 0xFF])
            yield piece[:where] + flipped + piece[where + 1 :]
        else:
            yield piece


def _repeated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    sent = []
    for piece in pieces:
        sent.append(piece)
        yield piece
    yield from sent


def _masked(pieces: Iterator[bytes], pattern: bytes) -> Iterator[bytes]:
    yield re.sub(pattern, lambda found: b"0" * len(found[0]), b"".join(pieces))


def _trickled(pieces: Iterator[bytes], rate: int, closing: threading.Event) -> Iterator[bytes]:
    step = max(1, int(rate * _POLL_S))
    for piece in pieces:
        for start in range(0, len(piece), step):
            part = piece[start : start + step]
            yield part
            closing.wait(len(part) / rate)
