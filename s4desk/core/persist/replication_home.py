"""The files of who replicates: the status table, and the journal of large replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.persist.database import Database, DatabaseInUseError
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.replication_table import ReplicationTable, replication_database

if TYPE_CHECKING:
    from pathlib import Path

STATUSES: Final = "replication.sqlite"
_PARTS: Final = "replication-parts.sqlite"


class ReplicationHome:
    """In one folder, for one process at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[Database] = []

    async def open(self) -> tuple[ReplicationTable, SqliteJournal] | None:
        """None while another process has them. Raises DatabaseError."""
        statuses = replication_database(self._folder / STATUSES)
        parts = Database(self._folder / _PARTS)
        self._open += [statuses, parts]
        try:
            await statuses.open()
            await parts.open()
        except DatabaseInUseError:
            await self.aclose()
            return None
        return ReplicationTable(statuses), SqliteJournal(parts)

    async def aclose(self) -> None:
        """Whoever comes next may have them."""
        while self._open:
            await self._open.pop().aclose()
