"""An SQLite file that nobody claims: any number of processes open it for a moment. It blocks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.persist.claim import changing
from s4desk.core.persist.database import (
    DatabaseError,
    is_damage,
    migrate,
    move_aside,
    refuse_newer,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from s4desk.core.runtime.clock import Clock

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 30.0
"""Another process may be putting a hundred thousand rows into it."""


class SharedFile:
    """What a change has returned from is on the disk (WAL, synchronous=FULL).

    No file is made before something is written. A damaged one is put aside, and a new one begun.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Callable[[sqlite3.Connection], None]],
        clock: Clock,
    ) -> None:
        self.path = path
        self._migrations = migrations
        self._clock = clock

    def change(self, work: Callable[[sqlite3.Connection], object], *, must_exist: bool) -> None:
        """Do this in one transaction; if the file `must_exist` and does not, nothing. Raises
        DatabaseError."""
        if must_exist and not self.path.exists():
            return
        try:
            with closing(self.opened(must_exist=must_exist)) as connection:
                transaction(connection, work)
        except sqlite3.Error as error:
            raise DatabaseError(self.path, str(error)) from error

    def read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """What `work` finds; where there is no file yet, `nothing`. Raises DatabaseError."""
        if not self.path.exists():
            return nothing
        try:
            with closing(self.opened(must_exist=True)) as connection:
                return work(connection)
        except sqlite3.Error as error:
            raise DatabaseError(self.path, str(error)) from error

    def opened(self, *, must_exist: bool) -> sqlite3.Connection:
        """For the caller to close. Raises sqlite3.Error, DatabaseError, LocalFileError."""
        try:
            return self._connected(must_exist=must_exist)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        with changing(self.path):
            try:
                return self._connected(must_exist=False)  # somebody else may have been faster
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                move_aside(self.path, str(error), self._clock.now())
        return self._connected(must_exist=False)

    def _connected(self, *, must_exist: bool) -> sqlite3.Connection:
        mode = "rw" if must_exist else "rwc"
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            if refuse_newer(connection, self.path, self._migrations) < len(self._migrations):
                connection.execute("PRAGMA journal_mode = WAL")
                transaction(connection, lambda c: migrate(c, self.path, self._migrations))
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
        return connection
