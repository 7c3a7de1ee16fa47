"""Downloads through a group: they go on where they were, and never mix two objects."""

from __future__ import annotations

import random

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.transfer import TransferState
from tests.failover.grouped import as_group
from tests.transfer.world import PART, World, noise

SIZE = 6 * PART + 123
AWAY = UnavailableError("away")


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


async def grouped(world, content, other):
    """A download of `content` through a group whose second has `other`; both stores."""
    transfer = await world.download(content)
    return transfer, *await as_group(world, other)


def fails_in_the_middle(store, *, after):
    """From its GET number `after` on each one breaks off, and at last all of it is away."""
    ask = store._around
    chance = random.Random(after)

    async def around(request, call, moved=None):
        if request.operation == "get" and store.count("get") >= after:
            store.cut_at = chance.randrange(PART)
        if store.count("get") > after + 2:
            store.error = AWAY
        return await ask(request, call, moved)

    store._around = around


@pytest.mark.parametrize("after", range(8))
async def test_it_goes_on_at_the_next(world, after):
    content = noise(SIZE)
    transfer, group, home, _ = await grouped(world, content, content)
    fails_in_the_middle(home, after=after)
    done = await world.run(transfer)
    assert done.state is TransferState.COMPLETED, done.error
    assert (world.folder / "target.bin").read_bytes() == content
    assert world.board.drain()[done.id].done == SIZE
    came = sum(group.meter.of(each.id).egress for each in group.members)
    assert came == SIZE


@pytest.mark.parametrize("after", range(8))
async def test_it_starts_over_with_another_object(world, after):
    other = noise(SIZE, seed=2)
    transfer, _, home, _ = await grouped(world, noise(SIZE), other)
    fails_in_the_middle(home, after=after)
    done = await world.run(transfer)
    if done.state is not TransferState.COMPLETED:
        # It came and went in between; the next attempt finds it gone.
        done = await world.run(transfer)
    assert done.state is TransferState.COMPLETED, done.error
    found = (world.folder / "target.bin").read_bytes()
    assert found in (other, noise(SIZE))
    assert world.board.drain()[done.id].done == SIZE
