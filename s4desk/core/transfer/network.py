"""Whether there is a way to each connection, as far as transfers have seen."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import (
    S4DeskError,
    SignInNeededError,
    StoreError,
    UnauthenticatedError,
    UnreachableError,
)
from s4desk.core.store.wrapper import Call, Request, StoreWrapper
from s4desk.core.transfer.waiting_line import lane_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.tasks import TaskScope
    from s4desk.core.store.protocol import Moved, Store, StoreOf

T = TypeVar("T")

FIRST_S: Final = 1.0
CAP_S: Final = 30.0
_ENDED: Final = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")


class _Way(Enum):
    OPEN = "open"
    CLOSED = "closed"
    PROBED = "probed"
    SHUT = "shut"


class Gate:
    """The way to one connection: open, closed for a while, tried by one transfer alone, or shut
    until a person signs in.

    It only closes for a connection that answered before: an address that nobody ever reached is
    taken for a wrong one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._way = _Way.OPEN
        self._pause_s = FIRST_S
        self._due = 0.0
        self._probe: TransferId | None = None
        self._is_known = False

    @property
    def is_open(self) -> bool:
        return self._way is _Way.OPEN

    @property
    def is_shut(self) -> bool:
        """Whether the keys have ended, and only a person can get others."""
        return self._way is _Way.SHUT

    @property
    def is_passable(self) -> bool:
        """Whether a transfer may start: all of them, or the one that tries."""
        is_due = self._way is _Way.CLOSED and self._clock.monotonic() >= self._due
        return self._way is _Way.OPEN or is_due

    @property
    def pause_s(self) -> float:
        """Seconds until the next one may try."""
        return max(0.0, self._due - self._clock.monotonic())

    def know(self) -> None:
        """The connection has been reached some time before."""
        self._is_known = True

    def reached(self) -> bool:
        """The connection answers; say whether that is news. What was under way when the keys ended
        may still be answered: that is no key."""
        if self.is_shut:
            return False
        was_open, self._way = self.is_open, _Way.OPEN
        self._is_known, self._probe, self._pause_s = True, None, FIRST_S
        return not was_open

    def lost(self) -> bool:
        """Nobody can be reached there; say whether that is news."""
        if not self._is_known or self._way in (_Way.CLOSED, _Way.SHUT):
            return False
        if self._way is _Way.PROBED:
            self._pause_s = min(2 * self._pause_s, CAP_S)
        self._close(self._pause_s)
        return True

    def shut(self) -> bool:
        """There are no keys before a person signs in; say whether that is news."""
        was_shut, self._way, self._probe = self.is_shut, _Way.SHUT, None
        return not was_shut

    def unlock(self) -> bool:
        """There are keys again; say whether that is news."""
        was_shut = self.is_shut
        if was_shut:
            self._way = _Way.OPEN
        return was_shut

    def try_anyway(self) -> None:
        """A person wants it: one may try, whatever it is closed for."""
        if self.is_shut:
            self._close(0.0)
        self.try_now()

    def try_now(self) -> None:
        """The system says that there is a network again, or somebody wants to know."""
        self._pause_s = FIRST_S
        if self._way is _Way.CLOSED:
            self._close(0.0)

    def entered(self, transfer: TransferId) -> None:
        """A transfer starts: through a closed gate it is the one that tries."""
        if self._way is _Way.CLOSED:
            self._way, self._probe = _Way.PROBED, transfer

    def left(self, transfer: TransferId) -> None:
        """A transfer has ended: if it tried and found out nothing, another one may try."""
        if self._way is _Way.PROBED and self._probe == transfer:
            self._close(0.0)

    def _close(self, pause_s: float) -> None:
        self._way, self._probe = _Way.CLOSED, None
        self._due = self._clock.monotonic() + pause_s


class Network:
    """The gates of all connections, closed and opened by what requests meet."""

    def __init__(
        self,
        store_of: StoreOf,
        clock: Clock,
        tasks: TaskScope,
        changed: Callable[[], None],
        *,
        to_read: StoreOf | None = None,
        wanted: Callable[[ConnectionId], None] | None = None,
    ) -> None:
        """`to_read` has the stores of what is merely read, where these are others. `changed` is
        told that more may start, `wanted` that transfers wait until a person signs in. Without the
        latter nobody is there for that: what needs it fails."""
        self._wanted = wanted
        self._store_of = store_of
        self._to_read = to_read or store_of
        self._clock = clock
        self._tasks = tasks
        self._changed = changed
        self._gates: defaultdict[ConnectionId, Gate] = defaultdict(lambda: Gate(clock))

    async def store_of(self, connection: ConnectionId) -> Store:
        """The store of a connection; what becomes of its requests is seen here."""
        return await self._watched(self._store_of, connection)

    async def to_read(self, connection: ConnectionId) -> Store:
        """The same for whoever merely reads."""
        return await self._watched(self._to_read, connection)

    async def _watched(self, store_of: StoreOf, connection: ConnectionId) -> Store:
        try:
            store = await store_of(connection)
        except S4DeskError as error:
            # Of the way to it a store that is not open tells nothing.
            if wants_person(error):
                self.look_at(connection, error)
            raise
        return _WatchedStore(store, self, connection)

    def gates(self, connections: Iterable[ConnectionId]) -> list[Gate]:
        return [self._gates[connection] for connection in connections]

    def shut_among(self, connections: Iterable[ConnectionId]) -> list[ConnectionId]:
        """Those whose keys have ended."""
        return sorted(each for each in connections if self._gates[each].is_shut)

    def shut_for(self, transfer: Transfer) -> list[ConnectionId]:
        """The connections of a transfer that it waits for somebody to sign in to."""
        return self.shut_among(lane_of(transfer))

    def try_now(self) -> None:
        """Let every connection be tried at once: the system says that the network has changed."""
        for gate in self._gates.values():
            gate.try_now()
        self._changed()

    def reached(self, connection: ConnectionId) -> None:
        """Somebody was answered there: who waits for the network need not any more."""
        if self._gates[connection].reached():
            self._changed()

    def signed_in(self, connection: ConnectionId) -> None:
        """There are keys again at a connection: what waits for them goes on."""
        if self._gates[connection].unlock():
            self._changed()

    def look_at(self, connection: ConnectionId, error: S4DeskError) -> None:
        """See what an error tells about the way to a connection."""
        if isinstance(error, UnreachableError):
            self.lost(connection)
        elif self._wanted is not None and wants_person(error):
            if self._gates[connection].shut():
                self._wanted(connection)
        elif isinstance(error, StoreError) and error.status:
            self.reached(connection)

    def lost(self, connection: ConnectionId) -> None:
        gate = self._gates[connection]
        if gate.lost():
            self._tasks.start(self._tell_when_due(gate))

    async def _tell_when_due(self, gate: Gate) -> None:
        """Whoever is woken too early sleeps again: nobody else would open the gate."""
        while not gate.is_passable and (pause_s := gate.pause_s) > 0:
            await self._clock.sleep(pause_s)
        self._changed()


def wants_person(error: S4DeskError) -> bool:
    """Whether there are no keys, or no good ones any more, before somebody signs in."""
    if isinstance(error, UnauthenticatedError):
        return error.code in _ENDED
    return isinstance(error, SignInNeededError)


class _WatchedStore(StoreWrapper):
    def __init__(self, inner: Store, network: Network, connection: ConnectionId) -> None:
        super().__init__(inner)
        self._network = network
        self._connection = connection

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        try:
            reply = await call(moved)
        except S4DeskError as error:
            self._network.look_at(self._connection, error)
            raise
        self._network.reached(self._connection)
        return reply
