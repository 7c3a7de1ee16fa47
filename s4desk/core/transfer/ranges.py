"""How a large object is cut into ranges, and what these prove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import IntegrityError
from s4desk.core.domain.parts import MIB, PartPlan, plan_parts
from s4desk.core.transfer.verify import part_guesses, parts_told
from s4desk.core.wire.checksums import CRC64NVME, MD5, can_combine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Checksum, ObjectMeta

JOURNALLED_SUM: Final = CRC64NVME
"""The cheapest that there is: it costs a fiftieth of a CRC32."""

LARGEST_RANGE: Final = 64 * MIB
MOST_DOUBTS: Final = 3


def range_plan(meta: ObjectMeta, expected: Checksum | None, size: int) -> PartPlan:
    """Ranges of `size` bytes, or the object's parts where nothing else proves it: they prove its
    ETag without being read again."""
    plan = plan_parts(meta.size, size)
    likely = part_guesses(meta.size, parts_told(meta), plan.part_size) if expected is None else []
    return likely[0] if likely and likely[0].part_size <= LARGEST_RANGE else plan


def range_sum(meta: ObjectMeta, expected: Checksum | None, plan: PartPlan) -> str:
    """What ranges are summed with: what can prove the whole, else what costs least."""
    if expected is None and parts_told(meta) == plan.count:
        return MD5
    is_joinable = expected is not None and can_combine(expected.algorithm)
    return expected.algorithm if expected and is_joinable else JOURNALLED_SUM


class DoubtError(Exception):
    """Nothing proves what arrived, or that it is wrong."""


class Doubts:
    """What arrived without a proof: the same bytes twice are the object's."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, ...]] = []

    def clear(self) -> None:
        """It is another object now."""
        self._seen.clear()

    def settle(self, sums: Sequence[str], source: Location) -> None:
        """Raises DoubtError unless these sums came twice in a row; IntegrityError in the end."""
        before = self._seen[-1:]
        self._seen.append(tuple(sums))
        if before == [tuple(sums)]:
            return
        if len(self._seen) == MOST_DOUBTS:
            raise IntegrityError("other bytes arrive each time", operation="get", location=source)
        raise DoubtError
