"""One log record per request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.store.direct import DirectWrapper
from s4desk.core.store.wrapper import Call, Request, StoreWrapper

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.store.direct import DirectStore
    from s4desk.core.store.protocol import Moved, Store

log = logging.getLogger(__name__)
T = TypeVar("T")


class TracedStore(StoreWrapper):
    """Logs each request when it has ended: what, where, outcome, milliseconds, bytes.

    DEBUG for what succeeded or was stopped, INFO for what failed in an expected way.
    """

    def __init__(self, inner: Store, *, name: str = "", clock: Clock | None = None) -> None:
        super().__init__(inner)
        self._name = name
        self._clock = clock or SystemClock()

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        started = self._clock.monotonic()
        counter = _Counter(moved)
        level, outcome = logging.DEBUG, "stopped"
        try:
            result = await call(counter)
            outcome = "ok"
        except S4DeskError as error:
            level, outcome = logging.INFO, _outcome(error)
            raise
        finally:
            self.log(level, request, outcome, started, counter.total)
        return result

    def _direct(self, inner: DirectStore) -> DirectStore:
        return _TracedDirect(inner, self, self._clock)

    def log(
        self, level: int, request: Request, outcome: str, started: float, count: int = 0
    ) -> None:
        """Note a request that has ended, which moved so many bytes."""
        if log.isEnabledFor(level):
            log.log(
                level,
                "%s %s bucket=%r key=%r: %s, %.0f ms, %d bytes",
                self._name,
                request.operation,
                request.bucket,
                request.key,
                outcome,
                (self._clock.monotonic() - started) * 1000,
                count,
            )


class _TracedDirect(DirectWrapper):
    """The same for requests of a lent thread; how many bytes they move is not counted."""

    def __init__(self, inner: DirectStore, traced: TracedStore, clock: Clock) -> None:
        super().__init__(inner)
        self._traced = traced
        self._clock = clock

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        started = self._clock.monotonic()
        level, outcome = logging.DEBUG, "stopped"
        try:
            result = super()._around(request, call)
            outcome = "ok"
        except S4DeskError as error:
            level, outcome = logging.INFO, _outcome(error)
            raise
        finally:
            self._traced.log(level, request, outcome, started)
        return result


def _outcome(error: S4DeskError) -> str:
    if not isinstance(error, StoreError):
        return f"{type(error).__name__} {error}"
    request_id = f"request id {error.request_id}" if error.request_id else ""
    said = (str(error.status or ""), type(error).__name__, error.detail, request_id)
    return " ".join(word for word in said if word)


class _Counter:
    """Counts the bytes of one request; the worker thread that moves them is its only writer."""

    def __init__(self, moved: Moved | None) -> None:
        self._moved = moved
        self.total = 0

    def __call__(self, count: int) -> None:
        self.total += count
        if self._moved is not None:
            self._moved(count)
