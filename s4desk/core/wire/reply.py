"""Reading an HTTP/1.1 reply (RFC 9112) from a stream.

http.client would do, but it reads through two layers of buffers, fills a whole view before it
returns, so that nothing is told about a slow line, and takes ten times as long for the head.
"""

from __future__ import annotations

import contextlib
import http.client
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from s4desk.core.wire.stream import Stream

MAX_HEAD: Final = 64 * 1024
MAX_FIELDS: Final = 200
MAX_DIGITS: Final = 18
_BUFFER: Final = 64 * 1024
_UNTIL_CLOSE: Final = -1
_EMPTY_LINE: Final = re.compile(r"(?:\A|\n)\r?\n")


class BadReplyError(http.client.HTTPException):
    """The reply is not HTTP/1.1."""


class TruncatedReplyError(ConnectionError):
    """The connection ended before the reply did."""


class NoReplyError(ConnectionError):
    """The connection ended before the first byte of a reply."""


class ReplyReader:
    """The receiving half of a connection, with what was read ahead."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._held = bytearray(_BUFFER)
        self._buffer = memoryview(self._held)
        self._start = 0
        self._end = 0

    @property
    def is_empty(self) -> bool:
        return self._start == self._end

    def line(self, limit: float, budget: int) -> bytes:
        """One line without its end; at most `budget` bytes. Raises TruncatedReplyError."""
        pieces: list[bytes] = []
        while True:
            end = self._held.find(b"\n", self._start, self._end)
            stop = end + 1 or self._end
            pieces.append(bytes(self._buffer[self._start : stop]))
            budget -= stop - self._start
            self._start = stop
            if budget < 0:
                raise BadReplyError("the head of the reply is too long")
            if end >= 0:
                return b"".join(pieces).rstrip(b"\r\n")
            if not self._fill(limit):
                raise TruncatedReplyError("the reply was cut in its head")

    def lines(self, limit: float) -> Iterator[str]:
        """The lines of a head, up to and with the empty one; at most MAX_HEAD bytes.

        Raises TruncatedReplyError, BadReplyError.
        """
        end = self._held.find(b"\r\n\r\n", self._start, self._end)
        if end >= 0:
            block = str(self._buffer[self._start : end], "latin-1")
            if not _EMPTY_LINE.search(block):
                self._start = end + 4
                yield from [line.rstrip("\r") for line in block.split("\n")]
                yield ""
                return
        budget = MAX_HEAD
        while True:
            line = self.line(limit, budget)
            yield line.decode("latin-1")
            budget -= len(line)
            if not line:
                return

    def wait(self, limit: float) -> None:
        """Wait for the first byte of a reply. Raises NoReplyError, TimeoutError."""
        if self.is_empty and not self._fill(limit):
            raise NoReplyError("the store closed the connection without a reply")

    def read_into(self, view: memoryview, limit: float, *, fill: bool) -> int:
        """Some bytes: those read ahead first, then straight from the stream. 0 at the end."""
        held = min(self._end - self._start, len(view))
        if held:
            view[:held] = self._buffer[self._start : self._start + held]
            self._start += held
            return held
        return self._stream.recv_into(view, limit, fill=fill)

    def _fill(self, limit: float) -> int:
        self._start = 0
        self._end = self._stream.recv_into(self._buffer, limit)
        return self._end


class Reply:
    """One reply: its head, and its body to be read once. Header names are in lower case.

    `length` is what Content-Length says, None without it; for HEAD that is the object's.
    """

    def __init__(
        self, reader: ReplyReader, *, is_head: bool, first_byte: float, stall: float
    ) -> None:
        """Read the head. Raises NoReplyError when there is none, BadReplyError, OSError."""
        self._reader = reader
        self._stall = stall
        reader.wait(first_byte)
        self._read_head()
        while 100 <= self.status < 200 and self.status != 101:
            self._read_head()
        self.length = self._content_length()
        self._is_chunked = self._transfer_is_chunked()
        if self._is_chunked:
            self.length = None
        self._chunk_left = 0
        self._left = self._body_size(is_head=is_head)
        self.is_complete = self._left == 0 and not self._is_chunked

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow on this connection once the body is read."""
        options = self.headers.get("connection", "").lower()
        if self.version == (1, 0) and "keep-alive" not in options:
            return False
        return "close" not in options and self._left != _UNTIL_CLOSE

    def read_into(self, view: memoryview) -> int:
        """The next bytes of the body, 0 at its end.

        Returns after a tick at the latest with what has come. Raises TruncatedReplyError,
        BadReplyError, TimeoutError.
        """
        if self.is_complete or not view:
            return 0
        if self._is_chunked:
            return self._read_chunked(view)
        if self._left == _UNTIL_CLOSE:
            count = self._reader.read_into(view, self._stall, fill=False)
            self.is_complete = not count
            return count
        count = self._reader.read_into(view[: self._left], self._stall, fill=True)
        if not count:
            raise TruncatedReplyError(f"the reply was cut {self._left} bytes before its end")
        self._left -= count
        self.is_complete = not self._left
        return count

    def read_all(self, limit: int) -> bytes:
        """The whole body. Raises BadReplyError when it is larger than `limit` bytes."""
        data = bytearray()
        self._collect(limit, data)
        if len(data) > limit or not self.is_complete:
            raise BadReplyError(f"the reply is larger than {limit} bytes")
        return bytes(data)

    def read_upto(self, limit: int) -> bytes:
        """The body, or its first `limit` bytes when there is more.

        Who refuses a body unread resets the connection behind what it says: that counts then.
        """
        data = bytearray()
        with contextlib.suppress(ConnectionResetError):
            self._collect(limit, data)
        return bytes(data[:limit])

    def _collect(self, limit: int, data: bytearray) -> None:
        if self.is_complete:
            return
        view = memoryview(bytearray(_BUFFER if self._left <= 0 else min(self._left, limit)))
        while len(data) <= limit and (count := self.read_into(view)):
            data += view[:count]

    def _read_chunked(self, view: memoryview) -> int:
        if not self._chunk_left:
            self._chunk_left = self._chunk_size()
            if not self._chunk_left:
                _fields(self._reader.lines(self._stall))
                self.is_complete = True
                return 0
        count = self._reader.read_into(view[: self._chunk_left], self._stall, fill=True)
        if not count:
            raise TruncatedReplyError("the reply was cut in a chunk")
        self._chunk_left -= count
        if not self._chunk_left and self._reader.line(self._stall, 2):
            raise BadReplyError("a chunk is longer than it says")
        return count

    def _chunk_size(self) -> int:
        digits = self._reader.line(self._stall, MAX_HEAD).partition(b";")[0].strip(b" \t")
        if not digits or digits.strip(b"0123456789abcdefABCDEF") or len(digits) > 16:
            raise BadReplyError(f"not the size of a chunk: {digits[:40]!r}")
        return int(digits, 16)

    def _read_head(self) -> None:
        lines = self._reader.lines(self._stall)
        start = next(lines)
        version, _, rest = start.partition(" ")
        status = rest[:3]
        if not version.startswith("HTTP/1.") or not status.isdecimal() or rest[3:4].strip():
            raise BadReplyError(f"not HTTP: {start[:80]!r}")
        self.version, self.status = (1, 0 if version == "HTTP/1.0" else 1), int(status)
        self.reason = rest[4:].strip()
        self.headers = _fields(lines)

    def _content_length(self) -> int | None:
        value = self.headers.get("content-length")
        if value is None:
            return None
        first, *others = {each.strip() for each in value.split(",")}
        if others or not first.isascii() or not first.isdecimal() or len(first) > MAX_DIGITS:
            raise BadReplyError(f"not a Content-Length: {value[:40]!r}")
        return int(first)

    def _transfer_is_chunked(self) -> bool:
        coding = self.headers.get("transfer-encoding", "").lower()
        if coding and coding != "chunked":
            raise BadReplyError(f"unknown Transfer-Encoding {coding[:40]!r}")
        return bool(coding) and self.status not in (204, 304)

    def _body_size(self, *, is_head: bool) -> int:
        """RFC 9112 section 6.3."""
        if is_head or self.status in (204, 304):
            self._is_chunked = False
            return 0
        if self._is_chunked:
            return 0
        return _UNTIL_CLOSE if self.length is None else self.length


def _fields(lines: Iterable[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for number, line in enumerate(lines):
        if not line:
            break
        name, colon, value = line.partition(":")
        if not colon or not name or name[0].isspace() or name[-1].isspace():
            raise BadReplyError(f"not a header: {line[:80]!r}")
        if number == MAX_FIELDS:
            raise BadReplyError("too many headers in the reply")
        key, text = name.lower(), value.strip(" \t")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields
