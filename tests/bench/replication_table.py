"""What a million statuses cost, and a look at a bucket in which nothing has changed.

    python -m tests.bench.replication_table [KEYS]

The source is the null server's listing; nothing is carried. Lateness is that of the loop, which a
window would share.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import ConnectionId, Generation
from s4desk.core.domain.replication.rules import Destination, Matcher, Rule
from s4desk.core.persist.replication_home import STATUSES
from s4desk.core.persist.replication_table import ReplicationTable, replication_database
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.carriage import Around
from s4desk.core.replication.facing import Facing
from s4desk.core.replication.kept import KeptTransfers
from s4desk.core.replication.table import Source
from s4desk.core.replication.watcher import Watcher
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.store.limits import Slots
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.job import JobContext
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.wire.pool import WirePool
from tests.bench.measure import LateLoop, Stopwatch, resident_mb
from tests.servers.null import Null

if TYPE_CHECKING:
    from s4desk.core.store.protocol import Store

HOME, AWAY = ConnectionId("home"), ConnectionId("away")


async def measure(url: str, folder: Path) -> None:
    connection = Connection(HOME, "Null", url, "us-east-1")
    pool = WirePool()
    secrets = GivenSecrets(Credentials("null", "null"))
    store = await open_store(connection, secrets, pool)
    clock = SystemClock()

    async def store_of(_: ConnectionId) -> Store:
        return store

    context = JobContext(
        store_of, MemoryJournal(), ProgressBoard(), Slots(4), clock, str, lambda *_: None
    )
    database = replication_database(folder / STATUSES)
    await database.open()
    table = ReplicationTable(database)
    source = Source(HOME, "b")
    matcher = Matcher([Rule("r", Destination(AWAY, "b", "nowhere/"))])
    around = Around(
        context,
        context,
        KeptTransfers(MemoryJournal()),
        lambda _: matcher,
        BucketShelf(store_of, clock),
        table,
        Facing(list, str),
    )
    watcher = Watcher(table, around, table.observe)
    late, before = LateLoop(), resident_mb()
    await look(watcher, source, "all new", late, before)
    await database.run(lambda c: c.execute("UPDATE object SET status = 'COMPLETED'"))
    await look(watcher, source, "none changed", late, before)
    size = (folder / STATUSES).stat().st_size / 1e6
    await database.aclose()
    await reopened(folder, size)
    pool.close()


async def look(watcher: Watcher, source: Source, name: str, late: LateLoop, before: float) -> None:
    with Stopwatch() as watch:
        looked = await watcher.look(source)
    print(
        f"{looked.listed} keys, {name}: {watch.wall:.1f} s, {watch.cpu:.1f} CPU s,"
        f" {looked.found} found, {resident_mb():.0f} MB, {resident_mb() - before:.0f} of them for"
        f" it; {late.told()}"
    )


async def reopened(folder: Path, size: float) -> None:
    with Stopwatch() as watch:
        database = replication_database(folder / STATUSES)
        await database.open()
        table = ReplicationTable(database)
        await table.waiting(Generation(0), 1000)
    print(f"the file of {size:.0f} MB opened, and what waits read: {watch.wall:.2f} s")
    await database.aclose()


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="s4desk-bench-"))
    server = Null()
    try:
        asyncio.run(measure(server.start().url, folder))
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
