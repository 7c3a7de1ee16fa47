"""Two rules that face each other: whoever wrote last wins, and nobody's newer bytes are lost."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import NotSupportedError, PreconditionFailedError
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.properties import Pairs, PropertyChange
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Rule
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.facing import Facing
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.table import Source
from s4desk.core.transfer.content_editing import read_content, save_content
from s4desk.core.transfer.editing import edit
from tests.replication.pair import BACK, THERE, Pair, PairInOneStore
from tests.replication.site import AWAY, COPIES, HOME, MAIN, TO_COPIES
from tests.transfer.lending_store import LendingStore
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.world import noise

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STEPS = ("edit here", "edit there", "look here", "look there")
HERE_A, THERE_A = Location(MAIN.bucket, "a"), Location(COPIES, "a")


@pytest.fixture
async def pair(monkeypatch) -> AsyncIterator[Pair]:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    pair = Pair()
    pair.engine.open()
    yield pair
    await pair.engine.aclose()
    pair.database.connection.close()


async def test_the_newer_edit_wins_and_comes_back(pair):
    await pair.edit(MAIN, b"first")
    await pair.come_to_rest()
    await pair.edit(MAIN, b"here")
    await pair.edit(THERE, b"there, later")
    await pair.look_at(MAIN)
    status, why = await pair.status_at(MAIN)
    assert (status, pair.both()) == (Status.FAILED, (b"here", b"there, later"))
    assert "newer" in why
    before = pair.written
    await pair.look_at(THERE)
    assert pair.both() == (b"there, later", b"there, later")
    # Nobody has to look again to know what became of the other one.
    assert (await pair.status_at(MAIN))[0] is Status.REPLICA
    await pair.come_to_rest()
    assert pair.written == before + 1


@pytest.mark.parametrize("begun", [False, True], ids=["new", "replicated before"])
@pytest.mark.parametrize("first", STEPS)
async def test_whatever_the_order_both_end_on_the_last_edit(first, begun):
    for steps in itertools.product((first,), *3 * [STEPS]):
        pair = Pair()
        pair.engine.open()
        try:
            await story(pair, steps, begun=begun)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{' · '.join(steps)}") from error
        finally:
            await pair.engine.aclose()
            pair.database.connection.close()


async def story(pair: Pair, steps: tuple[str, ...], *, begun: bool) -> None:
    edits = 0
    last = None
    if begun:
        await pair.edit(MAIN, last := b"before")
        await pair.come_to_rest()
        pair.counts[MAIN].written = pair.counts[THERE].written = 0
    for step in steps:
        source = MAIN if step.endswith(" here") else THERE
        if step.startswith("edit"):
            edits += 1
            await pair.edit(source, last := b"edit %d" % edits)
        else:
            await pair.look_at(source)
    await pair.come_to_rest()
    assert pair.both() == (last, last)
    assert pair.written <= edits
    for source in (MAIN, THERE):
        told = await pair.status_at(source)
        assert last is None or told[0] in (Status.COMPLETED, Status.REPLICA)


async def test_written_at_the_same_time_neither_is_lost_and_both_are_told(pair):
    await pair.edit(MAIN, b"here")
    pair.clock.advance(1.5)
    await pair.away.put(THERE_A, b"there")
    await pair.come_to_rest()
    assert pair.both() == (b"here", b"there")
    assert pair.written == 0
    for source in (MAIN, THERE):
        status, why = await pair.status_at(source)
        assert status is Status.FAILED
        assert "same time" in why
    await pair.edit(MAIN, b"chosen")
    await pair.come_to_rest()
    assert pair.both() == (b"chosen", b"chosen")


@pytest.mark.parametrize("begun", [False, True], ids=["new", "replicated before"])
async def test_the_same_bytes_at_both_ends_are_no_conflict(pair, begun):
    if begun:
        await pair.edit(MAIN, b"first")
        await pair.come_to_rest()
    for source in (MAIN, THERE):
        await pair.edit(source, b"same")
    before = pair.written
    await pair.come_to_rest()
    assert pair.written == before
    assert {(await pair.status_at(each))[0] for each in (MAIN, THERE)} == {Status.COMPLETED}


async def test_a_clock_that_is_ahead_does_not_matter_to_who_writes_in_turn(pair):
    class Ahead(ScriptedStore):
        """Says of everything that it was written an hour later."""

        async def head(self, location, *, version=None):
            meta = await super().head(location, version=version)
            return replace(meta, modified=meta.modified.replace(hour=meta.modified.hour + 1))

        async def list_objects(self, prefix, **more):
            page = await super().list_objects(prefix, **more)
            return replace(page, modified=[each + 3600 for each in page.modified])

    pair.stores[AWAY] = Ahead(pair.counts[THERE])
    for at in range(3):
        for source in (THERE, MAIN):
            await pair.edit(source, b"%s %d" % (source.bucket.encode(), at))
            for _ in range(2):
                await pair.look_at(THERE)
                await pair.look_at(MAIN)
            assert pair.both() == (b"%s %d" % (source.bucket.encode(), at),) * 2


class Slow(ScriptedStore):
    """While the bytes of an object are read, somebody else writes."""

    def __init__(self, inner, write):
        super().__init__(inner)
        self.write = write

    async def get(self, *args, **more):
        write, self.write = self.write, None
        if write is not None:
            await write()
        return await super().get(*args, **more)


class Heedless(ScriptedStore):
    """Is not known to heed conditions, and does not."""

    async def put(self, location, body, *, condition=None, **more):
        if condition is not None and not condition.is_safeguard:
            raise NotSupportedError("not known to be heeded", operation="put")
        return await super().put(location, body, **more)

    async def complete_multipart(self, *words, condition=None):
        if condition is not None and not condition.is_safeguard:
            raise NotSupportedError("not known to be heeded", operation="complete_multipart")
        return await super().complete_multipart(*words)


@pytest.mark.parametrize("begun", [False, True], ids=["new", "replicated before"])
@pytest.mark.parametrize("of", [ScriptedStore, Heedless])
@pytest.mark.parametrize("ours", [b"slower", noise(7500)], ids=["small", "in parts"])
async def test_who_writes_between_the_look_and_the_write_is_not_overwritten(pair, ours, of, begun):
    if begun:
        await pair.edit(MAIN, b"first")
        await pair.come_to_rest()

    async def write():
        await pair.edit(THERE, b"quicker")

    pair.stores = {HOME: Slow(pair.counts[MAIN], write), AWAY: of(pair.counts[THERE])}
    await pair.edit(MAIN, ours)
    await pair.look_at(MAIN)
    assert pair.both() == (ours, b"quicker")
    assert pair.away.uploads == {}
    await pair.come_to_rest()
    assert pair.both() == (b"quicker", b"quicker")


class Unproved(ScriptedStore):
    """Heeds conditions, and nobody knows it; while a body arrives, somebody else `writes`."""

    def __init__(self, inner, writes):
        super().__init__(inner)
        self.writes = writes

    async def put(self, location, body, *, condition=None, **more):
        self._refuse(condition)
        if self.writes is not None:
            await self.writes()
        return await super().put(location, body, condition=condition, **more)

    def _refuse(self, condition):
        if condition is not None and not condition.is_safeguard:
            raise NotSupportedError("not known to be heeded", operation="put")


class Literal(Unproved):
    """Compares what is written, with its quotes."""

    def _refuse(self, condition):
        super()._refuse(condition)
        if condition is not None and condition.if_match and not condition.is_bare:
            raise PreconditionFailedError("another", operation="put")


class Stubborn(Unproved):
    """Refuses each ETag."""

    def _refuse(self, condition):
        super()._refuse(condition)
        if condition is not None and condition.if_match and self.writes is None:
            raise PreconditionFailedError("another", operation="put")


@pytest.mark.parametrize("of", [Unproved, Literal, Stubborn])
async def test_who_writes_while_the_bytes_arrive_is_not_overwritten(pair, of):
    await pair.edit(MAIN, b"first")
    await pair.come_to_rest()

    async def write():
        pair.stores[AWAY].writes = None
        await pair.edit(THERE, b"quicker")

    pair.stores[AWAY] = of(pair.counts[THERE], write)
    await pair.edit(MAIN, b"slower")
    await pair.look_at(MAIN)
    assert pair.both() == (b"slower", b"quicker")
    await pair.come_to_rest()
    assert pair.both() == (b"quicker", b"quicker")
    # And where nobody is quicker it arrives.
    await pair.edit(MAIN, b"again")
    await pair.come_to_rest()
    assert pair.both() == (b"again", b"again")


async def test_what_comes_back_under_another_key_was_not_written_over():
    pair = Pair(replace(BACK, destination=Destination(HOME, MAIN.bucket, "from there/")))
    pair.rules = [replace(TO_COPIES, filter=Filter("a"))]
    pair.engine.open()
    await pair.edit(MAIN, b"here")
    await pair.edit(THERE, b"there, later")
    # What the rule back has carried is beside what is here, and not below it.
    await pair.look_at(THERE)
    assert pair.home.buckets[MAIN.bucket].newest("from there/a").data == b"there, later"
    await pair.look_at(MAIN)
    assert pair.both() == (b"here", b"there, later")
    assert (await pair.status_at(MAIN))[0] is Status.FAILED
    await pair.engine.aclose()
    pair.database.connection.close()


async def test_many_small_ones_replace_nothing_in_bundles(pair):
    pair.stores = {HOME: LendingStore(pair.home), AWAY: LendingStore(pair.away)}
    for at in range(30):
        await pair.edit(MAIN, b"here", f"{at:02}")
    await pair.look_at(MAIN)
    assert pair.stores[AWAY].lent > 0
    for at in range(30):
        await pair.edit(MAIN, b"here again", f"{at:02}")
    for at in range(0, 30, 2):
        await pair.edit(THERE, b"there", f"{at:02}")
    await pair.come_to_rest()
    for at in range(30):
        wanted = b"there" if at % 2 == 0 else b"here again"
        assert pair.both(f"{at:02}") == (wanted, wanted)


async def test_versions_of_an_older_edit_hold_up_no_newer_one():
    pair = Pair(replace(BACK, versions=Kept.ALL))
    pair.rules = [replace(TO_COPIES, versions=Kept.ALL)]
    pair.version(pair.home, pair.away)
    pair.engine.open()
    await pair.edit(MAIN, b"here")
    await pair.edit(THERE, b"there")
    await pair.come_to_rest()
    assert pair.both() == (b"there", b"there")
    await pair.edit(MAIN, b"here again")
    await pair.come_to_rest()
    assert pair.both() == (b"here again", b"here again")
    await pair.engine.aclose()
    pair.database.connection.close()


# A stamp that is kept by who writes new bytes


async def rewritten(pair: Pair, data: bytes) -> None:
    """A program writes new bytes over a replica, and keeps its metadata."""
    there = await pair.away.head(THERE_A)
    kept = Attributes(metadata=dict(there.attributes.metadata))
    await pair.edit(THERE, data, attributes=kept)
    assert stamp_of(await pair.away.head(THERE_A)) is not None


@pytest.mark.parametrize("data", [b"fourth", b"another size"], ids=["same size", "other size"])
async def test_new_bytes_under_a_stamp_that_is_kept_are_a_write(pair, data):
    for each in (b"first", b"second"):
        await pair.edit(MAIN, each)
        await pair.come_to_rest()
    await rewritten(pair, data)
    before = pair.written
    await pair.come_to_rest()
    assert pair.both() == (data, data)
    assert pair.written == before + 1
    await pair.edit(MAIN, b"third")
    await pair.come_to_rest()
    assert pair.both() == (b"third", b"third")


async def test_what_we_change_ourselves_of_a_replica_is_replicated_on(pair):
    """Headers and metadata as well: who changes them here takes the stamp away."""
    await pair.edit(MAIN, b"first", attributes=Attributes(metadata={"own": "one"}))
    await pair.come_to_rest()
    pair.clock.advance(10)
    change = PropertyChange(metadata=Pairs(put={"own": "two"}))
    await edit(pair.away, THERE_A, change, pair.clock.now())
    before = pair.written
    await pair.come_to_rest()
    assert (await pair.home.head(HERE_A)).attributes.metadata["own"] == "two"
    assert pair.written == before + 1
    assert stamp_of(await pair.away.head(THERE_A)) is None

    pair.clock.advance(10)
    content = await read_content(pair.home, await pair.home.head(HERE_A))
    await save_content(pair.home, content, b"typed here", pair.clock.now())
    assert stamp_of(await pair.home.head(HERE_A)) is None
    await pair.come_to_rest()
    assert pair.both() == (b"typed here", b"typed here")


async def test_bytes_of_another_size_are_no_replica_though_no_table_knows(pair):
    await pair.edit(MAIN, b"first")
    await pair.come_to_rest()
    await rewritten(pair, b"another size")
    pair.database.connection.execute("DELETE FROM object")
    await pair.come_to_rest()
    assert pair.both() == (b"another size",) * 2


async def test_a_replica_that_no_table_knows_stays_one(pair):
    """Or it would go round for ever, where a store does not call equal bytes by one ETag."""
    await pair.edit(MAIN, b"first")
    await pair.come_to_rest()
    pair.database.connection.execute("DELETE FROM object")
    stored = pair.away.buckets[COPIES].objects["a"]
    stored[-1] = replace(stored[-1], etag="another name for it")
    before = pair.written
    await pair.look_at(THERE)
    assert (await pair.status_at(THERE))[0] is Status.REPLICA
    assert pair.written == before


async def test_a_stamp_of_former_days_is_still_one(pair):
    await pair.edit(MAIN, b"first")
    await pair.come_to_rest()
    there = await pair.away.head(THERE_A)
    former = {n: v for n, v in there.attributes.metadata.items() if "size" not in n}
    assert len(former) < len(there.attributes.metadata)
    await pair.edit(THERE, b"first", attributes=Attributes(metadata=former))
    before = pair.written
    await pair.come_to_rest()
    assert (await pair.status_at(THERE))[0] is Status.REPLICA
    assert pair.written == before


# Who faces whom


def facing(**rules: Rule) -> Facing:
    ruled = [Ruled(Source(ConnectionId(name), name), (rule,)) for name, rule in rules.items()]
    return Facing(lambda: ruled, str)


def to(name: str, prefix: str = "", only: str = "") -> Rule:
    return Rule("r", Destination(ConnectionId(name), name, prefix), filter=Filter(only))


@pytest.mark.parametrize(
    ("rules", "leads_back"),
    [
        ({"a": to("b"), "b": to("a")}, True),
        ({"a": to("b"), "b": to("c"), "c": to("a")}, True),
        ({"a": to("b"), "b": to("c")}, False),
        ({"a": to("b"), "b": to("b", "x/")}, False),
        ({"a": to("b"), "b": to("a", only="other/")}, False),
        ({"a": to("b", "in/"), "b": to("a", only="in/")}, True),
        ({"a": to("b"), "b": replace(to("a"), is_enabled=False)}, False),
    ],
)
def test_a_rule_leads_back(rules, leads_back):
    source = Source(ConnectionId("a"), "a")
    assert facing(**rules).leads_back(source, rules["a"], "key") is leads_back


def test_two_connections_may_lead_to_one_store():
    rules = {"a": to("b"), "b2": to("a")}
    ruled = [Ruled(Source(ConnectionId(n), n[0]), (rule,)) for n, rule in rules.items()]
    found = Facing(lambda: ruled, lambda id_: id_[0])
    assert found.leads_back(ruled[0].source, rules["a"], "key")
    place = Address(ConnectionId("b"), Location("b", "key"))
    assert found.sources_at(place) == [ruled[1].source]
    assert list(found.leading_to(place)) == [(ruled[0].source, "key")]


async def test_a_pair_within_one_store():
    """It copies by itself, under conditions too."""
    pair = PairInOneStore()
    pair.engine.open()
    await pair.edit(MAIN, b"here")
    await pair.come_to_rest()
    await pair.edit(MAIN, b"here again")
    await pair.edit(THERE, b"there")
    await pair.come_to_rest()
    assert pair.both() == (b"there", b"there")
    assert pair.written == 2
    await pair.engine.aclose()
    pair.database.connection.close()


async def test_one_way_is_as_it_was():
    pair = Pair(replace(BACK, is_enabled=False))
    pair.engine.open()
    await pair.edit(MAIN, b"here")
    await pair.edit(THERE, b"there, later")
    await pair.look_at(MAIN)
    assert pair.both() == (b"here", b"here")
    await pair.engine.aclose()
    pair.database.connection.close()


# What came back is older than what is to go


async def both_versioned(kept: Kept, *, away: bool = True) -> Pair:
    pair = Pair(replace(BACK, versions=kept))
    pair.rules = [replace(TO_COPIES, versions=kept)]
    pair.version(*((pair.home, pair.away) if away else (pair.home,)))
    pair.engine.open()
    return pair


@pytest.mark.parametrize("kept", [Kept.ALL, Kept.LATEST])
async def test_an_older_version_is_not_put_on_top_of_what_came_back(kept):
    pair = await both_versioned(kept)
    await pair.edit(MAIN, b"here, older")
    await pair.edit(THERE, b"there, newer")
    # The newer one is over here before anybody has looked at the older one.
    await pair.look_at(THERE)
    await pair.come_to_rest()
    assert pair.both() == (b"there, newer",) * 2
    assert Status.FAILED not in {each.entry.status for each in await pair.table.of_keys(MAIN, "a")}
    await pair.edit(MAIN, b"here again")
    await pair.come_to_rest()
    assert pair.both() == (b"here again",) * 2
    await pair.engine.aclose()
    pair.database.connection.close()


@pytest.mark.parametrize("away", [False, True], ids=["unversioned there", "versioned there"])
async def test_what_comes_to_light_again_replaces_nothing_newer(away):
    pair = await both_versioned(Kept.LATEST, away=away)
    await pair.edit(MAIN, b"here, older")
    await pair.come_to_rest()
    await pair.edit(THERE, b"there, newer")
    await pair.come_to_rest()
    assert pair.both() == (b"there, newer",) * 2
    newest = await pair.home.head(HERE_A)
    await pair.home.delete(HERE_A, version=newest.version)
    await pair.come_to_rest()
    assert pair.both() == (b"here, older", b"there, newer")
    status, why = await pair.status_at(MAIN)
    assert status is Status.COMPLETED
    assert "came to light again" in why
    await pair.edit(MAIN, b"here again")
    await pair.come_to_rest()
    assert pair.both() == (b"here again",) * 2
    await pair.engine.aclose()
    pair.database.connection.close()
