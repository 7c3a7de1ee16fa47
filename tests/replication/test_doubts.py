"""What may have been overtaken is looked at, whatever else cannot be."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.replication.rules import Destination, Filter, Rule
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.replicator import Replicator
from tests.replication.site import AWAY, COPIES, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle

LONG_S = 150


async def doubted(site: Site, *keys: str) -> ScriptedStore:
    """Replicas that arrived at the second attempt, over which somebody then wrote."""
    scripted = ScriptedStore(site.away)
    site.stores[AWAY] = scripted
    for key in keys:
        scripted.lose_reply("put", UnavailableError("no answer"))
        await site.observed(key, key.encode())
        await site.until_idle()
        await site.away.put(Location(COPIES, key), b"what came late")
    return scripted


async def pass_time(site: Site, seconds: float) -> None:
    for _ in range(int(seconds)):
        await settle()
        site.clock.advance(1)
        await asyncio.sleep(0.0005)


async def test_one_that_nobody_answers_for_keeps_no_other_waiting(site):
    scripted = await doubted(site, "a", "b")

    def refuse(request):
        if request.key == "a" and request.operation == "head":
            raise UnavailableError("no answer")

    scripted.before = refuse
    await pass_time(site, LONG_S)
    assert (site.replica("a"), site.replica("b")) == (b"what came late", b"b")
    scripted.before = None
    await pass_time(site, 60)
    assert site.replica("a") == b"a"


async def test_those_of_a_rule_that_is_not_wanted_now_are_looked_at_and_wait(site):
    other = Rule("x", Destination(ConnectionId(AWAY), COPIES), 2, filter=Filter("x"))
    site.rules = [other, TO_COPIES]
    await doubted(site, "x", "y")
    await site.engine.aclose()
    site.around = replace(site.around, wants_rule=lambda rule: rule == "r")
    site.engine = Replicator(site.table, site.around, site.told.extend)
    site.engine.open()
    await pass_time(site, LONG_S)
    assert (site.replica("x"), site.replica("y")) == (b"what came late", b"y")
    assert (await site.known("x")).entry.status is Status.PENDING
