"""Many small transfers to a group and from it, carried by threads that a backend lends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import ThrottledError, UnavailableError
from s4desk.core.domain.identity import Generation
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.replication.stamp import Stamp, stamped
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from s4desk.core.transfer.files import may_be_older
from tests.failover.groups import GroupWorld
from tests.transfer.lending_store import LendingStore
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, at
from tests.transfer.test_conveyor import MANY, LendingWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store

LONG_AGO = 1_000_000_000


class GroupLendingWorld(LendingWorld):
    """Its store is the first backend of a group."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.other = LendingStore(MemoryStore([BUCKET]))
        self.group = GroupWorld({"home": self.store, "other": self.other}, clock=self.clock)
        self.only_reads = False

    async def _store_of(self, connection: ConnectionId) -> Store:
        await super()._store_of(connection)
        group = self.group.store if self.only_reads else self.group.store.at_home()
        return RetryingStore(group, clock=self.clock)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[GroupLendingWorld]:
    world = GroupLendingWorld(tmp_path)
    await world.queue.open()
    yield world
    world.store.open_gate()
    await world.queue.aclose()


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT])
async def test_a_lost_reply_to_a_guarded_write_is_recognised(
    world: GroupLendingWorld, policy: ConflictPolicy
) -> None:
    """What is there is what was sent: nobody else's, and not skipped."""
    world.store.lose_reply("put", UnavailableError("gone"))
    await world.many(policy)
    await settle(lambda: world.states().count("completed") >= MANY - 1)
    world.clock.advance(60)
    await world.rest()
    ended = world.queue.transfers()
    assert all(each.verified and not each.skipped for each in ended)
    assert len(ended) == MANY


async def test_a_store_that_asks_for_patience_has_it(world: GroupLendingWorld) -> None:
    world.store.fail("put", ThrottledError("slow down", status=503, code="SlowDown"))
    await world.many()
    await settle(lambda: world.states().count("completed") >= MANY - 1)
    assert world.store.count["put"] == MANY
    world.clock.advance(60)
    await world.rest()
    assert world.states() == ["completed"] * MANY


async def test_files_of_a_stand_in_are_dated_as_what_it_has(world: GroupLendingWorld) -> None:
    """What is newer at the first would be missed by a sync by times."""
    world.only_reads = True
    world.group.member("home").health.pretend_down(is_down=True)
    stamp = Stamp("of-home", None, Generation(1), 5, LONG_AGO)
    for number in range(MANY):
        place = at(f"o{number}").location
        metadata = stamped({}, stamp, place) if number % 2 else {}
        attributes = Attributes(metadata=metadata)
        await world.other.memory.put(place, b"hello", attributes=attributes)
    await world.downloads(ConflictPolicy.OVERWRITE)
    await world.rest()
    assert world.other.direct > 0
    for number in range(MANY):
        meta = await world.other.memory.head(at(f"o{number}").location)
        dated = (world.folder / f"t{number}").stat().st_mtime
        assert meta.modified is not None
        is_replica_of = LONG_AGO if number % 2 else meta.modified.timestamp()
        assert (int(dated), may_be_older(dated)) == (int(is_replica_of), True)
