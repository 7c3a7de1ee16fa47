"""What belongs to a replica beside its bytes, and is another one than that of its source."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.replication.comparing import THOROUGH_IN_FLIGHT, Comparison, Kind, comparison_by
from s4desk.core.replication.differing import Pace
from s4desk.core.replication.rule_book import Ruled
from tests.replication.site import AWAY, COPIES, MAIN, TO_COPIES, Site
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle

AT_ONCE = float("inf")


async def comparison_of(site: Site, rule=TO_COPIES) -> Comparison:
    store_of = site.around.context.store_of
    found = await comparison_by(
        rule, Ruled(MAIN, (rule,)), store_of, site.clock, requests_s=AT_ONCE
    )
    assert found is not None
    return found


async def compared(site: Site, rule=TO_COPIES) -> tuple[Comparison, dict[str, tuple[str, ...]]]:
    comparison = await comparison_of(site, rule)
    found = {}
    async for some in comparison.differences():
        for each in some:
            assert each.kind is Kind.ATTRIBUTES
            found[each.key] = each.differs
    return comparison, found


async def both(
    site: Site, key: str, here: Attributes = NO_ATTRIBUTES, there: Attributes = NO_ATTRIBUTES
) -> None:
    await site.home.put(Location(MAIN.bucket, key), b"same", attributes=here)
    await site.away.put(Location(COPIES, key), b"same", attributes=there)


@pytest.mark.parametrize(
    ("name", "here", "there"),
    [
        ("content_type", Attributes("text/plain"), Attributes("text/html")),
        ("cache_control", Attributes(cache_control="no-store"), Attributes()),
        ("content_encoding", Attributes(), Attributes(content_encoding="gzip")),
        ("metadata", Attributes(metadata={"a": "1"}), Attributes(metadata={"a": "2"})),
        ("metadata", Attributes(), Attributes(metadata={"b": "of somebody"})),
        ("tags", Attributes(tags={"keep": "yes"}), Attributes(tags={"keep": "no"})),
        ("tags", Attributes(), Attributes(tags={"keep": "no"})),
    ],
)
async def test_what_is_another_one_is_named(site, name, here, there):
    await both(site, "a", here, there)
    await both(site, "b")
    comparison, found = await compared(site)
    assert found == {"a": (name,)}
    assert (comparison.same, comparison.looked, comparison.unread) == (1, 2, 0)


async def test_a_replica_of_ours_has_all_of_it(site):
    await site.lock_destination()
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    held = LockState(LockMode.GOVERNANCE, site.clock.now() + timedelta(days=9, seconds=0.4), True)
    told = Attributes("text/plain", metadata={"a": "1"}, tags={"keep": "yes"}, lock=held)
    await site.home.put(Location(MAIN.bucket, "a"), b"same", attributes=told)
    await site.look()
    comparison, found = await compared(site)
    assert (found, comparison.same) == ({}, 1)


async def test_a_content_type_that_only_the_destination_gives_is_no_difference(site):
    await both(site, "a", Attributes(), Attributes("binary/octet-stream"))
    assert (await compared(site))[1] == {}


async def test_the_class_matters_where_the_rule_asks_for_one(site):
    await both(site, "a", Attributes(storage_class="GLACIER"))
    await both(site, "b", there=Attributes(storage_class="STANDARD_IA"))
    assert (await compared(site))[1] == {}
    rule = replace(TO_COPIES, storage_class="STANDARD_IA")
    assert (await compared(site, rule))[1] == {"a": ("storage_class",)}


class Discreet(ScriptedStore):
    """Tells no locks with a HEAD, as where one may not see them."""

    asked = 0

    async def head(self, *args, **more):
        meta = await super().head(*args, **more)
        return replace(meta, attributes=replace(meta.attributes, lock=LockState()))

    async def get_lock(self, *args, **more):
        self.asked += 1
        return await super().get_lock(*args, **more)


async def locked(site: Site, key: str, here: LockState, there: LockState) -> None:
    await both(site, key, Attributes(lock=here), Attributes(lock=there))


async def lockable(site: Site) -> None:
    await site.lock_destination()
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)


async def test_locks_are_compared_as_they_hold_now(site):
    await lockable(site)
    soon, later = (site.clock.now() + timedelta(days=days) for days in (1, 2))
    mode = LockMode.GOVERNANCE
    await locked(site, "hold", LockState(legal_hold=True), LockState())
    await locked(site, "longer", LockState(mode, later), LockState(mode, soon))
    await locked(site, "over", LockState(mode, soon), LockState())
    await locked(site, "theirs", LockState(), LockState(mode, later))
    _, found = await compared(site)
    assert found == {"hold": ("lock",), "longer": ("lock",), "over": ("lock",)}
    site.clock.advance(86400)
    assert "over" not in (await compared(site))[1]


async def test_a_lock_that_a_head_does_not_tell_is_asked_for(site):
    await lockable(site)
    held = LockState(legal_hold=True)
    for key in ("a", "b"):
        await locked(site, key, held, held)
    site.stores[AWAY] = Discreet(site.away)
    comparison, found = await compared(site)
    assert (found, comparison.same) == ({}, 2)


async def test_who_may_see_locks_is_asked_once(site):
    await lockable(site)
    for number in range(30):
        await both(site, f"{number}")
    site.stores[AWAY] = there = Discreet(site.away)
    await compared(site)
    assert there.asked <= THOROUGH_IN_FLIGHT


async def test_what_may_not_be_read_is_counted_and_no_difference(site):
    class Closed(ScriptedStore):
        async def get_tags(self, location, **more):
            raise PermissionDeniedError("no", operation="get_tags", location=location)

    await both(site, "a", Attributes(tags={"keep": "yes"}))
    await both(site, "b", Attributes("text/plain"), Attributes("text/html"))
    site.stores[AWAY] = Closed(site.away)
    comparison, found = await compared(site)
    assert found == {"b": ("content_type",)}
    assert comparison.unread == 2


async def test_what_was_written_since_is_not_compared(site):
    class Late(ScriptedStore):
        async def head(self, location, **more):
            meta = await super().head(location, **more)
            return replace(meta, etag="newer", attributes=Attributes("text/html"))

    await both(site, "a", Attributes("text/plain"), Attributes("text/plain"))
    site.stores[AWAY] = Late(site.away)
    assert (await compared(site))[1] == {}


async def test_what_is_not_proved_says_what_differs_too(site):
    await site.home.put(Location(MAIN.bucket, "a"), b"same", attributes=Attributes("text/plain"))
    location = Location(COPIES, "a")
    ticket = await site.away.create_multipart(location)
    receipt = await site.away.put_part(location, ticket, 1, b"same")
    await site.away.complete_multipart(location, ticket, [receipt])
    found = [each async for some in (await comparison_of(site)).differences() for each in some]
    assert [(each.kind, each.differs) for each in found] == [(Kind.UNPROVED, ("content_type",))]


async def test_so_many_are_looked_at_at_once_and_no_more(site):
    class Counting(ScriptedStore):
        now = most = 0

        async def get_tags(self, *args, **more):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            return await super().get_tags(*args, **more)

    for number in range(150):
        await both(site, f"{number:03}")
    site.stores[AWAY] = there = Counting(site.away)
    comparison = await comparison_of(site)
    sizes = [comparison.looked async for _ in comparison.differences()]
    assert sizes == [100, 150]  # who waits sees how far it is
    assert there.most == THOROUGH_IN_FLIGHT


async def test_requests_keep_to_their_pace():
    clock = FakeClock()
    pace, begun = Pace(clock, 10), []

    async def ask() -> None:
        await pace.turn()
        begun.append(clock.monotonic())

    asking = [asyncio.create_task(ask()) for _ in range(21)]
    for _ in range(20):
        await settle()
        clock.advance(0.1)
    await settle()
    assert all(each.done() for each in asking)
    assert begun[-1] - begun[0] == pytest.approx(2.0)


async def test_keys_for_versions_are_not_compared(site):
    site.version(site.home)
    ruled = Ruled(MAIN, (replace(TO_COPIES, versions=Kept.ALL),))
    store_of = site.around.context.store_of
    assert await comparison_by(ruled.rules[0], ruled, store_of, site.clock) is None
