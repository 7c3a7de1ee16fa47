"""How many requests of one connection are under way at once."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.transfer import WaitKind
from s4desk.core.store.waits import waiting
from s4desk.core.store.wrapper import Call, Request, StoreWrapper
from s4desk.core.wire.body import small_beside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from s4desk.core.store.protocol import Moved, Store

T = TypeVar("T")

REQUEST_SLOTS: Final = 12
"""A long listing takes READERS of them; the rest is for whoever clicks meanwhile."""
BODY_SLOTS: Final = 8
GLANCE_SLOTS: Final = 6


_party: ContextVar[object] = ContextVar("party", default=None)


def wait_as(party: object) -> None:
    """Let this task, and those it starts, wait in the line of `party` from here on."""
    _party.set(party)


class Slots:
    """A semaphore whose size may change at any time.

    Parties (`wait_as`) take turns, however many each has waiting: who has one part to send waits
    for one of everybody else's, and not for all that stand there already. Within a party the first
    to wait is the first to enter.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._lines: dict[object, deque[asyncio.Future[None]]] = {}

    @property
    def size(self) -> int:
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        """At least 1. Who is inside stays inside when it shrinks."""
        self._size = max(1, size)
        self._admit()

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    async def enter(self) -> None:
        """Wait for a slot; `leave` must follow."""
        if self._taken < self._size:
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._lines.setdefault(_party.get(), deque()).append(turn)
        try:
            with waiting(WaitKind.SLOT):
                await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the slot to the next."""
        self._taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._lines and self._taken < self._size:
            party, line = next(iter(self._lines.items()))
            del self._lines[party]
            turn = line.popleft()
            if not turn.cancelled():
                self._taken += 1
                turn.set_result(None)
            elif line:
                # Who has given up has not had his turn.
                self._lines = {party: line, **self._lines}
                continue
            if line:
                self._lines[party] = line


class SlotChain:
    """Several slots that are entered one after the other, the narrowest first."""

    def __init__(self, *slots: Slots) -> None:
        self._slots = slots

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for slots in self._slots:
                await stack.enter_async_context(slots.entered())
            yield


class BodySlots:
    """Room for bodies: small ones have more of it, and their own; so have glances."""

    def __init__(self, size: int = BODY_SLOTS) -> None:
        self.glances = Slots(GLANCE_SLOTS)
        self.large = Slots(size)
        self.small = Slots(small_beside(size))

    @property
    def size(self) -> int:
        """How many large ones move at once."""
        return self.large.size

    @size.setter
    def size(self, size: int) -> None:
        self.large.size = size
        self.small.size = small_beside(self.large.size)

    def of(self, request: Request) -> Slots:
        """Where a request with a body waits."""
        if request.is_glance:
            return self.glances
        return self.small if request.is_small else self.large


class LimitedStore(StoreWrapper):
    """Keeps requests waiting, in order, while too many are under way.

    Bodies have slots of their own, so that a listing does not queue behind an upload; small ones
    have others than large ones, and what a person waits to see has others than what is
    transferred. Several stores may share them. Sizes may change while requests run.
    """

    def __init__(
        self,
        inner: Store,
        *,
        requests: Slots | None = None,
        bodies: BodySlots | None = None,
    ) -> None:
        super().__init__(inner)
        self._request_slots = requests or Slots(REQUEST_SLOTS)
        self._bodies = bodies or BodySlots()

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        slots = self._bodies.of(request) if request.has_body else self._request_slots
        await slots.enter()
        try:
            return await call(moved)
        finally:
            slots.leave()
