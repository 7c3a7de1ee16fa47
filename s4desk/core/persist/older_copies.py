"""Which objects were copied from what may be older than it should be: a file of all processes.

There are rows only after an outage of the first backend of a group, and each goes with the first
sync that sees to its object; nothing is read, nor is there a file, before that.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import chain
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.shared_file import SharedFile
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.older_copies import intended
from s4desk.core.transfer.planner import KEY_LIMIT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from s4desk.core.domain.identity import Address, ConnectionId, Prefix
    from s4desk.core.domain.objects import ObjectMeta

    Deed = tuple[str, tuple[object, ...]]
    """A statement and its values."""

log = logging.getLogger(__name__)

_INTEND: Final = "INSERT OR REPLACE INTO copy (bucket, key, etag) VALUES (?, ?, ?)"
_MADE: Final = "UPDATE copy SET etag = ?3 WHERE bucket = ?1 AND key = ?2"
_SETTLED: Final = "DELETE FROM copy WHERE bucket = ? AND key = ?"
_FORGET: Final = "DELETE FROM copy WHERE bucket = ? AND key = ? AND etag = ?"
_BELOW: Final = "SELECT key, etag FROM copy WHERE bucket = ? AND key >= ? AND key < ?"
_BEHIND_ALL: Final = b"\xff" * (KEY_LIMIT + 1)
"""Behind a prefix, it comes after every key that has it."""


def _make(connection: sqlite3.Connection) -> None:
    """A bucket has a name that no other has in any store."""
    connection.execute(
        "CREATE TABLE copy (bucket TEXT NOT NULL, key BLOB NOT NULL, etag TEXT NOT NULL,"
        " PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID"
    )


class OlderCopyFile:
    """OlderCopies that survive the process, and the machine.

    What several transfers want to have written at once goes to the disk in one go.
    """

    def __init__(
        self,
        path: Path,
        name_of: Callable[[ConnectionId, str], str],
        clock: Clock | None = None,
    ) -> None:
        """`name_of` a bucket of a connection is the same by every connection that leads there."""
        self.path = path
        self._name_of = name_of
        self._file = SharedFile(path, (_make,), clock or SystemClock())
        self._waiting: list[Sequence[Deed]] = []
        self._turn = asyncio.Lock()

    async def intend(self, target: Address, source: ObjectMeta) -> None:
        await self._do((_INTEND, (*self._place(target), intended(source))))

    async def made(self, target: Address, etag: str) -> None:
        await self._try((_MADE, (*self._place(target), etag)))

    async def below(self, connection: ConnectionId, prefix: Prefix) -> Mapping[str, str]:
        head = _key(prefix.prefix)
        values = (self._name_of(connection, prefix.bucket), head, head + _BEHIND_ALL)

        def find(database: sqlite3.Connection) -> dict[str, str]:
            return {
                key.decode("utf-8", "surrogateescape"): etag
                for key, etag in database.execute(_BELOW, values)
            }

        return await in_thread(self._file.read, find, {})

    async def settled(self, target: Address) -> None:
        await self._try((_SETTLED, self._place(target)))

    async def forget(self, connection: ConnectionId, bucket: str, gone: Mapping[str, str]) -> None:
        name = self._name_of(connection, bucket)
        await self._try(*[(_FORGET, (name, _key(key), etag)) for key, etag in gone.items()])

    def _place(self, target: Address) -> tuple[str, bytes]:
        name = self._name_of(target.connection, target.location.bucket)
        return name, _key(target.location.key)

    async def _try(self, *deeds: Deed) -> None:
        try:
            await self._do(*deeds)
        except S4DeskError as error:
            log.warning("what is known of copies that may be older was not kept: %s", error)

    async def _do(self, *deeds: Deed) -> None:
        """Have these written, by whoever is first, with all that waits by then."""
        self._waiting.append(deeds)
        try:
            await self._turn.acquire()
        except BaseException:
            # Nobody waits for it any more, and what it is about is not done.
            self._waiting = [each for each in self._waiting if each is not deeds]
            raise
        try:
            if not any(each is deeds for each in self._waiting):
                return
            batch, self._waiting = self._waiting, []
            try:
                await in_thread(self._write, batch)
            except BaseException:
                # The others try for themselves.
                self._waiting = [each for each in batch if each is not deeds] + self._waiting
                raise
        finally:
            self._turn.release()

    def _write(self, batch: Sequence[Sequence[Deed]]) -> None:
        deeds = list(chain.from_iterable(batch))

        def work(connection: sqlite3.Connection) -> None:
            for statement, values in deeds:
                connection.execute(statement, values)

        self._file.change(work, must_exist=all(deed[0] != _INTEND for deed in deeds))


def _key(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
