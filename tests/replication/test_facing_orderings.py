"""Two people write to the two ends of a pair, between any two steps of what carries their bytes:
whoever wrote last wins, and nothing is written for ever."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.replication.status import Status
from s4desk.core.store.wrapper import StoreWrapper
from tests.replication.pair import THERE, Pair
from tests.replication.site import AWAY, HOME, MAIN
from tests.replication.test_orderings import Schedule, Stage, Step, all_end_well

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDES = {Step.WRITE: MAIN, Step.WRITE_THERE: THERE}
MOST_STEPS = 300


class Held(StoreWrapper):
    """Every request waits before it acts; one that is refused has done nothing."""

    def __init__(self, inner, stage):
        super().__init__(inner)
        self._stage = stage

    async def _around(self, request, call, moved=None):
        if request.operation != "get_document":
            step = await self._stage.hold(request, call, has_acted=False)
            if step is not Step.GO:
                raise UnavailableError(step)
        return await call(moved)


class Run:
    """One schedule: both ends are looked at in turn, for so long as there are edits to come."""

    def __init__(self, schedule: Schedule, edits: tuple[Step, ...], faults: int) -> None:
        self.schedule = schedule
        self.edits = list(edits)
        self.faults = faults
        self.last = b""
        self.pair = Pair()
        self.stage = Stage()
        for id_ in (HOME, AWAY):
            self.pair.stores[id_] = Held(self.pair.stores[id_], self.stage)

    async def run(self) -> None:
        self.pair.engine.open()
        await self._edit()
        for source in (MAIN, THERE, MAIN):
            looking = asyncio.ensure_future(self.pair.look_at(source))
            while not looking.done():
                await asyncio.sleep(0)
                if self.stage.waiting:
                    await self._take()
                else:
                    self.pair.clock.advance(0.05)
            await looking
        while self.edits:
            await self._edit()
        self.pair.stores = {HOME: self.pair.counts[MAIN], AWAY: self.pair.counts[THERE]}

    async def _take(self) -> None:
        options = [Step.GO]
        if self.edits:
            options.append(self.edits[0])
        if self.faults and self.stage.waiting[0].request.operation == "put":
            options.append(Step.REFUSE)
        step = self.schedule.choose(options)
        assert len(self.schedule.taken) < MOST_STEPS, "it goes on and on"
        if step in SIDES:
            await self._edit()
        else:
            self.faults -= step is Step.REFUSE
            self.stage.waiting[0].answer.set_result(step)
            await asyncio.sleep(0)

    async def _edit(self) -> None:
        side = self.edits.pop(0)
        self.last = b"%s %d" % (side.encode(), len(self.edits))
        await self.pair.edit(SIDES[side], self.last)

    async def check(self) -> None:
        await self.pair.come_to_rest()
        assert self.pair.both() == (self.last, self.last)
        told = Counter([(await self.pair.status_at(each))[0] for each in (MAIN, THERE)])
        assert told == {Status.COMPLETED: 1, Status.REPLICA: 1}


def runs(edits: tuple[Step, ...], faults: int) -> Iterator[tuple[Schedule, Run]]:
    script: list[int] = []
    while True:
        schedule = Schedule(script)
        yield schedule, Run(schedule, edits, faults)
        script = schedule.next_script()
        if not script:
            return


HERE, OTHER = Step.WRITE, Step.WRITE_THERE


@pytest.mark.parametrize(
    ("edits", "faults", "least"),
    [
        ((HERE, OTHER), 1, 30),
        ((OTHER, HERE), 1, 30),
        ((HERE, OTHER, HERE), 0, 100),
        ((HERE, HERE, OTHER), 0, 100),
        ((HERE, OTHER, OTHER), 0, 100),
    ],
)
async def test_the_last_of_several_edits_wins(edits, faults, least):
    await all_end_well(runs(edits, faults), lambda run: run.pair, least)
