"""One write that was seen: looked at again, judged by the rules, and replicated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, S4DeskError, SourceChangedError
from s4desk.core.domain.identity import NULL_VERSION, Address, Location, Prefix
from s4desk.core.domain.objects import NO_METADATA
from s4desk.core.domain.replication.places import replica_of
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.domain.replication.stamp import stamp_for, stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication import notes
from s4desk.core.replication.bygone import is_bygone
from s4desk.core.replication.endings import (
    Ending,
    NewerWriteError,
    NoRuleError,
    NothingToDoError,
    NoVersionsError,
    OlderVersionFailedError,
    OtherRuleError,
    ShutWayError,
)
from s4desk.core.replication.found import find_replica
from s4desk.core.replication.found_writes import versions_in
from s4desk.core.replication.judging import Judge, Looked, Verdict
from s4desk.core.replication.locks import see_lock, try_lock, wanted_lock
from s4desk.core.replication.replica import (
    ANYTHING,
    Errand,
    Over,
    ReplicaJob,
    SupersededError,
    replica_spec,
)
from s4desk.core.replication.table import Made, Seen
from s4desk.core.transfer.carrying import read_tags
from s4desk.core.transfer.conflicts import head_if_there

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Matcher, Rule
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.replication.buckets import BucketShelf, Facts
    from s4desk.core.replication.facing import Facing
    from s4desk.core.replication.kept import KeptTransfers
    from s4desk.core.replication.table import Source, Table, Task
    from s4desk.core.store.protocol import ObjectStore, Store
    from s4desk.core.transfer.job import JobContext


@dataclass(frozen=True, slots=True)
class Around:
    """What carriages work with. `matcher_of` knows the rules of a bucket as they are now, `facing`
    those of all buckets, and the `table` what is known. Objects that go in parts have a `large`
    context, whose journal outlives the process, and what it has `kept`. `wants_rule` says of a
    rule, by its id, whether it is to be carried out now."""

    context: JobContext
    large: JobContext
    kept: KeptTransfers
    matcher_of: Callable[[Source], Matcher]
    buckets: BucketShelf
    table: Table
    facing: Facing
    wants_rule: Callable[[str], bool] = lambda _: True


class Carriage:
    """Takes one write to its destination, in as many attempts as it is given."""

    def __init__(self, task: Task, around: Around, is_current: Callable[[], bool]) -> None:
        self.task = task
        self.rule = task.write.rule
        """The one that decides, as far as that is known."""
        self.admits: Callable[[str], bool] = lambda _: True
        """Whether anything is tried by a rule now."""
        self.replaced: Address | None = None
        """Where it has replaced what somebody else had written."""
        self._around = around
        self._is_current = is_current
        self._judge = Judge(around.table, around.facing, around.buckets)
        self._job: ReplicaJob | None = None

    async def attempt(self) -> Ending:
        """Raises NothingToDoError, NoRuleError, OtherRuleError, ShutWayError, NewerWriteError,
        SupersededError, OlderVersionFailedError, NoVersionsError, StoreError."""
        origin = await self._around.context.store_of(self.task.source.connection)
        if self.task.write.seen.is_marker:
            return await self._marked(origin)
        source = await self._source(origin)
        looked = Looked(source, self._around.context.clock.now())
        here = Address(self.task.source.connection, source.location)
        if await self._judge.is_replica(source, here):
            return Ending(Status.REPLICA, self.task.write.rule)
        rule = await self._wanted_rule(origin)
        if not self.admits(rule.id):
            raise ShutWayError(rule.id)
        await self._refuse_former(origin, rule)
        facts = await self._facts(rule)
        place = self._place(rule, is_versioned=bool(facts.is_versioned))
        ending = await self._there_already(origin, source, rule, place, facts)
        if ending is not None:
            return ending
        if (note := await self._bygone(origin, looked, place)) is not None:
            return Ending(Status.COMPLETED, rule.id, note, is_found=True)
        over = await self._met(origin, looked, rule, place, facts)
        if isinstance(over, Ending):
            return over
        try:
            return await self._replicated(source, rule, place, facts, over)
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
        place = self._place(rule, is_versioned=bool(facts.is_versioned))
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
        if self.task.write.version is not None:
            # No reply names the null version, and it need not be the newest one.
            return replace(source, version=self.task.write.version)
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
        self.rule = rule.id
        return rule

    async def _wanted_rule(self, origin: ObjectStore) -> Rule:
        """Raises OtherRuleError, NoRuleError."""
        rule = await self._rule(origin)
        if not self._around.wants_rule(rule.id):
            raise OtherRuleError(rule.id)
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
            if newest is None or (newest.version or NULL_VERSION) != version:
                raise NoRuleError(str(location))

    async def _facts(self, rule: Rule) -> Facts:
        """Of the destination, once it can be written to. Raises OlderVersionFailedError."""
        facts = await self._around.buckets.facts(rule.destination)
        keeps_order = self.task.write.version is not None and facts.is_versioned
        if keeps_order and await self._around.table.has_failed_before(self.task):
            raise OlderVersionFailedError(notes.older_failed())
        return facts

    async def _marked(self, origin: Store) -> Ending:
        """The key was deleted, and its replica is hidden in the same way."""
        write = self.task.write
        rule = await self._wanted_rule(origin)
        if write.version is None:
            location = Location(self.task.source.bucket, write.key)
            if (now := await head_if_there(origin, location)) is not None:
                raise NewerWriteError(Seen(now.etag, now.size, now.modified))
        facts = await self._facts(rule)
        if facts.is_versioned is False:
            raise NoVersionsError(notes.no_versions())
        place = self._place(rule, is_versioned=True)
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location)
        # Rules that face each other would answer marker with marker for ever.
        if there is None:
            return Ending(Status.COMPLETED, rule.id, is_found=True)
        if not await self._judge.is_replica(there, place):
            return Ending(Status.COMPLETED, rule.id, notes.not_ours(), is_found=True)
        if await self._is_history(origin, there):
            return Ending(Status.COMPLETED, rule.id, notes.history(), is_found=True)
        await self._refuse_unversioned(rule)
        self.refuse_old()
        await store.delete(place.location)
        return Ending(Status.COMPLETED, rule.id)

    async def _refuse_unversioned(self, rule: Rule) -> None:
        """Raises NoVersionsError where a deletion would be the end of the object, or might be: that
        is asked right before it. Where versioning was suspended the null version goes, and no reply
        tells that there is one."""
        facts = await self._around.buckets.facts(rule.destination, is_fresh=True)
        if facts.is_versioned is None:
            raise NoVersionsError(notes.hidden_versions())
        if not facts.is_versioned:
            raise NoVersionsError(notes.no_versions())

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

    async def _there_already(
        self, origin: Store, source: ObjectMeta, rule: Rule, place: Address, facts: Facts
    ) -> Ending | None:
        """How it ends if it is there, or something newer of its own is; None to write it."""
        if not self.task.write.may_be_there:
            return None
        found = await self._found(origin, source, place, facts)
        if found is not None:
            return await self._ending(source, rule, facts, found, is_found=True)
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location) if facts.is_versioned else None
        if there is not None and await self._is_history(origin, there):
            return Ending(Status.COMPLETED, rule.id, notes.history(), is_found=True)
        return None

    async def _found(
        self, origin: Store, source: ObjectMeta, place: Address, facts: Facts
    ) -> ObjectMeta | None:
        """Its replica, if that is there already."""
        store = await self._around.context.store_of(place.connection)
        return await find_replica(
            origin,
            source,
            store,
            place.location,
            self.task.write.version,
            is_any=bool(facts.is_versioned),
        )

    async def _bygone(self, origin: Store, looked: Looked, place: Address) -> str | None:
        """Why it stays as it is there, if the replica is of a later write than this one, which only
        came to light again."""
        write, source = self.task.write, looked.meta
        if source.version is None and not write.may_be_there:
            return None
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location)
        if there is None:
            return None
        its = Looked(there, self._around.context.clock.now())
        if await is_bygone(origin, self._around.buckets, self.task.source, looked, its):
            return notes.bygone()
        return None

    async def _met(
        self, origin: Store, looked: Looked, rule: Rule, place: Address, facts: Facts
    ) -> Ending | Over:
        """What may be replaced, or how it ends: where others write too, the newer write wins."""
        if not self._around.facing.leads_back(self.task.source, rule, self.task.write.key):
            return ANYTHING
        store = await self._around.context.store_of(place.connection)
        there = await head_if_there(store, place.location)
        if there is None or await self._judge.is_replica(there, place):
            return Over(there)
        source = looked.meta
        if (there.etag, there.size) == (source.etag, source.size):
            found = await self._found(origin, source, place, facts)
            if found is not None:
                return await self._ending(source, rule, facts, found, is_found=True)
        its = Looked(there, self._around.context.clock.now())
        here = Address(self.task.source.connection, source.location)
        verdict = await self._judge.verdict(looked, its, place, here, origin)
        if verdict is Verdict.OLDER:
            self.replaced = place
            return Over(there)
        if verdict is Verdict.BYGONE:
            return Ending(Status.COMPLETED, rule.id, notes.bygone(), is_found=True)
        # A version that has failed would hold up all that come after it.
        is_kept = self.task.write.version is not None
        note = notes.newer() if verdict is Verdict.NEWER else notes.tied()
        status = Status.COMPLETED if is_kept else Status.FAILED
        return Ending(status, rule.id, note, is_found=is_kept)

    async def _replicated(
        self, source: ObjectMeta, rule: Rule, place: Address, facts: Facts, over: Over
    ) -> Ending:
        transfer = await self._transferred(source, place, rule)
        stamp = stamp_for(source, self.task.write.version, self.task.generation)
        errand = Errand(source, stamp, self._is_current, bool(facts.takes_locks), over)
        self._job = ReplicaJob(transfer, self._context(source.size), errand)
        outcome = await self._job.replicate()
        return await self._ending(source, rule, facts, self._job.there, outcome.note)

    async def _ending(
        self,
        source: ObjectMeta,
        rule: Rule,
        facts: Facts,
        there: ObjectMeta | None,
        note: str = "",
        *,
        is_found: bool = False,
    ) -> Ending:
        """It is there, and locked as it should be as far as that can be."""
        now = self._around.context.clock.now()
        is_locked, wanted = source.attributes.lock.is_locked(now), wanted_lock(source, now)
        told, lock_stayed = [note] if note else [], is_locked and facts.takes_locks is False
        store = await self._around.context.store_of(rule.destination.connection)
        if facts.takes_locks and is_found and there is not None:
            await see_lock(store, there, wanted)
        elif facts.takes_locks is None and is_locked and there is not None:
            lock_stayed = not await try_lock(store, there, wanted)
            told += [notes.unlocked()] if lock_stayed else []
        if facts.is_versioned is None and self.task.write.version is not None:
            told.append(notes.keyed())
        stamp = None if there is None else stamp_of(there)
        made = None
        if there is not None and stamp is not None and there.etag:
            made = Made(there.etag, stamp.generation)
        return Ending(Status.COMPLETED, rule.id, " ".join(told), lock_stayed, made, is_found)

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
