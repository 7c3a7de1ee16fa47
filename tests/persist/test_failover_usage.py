"""What backends were used for, in a file of all processes."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.usage import Usage
from s4desk.core.persist import failover_usage
from s4desk.core.persist.database import DatabaseError
from s4desk.core.persist.failover_usage import FailoverUsage
from tests.failover.groups import HandClock

G, A, B = (ConnectionId(name) for name in ("group", "a", "b"))
MONTH = "2026-11"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "usage.sqlite"


@pytest.fixture
def usage(path):
    return FailoverUsage(path)


async def test_nothing_was_used_and_no_file_is_made(usage, path):
    assert await usage.add(G, MONTH, {}) == {}
    assert not path.exists()


async def test_it_adds_up_and_survives_a_restart(usage, path):
    await usage.add(G, MONTH, {A: Usage(1, 2, 3)})
    await FailoverUsage(path).add(G, MONTH, {A: Usage(10, 20, 30), B: Usage(requests=1)})
    assert await usage.add(G, MONTH, {}) == {A: Usage(11, 22, 33), B: Usage(requests=1)}


async def test_months_and_groups_are_apart(usage):
    await usage.add(G, MONTH, {A: Usage(1)})
    assert await usage.add(G, "2026-12", {}) == {}
    assert await usage.add(ConnectionId("other"), MONTH, {}) == {}


async def test_large_numbers(usage):
    much = Usage(2**40, 2**60, 2**60)
    await usage.add(G, MONTH, {A: much})
    assert await usage.add(G, MONTH, {}) == {A: much}


OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from s4desk.core.failover.usage import Usage
from s4desk.core.persist.failover_usage import FailoverUsage

async def main():
    usage = FailoverUsage(Path(sys.argv[1]))
    for _ in range(40):
        await usage.add("group", "2026-11", {"a": Usage(1, 10, 100)})

asyncio.run(main())
"""


async def test_processes_add_up(usage, path):
    words = sys.executable, "-c", OTHER_PROCESS, str(path)
    others = [await asyncio.create_subprocess_exec(*words) for _ in range(2)]
    for _ in range(40):
        await usage.add(G, MONTH, {A: Usage(1, 10, 100)})
    for each in others:
        assert await each.wait() == 0
    assert await usage.add(G, MONTH, {}) == {A: Usage(120, 1200, 12000)}


async def test_a_file_that_is_none_is_put_aside(usage, path, expected_logs):
    path.write_bytes(b"nothing of SQLite's" * 1000)
    assert await usage.add(G, MONTH, {A: Usage(1)}) == {A: Usage(1)}
    (aside,) = path.parent.glob("usage.sqlite.damaged-*")
    assert (usage.lost.aside, usage.lost.is_news) == (str(aside), True)
    assert len(expected_logs) == 1


async def test_what_was_lost_is_kept_in_mind_for_its_month(path, expected_logs):
    clock = HandClock()
    usage = FailoverUsage(path, clock)
    await usage.add(G, MONTH, {A: Usage(1)})
    assert usage.lost is None
    path.write_bytes(b"nothing of SQLite's" * 1000)
    clock.advance(60)
    assert await usage.add(G, MONTH, {}) == {}
    lost = usage.lost
    assert (lost.at, lost.is_news) == (clock.start + timedelta(minutes=1), True)
    other = FailoverUsage(path, clock)
    await other.add(B, MONTH, {A: Usage(1)})
    assert other.lost == replace(lost, is_news=False)
    await other.add(G, "2026-12", {A: Usage(1)})
    assert other.lost is None


async def test_a_file_of_the_first_schema_goes_on(usage, path):
    with closing(sqlite3.connect(path)) as before:
        before.execute(
            "CREATE TABLE used (owner TEXT NOT NULL, month TEXT NOT NULL, backend TEXT NOT NULL,"
            " requests INTEGER NOT NULL, egress INTEGER NOT NULL, ingress INTEGER NOT NULL,"
            " PRIMARY KEY (owner, month, backend)) WITHOUT ROWID"
        )
        before.execute("INSERT INTO used VALUES ('group', '2026-11', 'a', 1, 2, 3)")
        before.execute("PRAGMA user_version = 1")
        before.commit()
    assert await usage.add(G, MONTH, {A: Usage(1)}) == {A: Usage(2, 2, 3)}
    assert usage.lost is None


async def test_damage_behind_the_first_page_is_put_aside(usage, path, expected_logs):
    await usage.add(G, MONTH, {A: Usage(1)})
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"garbage!" * ((size - 4096) // 8))
    assert await usage.add(G, MONTH, {A: Usage(1)}) == {A: Usage(1)}
    assert list(path.parent.glob("usage.sqlite.damaged-*"))


async def test_one_that_is_locked_says_so(usage, path, monkeypatch):
    monkeypatch.setattr(failover_usage, "BUSY_TIMEOUT_S", 0.01)
    await usage.add(G, MONTH, {A: Usage(1)})
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseError):
            await usage.add(G, MONTH, {A: Usage(1)})
    assert await usage.add(G, MONTH, {}) == {A: Usage(1)}
