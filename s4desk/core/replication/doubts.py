"""Replicas over which an older write may have arrived later: they are looked at once more."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.replication.carriage import Carriage
from s4desk.core.runtime.tasks import first_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from s4desk.core.replication.carriage import Around
    from s4desk.core.replication.table import Source, Table, Write

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
LEAST_S: Final = 1.0
AGAIN_S: Final = 30.0
"""When a destination does not answer."""


class Doubts:
    """A request that nobody waits for any more may still arrive, and put old bytes over new ones.

    What took the place of such a write is looked at when that is long enough ago. If it is not
    there any more, it is seen again, and carried as any other write.
    """

    def __init__(
        self,
        table: Table,
        around: Around,
        observe: Callable[[Source, Sequence[Write]], Awaitable[object]],
    ) -> None:
        self._table = table
        self._around = around
        self._clock = around.context.clock
        self._observe = observe
        self._changed = asyncio.Event()
        self.none = asyncio.Event()
        """Set while there are none."""

    def wake(self) -> None:
        """There may be one now."""
        self.none.clear()
        self._changed.set()

    async def keep_looking(self) -> None:
        """Until it is cancelled. Raises DatabaseError."""
        while True:
            self._changed.clear()
            await self._look()
            due = await self._table.next_doubt()
            if due is None:
                self.none.set()
            await self._wait(due)

    async def _look(self) -> None:
        """Those of whom nobody answers keep no other one waiting."""
        while found := await self._table.doubtful(AT_ONCE):
            for task in found:
                try:
                    is_there = await Carriage(task, self._around, lambda: True).is_there()
                except S4DeskError as error:
                    log.info("nobody says whether %s is there: %s", task.write.key, error)
                    later = self._clock.now() + timedelta(seconds=AGAIN_S)
                    await self._table.postpone([task], later)
                    continue
                if not is_there:
                    again = replace(task.write, may_be_there=True)
                    await self._observe(task.source, [again])
                await self._table.settle([task])

    async def _wait(self, due: datetime | None) -> None:
        if due is None:
            await self._changed.wait()
            return
        left = (due - self._clock.now()).total_seconds()
        await first_of(self._changed.wait(), self._clock.sleep(max(left, LEAST_S)))
