"""Transfers whose source is a group of two stores, which may have different objects."""

from __future__ import annotations

from dataclasses import replace

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.transfer import TransferState
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from s4desk.core.transfer.jobs import make_job
from tests.failover.groups import GroupWorld, HandClock, Turned
from tests.transfer.specs import BUCKET, at

AWAY = UnavailableError("away", operation="get_tags")


class Impatient(HandClock):
    """Nobody waits for a second try."""

    async def sleep(self, seconds):
        if seconds < 9:
            return
        await super().sleep(seconds)


async def as_group(world, other, **backends):
    """Have what `world` has in its store be the first of a group, whose second has `other`."""
    home, second = (Turned(each) for each in (world.store.memory, MemoryStore([BUCKET])))
    for each in (home, second):
        each.piece = 100
    if other is not None:
        await second.memory.put(at("key").location, other)
    stores = {"home": home, "second": second}
    group = GroupWorld(stores, clock=Impatient(), backends=backends)
    world.group = group
    world.store = RetryingStore(group.store, clock=group.clock)
    return group, home, second


def give_no_bytes(store):
    """It tells of its objects, and does not give them."""
    _fail(store, "get", PermissionDeniedError("no", operation="get"))


def give_no_tags(store, error=AWAY):
    """It gives an object, and then is away."""
    _fail(store, "get_tags", error)


def _fail(store, operation, error):
    ask = store._around

    async def around(request, call, moved=None):
        if request.operation == operation:
            raise error
        return await ask(request, call, moved)

    store._around = around


async def tried_again(world, failed):
    """Another attempt of the same life, which counts on from what the first took."""
    job = make_job(replace(failed, state=failed.state.to(TransferState.QUEUED)), world.context())
    await job.run()
    return job.transfer
