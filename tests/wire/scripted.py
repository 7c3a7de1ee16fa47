"""A loopback HTTP server that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from s4desk.core.wire.endpoint import Endpoint, Timeouts
from tests.servers.http_stream import IncompleteError, Stream, request_framing
from tests.servers.listener import Listener, finish

if TYPE_CHECKING:
    import socket

ROOMY = Timeouts(tick=0.05)
"""For tests that no limit may end, however busy the machine."""

SHORT = Timeouts(connect=1.0, handshake=1.0, first_byte=0.5, stall=0.5, tick=0.05)
"""For tests of the limits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. `connection` counts from 1; header names are in lower case."""

    connection: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Asked], bytes | None]
"""The raw reply, or None to hang up."""


def reply(
    body: bytes = b"", *, status: int = 200, length: int | None = None, **headers: str
) -> bytes:
    """A reply; underscores in header names stand for hyphens."""
    fields = {"Content-Length": str(len(body) if length is None else length)}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class ScriptedServer:
    """Keeps connections alive; one thread each."""

    def __init__(self, answer: Answer | bytes) -> None:
        self._answer: Answer = (lambda _: answer) if isinstance(answer, bytes) else answer
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.listener = Listener("scripted", self._serve)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("http", "127.0.0.1", self.listener.port)

    @property
    def connections(self) -> int:
        """How many have sent a request."""
        return len({each.connection for each in self.asked})

    def __enter__(self) -> Self:
        self.listener.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _serve(self, sock: socket.socket) -> None:
        number = next(self._numbers)
        stream = Stream(sock)
        try:
            while (asked := _read(stream, number)) is not None:
                with self._lock:
                    self.asked.append(asked)
                said = self._answer(asked)
                if said is None:
                    break
                stream.send(said)
            finish(sock)
        except (OSError, IncompleteError):
            return


def _read(stream: Stream, number: int) -> Asked | None:
    head = stream.read_head()
    if head is None:
        return None
    headers = {name.lower(): value for name, value in head.fields}
    body = b"".join(stream.body(request_framing(head)))
    return Asked(number, head.method, head.target, headers, body)


@contextlib.contextmanager
def serving(serve):
    """Run `serve(stream, number)` for each connection."""
    numbers = iter(range(1, 100))

    def converse(sock):
        with contextlib.suppress(OSError):
            serve(Stream(sock), next(numbers))

    listener = Listener("raw", converse)
    listener.open()
    try:
        yield Endpoint("http", "127.0.0.1", listener.port)
    finally:
        listener.close()
