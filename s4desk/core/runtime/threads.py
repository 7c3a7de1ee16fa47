"""Work on other threads that is never left behind."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_thread(call: Callable[..., T], *args: object) -> T:
    """The result of `call(*args)` on a thread of the loop's pool.

    A cancellation is delivered when the thread has let go of what it works on, not before.
    """
    return await settled(asyncio.get_running_loop().run_in_executor(None, call, *args))


async def settled(work: asyncio.Future[T]) -> T:
    """Await `work`, which a cancellation of the caller does not touch.

    The cancellation is raised when `work` has ended; its result, or its error, is then lost.
    """
    try:
        return await asyncio.shield(work)
    finally:
        while not work.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
