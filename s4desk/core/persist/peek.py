"""A look into a journal that another process may be working with. Everything here blocks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import UploadId
from s4desk.core.domain.transfer import Transfer, TransferId, TransferState
from s4desk.core.persist import deletion_rows
from s4desk.core.persist.checkpoint_rows import moments
from s4desk.core.persist.claim import is_busy, lock_path
from s4desk.core.persist.database import BUSY_TIMEOUT_S, DatabaseError, NewerDatabaseError
from s4desk.core.persist.schema import MIGRATIONS, add_deletions
from s4desk.core.persist.transfer_rows import KEPT, SELECT, RowReader, read_endpoints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from s4desk.core.domain.identity import Address
    from s4desk.core.domain.transfer import Endpoints
    from s4desk.core.persist.deletion_rows import DeletionView

_INHERITED = "SELECT 1 FROM inherited_journal WHERE origin = ?"
WITHOUT_ENDPOINTS = 9
"""The columns a command had at first."""
HAS_COMMANDS = 4
"""The schema since which a file says what command it is of."""
HAS_DELETIONS = MIGRATIONS.index(add_deletions) + 1


@dataclass(frozen=True, slots=True)
class Command:
    """What a headless run was asked to do. Of equal ones the later goes on with the former's work.

    Paths are absolute. `flags` are words that change what is done, in a fixed order. `endpoints`
    are where its connections led; with others it is another command.
    """

    verb: str
    source: Path | Address
    target: Path | Address
    flags: tuple[str, ...] = ()
    endpoints: Endpoints = ()

    def continues(self, former: Command) -> bool:
        """Whether this is the same again. Of an old one nobody knows where its connections led."""
        known = former.endpoints or self.endpoints
        return self == replace(former, endpoints=known)


@dataclass(frozen=True, slots=True)
class JournalView:
    """What a journal remembered when it was looked at.

    `unfinished` are the transfers that have not ended, failed ones among them; `completed` is how
    many were carried out, `undone` how many a run took back when it ended, to be planned again:
    they had failed, or were cut off, and had nothing that was worth keeping. `kept` has about the
    bytes that need not be moved again, `uploads` the multipart upload, where a transfer has them,
    `intended` when one of which nobody heard may have been created.
    `command` is None for the window's own journal; `deletion` is there for a command that deletes,
    which has no transfers.
    """

    unfinished: list[Transfer] = field(default_factory=list)
    completed: int = 0
    undone: int = 0
    kept: Mapping[TransferId, int] = field(default_factory=dict)
    uploads: Mapping[TransferId, UploadId] = field(default_factory=dict)
    intended: Mapping[TransferId, tuple[datetime, ...]] = field(default_factory=dict)
    command: Command | None = None
    is_planned: bool = True
    token: str = ""
    deletion: DeletionView | None = None


def is_claimed(path: Path) -> bool:
    """Whether a process has the database at `path` open; taking no lock that could be in its way
    for longer than an instant."""
    lock = lock_path(path)
    if not lock.exists():
        return False
    uri = f"{lock.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=0)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return is_busy(error)
    except sqlite3.Error:
        return False
    return False


def peek(path: Path) -> JournalView:
    """What is in a journal, read without writing. Raises NewerDatabaseError, DatabaseError."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
            connection.execute("BEGIN")
            return _read(connection, path)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise DatabaseError(path, str(error)) from error


def read_command(connection: sqlite3.Connection) -> Command | None:
    """The command that the journal is of, if it says so."""
    row = connection.execute("SELECT * FROM command").fetchone()
    if row is None:
        return None
    reader, (verb, *places) = RowReader(), row[:7]
    source, target = reader.place(*places[:3]), reader.place(*places[3:])
    # The column came later, and who only looks does not add it.
    endpoints = read_endpoints(row[9]) if len(row) > WITHOUT_ENDPOINTS else ()
    return Command(verb, source, target, tuple(row[7].split()), endpoints)


def read_token(connection: sqlite3.Connection) -> str:
    """The letters that only this journal uses."""
    token: str = connection.execute("SELECT token FROM journal").fetchone()[0]
    return token


def has_inherited(heir: Path | None, origin: str) -> bool:
    """Whether the journal at `heir` has taken over another one. One that is damaged has nothing."""
    if heir is None or not heir.exists():
        return False
    uri = f"{heir.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
            return connection.execute(_INHERITED, [origin]).fetchone() is not None
    except sqlite3.DatabaseError as error:
        if is_busy(error):
            raise DatabaseError(heir, str(error)) from error
        return False


def _intended(connection: sqlite3.Connection) -> dict[TransferId, tuple[datetime, ...]]:
    found = connection.execute("SELECT transfer, since FROM intended_upload").fetchall()
    return {TransferId(transfer): moments(since) for transfer, since in found}


def _read(connection: sqlite3.Connection, path: Path) -> JournalView:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise NewerDatabaseError(path, f"schema {version} is newer than this program")
    if not version:
        return JournalView()
    transfers = list(map(RowReader().transfer, connection.execute(SELECT)))
    command, is_planned = None, True
    if version >= HAS_COMMANDS and (command := read_command(connection)) is not None:
        is_planned = bool(connection.execute("SELECT is_planned FROM command").fetchone()[0])
    uploads = connection.execute("SELECT transfer, upload FROM upload").fetchall()
    return JournalView(
        [transfer for transfer in transfers if not transfer.state.is_final],
        sum(each.state is TransferState.COMPLETED and not each.skipped for each in transfers),
        sum(each.state is TransferState.CANCELLED for each in transfers),
        dict(connection.execute(KEPT).fetchall()),
        {TransferId(transfer): UploadId(upload) for transfer, upload in uploads},
        _intended(connection) if version >= HAS_COMMANDS - 1 else {},
        command,
        is_planned,
        read_token(connection),
        deletion_rows.view(connection) if version >= HAS_DELETIONS else None,
    )
