"""The rows of replication, and how they become values. Everything here blocks."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.identity import ConnectionId, Generation, VersionId
from s4desk.core.domain.replication.status import Entry, Status
from s4desk.core.replication.table import Known, Seen, Source, Task, Unlike, Write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.objects import Page
    from s4desk.core.replication.table import IsOf, Record


NEXT: Final = "UPDATE counter SET generation = generation + ? RETURNING generation"
OBSERVE: Final = """
    INSERT INTO object (
        source, key, version, etag, size, modified, is_marker, rule, status, generation,
        recorded_at, attempts, error, doubt, may_be_there
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'PENDING', ?, ?, 0, x'', 0, ?)
    ON CONFLICT DO UPDATE SET
        etag = excluded.etag, size = excluded.size, modified = excluded.modified,
        is_marker = excluded.is_marker, rule = excluded.rule, status = excluded.status,
        generation = excluded.generation, recorded_at = excluded.recorded_at,
        attempts = 0, error = x'', may_be_there = excluded.may_be_there, lock_left = 0,
        doubt = iif(
            object.doubt > excluded.recorded_at OR object.status IN ('PENDING', 'FAILED'),
            excluded.recorded_at + ?, 0
        )
"""
_ONE: Final = "source = ? AND key = ? AND version = ? AND generation <= ?"
RECORD: Final = f"""
    UPDATE object SET
        status = ?, recorded_at = ?, attempts = ?, error = ?, rule = ?, doubt = max(doubt, ?),
        lock_left = ?, replica = coalesce(?, replica),
        replica_generation = coalesce(?, replica_generation)
    WHERE {_ONE}
"""
FORGET: Final = f"DELETE FROM object WHERE {_ONE}"
SETTLE: Final = f"UPDATE object SET doubt = 0 WHERE {_ONE}"
POSTPONE: Final = f"UPDATE object SET doubt = ? WHERE {_ONE}"
_WELL: Final = "status IN ('COMPLETED', 'REPLICA', 'NONE')"
CONFIRM: Final = f"UPDATE object SET recorded_at = ? WHERE {_ONE} AND {_WELL}"
_ENDED_WELL: Final = frozenset({"COMPLETED", "REPLICA", "NONE"})
_COLUMNS: Final = (
    "key, version, etag, size, modified, is_marker, generation, rule, may_be_there, recorded_at"
)
_KNOWN: Final = f"{_COLUMNS}, status, attempts, error, lock_left"
_OLD: Final = f"source = ? AND {_WELL} AND recorded_at < ?"
NEVER: Final = -1.0
DOUBT_S: Final = 120.0
"""Longer than a request that nobody waits for any more takes to arrive."""
AT_ONCE: Final = 500
"""Keys in one question: not all of SQLite take more than 999 parameters."""
NO_ID: Final = -1
"""Of a bucket of which nothing is known."""


def source_ids(connection: sqlite3.Connection) -> dict[Source, int]:
    """The numbers of all buckets that were ever replicated."""
    found = connection.execute("SELECT id, connection, bucket FROM source")
    return {Source(ConnectionId(connection), bucket): id_ for id_, connection, bucket in found}


def source_id(connection: sqlite3.Connection, source: Source) -> int:
    """The number of a bucket, which it gets now if it has none."""
    ids = source_ids(connection)
    if source not in ids:
        told = (source.connection, source.bucket)
        connection.execute("INSERT INTO source (connection, bucket) VALUES (?, ?)", told)
        ids = source_ids(connection)
    return ids[source]


def named(ids: Mapping[Source, int], task: Task) -> tuple[Any, ...]:
    """What stands for _ONE."""
    key = _bytes(task.write.key)
    return ids.get(task.source, NO_ID), key, task.write.version or "", task.generation


def observed(id_: int, task: Task, now: float) -> tuple[Any, ...]:
    """What OBSERVE is given."""
    write, seen = task.write, task.write.seen
    modified = NEVER if seen.modified is None else seen.modified.timestamp()
    return (
        *(id_, _bytes(write.key), write.version or ""),
        *(seen.etag, seen.size, modified, int(seen.is_marker)),
        *(write.rule, task.generation, now, int(write.may_be_there), DOUBT_S),
    )


def recorded(ids: Mapping[Source, int], record: Record, now: float) -> tuple[Any, ...]:
    """What RECORD is given."""
    task = record.task
    # What an attempt that failed has sent may arrive after all.
    doubt = now + DOUBT_S if record.attempts > 1 else 0.0
    told = (str(record.status), now, record.attempts, _bytes(record.error), task.write.rule)
    made = record.made
    replica = (None, None) if made is None else (made.etag, made.generation)
    return *told, doubt, int(record.lock_left), *replica, *named(ids, task)


def suspect(connection: sqlite3.Connection, count: int, now: float) -> None:
    """The oldest that wait may have been on their way when the process died that carried them."""
    connection.execute(
        "UPDATE object SET doubt = ? WHERE (source, key, version) IN (SELECT source, key, version"
        " FROM object WHERE status = 'PENDING' ORDER BY generation LIMIT ?)",
        [now + DOUBT_S, count],
    )


def waiting(connection: sqlite3.Connection, after: Generation, count: int) -> list[Task]:
    which = "status = 'PENDING' AND generation > ? ORDER BY generation"
    return _tasks(connection, which, after, count)


def between(
    connection: sqlite3.Connection, source: Source, first: str, last: str | None, count: int
) -> list[Known]:
    asked: list[Any] = [source_ids(connection).get(source, NO_ID), _bytes(first)]
    until = ""
    if last is not None:
        until = "AND key <= ?"
        asked.append(_bytes(last))
    found = connection.execute(
        f"SELECT {_KNOWN} FROM object"
        f" WHERE source = ? AND key >= ? {until} ORDER BY key, version LIMIT ?",
        [*asked, count],
    )
    return [_known(row, source) for row in found]


def of_keys(connection: sqlite3.Connection, source: Source, keys: Sequence[str]) -> list[Known]:
    id_ = source_ids(connection).get(source, NO_ID)
    asked = f"SELECT {_KNOWN} FROM object WHERE source = ? AND key = ? ORDER BY version"
    return [
        _known(row, source) for key in keys for row in connection.execute(asked, [id_, _bytes(key)])
    ]


def awaited(
    connection: sqlite3.Connection, source: Source, keys: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Key, version and rule of what waits or has failed."""
    id_, found = source_ids(connection).get(source, NO_ID), []
    for first in range(0, len(keys), AT_ONCE):
        some = [_bytes(key) for key in keys[first : first + AT_ONCE]]
        asked = (
            "SELECT key, version, rule FROM object WHERE source = ? AND status IN"
            f" ('PENDING', 'FAILED') AND key IN ({', '.join('?' * len(some))})"
        )
        found += connection.execute(asked, [id_, *some]).fetchall()
    return [(_text(key), version, rule) for key, version, rule in found]


def unlike(
    connection: sqlite3.Connection,
    source: Source,
    first: str,
    page: Page,
    is_of: IsOf,
    before: float,
) -> Unlike | None:
    """Values, not objects: there are a thousand of each page, and mostly nothing is to be done."""
    found = connection.execute(
        "SELECT key, version, etag, size, modified, is_marker, rule, recorded_at, status"
        " FROM object WHERE source = ? AND key >= ? AND key <= ?",
        [source_ids(connection).get(source, NO_ID), _bytes(first), _bytes(page.keys[-1])],
    )
    known, gone = {}, set()
    for key, version, *told in found:
        if version:
            gone.add(key)
        else:
            known[key] = told
    other, old = [], []
    former = b""
    for at, (key, etag, size, modified) in enumerate(
        zip(page.keys, page.etags, page.sizes, page.modified, strict=True)
    ):
        raw = _bytes(key)
        if raw < former:
            return None
        former = raw
        row = known.pop(raw, None)
        is_same = (
            row is not None
            and row[0] == etag
            and row[1] == size
            and not row[3]
            and _is_at(row[2], modified)
            and is_of(key, row[4])
        )
        if row is None or not is_same:
            other.append(at)
        elif row[5] < before and row[6] in _ENDED_WELL:
            old.append(key)
    gone |= known.keys()
    return Unlike(other, [_text(each) for each in sorted(gone)], old)


def _is_at(known: float, listed: float) -> bool:
    """Listings tell milliseconds, and HEAD does not; a store may say nothing at all."""
    return known == NEVER or isnan(listed) or int(known) == int(listed)


def failed(connection: sqlite3.Connection, source: Source, rule: str, count: int) -> list[Known]:
    found = connection.execute(
        f"SELECT {_KNOWN} FROM object WHERE source = ? AND status = 'FAILED'"
        " AND (? = '' OR rule = ?) ORDER BY generation DESC LIMIT ?",
        [source_ids(connection).get(source, NO_ID), rule, rule, count],
    )
    return [_known(row, source) for row in found]


def oldest(connection: sqlite3.Connection, source: Source) -> dict[str, datetime]:
    found = connection.execute(
        "SELECT rule, min(recorded_at) FROM object WHERE source = ? AND status = 'PENDING'"
        " GROUP BY rule",
        [source_ids(connection).get(source, NO_ID)],
    )
    return {rule: datetime.fromtimestamp(at, UTC) for rule, at in found}


def data_version(connection: sqlite3.Connection) -> int:
    """Another number when another connection has written."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def doubtful(connection: sqlite3.Connection, until: float, count: int) -> list[Task]:
    which = "doubt > 0 AND doubt <= ? AND status = 'COMPLETED' ORDER BY doubt"
    return _tasks(connection, which, until, count)


def next_doubt(connection: sqlite3.Connection) -> float | None:
    """When the first of them can be looked at, if it has arrived by then."""
    found: float | None = connection.execute(
        "SELECT min(doubt) FROM object WHERE doubt > 0"
    ).fetchone()[0]
    return found


def retry(connection: sqlite3.Connection, source: Source, rule: str, most: int, now: float) -> int:
    asked = [now, source_ids(connection).get(source, NO_ID), rule, rule, most]
    return connection.execute(
        "UPDATE object SET status = 'PENDING', recorded_at = ?, attempts = 0"
        " WHERE (source, key, version) IN (SELECT source, key, version FROM object"
        " WHERE source = ? AND status = 'FAILED' AND (? = '' OR rule = ?)"
        " ORDER BY generation LIMIT ?)",
        asked,
    ).rowcount


def replica_etag(
    connection: sqlite3.Connection, source: Source, key: str, generation: Generation
) -> str:
    found = connection.execute(
        "SELECT replica FROM object WHERE source = ? AND key = ? AND replica_generation = ?",
        [source_ids(connection).get(source, NO_ID), _bytes(key), generation],
    ).fetchone()
    return str(found[0]) if found else ""


def has_failed_before(connection: sqlite3.Connection, task: Task) -> bool:
    asked = (source_ids(connection).get(task.source, NO_ID), _bytes(task.write.key))
    found = connection.execute(
        "SELECT 1 FROM object WHERE source = ? AND key = ? AND generation < ?"
        " AND status = 'FAILED' LIMIT 1",
        [*asked, task.generation],
    )
    return found.fetchone() is not None


def adopt(connection: sqlite3.Connection, source: Source, ways: Mapping[str, str]) -> int:
    id_ = source_ids(connection).get(source, NO_ID) if not ways else source_id(connection, source)
    found = connection.execute("SELECT id, way FROM rule WHERE source = ?", [id_]).fetchall()
    former = dict(found)
    stale = [(id_, rule) for rule, way in former.items() if ways.get(rule) != way]
    count = connection.executemany(
        "DELETE FROM object WHERE source = ? AND rule = ?", stale
    ).rowcount
    connection.execute("DELETE FROM rule WHERE source = ?", [id_])
    kept = [(id_, rule, way) for rule, way in ways.items()]
    connection.executemany("INSERT INTO rule VALUES (?, ?, ?)", kept)
    return max(count, 0)


def ways(connection: sqlite3.Connection, source: Source) -> dict[str, str]:
    asked = [source_ids(connection).get(source, NO_ID)]
    return dict(connection.execute("SELECT id, way FROM rule WHERE source = ?", asked).fetchall())


def sweep(connection: sqlite3.Connection, source: Source, before: datetime) -> dict[Status, int]:
    asked = [source_ids(connection).get(source, NO_ID), before.timestamp()]
    found = connection.execute(
        f"SELECT status, count(*) FROM object WHERE {_OLD} GROUP BY status", asked
    ).fetchall()
    connection.execute(f"DELETE FROM object WHERE {_OLD}", asked)
    return {Status(status): count for status, count in found}


def counts(connection: sqlite3.Connection, source: Source) -> dict[tuple[str, Status], int]:
    found = connection.execute(
        "SELECT rule, status, count(*) FROM object WHERE source = ? GROUP BY rule, status",
        [source_ids(connection).get(source, NO_ID)],
    )
    return {(rule, Status(status)): count for rule, status, count in found}


def _tasks(connection: sqlite3.Connection, which: str, border: float, count: int) -> list[Task]:
    sources = {id_: source for source, id_ in source_ids(connection).items()}
    asked = f"SELECT source, {_COLUMNS} FROM object WHERE {which} LIMIT ?"
    found = connection.execute(asked, [border, count])
    return [_task(row, sources[id_]) for id_, *row in found]


def _task(row: Sequence[Any], source: Source) -> Task:
    """One row of _COLUMNS."""
    key, version, etag, size, modified, is_marker, generation, rule, may_be_there, at = row
    moment = None if modified == NEVER else datetime.fromtimestamp(modified, UTC)
    seen = Seen(etag, size, moment, is_marker=bool(is_marker))
    id_ = VersionId(version) if version else None
    write = Write(_text(key), seen, rule, id_, may_be_there=bool(may_be_there))
    return Task(source, write, Generation(generation), datetime.fromtimestamp(at, UTC))


def _known(row: Sequence[Any], source: Source) -> Known:
    *about, status, attempts, error, lock_left = row
    task = _task(about, source)
    told = (attempts, _text(error), bool(lock_left))
    return Known(task, Entry(Status(status), task.generation, task.seen_at, *told))


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _text(value: bytes) -> str:
    return value.decode(errors="surrogateescape")
