"""One write that was seen: looked at again, judged by the rules, and replicated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, S4DeskError, SourceChangedError
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.objects import NO_METADATA
from s4desk.core.domain.replication.places import replica_of
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.domain.replication.stamp import Stamp, is_replica, stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.found import find_replica
from s4desk.core.replication.found_writes import versions_in
from s4desk.core.replication.locks import see_lock, wanted_lock
from s4desk.core.replication.replica import Errand, ReplicaJob, SupersededError, replica_spec
from s4desk.core.replication.table import Seen
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.carrying import read_tags
from s4desk.core.transfer.conflicts import head_if_there

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Matcher, Rule
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.replication.buckets import BucketShelf, Facts
    from s4desk.core.replication.kept import KeptTransfers
    from s4desk.core.replication.table import Source, Task
    from s4desk.core.store.protocol import ObjectStore, Store
    from s4desk.core.transfer.job import JobContext


class NothingToDoError(S4DeskError):
    """The object is gone: there is nothing to be replicated any more."""


class NoRuleError(S4DeskError):
    """No rule is about the object, now that its tags are known."""


class OlderVersionFailedError(S4DeskError):
    """An older version of the key has not arrived: this one would be the newest one before it."""


class OtherRuleError(S4DeskError):
    """The rule that decides is not to be carried out now: it waits."""


class ShutWayError(S4DeskError):
    """Nothing is tried by the rule that decides, now that the tags of the object are known."""


class NoVersionsError(S4DeskError):
    """The destination keeps no versions: a delete marker would be the end of the object."""


class NewerWriteError(S4DeskError):
    """The object is another one by now: `seen` is what it is."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.etag)
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Around:
    """What carriages work with. `matcher_of` knows the rules of a bucket as they are now, and
    `has_failed_before` whether an older version of the key has failed. Objects that go in parts
    have a `large` context, whose journal outlives the process, and what it has `kept`. `wants_rule`
    says of a rule, by its id, whether it is to be carried out now."""

    context: JobContext
    large: JobContext
    kept: KeptTransfers
    matcher_of: Callable[[Source], Matcher]
    buckets: BucketShelf
    has_failed_before: Callable[[Task], Awaitable[bool]]
    wants_rule: Callable[[str], bool] = lambda _: True


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
        self.rule = task.write.rule
        """The one that decides, as far as that is known."""
        self.admits: Callable[[str], bool] = lambda _: True
        """Whether anything is tried by a rule now."""
        self._around = around
        self._is_current = is_current
        self._job: ReplicaJob | None = None

    async def attempt(self) -> Ending:
        """Raises NothingToDoError, NoRuleError, OtherRuleError, ShutWayError, NewerWriteError,
        SupersededError, OlderVersionFailedError, NoVersionsError, StoreError."""
        origin = await self._around.context.store_of(self.task.source.connection)
        if self.task.write.seen.is_marker:
            return await self._marked(origin)
        source = await self._source(origin)
        if is_replica(source):
            return Ending(Status.REPLICA, self.task.write.rule)
        rule = await self._rule(origin)
        if not self.admits(rule.id):
            raise ShutWayError(rule.id)
        await self._refuse_former(origin, rule)
        facts = await self._facts(rule)
        place = self._place(rule, is_versioned=facts.is_versioned)
        if self.task.write.may_be_there:
            if await self._is_found(origin, source, place, facts):
                return self._ending(source, rule, facts)
            store = await self._around.context.store_of(place.connection)
            there = await head_if_there(store, place.location) if facts.is_versioned else None
            if there is not None and await self._is_history(origin, there):
                return self._ending(source, rule, facts, _history())
        try:
            return await self._replicated(source, rule, place, facts)
        except SourceChangedError:
            self._refuse_newer(await origin.head(source.location, version=self.task.write.version))
            raise

    def refuse_old(self) -> None:
        """Raises SupersededError when a newer write was seen."""
        if not self._is_current():
            raise SupersededError

    async def is_there(self) -> bool:
        """Whether the destination still has what was written, or something newer. Raises
        StoreError."""
        origin = await self._around.context.store_of(self.task.source.connection)
        try:
            rule = await self._rule(origin)
        except (NotFoundError, NoRuleError):
            return True
        facts = await self._around.buckets.facts(rule.destination)
        place = self._place(rule, is_versioned=facts.is_versioned)
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location)
        stamp = None if there is None else stamp_of(there)
        if self.task.write.seen.is_marker:
            # Only what we wrote before the marker has no business to be on top of it.
            return stamp is None or stamp.generation > self.task.generation
        return stamp is not None and stamp.generation >= self.task.generation

    async def end(self, *, is_given_up: bool = False) -> None:
        """No attempt follows. Of what is given up no parts are left; those that cannot be taken
        away now stay in the journal, for who looks for leftovers."""
        if self._job is None:
            return
        transfer = self._job.transfer
        journal = self._context(transfer.spec.size).journal
        if is_given_up:
            with suppress(S4DeskError):
                await self._job.undo()
                await journal.remove([transfer.id])
        else:
            await journal.remove([transfer.id])

    async def _source(self, origin: Store) -> ObjectMeta:
        location = Location(self.task.source.bucket, self.task.write.key)
        try:
            source = await origin.head(location, version=self.task.write.version)
        except NotFoundError as error:
            raise NothingToDoError(str(location)) from error
        self._refuse_newer(source)
        return source

    async def _rule(self, origin: ObjectStore) -> Rule:
        """The one that decides; tags are asked for where it depends on them. A delete marker has
        none."""
        source, write = self.task.source, self.task.write
        matcher, tags = self._around.matcher_of(source), NO_METADATA
        if matcher.wants_tags(write.key) and not write.seen.is_marker:
            tags = await read_tags(origin, Location(source.bucket, write.key), write.version)
        rule = matcher.match(write.key, tags)
        if rule is None:
            raise NoRuleError(write.key)
        if not self._around.wants_rule(rule.id):
            raise OtherRuleError(rule.id)
        self.rule = rule.id
        return rule

    @property
    def depends_on_tags(self) -> bool:
        """Whether nobody knows the rule that decides before the object is looked at."""
        matcher = self._around.matcher_of(self.task.source)
        return matcher.wants_tags(self.task.write.key)

    async def _refuse_former(self, origin: Store, rule: Rule) -> None:
        """Raises NoRuleError for a version that is not the newest, if only that is kept."""
        version = self.task.write.version
        if version is not None and rule.versions is Kept.LATEST:
            location = Location(self.task.source.bucket, self.task.write.key)
            newest = await head_if_there(origin, location)
            if newest is None or newest.version != version:
                raise NoRuleError(str(location))

    async def _facts(self, rule: Rule) -> Facts:
        """Of the destination, once it can be written to. Raises OlderVersionFailedError."""
        facts = await self._around.buckets.facts(rule.destination)
        keeps_order = self.task.write.version is not None and facts.is_versioned
        if keeps_order and await self._around.has_failed_before(self.task):
            raise OlderVersionFailedError(self.task.write.key)
        return facts

    async def _marked(self, origin: Store) -> Ending:
        """The key was deleted, and its replica is hidden in the same way."""
        write = self.task.write
        rule = await self._rule(origin)
        if write.version is None:
            location = Location(self.task.source.bucket, write.key)
            if (now := await head_if_there(origin, location)) is not None:
                raise NewerWriteError(Seen(now.etag, now.size, now.modified))
        facts = await self._facts(rule)
        if not facts.is_versioned:
            raise NoVersionsError(rule.destination.bucket)
        place = self._place(rule, is_versioned=True)
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location)
        # Rules that face each other would answer marker with marker for ever.
        if there is None:
            return Ending(Status.COMPLETED, rule.id)
        if stamp_of(there) is None:
            return Ending(Status.COMPLETED, rule.id, _not_ours())
        if await self._is_history(origin, there):
            return Ending(Status.COMPLETED, rule.id, _history())
        self.refuse_old()
        await store.delete(place.location)
        return Ending(Status.COMPLETED, rule.id)

    async def _is_history(self, origin: Store, there: ObjectMeta) -> bool:
        """Whether what is at the destination is of a newer version of the key: on top of that
        nothing older is put."""
        write, stamp = self.task.write, stamp_of(there)
        if write.version is None or stamp is None or stamp.version in (None, write.version):
            return False
        prefix = Prefix(self.task.source.bucket, write.key)
        async for rows in versions_in(origin, prefix):
            for each in rows:
                if each.key == write.key and each.version in (stamp.version, write.version):
                    return each.version == stamp.version
                if each.key != write.key:
                    return False
        return False

    async def _is_found(
        self, origin: Store, source: ObjectMeta, place: Address, facts: Facts
    ) -> bool:
        """Whether its replica is there already, and locked as it should be."""
        store = await self._around.context.store_of(place.connection)
        there = await find_replica(
            origin,
            source,
            store,
            place.location,
            self.task.write.version,
            is_any=facts.is_versioned,
        )
        if there is not None and facts.takes_locks:
            wanted = wanted_lock(source, self._around.context.clock.now())
            await see_lock(store, there, wanted)
        return there is not None

    async def _replicated(
        self, source: ObjectMeta, rule: Rule, place: Address, facts: Facts
    ) -> Ending:
        transfer = await self._transferred(source, place, rule)
        stamp = Stamp(source.etag, self.task.write.version, self.task.generation)
        errand = Errand(source, stamp, self._is_current, facts.takes_locks)
        self._job = ReplicaJob(transfer, self._context(source.size), errand)
        outcome = await self._job.replicate()
        return self._ending(source, rule, facts, outcome.note)

    def _ending(self, source: ObjectMeta, rule: Rule, facts: Facts, note: str = "") -> Ending:
        is_locked = source.attributes.lock.is_locked(self._around.context.clock.now())
        lock_stayed = is_locked and not facts.takes_locks
        return Ending(Status.COMPLETED, rule.id, note, lock_stayed)

    async def _transferred(self, source: ObjectMeta, place: Address, rule: Rule) -> Transfer:
        """The transfer of all attempts, under whose id the parts of a large object are kept."""
        if self._job is not None:
            former = self._job.transfer
            return replace(former, attempts=former.attempts + 1)
        origin = Address(self.task.source.connection, source.location)
        spec = replica_spec(origin, place, rule, source.size, self.task.write.version)
        kept = self._around.kept.take(spec)
        if kept is None:
            (kept,) = await self._context(source.size).journal.add([spec])
        return replace(kept, attempts=1)

    def _context(self, size: int) -> JobContext:
        around = self._around
        return around.large if size >= around.context.sizes.multipart_from else around.context

    def _place(self, rule: Rule, *, is_versioned: bool) -> Address:
        write = self.task.write
        location = replica_of(rule, write.key, write.version, is_versioned=is_versioned)
        return Address(rule.destination.connection, location)

    def _refuse_newer(self, source: ObjectMeta) -> None:
        """Raises NewerWriteError for what is not what was seen."""
        now = Seen(source.etag, source.size, source.modified)
        if not self.task.write.seen.is_as(now):
            raise NewerWriteError(now)


def _history() -> str:
    return tr("A newer version is there already: this one was not put on top of it.")


def _not_ours() -> str:
    return tr("What is there is no replica: it was not hidden by the delete marker.")
