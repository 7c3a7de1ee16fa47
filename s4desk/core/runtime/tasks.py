"""Coroutines that run in the background always belong to somebody."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from contextvars import Context

log = logging.getLogger(__name__)
T = TypeVar("T")


class TaskScope:
    """The background tasks of one owner: started by it, cancelled and awaited with it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._running: set[asyncio.Task[Any]] = set()

    def start(
        self, work: Coroutine[Any, Any, T], *, context: Context | None = None
    ) -> asyncio.Task[T]:
        """Without a `context` it has a copy of that of whoever starts it."""
        name = f"{self._name}: {getattr(work, '__name__', work)}"
        task = asyncio.create_task(work, name=name, context=context)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background task %s failed", task.get_name(), exc_info=error)

    async def aclose(self) -> None:
        """Cancel everything that still runs and wait until it has ended."""
        while self._running:
            running = list(self._running)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def first_of(*work: Coroutine[Any, Any, object]) -> None:
    """Wait until one of them has ended, and cancel the others."""
    scope = TaskScope("first of several")
    try:
        waits = [scope.start(each) for each in work]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await scope.aclose()


async def run_bounded(work: Iterable[Coroutine[Any, Any, None]], limit: int) -> None:
    """Await everything in `work`, `limit` at a time.

    The first failure cancels the rest and is raised bare, not in a group. `work` may be lazy: a
    coroutine is only made when there is room for it.
    """
    feed = iter(work)

    async def worker() -> None:
        for item in feed:
            await item

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(limit):
                group.create_task(worker())
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        # Its own cause says more than the group.
        raise first from first.__cause__
