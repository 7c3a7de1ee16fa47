"""The two sides of a comparison, each read and summed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.errors import IntegrityError, PreconditionFailedError
from s4desk.core.domain.parts import PartPlan
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.answers import note_answer
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.origin import Seen, seen_instead
from s4desk.core.transfer.recut import found_cut
from s4desk.core.transfer.streaming import SpanBuffer
from s4desk.core.transfer.verify import joined, sum_of
from s4desk.core.wire.checksums import CRC64NVME, can_combine, checksum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import Part, Span
    from s4desk.core.store.protocol import Moved, ObjectStore
    from s4desk.core.transfer.composite import Composition, Cut
    from s4desk.core.transfer.files import SteadySource
    from s4desk.core.wire.body import Sink

RANGES_IN_FLIGHT = 8


class Side(Protocol):
    """Something that can be read and summed."""

    size: int

    async def whole(self, algorithm: str) -> str:
        """The sum of all of it."""


class _Nowhere:
    """A sink that keeps nothing."""

    def write(self, view: memoryview, offset: int) -> None:
        """Let it go."""


_NOWHERE: Final = _Nowhere()


class ObjectSide:
    """Reads an object in ranges, several at once where their sums can be joined."""

    def __init__(self, store: ObjectStore, meta: ObjectMeta, moved: Moved, range_size: int) -> None:
        self.size = meta.size
        self.meta = meta
        self.store = store
        self._moved = moved
        self._range_size = range_size
        self._instead: Seen | None = None
        self._has_turned = False

    def turn(self) -> bool:
        """Have another object of the group read from here on, if the one that was looked at cannot
        be had any more; whether there is such. Not twice."""
        if self._instead is None or self._has_turned:
            return False
        self.meta, self.size = self._instead.meta, self._instead.meta.size
        self._has_turned = True
        if self._instead.answer is not None:
            note_answer(self._instead.answer)
        return True

    async def whole(self, algorithm: str) -> str:
        if not self.size:
            return checksum(algorithm, b"")
        part_size = self._range_size if can_combine(algorithm) else self.size
        spans = [part.span for part in PartPlan(self.size, part_size)]
        sums = await self.parts(algorithm, spans)
        if len(sums) == 1:
            return sums[0]
        sized = [(value, span.size) for value, span in zip(sums, spans, strict=True)]
        return joined(algorithm, sized) or ""

    async def parts(self, algorithm: str, spans: Sequence[Span]) -> list[str]:
        """The sums of runs of bytes, in order."""
        sums: dict[Span, str] = {}

        async def read(span: Span) -> None:
            sums[span] = await self._read(algorithm, span, is_all=len(spans) == 1)

        await run_bounded(map(read, spans), RANGES_IN_FLIGHT)
        return [sums[span] for span in spans]

    async def is_cut_as(self, known: Composition, cuts: Sequence[Cut]) -> bool:
        """Whether its sum of sums comes out of one of these cuts. All of it is read for that."""
        plan = PartPlan(self.size, min(self._range_size, self.size))
        return await found_cut(known, cuts, plan, self._kept) is not None

    async def _kept(self, part: Part) -> SpanBuffer:
        buffer = SpanBuffer(part.span, self.meta.location)
        await self._read(CRC64NVME, part.span, is_all=False, sink=buffer)
        return buffer

    async def _read(
        self, algorithm: str, span: Span, *, is_all: bool, sink: Sink = _NOWHERE
    ) -> str:
        location = self.meta.location
        try:
            reply = await self.store.get(
                location,
                sink,
                span=None if is_all else span,
                if_match=self.meta.etag,
                version=self.meta.version,
                algorithm=algorithm,
                moved=self._moved,
            )
        except OutOfReachError as error:
            self._instead = seen_instead(error)
            raise
        if reply.meta.etag and self.meta.etag and reply.meta.etag != self.meta.etag:
            raise PreconditionFailedError("ETag differs", operation="get", location=location)
        if reply.received is None:
            raise IntegrityError("no sum of the received bytes", location=location)
        return reply.received.value


class FileSide:
    """An open local file, which may not change meanwhile."""

    def __init__(self, source: SteadySource) -> None:
        self.size = source.fingerprint.size
        self._source = source

    async def whole(self, algorithm: str) -> str:
        return await sum_of(self._source, self.size, algorithm)
