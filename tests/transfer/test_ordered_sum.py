"""A sum of parts that come in any order."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.parts import PartPlan
from s4desk.core.transfer.ordered_sum import AHEAD, OrderedSum
from s4desk.core.wire.checksums import MD5, checksum, running_sum
from tests.transfer.settle import settle
from tests.transfer.world import noise

if TYPE_CHECKING:
    from s4desk.core.domain.parts import Part

CONTENT = noise(10 * 40 + 3)
PLAN = PartPlan(len(CONTENT), 10)


class Content:
    def read_into(self, view: memoryview, offset: int) -> None:
        view[:] = CONTENT[offset : offset + len(view)]


class Recalls:
    def __init__(self) -> None:
        self.asked: list[int] = []

    async def __call__(self, part: Part) -> Content:
        self.asked.append(part.number)
        return Content()


async def test_any_order_is_the_right_one() -> None:
    recalls, numbers = Recalls(), list(range(1, PLAN.count + 1))
    absent = {1, 2, 20, PLAN.count}
    md5 = running_sum(MD5)
    total = OrderedSum(md5, PLAN, recalls)
    for number in absent:
        total.is_absent(number)
    random.Random(1).shuffle(numbers)
    for number in numbers:
        if number not in absent:
            await total.add(number, Content())
    await total.all_taken()
    assert md5.value == checksum(MD5, CONTENT)
    assert recalls.asked == sorted(absent)


async def test_who_is_too_far_ahead_waits() -> None:
    total = OrderedSum(running_sum(MD5), PLAN, Recalls())
    await total.room(AHEAD)
    waiting = asyncio.ensure_future(total.room(AHEAD + 1))
    await settle()
    assert not waiting.done()
    await total.add(2, Content())
    await settle()
    assert not waiting.done()
    await total.add(1, Content())
    await waiting


async def test_what_is_at_the_target_holds_nobody_back() -> None:
    md5 = running_sum(MD5)
    total = OrderedSum(md5, PLAN, Recalls())
    for number in range(1, PLAN.count):
        total.is_absent(number)
    await total.room(PLAN.count)
    await total.add(PLAN.count, Content())
    await total.all_taken()
    assert md5.value == checksum(MD5, CONTENT)


async def test_a_part_that_is_missing_is_no_sum() -> None:
    total = OrderedSum(running_sum(MD5), PLAN, Recalls())
    with pytest.raises(ValueError, match="part 1 never came"):
        await total.all_taken()
