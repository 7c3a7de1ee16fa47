"""Worker threads that carry out requests, in lanes that do not wait for each other.

A job blocks in its thread; the coroutine that wants it awaits `WirePool.run`. The result comes
back with one callback on the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import itertools
import threading
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from s4desk.core.wire.body import small_beside
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.connection import ConnectionPool
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.exchange import Exchange, Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.wire.endpoint import Endpoint

T = TypeVar("T")
INTERACTIVE_THREADS = 12
BULK_THREADS = 8
GLANCE_THREADS = 6
_JOIN_S = 5.0


class Lane(Enum):
    """Listings and HEADs have threads of their own: they never wait behind the parts of a file.

    So have small bodies, and more of them: each mostly waits for its reply. And so have glances,
    the bodies that somebody waits to see.
    """

    INTERACTIVE = "interactive"
    GLANCE = "glance"
    SMALL = "small"
    BULK = "bulk"


class PoolClosedError(ConnectionError):
    """The pool was closed before the job was done."""


class _Job(Generic[T]):
    """A call, and the coroutine that waits for it.

    Everything but `run` and `fail` belongs to the loop's thread. The call is made in the context
    of that coroutine: what listens there hears of the call too.
    """

    def __init__(self, call: Callable[[Exchange], T]) -> None:
        self._call = call
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self._is_ended = False
        self._drained: asyncio.Future[None] | None = None
        self.result: asyncio.Future[T] = self._loop.create_future()
        self.token = CancelToken()

    def run(self, exchange: Exchange) -> Callable[[], None]:
        """Carry it out in the worker's thread; never raises. Returns how to tell the outcome."""
        try:
            self.token.check()
            value = self._context.run(self._call, exchange)
        except CancelledJobError:
            return functools.partial(self.fail, PoolClosedError("the pool was closed"))
        except BaseException as error:  # noqa: BLE001 - handed over, not swallowed
            return functools.partial(self.fail, error)
        return lambda: self._tell(lambda: self.result.set_result(value))

    def fail(self, error: BaseException) -> None:
        self._tell(lambda: self.result.set_exception(error))

    def _tell(self, settle: Callable[[], None]) -> None:
        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end, settle)

    def _end(self, settle: Callable[[], None]) -> None:
        self._is_ended = True
        if not self.result.done():
            settle()
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def drain(self) -> None:
        """Return when the thread has let go of the job, however often one is cancelled."""
        while not self._is_ended:
            self._drained = self._loop.create_future()
            with contextlib.suppress(asyncio.CancelledError):
                await self._drained


class _Crew:
    """The threads of one lane: started when there is work, gone after an idle while.

    `_idle` counts those that will take the next job, also when they are only about to wait.
    """

    def __init__(self, limit: int, numbers: Iterator[int], connections: ConnectionPool) -> None:
        self._limit = limit
        self._numbers = numbers
        self._connections = connections
        self._condition = threading.Condition()
        self._jobs: deque[_Job[Any]] = deque()
        self._running: set[_Job[Any]] = set()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._is_closed = False

    def put(self, job: _Job[Any]) -> None:
        with self._condition:
            if self._is_closed:
                raise PoolClosedError("the pool is closed")
            self._jobs.append(job)
            self._man()

    def discard(self, job: _Job[Any]) -> bool:
        """Forget a job that no thread has begun; False when one has."""
        with self._condition, contextlib.suppress(ValueError):
            self._jobs.remove(job)
            return True
        return False

    def resize(self, limit: int) -> None:
        with self._condition:
            self._limit = limit
            self._man()
            self._condition.notify_all()

    def _man(self) -> None:
        """See that somebody takes the waiting jobs."""
        self._condition.notify()
        missing = len(self._jobs) - self._idle
        for _ in range(min(missing, self._limit - len(self._threads))):
            name = f"wire-{next(self._numbers)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            thread.start()
            self._threads.add(thread)
            self._idle += 1

    def _work(self) -> None:
        scratch = Scratch()
        while (job := self._take()) is not None:
            tell = job.run(Exchange(self._connections, scratch, job.token))
            with self._condition:
                self._running.discard(job)
                # Before the coroutine hears of it: its next job then finds this thread.
                self._idle += 1
            tell()
            # An idle thread keeps nothing of its last job alive.
            del job, tell
        self._connections.drop_expired()

    def _take(self) -> _Job[Any] | None:
        """The next job, None when this thread shall end."""
        with self._condition:
            try:
                while not self._is_closed and len(self._threads) <= self._limit:
                    if self._jobs:
                        job = self._jobs.popleft()
                        self._running.add(job)
                        return job
                    if not self._condition.wait(self._connections.timeouts.idle) and not self._jobs:
                        break
                self._threads.discard(threading.current_thread())
                return None
            finally:
                self._idle -= 1

    def close(self) -> set[threading.Thread]:
        """Stop everything; returns the threads that are about to end."""
        with self._condition:
            self._is_closed = True
            waiting, running = list(self._jobs), list(self._running)
            self._jobs.clear()
            threads = set(self._threads)
            self._condition.notify_all()
        for job in waiting:
            job.fail(PoolClosedError("the pool was closed"))
        for job in running:
            job.token.cancel()
        return threads


class WirePool:
    """Threads and connections, shared by all stores of the program and by any event loop."""

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        *,
        interactive: int = INTERACTIVE_THREADS,
        bulk: int = BULK_THREADS,
    ) -> None:
        numbers = itertools.count(1)
        self._connections = ConnectionPool(timeouts or Timeouts())
        self._crews = {
            Lane.INTERACTIVE: _Crew(interactive, numbers, self._connections),
            Lane.GLANCE: _Crew(GLANCE_THREADS, numbers, self._connections),
            Lane.SMALL: _Crew(small_beside(bulk), numbers, self._connections),
            Lane.BULK: _Crew(bulk, numbers, self._connections),
        }

    @property
    def timeouts(self) -> Timeouts:
        return self._connections.timeouts

    async def run(self, lane: Lane, call: Callable[[Exchange], T]) -> T:
        """Carry out `call` in a worker thread and return what it returns.

        Cancelling stops the call: a job that waits is dropped, one that runs has its socket shut
        down, and CancelledError goes on when the thread has ended it. Raises PoolClosedError, and
        what `call` raises.
        """
        job = _Job(call)
        crew = self._crews[lane]
        crew.put(job)
        try:
            return await job.result
        except asyncio.CancelledError:
            job.token.cancel()
            if not crew.discard(job) and not job.token.is_detached:
                await job.drain()
            raise

    def resize_bulk(self, threads: int) -> None:
        """Change how many bodies move at once; running jobs are not interrupted."""
        self._crews[Lane.BULK].resize(threads)
        self._crews[Lane.SMALL].resize(small_beside(threads))

    def drop_connections(self, endpoint: Endpoint) -> None:
        """Close the idle connections to one endpoint."""
        self._connections.drop(endpoint)

    def close(self) -> None:
        """End all threads and connections. It blocks until they have ended; no loop is needed."""
        self._connections.close()
        for thread in [each for crew in self._crews.values() for each in crew.close()]:
            thread.join(_JOIN_S)

    async def aclose(self) -> None:
        """`close`, without holding up the loop."""
        loop = asyncio.get_running_loop()
        closed = loop.create_future()

        def close() -> None:
            self.close()
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, closed)

        closer = threading.Thread(target=close, name="wire-closer", daemon=True)
        closer.start()
        await closed
        closer.join()


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
