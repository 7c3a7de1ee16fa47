"""Ctrl-C, and other ways to tell a verb to end: once to put all away, twice to end at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from s4desk.app.cli.console import Console

INTERRUPTED = 130
PATIENCE_S = 1.0


class Interrupts:
    """The signals that come while a verb runs.

    The first one cancels it. A second Ctrl-C ends the process where it stands, as `kill -9` would:
    what is in a journal is known to the next run, and nothing more is waited for. It is never a
    signal that ends it, however many come: the exit code is 130.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._task: asyncio.Task[object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_told = False

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Until the block has ended Ctrl-C comes here, also while the loop is put away. After one
        came only words are left to be said: a second one need not wait for them long."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, _impatient() if self._is_told else before)

    def cancel_this(self) -> None:
        """Let the present task be what the first signal cancels: SIGTERM, and a terminal that
        closes, too."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is None:
            return
        self._loop, self._task = loop, task
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # Under nohup SIGHUP is ignored, and stays so.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(NotImplementedError):  # Windows has none to speak of
                    loop.add_signal_handler(number, task.cancel)

    def _interrupted(self, number: int, _: FrameType | None) -> None:
        if self._is_told:
            signal.signal(number, _impatient())  # whoever reads us may be slow
            self._end_at_once()
        self._is_told = True
        if self._task is None or self._loop is None:
            raise KeyboardInterrupt
        self._loop.call_soon_threadsafe(self._task.cancel)

    def _end_at_once(self) -> None:
        """Nothing that the console is about to write may be in the way."""
        sentence = tr(
            "Ended at once. What was under way is in “s4desk transfers list”, if it can go on."
        )
        try:
            self._console.say_now(sentence)
            self._console.flush()
        finally:
            os._exit(INTERRUPTED)


def _impatient() -> Callable[[int, FrameType | None], None]:
    """Ends the process at a Ctrl-C that comes a while after this; one right after is of the same
    impatience."""
    since = time.monotonic()

    def end(_number: int, _: FrameType | None) -> None:
        if time.monotonic() - since > PATIENCE_S:
            os._exit(INTERRUPTED)

    return end
