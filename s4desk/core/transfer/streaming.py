"""An object from one store to another, through memory: a whole small one, or part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    PreconditionFailedError,
    SourceChangedError,
)
from s4desk.core.domain.parts import PART_SIZE, Span
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.composite import etag_of_sums, guessed
from s4desk.core.transfer.files import add_to_sum
from s4desk.core.transfer.ordered_sum import OrderedSum
from s4desk.core.transfer.recut import found_cut
from s4desk.core.transfer.verify import composes, expected_sum, joined
from s4desk.core.wire.body import Slice
from s4desk.core.wire.checksums import CRC64NVME, MD5, can_combine, running_sum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Checksum, ObjectMeta
    from s4desk.core.domain.parts import Part, PartPlan, PartReceipt
    from s4desk.core.store.protocol import Moved, ObjectStore, UploadTicket
    from s4desk.core.wire.checksums import RunningSum

RANGES_IN_FLIGHT = 8


class SpanBuffer:
    """A span of an object in memory: a sink for a GET, and then the source of a PUT.

    Both use the object's own offsets.
    """

    def __init__(self, span: Span, location: Location) -> None:
        self._start = span.offset
        self._data = memoryview(bytearray(span.size))
        self._location = location

    def write(self, view: memoryview, offset: int) -> None:
        """Raises SourceChangedError for bytes that were not there when the object was looked at."""
        start = offset - self._start
        if start + len(view) > len(self._data):
            raise SourceChangedError(self._location)
        self._data[start : start + len(view)] = view

    def read_into(self, view: memoryview, offset: int) -> None:
        start = offset - self._start
        view[:] = self._data[start : start + len(view)]

    def view(self, span: Span) -> memoryview:
        """See `MemoryBacked`."""
        start = span.offset - self._start
        return self._data[start : start + span.size]


class Stream:
    """Reads one object, pinned to what HEAD told of it, and hands it on.

    What came is summed on its way in, and held against what the other store checked. No reply to a
    range proves its bytes: before parts are joined they are proved to be the object, by its sum or
    its ETag, or else by coming twice. One buffer is needed for each part in flight, and where the
    sum is an MD5 for those that wait for their turn in it, however large the object is.
    """

    def __init__(self, store: ObjectStore, source: ObjectMeta, part_size: int = PART_SIZE) -> None:
        """`part_size` (bytes) is how we would have cut it."""
        self._store = store
        self._source = source
        self.expected = expected_sum(source)
        self._known = guessed(source, part_size) if self.expected is None else None
        self.proof = ""
        """The algorithm by which the bytes that came whole are proved to be the object."""
        self._total: RunningSum | None = None
        self._received: dict[int, str] = {}
        self._ticket: UploadTicket | None = None
        self._held: dict[int, PartReceipt] = {}
        self._whole: OrderedSum | None = None
        self._passing: dict[int, SpanBuffer] = {}

    async def whole(self) -> tuple[SpanBuffer, Checksum]:
        """All of the object. Raises IntegrityError when it is not what its store says it is."""
        algorithm = self.expected.algorithm if self.expected else CRC64NVME
        buffer, received = await self._read(None, Span(0, self._source.size), algorithm)
        if self.expected is not None:
            self._compare(received.value, self.expected.value, received.algorithm)
            self.proof = received.algorithm
        elif self._known is not None and await composes(buffer, self._known):
            self.proof = self._known.algorithm
        elif self._source.size:
            # Nothing else tells whether these are its bytes.
            _, again = await self._read(None, Span(0, self._source.size), algorithm)
            self._compare(again.value, received.value, algorithm)
            self._refuse_contradiction()
        return buffer, received

    def begin(self, ticket: UploadTicket, plan: PartPlan, held: Mapping[int, PartReceipt]) -> None:
        """What is to be streamed, and which parts of it are `held` by the target already."""
        self._ticket = ticket
        if self.expected is not None and not can_combine(self.expected.algorithm):
            self._total = running_sum(self.expected.algorithm)
            self._whole = OrderedSum(self._total, plan, self._recalled)
        for receipt in held.values():
            self.holds(receipt)

    def holds(self, receipt: PartReceipt) -> None:
        """The target has got a part by another way."""
        self._held[receipt.number] = receipt
        if self._whole is not None:
            self._whole.is_absent(receipt.number)

    async def room(self, part: Part) -> None:
        """Wait until a part may come; whoever waits must hold no slot."""
        if self._whole is not None:
            await self._whole.room(part.number)

    async def part(
        self,
        target: ObjectStore,
        location: Location,
        ticket: UploadTicket,
        part: Part,
        moved: Moved | None,
    ) -> PartReceipt:
        """One part, out of the one store and into the other; `passed` comes then."""
        algorithm = self._algorithm(ticket)
        buffer, received = await self._read(part.span, part.span, algorithm)
        receipt = await target.put_part(
            location, ticket, part.number, Slice(buffer, part.span, received), moved=moved
        )
        if algorithm == ticket.algorithm:
            self._compare(receipt.checksum, received.value, algorithm)
        else:
            await self.compare(buffer, part.span, received)
        self._received[part.number] = received.value
        self._passing[part.number] = buffer
        return receipt

    async def passed(self, part: Part) -> None:
        """Take a part that has arrived into the sum of all, once it is written down."""
        buffer = self._passing.pop(part.number, None)
        if self._whole is not None and buffer is not None:
            await self._whole.add(part.number, buffer)

    async def compare(self, buffer: SpanBuffer, span: Span, received: Checksum) -> None:
        """See that what was sent is what came, where the stores' sums are of two kinds.

        Raises IntegrityError.
        """
        total = running_sum(received.algorithm)
        await in_thread(add_to_sum, total, buffer, span)
        self._compare(total.value, received.value, received.algorithm)

    async def check(
        self, ticket: UploadTicket, plan: PartPlan, parts: Mapping[int, PartReceipt]
    ) -> str:
        """The algorithm by which all parts together are proved to be the object.

        Nothing where the store does not tell enough; the same bytes have come twice then. Raises
        IntegrityError.
        """
        if self._total is not None and self._whole is not None:
            await self._whole.all_taken()
            whole: str | None = self._total.value
        else:
            whole = self._joined(ticket, plan, parts)
        if self.expected is not None and whole is not None:
            self._compare(whole, self.expected.value, self.expected.algorithm)
            return self.expected.algorithm
        sums = [parts[part.number].checksum for part in plan]
        if ticket.algorithm == MD5 and etag_of_sums(sums) == self._source.etag:
            return MD5
        for receipt in parts.values():
            self._held[receipt.number] = receipt
        return await self._come_again(ticket, plan)

    def _refuse_contradiction(self) -> None:
        """Nothing has proved the bytes. Raises IntegrityError where something should have."""
        if self._known is not None and self._known.is_certain:
            raise IntegrityError(
                f"the {self._known.algorithm} of what came is not {self._known.composite.value}",
                operation="copy",
                location=self._source.location,
            )

    async def _come_again(self, ticket: UploadTicket, plan: PartPlan) -> str:
        """The same bytes twice are what the store has; and it may be told now how they were cut."""
        known = self._known
        if known is not None:
            is_tried = known.algorithm == ticket.algorithm
            cuts = [each for each in known.cuts if not (is_tried and each.plan() == plan)]
            if cuts:
                if await found_cut(known, cuts, plan, self._recalled) is not None:
                    return known.algorithm
                self._refuse_contradiction()
                return ""
        await run_bounded(map(self._read_again, plan), RANGES_IN_FLIGHT)
        self._refuse_contradiction()
        return ""

    async def _read_again(self, part: Part) -> None:
        await self._recalled(part)

    def _joined(
        self, ticket: UploadTicket, plan: PartPlan, parts: Mapping[int, PartReceipt]
    ) -> str | None:
        algorithm = self._algorithm(ticket)
        if self.expected is None or self.expected.algorithm != algorithm:
            return None
        if algorithm == ticket.algorithm:
            # Those of an earlier life are in the journal.
            self._received = {n: receipt.checksum for n, receipt in parts.items()} | self._received
        sums = [(self._received.get(part.number, ""), part.span.size) for part in plan]
        return joined(algorithm, sums)

    async def _recalled(self, part: Part) -> SpanBuffer:
        """A part that the target holds, from the source once more."""
        if self._ticket is None:
            raise ValueError("nothing is streamed")
        buffer, again = await self._read(part.span, part.span, self._ticket.algorithm)
        held = self._held[part.number]
        if held.checksum:
            self._compare(again.value, held.checksum, self._ticket.algorithm)
        return buffer

    def _algorithm(self, ticket: UploadTicket) -> str:
        """What parts are summed with: what can prove the whole, else what the target checks."""
        expected = self.expected
        is_joinable = expected is not None and can_combine(expected.algorithm)
        return expected.algorithm if expected and is_joinable else ticket.algorithm

    async def _read(
        self, asked: Span | None, span: Span, algorithm: str
    ) -> tuple[SpanBuffer, Checksum]:
        source = self._source
        buffer = SpanBuffer(span, source.location)
        try:
            reply = await self._store.get(
                source.location,
                buffer,
                span=asked,
                if_match=source.etag,
                version=source.version,
                algorithm=algorithm,
            )
        except OutOfReachError:
            raise
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
