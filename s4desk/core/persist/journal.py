"""The transfer queue in SQLite."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.transfer import Transfer, TransferId
from s4desk.core.persist import checkpoint_rows as rows
from s4desk.core.persist.database import Database, DatabaseError
from s4desk.core.persist.transfer_rows import (
    INSERT,
    KEPT,
    SELECT_COMPLETED,
    SELECT_LEFT_ALONE,
    SELECT_UNFINISHED,
    UPDATE,
    RowReader,
    row_of,
    state_of,
)
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import datetime

    from s4desk.core.domain.parts import (
        DownloadCheckpoint,
        MoveCheckpoint,
        PartReceipt,
        UploadCheckpoint,
    )
    from s4desk.core.domain.transfer import Endpoints, TransferSpec
    from s4desk.core.transfer.journal import Inheritance

log = logging.getLogger(__name__)
T = TypeVar("T")

FLUSH_S = 0.2
_UNFINISHED = "SELECT count(*) FROM transfer WHERE state NOT IN ('completed', 'cancelled')"
_CANCELLED = "DELETE FROM transfer WHERE state = 'cancelled'"
_ENDED = "state IN ('completed', 'cancelled')"
_FORMER = (
    f"DELETE FROM transfer WHERE id IN (SELECT id FROM transfer WHERE {_ENDED} AND moment < ?"
    " LIMIT 2000)"
)


@dataclass(slots=True)
class _Pending:
    """What was noted and is not written yet."""

    states: dict[TransferId, tuple[Transfer, float]] = field(default_factory=dict)
    parts: list[tuple[TransferId, PartReceipt]] = field(default_factory=list)
    ranges: list[tuple[TransferId, int, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.states or self.parts or self.ranges)

    def write(self, connection: sqlite3.Connection) -> None:
        """Parts of a checkpoint that was forgotten meanwhile find no row, and are dropped."""
        connection.executemany(UPDATE, (state_of(*each) for each in self.states.values()))
        connection.executemany(
            "INSERT OR REPLACE INTO upload_part SELECT transfer, ?, ?, ?, ? FROM upload"
            " WHERE transfer = ?",
            ((p.number, p.size, p.etag, p.checksum, transfer) for transfer, p in self.parts),
        )
        connection.executemany(
            "INSERT OR REPLACE INTO download_range SELECT transfer, ?, ? FROM download"
            " WHERE transfer = ?",
            ((number, checksum, transfer) for transfer, number, checksum in self.ranges),
        )

    def before(self, later: _Pending) -> _Pending:
        """Both; for one transfer the later state counts."""
        return _Pending(
            self.states | later.states, self.parts + later.parts, self.ranges + later.ranges
        )


class SqliteJournal:
    """A Journal whose notes are collected and written several times a second, in one go; those of
    parts and ranges at once, together with what came while the disk was busy.

    Every awaited write takes along what was noted before it, so that order is kept. What has ended
    stays in the file until it is in the history: `archive` puts it there.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        *,
        archive: Callable[[], Awaitable[None]] | None = None,
        forgets_cancelled: bool = False,
    ) -> None:
        """With `forgets_cancelled` a life knows nothing of what was cancelled in the one before."""
        self._database = database
        self._archive = archive
        self._forgets_cancelled = forgets_cancelled
        self._opened = 0.0
        self._clock = clock or SystemClock()
        self._tasks = TaskScope("journal")
        self._pending = _Pending()
        self._under_way: set[asyncio.Future[None]] = set()
        self._is_flush_due = False
        self._is_flushing = False
        self._token = ""

    @property
    def token(self) -> str:
        return self._token

    async def open(self) -> list[Transfer]:
        self._opened = self._now()
        forgets = self._forgets_cancelled
        self._token, transfers = await self._database.run(lambda c: _open(c, forgets=forgets))
        return transfers

    async def archive_former(self) -> None:
        """Put what had ended before this life into the history, and forget it. Raises
        DatabaseError, and nothing is forgotten then."""
        if self._archive is not None:
            await self.flush()
            await self._archive()
        forgotten = -1
        while forgotten:  # a few at a time: others want to write too
            forgotten = await self._write(lambda c: c.execute(_FORMER, [self._opened]).rowcount)

    async def completed(self) -> list[Transfer]:
        """What was carried out, skipped transfers not among it."""
        return await self._write(lambda connection: _transfers(connection, SELECT_COMPLETED))

    async def left_alone(self) -> list[Transfer]:
        """What was cancelled before it had begun here, had nothing to do, or was refused: then its
        `error` says so."""
        return await self._write(lambda connection: _transfers(connection, SELECT_LEFT_ALONE))

    async def unfinished(self) -> int:
        """How many transfers have not ended well and were not undone."""
        return await self._write(lambda c: int(c.execute(_UNFINISHED).fetchone()[0]))

    async def kept(self) -> dict[TransferId, int]:
        """About how many bytes of each transfer need not be moved again, where there are any."""
        return await self._write(lambda connection: dict(connection.execute(KEPT).fetchall()))

    async def inheritances(self) -> list[Inheritance]:
        """All that is known of what has not ended."""
        return await self._write(_inheritances)

    async def inherit(
        self, inheritances: Sequence[Inheritance], origin: str = ""
    ) -> list[Transfer]:
        return await self._write(lambda connection: _inherit(connection, inheritances, origin))

    async def add(self, specs: Sequence[TransferSpec], endpoints: Endpoints = ()) -> list[Transfer]:
        return await self._write(lambda connection: _add(connection, specs, endpoints))

    def record(self, transfer: Transfer) -> None:
        self._pending.states[transfer.id] = (transfer, self._now())
        self._flush_soon()

    async def remove(self, transfers: Iterable[TransferId]) -> None:
        rows = [(transfer,) for transfer in transfers]
        delete = "DELETE FROM transfer WHERE id = ?"
        if self._archive is not None:
            try:
                await self.flush()
                await self._archive()
            except DatabaseError as error:
                log.warning("what has ended stays in the journal for now: %s", error)
                delete += f" AND NOT {_ENDED}"
        await self._write(lambda c: c.executemany(delete, rows))

    async def intend_upload(self, transfer: TransferId) -> None:
        now = self._clock.now()

        def add(connection: sqlite3.Connection) -> None:
            earlier = rows.load_intended(connection, transfer)
            rows.save_intended(connection, transfer, (*earlier, now))

        await self._write(add)

    async def intended_uploads(self, transfer: TransferId) -> tuple[datetime, ...]:
        return await self._write(lambda connection: rows.load_intended(connection, transfer))

    async def load_upload(self, transfer: TransferId) -> UploadCheckpoint | None:
        return await self._write(lambda connection: rows.load_upload(connection, transfer))

    async def save_upload(
        self,
        transfer: TransferId,
        checkpoint: UploadCheckpoint,
        in_doubt: tuple[datetime, ...] = (),
    ) -> None:
        def save(connection: sqlite3.Connection) -> None:
            rows.save_upload(connection, transfer, checkpoint)
            rows.save_intended(connection, transfer, in_doubt)

        await self._write(save)

    def part_done(self, transfer: TransferId, receipt: PartReceipt) -> None:
        self._pending.parts.append((transfer, receipt))
        self._flush_at_once()

    async def load_download(self, transfer: TransferId) -> DownloadCheckpoint | None:
        return await self._write(lambda connection: rows.load_download(connection, transfer))

    async def save_download(self, transfer: TransferId, checkpoint: DownloadCheckpoint) -> None:
        await self._write(lambda connection: rows.save_download(connection, transfer, checkpoint))

    def range_done(self, transfer: TransferId, number: int, checksum: str) -> None:
        self._pending.ranges.append((transfer, number, checksum))
        self._flush_at_once()

    async def load_move(self, transfer: TransferId) -> MoveCheckpoint | None:
        return await self._write(lambda connection: rows.load_move(connection, transfer))

    async def save_move(self, transfer: TransferId, checkpoint: MoveCheckpoint) -> None:
        await self._write(lambda connection: rows.save_move(connection, transfer, checkpoint))

    async def forget(self, transfer: TransferId) -> None:
        await self._write(lambda connection: rows.forget(connection, transfer))

    async def flush(self) -> None:
        """Also what is just being written: it may fail, and is noted again then."""
        if self._under_way:
            await asyncio.wait(set(self._under_way))
        if self._pending:
            await self._write(lambda _: None)

    async def aclose(self) -> None:
        await self._tasks.aclose()
        try:
            await self.flush()
        except DatabaseError as error:
            log.error("the last changes of the transfer queue were not kept: %s", error)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _flush_soon(self) -> None:
        if not self._is_flush_due:
            self._is_flush_due = True
            self._tasks.start(self._flush_later())

    def _flush_at_once(self) -> None:
        """A part that is not written down is sent again: each is, as fast as the disk allows."""
        if not self._is_flushing:
            self._is_flushing = True
            self._tasks.start(self._flush_parts())

    async def _flush_parts(self) -> None:
        try:
            while self._pending.parts or self._pending.ranges:
                await self.flush()
        finally:
            self._is_flushing = False

    async def _flush_later(self) -> None:
        try:
            await self._clock.sleep(FLUSH_S)
        finally:
            self._is_flush_due = False
        await self.flush()

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        pending, self._pending = self._pending, _Pending()

        def both(connection: sqlite3.Connection) -> T:
            pending.write(connection)
            return work(connection)

        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way.add(ended)
        try:
            return await self._database.run(both)
        except DatabaseError:
            self._pending = pending.before(self._pending)
            raise
        finally:
            self._under_way.discard(ended)
            ended.set_result(None)


def _open(connection: sqlite3.Connection, *, forgets: bool) -> tuple[str, list[Transfer]]:
    token: str = connection.execute("SELECT token FROM journal").fetchone()[0]
    if forgets:
        connection.execute(_CANCELLED)
    return token, _not_ended(connection)


def _not_ended(connection: sqlite3.Connection) -> list[Transfer]:
    return _transfers(connection, SELECT_UNFINISHED)


def _transfers(connection: sqlite3.Connection, query: str) -> list[Transfer]:
    return list(map(RowReader().transfer, connection.execute(query)))


def _inheritances(connection: sqlite3.Connection) -> list[Inheritance]:
    return [rows.load_all(connection, each) for each in _not_ended(connection)]


def _inherit(
    connection: sqlite3.Connection, inheritances: Sequence[Inheritance], origin: str
) -> list[Transfer]:
    new = _numbered(connection, [each.transfer.spec for each in inheritances])
    heirs = [each.heir(number) for each, number in zip(inheritances, new, strict=True)]
    connection.executemany(INSERT, map(row_of, heirs))
    for heir, inheritance in zip(heirs, inheritances, strict=True):
        rows.save_all(connection, heir.id, inheritance)
    if origin:
        connection.execute("INSERT OR IGNORE INTO inherited_journal VALUES (?)", [origin])
    return heirs


def _add(
    connection: sqlite3.Connection, specs: Sequence[TransferSpec], endpoints: Endpoints
) -> list[Transfer]:
    added = [replace(each, endpoints=endpoints) for each in _numbered(connection, specs)]
    connection.executemany(INSERT, map(row_of, added))
    return added


def _numbered(connection: sqlite3.Connection, specs: Sequence[TransferSpec]) -> list[Transfer]:
    """New transfers behind all others."""
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'transfer'").fetchone()
    first = (found[0] if found else 0) + 1
    last_place = connection.execute("SELECT max(position) FROM transfer").fetchone()[0] or 0
    behind = max(0, last_place + 1 - first)
    return [
        Transfer(TransferId(number), spec, position=number + behind)
        for number, spec in enumerate(specs, first)
    ]
