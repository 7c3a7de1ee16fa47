from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.parts import (
    MAX_OBJECT_AWS,
    MAX_PART_SIZE,
    MAX_PARTS,
    MIB,
    PART_SIZE,
    TIB,
    PartPlan,
    Span,
    plan_parts,
)


@given(st.integers(0, MAX_OBJECT_AWS))
def test_a_plan_never_has_more_parts_than_allowed(size: int) -> None:
    plan = plan_parts(size)
    assert plan.count <= MAX_PARTS
    assert PART_SIZE <= plan.part_size <= MAX_PART_SIZE


@given(st.integers(0, 5000), st.integers(1, 700))
def test_the_parts_cover_the_file_without_gap_or_overlap(size: int, part_size: int) -> None:
    plan = PartPlan(size, part_size)
    end = 0
    for number, part in enumerate(plan, start=1):
        assert (part.number, part.span.offset) == (number, end)
        assert 0 < part.span.size <= part_size
        end = part.span.end
    assert end == size


def test_a_huge_file_gets_larger_parts_not_more_than_allowed() -> None:
    plan = plan_parts(5 * TIB)
    assert plan.part_size == 1024 * MIB
    assert plan.count == 5120


def test_the_part_size_is_doubled_at_the_limit_and_not_before() -> None:
    assert plan_parts(PART_SIZE * MAX_PARTS).part_size == PART_SIZE
    assert plan_parts(PART_SIZE * MAX_PARTS + 1).part_size == 2 * PART_SIZE


def test_more_than_s3_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="more than S3 takes"):
        plan_parts(MAX_PART_SIZE * MAX_PARTS + 1)


def test_a_plan_of_nothing_has_no_parts() -> None:
    assert list(plan_parts(0)) == []


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot cut"):
        PartPlan(1, 0)


def test_a_range_header_is_inclusive() -> None:
    assert Span(5, 10).header == "bytes=5-14"
