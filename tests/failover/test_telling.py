"""Telling of groups, by the clock and not by requests."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.telling import TELL_S, Telling
from s4desk.core.runtime.tasks import TaskScope
from tests.failover.groups import HandClock, turns

G, OTHER = ConnectionId("group"), ConnectionId("other")


class World:
    def __init__(self) -> None:
        self.clock, self.tasks = HandClock(), TaskScope("test")
        self.shown, self.looks, self.told = {G: 0, OTHER: 0}, 0, []
        self.telling = Telling(self._look, self._tell, self.clock, self.tasks)

    def _look(self, group):
        self.looks += 1
        return self.shown.get(group)

    def _tell(self, group):
        self.told.append((group, self.shown[group]))

    async def pass_time(self, seconds=TELL_S):
        await turns(5)
        self.clock.advance(seconds)
        await turns(5)


@pytest.fixture
async def world():
    made = World()
    yield made
    await made.tasks.aclose()


async def test_the_first_change_is_told_at_once(world):
    world.telling.soon(G)
    assert world.told == [(G, 0)]


async def test_of_a_thousand_changes_the_first_and_the_last_are_told(world):
    for at in range(1000):
        world.shown[G] = at
        world.telling.soon(G)
    assert world.told == [(G, 0)]
    await world.pass_time()
    assert world.told == [(G, 0), (G, 999)]
    assert world.looks == 2


async def test_what_is_shown_already_is_not_told_again(world):
    world.telling.soon(G)
    for at in range(1000):
        world.shown[G] = at % 3
        world.telling.soon(G)
    await world.pass_time()
    world.telling.soon(G)
    await world.pass_time()
    assert world.told == [(G, 0)]


async def test_after_a_while_without_requests_it_is_told_at_once_again(world):
    world.telling.soon(G)
    await world.pass_time()
    world.shown[G] = 1
    world.telling.soon(G)
    assert world.told == [(G, 0), (G, 1)]
    assert not world.clock.sleepers


async def test_who_does_something_sees_it_at_once(world):
    world.telling.soon(G)
    world.shown[G] = 1
    world.telling.now(G)
    assert world.told == [(G, 0), (G, 1)]


async def test_groups_do_not_wait_for_each_other(world):
    for each in (G, OTHER):
        world.telling.soon(each)
    assert world.told == [(G, 0), (OTHER, 0)]


async def test_of_what_is_no_group_any_more_nothing_is_told(world):
    world.telling.soon(G)
    world.telling.soon(G)
    del world.shown[G]
    await world.pass_time()
    assert world.told == [(G, 0)]
