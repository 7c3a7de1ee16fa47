"""Pause, stop and go on, for work that looks before each step whether it may take it."""

from __future__ import annotations

import asyncio


class Control:
    """What a person wants of a run."""

    def __init__(self) -> None:
        self._goes = asyncio.Event()
        self._goes.set()
        self.stopped = asyncio.Event()

    @property
    def is_stopped(self) -> bool:
        return self.stopped.is_set()

    @property
    def is_paused(self) -> bool:
        return not self._goes.is_set()

    def pause(self) -> None:
        """What was sent is awaited, nothing new begins."""
        if not self.is_stopped:
            self._goes.clear()

    def go_on(self) -> None:
        self._goes.set()

    def stop(self) -> None:
        """For good; also what is paused."""
        self.stopped.set()
        self._goes.set()

    async def may_go_on(self) -> bool:
        """Waits while it is paused; False when it is stopped."""
        await self._goes.wait()
        return not self.is_stopped
