"""What any process may do with the status table of replication, whoever replicates: read it, and
let what has failed be tried again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.persist import replication_rows as rows
from s4desk.core.persist import replication_schema as schema
from s4desk.core.persist.database import BUSY_TIMEOUT_S, DatabaseError
from s4desk.core.persist.peek import is_claimed
from s4desk.core.replication.table import EVERY_ONE
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from s4desk.core.domain.replication.status import Status
    from s4desk.core.replication.table import Known, Source

T = TypeVar("T")


class ReplicationFile:
    """Each call opens the file and closes it again. All raise DatabaseError; nothing is known while
    there is no file."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()

    async def is_in_use(self) -> bool:
        """Whether somebody replicates now."""
        return await in_thread(is_claimed, self.path)

    async def of_keys(self, source: Source, keys: Sequence[str]) -> list[Known]:
        """What is known of these keys, in their order."""
        return await self._read(lambda c: rows.of_keys(c, source, keys), [])

    async def awaited(self, source: Source, keys: Sequence[str]) -> list[tuple[str, str, str]]:
        """Key, version ("" for what a key has now) and rule of what of these keys waits or has
        failed, in no order."""
        return await self._read(lambda c: rows.awaited(c, source, keys), [])

    async def between(
        self, source: Source, first: str, last: str | None, count: int
    ) -> list[Known]:
        """See `Table.between`."""
        return await self._read(lambda c: rows.between(c, source, first, last, count), [])

    async def counts(self, source: Source) -> Mapping[tuple[str, Status], int]:
        """How many there are by rule and status."""
        return await self._read(lambda c: rows.counts(c, source), {})

    async def ways(self, source: Source) -> Mapping[str, str]:
        """What each rule did, by its id, of which the rest is known: see `Ruled.ways`."""
        return await self._read(lambda c: rows.ways(c, source), {})

    async def oldest(self, source: Source) -> Mapping[str, datetime]:
        """Since when the oldest one waits, by rule, in UTC."""
        return await self._read(lambda c: rows.oldest(c, source), {})

    async def failed(self, source: Source, rule: str = "", count: int = 100) -> list[Known]:
        """Those that failed, of all rules or of one, the newest first."""
        return await self._read(lambda c: rows.failed(c, source, rule, count), [])

    async def retry(self, source: Source, rule: str = "") -> int:
        """Let FAILED ones wait again, of all rules or of one; how many. Who replicates sees it
        soon."""
        now = self._clock.now().timestamp()
        return await self._read(lambda c: rows.retry(c, source, rule, EVERY_ONE, now), 0, mode="rw")

    async def _read(
        self, work: Callable[[sqlite3.Connection], T], nothing: T, mode: str = "ro"
    ) -> T:
        return await in_thread(self._run, work, nothing, mode)

    def _run(self, work: Callable[[sqlite3.Connection], T], nothing: T, mode: str) -> T:
        if not self.path.exists():
            return nothing
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
                if not schema.is_made(connection):
                    return nothing
                if mode == "ro":
                    schema.seem_current(connection)
                with connection:
                    return work(connection)
        except sqlite3.Error as error:
            raise DatabaseError(self.path, str(error)) from error
