"""The SQLite file that remembers across restarts: one connection, on a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.claim import claim, is_busy, lock_path
from s4desk.core.persist.schema import MIGRATIONS
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.threads import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

log = logging.getLogger(__name__)
T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
CLAIM_TIMEOUT_S = 0.1
"""Longer than somebody takes to see whether a file is claimed."""
_COMPANIONS = ("", "-wal", "-shm")
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class DatabaseError(S4DeskError):
    """The database could not be read or written: no space, no permission, locked."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class NewerDatabaseError(DatabaseError):
    """The file was written by a later version of s4desk; it is left as it is."""


class DatabaseInUseError(DatabaseError):
    """Another s4desk works with this file; two would both carry out its transfers."""


class Database:
    """Runs functions over a connection, one after the other, each in one transaction.

    What `run` has returned from is on the disk (WAL, synchronous=FULL) and survives a crash of
    the machine. A damaged file is moved aside when it is opened: `moved_aside` then says where
    to, for a person to be told.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Callable[[sqlite3.Connection], None]] = MIGRATIONS,
        *,
        clock: Clock | None = None,
    ) -> None:
        self.path = path
        self.moved_aside: Path | None = None
        self._migrations = migrations
        self._clock = clock or SystemClock()
        self._executor = ThreadPoolExecutor(1, "s4desk-database")
        self._connection: sqlite3.Connection | None = None
        self._claim: sqlite3.Connection | None = None
        self._is_closed = False

    async def open(self, *, must_exist: bool = False) -> None:
        """Open the file, make it unless it `must_exist`, and bring it to the present schema.

        Raises DatabaseInUseError, NewerDatabaseError or DatabaseError.
        """
        await self._call(lambda: self._open(must_exist=must_exist))

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `work`, committed; an error of `work` rolls everything back.

        Raises DatabaseError. A cancellation waits for the end of the transaction.
        """
        return await self._call(lambda: self._transact(work))

    async def aclose(self) -> None:
        """Close the file and end the thread; once closed it stays so."""
        if self._claim is not None:
            await self._call(self._close)
        self._is_closed = True
        self._executor.shutdown()

    async def remove(self) -> None:
        """Close the file and delete it: nothing in it is needed any more. Raises DatabaseError."""
        if self._claim is not None:
            await self._call(self._remove)
        await self.aclose()

    async def _call(self, call: Callable[[], T]) -> T:
        if self._is_closed:
            raise DatabaseError(self.path, "the database is closed")
        loop = asyncio.get_running_loop()
        try:
            return await settled(loop.run_in_executor(self._executor, call))
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(self.path, str(error)) from error

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            raise DatabaseError(self.path, "the database is not open")
        return transaction(self._connection, work)

    def _close(self) -> None:
        for each in (self._connection, self._claim):
            if each is not None:
                each.close()
        self._connection = self._claim = None

    def _remove(self) -> None:
        """The claim goes last: who gets it afterwards finds nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for companion in _COMPANIONS:
            self.path.with_name(self.path.name + companion).unlink(missing_ok=True)
        self._drop_claim()

    def _drop_claim(self) -> None:
        """Delete the file of the lock too; where an open file cannot be deleted, afterwards."""
        with suppress(OSError):
            lock_path(self.path).unlink(missing_ok=True)
        self._close()
        with suppress(OSError):
            lock_path(self.path).unlink(missing_ok=True)

    def _open(self, *, must_exist: bool) -> None:
        self._claim = self._claimed()
        if must_exist and not self.path.exists():
            self._drop_claim()
            raise DatabaseError(self.path, "it is not there any more")
        try:
            self._connection = self._connect()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self.moved_aside = move_aside(self.path, str(error), self._clock.now())
                self._connection = self._connect()
            else:
                raise

    def _claimed(self) -> sqlite3.Connection:
        try:
            return claim(self.path, CLAIM_TIMEOUT_S)
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise DatabaseInUseError(self.path, str(error)) from error
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            refuse_newer(connection, self.path, self._migrations)
            check_pages(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            transaction(connection, lambda c: migrate(c, self.path, self._migrations))
        except BaseException:
            connection.close()
            raise
        return connection


def move_aside(path: Path, reason: str, now: datetime) -> Path:
    """Put a damaged file where it is in nobody's way, and say where that is."""
    aside = _aside_name(path, now)
    for companion in _COMPANIONS:
        file = path.with_name(path.name + companion)
        if file.exists():
            file.rename(aside.with_name(aside.name + companion))
    log.warning("%s is damaged (%s) and was moved to %s", path, reason, aside)
    return aside


def _aside_name(path: Path, now: datetime) -> Path:
    stem = f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}"
    aside, number = path.with_name(stem), 2
    while aside.exists():
        aside, number = path.with_name(f"{stem}-{number}"), number + 1
    return aside


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    migrations: Sequence[Callable[[sqlite3.Connection], None]],
) -> None:
    """Bring the file at `path` to its present schema. Raises NewerDatabaseError.

    Under the write lock, because another process may be migrating too.
    """
    for step in migrations[refuse_newer(connection, path, migrations) :]:
        step(connection)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")


def refuse_newer(
    connection: sqlite3.Connection,
    path: Path,
    migrations: Sequence[Callable[[sqlite3.Connection], None]],
) -> int:
    """The schema the file has. Raises NewerDatabaseError."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        raise NewerDatabaseError(path, f"schema {version} is newer than this program")
    return version


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file does not hold together, or is none of SQLite's."""
    return getattr(error, "sqlite_errorname", "").startswith(_DAMAGE)


def transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """The result of `work`, committed; an error of `work` rolls everything back."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def check_pages(connection: sqlite3.Connection) -> None:
    """Raise the error SQLite itself raises when a page does not hold together."""
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        error = sqlite3.DatabaseError(said)
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error
