"""Time, as a thing that is passed in, so that tests do not wait for it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Final, Protocol

LEAST_S: Final = 0.001
"""What a timer of Qt can tell from nothing."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Return when `monotonic` has moved on by as much, and not before."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """The timers of some loops, Qt's among them, are coarse and come too early."""
        due = self.monotonic() + seconds
        await asyncio.sleep(seconds)
        while (left := due - self.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(max(left, LEAST_S))
