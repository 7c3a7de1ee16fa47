"""The tables of replication, and what became of them over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence


def create_replication(connection: sqlite3.Connection) -> None:
    """One row for each object, or version, that was ever seen to need a replica.

    Keys are BLOBs, because they may be any bytes. Moments are seconds since the epoch; `modified`
    is -1 when the store did not say. `version` is empty for what a key has now. Until `doubt`, if
    it is not 0, an older write may still arrive that nobody knows the end of.
    """
    connection.execute("CREATE TABLE counter (generation INTEGER NOT NULL) STRICT")
    # Replicas are stamped with what it counts: one that begins anew goes on behind the one before.
    connection.execute("INSERT INTO counter VALUES (1000 * strftime('%s', 'now'))")
    connection.execute(
        """
        CREATE TABLE source (
            id INTEGER PRIMARY KEY,
            connection TEXT NOT NULL,
            bucket TEXT NOT NULL,
            UNIQUE (connection, bucket)
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE object (
            source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
            key BLOB NOT NULL,
            version TEXT NOT NULL,
            etag TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified REAL NOT NULL,
            is_marker INTEGER NOT NULL,
            rule TEXT NOT NULL,
            status TEXT NOT NULL,
            generation INTEGER NOT NULL,
            recorded_at REAL NOT NULL,
            attempts INTEGER NOT NULL,
            error BLOB NOT NULL,
            doubt REAL NOT NULL,
            may_be_there INTEGER NOT NULL,
            PRIMARY KEY (source, key, version)
        ) STRICT, WITHOUT ROWID
        """
    )
    connection.execute(
        """
        CREATE TABLE rule (
            source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
            id TEXT NOT NULL,
            way TEXT NOT NULL,
            PRIMARY KEY (source, id)
        ) STRICT, WITHOUT ROWID
        """
    )
    connection.execute(
        "CREATE INDEX object_waiting ON object (generation) WHERE status = 'PENDING'"
    )
    connection.execute(
        "CREATE INDEX object_old ON object (source, recorded_at)"
        " WHERE status IN ('COMPLETED', 'REPLICA', 'NONE')"
    )
    connection.execute(
        "CREATE INDEX object_failed ON object (source, generation) WHERE status = 'FAILED'"
    )
    connection.execute("CREATE INDEX object_doubt ON object (doubt) WHERE doubt > 0")


def add_replicas(connection: sqlite3.Connection) -> None:
    """What was made: the ETag of the replica and the generation it is stamped with, and whether
    the lock of its source was left behind."""
    for column in _ADDED:
        connection.execute(f"ALTER TABLE object ADD COLUMN {column}")


_ADDED: Final = (
    "lock_left INTEGER NOT NULL DEFAULT 0",
    "replica TEXT NOT NULL DEFAULT ''",
    "replica_generation INTEGER NOT NULL DEFAULT 0",
)

MIGRATIONS: Final[Sequence[Callable[[sqlite3.Connection], None]]] = (
    create_replication,
    add_replicas,
)


def is_made(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there: a file is made a moment before they are."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found > 0


def seem_current(connection: sqlite3.Connection) -> None:
    """Let one who may only read a file of a former version have all columns."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < len(MIGRATIONS):
        connection.execute("CREATE TEMP VIEW object AS SELECT *, 0 AS lock_left FROM main.object")
