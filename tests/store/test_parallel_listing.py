"""A listing in ranges holds what a listing page by page holds, whatever store and writers do."""

from __future__ import annotations

import asyncio
import math
import random
from array import array
from bisect import bisect_right
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s4desk.core.domain.errors import MalformedReplyError, ThrottledError, UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Page
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.store.key_space import byte_order
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.parallel_listing import WAITING_PAGES, ParallelListing, listing_of
from s4desk.core.store.readers import READERS
from s4desk.core.transfer.selection import pages_of

TOP = Prefix("b")
EVERYTHING = math.inf
SLOWLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ODD = ["a", "é", "～", "😀", "\ue000", "\udcff", "\udc80", "\x01", "\x7f", "/", "%", "+", "&", "<"]
KINDS = {
    "numbers": lambda chance: f"n-{chance.randrange(4000):05d}.bin",
    "plain": lambda chance: f"log/{chance.randrange(900)}/x",
    "hex": lambda chance: f"{chance.getrandbits(40):010x}",
    "words": lambda chance: "".join(chance.choices("abcXYZ01/._- ~", k=chance.randint(1, 6))),
    "odd": lambda chance: "".join(chance.choices(ODD, k=chance.randint(1, 4))),
}


@pytest.fixture(autouse=True, scope="module")
def far_away():
    """Stores in memory answer at once: nobody would ask them in several places."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("s4desk.core.store.readers.HANDLING_S", 1e-9)
        yield


@st.composite
def many_keys(draw):
    """Up to some hundreds of keys, of one kind or of all; Hypothesis alone would draw few."""
    kinds = draw(st.sampled_from([[kind] for kind in KINDS] + [list(KINDS)]))
    chance = random.Random(draw(st.integers(0, 2**32)))
    return {KINDS[chance.choice(kinds)](chance) for _ in range(draw(st.integers(0, 300)))}


KEYS = many_keys()


@dataclass
class Stirred:
    """The listings of a memory store, in pages of any size, late, and with writers at work."""

    store: MemoryStore
    chance: random.Random
    sizes: tuple[int, int] = (1, 9)
    fleeting: list[str] = field(default_factory=list)
    forget_start: bool = False
    failing: float = 0.0
    error: Exception = field(default_factory=lambda: UnavailableError("cut"))
    asked: list[tuple[str | None, str]] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0

    async def __call__(
        self, prefix, *, delimiter="/", token=None, start_after="", with_owner=False
    ):
        self.asked.append((token, start_after))
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await self._wait()
            if self.chance.random() < self.failing:
                raise self.error
            page = await self.store.list_objects(
                prefix,
                delimiter=delimiter,
                token=token,
                start_after="" if self.forget_start else start_after,
                limit=self.chance.randint(*self.sizes),
            )
            if delimiter and start_after and not token:
                page = self._with_folder_again(page, start_after)
            await self._wait()
            return page
        finally:
            self.inside -= 1

    def _with_folder_again(self, page, start_after):
        """AWS names a folder again when keys in it lie behind `start_after`."""
        folder = start_after[: start_after.find("/") + 1]
        there = self.store.buckets["b"].objects
        low = byte_order(start_after)
        if any(folder and key.startswith(folder) and byte_order(key) > low for key in there):
            return replace(page, folders=[folder, *page.folders])
        return page

    async def until(self, is_so):
        while not is_so():  # noqa: ASYNC110 - it is looked at between any two steps
            await asyncio.sleep(0)

    def as_store(self):
        return SimpleNamespace(list_objects=self)

    async def _wait(self):
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
            if self.fleeting:
                await self._write()

    async def _write(self):
        there = self.store.buckets["b"].objects
        key = self.chance.choice(self.fleeting)
        if key in there:
            await self.store.delete(Location("b", key))
        else:
            await self.store.put(Location("b", key), b"")


async def filled(keys):
    store = MemoryStore(["b"])
    for key in keys:
        await store.put(Location("b", key), b"")
    return store


async def entries_of(listing, ahead=EVERYTHING, patience=0):
    """All keys and folders in the order in which they come, folders before the keys of a page."""
    found = []
    while listing.has_more:
        try:
            page = await listing.next_page(ahead)
        except (UnavailableError, ThrottledError):
            if not patience:
                raise
            patience -= 1
            continue
        found += sorted([*page.folders, *page.keys], key=byte_order)
    return found


async def read(asking, *, delimiter="", workers=8, patience=0, prefix=TOP):
    async with listing_of(asking, prefix, delimiter, workers=workers) as listing:
        found = await entries_of(listing, patience=patience)
    assert asking.inside == 0
    return found


def level(keys, delimiter):
    """The entries of one level, in byte order."""
    if not delimiter:
        return sorted(keys, key=byte_order)
    parts = [key.partition(delimiter) for key in keys]
    return sorted({head + cut for head, cut, _ in parts}, key=byte_order)


@pytest.mark.parametrize("delimiter", ["", "/"])
@SLOWLY
@given(keys=KEYS, seed=st.integers(0, 2**32), workers=st.integers(1, 9))
async def test_everything_comes_once_and_in_order(delimiter, keys, seed, workers):
    asking = Stirred(await filled(keys), random.Random(seed))
    assert await read(asking, delimiter=delimiter, workers=workers) == level(keys, delimiter)
    assert asking.most_inside <= workers


@pytest.mark.parametrize("delimiter", ["", "/"])
@SLOWLY
@given(keys=KEYS, fleeting=KEYS, seed=st.integers(0, 2**32))
async def test_writers_neither_hide_nor_double_a_key_that_stays(delimiter, keys, fleeting, seed):
    fleeting -= keys
    chance = random.Random(seed)
    asking = Stirred(await filled(keys), chance, fleeting=sorted(fleeting))
    found = await read(asking, delimiter=delimiter)
    assert found == sorted(set(found), key=byte_order)
    assert set(level(keys, delimiter)) <= set(found) <= set(level(keys | fleeting, delimiter))


@pytest.mark.parametrize("delimiter", ["", "/"])
@SLOWLY
@given(keys=KEYS, seed=st.integers(0, 2**32), failing=st.sampled_from([0.02, 0.2, 0.5]))
async def test_errors_neither_hide_nor_double_a_key(delimiter, keys, seed, failing):
    asking = Stirred(await filled(keys), random.Random(seed), failing=failing)
    found = await read(asking, delimiter=delimiter, patience=10**6)
    assert found == level(keys, delimiter)


@SLOWLY
@given(keys=KEYS, seed=st.integers(0, 2**32))
async def test_a_store_that_ignores_start_after_is_read_page_by_page(keys, seed):
    asking = Stirred(await filled(keys), random.Random(seed), forget_start=True)
    assert await read(asking) == level(keys, "")


@SLOWLY
@given(keys=KEYS, seed=st.integers(0, 2**32))
async def test_stopping_anywhere_loses_nothing(keys, seed):
    chance = random.Random(seed)
    asking = Stirred(await filled(keys), chance)
    scope = TaskScope("test")
    listing = ParallelListing(asking, TOP, scope=scope)
    found = []
    while listing.has_more:
        waiting = scope.start(listing.next_page(EVERYTHING))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        if not waiting.done() and chance.random() < 0.3:
            waiting.cancel()
            listing.pause()
            await asyncio.wait([waiting])
        if not waiting.cancelled():
            found += (await waiting).keys
        if chance.random() < 0.1:
            listing.pause()
            for _ in range(8):
                await asyncio.sleep(0)
            assert asking.inside == 0
    await scope.aclose()
    assert found == level(keys, "")


# Stores of another order


def utf_16(key):
    return key.encode("utf-16-be", "surrogatepass")


def by_segments(key):
    return [byte_order(part) for part in key.split("/")]


class OtherOrder:
    """A store that lists in an order of its own, in which `start-after` may mean something."""

    def __init__(self, keys, order, chance, *, knows_start):
        self.keys = sorted(keys, key=order)
        self.order, self.chance, self.knows_start = order, chance, knows_start
        self.inside = 0

    async def __call__(self, prefix, *, delimiter, token, start_after, with_owner):
        first = int(token or 0)
        if start_after and self.knows_start:
            after = self.order(start_after)
            first = sum(self.order(key) <= after for key in self.keys)
        end = first + self.chance.randint(1, 9)
        await asyncio.sleep(0)
        keys = [key for key in self.keys[first:end] if key.startswith(prefix.prefix)]
        zeros = [0] * len(keys)
        more = str(end) if end < len(self.keys) else None
        return Page(prefix, keys, array("q", zeros), array("d", zeros), keys, keys, next_token=more)


@pytest.mark.parametrize("order", [utf_16, str.casefold, by_segments, hash])
@pytest.mark.parametrize("knows_start", [True, False])
@SLOWLY
@given(keys=KEYS, seed=st.integers(0, 2**32))
async def test_a_store_of_another_order_loses_and_doubles_nothing(order, knows_start, keys, seed):
    if order is utf_16:
        keys = {key for key in keys if not set(key) & set("\udcff\udc80")}
    asking = OtherOrder(keys, order, random.Random(seed), knows_start=knows_start)
    assert sorted(await read(asking), key=byte_order) == level(keys, "")


# What it costs


def numbered(count):
    return [f"logs/part-{number:07d}.parquet" for number in range(count)]


def scattered(count):
    chance = random.Random(5)
    return [f"{chance.getrandbits(128):032x}" for _ in range(count)]


def dated(count):
    chance = random.Random(6)
    days = [(1 + at % 12, 1 + at % 28) for at in range(count)]
    return [f"2026/{month:02d}/{day:02d}/{chance.getrandbits(40):010x}.gz" for month, day in days]


def grouped(count):
    return [f"user-{at // 50:04d}/{at % 50:02d}.eml" for at in range(count)]


MAKERS = [numbered, scattered, dated, grouped]


class Rounds:
    """A store far away: whatever was asked for meanwhile is answered once per round trip."""

    def __init__(self, keys, size):
        self.keys, self.size = sorted(keys), size
        self.asked, self.rounds, self.most = 0, 0, 0
        self._waiting = []

    async def __call__(self, prefix, *, delimiter, token, start_after, with_owner):
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(0.001, self._answer)
        await turn
        first = bisect_right(self.keys, token or start_after)
        keys = self.keys[first : first + self.size]
        zeros = [0] * len(keys)
        more = keys[-1] if first + self.size < len(self.keys) else None
        return Page(prefix, keys, array("q", zeros), array("d", zeros), keys, keys, next_token=more)

    async def rest(self):
        """Until nothing is asked any more."""
        before = -1
        while before < self.asked:
            before = self.asked
            await asyncio.sleep(0.02)

    def _answer(self):
        waiting, self._waiting = self._waiting, []
        self.rounds += 1
        self.asked += len(waiting)
        self.most = max(self.most, len(waiting))
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)


@pytest.mark.parametrize("pages", [0, 1, 2])
async def test_a_short_listing_costs_no_more_requests_than_it_has_pages(pages):
    asking = Stirred(await filled(numbered(10 * pages)), random.Random(1), sizes=(10, 10))
    assert len(await read(asking)) == 10 * pages
    assert [start for _, start in asking.asked] == [""] * max(1, pages)


@pytest.mark.parametrize("make", MAKERS)
async def test_a_long_listing_takes_few_round_trips_and_few_requests_more(make):
    far = Rounds(make(60_000), 200)
    async with listing_of(far, TOP) as listing:
        assert await entries_of(listing) == far.keys
    assert far.rounds < 300 / 4
    assert far.asked < 300 * 1.25
    assert far.most == READERS


async def test_one_page_ahead_is_one_page_ahead():
    far = Rounds(numbered(1000), 10)
    async with listing_of(far, TOP) as listing:
        for _ in range(20):
            await listing.next_page(ahead=1)
        await far.rest()
        assert (far.asked, far.most) == (21, 1)


async def test_pages_that_nobody_takes_are_not_piled_up():
    far = Rounds(scattered(10_000), 10)
    async with listing_of(far, TOP) as listing:
        await listing.next_page(ahead=EVERYTHING)
        await far.rest()
        assert READERS < far.asked <= 1.2 * WAITING_PAGES
        assert len(await entries_of(listing)) == 10_000 - 10


async def test_cuts_are_keys_that_a_request_can_hold():
    chance = random.Random(3)
    keys = {KINDS["odd"](chance) + KINDS["odd"](chance) for _ in range(2000)}
    asking = Stirred(await filled(keys), chance)
    scope = TaskScope("test")
    listing = ParallelListing(asking, TOP, scope=scope)
    assert await entries_of(listing) == level(keys, "")
    await scope.aclose()
    cuts = [start for _, start in asking.asked if start]
    assert len(cuts) > 10
    assert not [cut for cut in cuts if cut.isascii() and not cut.isprintable()]
    assert all(cut.encode() for cut in cuts)


async def test_no_cut_lies_inside_a_folder():
    asking = Stirred(await filled(grouped(3000)), random.Random(1), sizes=(1, 3))
    assert await read(asking, delimiter="/") == level(grouped(3000), "/")
    cuts = [start for _, start in asking.asked if start]
    assert cuts
    assert not [cut for cut in cuts if "/" in cut]


# Trouble


async def test_an_error_comes_in_its_place_and_the_rest_is_not_asked_for():
    keys = numbered(2000)
    asking = Stirred(await filled(keys), random.Random(1), sizes=(10, 10))
    async with listing_of(asking, TOP) as listing:
        while asking.most_inside < READERS:
            await listing.next_page(EVERYTHING)
        asking.failing = 1.0
        with pytest.raises(UnavailableError):
            await entries_of(listing)
        last = listing.last
        for _ in range(10):
            await asyncio.sleep(0)
        assert asking.inside == 0
        asking.failing = 0.0
        assert await entries_of(listing) == [key for key in sorted(keys) if key > last]


async def test_a_store_that_asks_for_patience_is_asked_less_at_once():
    asking = Stirred(await filled(numbered(2000)), random.Random(1), sizes=(10, 10))
    async with listing_of(asking, TOP) as listing:
        found = []
        while asking.most_inside < READERS:
            found += (await listing.next_page(EVERYTHING)).keys
        asking.error, asking.failing = ThrottledError("slow down"), 1.0
        await asking.until(lambda: asking.inside <= 1)
        asking.failing, asking.most_inside = 0.0, 0
        found += await entries_of(listing)
        assert asking.most_inside < READERS
    assert found == numbered(2000)


async def test_a_store_that_only_asks_for_patience_is_an_error():
    asking = Stirred(await filled(["a"]), random.Random(1))
    asking.error, asking.failing = ThrottledError("slow down"), 1.0
    with pytest.raises(ThrottledError):
        await read(asking)
    assert len(asking.asked) == 1


async def test_leaving_early_leaves_no_request():
    asking = Stirred(await filled(numbered(1000)), random.Random(1), sizes=(10, 10))
    async with aclosing(pages_of(asking.as_store(), TOP)) as pages:
        async for _ in pages:
            if asking.inside == READERS:
                break
    assert asking.inside == 0


async def test_cancelling_leaves_no_request():
    asking = Stirred(await filled(numbered(1000)), random.Random(1), sizes=(10, 10))
    reading = asyncio.ensure_future(read(asking))
    await asking.until(lambda: asking.inside == READERS)
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    assert asking.inside == 0


async def test_a_token_that_comes_again_is_an_error():
    async def circling(prefix, **_):
        return Page(prefix, [], array("q"), array("d"), [], [], next_token="again")

    async with listing_of(circling, TOP) as listing:
        with pytest.raises(MalformedReplyError):
            await entries_of(listing)
