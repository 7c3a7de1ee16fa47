"""The tables of the location index: they grow to a bound, and what was seen longest ago goes.

There are two generations. What is seen is written into the younger one; when that takes half of the
room, the elder one is dropped whole and the younger takes its place. So no row has to say when it
was seen, and nobody has to look for the oldest.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from s4desk.core.failover.index import Copy
from s4desk.core.persist.database import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId, Location

MOST_BYTES: Final = 512 << 20
"""Of the file: some four million copies with keys of 60 letters."""

_HELD: Final = " FROM {table} WHERE place = (SELECT id FROM name WHERE name = ?1) AND key = ?2"
_COPIES: Final = (
    "SELECT name.name, held.etag, held.size FROM ("
    "SELECT backend, etag, size, 0 AS is_young"
    + _HELD.format(table="older")
    + " UNION ALL SELECT backend, etag, size, 1"
    + _HELD.format(table="copy")
    + ") AS held JOIN name ON name.id = held.backend ORDER BY held.is_young"
)
_NAME: Final = "INSERT OR IGNORE INTO name (name) VALUES (?)"
_LEARN: Final = """
    INSERT INTO copy (place, key, backend, etag, size)
    SELECT place.id, ?, backend.id, ?, ? FROM name AS place, name AS backend
    WHERE place.name = ? AND backend.name = ?
    ON CONFLICT DO UPDATE SET etag = excluded.etag, size = excluded.size
    WHERE etag <> excluded.etag OR size <> excluded.size
"""
_UNLEARN: Final = """
    DELETE FROM {table} WHERE place = (SELECT id FROM name WHERE name = ?) AND key = ?
    AND backend = (SELECT id FROM name WHERE name = ?)
"""


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
    _make_generation(connection, "copy")


def _make_generation(connection: sqlite3.Connection, table: str) -> None:
    connection.execute(
        f"CREATE TABLE {table} (place INTEGER NOT NULL, key BLOB NOT NULL,"
        " backend INTEGER NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,"
        " PRIMARY KEY (place, key, backend)) WITHOUT ROWID"
    )


def _age(connection: sqlite3.Connection) -> None:
    _make_generation(connection, "older")
    # How many pages were in use when the younger generation began.
    connection.execute("CREATE TABLE turn (pages INTEGER NOT NULL)")
    connection.execute("INSERT INTO turn VALUES (0)")


MIGRATIONS: Final[Sequence[Callable[[sqlite3.Connection], None]]] = (_make, _age)


def copies_of(
    connection: sqlite3.Connection, group: ConnectionId, location: Location
) -> list[Copy]:
    """All that are known of."""
    rows = connection.execute(_COPIES, (_place(group, location), _key(location)))
    # What was seen last counts.
    found = {backend: Copy(location, backend, etag, size) for backend, etag, size in rows}
    return list(found.values())


def learn(
    connection: sqlite3.Connection,
    group: ConnectionId,
    backend: ConnectionId,
    copies: Sequence[Copy],
) -> None:
    """What one backend was seen to hold."""
    places = {_place(group, each.location) for each in copies}
    connection.executemany(_NAME, ((name,) for name in chain(places, [backend])))
    connection.executemany(
        _LEARN,
        (
            (_key(each.location), each.etag, each.size, _place(group, each.location), backend)
            for each in copies
        ),
    )


def unlearn(
    connection: sqlite3.Connection,
    group: ConnectionId,
    backend: ConnectionId,
    copies: Sequence[Copy],
) -> None:
    """What it holds no more."""
    gone = [(_place(group, each.location), _key(each.location), backend) for each in copies]
    for table in ("copy", "older"):
        connection.executemany(_UNLEARN.format(table=table), gone)


def make_room(connection: sqlite3.Connection, most_bytes: int = MOST_BYTES) -> bool:
    """Begin another generation, if the younger one takes half of the room; whether it did."""
    return _is_grown(connection, most_bytes) and transaction(
        connection, lambda each: _turn(each, most_bytes)
    )


def _turn(connection: sqlite3.Connection, most_bytes: int) -> bool:
    if not _is_grown(connection, most_bytes):
        # Another process was faster, and to turn again would drop everything.
        return False
    connection.execute("DROP TABLE older")
    connection.execute("ALTER TABLE copy RENAME TO older")
    _make_generation(connection, "copy")
    connection.execute("UPDATE turn SET pages = ?", (_used_pages(connection),))
    return True


def _is_grown(connection: sqlite3.Connection, most_bytes: int) -> bool:
    (before,) = connection.execute("SELECT pages FROM turn").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    grown = (_used_pages(connection) - int(before)) * int(page_size)
    return grown > most_bytes // 2


def _used_pages(connection: sqlite3.Connection) -> int:
    """Those of what was dropped are in the file still, and are used again."""
    (all_,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(all_ - free)


def _place(group: ConnectionId, location: Location) -> str:
    """No bucket has a slash in its name, and no id."""
    return f"{group}/{location.bucket}"


def _key(location: Location) -> bytes:
    return location.key.encode(errors="surrogateescape")
