"""What of a download is kept when it breaks off: units of its ranges, far smaller than those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.parts import MIB, PartPlan, Span
from s4desk.core.transfer.verify import expected_sum
from s4desk.core.wire.checksums import CRC64NVME, can_combine, running_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.composite import Composition
    from s4desk.core.wire.body import Sink

UNIT: Final = 2 * MIB
"""One turn of receiving and writing."""
MOST_UNITS: Final = 16_384
"""Each is a row of the journal and a sum in memory."""
MOST_CUTS: Final = 64
LARGEST_RANGE: Final = 64 * MIB

ARRIVAL_SUM: Final = CRC64NVME
"""The cheapest that there is: it costs a fiftieth of a CRC32."""


def range_size(composition: Composition | None, wished: int) -> int:
    """How many bytes to ask for at once: `wished`, or one of the object's parts where nothing else
    proves it. Their sums prove it without being read again."""
    likely = composition.cuts[0].plan() if composition and composition.cuts else None
    is_handy = likely is not None and likely.part_size <= LARGEST_RANGE
    return likely.part_size if likely is not None and is_handy else wished


def unit_plan(size: int, largest: int) -> PartPlan:
    """Units of a download of `size` bytes, of which a range of `largest` bytes is made.

    About UNIT each, and more where they would be more than MOST_UNITS. A range that nothing divides
    is its own unit.
    """
    wished = UNIT
    while wished < largest and size > wished * MOST_UNITS:
        wished *= 2
    least = -(-largest // wished)
    for count in range(least, least + MOST_CUTS):
        if largest % count == 0:
            return PartPlan(size, largest // count)
    return PartPlan(size, largest)


def unit_sum(meta: ObjectMeta) -> str:
    """What units are summed with: what can prove the whole, else what costs least."""
    expected = expected_sum(meta)
    can_prove = expected is not None and can_combine(expected.algorithm)
    return expected.algorithm if expected is not None and can_prove else ARRIVAL_SUM


def runs(plan: PartPlan, missing: Iterable[int], largest: int) -> Iterator[range]:
    """The numbers of missing units that are asked for together.

    Neighbours, and of one range of `largest` bytes.
    """
    most = max(1, largest // plan.part_size)
    first = last = 0
    for number in missing:
        is_next = number == last + 1 and (number - 1) % most
        if first and not is_next:
            yield range(first, last + 1)
        if not is_next:
            first = number
        last = number
    if first:
        yield range(first, last + 1)


def span_of(plan: PartPlan, run: range) -> Span:
    offset = plan.part(run[0]).span.offset
    return Span(offset, plan.part(run[-1]).span.end - offset)


class UnitSink:
    """Writes a run of units as it comes, and tells the sum of each that is there: the worker
    thread calls `arrived` with its number and its sum.

    Where the request is sent again it begins anew.
    """

    def __init__(
        self,
        sink: Sink,
        plan: PartPlan,
        run: range,
        algorithm: str,
        arrived: Callable[[int, str], None],
    ) -> None:
        self._sink = sink
        self._plan = plan
        self._run = run
        self._algorithm = algorithm
        self._arrived = arrived
        self._begin(run[0])

    def write(self, view: memoryview, offset: int) -> None:
        """Raises LocalFileError; ValueError when bytes come in no order."""
        if offset != self._at:
            if offset != self._plan.part(self._run[0]).span.offset:
                raise ValueError(f"byte {offset} came where {self._at} should be")
            self._begin(self._run[0])
        self._sink.write(view, offset)
        while view:
            piece = view[: self._unit.span.end - self._at]
            view = view[len(piece) :]
            self._total.update(piece)
            self._at += len(piece)
            if self._at == self._unit.span.end:
                self._arrived(self._unit.number, self._total.value)
                self._begin(self._unit.number + 1)

    def _begin(self, number: int) -> None:
        self._unit = self._plan.part(number)
        self._at = self._unit.span.offset
        self._total = running_sum(self._algorithm)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What all requests for an object have in common: where it is, and what it is summed with."""

    store: Store
    meta: ObjectMeta
    known: Composition | None
    plan: PartPlan
    algorithm: str
    parts: frozenset[Span] = frozenset()

    @staticmethod
    def of(
        store: Store, meta: ObjectMeta, known: Composition | None, plan: PartPlan, algorithm: str
    ) -> Wanted:
        parts = frozenset(known.cuts[0].spans) if known and known.cuts else frozenset()
        return Wanted(store, meta, known, plan, algorithm, parts)

    def span(self, run: range) -> Span | None:
        """What to ask for, None for all of it."""
        span = span_of(self.plan, run)
        return None if span.size == self.meta.size else span

    def sink(self, sink: Sink, run: range, arrived: Callable[[int, str], None]) -> Sink:
        """A plan of one unit is no plan: the store sums it, and sees itself whether it is right."""
        if self.plan.count == 1:
            return sink
        return UnitSink(sink, self.plan, run, self.algorithm, arrived)

    def sum_of(self, run: range) -> str:
        """What to sum the reply with, beside its units: where it is one of the parts of whose sums
        the store keeps the sum."""
        if self.plan.count == 1:
            return self.algorithm
        is_part = span_of(self.plan, run) in self.parts
        return self.known.algorithm if is_part and self.known else ""
