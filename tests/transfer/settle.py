"""Waiting until something is so: turns of the loop, and breath for threads."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 30.0
BREATH_S = 0.0005


async def settle(is_so: Callable[[], bool] | None = None) -> None:
    """Let others run: a few turns, or until `is_so`. AssertionError if it never is."""
    for _ in range(20):
        if is_so is not None and is_so():
            return
        await asyncio.sleep(0)
    deadline = monotonic() + PATIENCE_S
    while is_so is not None and not is_so():
        assert monotonic() < deadline, "it did not happen"
        await asyncio.sleep(BREATH_S)
