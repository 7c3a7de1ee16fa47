"""Whether the queue is at work, told to whoever wants to know."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.core.runtime.events import TransfersBusy

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.runtime.events import EventBus


class Activity:
    """Publishes TransfersBusy when work begins and when the last of it has ended."""

    def __init__(self, events: EventBus, is_busy: Callable[[], bool]) -> None:
        self._events = events
        self._is_busy = is_busy
        self._was_busy = False
        self._resting: list[asyncio.Future[None]] = []

    async def rest(self) -> None:
        """Wait until nothing is at work."""
        while self._is_busy():
            turn = asyncio.get_running_loop().create_future()
            self._resting.append(turn)
            await turn

    def look(self) -> None:
        """Something may have begun or ended."""
        is_busy = self._is_busy()
        if is_busy is not self._was_busy:
            self._was_busy = is_busy
            self._events.publish(TransfersBusy(is_busy))
        if not is_busy:
            resting, self._resting = self._resting, []
            for turn in resting:
                if not turn.done():
                    turn.set_result(None)
