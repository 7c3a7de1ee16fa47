"""The one event loop: Qt's, with asyncio on top of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import qasync

from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui.bridge.garbage import collect_now_and_then, collected_only_here

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from PySide6.QtWidgets import QApplication

SWITCH_INTERVAL = 0.0005
"""Seconds a worker thread may keep the interpreter while the window waits for it. The default of
0.005 makes the window twice as late under many transfers."""

HELPER_THREADS = 4
"""Directory walks, the keyring and file dialogs' checks; bytes have threads of their own."""

T = TypeVar("T")


class NotifierFilter(logging.Filter):
    """Drops what qasync says when a closed descriptor's number is reused before Qt noticed."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Socket notifier for fd")


def run_on_qt(app: QApplication, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end on Qt's event loop and return its result.

    The loop ends only with `main`: closing the last window does not end it, so that `main` can
    put everything away first. Tasks that `main` left behind are cancelled and awaited.
    """
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(SWITCH_INTERVAL)
    notifier_filter = NotifierFilter()
    qasync_log = logging.getLogger("qasync._QEventLoop")
    qasync_log.addFilter(notifier_filter)
    loop = qasync.QEventLoop(app)
    loop.set_default_executor(ThreadPoolExecutor(HELPER_THREADS, thread_name_prefix="s4desk"))
    asyncio.set_event_loop(loop)
    try:
        with collected_only_here(), loop:
            try:
                return _run_to_end(loop, _with_collection(main()))
            finally:
                _cancel_all(loop)
                loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        qasync_log.removeFilter(notifier_filter)


async def _with_collection(main: Coroutine[Any, Any, T]) -> T:
    scope = TaskScope("garbage")
    scope.start(collect_now_and_then())
    try:
        return await main
    finally:
        await scope.aclose()


def _run_to_end(loop: qasync.QEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run `work` even when something stops Qt's loop before: a session that ends, a stray quit."""
    task: asyncio.Task[T] = loop.create_task(work)
    while not task.done():
        try:
            loop.run_until_complete(task)
        except RuntimeError:
            if task.done():
                raise
    return task.result()


def _cancel_all(loop: qasync.QEventLoop) -> None:
    left = [task for task in asyncio.all_tasks(loop) if not task.done()]
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


@contextlib.contextmanager
def signals_call(end: Callable[[], None]) -> Iterator[None]:
    """While inside, Ctrl+C in the terminal and SIGTERM call `end` on the loop.

    Windows has no loop signal handlers; there Ctrl+C keeps Python's own meaning.
    """
    loop = asyncio.get_running_loop()
    caught: list[signal.Signals] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, end)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
