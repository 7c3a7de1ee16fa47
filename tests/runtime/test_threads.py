"""A call on a thread ends before the coroutine that awaits it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from s4desk.core.runtime.threads import in_thread, settled


async def test_results_and_errors_come_back() -> None:
    assert await in_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 7, 0)
    assert await in_thread(threading.get_ident) != threading.get_ident()


async def test_a_cancellation_waits_until_the_thread_has_let_go() -> None:
    entered, go, left = threading.Event(), threading.Event(), []

    def work() -> None:
        entered.set()
        assert go.wait(10)
        left.append(True)

    running = asyncio.ensure_future(in_thread(work))
    await asyncio.to_thread(entered.wait, 10)
    for _ in range(3):
        running.cancel()
        await asyncio.sleep(0)
        assert not running.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert left == [True]


async def test_an_error_after_a_cancellation_is_not_left_lying() -> None:
    """Nobody is told of it any more, and asyncio does not complain that nobody was."""
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(settled(gate))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0)
    gate.set_exception(ValueError("late"))
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_work_that_was_cancelled_itself_is_a_cancellation() -> None:
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(settled(gate))
    await asyncio.sleep(0)
    gate.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
