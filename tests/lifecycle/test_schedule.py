"""Rules that are applied by themselves: when, and above all when not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import MalformedReplyError, PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.lifecycle.report import RunState
from s4desk.core.lifecycle.schedule import LOOK_EVERY_S, LifecycleSchedule, Surroundings
from s4desk.core.lifecycle.schedule_entries import DAILY, Entry, Trouble
from s4desk.core.persist.lifecycle_runs import RunShelf
from s4desk.core.persist.lifecycle_schedule import ScheduleFile
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.owners import Owners
from tests.lifecycle.applying import at, expire, keys_in, rules
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore

B, C = "bucket", ConnectionId("c")
DAY = 86_400
WEEK = rules(expire(7))


class World:
    def __init__(self, folder, **more):
        self.clock = FakeClock()
        self.memory = MemoryStore([B], clock=self.clock)
        self.store = ScriptedStore(self.memory)
        self.file = ScheduleFile(folder / "lifecycle.toml")
        self.runs = RunShelf(folder / "runs")
        self.endpoint = "http://here"
        self.told = []
        self.heard = asyncio.Event()
        self.busy = []
        self.noted = []
        around = Surroundings(
            *(self.store_of, lambda _: self.endpoint, self.runs.begin, self.owners_of, self.tell),
            busy=self.busy.append,
            noted=self.note,
            **more,
        )
        self.schedule = LifecycleSchedule(self.file, around, self.clock)

    async def store_of(self, _):
        return self.store

    async def owners_of(self):
        return Owners()

    def tell(self, entry, report):
        self.told.append((entry, report))
        self.heard.set()

    async def note(self, connection, report):
        self.noted.append((connection, report))

    async def hear(self):
        """The next run that ends."""
        await asyncio.wait_for(self.heard.wait(), 20)
        self.heard.clear()
        return self.told[-1]

    async def rest(self):
        """Until the engine has nothing more to do."""
        for _ in range(5):
            await self.file.all()
            for _ in range(20):
                await asyncio.sleep(0)

    async def old(self, *keys):
        for key in keys:
            await self.memory.put(at(B, key), b"x")
        self.clock.advance(8 * DAY)

    async def save(self, value):
        await self.memory.put_document(B, from_json(ConfigKind.LIFECYCLE, value))


@pytest.fixture
async def world(tmp_path):
    world = World(tmp_path)
    yield world
    await world.schedule.aclose()


async def test_nothing_runs_that_nobody_switched_on(world):
    await world.save(WEEK)
    await world.old("a")
    await world.schedule.put(Entry(C, B))
    world.schedule.start()
    await world.rest()
    world.clock.advance(30 * DAY)
    await world.rest()
    assert not world.store.calls
    assert await keys_in(world.memory, B) == ["a"]
    assert not (await world.schedule.entry(C, "other")).is_on


async def test_switched_on_it_runs_after_a_day_and_then_day_by_day(world):
    await world.save(WEEK)
    await world.old("a")
    world.schedule.start()
    await world.rest()
    await world.schedule.put(Entry(C, B, is_on=True))
    due = world.clock.now() + DAILY
    assert (await world.schedule.entry(C, B)).due == due
    await world.rest()
    world.clock.advance(DAY - 1)
    await world.rest()
    assert not world.store.calls
    world.clock.advance(LOOK_EVERY_S)
    entry, report = await world.hear()
    assert report.counters["expired"] == 1
    assert entry.last == world.clock.now()
    kept = (await world.runs.record(entry.report)).report
    assert (kept.state, kept.counters["expired"]) == (RunState.FINISHED, 1)
    assert (await world.schedule.entry(C, B)).report == entry.report
    assert world.noted == [(C, report)]
    await world.memory.put(at(B, "b"), b"x")
    await world.rest()
    world.clock.advance(DAY - 1)
    await world.rest()
    assert len(world.told) == 1
    world.clock.advance(LOOK_EVERY_S)
    entry, report = await world.hear()
    assert (entry.trouble, report) == (Trouble.NONE, None)
    for _ in range(6):
        await world.rest()
        world.clock.advance(DAY)
        entry, report = await world.hear()
    assert report.counters["expired"] == 1
    assert await keys_in(world.memory, B) == []


async def test_rules_that_are_kept_here_are_applied_where_the_store_has_none(world):
    await world.old("a")
    await world.schedule.put(Entry(C, B, rules=WEEK))
    entry = await world.schedule.run_now(C, B)
    assert entry.trouble is Trouble.NONE
    assert await keys_in(world.memory, B) == []
    assert (await world.schedule.entries())[0].rules == WEEK


async def test_kept_rules_say_what_they_are_about(world):
    """Those of a store may say nothing, and mean all objects."""
    bare = {"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}}]}
    await world.old("a")
    await world.schedule.put(Entry(C, B, rules=bare))
    entry = await world.schedule.run_now(C, B)
    assert (entry.trouble, entry.detail) == (Trouble.UNKNOWN, "Filter")
    assert await keys_in(world.memory, B) == ["a"]
    await world.memory.put_document(B, from_json(ConfigKind.LIFECYCLE, bare))
    await world.schedule.put(Entry(C, B))
    assert (await world.schedule.run_now(C, B)).trouble is Trouble.NONE
    assert await keys_in(world.memory, B) == []


UNKNOWN = {"Status": "Enabled", "Filter": {"Weather": "fine"}, "Expiration": {"Days": 900}}
REFUSED = {
    "none": ({"Rules": []}, Trouble.NO_RULES),
    "a filter": (rules(expire(1), UNKNOWN), Trouble.UNKNOWN),
    "a filter of a rule that is off": (
        rules(expire(1), UNKNOWN | {"Status": "Disabled"}),
        Trouble.UNKNOWN,
    ),
    "an action": (rules(expire(1), {"Polish": {"Days": 1}}), Trouble.UNKNOWN),
    "something beside the rules": (rules(expire(1)) | {"Mood": "good"}, Trouble.UNKNOWN),
    "no list": ({"Rules": "all"}, Trouble.UNREADABLE),
}


@pytest.mark.parametrize(("value", "trouble"), REFUSED.values(), ids=REFUSED)
async def test_nothing_is_done_by_rules_that_are_not_understood(world, value, trouble):
    await world.old("a")
    await world.schedule.put(Entry(C, B, is_on=True, rules=value))
    entry = await world.schedule.run_now(C, B)
    assert entry.trouble is trouble
    assert await keys_in(world.memory, B) == ["a"]
    assert (await world.schedule.entry(C, B)).trouble is trouble
    assert await world.runs.records() == []


async def test_nothing_is_done_by_a_document_that_cannot_be_read(world):
    await world.old("a")
    await world.memory.put_document(B, BucketDocument(ConfigKind.LIFECYCLE, b"<Lifecycle"))
    await world.schedule.put(Entry(C, B, is_on=True))
    entry = await world.schedule.run_now(C, B)
    assert entry.trouble is Trouble.UNREADABLE
    assert await keys_in(world.memory, B) == ["a"]


async def test_nothing_is_done_where_not_all_is_listed(world):
    await world.old("a")
    await world.schedule.put(Entry(C, B, is_on=True, rules=WEEK))
    world.store.fail("list_objects", MalformedReplyError("it does not go on"))
    entry = await world.schedule.run_now(C, B)
    assert entry.trouble is Trouble.NOT_LISTED
    assert await keys_in(world.memory, B) == ["a"]


async def test_nothing_is_done_where_versions_may_be_and_cannot_be_listed(world):
    await world.memory.put_document(B, from_json(ConfigKind.VERSIONING, {"Status": "Suspended"}))
    await world.old("a")
    await world.schedule.put(Entry(C, B, rules=WEEK))
    world.store.fail("list_versions", PermissionDeniedError("no", code="AccessDenied"))
    entry = await world.schedule.run_now(C, B)
    assert entry.trouble is Trouble.NOT_LISTED
    assert await keys_in(world.memory, B) == ["a"]
    await world.schedule.run_now(C, B)
    assert await keys_in(world.memory, B) == []


async def test_nothing_is_done_where_the_connection_leads_elsewhere(world):
    await world.old("a")
    await world.schedule.put(Entry(C, B, is_on=True, rules=WEEK))
    world.endpoint = "http://elsewhere"
    entry = await world.schedule.run_now(C, B)
    assert (entry.trouble, entry.detail) == (Trouble.MOVED, "http://here")
    assert await keys_in(world.memory, B) == ["a"]
    assert not world.store.calls


async def test_what_failed_is_tried_again_within_the_hour(world):
    await world.old("a")
    world.store.fail("get_document versioning", UnavailableError("down"))
    await world.schedule.put(Entry(C, B, is_on=True, rules=WEEK))
    world.clock.advance(DAY)
    world.schedule.start()
    entry, report = await world.hear()
    assert (entry.trouble, entry.detail, report) == (Trouble.FAILED, "down", None)
    await world.rest()
    world.clock.advance(3600)
    entry, report = await world.hear()
    assert (entry.trouble, report.counters["expired"]) == (Trouble.NONE, 1)


async def test_what_runs_can_be_looked_at_and_stopped(world):
    await world.old(*(f"{number:04}" for number in range(300)))
    await world.schedule.put(Entry(C, B, rules=WEEK))
    found, told = [], []

    def look(request):
        if request.operation == "delete_many" and not found:
            found.append(world.schedule.execution(C, B))
            told.append((world.schedule.under_way(), list(world.busy)))
            found[0].stop()

    world.store.before = look
    entry = await world.schedule.run_now(C, B)
    assert len(found) == 1
    assert world.schedule.execution(C, B) is None
    assert told == [([B], [True])]
    assert (world.schedule.under_way(), world.busy) == ([], [True, False])
    assert 0 < len(await keys_in(world.memory, B)) < 300
    assert (await world.runs.record(entry.report)).report.state is RunState.STOPPED


async def test_what_is_switched_off_meanwhile_stays_off(world):
    await world.old("a")
    await world.schedule.put(Entry(C, B, is_on=True, rules=WEEK))

    async def off():
        await world.schedule.put(replace(await world.schedule.entry(C, B), is_on=False))

    switching = []

    def look(request):
        if request.operation == "delete_many" and not switching:
            switching.append(asyncio.ensure_future(off()))

    world.store.before = look
    await world.schedule.run_now(C, B)
    await switching[0]
    entry = await world.schedule.entry(C, B)
    assert not entry.is_on
    assert entry.last is not None


async def test_what_is_forgotten_does_not_come_back(world):
    await world.old("a")
    await world.schedule.put(Entry(C, B, is_on=True, rules=WEEK))
    await world.schedule.remove(C, B)
    world.schedule.start()
    await world.rest()
    assert await world.schedule.entries() == []
    assert await keys_in(world.memory, B) == ["a"]


WHOLE = Entry(C, B, is_on=True, rules=WEEK)


@pytest.mark.parametrize(
    "other",
    [
        replace(WHOLE, every=timedelta(hours=1)),
        replace(WHOLE, rules=rules(expire(1))),
        "off and on",
        "elsewhere",
    ],
    ids=str,
)
async def test_what_is_told_otherwise_waits_anew(world, other):
    await world.schedule.put(WHOLE)
    world.clock.advance(DAY)
    entry = await world.schedule.entry(C, B)
    await world.schedule.put(entry)
    assert (await world.schedule.entry(C, B)) == entry
    assert entry.is_due(world.clock.now())
    if other == "off and on":
        await world.schedule.put(replace(entry, is_on=False))
        other = entry
    elif other == "elsewhere":
        world.endpoint, other = "http://elsewhere", entry
    await world.schedule.put(other)
    entry = await world.schedule.entry(C, B)
    assert entry.due == world.clock.now() + other.every


async def test_what_is_cut_off_is_noted(world):
    await world.old(*(f"{number:04}" for number in range(2500)))
    await world.schedule.put(WHOLE)
    world.clock.advance(DAY)
    closing = []

    def look(request):
        if request.operation == "delete_many" and world.store.count["delete_many"] == 2:
            closing.append(asyncio.ensure_future(world.schedule.aclose()))
            closed.set()

    closed = asyncio.Event()
    world.store.before = look
    world.schedule.start()
    await asyncio.wait_for(closed.wait(), 20)
    await closing[0]
    [(connection, report)] = world.noted
    (record,) = await world.runs.records()
    assert record.report.state is RunState.CUT_OFF
    assert connection == C
    left = len(await keys_in(world.memory, B))
    assert 0 < report.counters["expired"] <= 2500 - left < 2500


def test_it_is_due_once_however_long_nobody_was_there():
    clock = FakeClock()
    entry = Entry(C, B, is_on=True, last=clock.now(), every=DAILY)
    clock.advance(30 * DAY)
    assert entry.is_due(clock.now())
    assert not replace(entry, last=clock.now()).is_due(clock.now())
    assert not replace(entry, is_on=False).is_due(clock.now())
    often = replace(entry, every=timedelta(seconds=1), last=clock.now())
    clock.advance(60)
    assert not often.is_due(clock.now())
