"""One write that was seen: looked at again, judged by the rules, and replicated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, S4DeskError, SourceChangedError, StoreError
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.objects import NO_METADATA, Attributes
from s4desk.core.domain.replication.places import replica_of
from s4desk.core.domain.replication.stamp import Stamp, is_replica, stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.domain.transfer import Carried, Direction, TransferSpec
from s4desk.core.replication.replica import Errand, ReplicaJob
from s4desk.core.replication.table import Seen
from s4desk.core.transfer.carrying import read_tags
from s4desk.core.transfer.conflicts import head_if_there

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Matcher, Rule
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.replication.destinations import Destinations
    from s4desk.core.replication.table import Source, Task
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.job import JobContext

_ALL_OF_IT = Carried(tags=True, lock=True)


class NothingToDoError(S4DeskError):
    """The object is gone, or no rule is about it: there is nothing to be replicated."""


class NewerWriteError(S4DeskError):
    """The object is another one by now: `seen` is what it is."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.etag)
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Around:
    """What carriages work with. `matcher_of` knows the rules of a bucket as they are now."""

    context: JobContext
    matcher_of: Callable[[Source], Matcher]
    destinations: Destinations


@dataclass(frozen=True, slots=True)
class Ending:
    """What an attempt has come to, by which rule. `note` is what did not come along, and
    `lock_stayed` says that the source is locked and its replica cannot be."""

    status: Status
    rule: str
    note: str = ""
    lock_stayed: bool = False


class Carriage:
    """Takes one write to its destination, in as many attempts as it is given."""

    def __init__(self, task: Task, around: Around, is_current: Callable[[], bool]) -> None:
        self.task = task
        self._around = around
        self._is_current = is_current
        self._job: ReplicaJob | None = None

    async def attempt(self) -> Ending:
        """Raises NothingToDoError, NewerWriteError, SupersededError, StoreError."""
        task, around = self.task, self._around
        location = Location(task.source.bucket, task.write.key)
        origin = await around.context.store_of(task.source.connection)
        try:
            source = await origin.head(location, version=task.write.version)
        except NotFoundError as error:
            raise NothingToDoError(str(location)) from error
        self._refuse_newer(source)
        if is_replica(source):
            return Ending(Status.REPLICA, task.write.rule)
        rule = await self._rule(origin)
        if rule is None:
            raise NothingToDoError(str(location))
        try:
            return await self._replicated(source, rule)
        except SourceChangedError:
            self._refuse_newer(await origin.head(location, version=task.write.version))
            raise

    async def is_there(self) -> bool:
        """Whether the destination still has what was written, or something newer. Raises
        StoreError."""
        origin = await self._around.context.store_of(self.task.source.connection)
        try:
            rule = await self._rule(origin)
        except NotFoundError:
            rule = None
        if rule is None:
            return True
        facts = await self._around.destinations.facts(rule.destination)
        place = self._place(rule, is_versioned=facts.is_versioned)
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location)
        stamp = None if there is None else stamp_of(there)
        return stamp is not None and stamp.generation >= self.task.generation

    async def end(self, *, is_given_up: bool = False) -> None:
        """No attempt follows. Of what is given up no parts are left; those that cannot be taken
        away now stay in the journal, for who looks for leftovers."""
        if self._job is None:
            return
        if is_given_up:
            with suppress(StoreError):
                await self._job.undo()
                await self._around.context.journal.remove([self._job.transfer.id])
        else:
            await self._around.context.journal.remove([self._job.transfer.id])

    async def _rule(self, origin: ObjectStore) -> Rule | None:
        """The one that decides; tags are asked for where it depends on them."""
        source, write = self.task.source, self.task.write
        matcher, tags = self._around.matcher_of(source), NO_METADATA
        if matcher.wants_tags(write.key):
            tags = await read_tags(origin, Location(source.bucket, write.key), write.version)
        return matcher.match(write.key, tags)

    async def _replicated(self, source: ObjectMeta, rule: Rule) -> Ending:
        facts = await self._around.destinations.facts(rule.destination)
        place = self._place(rule, is_versioned=facts.is_versioned)
        transfer = await self._transferred(source, place, rule)
        stamp = Stamp(source.etag, self.task.write.version, self.task.generation)
        errand = Errand(source, stamp, self._is_current, facts.takes_locks)
        self._job = ReplicaJob(transfer, self._around.context, errand)
        outcome = await self._job.replicate()
        is_locked = source.attributes.lock.is_locked(self._around.context.clock.now())
        lock_stayed = is_locked and not facts.takes_locks
        return Ending(Status.COMPLETED, rule.id, outcome.note, lock_stayed)

    async def _transferred(self, source: ObjectMeta, place: Address, rule: Rule) -> Transfer:
        """The transfer of all attempts, under whose id the parts of a large object are kept."""
        if self._job is not None:
            former = self._job.transfer
            return replace(former, attempts=former.attempts + 1)
        spec = TransferSpec(
            Direction.COPY,
            Address(self.task.source.connection, source.location),
            place,
            source.size,
            attributes=Attributes(storage_class=rule.storage_class),
            carries=_ALL_OF_IT,
            version=self.task.write.version,
        )
        (added,) = await self._around.context.journal.add([spec])
        return replace(added, attempts=1)

    def _place(self, rule: Rule, *, is_versioned: bool) -> Address:
        write = self.task.write
        location = replica_of(rule, write.key, write.version, is_versioned=is_versioned)
        return Address(rule.destination.connection, location)

    def _refuse_newer(self, source: ObjectMeta) -> None:
        """Raises NewerWriteError for what is not what was seen."""
        seen = self.task.write.seen
        now = Seen(source.etag, source.size, source.modified)
        is_moved = None not in (seen.modified, now.modified) and _second(seen) != _second(now)
        if (seen.etag, seen.size) != (now.etag, now.size) or is_moved:
            raise NewerWriteError(now)


def _second(seen: Seen) -> int:
    """Listings tell milliseconds, and HEAD does not."""
    return 0 if seen.modified is None else int(seen.modified.timestamp())
