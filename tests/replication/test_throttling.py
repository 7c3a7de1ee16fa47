"""A destination that asks for patience again and again: it holds up nobody else, nor for ever."""

from __future__ import annotations

from dataclasses import replace

from s4desk.core.domain.errors import ThrottledError
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.replication.rules import Destination, Filter
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.replicator import AT_ONCE, MOST_THROTTLED
from s4desk.core.replication.table import Write
from s4desk.core.replication.ways import THROTTLED_S
from s4desk.core.store.memory import MemoryStore
from tests.replication.site import AWAY, COPIES, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle

GOOD = ConnectionId("good")
TO_GOOD = replace(TO_COPIES, id="good", destination=Destination(GOOD, COPIES), filter=Filter("g"))


class Stingy(ScriptedStore):
    """Asks for patience as long as it `is_busy`."""

    is_busy = True
    asked = 0

    async def put(self, *args, **more):
        self.asked += 1
        if self.is_busy:
            raise ThrottledError("slow down")
        return await super().put(*args, **more)


async def passes(site: Site, seconds: int) -> None:
    for _ in range(seconds):
        await settle()
        site.clock.advance(1)
    await settle()


async def test_it_is_told_and_ends_and_goes_on(site):
    stingy = site.stores[AWAY] = Stingy(site.away)
    await site.observed("a", b"hello")
    await passes(site, 10)
    entry = (await site.known("a")).entry
    assert entry.status is Status.PENDING
    assert "slow down" in entry.error
    assert "slow down" in site.engine.reason(MAIN, "r")
    await passes(site, int(THROTTLED_S))
    entry = (await site.known("a")).entry
    assert entry.status is Status.FAILED
    assert "slow down" in entry.error
    assert site.engine.is_idle
    # Left alone but for a probe, until one arrives.
    before = stingy.asked
    await passes(site, 120)
    assert before < stingy.asked <= before + 5
    stingy.is_busy = False
    await passes(site, 60)
    assert (await site.known("a")).entry.status is Status.COMPLETED


async def test_who_lets_some_through_is_waited_for(site):
    stingy = site.stores[AWAY] = Stingy(site.away)
    await site.observed("a", b"hello")
    await passes(site, 40)
    stingy.is_busy = False
    await site.observed("b", b"hello")
    await passes(site, 5)
    stingy.is_busy = True
    await site.observed("c", b"hello")
    await passes(site, 40)
    assert (await site.known("c")).entry.status is Status.PENDING


async def test_other_rules_go_on_meanwhile(site):
    good = MemoryStore([COPIES], clock=site.clock)
    stingy = Stingy(site.away)
    site.stores |= {AWAY: stingy, GOOD: good}
    site.rules = [replace(TO_COPIES, filter=Filter("k")), TO_GOOD]
    for at in range(2 * AT_ONCE):
        await site.observed(f"k{at:03}", b"hello")
    await passes(site, 3)
    await site.engine.observe(MAIN, [Write("g", await site.write("g", b"hello"), "good")])
    await passes(site, 3)
    assert (await good.head(Location(COPIES, "g"))).size == 5
    # Those that wait their turn do not try.
    stingy.asked = 0
    await passes(site, 1)
    assert stingy.asked <= AT_ONCE + MOST_THROTTLED
    await passes(site, 2 * int(THROTTLED_S))
    known = await site.table.between(MAIN, "k", None, 1000)
    assert {each.entry.status for each in known} == {Status.FAILED}
