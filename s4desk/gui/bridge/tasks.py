"""The coroutines of a widget or model, owned by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine


class GuiTasks(QObject):
    """The coroutines of one widget: started by it, cancelled with it.

    An error that a coroutine did not handle itself is told by `failed`, once.
    """

    failed = Signal(object)

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        running: set[asyncio.Task[Any]] = set()
        self._running = running
        # Not a method of this object: it may be gone before its owner says so.
        owner.destroyed.connect(lambda: _cancel(running))

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work`; the task is returned for who wants to cancel only this one."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def cancel(self) -> None:
        """Ask all of them to stop. They end on the next turns of the loop."""
        _cancel(self._running)

    async def aclose(self) -> None:
        """Cancel everything and wait until it has ended."""
        running = list(self._running)
        self.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed.emit(error)


def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
