"""One replica: the bytes that were seen, with all that belongs to them, and stamped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.replication.stamp import stamped
from s4desk.core.domain.transfer import Carried, ConflictPolicy, Direction, TransferSpec
from s4desk.core.replication.locks import see_lock, wanted_lock
from s4desk.core.transfer.carrying import Belongings
from s4desk.core.transfer.copy import CopyJob
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
    from s4desk.core.store.protocol import Condition, ObjectStore, PutReply, Store
    from s4desk.core.transfer.copy_way import Way
    from s4desk.core.transfer.job import JobContext, Outcome


_ALL_OF_IT: Final = Carried(tags=True, lock=True)


class SupersededError(S4DeskError):
    """A newer write of the key was seen: this one is not written any more."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be replicated: the object as it was when it was seen, and what is stamped on it.

    `is_current` says whether no newer write was seen. Unless the destination `takes_locks`, its
    lock stays behind.
    """

    source: ObjectMeta
    stamp: Stamp
    is_current: Callable[[], bool]
    takes_locks: bool = False


class ReplicaJob(CopyJob):
    """Writes one replica, over whatever was there."""

    def __init__(self, transfer: Transfer, context: JobContext, errand: Errand) -> None:
        door = _Door(remote(transfer.spec.target).location, errand.is_current)
        super().__init__(transfer, context, door)
        self._errand = errand
        self._there: ObjectMeta | None = None

    async def replicate(self) -> Outcome:
        """Raises SupersededError, SourceChangedError, StoreError."""
        try:
            outcome = await self._carry()
        except SupersededError:
            await self._undo()
            raise
        if self._errand.takes_locks and self._there is not None:
            store = await self._context.store_of(self._to.connection)
            wanted = wanted_lock(self._errand.source, self._context.clock.now())
            await see_lock(store, self._there, wanted)
        return outcome

    async def _source(self, origin: Store) -> ObjectMeta:
        return self._errand.source

    def _belongings(self, origin: Store, source: ObjectMeta) -> Belongings:
        now = self._context.clock.now()
        return _Belongings(self._spec, origin, self._errand, self._to.location, now)

    def _land(self, way: Way, there: ObjectMeta, verified: str) -> None:
        super()._land(way, there, verified)
        self._there = there


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
    """Lets a write through as long as no newer one of its key was seen."""

    def __init__(self, location: Location, is_current: Callable[[], bool]) -> None:
        super().__init__(location, ConflictPolicy.OVERWRITE)
        self._is_current = is_current

    async def written(
        self,
        store: ObjectStore,
        write: Callable[[Condition | None], Awaitable[PutReply]],
        *,
        is_late: bool = False,
    ) -> PutReply | None:
        if not self._is_current():
            raise SupersededError
        return await super().written(store, write, is_late=is_late)


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
