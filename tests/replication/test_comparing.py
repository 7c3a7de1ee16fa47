"""What a destination lacks, has otherwise, or has besides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.rules import Destination, Filter, Matcher, Rule
from s4desk.core.replication.comparing import Comparison, Kind
from tests.replication.site import AWAY, COPIES, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.world import noise


async def compared(site: Site, rule: Rule = TO_COPIES) -> tuple[Comparison, list[tuple]]:
    comparison = Comparison(
        site.stores[MAIN.connection], MAIN.bucket, site.stores[AWAY], rule, Matcher(site.rules)
    )
    found = [
        (each.kind, each.key, each.size, each.size_there)
        async for some in comparison.differences()
        for each in some
    ]
    return comparison, found


async def fill(site: Site, bucket: str, **objects: bytes) -> None:
    store = site.home if bucket == MAIN.bucket else site.away
    for key, data in objects.items():
        await store.put(Location(bucket, key), data)


async def test_each_difference_is_told_once_in_order(site):
    await fill(site, MAIN.bucket, a=b"1", b=b"22", c=b"333", e=b"5")
    await fill(site, COPIES, b=b"2", c=b"xxx", d=b"4", e=b"5")
    comparison, found = await compared(site)
    assert found == [
        (Kind.MISSING, "a", 1, None),
        (Kind.DIFFERENT, "b", 2, 1),
        (Kind.DIFFERENT, "c", 3, 3),
        (Kind.EXTRA, "d", None, 1),
    ]
    assert comparison.same == 1
    assert comparison.counts == {Kind.MISSING: 1, Kind.DIFFERENT: 2, Kind.EXTRA: 1}


async def test_nothing_differs_once_it_is_replicated(site):
    # In parts at one end and whole at the other ETags say nothing; the stamp does.
    monsters = {f"{at:04}": noise(7500 if at % 50 == 0 else at) for at in range(120)}
    await fill(site, MAIN.bucket, **monsters)
    await site.look()
    comparison, found = await compared(site)
    assert (found, comparison.same) == ([], 120)


async def test_what_another_program_joined_of_parts_is_not_proved(site):
    await fill(site, MAIN.bucket, a=b"same")
    location = Location(COPIES, "a")
    ticket = await site.away.create_multipart(location)
    receipt = await site.away.put_part(location, ticket, 1, b"same")
    await site.away.complete_multipart(location, ticket, [receipt])
    _, found = await compared(site)
    assert found == [(Kind.UNPROVED, "a", 4, 4)]


async def test_replicas_at_the_source_are_not_missing(site):
    await fill(site, MAIN.bucket, a=b"1")
    await site.look()
    back = Rule("back", Destination(MAIN.connection, "third"))
    await site.home.create_bucket("third")
    comparison = Comparison(site.away, COPIES, site.home, back, Matcher([back]))
    assert [each async for each in comparison.differences()] == [[]]


async def test_only_what_the_rule_decides_is_compared(site):
    tagged = replace(TO_COPIES, id="t", filter=Filter("", (("keep", "yes"),)), priority=1)
    site.rules = [tagged, replace(TO_COPIES, filter=Filter("b"))]
    await fill(site, MAIN.bucket, a=b"1", b=b"2", c=b"3")
    await site.home.put_tags(Location(MAIN.bucket, "c"), {"keep": "yes"})
    _, found = await compared(site, tagged)
    assert found == [(Kind.MISSING, "c", 1, None)]


async def test_a_prefix_of_the_destination_is_no_difference(site):
    rule = replace(TO_COPIES, destination=replace(TO_COPIES.destination, prefix="put/"))
    site.rules = [rule]
    await fill(site, MAIN.bucket, a=b"1", b=b"2")
    await fill(site, COPIES, a=b"not below it", **{"put/b": b"2", "put/z": b"9"})
    _, found = await compared(site, rule)
    assert found == [(Kind.MISSING, "a", 1, None), (Kind.EXTRA, "z", None, 1)]


async def test_what_a_listing_leaves_out_is_not_missing(site):
    class Forgetful(ScriptedStore):
        async def list_objects(self, *args, **more):
            page = await super().list_objects(*args, **more)
            return page.cut(slice(1, None))

    await fill(site, MAIN.bucket, a=b"1", b=b"2", c=b"3")
    await fill(site, COPIES, a=b"1", b=b"2")
    site.stores[AWAY] = Forgetful(site.away)
    comparison, found = await compared(site)
    assert found == [(Kind.MISSING, "c", 1, None)]
    assert comparison.same == 2


async def test_a_store_that_lists_in_no_order_is_not_compared_wrongly(site):
    class Turned(ScriptedStore):
        async def list_objects(self, *args, **more):
            page = await super().list_objects(*args, **more)
            return replace(page, keys=list(reversed(page.keys)))

    await fill(site, MAIN.bucket, a=b"1", b=b"2")
    site.stores[AWAY] = Turned(site.away)
    await fill(site, COPIES, a=b"1", b=b"2")
    with pytest.raises(MalformedReplyError):
        await compared(site)
