"""Small objects go by the bundle, and whatever is not plain goes by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication import bundle
from s4desk.core.replication.table import Seen, Write
from s4desk.core.transfer.carrying import TAG_COUNT
from tests.replication.site import AWAY, COPIES, HOME, MAIN, Site
from tests.transfer.lending_store import LendingStore
from tests.transfer.settle import settle

if TYPE_CHECKING:
    from s4desk.core.store.wrapper import Request

COUNT = 48
TAGGED = Attributes(tags={"keep": "yes"})


@pytest.fixture
def lending(site: Site, monkeypatch: pytest.MonkeyPatch) -> tuple[LendingStore, LendingStore]:
    monkeypatch.setattr(bundle, "SURE", 10)
    home, away = LendingStore(site.home), LendingStore(site.away)
    site.stores.update({HOME: home, AWAY: away})
    return home, away


def keys(count: int = COUNT) -> list[str]:
    return [f"{at:03}" for at in range(count)]


async def fill(site: Site, **more: object) -> None:
    for key in keys():
        await site.home.put(Location(MAIN.bucket, key), key.encode(), **more)


async def test_they_arrive_stamped_with_few_requests(site, lending):
    home, away = lending
    await fill(site, attributes=Attributes(content_type="text/x"))
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): COUNT}
    for key in keys():
        there = await site.away.head(Location(COPIES, key))
        stamp, known = stamp_of(there), await site.known(key)
        assert (stamp.generation, stamp.etag) == (known.task.generation, there.etag)
        assert (there.attributes.content_type, known.entry.attempts) == ("text/x", 1)
        assert site.replica(key) == key.encode()
    assert (home.count["head"], home.count["get"], away.count["put"]) == (0, COUNT, COUNT)
    # Whether stamps are kept is seen with the first of them.
    assert 10 <= away.count["head"] < COUNT
    assert home.lent == away.lent == len(range(0, COUNT, bundle.MOST))


async def test_own_metadata_is_always_looked_at(site, lending):
    _, away = lending
    await fill(site, attributes=Attributes(metadata={"own": "kept"}))
    await site.look()
    assert away.count["head"] == COUNT


async def test_what_fails_in_a_bundle_is_carried_by_itself_and_doubted(site, lending):
    _, away = lending
    away.fail("put", None, None, UnavailableError("no answer"))
    await fill(site)
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): COUNT}
    attempts = [(await site.known(key)).entry.attempts for key in keys()]
    assert sorted(attempts) == [1] * (COUNT - 1) + [2]
    assert await site.table.next_doubt() is not None
    assert all(site.replica(key) == key.encode() for key in keys())


class Telling(LendingStore):
    """Says with an object how many tags it has, if it has any."""

    async def get(self, location, sink, **more):
        reply = await super().get(location, sink, **more)
        tags = await self.memory.get_tags(location)
        headers = {TAG_COUNT: str(len(tags))} if tags else {}
        return replace(reply, meta=replace(reply.meta, headers=headers))


async def test_a_source_that_tells_how_many_tags_there_are_is_not_asked(site, lending):
    """It has to have told once: most stores say nothing of an object without any."""
    home = site.stores[HOME] = Telling(site.home)
    asked = []
    for number in range(4):
        site.clock.advance(10)
        await fill(site)
        if number:
            tagged = Location(MAIN.bucket, "00tagged")
            await site.home.put(tagged, b"%d" % number, attributes=TAGGED)
        before = home.count["get_tags"]
        await site.look()
        asked.append(home.count["get_tags"] - before)
    # In the end by the bundle that has the one with tags, by that one alone, and by the last key,
    # which goes in no bundle.
    assert (asked[0], asked[-1]) == (COUNT, 3)
    assert await site.away.get_tags(Location(COPIES, "00tagged")) == {"keep": "yes"}


async def test_what_is_not_plain_goes_by_itself(site, lending):
    home, _ = lending
    await site.home.create_bucket("locked", with_lock=True)
    await fill(site)
    await site.home.put_tags(Location(MAIN.bucket, "001"), {"keep": "yes"})
    await site.home.put(Location(MAIN.bucket, "empty"), b"")
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): COUNT + 1}
    assert await site.away.get_tags(Location(COPIES, "001")) == {"keep": "yes"}
    assert home.count["head"] == 2


async def test_locks_go_along(site, lending):
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    await site.lock_destination()
    await fill(site, attributes=Attributes(lock=LockState(legal_hold=True)))
    await site.look()
    for key in keys():
        assert (await site.away.get_lock(Location(COPIES, key))).legal_hold


async def test_one_that_is_gone_meanwhile_is_forgotten(site, lending):
    home, _ = lending
    home.fail("get", NotFoundError("gone"))
    await fill(site)

    def before(request: Request) -> None:
        if request.operation == "head" and not request.key.startswith("x"):
            raise NotFoundError("gone")

    home.before = before
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): COUNT - 1}


async def test_a_newer_write_ends_on_top_of_a_bundle(site, lending):
    _, away = lending
    await fill(site)
    away.hold("010")
    looking = asyncio.ensure_future(site.look())
    await settle(lambda: away.count["put"] >= 10)
    await site.home.put(Location(MAIN.bucket, "010"), b"newer")
    meta = await site.home.head(Location(MAIN.bucket, "010"))
    write = Write("010", Seen(meta.etag, meta.size, meta.modified), "r")
    (task,) = await site.engine.observe(MAIN, [write])
    away.let_go()
    await looking
    await site.until_idle()
    assert site.replica("010") == b"newer"
    known = await site.known("010")
    assert (known.task, known.entry.status) == (task, Status.COMPLETED)


async def test_what_is_out_of_date_by_then_is_not_written(site, lending):
    home, away = lending
    await fill(site)
    home.let_through(3)
    looking = asyncio.ensure_future(site.look())
    await settle(lambda: home.count["get_tags"] >= 2)
    site.clock.advance(10)
    await site.home.put(Location(MAIN.bucket, "000"), b"newer")
    meta = await site.home.head(Location(MAIN.bucket, "000"))
    await site.engine.observe(MAIN, [Write("000", Seen(meta.etag, meta.size, meta.modified), "r")])
    home.open_gate()
    await looking
    await site.until_idle()
    assert (site.replica("000"), away.count["put"]) == (b"newer", COUNT)


async def test_a_store_that_drops_metadata_is_found_out(site, lending):
    home, _ = lending

    class Dropping(LendingStore):
        async def put(self, location, body, *, attributes=NO_ATTRIBUTES, **more):
            return await super().put(location, body, attributes=NO_ATTRIBUTES, **more)

    away = site.stores[AWAY] = Dropping(site.away)
    await fill(site)
    await site.look()
    # Each is told of by its own carriage, which says what was left behind.
    (known,) = await site.table.of_keys(MAIN, ["007"])
    assert known.entry.status is Status.COMPLETED
    assert known.entry.attempts == 2
    assert away.count["head"] >= COUNT
    assert home.count["head"] == COUNT


async def test_where_no_threads_are_lent_each_goes_by_itself(site):
    await fill(site)
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): COUNT}


async def test_a_way_that_is_shut_is_probed_by_one(site, lending):
    _, away = lending
    errors = [UnavailableError("no answer")] * 400
    away.fail("put", *errors)
    await fill(site)
    await site.look()
    assert set(await site.table.counts(MAIN)) == {("r", Status.FAILED)}
    sent = away.count["put"]
    # Five in a row and what was under way by then: not three for each.
    assert sent < 3 * COUNT
    away.forget_script()
    wanted = {("r", Status.COMPLETED): COUNT}
    while await site.table.counts(MAIN) != wanted:
        site.clock.advance(5)
        await site.until_idle()
    assert all(site.replica(key) == key.encode() for key in keys())


async def test_permission_that_is_refused_is_told_for_each(site, lending):
    _, away = lending
    away.fail("put", *[PermissionDeniedError("no")] * 4 * COUNT)
    await fill(site)
    await site.look()
    counts = await site.table.counts(MAIN)
    assert counts == {("r", Status.FAILED): COUNT}
