"""Statuses go through one door, generations grow for ever, and both outlive the process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.identity import ConnectionId, Generation, VersionId
from s4desk.core.domain.replication.status import Status
from s4desk.core.persist.database import DatabaseInUseError
from s4desk.core.persist.replication_file import ReplicationFile
from s4desk.core.persist.replication_table import ReplicationTable, replication_database
from s4desk.core.replication.table import Record, Seen, Source, Task, Write
from tests.transfer.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HOME = Source(ConnectionId("c-home"), "main")
OTHER = Source(ConnectionId("c-home"), "other")
ODD = "a/\udcff\u00e9//"
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEEN = Seen("etag", 7, AT)


def write(key: str = "a", etag: str = "etag", version: str | None = None) -> Write:
    return Write(key, replace(SEEN, etag=etag), "r", VersionId(version) if version else None)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def table(tmp_path: Path, clock: FakeClock) -> AsyncIterator[ReplicationTable]:
    async with opened(tmp_path / "replication.db", clock) as table:
        yield table


@asynccontextmanager
async def opened(path: Path, clock: FakeClock | None = None) -> AsyncIterator[ReplicationTable]:
    database = replication_database(path, clock)
    try:
        await database.open()
        yield ReplicationTable(database, clock)
    finally:
        await database.aclose()


async def status_of(table: ReplicationTable, key: str = "a") -> Status | None:
    found = await table.between(HOME, key, key, 10)
    return found[0].entry.status if found else None


async def test_what_was_seen_waits_as_it_was_seen(table, clock):
    tasks = await table.observe(HOME, [write(ODD), write("b", version="v1")])
    assert await table.waiting(Generation(0), 10) == tasks
    assert [each.write for each in tasks] == [write(ODD), write("b", version="v1")]
    assert tasks[0].generation < tasks[1].generation
    (known,) = await table.between(HOME, ODD, ODD, 10)
    assert known.task == tasks[0]
    assert (known.entry.status, known.entry.recorded_at) == (Status.PENDING, clock.now())


async def test_generations_are_never_used_again(tmp_path):
    path = tmp_path / "replication.db"
    async with opened(path) as table:
        first = (await table.observe(HOME, [write("a"), write("b")]))[-1]
        await table.forget([first])
    async with opened(path) as table:
        (second,) = await table.observe(OTHER, [write("b")])
    assert second.generation > first.generation


async def test_an_older_write_has_no_say(table):
    (older,) = await table.observe(HOME, [write(etag="one")])
    (newer,) = await table.observe(HOME, [write(etag="two")])
    assert await table.record([Record(older, Status.COMPLETED)]) == [False]
    assert await status_of(table) is Status.PENDING
    assert await table.record([Record(newer, Status.COMPLETED)]) == [True]
    assert await table.record([Record(older, Status.FAILED, 3, "late")]) == [False]
    await table.forget([older])
    assert await status_of(table) is Status.COMPLETED
    assert await table.waiting(Generation(0), 10) == []


async def test_one_write_goes_on_by_its_own_generation(table):
    (task,) = await table.observe(HOME, [write()])
    for status in (Status.FAILED, Status.PENDING, Status.COMPLETED):
        assert await table.record([Record(task, status, 2, "so")]) == [True]
        assert await status_of(table) is status
    (known,) = await table.between(HOME, "a", "a", 10)
    assert (known.entry.attempts, known.entry.error) == (2, "so")
    await table.observe(HOME, [write(etag="new")])
    (known,) = await table.between(HOME, "a", "a", 10)
    assert (known.entry.attempts, known.entry.error) == (0, "")


async def test_what_nobody_has_seen_is_not_recorded(table):
    assert await table.record([Record(Task(HOME, write(), Generation(9)), Status.FAILED)]) == [
        False
    ]


async def test_the_same_key_of_another_bucket_is_another_object(table):
    (mine,) = await table.observe(HOME, [write()])
    (others,) = await table.observe(OTHER, [write()])
    await table.record([Record(others, Status.COMPLETED)])
    assert await table.waiting(Generation(0), 10) == [mine]
    await table.forget([others])
    assert await status_of(table) is Status.PENDING


async def test_the_oldest_waits_first_and_what_came_after_one(table):
    tasks = await table.observe(HOME, [write(f"{at}") for at in range(5)])
    assert await table.waiting(Generation(0), 2) == tasks[:2]
    assert await table.waiting(tasks[1].generation, 10) == tasks[2:]


async def test_keys_come_in_the_order_of_the_store(table):
    keys = ["a", "a/", "a/\u00e9", "b", "\uffee", "\U0001f600"]
    await table.observe(HOME, [write(each) for each in reversed(keys)])
    found = await table.between(HOME, "", None, 10)
    assert [each.task.write.key for each in found] == keys
    found = await table.between(HOME, "a/", "b", 10)
    assert [each.task.write.key for each in found] == keys[1:4]
    assert len(await table.between(HOME, "", None, 2)) == 2
    assert await table.between(OTHER, "", None, 10) == []


async def test_only_failed_ones_are_tried_again(table):
    tasks = await table.observe(HOME, [write(each) for each in "abc"])
    (other,) = await table.observe(OTHER, [write()])
    await table.record([Record(tasks[0], Status.FAILED), Record(tasks[1], Status.COMPLETED)])
    await table.record([Record(other, Status.FAILED)])
    assert await table.retry(HOME, "another rule") == 0
    assert await table.retry(HOME, "r") == 1
    assert await table.waiting(Generation(0), 10) == [tasks[0], tasks[2]]
    assert await table.retry(HOME) == 0


async def test_what_ended_long_ago_is_swept_and_what_waits_never(table, clock):
    tasks = await table.observe(HOME, [write(each) for each in "abcd"])
    await table.record([Record(tasks[0], Status.COMPLETED), Record(tasks[1], Status.FAILED)])
    clock.advance(3600)
    await table.record([Record(tasks[2], Status.COMPLETED)])
    clock.advance(3600)
    assert await table.sweep(OTHER, clock.now()) == {}
    gone = await table.sweep(HOME, clock.now() - timedelta(seconds=5000))
    assert gone == {Status.COMPLETED: 1}
    assert await table.counts(HOME) == {
        ("r", Status.COMPLETED): 1,
        ("r", Status.FAILED): 1,
        ("r", Status.PENDING): 1,
    }


async def test_what_is_seen_again_as_it_was_does_not_grow_old(table, clock):
    tasks = await table.observe(HOME, [write(each) for each in "ab"])
    await table.record([Record(each, Status.COMPLETED) for each in tasks])
    clock.advance(7200)
    await table.confirm(tasks[:1])
    old = clock.now() - timedelta(seconds=3600)
    assert await table.sweep(HOME, old) == {Status.COMPLETED: 1}
    assert await status_of(table, "a") is Status.COMPLETED


async def test_a_newer_version_knows_that_an_older_one_has_failed(table):
    older, newer = await table.observe(HOME, [write(version="v1"), write(version="v2")])
    (other,) = await table.observe(HOME, [write("b", version="v1")])
    assert not await table.has_failed_before(newer)
    await table.record([Record(older, Status.FAILED, 3)])
    assert await table.has_failed_before(newer)
    assert not await table.has_failed_before(older)
    assert not await table.has_failed_before(other)


async def test_what_other_rules_did_is_forgotten(table):
    await table.adopt(HOME, {"r": "there", "s": "there"})
    await table.observe(HOME, [write("a"), replace(write("b"), rule="s")])
    await table.observe(OTHER, [write("a")])
    assert await table.adopt(HOME, {"s": "there", "r": "there"}) == 0
    assert await table.adopt(HOME, {"r": "there", "s": "elsewhere"}) == 1
    assert await table.counts(HOME) == {("r", Status.PENDING): 1}
    assert await table.adopt(HOME, {}) == 1
    assert await table.counts(HOME) == {}
    assert await table.counts(OTHER) == {("r", Status.PENDING): 1}


async def test_anybody_may_see_which_ways_the_rest_is_about(tmp_path, clock):
    path = tmp_path / "replication.db"
    statuses = ReplicationFile(path, clock)
    assert await statuses.ways(HOME) == {}
    async with opened(path, clock) as table:
        await table.adopt(HOME, {"r": "there"})
        await table.adopt(OTHER, {"r": "elsewhere"})
        assert await statuses.ways(HOME) == {"r": "there"}


async def test_a_new_table_counts_on_behind_the_one_before(tmp_path):
    """Replicas are stamped with what it counts."""
    (before,) = await _first(tmp_path / "one.db")
    (after,) = await _first(tmp_path / "two.db")
    assert after.generation >= before.generation > 1_700_000_000_000


async def _first(path: Path) -> list[Task]:
    async with opened(path) as table:
        return await table.observe(HOME, [write()])


async def test_two_processes_do_not_share_it(tmp_path):
    path = tmp_path / "replication.db"
    async with opened(path):
        with pytest.raises(DatabaseInUseError):
            async with opened(path):
                pass


async def test_what_takes_the_place_of_a_write_of_unknown_end_is_in_doubt(table, clock):
    ended, waiting, failed = await table.observe(HOME, [write(each) for each in "abc"])
    await table.record([Record(ended, Status.COMPLETED), Record(failed, Status.FAILED)])
    tasks = await table.observe(HOME, [write(each, "new") for each in "abc"])
    await table.record([Record(each, Status.COMPLETED) for each in tasks[:2]])
    assert await table.doubtful(10) == []
    assert await table.next_doubt() == clock.now() + timedelta(seconds=120)
    clock.advance(121)
    assert await table.doubtful(10) == [tasks[1]]
    await table.record([Record(tasks[2], Status.COMPLETED)])
    assert await table.doubtful(10) == tasks[1:]
    await table.settle(tasks[1:])
    assert await table.doubtful(10) == []
    assert await table.next_doubt() is None
    assert waiting.generation < tasks[1].generation


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(list(Status))), max_size=12))
def test_whatever_is_recorded_in_whatever_order_the_newest_write_is_told(steps):
    """Against a model: the door as SPEC.md says it."""
    # `replication_rows` is what the table runs; without a thread for each example.
    import sqlite3

    from s4desk.core.persist import replication_rows as rows
    from s4desk.core.persist.replication_schema import MIGRATIONS

    connection = sqlite3.connect(":memory:")
    for migrate in MIGRATIONS:
        migrate(connection)
    id_ = rows.source_id(connection, HOME)
    tasks: list[Task] = []
    stored: tuple[Generation, Status] | None = None
    for age, status in steps:
        if age == 0 or not tasks:
            (number,) = connection.execute(rows.NEXT, [1]).fetchone()
            tasks.append(Task(HOME, write(), Generation(number)))
            connection.execute(rows.OBSERVE, rows.observed(id_, tasks[-1], 0.0))
            stored = tasks[-1].generation, Status.PENDING
            continue
        task = tasks[max(0, len(tasks) - age)]
        told = rows.recorded(rows.source_ids(connection), Record(task, status), 0.0)
        connection.execute(rows.RECORD, told)
        if stored is not None and task.generation >= stored[0]:
            stored = task.generation, status
    found = rows.between(connection, HOME, "a", "a", 2)
    assert [(each.task.generation, each.entry.status) for each in found] == (
        [stored] if stored else []
    )
    connection.close()
