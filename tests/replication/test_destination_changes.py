"""Somebody else writes at the destination while a replica is made there: nothing is taken for ours
that is not."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.domain.replication.status import Status
from tests.replication.site import AWAY, COPIES, Site
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.world import noise

THERE = Location(COPIES, "a")
SMALL, LARGE = b"hello", noise(7500)


class Busy(ScriptedStore):
    """Somebody writes right after each of our writes, so many times."""

    def __init__(self, inner, theirs: bytes, times: int) -> None:
        super().__init__(inner)
        self.theirs = theirs
        self.times = times

    async def put(self, *args, **more):
        reply = await super().put(*args, **more)
        await self._overwrite()
        return reply

    async def complete_multipart(self, *args, **more):
        reply = await super().complete_multipart(*args, **more)
        await self._overwrite()
        return reply

    async def _overwrite(self) -> None:
        if self.times:
            self.times -= 1
            await self.memory.put(THERE, self.theirs)


async def carried(site: Site, data: bytes, theirs: bytes, times: int) -> tuple[Status, int, str]:
    site.stores[AWAY] = Busy(site.away, theirs, times)
    await site.observed("a", data)
    await site.until_idle()
    known = await site.known("a")
    assert known is not None
    return known.entry.status, known.entry.attempts, known.entry.error


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("is_longer", [False, True], ids=["same size", "longer"])
async def test_it_has_not_arrived(site, data, is_longer):
    theirs = noise(len(data) + is_longer, seed=5)
    status, attempts, error = await carried(site, data, theirs, 9)
    assert (status, attempts) == (Status.FAILED, 3)
    assert "DestinationChangedError" in error
    assert site.replica("a") == theirs


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
async def test_one_way_the_next_attempt_is_on_top(site, data):
    assert (await carried(site, data, noise(len(data), seed=5), 1))[:2] == (Status.COMPLETED, 2)
    assert site.replica("a") == data
    assert stamp_of(await site.away.head(THERE)) is not None


async def test_a_version_of_ours_is_there_whatever_is_on_top(site):
    site.version(site.away)
    assert (await carried(site, SMALL, b"theirs", 1))[:2] == (Status.COMPLETED, 1)
