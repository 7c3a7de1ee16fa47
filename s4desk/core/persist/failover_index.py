"""The location index of failover groups: a file that any number of processes read and write.

It is knowledge that can be had again, so nobody waits for its disk: a file that is locked is asked
later, and a damaged one is put aside and begun anew, while groups read without it. What was seen
longest ago is forgotten when the file is as large as it may be.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.failover.errors import IndexUnavailableError
from s4desk.core.failover.index import Copy
from s4desk.core.persist.claim import is_busy
from s4desk.core.persist.database import (
    DatabaseError,
    check_pages,
    is_damage,
    migrate,
    move_aside,
    transaction,
)
from s4desk.core.persist.failover_copies import (
    MIGRATIONS,
    MOST_BYTES,
    copies_of,
    learn,
    make_room,
    unlearn,
)
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.runtime.threads import settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId, Location

log = logging.getLogger(__name__)
T = TypeVar("T")

READ_TIMEOUT_S: Final = 0.25
"""A person waits; who is not answered by then is answered by the stores."""
WRITE_TIMEOUT_S: Final = 5.0
BATCH: Final = 5_000
MOST_WAITING: Final = 100_000
"""What is learned beyond that is not, and is seen again some day."""
REST: Final = 3.0
"""So many times as long as a batch took the next one waits: there are others who need a processor.
"""
GATHER_S: Final = 0.5
"""So long what was learned waits for more."""
REPAIR_S: Final = 5.0
"""How long after a failure the file is looked at again."""

_News = tuple["ConnectionId", "ConnectionId", "Sequence[Copy]", bool]
"""A group, a backend, objects that it holds, and whether it does so no more."""


class FailoverIndex:
    """Of all groups. `of` gives that of one, as `LocationIndex`."""

    def __init__(
        self, path: Path, clock: Clock | None = None, *, most_bytes: int = MOST_BYTES
    ) -> None:
        self.path = path
        self._most_bytes = most_bytes
        self._clock = clock or SystemClock()
        self._readers = ThreadPoolExecutor(1, "s4desk-index")
        self._writers = ThreadPoolExecutor(1, "s4desk-index-writer")
        self._tasks = TaskScope("location index")
        self._reader: sqlite3.Connection | None = None
        self._is_made = False
        self._news: deque[_News] = deque()
        self._waiting = 0
        self._is_writing = False
        self._is_broken = False
        self._is_closed = False

    @property
    def is_available(self) -> bool:
        """Whether it could be read the last time."""
        return not self._is_broken

    def of(self, group: ConnectionId) -> GroupIndex:
        return GroupIndex(self, group)

    async def copies(self, group: ConnectionId, location: Location) -> list[Copy]:
        """Raises IndexUnavailableError, at once while it is being repaired."""
        if self._is_closed or self._is_broken:
            raise IndexUnavailableError
        loop = asyncio.get_running_loop()
        try:
            found = await settled(loop.run_in_executor(self._readers, self._read, group, location))
        except (sqlite3.Error, OSError, DatabaseError) as error:
            self._failed(error)
            raise IndexUnavailableError from error
        return found

    def note(
        self, group: ConnectionId, backend: ConnectionId, copies: Sequence[Copy], *, is_gone: bool
    ) -> None:
        """Have it written soon, in the order of these calls."""
        if self._is_closed or not copies:
            return
        if self._waiting > MOST_WAITING and not is_gone:
            return
        self._news.append((group, backend, copies, is_gone))
        self._waiting += len(copies)
        self._write_soon()

    async def aclose(self) -> None:
        """What was seen is written first."""
        if self._is_closed:
            return
        while self._news and not self._is_broken and await self._write_some():
            pass
        self._is_closed = True
        await self._tasks.aclose()
        await settled(asyncio.get_running_loop().run_in_executor(self._readers, self._close))
        self._readers.shutdown()
        self._writers.shutdown()

    # Reading, on its thread

    def _read(self, group: ConnectionId, location: Location) -> list[Copy]:
        if self._is_broken:
            # Whoever waited behind the one that found it out.
            raise DatabaseError(self.path, "it is being repaired")
        if self._reader is None:
            if not self.path.exists():
                return []
            self._reader = sqlite3.connect(
                self.path, timeout=READ_TIMEOUT_S, check_same_thread=False, isolation_level=None
            )
        if not self._is_made:
            # Another process may be about to make it. One of before is brought up to date by the
            # first that writes.
            (version,) = self._reader.execute("PRAGMA user_version").fetchone()
            self._is_made = version >= len(MIGRATIONS)
            if not self._is_made:
                return []
        return copies_of(self._reader, group, location)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader, self._is_made = None, False

    # Writing

    def _write_soon(self) -> None:
        if not self._is_writing:
            self._is_writing = True
            self._tasks.start(self._write_all())

    async def _write_all(self) -> None:
        try:
            await self._clock.sleep(GATHER_S)
            while self._news and not self._is_broken:
                before = self._clock.monotonic()
                is_written = await self._write_some()
                took_s = self._clock.monotonic() - before
                rest_s = max(REST * took_s, GATHER_S if self._waiting < BATCH else 0.0)
                await self._clock.sleep(rest_s if is_written else REPAIR_S)
        finally:
            self._is_writing = False

    async def _write_some(self) -> bool:
        """Whether the file took it; what it did not take now is still to be written."""
        batch: list[_News] = []
        count = 0
        while self._news and count < BATCH:
            batch.append(self._news.popleft())
            count += len(batch[-1][2])
        loop = asyncio.get_running_loop()
        try:
            await settled(loop.run_in_executor(self._writers, self._write, batch))
        except (sqlite3.Error, OSError, DatabaseError) as error:
            self._news.extendleft(reversed(batch))
            if not _is_locked(error):
                self._failed(error)
            return False
        self._waiting -= count
        return True

    def _write(self, batch: list[_News]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for group, backend, copies, is_gone in batch:
                (unlearn if is_gone else learn)(connection, group, backend, copies)

        with closing(self._connected()) as connection:
            transaction(connection, work)
            make_room(connection, self._most_bytes)

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=WRITE_TIMEOUT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # What a crash of the machine takes is seen again.
            connection.execute("PRAGMA synchronous = NORMAL")
            # Some builds write over what is dropped, page by page, through the log.
            connection.execute("PRAGMA secure_delete = FAST")
            transaction(connection, lambda c: migrate(c, self.path, MIGRATIONS))
        except BaseException:
            connection.close()
            raise
        return connection

    # Repairing

    def _failed(self, error: Exception) -> None:
        if self._is_broken or self._is_closed:
            return
        self._is_broken = True
        # Other processes begin and end at it: a lock is nothing that somebody has to look into.
        level = logging.INFO if _is_locked(error) else logging.WARNING
        log.log(level, "the location index cannot be used now: %s", error)
        self._tasks.start(self._repair())

    async def _repair(self) -> None:
        """Until it can be read again."""
        loop = asyncio.get_running_loop()
        while self._is_broken:
            try:
                await settled(loop.run_in_executor(self._readers, self._close))
                await settled(loop.run_in_executor(self._writers, self._mend))
            except (sqlite3.Error, OSError, DatabaseError) as error:
                log.info("the location index cannot be repaired yet: %s", error)
                await self._clock.sleep(REPAIR_S)
            else:
                self._is_broken = False
        if self._news:
            self._write_soon()

    def _mend(self) -> None:
        """Raises what stands in the way still."""
        try:
            with closing(self._connected()) as connection:
                check_pages(connection)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            move_aside(self.path, str(error), self._clock.now())
            self._connected().close()


class GroupIndex:
    """The part of the index that is one group's."""

    def __init__(self, index: FailoverIndex, group: ConnectionId) -> None:
        self._index = index
        self._group = group

    async def copies(self, location: Location) -> Sequence[Copy]:
        return await self._index.copies(self._group, location)

    def learn(self, copies: Sequence[Copy]) -> None:
        if copies:
            self._index.note(self._group, copies[0].backend, copies, is_gone=False)

    def unlearn(self, location: Location, backend: ConnectionId) -> None:
        self._index.note(self._group, backend, [Copy(location, backend)], is_gone=True)


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and is_busy(error)
