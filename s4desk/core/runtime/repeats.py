"""Who wants to know that requests are sent again: the work that they are sent for."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_listener: ContextVar[Callable[[], None] | None] = ContextVar("repeats", default=None)


def listen(repeated: Callable[[], None]) -> None:
    """Have `repeated` called for each request that is sent again, from here on, by this task and
    by those it starts. It may be called from the thread that sends."""
    _listener.set(repeated)


def listen_too(repeated: Callable[[], None]) -> None:
    """As `listen`, and whoever listened before still does."""
    before = _listener.get()

    def both() -> None:
        repeated()
        if before is not None:
            before()

    listen(both)


def note_repeat() -> None:
    """Tell that a request of the present task is about to be sent again."""
    listener = _listener.get()
    if listener is not None:
        listener()
