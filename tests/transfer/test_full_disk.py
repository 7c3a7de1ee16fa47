"""The disk of the journal is full: nothing is begun that nobody would remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.persist.database import Database, DatabaseError
from s4desk.core.persist.journal import SqliteJournal
from tests.transfer.queue_world import QueueWorld
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator
    from pathlib import Path

CONTENT = noise(3 * PART + 1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "s4desk.sqlite")
    await database.open()
    yield database
    await database.aclose()


@pytest.fixture
async def world(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[QueueWorld]:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    world = QueueWorld(tmp_path)
    world.journal = SqliteJournal(database, world.clock)
    world.board, world.queue = world._life()
    await world.queue.open()
    yield world
    await world.queue.aclose()


async def fill(database: Database, table: str) -> None:
    """What SQLite says when a write needs a page that the disk does not have."""
    await database.run(
        lambda connection: connection.execute(
            f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table}"
            " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        )
    )


async def test_what_cannot_be_written_down_is_not_begun(
    world: QueueWorld, database: Database
) -> None:
    await fill(database, "transfer")
    with pytest.raises(DatabaseError, match="full"):
        await world.submit("key", content=CONTENT)
    assert (world.queue.transfers(), world.store.calls) == ([], [])


@pytest.mark.parametrize("table", ["intended_upload", "upload"])
async def test_an_upload_that_cannot_be_written_down_is_aborted_and_fails(
    world: QueueWorld, database: Database, table: str
) -> None:
    await fill(database, table)
    await world.submit("key", content=CONTENT)
    await world.rest()
    (transfer,) = world.queue.transfers()
    assert (transfer.state, transfer.error_kind) == ("failed", "DatabaseError")
    assert "disk is full" in transfer.error
    assert world.store.memory.uploads == {}
    assert world.store.count["put_part"] == 0


async def test_parts_that_cannot_be_written_down_belong_to_an_upload_that_is(
    world: QueueWorld, database: Database, expected_logs: list[logging.LogRecord]
) -> None:
    await fill(database, "upload_part")
    await world.submit("key", content=CONTENT)
    await world.rest()
    (transfer,) = world.queue.transfers()
    assert (transfer.state, transfer.error_kind) == ("failed", "DatabaseError")
    rows = await database.run(lambda c: c.execute("SELECT upload FROM upload").fetchall())
    assert {upload for (upload,) in rows} == set(world.store.memory.uploads) != set()
    assert expected_logs
