"""Opens the window: on the user's own profile, or on the demo."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from s4desk.app.demo import launch
from s4desk.app.demo_profile import add_demo_connection, demo_desk
from s4desk.app.excepthook import LastNet
from s4desk.app.ownership import owned
from s4desk.app.paths import find_folders
from s4desk.app.wiring import build_desk
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime import logs
from s4desk.core.runtime.i18n import tr
from s4desk.gui.run import run
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from s4desk.core.desk import Desk
    from s4desk.gui.opening import Asked, Tell


def open_window(*, is_demo: bool) -> int:
    """Show the window until it is closed, or the one that is there; returns the exit code."""
    problem = _no_display()
    if problem:
        return _give_up(problem)
    with ExitStack() as stack:
        try:
            desk = stack.enter_context(demo_desk()) if is_demo else build_desk(find_folders())
            if not stack.enter_context(owned(desk.folders.data)):
                return 0
        except (S4DeskError, OSError) as error:
            return _give_up(describe(error))
        # Tracebacks are for the log file; what a person should know is in the window.
        stack.callback(logs.configure(desk.folders.logs, stderr_level=logging.CRITICAL + 1))
        preparation = _Preparation(desk, stack, is_demo=is_demo)
        return run(desk, preparation, lambda asked: _answering(desk, asked))


class _Preparation:
    """What is done once the window is painted; what it starts ends with `stack`."""

    def __init__(self, desk: Desk, stack: ExitStack, *, is_demo: bool) -> None:
        self._desk = desk
        self._stack = stack
        self._is_demo = is_demo

    async def __call__(self, tell: Tell) -> Place | None:
        net = LastNet(tell)
        net.install()
        self._stack.callback(net.remove)
        asyncio.get_running_loop().set_exception_handler(net.loop_failed)
        for notice in (self._desk.settings.notice, self._desk.connections.notice):
            if notice:
                tell(notice)
        return await self._start_demo() if self._is_demo else None

    async def _start_demo(self) -> Place:
        """Raises DemoUnavailableError, which the window tells."""
        server = await launch.launch()
        self._stack.callback(server.stop)
        connection = await add_demo_connection(self._desk, server)
        return Place(connection.id)


def _answering(desk: Desk, asked: Asked) -> AbstractAsyncContextManager[None]:
    # Loaded after the first paint, which it has nothing to do with.
    from s4desk.app.reception import listening  # noqa: PLC0415

    return listening(desk, asked)


def _no_display() -> str:
    """Why Qt would abort the process without a word that helps, empty when it would not."""
    has_display = any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if sys.platform != "linux" or has_display:
        return ""
    return tr(
        "There is no display to open a window on. The headless verbs work without one:"
        " s4desk --help."
    )


def _give_up(sentence: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"s4desk: {sentence}\n")
    return 1
