"""Waiting without a clock: turns of the loop until something is so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TURNS = 20_000


async def settle(is_so: Callable[[], bool] | None = None) -> None:
    """Let others run: a few turns, or until `is_so`. AssertionError if it never is."""
    if is_so is None:
        for _ in range(20):
            await asyncio.sleep(0)
        return
    for _ in range(TURNS):
        if is_so():
            return
        # Threads need the interpreter now and then.
        await asyncio.to_thread(lambda: None)
    raise AssertionError("it did not happen")
