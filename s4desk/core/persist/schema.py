"""How the database came to its present form. A function is never changed once it was released."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def create_transfers(connection: sqlite3.Connection) -> None:
    """The transfer queue and the checkpoints of its transfers.

    Keys and paths are BLOBs, because they may be any bytes. `file_id` is text: some file systems
    number files with more than the 63 bits SQLite has, and behind a dot is the file's ctime.
    """
    connection.execute("CREATE TABLE journal (token TEXT NOT NULL) STRICT")
    connection.execute("INSERT INTO journal VALUES (lower(hex(randomblob(3))))")
    connection.execute(
        """
        CREATE TABLE transfer (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            position INTEGER NOT NULL,
            batch TEXT NOT NULL,
            direction TEXT NOT NULL,
            source_connection TEXT,
            source_bucket TEXT,
            source BLOB NOT NULL,
            target_connection TEXT,
            target_bucket TEXT,
            target BLOB NOT NULL,
            root BLOB,
            size INTEGER NOT NULL,
            on_conflict TEXT NOT NULL,
            attributes TEXT NOT NULL,
            is_folder INTEGER NOT NULL,
            state TEXT NOT NULL,
            error BLOB NOT NULL,
            verified TEXT NOT NULL,
            skipped INTEGER NOT NULL,
            attempts INTEGER NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE upload (
            transfer INTEGER PRIMARY KEY REFERENCES transfer ON DELETE CASCADE,
            upload TEXT NOT NULL,
            algorithm TEXT NOT NULL,
            part_size INTEGER NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            file_id TEXT NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE upload_part (
            transfer INTEGER NOT NULL REFERENCES upload ON DELETE CASCADE,
            number INTEGER NOT NULL,
            size INTEGER NOT NULL,
            etag TEXT NOT NULL,
            checksum TEXT NOT NULL,
            PRIMARY KEY (transfer, number)
        ) STRICT, WITHOUT ROWID
        """
    )
    connection.execute(
        """
        CREATE TABLE download (
            transfer INTEGER PRIMARY KEY REFERENCES transfer ON DELETE CASCADE,
            etag TEXT NOT NULL,
            version TEXT NOT NULL,
            size INTEGER NOT NULL,
            part_size INTEGER NOT NULL,
            partial BLOB NOT NULL,
            algorithm TEXT NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE download_range (
            transfer INTEGER NOT NULL REFERENCES download ON DELETE CASCADE,
            number INTEGER NOT NULL,
            checksum TEXT NOT NULL,
            PRIMARY KEY (transfer, number)
        ) STRICT, WITHOUT ROWID
        """
    )


def add_moves_and_priorities(connection: sqlite3.Connection) -> None:
    """Moves, priorities, and the class of the last error."""
    connection.execute("ALTER TABLE transfer ADD COLUMN removes_source INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE transfer ADD COLUMN priority INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE transfer ADD COLUMN error_kind TEXT NOT NULL DEFAULT ''")


def add_commands_and_intentions(connection: sqlite3.Connection) -> None:
    """What a headless run was asked to do (one row, in a run's own file), and the uploads that were
    about to be created when they were last heard of."""
    connection.execute(
        """
        CREATE TABLE command (
            verb TEXT NOT NULL,
            source_connection TEXT,
            source_bucket TEXT,
            source BLOB NOT NULL,
            target_connection TEXT,
            target_bucket TEXT,
            target BLOB NOT NULL,
            flags TEXT NOT NULL,
            is_planned INTEGER NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE intended_upload (
            transfer INTEGER PRIMARY KEY REFERENCES transfer ON DELETE CASCADE,
            since TEXT NOT NULL
        ) STRICT
        """
    )


def add_copies_and_moves(connection: sqlite3.Connection) -> None:
    """What copies carry along, copies in parts, and moves whose target is complete.

    Which object or file was read or written is kept as JSON.
    """
    connection.execute("ALTER TABLE transfer ADD COLUMN carries TEXT NOT NULL DEFAULT '{}'")
    connection.execute("ALTER TABLE upload ADD COLUMN source TEXT NOT NULL DEFAULT ''")
    connection.execute(
        """
        CREATE TABLE move (
            transfer INTEGER PRIMARY KEY REFERENCES transfer ON DELETE CASCADE,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            verified TEXT NOT NULL
        ) STRICT
        """
    )


def add_origins(connection: sqlite3.Connection) -> None:
    """The journals whose transfers this one has taken over; their files are of no use any more."""
    connection.execute("CREATE TABLE inherited_journal (origin TEXT PRIMARY KEY) STRICT")


def add_outcomes(connection: sqlite3.Connection) -> None:
    """What a transfer took, the sum that both its ends have, and the moment of its present state
    (seconds since the epoch): what is told of it once it has ended."""
    for column in (
        "checksum TEXT NOT NULL DEFAULT ''",
        "sent INTEGER NOT NULL DEFAULT 0",
        "reused INTEGER NOT NULL DEFAULT 0",
        "parts INTEGER NOT NULL DEFAULT 0",
        "retries INTEGER NOT NULL DEFAULT 0",
        "seconds REAL NOT NULL DEFAULT 0",
        "started REAL NOT NULL DEFAULT 0",
        "moment REAL NOT NULL DEFAULT 0",
    ):
        connection.execute(f"ALTER TABLE transfer ADD COLUMN {column}")
    connection.execute("UPDATE transfer SET moment = CAST(strftime('%s', 'now') AS REAL)")


def add_deletions(connection: sqlite3.Connection) -> None:
    """What was agreed to delete (one row, in a run's own file), place by place, how far it is, and
    the objects that were being uploaded then.

    `moment` is by the clock of the store, `total` unknown where nobody counted.
    """
    connection.execute(
        """
        CREATE TABLE deletion (
            moment TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            is_kept INTEGER NOT NULL,
            with_versions INTEGER NOT NULL,
            with_bucket INTEGER NOT NULL,
            total INTEGER,
            deleted INTEGER NOT NULL,
            is_halted INTEGER NOT NULL
        ) STRICT
        """
    )
    for table in ("doomed", "arriving"):
        connection.execute(
            f"CREATE TABLE {table} (bucket TEXT NOT NULL, name BLOB NOT NULL,"
            " is_prefix INTEGER NOT NULL) STRICT"
        )


def add_endpoints(connection: sqlite3.Connection) -> None:
    """Where connections led when something was asked for, as JSON; empty where nobody knows."""
    for table in ("transfer", "command"):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN endpoints TEXT NOT NULL DEFAULT ''")


def add_source_versions(connection: sqlite3.Connection) -> None:
    """Which version of its source a download fetches; empty for the newest."""
    connection.execute("ALTER TABLE transfer ADD COLUMN source_version TEXT NOT NULL DEFAULT ''")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    create_transfers,
    add_moves_and_priorities,
    add_commands_and_intentions,
    add_copies_and_moves,
    add_origins,
    add_outcomes,
    add_deletions,
    add_endpoints,
    add_source_versions,
)


def create_history(connection: sqlite3.Connection) -> None:
    """Transfers that have ended, from every journal: known by the journal's token and their id in
    it, so that what is taken over twice is there once.

    Moments are seconds since the epoch. `judged` is when it was last read again, 0 for never; what
    ended until `cleared` is not taken over any more.
    """
    connection.execute(
        """
        CREATE TABLE entry (
            number INTEGER PRIMARY KEY,
            journal TEXT NOT NULL,
            transfer INTEGER NOT NULL,
            moment REAL NOT NULL,
            batch TEXT NOT NULL,
            direction TEXT NOT NULL,
            source_connection TEXT,
            source_bucket TEXT,
            source BLOB NOT NULL,
            target_connection TEXT,
            target_bucket TEXT,
            target BLOB NOT NULL,
            size INTEGER NOT NULL,
            is_folder INTEGER NOT NULL,
            removes_source INTEGER NOT NULL,
            state TEXT NOT NULL,
            error BLOB NOT NULL,
            error_kind TEXT NOT NULL,
            verified TEXT NOT NULL,
            checksum TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            reused INTEGER NOT NULL,
            parts INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            seconds REAL NOT NULL,
            started REAL NOT NULL,
            judged REAL NOT NULL DEFAULT 0,
            UNIQUE (journal, transfer)
        ) STRICT
        """
    )
    connection.execute("CREATE INDEX entry_moment ON entry (moment, number)")
    connection.execute("CREATE TABLE history (cleared REAL NOT NULL) STRICT")
    connection.execute("INSERT INTO history VALUES (0)")
    connection.execute("CREATE TABLE connection (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT")


def add_skipped(connection: sqlite3.Connection) -> None:
    """What was left as it is, because something was there already."""
    connection.execute("ALTER TABLE entry ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0")


def add_versions_of_entries(connection: sqlite3.Connection) -> None:
    """Which version of its source a download fetched, as its journal kept it."""
    connection.execute("ALTER TABLE entry ADD COLUMN source_version TEXT NOT NULL DEFAULT ''")


def add_changes(connection: sqlite3.Connection) -> None:
    """What was done to objects and is no transfer: one row a run."""
    connection.execute(
        """
        CREATE TABLE change (
            number INTEGER PRIMARY KEY,
            moment REAL NOT NULL,
            kind TEXT NOT NULL,
            connection TEXT NOT NULL,
            bucket TEXT NOT NULL,
            key BLOB NOT NULL,
            done INTEGER NOT NULL,
            failed INTEGER NOT NULL
        ) STRICT
        """
    )


def add_doubts_of_changes(connection: sqlite3.Connection) -> None:
    """Of how many nobody knows whether they were done."""
    connection.execute("ALTER TABLE change ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0")


HISTORY_MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    create_history,
    add_skipped,
    add_versions_of_entries,
    add_changes,
    add_doubts_of_changes,
)
