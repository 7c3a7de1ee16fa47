"""What is remembered of copies that may be older, in memory and in a file of all processes."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.persist.database import Database, DatabaseError, NewerDatabaseError
from s4desk.core.persist.older_copies import OlderCopyFile
from s4desk.core.transfer.older_copies import MemoryOlderCopies, OlderCopies
from tests.persist.journal_contract import ODD_KEY

if TYPE_CHECKING:
    import logging
    from pathlib import Path

A, B, TWIN = (ConnectionId(name) for name in ("a", "b", "twin of a"))
WHOLE = Prefix("bucket")


def at(key: str, bucket: str = "bucket", connection: ConnectionId = A) -> Address:
    return Address(connection, Location(bucket, key))


def name_of(connection: ConnectionId, bucket: str) -> str:
    return f"{connection.removeprefix('twin of ')}/{bucket}"


NINE = ObjectMeta(Location("of", "a group"), 9, None, "in-parts-2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "older.sqlite"


@pytest.fixture
def file(path: Path) -> OlderCopyFile:
    return OlderCopyFile(path, name_of)


@pytest.fixture(params=["memory", "file"])
def copies(request: pytest.FixtureRequest, file: OlderCopyFile) -> OlderCopies:
    return file if request.param == "file" else MemoryOlderCopies()


async def test_an_intention_is_told_until_the_copy_is_made(copies: OlderCopies) -> None:
    await copies.intend(at("key"), NINE)
    assert await copies.below(A, WHOLE) == {"key": "?9?"}
    await copies.made(at("key"), "etag")
    assert await copies.below(A, WHOLE) == {"key": "etag"}
    await copies.intend(at("key"), NINE)
    assert await copies.below(A, WHOLE) == {"key": "?9?"}


async def test_places_are_apart(copies: OlderCopies) -> None:
    for place in (at("key"), at("key", "other"), at("key", connection=B)):
        await copies.intend(place, NINE)
    await copies.made(at("key"), "etag")
    assert await copies.below(A, WHOLE) == {"key": "etag"}
    assert await copies.below(A, Prefix("other")) == await copies.below(B, WHOLE) == {"key": "?9?"}
    await copies.settled(at("key"))
    assert await copies.below(A, WHOLE) == {}
    assert await copies.below(A, Prefix("other")) == await copies.below(B, WHOLE) == {"key": "?9?"}


async def test_those_below_a_prefix(copies: OlderCopies) -> None:
    keys = ("a", "a/", "a/b", "a/\U0010ffff", "a0", "b", ODD_KEY)
    for key in keys:
        await copies.intend(at(key), NINE)
    assert set(await copies.below(A, Prefix("bucket", "a/"))) == {"a/", "a/b", "a/\U0010ffff"}
    assert set(await copies.below(A, WHOLE)) == set(keys)
    assert set(await copies.below(A, Prefix("bucket", ODD_KEY))) == {ODD_KEY}


async def test_what_was_written_over_is_forgotten_as_it_was_seen(copies: OlderCopies) -> None:
    for key in ("one", "other"):
        await copies.intend(at(key), NINE)
        await copies.made(at(key), key)
    await copies.forget(A, "bucket", {"one": "one", "other": "another", "third": ""})
    assert await copies.below(A, WHOLE) == {"other": "other"}


async def test_a_bucket_is_one_by_whatever_connection(file: OlderCopyFile) -> None:
    await file.intend(at("key"), NINE)
    assert await file.below(TWIN, WHOLE) == {"key": "?9?"}
    await file.settled(at("key", connection=TWIN))
    assert await file.below(A, WHOLE) == {}


async def test_no_file_is_made_to_find_nothing(file: OlderCopyFile, path: Path) -> None:
    assert await file.below(A, WHOLE) == {}
    await file.forget(A, "bucket", {})
    assert not path.exists()


async def test_what_waits_is_written_in_one_go(
    file: OlderCopyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = file._write

    def counted(batch: list[object]) -> None:
        written.append(len(batch))
        write(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(file, "_write", counted)
    await asyncio.gather(*(file.intend(at(f"{number}"), NINE) for number in range(50)))
    assert written == [1, 49]
    assert len(await file.below(A, WHOLE)) == 50


async def test_what_cannot_be_written_is_told_to_each(
    file: OlderCopyFile, path: Path, expected_logs: list[logging.LogRecord]
) -> None:
    """Nobody writes what nobody will remember; the rest is no reason to fail."""
    path.mkdir()
    failed = await asyncio.gather(
        *(file.intend(at(f"{number}"), NINE) for number in range(3)), return_exceptions=True
    )
    assert [type(each) for each in failed] == [DatabaseError] * 3
    await file.made(at("0"), "etag")
    await file.settled(at("0"))
    assert len(expected_logs) == 2
    path.rmdir()
    await file.intend(at("key"), NINE)
    assert await file.below(A, WHOLE) == {"key": "?9?"}


async def test_who_is_stopped_while_it_is_written_holds_up_nobody(file: OlderCopyFile) -> None:
    first, second = (asyncio.ensure_future(file.intend(at(key), NINE)) for key in ("one", "other"))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()
    assert await file.below(A, WHOLE) == {"one": "?9?", "other": "?9?"}


async def test_what_waits_and_is_stopped_is_not_written(file: OlderCopyFile) -> None:
    """Nothing is copied then that would have to be remembered."""
    first, second, third = (
        asyncio.ensure_future(file.intend(at(key), NINE)) for key in ("one", "other", "third")
    )
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, third)
    assert second.cancelled()
    assert set(await file.below(A, WHOLE)) == {"one", "third"}


async def test_a_damaged_file_is_set_aside(
    file: OlderCopyFile, path: Path, expected_logs: list[logging.LogRecord]
) -> None:
    path.write_bytes(b"no database " * 100)
    await file.intend(at("key"), NINE)
    assert await file.below(A, WHOLE) == {"key": "?9?"}
    assert len(list(path.parent.glob("older.sqlite.damaged-*"))) == 1
    assert "is damaged" in expected_logs[0].getMessage()


async def test_a_file_of_a_later_version_is_left_alone(file: OlderCopyFile, path: Path) -> None:
    later = Database(path, [lambda _: None] * 9)
    await later.open()
    await later.aclose()
    with pytest.raises(NewerDatabaseError):
        await file.below(A, WHOLE)
    with pytest.raises(NewerDatabaseError):
        await file.intend(at("key"), NINE)


async def test_rows_are_found_by_their_index(file: OlderCopyFile, path: Path) -> None:
    await file.intend(at("key"), NINE)
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT key FROM copy WHERE bucket = ? AND key >= ? AND key < ?",
            ("a/bucket", b"", b"z"),
        ).fetchall()
    assert "SEARCH copy USING PRIMARY KEY (bucket=? AND key>? AND key<?)" in plan[0][-1]


WRITER = """
import asyncio, os, signal, sys
from pathlib import Path
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.persist.older_copies import OlderCopyFile

async def main():
    file = OlderCopyFile(Path(sys.argv[1]), lambda connection, bucket: f"{connection}/{bucket}")
    place = Location("bucket", "key")
    await file.intend(Address(ConnectionId("a"), place), ObjectMeta(place, 9, None, "in-parts-2"))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
async def test_an_intention_outlives_who_is_killed(file: OlderCopyFile, path: Path) -> None:
    words = sys.executable, "-c", WRITER, str(path)
    process = await asyncio.create_subprocess_exec(*words)
    assert await process.wait() == -signal.SIGKILL
    assert await file.below(A, WHOLE) == {"key": "?9?"}
