"""The desk applies rules by the clock, once it is open, where somebody switched that on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.past_change import ChangeKind
from s4desk.core.lifecycle.report import RunState
from s4desk.core.lifecycle.schedule_entries import DAILY, Entry, Trouble
from s4desk.core.persist.lifecycle_schedule import SCHEDULES, ScheduleFile
from s4desk.core.persist.secrets import Keychain
from s4desk.core.runtime.events import LifecycleRan, ObjectsChanged
from tests.persist.fakes import FakeKeyring

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

C = ConnectionId("c")
RULES = {
    "Rules": [
        {
            "Status": "Enabled",
            "Filter": {"Prefix": "old/"},
            "Expiration": {"Date": "2020-01-01T00:00:00Z"},
        }
    ]
}


async def desk_in(folder: Path) -> Desk:
    desk = build_desk(folders_under(folder), secrets=Keychain(FakeKeyring))
    await desk.connections.add(Connection(C, "Here", "memory:b"))
    store = await desk.stores.get(C)
    for key in ("old/1", "new"):
        await store.put(Location("b", key), b"x")
    return desk


async def test_what_is_switched_on_runs_while_the_desk_is_open(tmp_path: Path) -> None:
    desk = await desk_in(tmp_path)
    heard: asyncio.Queue[object] = asyncio.Queue()
    desk.events.subscribe(LifecycleRan, heard.put_nowait)
    desk.events.subscribe(ObjectsChanged, heard.put_nowait)
    yesterday = datetime.now(UTC) - DAILY
    file = ScheduleFile(desk.folders.config / SCHEDULES)
    await file.put(Entry(C, "b", is_on=True, rules=RULES, endpoint="memory:b", since=yesterday))
    assert heard.empty()
    await desk.open()
    async with asyncio.timeout(30):
        assert [await heard.get(), await heard.get()] == [
            LifecycleRan(C, "b"),
            ObjectsChanged(C, Prefix("b")),
        ]
    entry = await desk.lifecycle.entry(C, "b")
    assert entry.trouble is Trouble.NONE
    record = await desk.lifecycle_runs.record(entry.report)
    assert record is not None
    assert (record.connection, record.report.state) == (C, RunState.FINISHED)
    assert record.report.counters["expired"] == 1
    (noted,) = await desk.history.changes()
    assert (noted.kind, noted.bucket, noted.done, noted.failed) == (ChangeKind.LIFECYCLE, "b", 1, 0)
    store = await desk.stores.get(C)
    assert list((await store.list_objects(Prefix("b"), delimiter="")).keys) == ["new"]
    await desk.aclose()


async def test_what_is_switched_on_does_not_run_before_its_time(tmp_path: Path) -> None:
    desk = await desk_in(tmp_path)
    heard: list[LifecycleRan] = []
    desk.events.subscribe(LifecycleRan, heard.append)
    await desk.open()
    await desk.lifecycle.put(Entry(C, "b", is_on=True, rules=RULES))
    await desk.lifecycle.run_now(C, "b")
    await desk.lifecycle.put(replace(await desk.lifecycle.entry(C, "b"), every=2 * DAILY))
    entry = await desk.lifecycle.entry(C, "b")
    assert len(heard) == 1
    assert entry.endpoint == "memory:b"
    assert entry.due is not None
    assert entry.due > datetime.now(UTC) + DAILY
    await desk.aclose()


async def test_nothing_runs_that_is_off(tmp_path: Path) -> None:
    desk = await desk_in(tmp_path)
    heard: list[LifecycleRan] = []
    desk.events.subscribe(LifecycleRan, heard.append)
    await desk.lifecycle.put(Entry(C, "b", rules=RULES))
    await desk.open()
    entry = await desk.lifecycle.run_now(C, "b")
    assert len(heard) == 1  # by hand it does
    assert entry.trouble is Trouble.NONE
    await desk.aclose()
