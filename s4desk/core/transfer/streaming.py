"""An object from one store to another, through memory: a whole small one, or part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    PreconditionFailedError,
    SourceChangedError,
)
from s4desk.core.domain.parts import Span
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import add_to_sum
from s4desk.core.transfer.verify import expected_sum, joined
from s4desk.core.wire.body import Slice
from s4desk.core.wire.checksums import CRC64NVME, can_combine, running_sum

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Checksum, ObjectMeta
    from s4desk.core.domain.parts import Part, PartPlan, PartReceipt
    from s4desk.core.store.protocol import Moved, ObjectStore, UploadTicket


class SpanBuffer:
    """A span of an object in memory: a sink for a GET, and then the source of a PUT.

    Both use the object's own offsets.
    """

    def __init__(self, span: Span) -> None:
        self._start = span.offset
        self._data = memoryview(bytearray(span.size))

    def write(self, view: memoryview, offset: int) -> None:
        start = offset - self._start
        self._data[start : start + len(view)] = view

    def read_into(self, view: memoryview, offset: int) -> None:
        start = offset - self._start
        view[:] = self._data[start : start + len(view)]


class Stream:
    """Reads one object, pinned to what HEAD told of it, and hands it on.

    What came is summed on its way in, and held against what the other store checked. One buffer is
    needed for each part in flight, however large the object is.
    """

    def __init__(self, store: ObjectStore, source: ObjectMeta) -> None:
        self._store = store
        self._source = source
        self.expected = expected_sum(source)
        self._received: dict[int, str] = {}

    async def whole(self) -> tuple[SpanBuffer, Checksum]:
        """All of the object. Raises IntegrityError when it is not what its store says it is."""
        algorithm = self.expected.algorithm if self.expected else CRC64NVME
        buffer, received = await self._read(None, Span(0, self._source.size), algorithm)
        if self.expected is not None:
            self._compare(received.value, self.expected.value, received.algorithm)
        return buffer, received

    async def part(
        self,
        target: ObjectStore,
        location: Location,
        ticket: UploadTicket,
        part: Part,
        moved: Moved | None,
    ) -> PartReceipt:
        """One part, out of the one store and into the other."""
        algorithm = self._algorithm(ticket)
        buffer, received = await self._read(part.span, part.span, algorithm)
        receipt = await target.put_part(
            location, ticket, part.number, Slice(buffer, part.span), moved=moved
        )
        if algorithm == ticket.algorithm:
            self._compare(receipt.checksum, received.value, algorithm)
        else:
            await self.compare(buffer, part.span, received)
        self._received[part.number] = received.value
        return receipt

    async def compare(self, buffer: SpanBuffer, span: Span, received: Checksum) -> None:
        """See that what was sent is what came, where the stores' sums are of two kinds.

        Raises IntegrityError.
        """
        total = running_sum(received.algorithm)
        await in_thread(add_to_sum, total, buffer, span)
        self._compare(total.value, received.value, received.algorithm)

    def check(self, ticket: UploadTicket, plan: PartPlan, parts: dict[int, PartReceipt]) -> str:
        """The algorithm by which all parts together are proved to be the object, or nothing.

        Raises IntegrityError when they are not.
        """
        algorithm = self._algorithm(ticket)
        if self.expected is None or self.expected.algorithm != algorithm:
            return ""
        if algorithm == ticket.algorithm:
            # Those of an earlier life are in the journal.
            self._received = {n: receipt.checksum for n, receipt in parts.items()} | self._received
        sums = [(self._received.get(part.number, ""), part.span.size) for part in plan]
        whole = joined(algorithm, sums)
        if whole is None:
            return ""
        self._compare(whole, self.expected.value, algorithm)
        return algorithm

    def _algorithm(self, ticket: UploadTicket) -> str:
        """What parts are summed with: what can prove the whole, else what the target checks."""
        expected = self.expected
        is_joinable = expected is not None and can_combine(expected.algorithm)
        return expected.algorithm if expected and is_joinable else ticket.algorithm

    async def _read(
        self, asked: Span | None, span: Span, algorithm: str
    ) -> tuple[SpanBuffer, Checksum]:
        buffer = SpanBuffer(span)
        source = self._source
        try:
            reply = await self._store.get(
                source.location,
                buffer,
                span=asked,
                if_match=source.etag,
                version=source.version,
                algorithm=algorithm,
            )
        except PreconditionFailedError as error:
            raise SourceChangedError(source.location) from error
        if reply.meta.etag != source.etag or reply.meta.size != source.size:
            raise SourceChangedError(source.location)
        if reply.received is None:
            raise IntegrityError("no sum of the received bytes", location=source.location)
        return buffer, reply.received

    def _compare(self, value: str, expected: str, algorithm: str) -> None:
        if value != expected:
            raise IntegrityError(
                f"{algorithm} is {value}, not {expected}",
                operation="copy",
                location=self._source.location,
            )
