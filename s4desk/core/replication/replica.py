"""One replica: the bytes that were seen, with all that belongs to them, and stamped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    ConflictError,
    IntegrityError,
    NotFoundError,
    NotSupportedError,
    PreconditionFailedError,
    S4DeskError,
)
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.replication.stamp import stamp_of, stamped
from s4desk.core.domain.transfer import Carried, ConflictPolicy, Direction, TransferSpec
from s4desk.core.replication.locks import see_lock, wanted_lock
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.protocol import Condition
from s4desk.core.transfer.carrying import Belongings
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.copy import CopyJob
from s4desk.core.transfer.ends import identity_of
from s4desk.core.transfer.job import remote
from s4desk.core.transfer.target import Target

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from s4desk.core.domain.identity import Address, Location, VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.domain.replication.stamp import Stamp
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import ObjectStore, PutReply, Store
    from s4desk.core.transfer.copy_way import Way
    from s4desk.core.transfer.job import JobContext, Outcome


_ALL_OF_IT: Final = Carried(tags=True, lock=True)


class SupersededError(S4DeskError):
    """A newer write of the key was seen: this one is not written any more."""


class DestinationChangedError(S4DeskError):
    """Somebody else has written where the replica goes, at the same time."""

    def __init__(self) -> None:
        super().__init__(tr("Somebody else has written at the destination at the same time."))


@dataclass(frozen=True, slots=True)
class Over:
    """What a replica may replace: what was `there`, or nothing; `is_any` for whatever is there."""

    there: ObjectMeta | None = None
    is_any: bool = False


ANYTHING: Final = Over(is_any=True)


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be replicated: the object as it was when it was seen, and what is stamped on it.

    `is_current` says whether no newer write was seen. Unless the destination `takes_locks`, its
    lock stays behind. What it may replace is said by `over`.
    """

    source: ObjectMeta
    stamp: Stamp
    is_current: Callable[[], bool]
    takes_locks: bool = False
    over: Over = ANYTHING


class ReplicaJob(CopyJob):
    """Writes one replica, over what may be replaced."""

    def __init__(self, transfer: Transfer, context: JobContext, errand: Errand) -> None:
        door = _Door(remote(transfer.spec.target).location, errand)
        super().__init__(transfer, context, door)
        self._errand = errand
        self.there: ObjectMeta | None = None
        """The replica, once it is made."""

    async def replicate(self) -> Outcome:
        """Raises SupersededError, SourceChangedError, DestinationChangedError, StoreError."""
        try:
            outcome = await self._carry()
        except SupersededError:
            await self._undo()
            raise
        if self._errand.takes_locks and self.there is not None:
            store = await self._context.store_of(self._to.connection)
            wanted = wanted_lock(self._errand.source, self._context.clock.now())
            await see_lock(store, self.there, wanted)
        return outcome

    async def _copied(self, way: Way) -> tuple[ObjectMeta | None, str]:
        try:
            there, verified = await super()._copied(way)
        except IntegrityError as error:
            now = await head_if_there(way.store, self._to.location)
            if now is not None and now.etag != self._written and not self._is_stamped(now):
                raise DestinationChangedError from error
            raise
        if there is not None and there.etag != self._written and not self._is_stamped(there):
            raise DestinationChangedError
        return there, verified

    def _is_stamped(self, there: ObjectMeta) -> bool:
        """Whether it is what we wrote. Not every store tells the same ETag when it is written."""
        stamp = stamp_of(there)
        return stamp is not None and stamp.generation == self._errand.stamp.generation

    async def _source(self, origin: Store) -> ObjectMeta:
        return self._errand.source

    def _belongings(self, origin: Store, source: ObjectMeta) -> Belongings:
        now = self._context.clock.now()
        return _Belongings(self._spec, origin, self._errand, self._to.location, now)

    def _land(self, way: Way, there: ObjectMeta, verified: str) -> None:
        super()._land(way, there, verified)
        self.there = there


async def undo_parts(transfer: Transfer, context: JobContext) -> None:
    """Take away what a replica that nobody wants any more has at its store. Raises StoreError."""
    await CopyJob(transfer, context).undo()


def replica_attributes(
    told: Attributes, source: ObjectMeta, stamp: Stamp, place: Location
) -> Attributes:
    """Those of a replica, given what goes along with any copy."""
    return replace(told, metadata=stamped(source.attributes.metadata, stamp, place), lock=NO_LOCK)


def replica_spec(
    source: Address, place: Address, rule: Rule, size: int, version: VersionId | None
) -> TransferSpec:
    """A copy of `size` bytes with all that belongs to it."""
    return TransferSpec(
        Direction.COPY,
        source,
        place,
        size,
        attributes=Attributes(storage_class=rule.storage_class),
        carries=_ALL_OF_IT,
        version=version,
    )


class _Door(Target):
    """Lets a write through as long as no newer one of its key was seen, and nothing stands there
    that must not be replaced."""

    def __init__(self, location: Location, errand: Errand) -> None:
        super().__init__(location, ConflictPolicy.OVERWRITE)
        self._errand = errand

    async def _written(
        self,
        store: ObjectStore,
        write: Callable[[Condition | None], Awaitable[PutReply]],
        *,
        is_late: bool,
    ) -> PutReply | None:
        if not self._errand.is_current():
            raise SupersededError
        over = self._errand.over
        if over.is_any:
            return await write(None)
        etag = "" if over.there is None else over.there.etag
        condition = Condition(if_absent=over.there is None, if_match=etag)
        try:
            try:
                return await write(condition)
            except NotSupportedError:
                # Where the store cannot be trusted with it, this look is the last moment there is.
                await self._see(store)
            return await self._tried(store, write, replace(condition, is_safeguard=True))
        except (PreconditionFailedError, ConflictError, NotFoundError):
            # A copy has a condition on its source too, and others may fail of something else.
            await self._see(store)
            raise

    async def _tried(
        self,
        store: ObjectStore,
        write: Callable[[Condition | None], Awaitable[PutReply]],
        condition: Condition,
    ) -> PutReply:
        """A condition that holds may be refused: where the ETag is compared as it is written, and
        by Ceph 16 where the bucket keeps versions. What is there is looked at each time."""
        tries = [condition, replace(condition, is_bare=True)] if condition.if_match else []
        for each in tries:
            try:
                return await write(each)
            except PreconditionFailedError:
                await self._see(store)
        return await write(replace(condition, if_match=""))

    async def _see(self, store: ObjectStore) -> None:
        """Raises DestinationChangedError when something else is there by now."""
        former, now = self._errand.over.there, await head_if_there(store, self.location)
        known = None if former is None else identity_of(former)
        if known != (None if now is None else identity_of(now)):
            raise DestinationChangedError


class _Belongings(Belongings):
    """All of it, and the stamp. Of the lock `ReplicaJob` sees to it that it is there."""

    def __init__(
        self,
        spec: TransferSpec,
        origin: ObjectStore,
        errand: Errand,
        place: Location,
        now: datetime,
    ) -> None:
        super().__init__(spec, origin, errand.source, now)
        self._errand = errand
        self._place = place

    @property
    def is_kept_by_itself(self) -> bool:
        return False

    async def attributes(self) -> Attributes:
        told = replica_attributes(
            await super().attributes(), self._source, self._errand.stamp, self._place
        )
        takes_locks = self._errand.takes_locks
        lock = wanted_lock(self._source, self._now) if takes_locks else NO_LOCK
        return replace(told, lock=lock)

    def _lost(self, wanted: Attributes, there: ObjectMeta) -> list[str]:
        return super()._lost(replace(wanted, lock=NO_LOCK), there)
