"""Small transfers on their way to worker threads, which take one after another.

A task, an await and two turns of the loop for each would cost more than its bytes do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from collections import deque
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import NotSupportedError, S4DeskError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.direct import DirectStore
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.parcels import Parcel
    from s4desk.core.wire.cancellation import CancelToken

log = logging.getLogger(__name__)

AHEAD: Final = 128
"""So many wait to be taken. When they are gone the threads stand still until the loop has had its
turn: hungry ones would make the window late."""

TURN_S: Final = 0.5
"""After that a thread makes room for whoever else waits."""

FEW: Final = 2
BUSY_S: Final = 0.0005
"""There are more threads only where one takes longer than this for each of them (seconds): those
that fight for the interpreter make the window late, and gain nothing."""

FAR_S: Final = 0.01
"""Where none takes less, jobs wait for replies as well as threads, and better measured."""

AGAIN_S: Final = 60.0
"""So long without a thread, and what was found out is not believed any more: somebody may have come
home meanwhile."""

HELD_UP_S: Final = 0.25
"""A thread that has had one in hand for longer is not waited for."""

ENOUGH: Final = 8
SAMPLES: Final = 32
"""So many are looked at before anything is told by them, and at most."""

AT_ONCE: Final = 32
"""So many are told of in one turn of the loop."""

IDLE_S: Final = 0.05
"""After that a thread with nothing to take goes."""

GATHER_S: Final = 0.02
"""How long the loop lets pass until it hears of more."""


@dataclass(slots=True, eq=False)
class Turn:
    """A thread at work. `parcel` is the one it has in hand, since `began`."""

    until: float = math.inf
    parcel: Parcel | None = None
    began: float = 0.0
    token: CancelToken | None = None


class Conveyor:
    """The parcels of one connection, and the threads that take them.

    `delivered` is told on the loop which were begun and which have ended, several at a time;
    `held_up`, that no thread will soon take the next one.
    """

    def __init__(
        self,
        delivered: Callable[[Sequence[Parcel], Sequence[Parcel]], None],
        held_up: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._delivered = delivered
        self._held_up = held_up
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Condition()
        self._waiting: deque[Parcel] = deque()
        self._begun: deque[Parcel] = deque()
        self._ended: deque[Parcel] = deque()
        self._turns: set[Turn] = set()
        self._took: deque[float] = deque(maxlen=SAMPLES)
        self._is_awake = False
        self._is_watched = False
        self._idle_since = clock.monotonic()
        self.is_supported = True

    def look_again(self) -> None:
        """Forget how far the store was, and whether it lends threads, if that is long ago."""
        if not self._turns and self._clock.monotonic() - self._idle_since >= AGAIN_S:
            self._took.clear()
            self.is_supported = True

    @property
    def is_moving(self) -> bool:
        """Whether a thread is at work, or about to be."""
        return bool(self._turns)

    @property
    def is_manned(self) -> bool:
        """Whether as many threads are at work as are worth it: few when replies come at once.

        That is told by the quickest of late, which least of all waited for other threads.
        """
        with self._lock:
            quickest = min(self._took) if len(self._took) >= ENOUGH else 0.0
        return self.is_supported and self._hands() >= max(FEW, quickest / BUSY_S)

    @property
    def waiting(self) -> int:
        """How many no thread has taken yet."""
        return len(self._waiting)

    @property
    def room(self) -> int:
        """How many more may wait here: none behind threads that are held up."""
        return AHEAD - len(self._waiting) if self._hands() else 0

    def put(self, parcels: Iterable[Parcel]) -> None:
        with self._lock:
            before = len(self._waiting)
            self._waiting.extend(parcels)
            self._lock.notify(len(self._waiting) - before)

    def withdraw(self, transfer: TransferId) -> bool:
        """Take back one that no thread has taken yet; whether it was there."""
        with self._lock:
            for parcel in self._waiting:
                if parcel.transfer.id == transfer:
                    self._waiting.remove(parcel)
                    return True
        return False

    def take_back(self) -> list[Parcel]:
        """All that no thread has taken yet."""
        with self._lock:
            left = list(self._waiting)
            self._waiting.clear()
        return left

    def interrupt(self, parcel: Parcel) -> None:
        """Break off the request of one that is to stop."""
        with self._lock:
            if parcel.is_too_late:
                return
            for turn in self._turns:
                if turn.parcel is parcel and turn.token is not None:
                    turn.token.cancel()

    def begin_turn(self) -> Turn:
        """A thread shall come; `turn` must follow."""
        turn = Turn()
        self._turns.add(turn)
        if not self._is_watched:
            self._is_watched = True
            self._loop.call_later(HELD_UP_S, self._watch)
        return turn

    async def turn(self, turn: Turn, store_of: Callable[[], Awaitable[Store]]) -> None:
        """Have a thread carry parcels for a while. What it could not carry is delivered too.

        Cancelled, nothing more is told of what it had in hand.
        """
        is_closing = is_over = False
        try:
            lend = getattr(await store_of(), "directly", None)
            if lend is None:
                raise NotSupportedError("no threads are lent here")
            await lend(partial(self._work, turn))
            is_over = True
        except asyncio.CancelledError:
            is_closing = True
            raise
        except NotSupportedError:
            self.is_supported = False
        except S4DeskError as error:
            log.info("no thread was lent: %s", error)
        finally:
            self._turns.discard(turn)
            self._idle_since = self._clock.monotonic()
            if not is_closing:
                if not is_over and turn.parcel is None and self.is_supported:
                    # The job of the next one meets the same, and says so.
                    self._take(turn)
                if turn.parcel is not None:
                    self._ended.append(turn.parcel)
                if not self._is_awake:
                    self._listen()

    # In the thread

    def _work(self, turn: Turn, direct: DirectStore) -> None:
        turn.token = direct.token
        turn.until = self._clock.monotonic() + TURN_S
        while (parcel := self._take(turn)) is not None:
            self._wake()
            parcel.carry(direct)
            if parcel.outcome is None:
                return
            self._put_down(turn, parcel)

    def _take(self, turn: Turn) -> Parcel | None:
        with self._lock:
            is_at_work = turn.token is not None and not turn.token.is_cancelled
            if not self._waiting and is_at_work:
                self._lock.wait(IDLE_S)
            if not self._waiting or self._clock.monotonic() >= turn.until:
                return None
            turn.began = self._clock.monotonic()
            turn.parcel = self._waiting.popleft()
            self._begun.append(turn.parcel)
            return turn.parcel

    def _put_down(self, turn: Turn, parcel: Parcel) -> None:
        with self._lock:
            self._took.append(self._clock.monotonic() - turn.began)
            if len(self._took) >= ENOUGH and min(self._took) > FAR_S:
                self.is_supported = False
            turn.parcel = None
            self._ended.append(parcel)

    def _wake(self) -> None:
        if not self._is_awake:
            self._is_awake = True
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._listen)

    # On the loop

    def _hands(self) -> int:
        """How many threads will soon take the next one."""
        late = self._clock.monotonic() - HELD_UP_S
        return sum(turn.parcel is None or turn.began > late for turn in self._turns)

    def _watch(self) -> None:
        """See, as long as there are threads, that nothing waits behind what takes long."""
        self._is_watched = self.is_moving
        if self._is_watched:
            if not self._hands():
                self._held_up()
            self._loop.call_later(HELD_UP_S, self._watch)

    def _listen(self) -> None:
        """Hear of what has happened, and again a little later as long as there is anything."""
        self._is_awake = False
        if self._begun or self._ended:
            self._is_awake = True
            self.deliver(AT_ONCE)
            pause_s = 0.0 if self._ended else GATHER_S
            self._loop.call_later(pause_s, self._listen)

    def deliver(self, most: int | None = None) -> None:
        """Tell what has happened until now; with `most`, of no more than so many."""
        with self._lock:
            begun, ended = list(self._begun), list(islice(self._ended, most))
            self._begun.clear()
            for _ in ended:
                self._ended.popleft()
        if begun or ended:
            self._delivered(begun, ended)
