"""The last net: errors that nobody caught are logged, and told in a sentence, not a traceback."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

from s4desk.viewmodels.error_text import describe

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import TracebackType

log = logging.getLogger(__name__)


class LastNet:
    """Catches what falls through on any thread and in any task.

    `show` gets the sentence; it is called on the thread where the error happened and has to find
    its own way to the window. What `show` itself raises is only logged.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._before: tuple[Any, Any, Any] | None = None

    def install(self) -> None:
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._uncaught
        threading.excepthook = self._thread_ended
        sys.unraisablehook = self._unraisable

    def remove(self) -> None:
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def loop_failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """For `loop.set_exception_handler`."""
        error = context.get("exception")
        log.error("%s", context.get("message", "error in the event loop"), exc_info=error)
        if error is not None:
            self._tell(error)

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("uncaught error", exc_info=(kind, error, trace))
        self._tell(error)

    def _thread_ended(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None or args.exc_type is SystemExit:
            return
        name = args.thread.name if args.thread is not None else "?"
        log.critical("thread %s ended with an error", name, exc_info=args.exc_value)
        self._tell(args.exc_value)

    def _unraisable(self, args: Any) -> None:
        """Errors in finalisers: nobody can do anything about them, so they are only logged."""
        log.error(
            "%s: %r", args.err_msg or "error ignored in", args.object, exc_info=args.exc_value
        )

    def _tell(self, error: BaseException) -> None:
        try:
            self._show(describe(error))
        except Exception:
            log.exception("the error could not be shown")
