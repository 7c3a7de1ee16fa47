"""The replicator and the watcher of all buckets that have rules, from opening to closing.

Loaded when there are rules, and not before: the byte path comes with it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.places import replica_of
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.replication import judging
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.bygone import is_bygone
from s4desk.core.replication.carriage import Around
from s4desk.core.replication.comparing import Comparison, Kind
from s4desk.core.replication.facing import Facing
from s4desk.core.replication.kept import KeptTransfers
from s4desk.core.replication.meter import Meter
from s4desk.core.replication.replica import undo_parts
from s4desk.core.replication.replicator import AT_ONCE, Replicator
from s4desk.core.replication.table import Write
from s4desk.core.replication.watcher import Looked, Watcher
from s4desk.core.runtime.tasks import TaskScope, first_of
from s4desk.core.transfer.conflicts import head_if_there

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.comparing import Difference
    from s4desk.core.replication.rule_book import RuleBook, Ruled
    from s4desk.core.replication.table import Record, Source, Table, Task
    from s4desk.core.transfer.job import JobContext

log = logging.getLogger(__name__)

BESIDE: Final = 2
"""So many replicas are under way beside what a person transfers."""
QUIET_S: Final = 1.0
AGAIN_S: Final = 30.0
"""After a look that failed."""
LOST: Final = (Kind.MISSING, Kind.DIFFERENT)
REST: Final = 10
"""After a look at a folder nobody looks for so many times as long as it took."""


@dataclass(slots=True)
class Look:
    """How looking at one bucket goes. `at` is when the last whole look ended, in UTC, and `error` a
    sentence of why there was none since."""

    looked: Looked = field(default_factory=Looked)
    is_running: bool = False
    at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Contexts:
    """Of objects that go in one request, and of those that go in parts, whose journal is kept."""

    small: JobContext
    large: JobContext


class Engine:
    """Replicates by the rules of a book, as they are now."""

    def __init__(
        self,
        table: Table,
        book: RuleBook,
        contexts: Contexts,
        *,
        told: Callable[[Sequence[Record]], None] = lambda _: None,
        is_busy: Callable[[], bool] = lambda: False,
        only: str = "",
        store_name: Callable[[ConnectionId], str] = str,
        store_of: Callable[[ConnectionId], str] = str,
    ) -> None:
        """`told` hears what was recorded, `is_busy` says whether a person waits for transfers.
        `only` one rule is carried out, if it is said. `store_name` tells where a connection leads:
        what was replicated to another store is not there. `store_of` names that store alone."""
        self.meter = Meter(contexts.small.clock)
        self.looks: dict[Source, Look] = {}
        self._table = table
        self._book = book
        self._clock = contexts.small.clock
        self._describe = contexts.small.describe
        self._kept = KeptTransfers(contexts.large.journal)
        self._undo = partial(undo_parts, context=contexts.large)
        self._told = told
        self._store_of = contexts.small.store_of
        self._buckets = BucketShelf(self._store_of, self._clock)
        around = Around(
            contexts.small,
            contexts.large,
            self._kept,
            book.matcher,
            self._buckets,
            table,
            Facing(book.all, store_of),
            lambda rule: only in ("", rule),
        )
        self._only = only
        self._store_name = store_name
        self._adopted: dict[Source, dict[str, str]] = {}
        self.replicator = Replicator(
            table,
            around,
            self._recorded,
            at_once=lambda: BESIDE if is_busy() else AT_ONCE,
            wants=self._may_be_wanted,
        )
        self._watcher = Watcher(table, around, self.replicator.observe)
        self._tasks = TaskScope("replication engine")
        self._watching: dict[Source, TaskScope] = {}
        self._wanted: dict[Source, asyncio.Event] = {}
        self._thorough: set[Source] = set()
        self._noticed: dict[tuple[Source, Prefix], None] = {}
        self._is_noticed = asyncio.Event()

    async def open(self, *, watches: bool = True) -> None:
        """Take up what the former life left, and unless somebody looks himself, begin to look.
        Raises DatabaseError."""
        await self._kept.open()
        await self._table.is_changed()  # since when that is meant
        for each in self._book.all():
            await self._adopt(each)
            await self._table.retry(each.source)
        self.replicator.open()
        self._tasks.start(self._drop_parts())
        if watches:
            self._tasks.start(self.replicator.minded(self._keep_noticing()))
            for each in self._book.all():
                self._watch(each)

    async def aclose(self) -> None:
        """Touch nothing any more; what is under way waits for the next life."""
        await self._tasks.aclose()
        for each in self._watching.values():
            await each.aclose()
        await self.replicator.aclose()

    def look_now(self, source: Source, *, thorough: bool = False) -> None:
        """Look at a bucket without waiting for its time; if `thorough`, at its destinations too."""
        if thorough:
            self._thorough.add(source)
        if (wanted := self._wanted.get(source)) is not None:
            wanted.set()

    def noticed(self, connection: ConnectionId, prefix: Prefix) -> None:
        """Something directly below this prefix was written by us."""
        for each in self._book.all():
            source = each.source
            if each.is_on and (source.connection, source.bucket) == (connection, prefix.bucket):
                self._noticed[source, prefix] = None
                self._is_noticed.set()

    async def look(self, source: Source, *, thorough: bool = False) -> Look:
        """Look at all of a bucket, and if `thorough` at what has become of its replicas; how that
        went."""
        look = self.looks.setdefault(source, Look())
        look.is_running = True
        look.looked = Looked()

        def told(looked: Looked) -> None:
            look.looked = looked

        try:
            look.looked = await self._watcher.look(source, told)
            if thorough:
                look.looked.found += await self._mend(source)
            look.at, look.error = self._clock.now(), ""
        except S4DeskError as error:
            log.info("%s cannot be looked at: %s", source.bucket, error)
            look.error = self._describe(error)
        finally:
            look.is_running = False
        return look

    async def _mend(self, source: Source) -> int:
        """What is missing at a destination, or has other bytes there, is sent again; how many."""
        matcher, count = self._book.matcher(source), 0
        origin = await self._store_of(source.connection)
        for rule in matcher.rules:
            facts = await self._buckets.facts(rule.destination)
            if rule.versions is Kept.ALL and not facts.is_versioned:
                # Each version has a key of its own there.
                continue
            store = await self._store_of(rule.destination.connection)
            comparison = Comparison(origin, source.bucket, store, rule, matcher)
            async for some in comparison.differences():
                lost = [
                    each
                    for each in some
                    if each.kind in LOST and not await self._is_bygone(source, rule, each)
                ]
                known = await self._table.of_keys(source, [each.key for each in lost])
                newest = {each.task.write.key: each.task.write.version for each in known}
                writes = [
                    Write(each.key, each.seen, rule.id, newest.get(each.key))
                    for each in lost
                    if each.seen is not None
                ]
                await self.replicator.observe(source, writes)
                count += len(writes)
        return count

    async def _is_bygone(self, source: Source, rule: Rule, difference: Difference) -> bool:
        """Whether the replica was made of something newer, which was deleted since."""
        if difference.kind is not Kind.DIFFERENT:
            return False
        origin = await self._store_of(source.connection)
        store = await self._store_of(rule.destination.connection)
        here = await head_if_there(origin, Location(source.bucket, difference.key))
        there = await head_if_there(store, replica_of(rule, difference.key))
        if here is None or there is None:
            return False
        now = self._clock.now()
        both = judging.Looked(here, now), judging.Looked(there, now)
        return await is_bygone(origin, self._buckets, source, *both)

    async def heed(self, changed: Sequence[Source]) -> bool:
        """The book has other rules for these buckets; and another process may want something tried
        again: whether it does. Raises DatabaseError."""
        for ruled in self._book.all():
            if await self._adopt(ruled):
                # A connection may lead elsewhere by now.
                self.look_now(ruled.source)
        for source in changed:
            ruled = self._book.ruled(source)
            await self._adopt(ruled)
            if (former := self._watching.pop(source, None)) is not None:
                await former.aclose()
            self._watch(ruled)
        is_changed = await self._table.is_changed()
        if is_changed:
            self.replicator.look_from_the_start()
        return is_changed

    async def _adopt(self, ruled: Ruled) -> bool:
        """Whether that was news."""
        ways = ruled.ways_at(self._store_name)
        if self._adopted.get(ruled.source) == ways:
            return False
        await self._table.adopt(ruled.source, ways)
        self._adopted[ruled.source] = ways
        return True

    def _may_be_wanted(self, task: Task) -> bool:
        """Whether the rule that is to be carried out may decide about it."""
        if not self._only:
            return True
        candidates = self._book.matcher(task.source).candidates(task.write.key)
        return any(each.id == self._only for each in candidates)

    # What goes on

    def _recorded(self, records: Sequence[Record]) -> None:
        self.meter.told(records)
        self._told(records)

    def _watch(self, ruled: Ruled) -> None:
        if ruled.is_on:
            scope = self._watching[ruled.source] = TaskScope("replication watch")
            scope.start(self.replicator.minded(self._keep_looking(ruled)))

    async def _keep_looking(self, ruled: Ruled) -> None:
        wanted = self._wanted[ruled.source] = asyncio.Event()
        while True:
            wanted.clear()
            is_thorough = ruled.source in self._thorough
            self._thorough.discard(ruled.source)
            look = await self.look(ruled.source, thorough=is_thorough)
            pause = ruled.every.total_seconds()
            await first_of(
                wanted.wait(), self._clock.sleep(min(pause, AGAIN_S) if look.error else pause)
            )

    async def _keep_noticing(self) -> None:
        while True:
            await self._is_noticed.wait()
            await self._clock.sleep(QUIET_S)
            self._is_noticed.clear()
            noticed, self._noticed = self._noticed, {}
            began = self._clock.monotonic()
            for source, prefix in noticed:
                try:
                    await self._watcher.look_below(source, prefix)
                except S4DeskError as error:
                    log.info("%s cannot be looked at: %s", prefix, error)
            await self._clock.sleep(REST * (self._clock.monotonic() - began))

    async def _drop_parts(self) -> None:
        """What nobody has taken up when all that waited is carried, nobody wants."""
        await self.replicator.idle()
        if self.replicator.trouble is None:
            await self._kept.drop(self._undo)
