"""Request bodies: what is in memory, and what is read from a source while it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import SourceChangedError
from s4desk.core.domain.parts import Span
from s4desk.core.wire.body import FileBacked, MemoryBacked, Slice
from s4desk.core.wire.checksums import CRC64NVME, running_sum
from s4desk.core.wire.exchange import COPY_BUFFER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s4desk.core.wire.body import Body
    from s4desk.core.wire.checksums import RunningSum
    from s4desk.core.wire.connection import Payload
    from s4desk.core.wire.exchange import Exchange
    from s4desk.core.wire.stream import Moved, Stream

MAX_BUFFERED = COPY_BUFFER
"""Bodies up to this size are read once, into a buffer that the thread keeps while it is busy;
larger ones once to sum them and once to send them. To read twice what is in the page cache costs no
more than to fill a buffer that is not in the processor's (packaging/decisions/007).
"""

_TAIL = 64 * 1024
"""What is left to `read_into` at the end of a file: it tells whether the source is as it was."""


class BufferPayload:
    """Bytes that are in memory and stay there until the request is answered."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self.size = len(view)

    def chunks(self) -> Iterator[memoryview]:
        yield self._view

    def send_to(self, stream: Stream, limit: float, moved: Moved | None) -> None:
        stream.send(self._view, limit, moved)


class ViewPayload(BufferPayload):
    """Many bytes in memory, sent piece by piece."""

    def chunks(self) -> Iterator[memoryview]:
        for offset in range(0, self.size, COPY_BUFFER):
            yield self._view[offset : offset + COPY_BUFFER]

    def send_to(self, stream: Stream, limit: float, moved: Moved | None) -> None:
        for chunk in self.chunks():
            stream.send(chunk, limit, moved)


class SlicePayload:
    """A slice that is read while it is sent, and must still be what was summed before.

    `expected` is a CRC, whatever else the store is told: to sum twice shall cost nothing.
    """

    def __init__(self, piece: Slice, buffer: memoryview, expected: RunningSum) -> None:
        self._piece = piece
        self._buffer = buffer
        self._expected = expected
        self.size = piece.span.size

    def chunks(self) -> Iterator[memoryview]:
        """Raises SourceChangedError before the last chunk, so that no store can complete it."""
        seen = self._expected.fresh()
        left = self.size
        for chunk in read_chunks(self._piece, self._buffer):
            seen.update(chunk)
            left -= len(chunk)
            if not left and seen.value != self._expected.value:
                raise SourceChangedError(self._piece.source)
            yield chunk

    def send_to(self, stream: Stream, limit: float, moved: Moved | None) -> None:
        for chunk in self.chunks():
            stream.send(chunk, limit, moved)


class FilePayload(SlicePayload):
    """A slice of a file that the kernel sends, to a store that compares the sum it is told.

    Nobody here sees what is sent: that it is what was summed is for the store to find out.
    """

    def __init__(
        self, piece: Slice, buffer: memoryview, expected: RunningSum, file: FileBacked
    ) -> None:
        super().__init__(piece, buffer, expected)
        self._file = file

    def send_to(self, stream: Stream, limit: float, moved: Moved | None) -> None:
        """Raises SourceChangedError before the last byte when the file is shorter or changed."""
        span = self._piece.span
        run = Span(span.offset, span.size - _TAIL)
        sent = stream.send_file(self._file.fileno(), run, limit, moved)
        if not sent:
            super().send_to(stream, limit, moved)
            return
        rest = Slice(self._piece.source, Span(span.offset + sent, span.size - sent))
        for chunk in read_chunks(rest, self._buffer):
            stream.send(chunk, limit, moved)

    def check(self) -> None:
        """Raises SourceChangedError when the bytes are no longer those that were summed."""
        for _ in self.chunks():
            pass


def read_chunks(piece: Slice, buffer: memoryview) -> Iterator[memoryview]:
    """The bytes of `piece`, one buffer full after another."""
    for offset in range(piece.span.offset, piece.span.end, len(buffer)):
        chunk = buffer[: min(len(buffer), piece.span.end - offset)]
        piece.source.read_into(chunk, offset)
        yield chunk


def prepare(
    body: Body, sums: Sequence[RunningSum], exchange: Exchange, *, is_compared: bool = False
) -> Payload:
    """A payload for `body`, with all of it added to `sums` (at least one).

    `is_compared` says that the store holds what arrives against the sum. Raises
    SourceChangedError, LocalFileError, CancelledJobError.
    """
    if isinstance(body, bytes):
        view = memoryview(body)
        for each in sums:
            each.update(view)
        return BufferPayload(view)
    if isinstance(body.source, MemoryBacked):
        payload = ViewPayload(body.source.view(body.span))
        _sum_up(payload.chunks(), sums, exchange)
        return payload
    buffer = exchange.scratch.view(COPY_BUFFER)
    if body.span.size <= MAX_BUFFERED:
        _sum_up(read_chunks(body, buffer), sums, exchange)
        return BufferPayload(buffer[: body.span.size])
    guard = next((each for each in sums if each.algorithm == CRC64NVME), None)
    if guard is None:
        guard = running_sum(CRC64NVME)
        sums = [*sums, guard]
    _sum_up(read_chunks(body, buffer), sums, exchange)
    if is_compared and isinstance(body.source, FileBacked):
        return FilePayload(body, buffer, guard, body.source)
    return SlicePayload(body, buffer, guard)


def _sum_up(chunks: Iterator[memoryview], sums: Sequence[RunningSum], exchange: Exchange) -> None:
    for chunk in chunks:
        exchange.token.check()
        for each in sums:
            each.update(chunk)
