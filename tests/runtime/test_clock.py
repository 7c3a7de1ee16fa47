from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.runtime.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

SOON_S = 0.05


class HastyLoop(asyncio.SelectorEventLoop):
    """Its timers come after half of their time."""

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, **how: Any
    ) -> asyncio.TimerHandle:
        return super().call_later(delay / 2, callback, *args, **how)


@pytest.mark.parametrize("seconds", [0.0, SOON_S])
def test_a_sleep_is_as_long_as_it_was_asked_for(seconds):
    clock = SystemClock()

    async def sleep() -> float:
        began = clock.monotonic()
        await clock.sleep(seconds)
        return clock.monotonic() - began

    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        assert runner.run(sleep()) >= seconds


def test_sleeping_for_nothing_lets_others_run():
    seen: list[str] = []

    async def story() -> None:
        asyncio.get_running_loop().call_soon(seen.append, "other")
        await SystemClock().sleep(0)
        seen.append("sleeper")

    asyncio.run(story())
    assert seen == ["other", "sleeper"]
