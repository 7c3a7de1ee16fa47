"""A backend of a group, and every request to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.errors import S4DeskError, StalledError, StoreError
from s4desk.core.domain.failover import Answer
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.transfer import WaitKind
from s4desk.core.failover.backend_store import backend_store
from s4desk.core.failover.errors import HomeDownError
from s4desk.core.failover.health import NO_KEYS
from s4desk.core.failover.index import Copy
from s4desk.core.failover.twins import written
from s4desk.core.failover.usage import NOTHING, Usage
from s4desk.core.failover.watchdog import Pulse, Watchdog
from s4desk.core.runtime.answers import note_answer
from s4desk.core.store.direct import DirectWrapper
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.core.store.request import Request, at
from s4desk.core.store.retry import tried_elsewhere

if TYPE_CHECKING:
    from s4desk.core.domain.failover import Backend
    from s4desk.core.domain.identity import ConnectionId, Location, Prefix
    from s4desk.core.domain.objects import ObjectMeta, Page
    from s4desk.core.failover.backend_store import OpenStore
    from s4desk.core.failover.health import Health
    from s4desk.core.failover.usage import UsageMeter
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.direct import DirectStore, Work
    from s4desk.core.store.protocol import Condition, GetReply, Moved, PutReply, Store
    from s4desk.core.wire.body import Body, WholeSink

T = TypeVar("T")
Call = Callable[["Store", "Moved"], Awaitable[T]]

UNLIMITED: Final = frozenset({"delete", "delete_many", "delete_bucket", "abort_multipart"})
"""Whoever has reached a limit may still tidy up."""
WRITES_BODY: Final = frozenset({"put", "put_part"})


class Lent(NamedTuple):
    """What a lent thread has done: how many requests were served, and which objects it saw."""

    served: int = 0
    copies: Sequence[Copy] = ()


class Admission(NamedTuple):
    """That a request may be made: the number that its backend's health knows it by, and what was
    promised to it of what the backend may be used for."""

    number: int
    promised: Usage


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the members of a group share: `timeout_s` is for how long nothing may come, `group` what
    a person calls it."""

    meter: UsageMeter
    clock: Clock
    timeout_s: float
    group: str = ""


class Member:
    """Whoever asks it is let through only if it is well and within its limits; what becomes of the
    request is seen here."""

    def __init__(
        self,
        backend: Backend,
        name: str,
        open_store: OpenStore,
        health: Health,
        surroundings: Surroundings,
    ) -> None:
        """`name` is what a person calls it."""
        self.backend = backend
        self.name = name
        self.health = health
        self.store = backend_store(backend, open_store)
        self._open = open_store
        self._around = surroundings
        self._watchdog = Watchdog(surroundings.timeout_s, surroundings.clock)
        self._asking: set[Pulse] = set()

    @property
    def id(self) -> ConnectionId:
        return self.backend.connection

    def as_there(self, meta: ObjectMeta) -> ObjectMeta:
        """An object with the name that its bucket has at this backend."""
        location = meta.location
        return replace(meta, location=replace(location, bucket=self.backend.there(location.bucket)))

    @property
    def usage(self) -> Usage:
        """Of this month."""
        return self._around.meter.of(self.id)

    async def ask(
        self,
        request: Request,
        call: Call[T],
        *,
        size: int = 0,
        moved: Moved | None = None,
        is_watched: bool = True,
    ) -> T:
        """Make a request that moves `size` bytes, once.

        Raises UsageLimitSkip or BackendDownError when it was not made, StalledError when nothing
        came for too long and it `is_watched`, and what the store raises.
        """
        try:
            with self.seen(request, size, moved) as pulse, tried_elsewhere():
                # Whoever has to sign in first may take his time.
                await self._open()
                pulse.beat()
                return await self._made(call, pulse, is_watched=is_watched)
        except S4DeskError:
            self._turn_away()
            raise

    async def list_objects(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        token: str | None = None,
        start_after: str = "",
        limit: int = MAX_KEYS,
        with_owner: bool = False,
    ) -> Page:
        """`ObjectStore.list_objects` of this backend, asked as all is."""
        return await self.ask(
            Request("list_objects", prefix.bucket, prefix.prefix),
            lambda store, _: store.list_objects(
                prefix,
                delimiter=delimiter,
                token=token,
                start_after=start_after,
                limit=limit,
                with_owner=with_owner,
            ),
        )

    async def lend(self, work: Work, home: Member) -> Lent:
        """Have a thread make requests by itself, and say what came of it; each is seen as any
        other, and only `home` is written to.

        Raises StalledError when nothing came for too long; what it had in hand has failed then.
        """
        lend = self.store.directly  # type: ignore[attr-defined]
        life, lent = Pulse(self._around.clock), Lent()

        def seen(direct: DirectStore) -> None:
            nonlocal lent
            mine = _MemberDirect(direct, self, life, home)
            try:
                work(mine)
            finally:
                lent = Lent(mine.served, mine.copies)

        try:
            await self._watchdog.watched(lambda: lend(seen), life)
        except StalledError as error:
            self.health.failed(error)
            raise
        return lent

    @contextmanager
    def seen(self, request: Request, size: int, moved: Moved | None) -> Iterator[Pulse]:
        """Surrounds a request to this backend. Raises UsageLimitSkip, BackendDownError."""
        admission = self._admit(request, size)
        pulse = Pulse(self._around.clock, moved)
        try:
            yield pulse
        except S4DeskError as error:
            self.health.came_to(error, admission.number)
            self._name_in(error)
            raise
        except BaseException:
            self.health.abandoned(admission.number)
            raise
        else:
            self.health.answered()
        finally:
            used = _use_of(request, pulse.total)
            self._around.meter.count(self.id, used, admission.promised)

    async def _made(self, call: Call[T], pulse: Pulse, *, is_watched: bool) -> T:
        if not is_watched:
            return await call(self.store, pulse)
        self._asking.add(pulse)
        try:
            return await self._watchdog.watched(lambda: call(self.store, pulse), pulse)
        finally:
            self._asking.discard(pulse)

    def _turn_away(self) -> None:
        """Whoever waits in line for a backend that is left alone by now need not wait for it."""
        if self._asking and self.health.report.state is BreakerState.OPEN:
            for each in self._asking:
                each.turn_away()

    def _admit(self, request: Request, size: int) -> Admission:
        meter, promised = self._around.meter, NOTHING
        try:
            if request.operation not in UNLIMITED:
                wanted = _use_of(request, size)
                promised = meter.admit(self.id, self.backend.limits, wanted)
            return Admission(self.health.admit(), promised)
        except S4DeskError as error:
            meter.count(self.id, NOTHING, promised)
            self._name_in(error)
            raise

    def _name_in(self, error: S4DeskError) -> None:
        """What is wrong on this computer is no backend's."""
        if isinstance(error, (StoreError, *NO_KEYS)):
            error.backend = self.name
        if isinstance(error, StoreError):
            error.group = self._around.group


def _use_of(request: Request, size: int) -> Usage:
    """What a request uses that moves so many bytes."""
    is_write = request.operation in WRITES_BODY
    return Usage(1, 0, size) if is_write else Usage(1, size, 0)


class _MemberDirect(DirectWrapper):
    """Requests of a lent thread. A bundle knows only how all goes well: whatever fails is asked for
    once more by its own job, and that goes on to the other backends."""

    def __init__(
        self,
        inner: DirectStore,
        member: Member,
        life: Pulse,
        home: Member,
    ) -> None:
        """`life` is that of all requests of the thread together."""
        super().__init__(inner)
        self._member = member
        self.served = 0
        self.copies: list[Copy] = []
        self._life = life
        self._home = home
        self._answer = lent_answer(member.id, is_home=member is home)

    def get(self, location: Location, sink: WholeSink, *, moved: Moved | None = None) -> GetReply:
        reply = self._asked(
            at("get", location),
            lambda moved: self._inner.get(location, sink, moved=moved),
            1,
            moved,
        )
        self.copies.append(Copy(location, self._member.id, reply.meta.etag, reply.meta.size))
        if self._member is self._home:
            return reply
        modified = written(self._member.as_there(reply.meta))
        return replace(reply, meta=replace(reply.meta, modified=modified))

    def head(self, location: Location) -> ObjectMeta:
        """Of the first backend only: what is asked for decides whether something is written."""
        self._refuse_stand_in()
        return super().head(location)

    def _refuse_stand_in(self) -> None:
        if self._member is not self._home:
            raise HomeDownError("another thread was lent", backend=self._home.name)

    def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        self._refuse_stand_in()

        def put(moved: Moved) -> PutReply:
            # A store may take its time to answer to what it was sent.
            with self._life.waits(WaitKind.SLOT, 0):
                return self._inner.put(
                    location, body, attributes=attributes, condition=condition, moved=moved
                )

        reply = self._asked(at("put", location), put, len(body), moved)
        self.copies.append(Copy(location, self._member.id, reply.etag, len(body)))
        return reply

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        return self._asked(request, lambda _: call())

    def _asked(
        self,
        request: Request,
        call: Callable[[Moved], T],
        size: int = 0,
        moved: Moved | None = None,
    ) -> T:
        life = self._life

        def came(count: int) -> None:
            life(count)
            if moved is not None:
                moved(count)

        life.beat()
        with self._member.seen(request, size, came) as pulse:
            reply = call(pulse)
        self.served += 1
        note_answer(self._answer)
        return reply


def lent_answer(backend: ConnectionId, *, is_home: bool) -> Answer:
    """Of a lent thread: nobody is asked what another backend than the first has to compare with."""
    return Answer(backend, is_failover=not is_home, may_be_old=not is_home)
