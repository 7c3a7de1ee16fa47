"""One processor for all threads of this process, while they do little but take turns."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_THREADS: Final = Path("/proc/self/task")
_LAST_RUN_ON: Final = 36
"""Of the fields of `stat` that follow the name of the program, proc(5)'s field 39."""


class OneProcessor:
    """Keeps threads that fight for the interpreter on one processor: one that waits for it on
    another is woken at each of its short system calls, which costs more than the call.

    Only for Linux; elsewhere nothing happens. Of one in a process at a time.
    """

    def __init__(self) -> None:
        self._before: frozenset[int] | None = None

    @property
    def is_held(self) -> bool:
        return self._before is not None

    def hold(self) -> None:
        """From now on all threads, and those they start, share the processor this one is on."""
        if sys.platform != "linux" or self._before is not None:
            return
        with suppress(OSError):
            before = os.sched_getaffinity(0)
            if len(before) > 1:
                _move({_current(before)})
                self._before = frozenset(before)

    def release(self) -> None:
        """All threads run where they may again."""
        if self._before is not None:
            before, self._before = self._before, None
            with suppress(OSError):
                _move(before)


def _current(allowed: set[int]) -> int:
    """The processor this thread was seen on last."""
    stat = Path("/proc/thread-self/stat").read_text()
    last = int(stat.rpartition(")")[2].split()[_LAST_RUN_ON])
    return last if last in allowed else min(allowed)


def _move(processors: Iterable[int]) -> None:
    if sys.platform == "linux":
        for thread in os.listdir(_THREADS):
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread), processors)
