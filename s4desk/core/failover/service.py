"""All failover groups of the desk: opened, watched, and told about."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.errors import S4DeskError, UnavailableError
from s4desk.core.domain.failover import Backend
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.one_place import is_one_endpoint, may_be_one
from s4desk.core.failover.counters import Counters
from s4desk.core.failover.errors import HomeDownError
from s4desk.core.failover.health import Health
from s4desk.core.failover.telling import Telling
from s4desk.core.failover.usage import UsageMeter
from s4desk.core.runtime.tasks import TaskScope, run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.failover import Answer, FailoverGroup
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.failover.backend_store import OpenStore
    from s4desk.core.failover.health import HealthReport
    from s4desk.core.failover.index import Copy, LocationIndex
    from s4desk.core.failover.member import Member
    from s4desk.core.failover.merged import MergedView
    from s4desk.core.failover.reading import Reader
    from s4desk.core.failover.usage import Usage, UsageLoss, UsageShelf
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store, StoreOf
    from s4desk.core.store.shelves import ConnectionReader

log = logging.getLogger(__name__)

KEEP_S: Final = 2.0
PROBE_REST_S: Final = 10.0


class Indexes(Protocol):
    """The location indexes of all groups."""

    @property
    def is_available(self) -> bool: ...

    def of(self, group: ConnectionId) -> LocationIndex: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """A backend as it is now. `used` is of this month."""

    backend: Backend
    name: str
    health: HealthReport
    used: Usage


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """A group as it is now; `month` is that of the usage ("2026-11", in UTC), and `usage_lost` what
    is not counted of it; `last` is how the last request was served, and `refusal` what the first
    backend said when another had to list something last."""

    group: FailoverGroup
    month: str
    backends: tuple[BackendStatus, ...]
    counters: Counters
    has_index: bool
    last: Answer | None = None
    usage_lost: UsageLoss | None = None
    refusal: S4DeskError | None = None

    @property
    def is_degraded(self) -> bool:
        """Whether something is not as it should be."""
        return not self.has_index or not all(each.health.is_well for each in self.backends)

    @property
    def is_probe_due(self) -> bool:
        """Whether somebody was left alone for its time, and may be asked again."""
        return any(each.health.state is BreakerState.HALF_OPEN for each in self.backends)


@dataclass(slots=True)
class _State:
    """What is known of one group, whether it is open or not."""

    meter: UsageMeter
    counters: Counters = field(default_factory=Counters)
    last: Answer | None = None
    refusal: S4DeskError | None = None


class Groups:
    """Opens groups for the registry. How a backend is, is known of it in whatever group it is."""

    def __init__(
        self,
        connections: ConnectionReader,
        store_of: StoreOf,
        indexes: Indexes,
        shelf: UsageShelf,
        clock: Clock,
        changed: Callable[[ConnectionId], None] = lambda _: None,
        reached: Callable[[Connection], Connection] = lambda connection: connection,
    ) -> None:
        """`changed` is told of a group whose status is another, or that was used; `reached` knows
        where a connection leads that leaves this to a profile."""
        self._connections = connections
        self._store_of = store_of
        self._indexes = indexes
        self._shelf = shelf
        self._clock = clock
        self._changed = changed
        self._reached = reached
        self._health: dict[ConnectionId, tuple[Connection | None, Health]] = {}
        self._states: dict[ConnectionId, _State] = {}
        self._probed: dict[ConnectionId, float] = {}
        self._tasks = TaskScope("failover groups")
        self._telling = Telling(self._shown, changed, clock, self._tasks)

    async def open(self, connection: Connection, attempts: int = 0) -> Store:
        """The store of a group, which the caller closes; 0 attempts are as many as others make.

        Raises UnavailableError for a connection that is no group.
        """
        await in_thread(_load)
        # Loaded already, in a thread: importing it here costs nothing.
        from s4desk.core.failover.opening import GroupStore  # noqa: PLC0415
        from s4desk.core.store.retry import ATTEMPTS  # noqa: PLC0415

        reader = self._reader(connection)
        await self._keep(connection.id)
        return GroupStore(reader, self._clock, attempts or ATTEMPTS)

    def status(self, group: ConnectionId) -> GroupStatus | None:
        """None for what is no group."""
        if (found := self._group(group)) is None:
            return None
        state = self._state(group)
        backends = tuple(
            BackendStatus(
                each,
                self._name(each.connection),
                self._health_of(each.connection).report,
                state.meter.of(each.connection),
            )
            for each in found.backends
        )
        return GroupStatus(
            found,
            state.meter.month,
            backends,
            replace(state.counters),
            self._indexes.is_available,
            state.last,
            self.usage_lost,
            state.refusal,
        )

    @property
    def usage_lost(self) -> UsageLoss | None:
        """What is not counted of the use of any group, as far as one was opened or looked at."""
        return self._shelf.lost

    async def look(self, group: ConnectionId) -> GroupStatus | None:
        """The same, when every backend was asked whether it is there. What other processes have
        used is known then too."""
        members = await self._members(group)
        if members is None:
            return None
        for each in members:
            each.health.try_in()
        await _ask(members)
        await self._keep(group)
        self._telling.now(group)
        return self.status(group)

    async def probe(self, group: ConnectionId) -> None:
        """Ask every backend that was left alone for its time whether it is back. However often this
        is called, one that only asks for patience has it."""
        now = self._clock.monotonic()
        due = [
            each
            for each in await self._members(group) or ()
            if each.health.is_due and now >= self._probed.get(each.id, -inf) + PROBE_REST_S
        ]
        if due:
            self._probed.update((each.id, now) for each in due)
            await _ask(due)
            self._telling.now(group)

    def pretend_down(self, group: ConnectionId, backend: ConnectionId, *, is_down: bool) -> None:
        """A drill: go on as if a backend were down, in all groups, until somebody ends it or the
        program ends."""
        self._health_of(backend).pretend_down(is_down=is_down)
        self._telling.now(group)

    def try_now(self, group: ConnectionId, backend: ConnectionId) -> None:
        """Let the next request be the probe of a backend that is left alone."""
        self._health_of(backend).try_in()
        self._telling.now(group)

    async def merged(self, group: ConnectionId, prefix: Prefix) -> MergedView | None:
        """What is below a prefix of a group at each of its members; None for what is no group."""
        members = await self._members(group)
        if members is None:
            return None
        # As in `open`.
        from s4desk.core.failover.merged import MergedView  # noqa: PLC0415

        return MergedView(members, prefix)

    def behind(
        self, group: ConnectionId, bucket: str, is_write: bool
    ) -> tuple[ConnectionId, str] | None:
        """Which backend stands for a bucket of a group, by its name there: the first one, or if it
        is only read the first that is well. None for what is no group."""
        if (found := self._group(group)) is None:
            return None
        home = found.backends[0]
        well = (
            each
            for each in found.backends
            if not each.hides(bucket) and self._health_of(each.connection).report.is_well
        )
        backend = home if is_write else next(well, home)
        return backend.connection, backend.there(bucket)

    async def home_store(self, connection: ConnectionId) -> Store:
        """A connection's store by the names that `behind` gives for writing: of a group the first
        backend, asked as the group asks it. Raises as its `store_of` does."""
        group = self._group(connection)
        if group is None or not group.home.buckets:
            return await self._store_of(connection)
        await in_thread(_load)
        # As in `open`.
        from s4desk.core.failover.backend_store import backend_store  # noqa: PLC0415

        # What home calls a bucket is what the group is asked for by its own name.
        names = tuple((there, here) for here, there in group.home.buckets)
        return backend_store(Backend(connection, names), partial(self._store_of, connection))

    def refuse_in_drill(self, connection: ConnectionId) -> None:
        """For whoever goes to the first backend of a group by its own connection, past the group.
        Raises HomeDownError while somebody pretends that it is down."""
        group = self._group(connection)
        if group is not None and self._health_of(group.home.connection).is_pretended:
            name = self._name(group.home.connection)
            error = HomeDownError("it is pretended to be down", backend=name)
            error.group = self._name(connection)
            raise error

    def may_stand_in(self, read: Path | Address, written: Iterable[Address]) -> bool:
        """Whether any backend may answer for what is read, while something is written at other
        places: where one of these is what the group reads, by whatever name, only its first backend
        says what is there."""
        if not isinstance(read, Address) or self._group(read.connection) is None:
            return False
        behind = self._behind(read)
        return not any(
            may_be_one(bucket, other) and is_one_endpoint(connection, there)
            for place in written
            for there, other in self._behind(place)[:1]
            for connection, bucket in behind
        )

    def _behind(self, place: Address) -> list[tuple[Connection, str]]:
        """The buckets that a place is in, the first one before all others."""
        group, bucket = self._group(place.connection), place.location.bucket
        if group is None:
            found = [(place.connection, bucket)]
        else:
            found = [(each.connection, each.there(bucket)) for each in group.backends]
        known = ((self._connections.get(id_), there) for id_, there in found)
        return [(self._reached(each), there) for each, there in known if each is not None]

    def replicated(self, source: ConnectionId, location: Location, made: Copy) -> None:
        """An object at one connection has a replica at another, by the names they have there:
        groups of both know of it."""
        for connection in self._connections.all():
            backends = connection.group.backends if connection.group is not None else ()
            by_id = {each.connection: each for each in backends}
            if source in by_id and made.backend in by_id:
                here = by_id[made.backend].here(made.location.bucket)
                is_one = here is not None and by_id[source].there(here) == location.bucket
                if here is not None and is_one and made.location.key == location.key:
                    place = Location(here, location.key)
                    self._indexes.of(connection.id).learn([replace(made, location=place)])

    def connections_changed(self) -> None:
        """A backend that was edited is well until it is not."""
        for id_, (before, health) in list(self._health.items()):
            now = self._connections.get(id_)
            if now != before:
                health.reset()
                self._health[id_] = now, health

    def start(self) -> None:
        """Begin to put down what was used."""
        self._tasks.start(self._keep_all())

    async def aclose(self) -> None:
        await self._tasks.aclose()
        for group in self._states:
            await self._keep(group)
        await self._indexes.aclose()

    async def _keep_all(self) -> None:
        while True:
            await self._clock.sleep(KEEP_S)
            for group, state in list(self._states.items()):
                if state.meter.has_news:
                    await self._keep(group)
                    self._changed(group)

    async def _keep(self, group: ConnectionId) -> None:
        try:
            await self._state(group).meter.keep(self._shelf)
        except S4DeskError as error:
            log.warning("the usage of a group is not put down: %s", error)

    def _reader(self, connection: Connection) -> Reader:
        # As in `open`.
        from s4desk.core.failover.opening import open_reader  # noqa: PLC0415

        group, state = connection.group, self._state(connection.id)
        if group is None:
            raise UnavailableError(f"{connection.name} is no group")

        def told(answer: Answer) -> None:
            state.last = answer
            self._telling.soon(connection.id)

        def not_listed(error: S4DeskError | None) -> None:
            state.refusal = error

        return open_reader(
            connection.id,
            group,
            name_of=self._name,
            opener_of=self._opener,
            health_of=self._health_of,
            meter=state.meter,
            index=self._indexes.of(connection.id),
            clock=self._clock,
            counters=state.counters,
            told=told,
            not_listed=not_listed,
        )

    def _group(self, id_: ConnectionId) -> FailoverGroup | None:
        connection = self._connections.get(id_)
        return None if connection is None else connection.group

    async def _members(self, group: ConnectionId) -> Sequence[Member] | None:
        """None for what is no group."""
        connection = self._connections.get(group)
        if connection is None or connection.group is None:
            return None
        await in_thread(_load)
        return self._reader(connection).members

    def _state(self, group: ConnectionId) -> _State:
        if group not in self._states:
            self._states[group] = _State(UsageMeter(group, self._clock))
        return self._states[group]

    def _name(self, id_: ConnectionId) -> str:
        connection = self._connections.get(id_)
        return id_ if connection is None else connection.name

    def _opener(self, id_: ConnectionId) -> OpenStore:
        async def open_store() -> Store:
            connection = self._connections.get(id_)
            if connection is None:
                raise UnavailableError("this connection was removed")
            if connection.group is not None:
                raise UnavailableError("a group is no backend of a group")
            return await self._store_of(id_)

        return open_store

    def _health_of(self, id_: ConnectionId) -> Health:
        if id_ not in self._health:
            self._health[id_] = self._connections.get(id_), Health(self._clock)
        return self._health[id_][1]

    def _shown(self, group: ConnectionId) -> object:
        """What a person sees while looking into a group, to be compared; None for no group."""
        if (found := self._group(group)) is None:
            return None
        reports = [self._health_of(each).report for each in found.ids]
        healths = [(each.state, each.is_pretended, _said(each.error)) for each in reports]
        return healths, self._state(group).last, self._indexes.is_available


async def _ask(members: Sequence[Member]) -> None:
    """Whether they are there; that is in their health then."""

    async def ask(member: Member) -> None:
        with suppress(S4DeskError):
            await member.ask(Request("list_buckets"), lambda store, _: store.list_buckets())

    if members:
        await run_bounded(map(ask, members), len(members))


def _said(error: S4DeskError | None) -> object:
    """Whether it is the same failure again."""
    return None if error is None else (type(error), str(error))


def _load() -> None:
    import_module("s4desk.core.failover.opening")
