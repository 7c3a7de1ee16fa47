"""Two stores, a table, rules and an engine, all in one thread."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.replication.rules import Destination, Matcher, Rule
from s4desk.core.persist.replication_schema import MIGRATIONS
from s4desk.core.persist.replication_table import ReplicationTable
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.carriage import Around
from s4desk.core.replication.facing import Facing
from s4desk.core.replication.kept import KeptTransfers
from s4desk.core.replication.replicator import Replicator
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.table import Seen, Source, Write
from s4desk.core.replication.watcher import Looked, Watcher
from s4desk.core.store.limits import Slots
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.job import JobContext
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.progress import ProgressBoard
from tests.transfer.fake_clock import FakeClock
from tests.transfer.settle import settle
from tests.transfer.world import SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.replication.table import Known, Record, Task
    from s4desk.core.store.protocol import Store

HOME, AWAY = ConnectionId("home"), ConnectionId("away")
MAIN = Source(HOME, "main")
COPIES = "copies"
TO_COPIES = Rule("r", Destination(AWAY, COPIES))


class MemoryDatabase:
    """Runs transactions at once. It outlives the engines that work with it, as a file does."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for migrate in MIGRATIONS:
            migrate(self.connection)

    async def run(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return work(self.connection)


class Site:
    """`home` holds the source, `away` the destination; either may be wrapped."""

    def __init__(self, *rules: Rule) -> None:
        self.clock = FakeClock()
        self.home = MemoryStore([MAIN.bucket], clock=self.clock)
        self.away = MemoryStore([COPIES], clock=self.clock)
        self.stores: dict[ConnectionId, Store] = {HOME: self.home, AWAY: self.away}
        self.rules = list(rules or (TO_COPIES,))
        self.database = MemoryDatabase()
        self.table = ReplicationTable(self.database, self.clock)  # type: ignore[arg-type]
        self.journal = MemoryJournal(self.clock)
        self.told: list[Record] = []
        self.engine = self.new_engine()

    def new_engine(self) -> Replicator:
        """One that has not begun, on the same table."""
        context = JobContext(
            self._store_of,
            self.journal,
            ProgressBoard(self.clock),
            Slots(4),
            self.clock,
            lambda error: f"{type(error).__name__}: {error}",
            lambda _transfer, _done: None,
            SIZES,
        )
        buckets = BucketShelf(self._store_of, self.clock)
        self.around = Around(
            context=context,
            large=context,
            kept=KeptTransfers(self.journal),
            matcher_of=self.matcher,
            buckets=buckets,
            table=self.table,
            facing=Facing(self.ruled, str),
        )
        return Replicator(self.table, self.around, self.told.extend)

    def ruled(self) -> list[Ruled]:
        """The rules of all buckets."""
        return [Ruled(MAIN, tuple(self.rules))]

    def matcher(self, source: Source) -> Matcher:
        del source
        return Matcher(self.rules)

    def version(self, *stores: MemoryStore) -> None:
        """Let all their buckets keep versions."""
        for store in stores:
            for bucket in store.buckets.values():
                bucket.tell(from_json(ConfigKind.VERSIONING, {"Status": "Enabled"}))

    async def look(self) -> Looked:
        """A look at the source, and all of it carried."""
        looked = await Watcher(self.table, self.around, self.engine.observe).look(MAIN)
        await self.until_idle()
        return looked

    async def until_idle(self) -> None:
        """Time passes, as long as somebody waits for it."""
        idle = asyncio.ensure_future(self.engine.idle())
        while not idle.done():
            await settle()
            self.clock.advance(1)
            await asyncio.sleep(0.0005)

    async def _store_of(self, connection: ConnectionId) -> Store:
        return self.stores[connection]

    async def write(self, key: str, data: bytes, **more: Any) -> Seen:
        """Somebody writes to the source; how a listing shows it."""
        location = Location(MAIN.bucket, key)
        await self.home.put(location, data, **more)
        meta = await self.home.head(location)
        return Seen(meta.etag, meta.size, meta.modified)

    async def observed(self, key: str, data: bytes, **more: Any) -> Task:
        """Somebody writes, and it is seen."""
        write = Write(key, await self.write(key, data, **more), "r")
        (task,) = await self.engine.observe(MAIN, [write])
        return task

    def replica(self, key: str) -> bytes | None:
        newest = self.away.buckets[COPIES].newest(key)
        return None if newest is None else newest.data

    async def known(self, key: str, version: VersionId | None = None) -> Known | None:
        found = await self.table.between(MAIN, key, key, 100)
        return next((each for each in found if each.task.write.version == version), None)

    async def lock_destination(self) -> None:
        """Make the destination a bucket with Object Lock."""
        del self.away.buckets[COPIES]
        await self.away.create_bucket(COPIES, with_lock=True)
