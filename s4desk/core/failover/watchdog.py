"""A request that nothing moves in any more is not waited for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import StalledError
from s4desk.core.store.waits import watch_too

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from s4desk.core.domain.transfer import WaitKind
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Moved

T = TypeVar("T")


class Pulse:
    """Signs of life of a request: bytes that move, and waits that are of our own making.

    `came` is how many bytes have come, less those that were taken back.
    """

    def __init__(self, moved: Moved | None = None) -> None:
        self.came = 0
        self.egress = 0
        self._moved = moved
        self._beats = 0
        self._waits = 0

    def __call__(self, count: int) -> None:
        self._beats += 1
        self.came += count
        self.egress += max(0, count)
        if self._moved is not None:
            self._moved(count)

    @property
    def sign(self) -> tuple[int, bool]:
        return self._beats, bool(self._waits)

    @contextmanager
    def waits(self, _kind: WaitKind, _seconds: float) -> Iterator[None]:
        """It waits for its turn, and no backend is to blame."""
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            self._beats += 1


async def watched(
    call: Callable[[], Awaitable[T]], pulse: Pulse, seconds: float, clock: Clock
) -> T:
    """The result of `call`, which is stopped when its pulse has not moved for so long.

    Raises StalledError then. When this has ended `call` has ended too, whatever happens.
    """

    async def work() -> T:
        watch_too(pulse.waits)
        return await call()

    task = asyncio.ensure_future(work())
    timer: asyncio.Future[None] | None = None
    try:
        while not task.done():
            before = pulse.sign
            timer = asyncio.ensure_future(clock.sleep(seconds))
            await asyncio.wait([task, timer], return_when=asyncio.FIRST_COMPLETED)
            timer.cancel()
            _, is_waiting = pulse.sign
            if not task.done() and pulse.sign == before and not is_waiting:
                raise StalledError(f"no byte for {seconds:.0f} s")
        return task.result()
    finally:
        if timer is not None:
            timer.cancel()
        await _ended(task)


async def _ended(task: asyncio.Future[T]) -> None:
    """Until then its thread may write into what is somebody else's by now."""
    if task.done():
        return
    task.cancel()
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            # Whoever cancels is heard, when nothing runs any more.
            continue
    if not task.cancelled():
        task.exception()
