"""Sorts and filters a listing beside the window's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.viewmodels.arrangement import finish, spread

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Generator

    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.arrangement import Arranged, Arrangement
    from s4desk.viewmodels.filtering import Pattern
    from s4desk.viewmodels.ordering import SortOrder

AT_ONCE_ROWS = 20_000
"""Up to this many rows are arranged before `start` returns; it takes some ten milliseconds."""


class Arranger:
    """Works one order out at a time and hands it to `show`; what is asked later wins."""

    def __init__(self, tasks: GuiTasks, show: Callable[[Arrangement, Arranged], None]) -> None:
        self._tasks = tasks
        self._show = show
        self._task: asyncio.Task[None] | None = None
        self.target: Arrangement | None = None

    @property
    def is_busy(self) -> bool:
        return self.target is not None

    def start(self, arrangement: Arrangement, sort: SortOrder, pattern: Pattern) -> None:
        self.cancel()
        steps = arrangement.arrange(sort, pattern)
        if len(arrangement.columns) <= AT_ONCE_ROWS:
            self._show(arrangement, finish(steps))
        else:
            self.target = arrangement
            self._task = self._tasks.start(self._work_out(arrangement, steps))

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = self.target = None

    async def _work_out(
        self, arrangement: Arrangement, steps: Generator[None, None, Arranged]
    ) -> None:
        arranged = await spread(steps)
        self._task = self.target = None
        self._show(arrangement, arranged)
