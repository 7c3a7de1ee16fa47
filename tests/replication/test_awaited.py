"""Which objects of a bucket have no replica yet, as anybody may ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import ConnectionId, VersionId
from s4desk.core.domain.replication.rules import Destination, Rule
from s4desk.core.domain.replication.status import Status
from s4desk.core.persist.replication_file import ReplicationFile
from s4desk.core.persist.replication_home import STATUSES, ReplicationHome
from s4desk.core.persist.replication_rules import REPLICATION_RULES, ReplicationRuleFile
from s4desk.core.persist.replication_table import ReplicationTable, replication_database
from s4desk.core.replication.awaited import awaited_in
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.service import Replication, Surroundings
from s4desk.core.replication.table import Record, Seen, Source, Write
from tests.transfer.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HOME, BUCKET = ConnectionId("home"), "main"
SOURCE = Source(HOME, BUCKET)
RULE = Rule("r", Destination(ConnectionId("away"), "copies"))
RULED = Ruled(SOURCE, (RULE,))


def write(key: str, version: str = "") -> Write:
    return Write(key, Seen("etag", 1), "r", VersionId(version) if version else None)


class World:
    """A process that asks, and the table of one that replicates."""

    def __init__(self, folder: Path, table: ReplicationTable) -> None:
        clock = FakeClock()
        self.table = table
        self.replication = Replication(
            ReplicationRuleFile(folder / REPLICATION_RULES),
            ReplicationFile(folder / STATUSES, clock),
            Surroundings(ReplicationHome(folder), lambda _: None),  # type: ignore[arg-type,return-value]
            clock,
        )
        self.awaited = awaited_in(self.replication, HOME, BUCKET)

    async def seen(self, *writes: Write, status: Status | None = None) -> None:
        tasks = await self.table.observe(SOURCE, writes)
        if status is not None:
            await self.table.record([Record(each, status) for each in tasks])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = replication_database(tmp_path / STATUSES)
    try:
        await database.open()
        world = World(tmp_path, ReplicationTable(database))
        await world.replication.put(RULED)
        await world.table.adopt(SOURCE, world.replication.ways(RULED))
        yield world
    finally:
        await database.aclose()


async def test_what_waits_and_what_has_failed_is_awaited(world):
    await world.seen(write("done"), status=Status.COMPLETED)
    assert not await world.awaited.is_any()
    await world.seen(write("failed"), status=Status.FAILED)
    assert await world.awaited.is_any()
    await world.seen(write("waits"), write("v", "one"))
    await world.seen(write("v", "two"), status=Status.COMPLETED)
    keys = ["done", "failed", "v", "waits", "nobody"]
    assert await world.awaited.of(keys) == {"failed": {""}, "waits": {""}, "v": {"one"}}
    other = awaited_in(world.replication, HOME, "other")
    assert not await other.is_any()
    assert await other.of(keys) == {}


async def test_what_waits_is_enough(world):
    await world.seen(write("waits"))
    assert await world.awaited.is_any()


async def test_a_rule_that_is_off_goes_on_holding_and_one_that_is_gone_does_not(world):
    await world.seen(write("a"))
    await world.replication.put(replace(RULED, rules=(replace(RULE, is_enabled=False),)))
    assert await world.awaited.of(["a"]) == {"a": {""}}
    # Who replicates has not heard of it yet: its rows are still there.
    elsewhere = replace(RULE, destination=replace(RULE.destination, bucket="elsewhere"))
    for rules in ((elsewhere,), (replace(RULE, id="other"),), ()):
        await world.replication.put(replace(RULED, rules=rules))
        assert await world.awaited.of(["a"]) == {}
    assert not await world.awaited.is_any()


async def test_nothing_is_awaited_where_nobody_has_ever_replicated(tmp_path):
    replication = World(tmp_path, None).replication  # type: ignore[arg-type]
    await replication.put(RULED)
    awaited = awaited_in(replication, HOME, BUCKET)
    assert not await awaited.is_any()
    assert await awaited.of(["a"]) == {}


async def test_many_keys_are_asked_for_at_once(world):
    await world.seen(*(write(f"{number:04}") for number in range(1200)))
    keys = [f"{number:04}" for number in range(100, 1300)]
    assert sorted(await world.awaited.of(keys)) == keys[:1100]
