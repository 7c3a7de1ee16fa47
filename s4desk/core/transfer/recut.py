"""Which of several cuts an object was joined of, told by all of its bytes in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.ordered_sum import OrderedSum
from s4desk.core.wire.checksums import composite_sum, running_sum

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from s4desk.core.domain.parts import Part, PartPlan
    from s4desk.core.transfer.composite import Composition, Cut
    from s4desk.core.wire.body import Source

IN_FLIGHT: Final = 8


async def found_cut(
    known: Composition,
    cuts: Sequence[Cut],
    plan: PartPlan,
    read: Callable[[Part], Awaitable[Source]],
) -> Cut | None:
    """The cut of which the object's sum of sums comes out; None when it is none of these.

    `read` fetches a part of `plan`, several at once. Each cut costs a sum of all bytes.
    """
    if not cuts:
        return None
    sums = [_CutSum(known.algorithm, cut) for cut in cuts]

    async def recall(part: Part) -> Source:
        raise ValueError(f"part {part.number} was not read")

    ordered = OrderedSum(_Several(sums), plan, recall)

    async def bring(part: Part) -> None:
        await ordered.room(part.number)
        await ordered.add(part.number, await read(part))

    await run_bounded(map(bring, plan), IN_FLIGHT)
    return next((each.cut for each in sums if each.value == known.composite.value), None)


class _CutSum:
    """The sum of the sums of parts, of bytes that come in order."""

    def __init__(self, algorithm: str, cut: Cut) -> None:
        self.cut = cut
        self._algorithm = algorithm
        self._ends = [span.end for span in cut.spans]
        self._sums: list[str] = []
        self._at = 0
        self._total = running_sum(algorithm)

    def update(self, view: memoryview) -> None:
        while view:
            piece = view[: self._ends[len(self._sums)] - self._at]
            view = view[len(piece) :]
            self._total.update(piece)
            self._at += len(piece)
            if self._at == self._ends[len(self._sums)]:
                self._sums.append(self._total.value)
                self._total = running_sum(self._algorithm)

    @property
    def value(self) -> str:
        return composite_sum(self._algorithm, self._sums)


class _Several:
    """Shows the same bytes to several sums."""

    def __init__(self, sums: Sequence[_CutSum]) -> None:
        self._sums = sums

    def update(self, view: memoryview) -> None:
        for each in self._sums:
            each.update(view)
