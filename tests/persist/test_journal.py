"""The journal in SQLite, and the one in memory that stands for it in tests."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.parts import PartReceipt
from s4desk.core.domain.transfer import Transfer, TransferState
from s4desk.core.persist.database import Database, DatabaseError
from s4desk.core.persist.journal import FLUSH_S, SqliteJournal
from s4desk.core.transfer.journal import Journal, MemoryJournal
from tests.persist.journal_contract import UPLOAD, JournalContract
from tests.transfer.fake_clock import FakeClock
from tests.transfer.settle import settle
from tests.transfer.specs import upload_spec

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator
    from pathlib import Path


class MemoryLife:
    def __init__(self) -> None:
        self._journal = MemoryJournal()

    async def journal(self) -> Journal:
        return self._journal

    async def restart(self) -> tuple[Journal, list[Transfer]]:
        await self._journal.aclose()
        return self._journal, await self._journal.open()


class SqliteLife:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.database = Database(path)
        self._journal: SqliteJournal | None = None

    async def journal(self) -> SqliteJournal:
        if self._journal is None:
            await self._begin()
        assert self._journal is not None
        return self._journal

    async def restart(self) -> tuple[Journal, list[Transfer]]:
        await self.aclose()
        self.database = Database(self.path)
        transfers = await self._begin()
        return await self.journal(), transfers

    async def _begin(self) -> list[Transfer]:
        await self.database.open()
        self._journal = SqliteJournal(self.database, self.clock)
        return await self._journal.open()

    async def aclose(self) -> None:
        if self._journal is not None:
            await self._journal.aclose()
        await self.database.aclose()

    def states_on_disk(self) -> list[str]:
        connection = sqlite3.connect(self.path)
        try:
            return [state for (state,) in connection.execute("SELECT state FROM transfer")]
        finally:
            connection.close()

    def parts_on_disk(self) -> int:
        connection = sqlite3.connect(self.path)
        try:
            return int(connection.execute("SELECT count(*) FROM upload_part").fetchone()[0])
        finally:
            connection.close()


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def life(self) -> MemoryLife:
        return MemoryLife()


class TestSqliteJournal(JournalContract):
    @pytest.fixture
    async def life(self, tmp_path: Path) -> AsyncIterator[SqliteLife]:
        life = SqliteLife(tmp_path / "s4desk.sqlite")
        yield life
        await life.aclose()

    async def test_notes_are_collected_and_written_soon(self, life: SqliteLife) -> None:
        journal = await life.journal()
        transfers = await journal.add([upload_spec()] * 3)
        for transfer in transfers:
            journal.record(replace(transfer, state=TransferState.RUNNING))
        assert life.states_on_disk() == ["queued"] * 3
        await settle()
        life.clock.advance(FLUSH_S)
        await settle(lambda: "queued" not in life.states_on_disk())
        assert life.states_on_disk() == ["running"] * 3

    async def test_parts_are_written_at_once_and_together(self, life: SqliteLife) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        await journal.save_upload(transfer.id, replace(UPLOAD, parts={}))
        for number in range(1, 51):
            journal.part_done(transfer.id, PartReceipt(number, 5, f"e{number}"))
        await settle(lambda: life.parts_on_disk() == 50)
        journal.part_done(transfer.id, PartReceipt(51, 5, "e51"))
        await settle(lambda: life.parts_on_disk() == 51)

    async def test_an_awaited_write_takes_the_notes_along(self, life: SqliteLife) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        await journal.save_upload(transfer.id, UPLOAD)
        journal.record(replace(transfer, state=TransferState.COMPLETED))
        await journal.forget(transfer.id)
        assert life.states_on_disk() == ["completed"]

    async def test_notes_that_could_not_be_written_are_kept_for_later(
        self, life: SqliteLife
    ) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        await life.database.run(lambda c: c.execute("ALTER TABLE transfer RENAME TO away"))
        journal.record(replace(transfer, state=TransferState.RUNNING))
        journal.record(replace(transfer, state=TransferState.FAILED))
        with pytest.raises(DatabaseError):
            await journal.forget(transfer.id)
        await life.database.run(lambda c: c.execute("ALTER TABLE away RENAME TO transfer"))
        await journal.forget(transfer.id)
        assert life.states_on_disk() == ["failed"]

    async def test_closing_says_what_it_could_not_write(
        self, life: SqliteLife, expected_logs: list[logging.LogRecord]
    ) -> None:
        journal = await life.journal()
        (transfer,) = await journal.add([upload_spec()])
        journal.record(transfer)
        await life.database.run(lambda c: c.execute("DROP TABLE upload_part"))
        await life.database.run(lambda c: c.execute("DROP TABLE transfer"))
        await journal.aclose()
        assert "were not kept" in expected_logs[0].getMessage()
        journal._pending.states.clear()

    async def test_ten_thousand_specs_are_one_quick_transaction(self, life: SqliteLife) -> None:
        journal = await life.journal()
        specs = [upload_spec(key=f"folder/file {number}") for number in range(10_000)]
        began = process_time()
        await journal.add(specs)
        took = process_time() - began
        assert len((await life.restart())[1]) == 10_000
        assert took < 1
