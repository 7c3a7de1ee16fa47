"""Replicas over which an older write may have arrived later: they are looked at once more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import StoreError
from s4desk.core.replication.carriage import Carriage
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from s4desk.core.replication.carriage import Around
    from s4desk.core.replication.table import Source, Table, Task, Write

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
            is_answered = await self._look()
            due = await self._table.next_doubt()
            if due is None:
                self.none.set()
            await self._wait(due, LEAST_S if is_answered else AGAIN_S)

    async def _look(self) -> bool:
        """Whether everybody answered who had to."""
        while found := await self._table.doubtful(AT_ONCE):
            for task in found:
                try:
                    await self._look_at(task)
                except StoreError:
                    return False
        return True

    async def _look_at(self, task: Task) -> None:
        carriage = Carriage(task, self._around, lambda: True)
        if not await carriage.is_there():
            await self._observe(task.source, [task.write])
        await self._table.settle([task])

    async def _wait(self, due: datetime | None, least_s: float) -> None:
        scope = TaskScope("doubts")
        try:
            waits: list[asyncio.Task[Any]] = [scope.start(self._changed.wait())]
            if due is not None:
                left = (due - self._clock.now()).total_seconds()
                waits.append(scope.start(self._clock.sleep(max(left, least_s))))
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await scope.aclose()
