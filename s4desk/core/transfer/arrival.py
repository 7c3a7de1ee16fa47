"""Whether the bytes that arrived in a file are an object's, and which of them are not."""

from __future__ import annotations

import asyncio
import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import IntegrityError
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.verify import SIZE_ONLY, expected_sum, joined, sum_of, sum_of_span
from s4desk.core.wire.body import FileSource
from s4desk.core.wire.checksums import composite_sum

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
    from pathlib import Path

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import PartPlan, Span
    from s4desk.core.transfer.composite import Composition, Cut
    from s4desk.core.wire.body import Source

log = logging.getLogger(__name__)

MOST_LOOKS: Final = 3
AT_ONCE: Final = 8


class Arrival:
    """An object that has arrived in a file, in units; `sums` are theirs, in `algorithm`.

    `parts` are the sums of larger spans that came whole, in the algorithm of the composition: they
    save reading what a store's sum of sums is made of.
    """

    def __init__(
        self,
        path: Path,
        meta: ObjectMeta,
        composition: Composition | None,
        plan: PartPlan,
        algorithm: str,
        sums: Mapping[int, str],
        parts: Mapping[Span, str] = MappingProxyType({}),
        exactly: Callable[[], Awaitable[Composition | None]] | None = None,
    ) -> None:
        """`sums` and `parts` belong to whoever fetches: what comes again is entered there.

        `exactly` finds out how the object was cut, where the composition is not certain.
        """
        self._path = path
        self._expected = expected_sum(meta)
        self._composition = composition
        self._plan = plan
        self._algorithm = algorithm
        self._sums = sums
        self._parts = parts
        self._exactly = exactly
        self._wrong: tuple[Span, ...] | None = None
        self.detail = ""
        """What is wrong, with both sums, after it was not proved."""

    @property
    def is_refutable(self) -> bool:
        """Whether bytes without a proof are wrong, and not only unknown."""
        certain = self._composition is not None and self._composition.is_certain
        return self._expected is not None or certain

    async def ascertain(self) -> bool:
        """Find out how the object was cut; whether more is known than before."""
        if self._exactly is None or self.is_refutable:
            return False
        known = await self._exactly()
        if known is None or not known.is_certain:
            return False
        self._composition = known
        return True

    async def proof(self) -> str:
        """The algorithm by which the bytes are proved, empty if they are not; `size-only` where the
        store tells nothing."""
        if self._expected is None and self._composition is None:
            return SIZE_ONLY
        # While it is read ranges of it may come again: it need not stay as it was.
        source = await in_thread(FileSource, self._path)
        try:
            return await self._proof(source)
        finally:
            source.close()

    async def _proof(self, source: Source) -> str:
        expected, composition = self._expected, self._composition
        if expected is not None:
            value = self._joined(expected.algorithm)
            value = value or await sum_of(source, self._plan.size, expected.algorithm)
            return self._judged(expected.algorithm, value, expected.value)
        return "" if composition is None else await self._composed(source, composition)

    async def _composed(self, source: Source, known: Composition) -> str:
        for cut in known.cuts:
            sums = await self._sums_of(source, cut, known.algorithm)
            value = composite_sum(known.algorithm, sums)
            proof = self._judged(known.algorithm, value, known.composite.value)
            if proof:
                return proof
            self._wrong = _differing(cut, sums)
        return ""

    def suspects(self) -> list[int]:
        """The ranges of which some bytes are wrong, as far as the last look told."""
        if self._wrong is None:
            return [part.number for part in self._plan]
        return [
            part.number
            for part in self._plan
            if any(part.span.offset < bad.end and bad.offset < part.span.end for bad in self._wrong)
        ]

    def _judged(self, algorithm: str, value: str, expected: str) -> str:
        if value == expected:
            return algorithm
        self.detail = f"{algorithm} is {value}, not {expected}"
        return ""

    def _joined(self, algorithm: str) -> str | None:
        """The sum of the whole, if it follows from those of the ranges."""
        if algorithm != self._algorithm:
            return None
        if self._plan.count == 1:
            return self._sums[1]
        sized = [(self._sums[part.number], part.span.size) for part in self._plan]
        return joined(algorithm, sized)

    async def _sums_of(self, source: Source, cut: Cut, algorithm: str) -> list[str]:
        """Those of the parts of an object that was cut so."""
        if algorithm == self._algorithm and cut.plan() == self._plan:
            return [self._sums[part.number] for part in self._plan]
        return [
            self._parts.get(span) or await sum_of_span(source, span, algorithm)
            for span in cut.spans
        ]


def _differing(cut: Cut, sums: Sequence[str]) -> tuple[Span, ...] | None:
    """The parts that are wrong, None if that cannot be told."""
    if not cut.sums:
        return None
    told = zip(cut.spans, cut.sums, sums, strict=True)
    return tuple(span for span, right, found in told if right != found)


async def mended(arrival: Arrival, again: Callable[[int], Awaitable[bool]]) -> str:
    """How what arrived is proved; what may be wrong is fetched again before that.

    Only parts that are wrong, where the store tells their sums; else one range after the other,
    until all of it is right. Where nothing proves or refutes the whole, since the store does not
    tell how it was cut, the same bytes have to come twice: `size-only`. `again` fetches a range,
    and says whether other bytes came than before. Raises IntegrityError.
    """
    proof = await arrival.proof()
    if not proof and await arrival.ascertain():
        proof = await arrival.proof()
    suspects = arrival.suspects()
    for _ in range(MOST_LOOKS - 1):
        if proof:
            return proof
        log.info("%s; fetching %d ranges again", arrival.detail, len(suspects))
        look = _Look(arrival, again)
        await run_bounded(look.work(suspects), AT_ONCE)
        proof = await look.settled()
        if not look.changed:
            # The same bytes twice are what the store has.
            proof = proof or ("" if arrival.is_refutable else SIZE_ONLY)
            break
        suspects = arrival.suspects() if arrival.is_refutable else look.changed
    if not proof:
        raise IntegrityError(arrival.detail, operation="get")
    return proof


class _Look:
    """Ranges that are fetched again, until the whole is proved."""

    def __init__(self, arrival: Arrival, again: Callable[[int], Awaitable[bool]]) -> None:
        self._arrival = arrival
        self._again = again
        self._looking = asyncio.Lock()
        self._proof = ""
        self._is_looked_at = True
        self.changed: list[int] = []

    def work(self, suspects: Sequence[int]) -> Iterator[Coroutine[object, object, None]]:
        """What to do, as long as there is no proof."""
        for number in suspects:
            if self._proof:
                return
            yield self._fetch(number)

    async def _fetch(self, number: int) -> None:
        if not await self._again(number):
            return
        self.changed.append(number)
        self._proof, self._is_looked_at = "", False
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        if not self._is_looked_at:
            self._is_looked_at = True
            self._proof = await self._arrival.proof()

    async def settled(self) -> str:
        """The proof, empty if there is none, when all that was under way has come."""
        await self._look()
        return self._proof
