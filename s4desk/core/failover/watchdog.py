"""A request that nothing moves in any more is not waited for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import StalledError
from s4desk.core.failover.errors import BackendDownError
from s4desk.core.store.waits import watched_too

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.transfer import WaitKind
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Moved

T = TypeVar("T")

HELD_UP_S: Final = 0.02
CATCH_UP_S: Final = 1.0


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
        self._has_waited = False
        self._life: _Life | None = None

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

    @contextmanager
    def of_task(self) -> Iterator[None]:
        """The block is the request, made by this task. Raises what it was stopped with, if that has
        stopped it, and nobody cancels the task besides."""
        self._life = life = _Life()
        try:
            yield
        except asyncio.CancelledError:
            if life.is_cancelled_too:
                raise
            assert life.error is not None
            raise life.error from None
        finally:
            life.end()
            self._life = None

    def stop(self, error: S4DeskError) -> None:
        """On the loop: end the request with `error`, unless it comes to something before."""
        if self._life is not None:
            self._life.stop(error)

    def turn_away(self) -> None:
        """On the loop: its turn would come to nothing, or has come only because somebody else's
        came to nothing."""
        if self._has_waited and not self.total:
            self.stop(BackendDownError("it is left alone since this waited for its turn"))


class _Life:
    """A request that its own task makes, and that others may stop, as `asyncio.timeout` does."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._before = task.cancelling()
        self.error: S4DeskError | None = None

    def stop(self, error: S4DeskError) -> None:
        if self.error is None:
            self.error = error
            self._task.cancel()

    @property
    def is_cancelled_too(self) -> bool:
        """Whether somebody wants the whole task to end, and is to be heard."""
        return self.error is None or self._task.cancelling() > self._before + 1

    def end(self) -> None:
        if self.error is not None:
            self._task.uncancel()


class Watchdog:
    """Stops requests whose pulse has not moved for `seconds`."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._pulses: set[Pulse] = set()
        self._patrol: asyncio.Task[None] | None = None

    async def watched(self, call: Callable[[], Awaitable[T]], pulse: Pulse) -> T:
        """The result of `call`. What it has come to before it could be stopped counts.

        Raises StalledError when it was stopped, BackendDownError when it was turned away.
        """
        pulse.beat()
        self._pulses.add(pulse)
        if self._patrol is None:
            self._patrol = asyncio.ensure_future(self._look())
        try:
            with pulse.of_task(), watched_too(pulse.waits):
                return await call()
        finally:
            self._pulses.discard(pulse)
            if not self._pulses and self._patrol is not None:
                self._patrol.cancel()
                self._patrol = None

    async def _look(self) -> None:
        # Who comes later has more time left than those who are here.
        while self._pulses:
            await self._rest(self._seconds - max(each.quiet_s for each in self._pulses))
            for each in [each for each in self._pulses if each.quiet_s >= self._seconds]:
                self._pulses.discard(each)
                each.stop(StalledError(f"no byte for {self._seconds:.0f} s"))
        self._patrol = None

    async def _rest(self, seconds: float) -> None:
        due = self._clock.monotonic() + seconds
        await self._clock.sleep(seconds)
        late_s = self._clock.monotonic() - due
        if late_s > HELD_UP_S:
            # The loop itself was held up, and has yet to hear of what came meanwhile.
            await self._clock.sleep(min(late_s, CATCH_UP_S))
