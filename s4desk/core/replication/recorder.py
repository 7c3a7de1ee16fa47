"""Statuses on their way into the table: many at a time, and whoever waits for theirs is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.replication.table import Record, Table
    from s4desk.core.runtime.tasks import TaskScope


class Recorder:
    """One transaction after the other, each with all that came during the one before."""

    def __init__(
        self, table: Table, tasks: TaskScope, told: Callable[[Sequence[Record]], None]
    ) -> None:
        """`told` gets what was recorded, once it is on the disk."""
        self._table = table
        self._tasks = tasks
        self._told = told
        self._waiting: list[tuple[Record, asyncio.Future[bool]]] = []
        self._is_writing = False

    async def record(self, record: Record) -> bool:
        """Whether it was recorded: False when a newer write was seen. Raises DatabaseError."""
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((record, written))
        if not self._is_writing:
            self._is_writing = True
            self._tasks.start(self._write())
        return await written

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_batch(batch)
        finally:
            self._is_writing = False

    async def _write_batch(self, batch: Sequence[tuple[Record, asyncio.Future[bool]]]) -> None:
        records = [record for record, _ in batch]
        try:
            accepted = await self._table.record(records)
        except S4DeskError as error:
            for _, written in batch:
                if not written.done():
                    written.set_exception(error)
            return
        except BaseException:
            for _, written in batch:
                written.cancel()
            raise
        self._told([each for each, is_in in zip(records, accepted, strict=True) if is_in])
        for (_, written), is_in in zip(batch, accepted, strict=True):
            if not written.done():
                written.set_result(is_in)
