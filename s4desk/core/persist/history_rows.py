"""Transfers that have ended as rows of the table `entry`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.transfer import (
    BatchId,
    Direction,
    Effort,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)
from s4desk.core.persist.schema import MIGRATIONS, add_source_versions
from s4desk.core.persist.transfer_rows import RowReader

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

Row = tuple[Any, ...]
Found = tuple[int, float, Transfer]
"""Number, moment and transfer."""

HAS_ALL = MIGRATIONS.index(add_source_versions) + 1
"""The schema since which a journal says all that is told of a transfer that has ended."""

_SHARED = (
    "batch, direction, source_connection, source_bucket, source, target_connection, target_bucket,"
    " target, source_version, size, is_folder, removes_source, state, skipped, error, error_kind,"
    " verified, checksum, attempts, sent, reused, parts, retries, seconds, started, moment"
)
_NEWS = (
    "state, skipped, error, error_kind, verified, checksum, attempts, sent, reused, parts, retries,"
    " seconds, started, moment"
)
_AS_ENDED = _SHARED.replace(
    " state, skipped,",
    " CASE WHEN skipped AND length(error) THEN 'failed' ELSE state END,"
    " skipped AND NOT length(error),",
)
"""What was skipped with an error was refused: it has failed."""
TAKE = f"""
    INSERT INTO entry (journal, transfer, {_SHARED})
    SELECT (SELECT token FROM taken.journal), id, {_AS_ENDED} FROM taken.transfer
    WHERE state IN ('completed', 'failed', 'cancelled') AND moment > :horizon
    AND NOT (:only_begun AND state = 'cancelled' AND attempts = 0)
    ON CONFLICT (journal, transfer) DO UPDATE
    SET {", ".join(f"{each} = excluded.{each}" for each in _NEWS.split(", "))}
    WHERE (
        excluded.moment > entry.moment
        OR (excluded.moment = entry.moment AND NOT entry.judged
            AND (excluded.state <> entry.state OR excluded.verified <> entry.verified
                OR excluded.skipped <> entry.skipped))
    )
    AND NOT (entry.state = 'failed' AND excluded.state = 'cancelled')
"""
"""What failed and was given up has failed: the reason is worth more than that."""

FORGET = "DELETE FROM entry WHERE journal = ? AND transfer = ?"
CLEARED = "SELECT cleared FROM history"
NAMES = "SELECT id, name FROM connection"
NAME = "INSERT OR REPLACE INTO connection VALUES (?, ?)"
LAST = "SELECT coalesce(max(number), 0) FROM entry"
PRUNE_OLD = "DELETE FROM entry WHERE moment <= ?"
PRUNE_MANY = (
    "DELETE FROM entry WHERE number IN (SELECT number FROM entry WHERE skipped = ?"
    " ORDER BY moment DESC, number DESC LIMIT -1 OFFSET ?)"
)
"""Those that were skipped apart: they push out no other."""
JUDGE = (
    "UPDATE entry SET verified = ?, checksum = ?, error = ?, error_kind = ?, state = ?, judged = ?"
    " WHERE number = ?"
)
_NAMED = ("source", "target", "source_bucket", "target_bucket", "error")


def attach(connection: sqlite3.Connection, journal: Path) -> bool:
    """Make a journal readable as `taken`; False when it is of another version of s4desk: it is
    taken over once that has opened it."""
    connection.execute("ATTACH ? AS taken", [f"{journal.absolute().as_uri()}?mode=ro"])
    version: int = connection.execute("PRAGMA taken.user_version").fetchone()[0]
    return version >= HAS_ALL


def judged(number: int, verified: str, checksum: str, error: str, now: float) -> Row:
    """The values of JUDGE: what differs has failed."""
    if not error:
        return (verified, checksum, b"", "", TransferState.COMPLETED, now, number)
    text = error.encode("utf-8", "surrogatepass")
    return ("", "", text, "IntegrityError", TransferState.FAILED, now, number)


def page(
    connection: sqlite3.Connection,
    words: str,
    since: float,
    states: Collection[TransferState],
    skipped: bool | None,
    after: tuple[float, int] | None,
    count: int,
) -> list[Found]:
    """Number, moment and transfer, newest first, of what is older than `after`."""
    where, values = _condition(connection, words, since, states, skipped)
    if after is not None:
        where, values = f"{where} AND (moment, number) < (?, ?)", [*values, *after]
    query = f"SELECT number, {_SHARED} FROM entry WHERE {where} ORDER BY moment DESC, number DESC"
    return _read(connection.execute(f"{query} LIMIT ?", [*values, count]))


def numbered(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Found]:
    """The same for some numbers."""
    found: list[Found] = []
    for first in range(0, len(numbers), 500):
        some = numbers[first : first + 500]
        places = ", ".join("?" * len(some))
        query = f"SELECT number, {_SHARED} FROM entry WHERE number IN ({places})"
        found += _read(connection.execute(query, some))
    return sorted(found, key=lambda each: (-each[1], -each[0]))


def count(
    connection: sqlite3.Connection,
    words: str,
    since: float,
    states: Collection[TransferState],
    skipped: bool | None,
) -> tuple[int, int, int]:
    """How many, how many of them failed, and the bytes of those that moved."""
    where, values = _condition(connection, words, since, states, skipped)
    query = (
        "SELECT count(*), total(state = 'failed'),"
        " total(size * (state = 'completed' AND NOT skipped))"
        f" FROM entry WHERE {where}"
    )
    entries, failed, size = connection.execute(query, values).fetchone()
    return entries, int(failed), int(size)


def _condition(
    connection: sqlite3.Connection,
    words: str,
    since: float,
    states: Collection[TransferState],
    skipped: bool | None,
) -> tuple[str, list[object]]:
    terms = [f"moment >= ? AND state IN ({', '.join('?' * len(states))})"]
    values: list[object] = [since, *states]
    if skipped is not None:
        terms.append("skipped = ?")
        values.append(skipped)
    for word in words.split():
        terms.append(f"({' OR '.join(_holds(word, column) for column in _NAMED)})")
        values += [_needle(word)] * len(_NAMED)
    if not words.isascii():
        connection.create_function("folded", 1, _folded, deterministic=True)
    return " AND ".join(terms), values


def _holds(word: str, column: str) -> str:
    """SQLite tells no letters apart by their case as long as they are ASCII; for others it needs
    help, which costs more."""
    if word.isascii():
        return rf"CAST({column} AS TEXT) LIKE ? ESCAPE '\'"
    return f"instr(folded({column}), ?)"


def _needle(word: str) -> str:
    if not word.isascii():
        return word.casefold()
    for special in "\\%_":
        word = word.replace(special, f"\\{special}")
    return f"%{word}%"


def _folded(text: str | bytes | None) -> str:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return (text or "").casefold()


def _read(found: Iterable[Row]) -> list[Found]:
    reader = RowReader()
    return [(row[0], row[-1], _transfer(row, reader)) for row in found]


def _transfer(row: Row, reader: RowReader) -> Transfer:
    number, batch, direction, *places, version = row[:10]
    size, is_folder, removes_source, state, skipped, error, error_kind = row[10:17]
    verified, checksum, attempts, sent, reused, parts, retries, seconds, started, moment = row[17:]
    spec = TransferSpec(
        Direction(direction),
        reader.place(*places[:3]),
        reader.place(*places[3:]),
        size,
        batch=BatchId(batch),
        is_folder=bool(is_folder),
        removes_source=bool(removes_source),
        version=VersionId(version) if version else None,
    )
    return Transfer(
        TransferId(number),
        spec,
        TransferState(state),
        error.decode("utf-8", "surrogatepass"),
        verified,
        skipped=bool(skipped),
        attempts=attempts,
        error_kind=error_kind,
        effort=Effort(sent, reused, parts, retries, seconds, started, moment),
        checksum=checksum,
    )
