"""Work that is bounded in number."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.errors import UnreachableError
from s4desk.core.runtime.tasks import run_bounded


async def test_the_first_failure_is_raised_bare_and_keeps_its_cause() -> None:
    stopped: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise UnreachableError("no way") from ConnectionRefusedError("refused")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.append(number)
            raise

    with pytest.raises(UnreachableError) as caught:
        await run_bounded((work(number) for number in range(3)), 3)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert sorted(stopped) == [0, 2]


async def test_no_more_than_allowed_are_under_way() -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await run_bounded((work() for _ in range(10)), 3)
    assert (running, most) == (0, 3)
