"""The status table of replication: a file of its own, of one engine at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Generation
from s4desk.core.persist import replication_rows as rows
from s4desk.core.persist.database import Database
from s4desk.core.persist.replication_schema import MIGRATIONS
from s4desk.core.replication.table import EVERY_ONE, Task
from s4desk.core.runtime.clock import Clock, SystemClock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from s4desk.core.domain.objects import Page
    from s4desk.core.domain.replication.status import Status
    from s4desk.core.replication.table import IsOf, Known, Record, Source, Unlike, Write


def replication_database(path: Path, clock: Clock | None = None) -> Database:
    """The file of a table, to be opened by whoever replicates."""
    return Database(path, MIGRATIONS, clock=clock)


class ReplicationTable:
    """Belongs to the process that replicates, as long as its database is open; see `Table`."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._database = database
        self._version: int | None = None

    async def observe(self, source: Source, writes: Sequence[Write]) -> list[Task]:
        def work(connection: sqlite3.Connection) -> list[Task]:
            id_ = rows.source_id(connection, source)
            (last,) = connection.execute(rows.NEXT, [len(writes)]).fetchone()
            first = last - len(writes) + 1
            now = self._clock.now()
            tasks = [
                Task(source, each, Generation(first + at), now) for at, each in enumerate(writes)
            ]
            given = (rows.observed(id_, each, now.timestamp()) for each in tasks)
            connection.executemany(rows.OBSERVE, given)
            return tasks

        return await self._database.run(work) if writes else []

    async def record(self, records: Sequence[Record]) -> list[bool]:
        def work(connection: sqlite3.Connection) -> list[bool]:
            ids, now = rows.source_ids(connection), self._now()
            return [
                connection.execute(rows.RECORD, rows.recorded(ids, each, now)).rowcount == 1
                for each in records
            ]

        return await self._database.run(work)

    async def forget(self, tasks: Sequence[Task]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            ids = rows.source_ids(connection)
            connection.executemany(rows.FORGET, (rows.named(ids, each) for each in tasks))

        await self._database.run(work)

    async def confirm(self, tasks: Sequence[Task]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            ids, now = rows.source_ids(connection), self._now()
            connection.executemany(rows.CONFIRM, ((now, *rows.named(ids, each)) for each in tasks))

        await self._database.run(work)

    async def waiting(self, after: Generation, count: int) -> list[Task]:
        return await self._database.run(lambda c: rows.waiting(c, after, count))

    async def suspect(self, count: int) -> None:
        now = self._now()
        await self._database.run(lambda c: rows.suspect(c, count, now))

    async def doubtful(self, count: int) -> list[Task]:
        until = self._now()
        return await self._database.run(lambda c: rows.doubtful(c, until, count))

    async def next_doubt(self) -> datetime | None:
        found = await self._database.run(rows.next_doubt)
        return None if found is None else datetime.fromtimestamp(found, UTC)

    async def settle(self, tasks: Sequence[Task]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            ids = rows.source_ids(connection)
            connection.executemany(rows.SETTLE, (rows.named(ids, each) for each in tasks))

        await self._database.run(work)

    async def postpone(self, tasks: Sequence[Task], until: datetime) -> None:
        def work(connection: sqlite3.Connection) -> None:
            ids, moment = rows.source_ids(connection), until.timestamp()
            given = ((moment, *rows.named(ids, each)) for each in tasks)
            connection.executemany(rows.POSTPONE, given)

        await self._database.run(work)

    async def between(
        self, source: Source, first: str, last: str | None, count: int
    ) -> list[Known]:
        return await self._database.run(lambda c: rows.between(c, source, first, last, count))

    async def of_keys(self, source: Source, keys: Sequence[str]) -> list[Known]:
        return await self._database.run(lambda c: rows.of_keys(c, source, keys))

    async def unlike(
        self, source: Source, first: str, page: Page, is_of: IsOf, before: datetime
    ) -> Unlike | None:
        moment = before.timestamp()
        return await self._database.run(
            lambda c: rows.unlike(c, source, first, page, is_of, moment)
        )

    async def is_changed(self) -> bool:
        version = await self._database.run(rows.data_version)
        former, self._version = self._version, version
        return former not in (None, version)

    async def retry(self, source: Source, rule: str = "", most: int = EVERY_ONE) -> int:
        now = self._now()
        return await self._database.run(lambda c: rows.retry(c, source, rule, most, now))

    async def replica_etag(self, source: Source, key: str, generation: Generation) -> str:
        return await self._database.run(lambda c: rows.replica_etag(c, source, key, generation))

    async def has_failed_before(self, task: Task) -> bool:
        return await self._database.run(lambda c: rows.has_failed_before(c, task))

    async def adopt(self, source: Source, ways: Mapping[str, str]) -> int:
        return await self._database.run(lambda c: rows.adopt(c, source, ways))

    async def sweep(self, source: Source, before: datetime) -> Mapping[Status, int]:
        return await self._database.run(lambda c: rows.sweep(c, source, before))

    async def counts(self, source: Source) -> Mapping[tuple[str, Status], int]:
        return await self._database.run(lambda c: rows.counts(c, source))

    def _now(self) -> float:
        return self._clock.now().timestamp()
