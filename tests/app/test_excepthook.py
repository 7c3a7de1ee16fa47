from __future__ import annotations

import asyncio
import sys
import threading

import pytest

from s4desk.app.excepthook import LastNet
from s4desk.core.domain.errors import NotSupportedError

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def net(shown: list[str]):
    net = LastNet(shown.append)
    net.install()
    yield net
    net.remove()


def failing() -> None:
    raise NotSupportedError("no tags here")


def test_an_uncaught_error_is_logged_with_its_trace_and_shown_without(net, shown, expected_logs):
    try:
        failing()
    except NotSupportedError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert [record.levelname for record in expected_logs] == ["CRITICAL"]
    assert expected_logs[0].exc_info is not None
    assert len(shown) == 1
    assert "no tags here" in shown[0]
    assert "Traceback" not in shown[0]


def test_so_is_one_of_a_thread(net, shown, expected_logs):
    thread = threading.Thread(target=failing, name="some-worker")
    thread.start()
    thread.join()
    assert "some-worker" in expected_logs[0].getMessage()
    assert len(shown) == 1


async def test_so_is_one_of_the_loop(net, shown, expected_logs):
    loop = asyncio.get_running_loop()
    net.loop_failed(loop, {"message": "a task failed", "exception": NotSupportedError("no")})
    net.loop_failed(loop, {"message": "only a message"})
    assert [record.getMessage() for record in expected_logs] == ["a task failed", "only a message"]
    assert len(shown) == 1


def test_an_interrupt_is_no_error(net, shown):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert shown == []


def test_a_window_that_cannot_show_it_makes_it_no_worse(expected_logs):
    def show(_sentence: str) -> None:
        raise RuntimeError("the window is gone")

    net = LastNet(show)
    net.install()
    try:
        sys.excepthook(ValueError, ValueError("x"), None)
    finally:
        net.remove()
    assert len(expected_logs) == 2


def test_removed_it_leaves_what_was_there():
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    net = LastNet(print)
    net.install()
    assert sys.excepthook != before[0]
    net.remove()
    net.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
