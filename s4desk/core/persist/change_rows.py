"""Changes that are no transfers as rows of the table `change` of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.past_change import ChangeKind, PastChange

if TYPE_CHECKING:
    import sqlite3

MOST: Final = 10_000
"""So many are kept, the newest."""
_COLUMNS: Final = "kind, connection, bucket, key, done, failed, moment, doubtful"
_KINDS: Final = frozenset(each.value for each in ChangeKind)


def add(connection: sqlite3.Connection, change: PastChange, moment: float, horizon: float) -> None:
    """Keep one that has ended now, and none that is too old, or too much."""
    key = change.key.encode("utf-8", "surrogatepass")
    values = (change.kind, change.connection, change.bucket, key, change.done, change.failed)
    connection.execute(
        f"INSERT INTO change ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, moment, change.doubtful),
    )
    prune(connection, horizon)


def prune(connection: sqlite3.Connection, horizon: float) -> None:
    """Forget what ended until `horizon`, and what is too much."""
    connection.execute("DELETE FROM change WHERE moment <= ?", [horizon])
    connection.execute(
        "DELETE FROM change WHERE number IN"
        " (SELECT number FROM change ORDER BY number DESC LIMIT -1 OFFSET ?)",
        [MOST],
    )


def newest(connection: sqlite3.Connection, since: float, count: int) -> list[PastChange]:
    """The newest that ended at `since` or later; what a newer program keeps is passed over."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM change WHERE moment >= ?"
        f" AND kind IN ({', '.join('?' * len(_KINDS))}) ORDER BY number DESC LIMIT ?",
        [since, *_KINDS, count],
    )
    return [_change(row) for row in found]


def _change(row: tuple[Any, ...]) -> PastChange:
    kind, connection, bucket, key, *rest = row
    text = key.decode("utf-8", "surrogatepass")
    return PastChange(ChangeKind(kind), ConnectionId(connection), bucket, text, *rest)
