"""A backend of a group, and every request to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import NotSupportedError, S4DeskError
from s4desk.core.domain.failover import Answer
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.failover.backend_store import backend_store
from s4desk.core.failover.usage import Usage
from s4desk.core.failover.watchdog import Pulse, watched
from s4desk.core.runtime.answers import note_answer
from s4desk.core.store.direct import DirectWrapper
from s4desk.core.store.request import at
from s4desk.core.store.retry import tried_elsewhere

if TYPE_CHECKING:
    from s4desk.core.domain.failover import Backend
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.failover.backend_store import OpenStore
    from s4desk.core.failover.health import Health
    from s4desk.core.failover.usage import UsageMeter
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.direct import DirectStore, Work
    from s4desk.core.store.protocol import Condition, GetReply, Moved, PutReply, Store
    from s4desk.core.store.request import Request
    from s4desk.core.wire.body import Body, WholeSink

T = TypeVar("T")
Call = Callable[["Store", "Moved"], Awaitable[T]]

UNLIMITED: Final = frozenset({"delete", "delete_many", "abort_multipart"})
"""Whoever has reached a limit may still tidy up."""
WRITES_BODY: Final = frozenset({"put", "put_part"})
ONE: Final = Usage(requests=1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the members of a group share: `timeout_s` is for how long nothing may come."""

    meter: UsageMeter
    clock: Clock
    timeout_s: float


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
        self._around = surroundings

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
        self.admit(request, size)
        pulse = Pulse(moved)
        try:
            with tried_elsewhere():
                reply = await self._made(call, pulse, is_watched=is_watched)
        except S4DeskError as error:
            self.health.came_to(error)
            raise
        except BaseException:
            self.health.abandoned()
            raise
        finally:
            self.count(request, pulse.egress)
        self.health.answered()
        return reply

    async def lend(self, work: Work, *, may_write: bool) -> None:
        """Have a thread make requests by itself; each is seen as any other."""
        lend = self.store.directly  # type: ignore[attr-defined]
        await lend(lambda direct: work(_MemberDirect(direct, self, may_write=may_write)))

    async def _made(self, call: Call[T], pulse: Pulse, *, is_watched: bool) -> T:
        if not is_watched:
            return await call(self.store, pulse)
        around = self._around
        return await watched(lambda: call(self.store, pulse), pulse, around.timeout_s, around.clock)

    def admit(self, request: Request, size: int) -> None:
        """Raises UsageLimitSkip, BackendDownError."""
        if request.operation not in UNLIMITED:
            is_write = request.operation in WRITES_BODY
            wanted = ONE + (Usage(ingress=size) if is_write else Usage(egress=size))
            self._around.meter.admit(self.id, self.backend.limits, wanted)
        self.health.admit()

    def count(self, request: Request, moved: int) -> None:
        is_write = request.operation in WRITES_BODY
        used = Usage(ingress=moved) if is_write else Usage(egress=moved)
        self._around.meter.count(self.id, ONE + used)


class _MemberDirect(DirectWrapper):
    """Requests of a lent thread. A bundle knows only how all goes well: whatever fails is asked for
    once more by its own job, and that goes on to the other backends."""

    def __init__(self, inner: DirectStore, member: Member, *, may_write: bool) -> None:
        super().__init__(inner)
        self._member = member
        self._may_write = may_write

    def get(self, location: Location, sink: WholeSink, *, moved: Moved | None = None) -> GetReply:
        pulse = Pulse(moved)
        request = at("get", location)
        return self._seen(request, 1, pulse, lambda: self._inner.get(location, sink, moved=pulse))

    def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        if not self._may_write:
            raise NotSupportedError("writes go to the first backend", operation="put")
        pulse = Pulse(moved)
        return self._seen(
            at("put", location),
            len(body),
            pulse,
            lambda: self._inner.put(
                location, body, attributes=attributes, condition=condition, moved=pulse
            ),
        )

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        return self._seen(request, 0, Pulse(), call)

    def _seen(self, request: Request, size: int, pulse: Pulse, call: Callable[[], T]) -> T:
        health = self._member.health
        self._member.admit(request, size)
        try:
            reply = call()
        except S4DeskError as error:
            health.came_to(error)
            raise
        except BaseException:
            health.abandoned()
            raise
        finally:
            self._member.count(request, pulse.egress)
        health.answered()
        note_answer(Answer(self._member.id, is_failover=not self._may_write))
        return reply
