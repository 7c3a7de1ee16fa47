"""A deletion under way, as rows of the journal it has to itself.

What is kept is what was agreed to and when, not a row for each key: a listing is what tells which
keys are left, for what is gone is not listed any more, and the failed ones are. So the journal of
a million keys is a page long, and a deletion never waits for the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.transfer.confirmed import Confirmed

if TYPE_CHECKING:
    import sqlite3

_INSERT = "INSERT INTO deletion VALUES (?, ?, ?, ?, ?, ?, 0, 0)"
_SELECT = "SELECT moment, endpoint, is_kept, with_versions, with_bucket, total FROM deletion"


@dataclass(frozen=True, slots=True)
class DeletionView:
    """How far a deletion was when it was last noted; it may be some seconds further.

    `items` is how many places it is about. `is_halted`: a person stopped the program meanwhile, and
    may have had a reason.
    """

    moment: datetime
    items: int
    deleted: int
    total: int | None = None
    is_halted: bool = False
    with_bucket: bool = False


def save(connection: sqlite3.Connection, confirmed: Confirmed) -> None:
    """Keep what was agreed to, in place of what was before."""
    for table in ("deletion", "doomed", "arriving"):
        connection.execute(f"DELETE FROM {table}")
    row = (
        confirmed.moment.isoformat(),
        confirmed.endpoint,
        confirmed.is_kept,
        confirmed.with_versions,
        confirmed.with_bucket,
        confirmed.total,
    )
    connection.execute(_INSERT, row)
    connection.executemany("INSERT INTO doomed VALUES (?, ?, ?)", map(_row, confirmed.places))
    connection.executemany("INSERT INTO arriving VALUES (?, ?, ?)", map(_row, confirmed.arriving))


def load(connection: sqlite3.Connection) -> Confirmed | None:
    """None when the journal is not that of a deletion."""
    row = connection.execute(_SELECT).fetchone()
    if row is None:
        return None
    moment, endpoint, is_kept, with_versions, with_bucket, total = row
    places = connection.execute("SELECT bucket, name, is_prefix FROM doomed ORDER BY rowid")
    arriving = connection.execute("SELECT bucket, name FROM arriving")
    return Confirmed(
        [_place(*each) for each in places],
        datetime.fromisoformat(moment),
        endpoint,
        bool(is_kept),
        bool(with_versions),
        bool(with_bucket),
        total,
        frozenset(Location(bucket, _text(name)) for bucket, name in arriving),
    )


def view(connection: sqlite3.Connection) -> DeletionView | None:
    """What there is to tell of it."""
    query = "SELECT moment, deleted, total, is_halted, with_bucket FROM deletion"
    row = connection.execute(query).fetchone()
    if row is None:
        return None
    moment, deleted, total, is_halted, with_bucket = row
    items: int = connection.execute("SELECT count(*) FROM doomed").fetchone()[0]
    return DeletionView(
        datetime.fromisoformat(moment), items, deleted, total, bool(is_halted), bool(with_bucket)
    )


def note(connection: sqlite3.Connection, deleted: int, *, is_halted: bool) -> None:
    connection.execute("UPDATE deletion SET deleted = ?, is_halted = ?", (deleted, is_halted))


def _row(place: Location | Prefix) -> tuple[str, bytes, bool]:
    is_prefix = isinstance(place, Prefix)
    name = place.prefix if isinstance(place, Prefix) else place.key
    return place.bucket, name.encode("utf-8", "surrogateescape"), is_prefix


def _place(bucket: str, name: bytes, is_prefix: int) -> Location | Prefix:
    return Prefix(bucket, _text(name)) if is_prefix else Location(bucket, _text(name))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
