"""A request that nothing moves in any more is not waited for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from s4desk.core.domain.errors import StalledError
from s4desk.core.failover.errors import BackendDownError
from s4desk.core.store.waits import watch_too

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from s4desk.core.domain.transfer import WaitKind
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Moved

T = TypeVar("T")


class Pulse:
    """Signs of life of a request: bytes that move, and waits that are of our own making.

    `total` is how many bytes have moved, those too that were taken back.
    """

    def __init__(self, clock: Clock, moved: Moved | None = None) -> None:
        self.total = 0
        self._clock = clock
        self._moved = moved
        self._waits = 0
        self._last = clock.monotonic()
        self._work: asyncio.Future[object] | None = None
        self._has_waited = self._is_turned_away = False

    def beat(self) -> None:
        """Its time begins now."""
        self._last = self._clock.monotonic()

    def __call__(self, count: int) -> None:
        self.beat()
        self.total += max(0, count)
        if self._moved is not None:
            self._moved(count)

    @property
    def quiet_s(self) -> float:
        """For how long there was none."""
        return 0.0 if self._waits else self._clock.monotonic() - self._last

    @contextmanager
    def waits(self, _kind: WaitKind, _seconds: float) -> Iterator[None]:
        """It waits for its turn, and no backend is to blame."""
        self._waits += 1
        self._has_waited = True
        try:
            yield
        finally:
            self._waits -= 1
            self.beat()

    def turn_away(self) -> None:
        """On the loop: its turn would come to nothing, or has come only because somebody else's
        came to nothing."""
        if self._has_waited and not self.total and self._work is not None:
            self._is_turned_away = True
            self._work.cancel()

    def watch(self, work: asyncio.Future[Any]) -> None:
        self._work = work

    def refuse_turned_away(self) -> None:
        """Raises BackendDownError."""
        if self._is_turned_away and self._work is not None and self._work.cancelled():
            raise BackendDownError("it is left alone since this waited for its turn")


async def watched(
    call: Callable[[], Awaitable[T]], pulse: Pulse, seconds: float, clock: Clock
) -> T:
    """The result of `call`, which is stopped when its pulse has not moved for so long.

    Raises StalledError then, BackendDownError when it was turned away. When this has ended `call`
    has ended too, whatever happens; what it has come to before it could be stopped counts.
    """

    async def work() -> T:
        watch_too(pulse.waits)
        return await call()

    task = asyncio.ensure_future(work())
    pulse.watch(task)
    timer: asyncio.Future[None] | None = None
    try:
        while not task.done():
            rest_s = seconds - pulse.quiet_s
            if rest_s <= 0:
                await _ended(task)
                if task.cancelled():
                    raise StalledError(f"no byte for {seconds:.0f} s")
                break
            timer = asyncio.ensure_future(clock.sleep(rest_s))
            await asyncio.wait([task, timer], return_when=asyncio.FIRST_COMPLETED)
            timer.cancel()
        pulse.refuse_turned_away()
        return task.result()
    finally:
        if timer is not None:
            timer.cancel()
        await _ended(task)


async def _ended(task: asyncio.Future[T]) -> None:
    """Until then its thread may write into what is somebody else's by now."""
    task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.cancelled():
        task.exception()
    if cancelled is not None:
        # Whoever cancels is heard, when nothing runs any more.
        raise cancelled
