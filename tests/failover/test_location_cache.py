"""Who had an object when nobody knew."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.failover.location_cache import LocationCache
from tests.failover.groups import HandClock, K


@pytest.mark.parametrize(("chance", "life_s"), [(0.0, 240), (0.5, 300), (1.0, 360)])
def test_an_entry_lives_for_its_time_a_fifth_more_or_less(chance, life_s):
    clock = HandClock()
    cache = LocationCache(clock, lambda: chance)
    cache.put(K, "b")
    clock.advance(life_s - 0.1)
    assert cache.get(K) == "b"
    clock.advance(0.1)
    assert cache.get(K) is None


def test_entries_that_came_together_do_not_all_go_together():
    clock = HandClock()
    cache = LocationCache(clock)
    places = [Location("b", str(at)) for at in range(200)]
    for each in places:
        cache.put(each, "b")
    clock.advance(240)
    assert all(cache.get(each) for each in places)
    clock.advance(60)
    assert 50 < sum(cache.get(each) is not None for each in places) < 150
    clock.advance(60)
    assert not any(cache.get(each) for each in places)


def test_a_new_winner_begins_a_new_life():
    clock = HandClock()
    cache = LocationCache(clock, lambda: 0.5)
    cache.put(K, "a")
    clock.advance(200)
    cache.put(K, "b")
    clock.advance(200)
    assert cache.get(K) == "b"


def test_what_is_forgotten_is_not_known():
    cache = LocationCache(HandClock())
    cache.put(K, "a")
    cache.forget(K)
    cache.forget(K)
    assert cache.get(K) is None


def test_the_oldest_goes_when_there_are_too_many():
    cache = LocationCache(HandClock(), most=2)
    for key in "xyxz":
        cache.put(Location("b", key), "a")
    known = [key for key in "xyz" if cache.get(Location("b", key))]
    assert known == ["x", "z"]
