"""Replication from its rules to its end, as a window and the verbs use it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Rule
from s4desk.core.domain.replication.status import Status
from s4desk.core.persist.replication_file import ReplicationFile
from s4desk.core.persist.replication_home import STATUSES, ReplicationHome
from s4desk.core.persist.replication_rules import REPLICATION_RULES, ReplicationRuleFile
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.service import HEED_S, Replication, Running, Surroundings
from s4desk.core.store.limits import Slots
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.job import JobContext
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.progress import ProgressBoard
from tests.replication.site import AWAY, COPIES, HOME, MAIN, TO_COPIES
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle
from tests.transfer.world import SIZES, noise

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE = 20_000


class Life:
    """One process: its replication, over stores and files that outlive it."""

    def __init__(self, folder: Path, stores: dict, clock: FakeClock) -> None:
        self.clock = clock
        self.stores = stores
        self.told: list = []
        self.changed: list = []
        self.is_busy = False
        self.busy: list[bool] = []
        self.names: dict[ConnectionId, str] = {}
        self.replication = Replication(
            ReplicationRuleFile(folder / REPLICATION_RULES),
            ReplicationFile(folder / STATUSES, clock),
            Surroundings(
                ReplicationHome(folder),
                self._context,
                is_busy=lambda: self.is_busy,
                told=self.told.extend,
                changed=self.changed.append,
                busy=self.busy.append,
                store_name=lambda id_: self.names.get(id_, id_),
            ),
            clock,
        )

    def _context(self, journal) -> JobContext:
        return JobContext(
            self._store_of,
            journal or MemoryJournal(self.clock),
            ProgressBoard(self.clock),
            Slots(4),
            self.clock,
            lambda error: f"{type(error).__name__}: {error}",
            lambda _transfer, _done: None,
            SIZES,
        )

    async def _store_of(self, connection):
        return self.stores[connection]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Time passes until it is so."""
        for _ in range(PATIENCE):
            if is_so():
                return
            await settle()
            self.clock.advance(0.5)
            await asyncio.sleep(0.001)
        raise AssertionError("it did not happen")

    def is_there(self, key: str) -> bool:
        return self.stores[AWAY].memory.buckets[COPIES].newest(key) is not None

    async def status(self, key: str) -> Status | None:
        found = await self.replication.statuses.of_keys(MAIN, [key])
        return found[0].entry.status if found else None


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stores(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    home, away = MemoryStore([MAIN.bucket], clock=clock), MemoryStore([COPIES], clock=clock)
    return {HOME: ScriptedStore(home), AWAY: ScriptedStore(away)}


@pytest.fixture
async def life(tmp_path: Path, stores: dict, clock: FakeClock) -> AsyncIterator[Life]:
    life = Life(tmp_path, stores, clock)
    yield life
    await life.replication.aclose()


async def fill(life: Life, **objects: bytes) -> None:
    for key, data in objects.items():
        await life.stores[HOME].memory.put(Location(MAIN.bucket, key), data)


async def test_nothing_is_opened_while_there_are_no_rules(life, tmp_path):
    life.replication.start()
    await life.until(lambda: life.clock.seconds > 3 * HEED_S)
    assert life.replication.running is Running.OFF
    assert not (tmp_path / STATUSES).exists()
    assert await life.replication.statuses.between(MAIN, "", None, 10) == []


async def test_rules_are_taken_up_changed_and_ended(life):
    life.replication.start()
    await fill(life, a=b"1", b=b"2")
    await life.replication.put(Ruled(MAIN, (replace(TO_COPIES, filter=Filter("a")),)))
    await life.until(lambda: any(each.status is Status.COMPLETED for each in life.told))
    assert life.is_there("a")
    assert life.replication.running is Running.ON
    assert await life.status("a") is Status.COMPLETED
    assert not life.is_there("b")
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    await life.until(lambda: life.is_there("b"))
    await life.replication.put(Ruled(MAIN))
    assert await life.replication.ruled(MAIN) == Ruled(MAIN)


async def test_what_is_written_later_is_seen_at_the_next_look(life):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,), timedelta(seconds=60)))
    life.replication.start()
    await life.until(lambda: life.replication.look_of(MAIN) is not None)
    await fill(life, a=b"1")
    await life.until(lambda: life.is_there("a"))
    await fill(life, b=b"1")
    await life.until(lambda: life.is_there("b"))


async def test_what_we_write_is_seen_at_once(life):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,), timedelta(days=1)))
    life.replication.start()
    await life.until(lambda: (look := life.replication.look_of(MAIN)) and look.at is not None)
    await fill(life, **{"x/a": b"1"})
    life.replication.noticed(HOME, Prefix(MAIN.bucket, "x/"))
    life.replication.noticed(HOME, Prefix("another", "x/"))
    before = life.clock.seconds
    await life.until(lambda: life.is_there("x/a"))
    assert life.clock.seconds - before < timedelta(days=1).total_seconds()


async def test_only_one_process_replicates_and_the_next_takes_over(life, tmp_path, stores, clock):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    life.replication.start()
    await life.until(lambda: life.replication.running is Running.ON)
    other = Life(tmp_path, stores, clock)
    other.replication.start()
    await other.until(lambda: other.replication.running is Running.ELSEWHERE)
    await life.replication.aclose()
    await other.until(lambda: other.replication.running is Running.ON)
    await fill(life, a=b"1")
    await other.until(lambda: other.is_there("a"))
    await other.replication.aclose()


async def test_another_process_lets_what_has_failed_be_tried_again(life, tmp_path, stores, clock):
    await life.replication.put(
        Ruled(MAIN, (replace(TO_COPIES, destination=Destination(AWAY, "no")),))
    )
    await fill(life, a=b"1")
    life.replication.start()
    await life.until(lambda: any(each.status is Status.FAILED for each in life.told))
    await life.until(lambda: life.replication.dropped(MAIN, "r") == 1)
    await stores[AWAY].memory.create_bucket("no")
    other = Life(tmp_path, stores, clock)
    assert await other.replication.retry(MAIN) == 1
    await life.until(lambda: stores[AWAY].memory.buckets["no"].newest("a") is not None)
    assert MAIN in life.changed
    assert await life.replication.retry(MAIN) == 0


async def test_a_rule_that_leads_elsewhere_begins_anew(life, stores):
    await stores[AWAY].memory.create_bucket("second")
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    await fill(life, a=b"1")
    life.replication.start()
    await life.until(lambda: life.is_there("a"))
    await life.until(lambda: any(each.status is Status.COMPLETED for each in life.told))
    second = replace(TO_COPIES, destination=Destination(AWAY, "second"))
    await life.replication.put(Ruled(MAIN, (second,)))
    await life.until(lambda: stores[AWAY].memory.buckets["second"].newest("a") is not None)


async def test_the_computer_is_kept_awake_as_long_as_something_is_to_be_done(life, stores):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    await fill(life, a=noise(7500))
    stores[AWAY].let_through(0)
    life.replication.start()
    await life.until(lambda: life.busy == [True])
    stores[AWAY].open_gate()
    await life.until(lambda: life.busy == [True, False])
    assert life.is_there("a")


async def test_paused_it_waits_and_goes_on(life):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    life.replication.pause()
    await fill(life, a=b"1")
    life.replication.start()
    await life.until(lambda: life.told)
    assert life.replication.running is Running.PAUSED
    await life.until(lambda: life.clock.seconds > 20)
    assert not life.is_there("a")
    life.replication.resume()
    await life.until(lambda: life.is_there("a"))


async def test_a_table_that_cannot_be_used_is_told(life, tmp_path, expected_logs):
    (tmp_path / STATUSES).mkdir()
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    life.replication.start()
    await life.until(lambda: life.replication.running is Running.BROKEN)
    assert STATUSES in life.replication.error
    (tmp_path / STATUSES).rmdir()
    await fill(life, a=b"1")
    await life.until(lambda: life.is_there("a"))


async def test_a_table_that_breaks_meanwhile_is_opened_again(life, tmp_path, expected_logs):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,), timedelta(seconds=5)))
    life.replication.start()
    await life.until(lambda: (look := life.replication.look_of(MAIN)) and look.at is not None)
    with closing(sqlite3.connect(tmp_path / STATUSES, isolation_level=None)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE UPDATE OF status ON object"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    await fill(life, a=b"1")
    await life.until(lambda: life.replication.running is Running.BROKEN)
    with closing(sqlite3.connect(tmp_path / STATUSES, isolation_level=None)) as other:
        other.execute("DROP TRIGGER full")
    await life.until(lambda: life.is_there("a"))
    assert await life.status("a") in (Status.PENDING, Status.COMPLETED)


async def test_parts_of_a_large_object_outlive_the_process(life, tmp_path, stores, clock):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    await fill(life, a=noise(7500))
    stores[AWAY].let_through(3)
    life.replication.start()
    await life.until(lambda: stores[AWAY].count["put_part"] >= 4)
    await life.replication.aclose()
    stores[AWAY].open_gate()
    assert not life.is_there("a")
    sent = stores[AWAY].count["put_part"]
    assert len(stores[AWAY].memory.uploads) == 1
    later = Life(tmp_path, stores, clock)
    later.replication.start()
    await later.until(lambda: later.is_there("a"))
    assert stores[AWAY].count["create_multipart"] == 1
    assert stores[AWAY].count["put_part"] - sent < 8
    await later.replication.aclose()


async def test_parts_that_nobody_wants_any_more_are_taken_away(life, tmp_path, stores, clock):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,)))
    await fill(life, a=noise(7500))
    stores[AWAY].let_through(3)
    life.replication.start()
    await life.until(lambda: stores[AWAY].count["put_part"] >= 4)
    await life.replication.aclose()
    stores[AWAY].open_gate()
    clock.advance(60)
    await fill(life, a=b"small now")
    later = Life(tmp_path, stores, clock)
    later.replication.start()
    await later.until(lambda: later.is_there("a") and not stores[AWAY].memory.uploads)
    await later.replication.aclose()


async def test_a_life_tries_again_what_failed_in_the_one_before(life, tmp_path, stores, clock):
    rule = replace(TO_COPIES, destination=Destination(AWAY, "no"))
    await life.replication.put(Ruled(MAIN, (rule,)))
    await fill(life, a=b"1")
    life.replication.start()
    await life.until(lambda: any(each.status is Status.FAILED for each in life.told))
    await life.replication.aclose()
    await stores[AWAY].memory.create_bucket("no")
    later = Life(tmp_path, stores, clock)
    later.replication.start()
    await later.until(lambda: stores[AWAY].memory.buckets["no"].newest("a") is not None)
    await later.replication.aclose()


async def test_the_file_of_rules_keeps_all_of_a_rule_and_what_it_does_not_know(
    tmp_path, expected_logs
):
    path = tmp_path / REPLICATION_RULES
    shelf = ReplicationRuleFile(path)
    rule = Rule(
        "ü/\"'",
        Destination(AWAY, "copies", "put/"),
        7,
        False,
        Filter("a\n", (("k", "v"),)),
        "GLACIER",
        Kept.ALL,
        True,
    )
    ruled = Ruled(MAIN, (rule, TO_COPIES), timedelta(seconds=17))
    await shelf.put(ruled)
    assert await ReplicationRuleFile(path).all() == [ruled]
    text = path.read_text()
    path.write_text(text.replace("every_s = 17", 'every_s = 17\nfuture = "kept"'))
    await shelf.put(replace(ruled, every=timedelta(seconds=18)))
    assert 'future = "kept"' in path.read_text()
    path.write_text(path.read_text() + '\n[[buckets]]\nconnection = "x"\nbucket = "y"\n')
    # Rules that seem to be gone would be forgotten with all that is known by them.
    with pytest.raises(ValidationError, match="rules"):
        await shelf.all()
    path.write_text("damaged [")
    with pytest.raises(ValidationError):
        await shelf.all()
    path.write_text(text)
    await shelf.put(Ruled(MAIN))
    assert await shelf.all() == []


async def test_rules_that_cannot_be_read_forget_nothing(life, tmp_path, expected_logs):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,), timedelta(seconds=5)))
    life.replication.start()
    await fill(life, a=b"1")
    await life.until(lambda: any(each.status is Status.COMPLETED for each in life.told))
    path = tmp_path / REPLICATION_RULES
    text = path.read_text()
    path.write_text("damaged [")
    await life.until(lambda: life.replication.running is Running.BROKEN)
    assert REPLICATION_RULES in life.replication.error
    assert await life.status("a") is Status.COMPLETED
    assert (await life.replication.ruled(MAIN)).rules == ()
    path.write_text(text)
    await fill(life, b=b"2")
    await life.until(lambda: life.is_there("b"))
    assert life.stores[AWAY].count["put"] == 2


async def test_a_connection_that_leads_elsewhere_has_nothing_there(life, stores, clock):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,), timedelta(days=1)))
    life.replication.start()
    await fill(life, a=b"1")
    await life.until(lambda: any(each.status is Status.COMPLETED for each in life.told))
    stores[AWAY] = ScriptedStore(MemoryStore([COPIES], clock=clock))
    life.names[AWAY] = "another store"
    life.replication.look_now(MAIN)
    await life.until(lambda: life.told[-1].status is Status.COMPLETED and life.is_there("a"))


async def test_what_a_destination_has_lost_is_sent_again_if_that_is_asked_for(life, stores):
    await life.replication.put(Ruled(MAIN, (TO_COPIES,), timedelta(days=1)))
    assert not life.replication.look_now(MAIN, thorough=True)
    life.replication.start()
    await fill(life, a=b"1", b=b"2", c=b"3")
    await life.until(lambda: len([e for e in life.told if e.status is Status.COMPLETED]) == 3)
    away = stores[AWAY].memory
    await away.delete(Location(COPIES, "a"))
    await away.put(Location(COPIES, "b"), b"other")
    life.replication.look_now(MAIN)
    await life.until(lambda: life.clock.seconds > 100)
    assert not life.is_there("a")
    assert life.replication.look_now(MAIN, thorough=True)
    await life.until(lambda: life.is_there("a"))
    await life.until(lambda: away.buckets[COPIES].newest("b").data == b"2")
    assert stores[AWAY].count["put"] == 5


async def test_what_came_to_light_again_rolls_nothing_back_when_all_is_looked_at(life, stores):
    for each in (HOME, AWAY):
        for bucket in stores[each].memory.buckets.values():
            bucket.tell(from_json(ConfigKind.VERSIONING, {"Status": "Enabled"}))
    rule = replace(TO_COPIES, versions=Kept.ALL)
    await life.replication.put(Ruled(MAIN, (rule,), timedelta(days=1)))
    life.replication.start()
    for body in (b"1", b"22"):
        await fill(life, a=body)
        life.clock.advance(5)
    await life.until(lambda: len([e for e in life.told if e.status is Status.COMPLETED]) == 2)
    home = stores[HOME].memory
    location = Location(MAIN.bucket, "a")
    await home.delete(location, version=(await home.head(location)).version)
    before = stores[AWAY].count["put"]
    assert life.replication.look_now(MAIN, thorough=True)
    seconds = life.clock.seconds
    await life.until(lambda: life.clock.seconds > seconds + 100)
    assert stores[AWAY].memory.buckets[COPIES].newest("a").data == b"22"
    assert stores[AWAY].count["put"] == before
