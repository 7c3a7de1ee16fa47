"""asyncio on Qt: it begins, it ends, it survives a stray quit."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading

import pytest
from PySide6.QtCore import QTimer

from s4desk.gui.bridge.loop import SWITCH_INTERVAL, run_on_qt, signals_call


@pytest.fixture(autouse=True)
def _switch_interval():
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_the_result_of_main_is_returned_and_workers_are_ours(qapp):
    async def main() -> str:
        assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL)
        return await asyncio.to_thread(lambda: threading.current_thread().name)

    assert run_on_qt(qapp, main).startswith("s4desk")


def test_an_error_of_main_is_raised(qapp):
    async def main() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        run_on_qt(qapp, main)


def test_a_runtime_error_of_main_is_not_taken_for_a_quit(qapp):
    async def main() -> None:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        run_on_qt(qapp, main)


def test_somebody_who_quits_qt_does_not_end_main(qapp):
    async def main() -> str:
        QTimer.singleShot(0, qapp.quit)
        await asyncio.sleep(0.05)
        return "put away"

    assert run_on_qt(qapp, main) == "put away"


def test_what_main_left_running_is_cancelled_and_awaited(qapp):
    ended = []

    async def left() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    async def main() -> None:
        main.left = asyncio.ensure_future(left())
        await asyncio.sleep(0)

    run_on_qt(qapp, main)
    assert ended == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_end(qapp, number):
    async def main() -> bool:
        asked = asyncio.Event()
        with signals_call(asked.set):
            QTimer.singleShot(0, lambda: os.kill(os.getpid(), number))
            await asyncio.wait_for(asked.wait(), 10)
        return asked.is_set()

    assert run_on_qt(qapp, main)


def test_what_qasync_says_of_reused_descriptors_is_not_logged(qapp, caplog):
    log = logging.getLogger("qasync._QEventLoop")

    async def main() -> None:
        log.warning("Socket notifier for fd %s is ready, even though…", 7)
        log.warning("something else")

    run_on_qt(qapp, main)
    assert [record.getMessage() for record in caplog.records] == ["something else"]
