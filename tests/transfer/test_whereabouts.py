"""A connection that is edited while a queue has work with it: the work stays where it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import ConnectionMovedError
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.transfer.whereabouts import obstacle
from tests.transfer.queue_world import QueueWorld
from tests.transfer.specs import HERE as CONNECTION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HERE = Connection(CONNECTION, "one", "https://one.example")
THERE = replace(HERE, endpoint="https://two.example")


class MovingWorld(QueueWorld):
    connection = HERE

    def _connection_of(self, _: ConnectionId) -> Connection:
        return self.connection


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[MovingWorld]:
    world = MovingWorld(tmp_path)
    await world.queue.open()
    yield world
    await world.queue.aclose()


async def test_nothing_goes_on_where_it_was_not_begun(world: MovingWorld) -> None:
    world.queue.set_concurrency(1)
    ids = await world.submit("a", "b")
    world.queue.pause(ids)
    await world.queue.at_rest()
    world.connection = THERE
    world.queue.resume(ids)
    await world.rest()
    assert (world.states(), world.stored()) == (["failed", "failed"], {})
    assert {each.error_kind for each in world.queue.transfers()} == {"ConnectionMovedError"}

    world.queue.retry(ids[:1])
    await world.rest()
    assert world.stored() == {}
    world.queue.follow(ids[:1])
    world.queue.retry(ids)
    await world.rest()
    assert (world.states(), world.stored()) == (["completed", "failed"], {"a": b"hello"})
    world.connection = HERE
    world.queue.retry(ids)
    await world.rest()
    assert world.states() == ["completed", "completed"]


async def test_the_next_life_knows_where_it_was_begun(world: MovingWorld) -> None:
    ids = await world.submit("a")
    world.queue.pause(ids)
    await world.queue.at_rest()
    world.connection = THERE
    await world.restart()
    world.queue.resume(ids)
    await world.rest()
    assert (world.states(), world.stored()) == (["failed"], {})


async def test_what_is_asked_for_after_the_edit_goes_there(world: MovingWorld) -> None:
    world.connection = THERE
    await world.submit("a")
    await world.rest()
    assert world.stored() == {"a": b"hello"}


@pytest.mark.parametrize(
    ("before", "now", "is_elsewhere"),
    [
        ("https://one.example", "https://ONE.example:443/", False),
        ("", "https://s3.eu-west-1.amazonaws.com", False),
        ("", "https://one.example", True),
        ("https://one.example", "https://one.example:9000", True),
    ],
)
def test_two_ways_to_write_an_endpoint_are_one(before: str, now: str, is_elsewhere: bool) -> None:
    connection = replace(HERE, endpoint=now)
    place = Address(CONNECTION, Location("b", "k"))
    found = obstacle([place], ((CONNECTION, before),), lambda _: connection)
    assert isinstance(found, ConnectionMovedError) is is_elsewhere
