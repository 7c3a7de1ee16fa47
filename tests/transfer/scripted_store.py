"""A store that fails when it is told to, waits at a gate, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.store.wrapper import Call, Request, StoreWrapper

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.store.memory import MemoryStore
    from s4desk.core.store.protocol import Moved

T = TypeVar("T")


class ScriptedStore(StoreWrapper):
    """A MemoryStore with a script.

    `fail` plans errors by operation, `lose_reply` errors after the request was carried out. After
    `let_through` requests that move bytes wait at a gate. A request that is cancelled there raises
    `cancelled_as`, if it is set.
    """

    def __init__(self, inner: MemoryStore) -> None:
        super().__init__(inner)
        self.memory = inner
        self.calls: list[Request] = []
        self.count: Counter[str] = Counter()
        self._at_gate = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.before: Callable[[Request], None] | None = None
        self.after: Callable[[Request], None] | None = None
        self.cancelled_as: Exception | None = None
        self._gate = asyncio.Event()
        self._gate.set()
        self._free: int | None = None
        self._failures: defaultdict[str, deque[BaseException | None]] = defaultdict(deque)
        self._lost_replies: defaultdict[str, deque[BaseException | None]] = defaultdict(deque)

    def fail(self, operation: str, *errors: BaseException | None) -> None:
        """The next requests of this operation raise these, and are not carried out."""
        self._failures[operation].extend(errors)

    def lose_reply(self, operation: str, *errors: BaseException | None) -> None:
        """The next requests of this operation are carried out, and then raise these."""
        self._lost_replies[operation].extend(errors)

    def forget_script(self) -> None:
        """Plan no failures any more."""
        self._failures.clear()
        self._lost_replies.clear()

    def let_through(self, count: int) -> None:
        """Close the gate behind the next `count` requests that move bytes."""
        self._free = count
        self._gate.clear()

    def is_stuck(self) -> bool:
        """Whether all that goes on waits at the gate."""
        return 0 < self._at_gate == self.in_flight

    def open_gate(self) -> None:
        self._free = None
        self._gate.set()

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        self.calls.append(request)
        self.count[request.operation] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if request.has_body:
                await self._pass_gate()
            await asyncio.sleep(0)
            if self.before is not None:
                self.before(request)
            _raise_next(self._failures[request.operation])
            reply = await call(moved)
            # The store has acted; its answer takes another turn.
            await asyncio.sleep(0)
            _raise_next(self._lost_replies[request.operation])
            if self.after is not None:
                self.after(request)
            return reply
        finally:
            self.in_flight -= 1

    async def _pass_gate(self) -> None:
        if self._free:
            self._free -= 1
        elif not self._gate.is_set():
            self._at_gate += 1
            try:
                await self._gate.wait()
            except asyncio.CancelledError:
                if self.cancelled_as is not None:
                    raise self.cancelled_as from None
                raise
            finally:
                self._at_gate -= 1


def _raise_next(errors: deque[BaseException | None]) -> None:
    if errors and (error := errors.popleft()) is not None:
        raise error
