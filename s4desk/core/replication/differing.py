"""What belongs to an object and to its replica beside their bytes, compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import MalformedReplyError, NotSupportedError, PermissionDeniedError
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.properties import is_all_told
from s4desk.core.domain.replication.stamp import unstamped
from s4desk.core.transfer.carrying import read_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.buckets import Facts
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store

REQUESTS_S: Final = 500
"""So many requests in a second, at both ends together: others want to be served, too."""
_HEADERS: Final = (
    *("content_type", "content_encoding", "content_disposition", "content_language"),
    *("cache_control", "expires", "website_redirect"),
)
_UNREADABLE: Final = (PermissionDeniedError, MalformedReplyError)


class Pace:
    """Lets so many through in a second, one after the other."""

    def __init__(self, clock: Clock, per_s: float) -> None:
        self._clock = clock
        self._gap_s = 1 / per_s
        self._free = clock.monotonic()

    async def turn(self) -> None:
        now = self._clock.monotonic()
        wait_s = self._free - now
        self._free = max(now, self._free) + self._gap_s
        if wait_s > 0:
            await self._clock.sleep(wait_s)


@dataclass(frozen=True, slots=True)
class Unlike:
    """Names of what differs, as `Attributes` has them, and of what may not be read."""

    names: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class Differing:
    """Compares what a replica by one rule ought to have of its source.

    What stores give by themselves is none of it: a content type where the source has none, a class
    that the rule does not ask for, a lock by the default of a bucket. Owners, permissions and
    encryption are those of the destination.
    """

    def __init__(
        self,
        origin: Store,
        store: Store,
        rule: Rule,
        facts: tuple[Facts, Facts],
        clock: Clock,
        *,
        requests_s: float = REQUESTS_S,
    ) -> None:
        """`facts` are those of the source and of the destination."""
        self._rule = rule
        self._clock = clock
        self._pace = Pace(clock, requests_s)
        here, there = facts
        self._origin = _End(origin, here, self._pace)
        self._store = _End(store, there, self._pace)

    async def turn(self) -> None:
        """Wait until one more request may be sent."""
        await self._pace.turn()

    async def unlike(self, one: ObjectMeta, other: ObjectMeta) -> Unlike:
        """What a replica has otherwise, given a HEAD of both. Raises NotFoundError for what is gone
        by now, and StoreError."""
        names = _headers_unlike(one, other)
        unread: list[str] = []
        if not is_all_told(one.headers) or not is_all_told(other.headers):
            unread.append("metadata")
        elif _metadata(one) != _metadata(other):
            names.append("metadata")
        if self._rule.storage_class not in ("", other.storage_class):
            names.append("storage_class")
        for name, differ in (("tags", self._tags_differ), ("lock", self._locks_differ)):
            try:
                if await differ(one, other):
                    names.append(name)
            except _UNREADABLE:
                unread.append(name)
        return Unlike(tuple(names), tuple(unread))

    async def _tags_differ(self, one: ObjectMeta, other: ObjectMeta) -> bool:
        return await self._origin.tags(one) != await self._store.tags(other)

    async def _locks_differ(self, one: ObjectMeta, other: ObjectMeta) -> bool:
        now = self._clock.now()
        here, there = await self._origin.lock(one), await self._store.lock(other)
        if bool(here.legal_hold) != bool(there.legal_hold):
            return True
        wanted, held = here.still(now), there.still(now)
        return wanted.mode is not None and not _retention(wanted).is_as(_retention(held))


class _End:
    """One of both stores, asked for what a HEAD does not tell."""

    def __init__(self, store: Store, facts: Facts, pace: Pace) -> None:
        self._store = store
        self._facts = facts
        self._pace = pace
        self._tells_locks = False

    async def tags(self, meta: ObjectMeta) -> Mapping[str, str]:
        await self._pace.turn()
        return dict(await read_tags(self._store, meta.location, meta.version))

    async def lock(self, meta: ObjectMeta) -> LockState:
        """No lock in a HEAD is none only if one may see them: that is asked once."""
        lock = meta.attributes.lock
        if lock != NO_LOCK or not self._facts.takes_locks or self._tells_locks:
            return lock
        await self._pace.turn()
        try:
            lock = await self._store.get_lock(meta.location, version=meta.version)
        except NotSupportedError:
            return NO_LOCK
        # What it tells only when it is asked for it has to be asked for again.
        self._tells_locks = lock.mode is None and not lock.legal_hold
        return lock


def _headers_unlike(one: ObjectMeta, other: ObjectMeta) -> list[str]:
    here, there = one.attributes, other.attributes
    return [
        name
        for name in _HEADERS
        if getattr(here, name) != getattr(there, name)
        and not (name == "content_type" and not here.content_type)
    ]


def _metadata(meta: ObjectMeta) -> dict[str, str]:
    """Names have no upper case."""
    told = unstamped(meta.attributes.metadata)
    return {name.lower(): value for name, value in told.items()}


def _retention(lock: LockState) -> LockState:
    return replace(lock, legal_hold=None)
