"""How a download is cut into units that are kept, and runs of them that are asked for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.parts import MIB, PartPlan, Span
from s4desk.core.transfer.composite import Composition, Cut
from s4desk.core.transfer.units import (
    MOST_UNITS,
    UNIT,
    UnitSink,
    Wanted,
    range_size,
    runs,
    span_of,
    unit_plan,
)
from s4desk.core.wire.checksums import running_sum

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Store

PLAN = PartPlan(100, 10)


class Buffer:
    def __init__(self) -> None:
        self.content = bytearray(PLAN.size)

    def write(self, view: memoryview, offset: int) -> None:
        self.content[offset : offset + len(view)] = view


@pytest.mark.parametrize(
    ("size", "largest", "unit"),
    [
        (100 * MIB, 16 * MIB, UNIT),
        (100 * MIB, 5 * MIB, 5 * MIB // 4),
        (100 * MIB, MIB, MIB),
        (100 * MIB, 8 * MIB + 1, 8 * MIB + 1),
        (UNIT * MOST_UNITS, 16 * MIB, UNIT),
        (UNIT * MOST_UNITS + 1, 16 * MIB, 2 * UNIT),
        (5 << 40, 16 * MIB, 16 * MIB),
    ],
)
def test_units_divide_a_range(size: int, largest: int, unit: int) -> None:
    plan = unit_plan(size, largest)
    assert plan == PartPlan(size, unit)
    assert largest % plan.part_size == 0


@given(st.sets(st.integers(1, 10)), st.integers(1, 45))
def test_runs_are_neighbours_of_one_range(missing: set[int], largest: int) -> None:
    found = list(runs(PLAN, sorted(missing), largest))
    assert [number for run in found for number in run] == sorted(missing)
    most = max(1, largest // PLAN.part_size)
    assert all(len({(number - 1) // most for number in run}) == 1 for run in found)
    # None of them could be asked for together with the next.
    for one, other in itertools.pairwise(found):
        is_cut = (other[0] - 1) % most == 0
        assert one[-1] + 1 < other[0] or is_cut


@given(st.binary(min_size=30, max_size=30), st.lists(st.integers(1, 30)))
def test_each_unit_is_told_with_its_sum_as_soon_as_it_is_there(
    content: bytes, cuts: list[int]
) -> None:
    buffer, came = Buffer(), {}

    def arrived(number: int, checksum: str) -> None:
        span = PLAN.part(number).span
        assert bytes(buffer.content[span.offset : span.end])
        came[number] = checksum

    sink = UnitSink(buffer, PLAN, range(3, 6), "crc32", arrived)
    at = 0
    for cut in [*cuts, 30]:
        piece = content[at : at + cut]
        sink.write(memoryview(piece), 20 + at)
        at += len(piece)
        assert len(came) == at // 10
    expected = {}
    for number in (3, 4, 5):
        total = running_sum("crc32")
        total.update(memoryview(content)[(number - 3) * 10 : (number - 2) * 10])
        expected[number] = total.value
    assert (came, bytes(buffer.content[20:50])) == (expected, content)


def test_a_request_that_is_sent_again_begins_anew() -> None:
    buffer, came = Buffer(), list[tuple[int, str]]()
    sink = UnitSink(buffer, PLAN, range(1, 3), "crc32", lambda *unit: came.append(unit))
    sink.write(memoryview(b"x" * 15), 0)
    sink.write(memoryview(b"y" * 20), 0)
    assert [number for number, _ in came] == [1, 1, 2]
    assert came[0][1] != came[1][1] == came[2][1]
    with pytest.raises(ValueError, match="byte 5 came"):
        sink.write(memoryview(b"z"), 5)


def test_a_range_is_a_part_where_parts_prove_the_object() -> None:
    composite = Checksum("sha256", "x-2", is_full=False)
    known = Composition(composite, (Cut((Span(0, 40), Span(40, 40), Span(80, 20))),))
    assert range_size(known, 16 * MIB) == 40
    assert range_size(None, 16 * MIB) == 16 * MIB
    odd = Composition(composite, (Cut((Span(0, 30), Span(30, 70))),))
    assert range_size(odd, 16 * MIB) == 16 * MIB
    meta = cast("ObjectMeta", Sized(100))
    wanted = Wanted.of(cast("Store", None), meta, known, PLAN, "crc64nvme")
    told = [wanted.sum_of(run) for run in (range(1, 5), range(1, 4), range(9, 11))]
    assert told == ["sha256", "", "sha256"]
    assert wanted.span(range(9, 11)) == span_of(PLAN, range(9, 11)) == Span(80, 20)
    assert wanted.span(range(1, 11)) is None


class Sized:
    def __init__(self, size: int) -> None:
        self.size = size
