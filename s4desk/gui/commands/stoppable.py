"""Something long about many objects, with a dialog that counts along and can stop it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.busy import BusyDialog, patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from s4desk.gui.bridge.tasks import GuiTasks

LOOK_EVERY_S = 0.2


async def is_stopped(
    work: Callable[[], Coroutine[Any, Any, None]],
    tasks: GuiTasks,
    title: str,
    so_far: Callable[[], str],
    window: QWidget,
) -> bool:
    """Do `work` and say whether a person stopped it. Its errors are raised here."""
    failures: list[S4DeskError] = []

    async def guarded() -> None:
        try:
            await work()
        except S4DeskError as error:
            failures.append(error)

    dialog = BusyDialog(title, window, tr("Stop"))
    running = tasks.start(guarded())
    dialog.rejected.connect(running.cancel)
    with patiently(dialog):
        try:
            while not running.done():
                await asyncio.wait([running], timeout=LOOK_EVERY_S)
                dialog.say(so_far())
        finally:
            running.cancel()
    if failures:
        raise failures[0]
    return running.cancelled()
