"""What was seen arrives with all that belongs to it, and what does not is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.errors import (
    ConnectionGoneError,
    PermissionDeniedError,
    ThrottledError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.replication.rules import Destination, Filter, Rule
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.replicator import Replicator
from s4desk.core.replication.table import Seen, Write
from tests.replication.site import AWAY, COPIES, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle
from tests.transfer.world import noise

THERE = Location(COPIES, "a")


async def entry_of(site: Site, key: str = "a") -> tuple[Status, int, str]:
    known = await site.known(key)
    assert known is not None
    return known.entry.status, known.entry.attempts, known.entry.error


async def test_all_that_belongs_to_it_arrives_and_a_stamp(site):
    told = Attributes(
        content_type="text/x",
        cache_control="no-cache",
        metadata={"own": "kept"},
        tags={"keep": "yes"},
    )
    await site.observed("a", b"hello", attributes=told)
    await site.until_idle()
    assert site.replica("a") == b"hello"
    there = await site.away.head(THERE)
    own = {name: value for name, value in there.attributes.metadata.items() if "s4desk" not in name}
    assert own == {"own": "kept"}
    assert there.attributes.content_type == "text/x"
    assert there.attributes.cache_control == "no-cache"
    assert await site.away.get_tags(THERE) == {"keep": "yes"}
    known = await site.known("a")
    stamp = stamp_of(there)
    assert stamp is not None
    assert (stamp.etag, stamp.generation) == (there.etag, known.task.generation)
    assert known.entry.status is Status.COMPLETED
    assert [(each.task, each.status) for each in site.told] == [
        (known.task, Status.PENDING),
        (known.task, Status.COMPLETED),
    ]


async def test_a_large_object_goes_in_parts(site):
    content = noise(7500)
    await site.observed("a", content)
    await site.until_idle()
    assert site.replica("a") == content
    assert site.away.uploads == {}
    assert stamp_of(await site.away.head(THERE)) is not None
    assert site.journal.transfers == {}


async def test_what_failed_leaves_no_parts(site):
    scripted = ScriptedStore(site.away)
    site.stores[AWAY] = scripted
    scripted.fail("complete_multipart", *3 * [PermissionDeniedError("no")])
    await site.observed("a", noise(7500))
    await site.until_idle()
    assert (await entry_of(site))[0] is Status.FAILED
    assert scripted.count["create_multipart"] == 1
    assert scripted.count["put_part"] == 8
    assert (site.away.uploads, site.journal.transfers) == ({}, {})


async def test_many_keys_are_carried_whatever_the_window(site, monkeypatch):
    monkeypatch.setattr("s4desk.core.replication.replicator.WINDOW", 7)
    seen = [Write(f"{at:03}", await site.write(f"{at:03}", b"%d" % at), "r") for at in range(60)]
    await site.engine.observe(MAIN, seen)
    await site.until_idle()
    assert all(site.replica(f"{at:03}") == b"%d" % at for at in range(60))
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 60}


async def test_what_the_former_life_left_is_taken_up():
    site = Site()
    await site.observed("a", b"hello")
    site.engine = site.new_engine()
    site.engine.open()
    await site.until_idle()
    assert site.replica("a") == b"hello"
    await site.engine.aclose()
    site.database.connection.close()


async def test_a_write_nobody_has_seen_is_seen_by_the_way(site):
    seen = await site.write("a", b"first")
    site.clock.advance(5)
    await site.write("a", b"second, unseen")
    (task,) = await site.engine.observe(MAIN, [Write("a", seen, "r")])
    await site.until_idle()
    assert site.replica("a") == b"second, unseen"
    known = await site.known("a")
    assert known.task.generation > task.generation
    assert known.entry.status is Status.COMPLETED


async def test_other_metadata_is_another_write(site):
    seen = await site.write("a", b"same", attributes=Attributes(metadata={"is": "old"}))
    site.clock.advance(5)
    await site.write("a", b"same", attributes=Attributes(metadata={"is": "new"}))
    await site.engine.observe(MAIN, [Write("a", seen, "r")])
    await site.until_idle()
    assert (await site.away.head(THERE)).attributes.metadata["is"] == "new"


async def test_what_is_gone_is_forgotten_and_its_replica_stays(site):
    await site.observed("a", b"hello")
    await site.until_idle()
    seen = await site.write("a", b"another")
    await site.home.delete(Location(MAIN.bucket, "a"))
    await site.engine.observe(MAIN, [Write("a", seen, "r")])
    await site.until_idle()
    assert await site.known("a") is None
    assert site.replica("a") == b"hello"


async def test_a_replica_is_never_replicated_on(site):
    await site.observed("a", b"hello")
    await site.until_idle()
    there = await site.away.head(THERE)
    # The other way round, as a rule that faces the first one would have it.
    back = Site(replace(TO_COPIES, destination=replace(TO_COPIES.destination, bucket=MAIN.bucket)))
    back.stores.update({MAIN.connection: site.away, AWAY: site.home})
    source = replace(MAIN, bucket=COPIES)
    back.engine.open()
    await back.engine.observe(source, [Write("a", Seen(there.etag, there.size), "r")])
    await back.until_idle()
    (known,) = await back.table.between(source, "a", "a", 2)
    assert known.entry.status is Status.REPLICA
    assert stamp_of(await site.home.head(Location(MAIN.bucket, "a"))) is None
    await back.engine.aclose()
    back.database.connection.close()


async def test_tags_decide_when_a_rule_asks_for_them(site):
    site.rules = [replace(TO_COPIES, filter=Filter(tags=(("keep", "yes"),)))]
    await site.observed("a", b"hello", attributes=Attributes(tags={"keep": "yes"}))
    await site.observed("b", b"hello", attributes=Attributes(tags={"keep": "no"}))
    await site.until_idle()
    assert (site.replica("a"), site.replica("b")) == (b"hello", None)
    assert (await entry_of(site, "b"))[0] is Status.NONE


async def test_in_doubt_it_is_looked_for_where_tags_decide_too(site):
    site.rules = [replace(TO_COPIES, filter=Filter(tags=(("keep", "yes"),)))]
    scripted = ScriptedStore(site.away)
    site.stores[AWAY] = scripted
    scripted.fail("put", UnavailableError("no answer"))
    await site.observed("a", b"hello", attributes=Attributes(tags={"keep": "yes"}))
    await site.until_idle()
    await site.away.put(THERE, b"what came late")
    settled = asyncio.ensure_future(site.engine.settled())
    while not settled.done():
        await settle()
        site.clock.advance(30)
        await asyncio.sleep(0.0005)
    assert site.replica("a") == b"hello"


async def test_three_attempts_and_then_it_has_failed(site):
    scripted = ScriptedStore(site.away)
    site.stores[AWAY] = scripted
    scripted.fail("put", *3 * [UnavailableError("no answer")])
    await site.observed("a", b"hello")
    await site.until_idle()
    status, attempts, error = await entry_of(site)
    assert (status, attempts) == (Status.FAILED, 3)
    assert "UnavailableError" in error
    assert (site.engine.dropped.total(), scripted.count["put"]) == (1, 3)
    # It stays until somebody wants it tried again, and is what it was then.
    assert await site.engine.retry(MAIN) == 1
    await site.until_idle()
    assert await entry_of(site) == (Status.COMPLETED, 1, "")
    assert site.replica("a") == b"hello"


async def test_what_is_tried_again_while_it_is_cleared_up_is_not_forgotten(site):
    may_go = asyncio.Event()

    class Slow(ScriptedStore):
        async def abort_multipart(self, location, upload):
            await may_go.wait()
            await super().abort_multipart(location, upload)

    scripted = site.stores[AWAY] = Slow(site.away)
    scripted.fail("complete_multipart", *3 * [PermissionDeniedError("no")])
    await site.observed("a", noise(7500))
    while (await entry_of(site))[0] is not Status.FAILED:
        await settle()
        site.clock.advance(1)
        await asyncio.sleep(0.0005)
    # Its parts are not gone yet.
    assert await site.engine.retry(MAIN) == 1
    await settle()
    may_go.set()
    await site.until_idle()
    assert await entry_of(site) == (Status.COMPLETED, 1, "")


async def test_a_failure_between_two_is_counted_and_forgiven(site):
    scripted = ScriptedStore(site.away)
    site.stores[AWAY] = scripted
    scripted.lose_reply("put", UnavailableError("no answer"))
    await site.observed("a", b"hello")
    await site.until_idle()
    assert (await entry_of(site))[:2] == (Status.COMPLETED, 2)


async def test_patience_is_no_attempt(site):
    scripted = ScriptedStore(site.away)
    site.stores[AWAY] = scripted
    scripted.fail("put", *9 * [ThrottledError("slow down")])
    await site.observed("a", b"hello")
    await site.until_idle()
    assert (await entry_of(site))[:2] == (Status.COMPLETED, 1)


async def test_one_that_fails_stops_no_other(site):
    scripted = ScriptedStore(site.home)
    site.stores[MAIN.connection] = scripted
    scripted.fail("head", *3 * [PermissionDeniedError("no")])
    await site.observed("a", b"hello")
    await site.until_idle()
    await site.observed("b", b"hello")
    await site.until_idle()
    assert (await entry_of(site, "a"))[0] is Status.FAILED
    assert site.replica("b") == b"hello"


async def test_paused_it_starts_nothing(site):
    site.engine.pause()
    await site.observed("a", b"hello")
    await settle()
    assert site.replica("a") is None
    site.engine.resume()
    await site.until_idle()
    assert site.replica("a") == b"hello"


LOCKS = [
    LockState(LockMode.GOVERNANCE, None, None),
    LockState(LockMode.COMPLIANCE, None, True),
    LockState(None, None, True),
    LockState(None, None, False),
]


@pytest.mark.parametrize("lock", LOCKS)
async def test_the_lock_of_the_source_is_that_of_the_replica(lock):
    site = Site()
    await site.lock_destination()
    await site.home.create_bucket("locked", with_lock=True)
    site.engine.open()
    if lock.mode is not None:
        lock = replace(lock, retain_until=site.clock.now() + timedelta(days=3))
    source = replace(MAIN, bucket="locked")
    location = Location("locked", "a")
    await site.home.put(location, b"hello", attributes=Attributes(lock=lock))
    meta = await site.home.head(location)
    await site.engine.observe(source, [Write("a", Seen(meta.etag, meta.size), "r")])
    await site.until_idle()
    there = await site.away.get_lock(THERE)
    assert (there.mode, there.retain_until) == (lock.mode, lock.retain_until)
    assert bool(there.legal_hold) is bool(lock.legal_hold)
    assert not site.engine.locks_left
    await site.engine.aclose()
    site.database.connection.close()


async def test_a_destination_without_locks_gets_the_bytes_and_that_is_counted():
    site = Site()
    await site.home.create_bucket("locked", with_lock=True)
    site.engine.open()
    source = replace(MAIN, bucket="locked")
    for key in "ab":
        location = Location("locked", key)
        await site.home.put(location, b"hi", attributes=Attributes(lock=LockState(legal_hold=True)))
        meta = await site.home.head(location)
        await site.engine.observe(source, [Write(key, Seen(meta.etag, meta.size), "r")])
    await site.until_idle()
    assert (site.replica("a"), site.replica("b")) == (b"hi", b"hi")
    assert site.engine.locks_left == {(source, "r"): 2}
    await site.engine.aclose()
    site.database.connection.close()


async def test_a_lock_that_the_store_drops_is_no_success():
    site = Site()
    await site.lock_destination()
    await site.home.create_bucket("locked", with_lock=True)

    class Dropping(ScriptedStore):
        """Takes locks, and keeps none."""

        async def put(self, location, body, *, attributes=NO_ATTRIBUTES, **more):
            kept = replace(attributes, lock=LockState())
            return await super().put(location, body, attributes=kept, **more)

        async def put_legal_hold(self, location, *, is_on, version=None):
            """It says yes, too."""

    site.stores[AWAY] = Dropping(site.away)
    site.engine.open()
    location = Location("locked", "a")
    await site.home.put(location, b"hi", attributes=Attributes(lock=LockState(legal_hold=True)))
    meta = await site.home.head(location)
    source = replace(MAIN, bucket="locked")
    await site.engine.observe(source, [Write("a", Seen(meta.etag, meta.size), "r")])
    await site.until_idle()
    (known,) = await site.table.between(source, "a", "a", 2)
    assert known.entry.status is Status.FAILED
    assert "LockNotKept" in known.entry.error
    await site.engine.aclose()
    site.database.connection.close()


async def test_a_connection_that_is_gone_is_not_asked_for_by_each_object(site):
    asked: list[object] = []

    class Gone(dict):
        def __getitem__(self, connection):
            if connection != AWAY:
                return super().__getitem__(connection)
            asked.append(connection)
            raise ConnectionGoneError("gone")

    site.stores = Gone(site.stores)
    for at in range(300):
        await site.observed(f"{at}", b"x")
    await site.until_idle()
    assert await site.table.counts(MAIN) == {("r", Status.FAILED): 300}
    assert len(asked) < 300


async def test_a_rule_whose_destination_is_down_holds_up_no_other(site):
    """Though it is the first that may be about an object: its tags decide."""

    class Down(dict):
        def __getitem__(self, connection):
            if connection == "down":
                raise UnavailableError("no answer")
            return super().__getitem__(connection)

    site.stores = Down(site.stores)
    tagged = Rule("x", Destination(ConnectionId("down"), "b"), 2, filter=Filter("", (("k", "v"),)))
    site.rules = [tagged, TO_COPIES]
    for at in range(30):
        told = Attributes(tags={"k": "v"}) if at % 3 == 0 else NO_ATTRIBUTES
        await site.observed(f"{at:02}", b"x", attributes=told)
    await site.until_idle()
    counts = await site.table.counts(MAIN)
    assert counts == {("x", Status.FAILED): 10, ("r", Status.COMPLETED): 20}


async def test_only_the_rule_that_is_wanted_is_carried_out(site):
    tagged = replace(TO_COPIES, id="x", priority=2, filter=Filter("", (("k", "v"),)))
    site.rules = [tagged, TO_COPIES]
    site.around = replace(site.around, wants_rule=lambda rule: rule == "r")
    await site.engine.aclose()
    site.engine = Replicator(site.table, site.around, site.told.extend)
    site.engine.open()
    for key, told in (("a", Attributes(tags={"k": "v"})), ("b", NO_ATTRIBUTES)):
        await site.observed(key, b"x", attributes=told)
    await site.until_idle()
    assert (site.replica("a"), site.replica("b")) == (None, b"x")
    assert (await entry_of(site, "a"))[0] is Status.PENDING
