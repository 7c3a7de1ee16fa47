"""Commands about many transfers, carried out in pieces so that the loop can breathe."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.runtime.tasks import TaskScope

AT_ONCE = 500


class Chores:
    """What is still to be done, in the order in which it was asked for. True while there is any.

    `done` is called whenever nothing is left.
    """

    def __init__(self, tasks: TaskScope, done: Callable[[], None]) -> None:
        self._tasks = tasks
        self._done = done
        self._waiting: deque[tuple[Callable[[TransferId], None], Iterator[TransferId]]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, deed: Callable[[TransferId], None], transfers: Iterable[TransferId]) -> None:
        """Do something to each; to the first of them now."""
        self._waiting.append((deed, iter(list(transfers))))
        if len(self._waiting) == 1:
            self._work_some()
            if self._waiting:
                self._tasks.start(self._work_off())
            else:
                self._done()

    async def _work_off(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)
            self._work_some()
        self._done()

    def _work_some(self) -> None:
        deed, transfers = self._waiting[0]
        some = list(islice(transfers, AT_ONCE))
        for id_ in some:
            deed(id_)
        if len(some) < AT_ONCE:
            self._waiting.popleft()
