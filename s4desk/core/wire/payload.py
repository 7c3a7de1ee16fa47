"""Request bodies: what is in memory, and what is read from a source while it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import SourceChangedError
from s4desk.core.wire.checksums import CRC64NVME, running_sum
from s4desk.core.wire.exchange import COPY_BUFFER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s4desk.core.wire.body import Body, Slice
    from s4desk.core.wire.checksums import RunningSum
    from s4desk.core.wire.connection import Payload
    from s4desk.core.wire.exchange import Exchange

MAX_BUFFERED = 16 * 1024 * 1024
"""Bodies up to this size (a usual part) are read once, into a buffer that the thread keeps while
it is busy; larger ones once to sum them and once to send them. Reading parts twice would save those
buffers, 120 MB with eight threads, and takes a quarter more processor time (0.8 s/GiB, not 0.6).
"""


class BufferPayload:
    """Bytes that are in memory and stay there until the request is answered."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self.size = len(view)

    def chunks(self) -> Iterator[memoryview]:
        yield self._view


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


def read_chunks(piece: Slice, buffer: memoryview) -> Iterator[memoryview]:
    """The bytes of `piece`, one buffer full after another."""
    for offset in range(piece.span.offset, piece.span.end, len(buffer)):
        chunk = buffer[: min(len(buffer), piece.span.end - offset)]
        piece.source.read_into(chunk, offset)
        yield chunk


def prepare(body: Body, sums: Sequence[RunningSum], exchange: Exchange) -> Payload:
    """A payload for `body`, with all of it added to `sums` (at least one).

    Raises SourceChangedError, LocalFileError, CancelledJobError.
    """
    if isinstance(body, bytes):
        view = memoryview(body)
        for each in sums:
            each.update(view)
        return BufferPayload(view)
    if body.span.size > MAX_BUFFERED:
        buffer = exchange.scratch.view(COPY_BUFFER)
        guard = next((each for each in sums if each.algorithm == CRC64NVME), None)
        if guard is None:
            guard = running_sum(CRC64NVME)
            sums = [*sums, guard]
        _sum_up(read_chunks(body, buffer), sums, exchange)
        return SlicePayload(body, buffer, guard)
    view = exchange.scratch.view(body.span.size)
    _sum_up(_fill(view, body), sums, exchange)
    return BufferPayload(view)


def _fill(view: memoryview, body: Slice) -> Iterator[memoryview]:
    """Read the slice into `view`, in pieces that are still in the cache when they are summed."""
    for start in range(0, len(view), COPY_BUFFER):
        chunk = view[start : start + COPY_BUFFER]
        body.source.read_into(chunk, body.span.offset + start)
        yield chunk


def _sum_up(chunks: Iterator[memoryview], sums: Sequence[RunningSum], exchange: Exchange) -> None:
    for chunk in chunks:
        exchange.token.check()
        for each in sums:
            each.update(chunk)
