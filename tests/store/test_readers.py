"""A store next door is read by few, one far away by as many as may be."""

from __future__ import annotations

import asyncio
from array import array

import pytest

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Page
from s4desk.core.store.parallel_listing import listing_of
from s4desk.core.store.readers import FEWEST, HANDLING_S, READERS, Readers


def after(*answers: float) -> Readers:
    readers = Readers()
    for seconds in answers:
        readers.answered(seconds)
    return readers


def test_there_are_more_of_them_as_the_listing_goes_on():
    assert [after(*[1.0] * pages).at_once for pages in range(7)] == [1, 1, 2, 4, 6, 8, 8]


@pytest.mark.parametrize(
    ("seconds", "readers"),
    [(HANDLING_S / 10, FEWEST), (HANDLING_S, 2), (0.015, 6), (0.04, READERS), (3.0, READERS)],
)
def test_as_many_as_fit_into_a_round_trip(seconds, readers):
    assert after(*[seconds] * 20).at_once == readers


def test_a_busy_machine_does_not_make_a_store_distant():
    assert after(*[0.2] * 5).at_once == READERS
    assert after(*[0.2] * 5, 0.002, *[0.2] * 5).at_once == FEWEST


def test_a_store_that_asks_for_patience_has_half_as_many_each_time():
    readers = after(*[1.0] * 9)
    found = []
    for _ in range(5):
        readers.throttled()
        found.append(readers.at_once)
    assert found == [4, 2, 1, 1, 1]


@pytest.mark.parametrize(("seconds", "most"), [(0.0, FEWEST), (1.0, READERS)])
async def test_a_listing_asks_as_often_as_the_store_is_far(monkeypatch, seconds, most):
    """Time is what the answers say: each question and each answer takes a look at the clock."""
    inside = most_inside = 0
    told = iter(range(10**9))
    monkeypatch.setattr(
        "s4desk.core.store.parallel_listing.monotonic", lambda: next(told) * seconds
    )

    async def list_objects(prefix, *, delimiter, token, start_after, with_owner):
        nonlocal inside, most_inside
        inside += 1
        most_inside = max(most_inside, inside)
        for _ in range(3):
            await asyncio.sleep(0)
        inside -= 1
        first = int((token or start_after or "0").ljust(6, "0")[:6]) + bool(token or start_after)
        keys = [f"{at:06d}" for at in range(first, min(first + 100, 20_000))]
        zeros = [0] * len(keys)
        more = keys[-1] if keys and first + 100 < 20_000 else None
        return Page(prefix, keys, array("q", zeros), array("d", zeros), keys, keys, next_token=more)

    found = []
    async with listing_of(list_objects, Prefix("b")) as listing:
        while listing.has_more:
            found += (await listing.next_page(ahead=float("inf"))).keys
    assert found == [f"{at:06d}" for at in range(20_000)]
    assert most_inside == most
