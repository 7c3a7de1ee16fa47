"""What the backends of failover groups were used for, by months: a file of all processes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.usage import Usage, UsageLoss
from s4desk.core.persist.database import (
    DatabaseError,
    is_damage,
    migrate,
    move_aside,
    transaction,
)
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 10.0
_ADD: Final = """
    INSERT INTO used VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
    egress = egress + excluded.egress, ingress = ingress + excluded.ingress
"""
_ALL: Final = "SELECT backend, requests, egress, ingress FROM used WHERE owner = ? AND month = ?"
_LOST: Final = "SELECT at, aside FROM lost WHERE month = ? ORDER BY at DESC LIMIT 1"


def _make(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE used (owner TEXT NOT NULL, month TEXT NOT NULL, backend TEXT NOT NULL,"
        " requests INTEGER NOT NULL, egress INTEGER NOT NULL, ingress INTEGER NOT NULL,"
        " PRIMARY KEY (owner, month, backend)) WITHOUT ROWID"
    )


def _make_lost(connection: sqlite3.Connection) -> None:
    """When the counts of a month were lost, and where the damaged file lies since."""
    connection.execute(
        "CREATE TABLE lost (month TEXT NOT NULL, at TEXT NOT NULL, aside TEXT NOT NULL)"
    )


_MIGRATIONS: Final = (_make, _make_lost)


class FailoverUsage:
    """A small file, opened for a moment at a time. A damaged one is put aside: what was counted is
    lost then, and counting goes on; the new one keeps in mind that it was so."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._lost: UsageLoss | None = None
        self._found = ""

    @property
    def lost(self) -> UsageLoss | None:
        return self._lost

    async def add(
        self, group: ConnectionId, month: str, used: Mapping[ConnectionId, Usage]
    ) -> Mapping[ConnectionId, Usage]:
        """Raises DatabaseError."""
        return await in_thread(self._add, group, month, used)

    def _add(
        self, group: ConnectionId, month: str, used: Mapping[ConnectionId, Usage]
    ) -> Mapping[ConnectionId, Usage]:
        if not used and not self.path.exists():
            return {}

        def work(connection: sqlite3.Connection) -> Mapping[ConnectionId, Usage]:
            connection.executemany(
                _ADD,
                (
                    (group, month, backend, each.requests, each.egress, each.ingress)
                    for backend, each in used.items()
                ),
            )
            rows = connection.execute(_ALL, (group, month)).fetchall()
            self._lost = self._loss(connection, month)
            return {ConnectionId(backend): Usage(*counts) for backend, *counts in rows}

        try:
            try:
                return self._transact(work)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._put_aside(error, month)
                return self._transact(work)
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(self.path, str(error)) from error

    def _put_aside(self, error: sqlite3.DatabaseError, month: str) -> None:
        now = self._clock.now()
        self._found = str(move_aside(self.path, str(error), now))
        found = (month, now.isoformat(), self._found)
        self._transact(
            lambda connection: connection.execute("INSERT INTO lost VALUES (?, ?, ?)", found)
        )

    def _loss(self, connection: sqlite3.Connection, month: str) -> UsageLoss | None:
        for at, aside in connection.execute(_LOST, (month,)):
            return UsageLoss(datetime.fromisoformat(at), aside, is_news=aside == self._found)
        return None

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(self._open()) as connection:
            return transaction(connection, work)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            transaction(connection, lambda c: migrate(c, self.path, _MIGRATIONS))
        except BaseException:
            connection.close()
            raise
        return connection
