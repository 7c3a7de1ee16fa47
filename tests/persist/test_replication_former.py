"""What the table of a former version has is read as it is, and kept when it is taken over."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import ConnectionId, Generation
from s4desk.core.domain.replication.status import Status
from s4desk.core.persist import replication_rows as rows
from s4desk.core.persist.replication_file import ReplicationFile
from s4desk.core.persist.replication_schema import create_replication
from s4desk.core.persist.replication_table import ReplicationTable, replication_database
from s4desk.core.replication.table import Made, Record, Source
from tests.transfer.fake_clock import FakeClock

if TYPE_CHECKING:
    from pathlib import Path

HOME = Source(ConnectionId("c-home"), "main")


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A file as the first version made it."""
    path = tmp_path / "replication.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        create_replication(made)
        made.execute("PRAGMA user_version = 1")
        id_ = rows.source_id(made, HOME)
        made.execute(
            "INSERT INTO object VALUES"
            " (?, x'61', '', 'etag', 7, -1, 0, 'r', 'FAILED', 5, 1, 3, x'6e6f', 0, 0)",
            [id_],
        )
    return path


async def test_it_is_read_as_it_is(former):
    file = ReplicationFile(former, FakeClock())
    (known,) = await file.of_keys(HOME, ["a"])
    entry = known.entry
    assert (entry.status, entry.error, entry.lock_left) == (Status.FAILED, "no", False)
    assert len(await file.failed(HOME)) == 1
    assert await file.counts(HOME) == {("r", Status.FAILED): 1}
    assert await file.retry(HOME) == 1


async def test_it_is_taken_over_and_learns_what_is_new(former):
    database = replication_database(former, FakeClock())
    await database.open()
    table = ReplicationTable(database, FakeClock())
    (known,) = await table.of_keys(HOME, ["a"])
    made = Made("its etag", Generation(5))
    done = Record(known.task, Status.COMPLETED, 1, made=made, lock_left=True)
    assert await table.record([done]) == [True]
    assert await table.replica_etag(HOME, "a", Generation(5)) == "its etag"
    assert await table.replica_etag(HOME, "a", Generation(4)) == ""
    (known,) = await ReplicationFile(former).of_keys(HOME, ["a"])
    assert known.entry.lock_left
    # The next write is another one: of it nothing is known yet, but what stands there still is.
    await table.observe(HOME, [known.task.write])
    (known,) = await table.of_keys(HOME, ["a"])
    assert not known.entry.lock_left
    assert await table.replica_etag(HOME, "a", Generation(5)) == "its etag"
    await database.aclose()
