"""The database file: transactions, migrations, damage, and who closes it."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from s4desk.core.persist.database import (
    Database,
    DatabaseError,
    DatabaseInUseError,
    NewerDatabaseError,
)
from tests.transfer.fake_clock import FakeClock

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


def first(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE fruit (name TEXT)")


def second(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE fruit ADD COLUMN colour TEXT NOT NULL DEFAULT 'green'")


def add(name: str):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO fruit (name) VALUES (?)", (name,))


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM fruit ORDER BY name")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s4desk.sqlite"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = Database(path, [first])
    await database.open()
    yield database
    await database.aclose()


async def test_what_is_committed_is_there_after_a_restart(database: Database, path: Path) -> None:
    await database.run(add("apple"))
    await database.aclose()
    again = Database(path, [first])
    await again.open()
    assert await again.run(names) == ["apple"]
    assert again.moved_aside is None
    await again.aclose()


async def test_the_settings_that_make_it_durable(database: Database) -> None:
    def pragma(name: str) -> object:
        return lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert await database.run(pragma("journal_mode")) == "wal"  # type: ignore[arg-type]
    assert await database.run(pragma("synchronous")) == 2  # type: ignore[arg-type]
    assert await database.run(pragma("busy_timeout")) == 5000  # type: ignore[arg-type]
    assert await database.run(pragma("foreign_keys")) == 1  # type: ignore[arg-type]


async def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        add("apple")(connection)
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        await database.run(half)
    assert await database.run(names) == []


async def test_an_error_of_sqlite_is_one_of_ours(database: Database, path: Path) -> None:
    with pytest.raises(DatabaseError, match="no such table") as caught:
        await database.run(lambda connection: connection.execute("SELECT * FROM stone"))
    assert caught.value.path == path


async def test_a_cancelled_call_ends_its_transaction_first(database: Database) -> None:
    entered, go = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        entered.set()
        assert go.wait(10)
        add("apple")(connection)

    running = asyncio.ensure_future(database.run(slow))
    await asyncio.to_thread(entered.wait, 10)
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await database.run(names) == ["apple"]


async def test_migrations_run_once_in_order(database: Database, path: Path) -> None:
    await database.run(add("apple"))
    await database.aclose()
    for _ in range(2):
        newer = Database(path, [first, second])
        await newer.open()
        row = await newer.run(lambda c: c.execute("SELECT name, colour FROM fruit").fetchall())
        assert row == [("apple", "green")]
        await newer.aclose()


async def test_a_migration_that_fails_leaves_the_old_schema(database: Database, path: Path) -> None:
    await database.aclose()

    def broken(connection: sqlite3.Connection) -> None:
        second(connection)
        connection.execute("NONSENSE")

    newer = Database(path, [first, broken])
    with pytest.raises(DatabaseError, match="NONSENSE"):
        await newer.open()
    await newer.aclose()
    old = Database(path, [first])
    await old.open()
    assert await old.run(names) == []
    await old.aclose()


async def test_a_newer_file_is_refused_and_left_alone(database: Database, path: Path) -> None:
    await database.run(lambda connection: connection.execute("PRAGMA user_version = 7"))
    await database.aclose()
    before = path.read_bytes()
    newer = Database(path, [first])
    with pytest.raises(NewerDatabaseError, match="schema 7"):
        await newer.open()
    await newer.aclose()
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["header", "page", "text"])
async def test_a_damaged_file_is_kept_aside_and_a_new_one_made(
    database: Database, path: Path, damage: str, expected_logs: list[logging.LogRecord]
) -> None:
    await database.run(lambda c: [add(f"apple {number}")(c) for number in range(2000)])
    await database.aclose()
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[:16] = b"not a database.."
    elif damage == "page":
        content[4096:8192] = b"\xff" * 4096
    else:
        content = bytearray(b"hello")
    path.write_bytes(content)

    repaired = Database(path, [first], clock=FakeClock())
    await repaired.open()
    assert repaired.moved_aside == path.with_name("s4desk.sqlite.damaged-20260101-000000")
    assert repaired.moved_aside.read_bytes() == content
    assert await repaired.run(names) == []
    assert "damaged" in expected_logs[0].getMessage()
    await repaired.aclose()


async def test_two_damaged_files_of_one_second_are_both_kept(
    path: Path, expected_logs: list[logging.LogRecord]
) -> None:
    for content in (b"first" * 200, b"second" * 200):
        path.write_bytes(content)
        database = Database(path, [first], clock=FakeClock())
        await database.open()
        assert database.moved_aside is not None
        assert database.moved_aside.read_bytes() == content
        await database.aclose()
    assert len(expected_logs) == 2


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    database = Database(tmp_path / "absent" / "s4desk.sqlite", [first])
    with pytest.raises(DatabaseError, match="unable to open"):
        await database.open()
    with pytest.raises(DatabaseError, match="not open"):
        await database.run(names)
    await database.aclose()


async def test_a_closed_database_stays_closed(database: Database) -> None:
    for _ in range(2):
        await database.aclose()
        with pytest.raises(DatabaseError, match="closed"):
            await database.run(names)
        with pytest.raises(DatabaseError, match="closed"):
            await database.open()


def test_what_run_returned_from_survives_a_kill(path: Path) -> None:
    code = f"""
import asyncio, os, pathlib, signal
from s4desk.core.persist.database import Database
async def main():
    database = Database(pathlib.Path({str(path)!r}), [lambda c: c.execute("CREATE TABLE t (n)")])
    await database.open()
    await database.run(lambda c: c.execute("INSERT INTO t VALUES (1)"))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -9
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT n FROM t").fetchall() == [(1,)]
    connection.close()


HOLDER = """
import asyncio, sys
from pathlib import Path
from s4desk.core.persist.database import Database

async def main():
    await Database(Path(sys.argv[1])).open()
    print("open", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database open."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "s4desk.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


async def test_two_programs_do_not_carry_out_the_same_transfers(tmp_path, holder):
    second = Database(tmp_path / "s4desk.sqlite")
    with pytest.raises(DatabaseInUseError):
        await second.open()
    await second.aclose()

    holder.kill()
    holder.wait()
    third = Database(tmp_path / "s4desk.sqlite")
    await third.open()
    await third.aclose()
