"""Whatever comes between two writes of a key, its replica ends as the newer of them.

Every request to a store is two steps, before it acts and before its answer arrives, and what else
may happen between any two steps is a step too: the next write of the source, a failure of one of
four kinds, a crash. A schedule says which step is taken at each point where there is a choice; all
of them are tried.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import NO_ATTRIBUTES
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.store.wrapper import Call, Request, StoreWrapper
from tests.replication.site import AWAY, COPIES, HOME, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.store.protocol import Moved, Store

T = TypeVar("T")


class Step(StrEnum):
    """What may happen at a point."""

    GO = "the request that waits goes on"
    REFUSE = "it fails, and nothing was done"
    LOSE = "it is done, and the answer is lost"
    LATE = "nobody waits for it any more, and it is done when all is over"
    WRITE = "the source is written"
    WRITE_THERE = "the destination is written"
    CRASH = "the process dies, and another one begins"
    CRASH_LATE = "it dies too, and what it sent is done when all is over"


FAULTS = (Step.REFUSE, Step.LOSE, Step.LATE, Step.CRASH, Step.CRASH_LATE)


@dataclass
class Schedule:
    """Takes the choices of `script`, then always the first; `options` is what there was."""

    script: list[int]
    options: list[list[Step]] = field(default_factory=list)
    taken: list[Step] = field(default_factory=list)

    def choose(self, options: list[Step]) -> Step:
        at = len(self.taken)
        self.options.append(options)
        self.taken.append(options[self.script[at] if at < len(self.script) else 0])
        return self.taken[-1]

    def next_script(self) -> list[int]:
        """That of the next one, empty after the last."""
        taken = [
            options.index(step) for options, step in zip(self.options, self.taken, strict=True)
        ]
        while taken and taken[-1] + 1 == len(self.options[len(taken) - 1]):
            taken.pop()
        if taken:
            taken[-1] += 1
        return taken


@dataclass
class Waiting:
    """A request before it acts, or after."""

    request: Request
    call: Call[object]
    has_acted: bool
    answer: asyncio.Future[Step]


class Stage:
    """Holds every request until it is told what becomes of it."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.late: list[Call[object]] = []
        self.newest = 0
        """The generation of the newest write that was seen."""
        self.begun: list[tuple[int, int]] = []
        """The generation of each write that was sent, and the newest one then."""

    async def hold(self, request: Request, call: Call[object], *, has_acted: bool) -> Step:
        waiting = Waiting(request, call, has_acted, asyncio.get_running_loop().create_future())
        self.waiting.append(waiting)
        try:
            return await waiting.answer
        finally:
            self.waiting.remove(waiting)


class Held(StoreWrapper):
    def __init__(self, inner: Store, stage: Stage) -> None:
        super().__init__(inner)
        self._stage = stage

    async def put(self, location, body, *, attributes=NO_ATTRIBUTES, **more):
        generation = int(attributes.metadata["s4desk-replication-generation"])
        self._stage.begun.append((generation, self._stage.newest))
        return await super().put(location, body, attributes=attributes, **more)

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        if request.operation == "get_document":
            return await call(moved)
        step = await self._stage.hold(request, call, has_acted=False)
        if step is Step.LATE:
            self._stage.late.append(call)
        if step is not Step.GO:
            raise UnavailableError(step)
        reply = await call(moved)
        if await self._stage.hold(request, call, has_acted=True) is not Step.GO:
            raise UnavailableError("no answer")
        return reply


class Run:
    """One schedule, from its first step to a world at rest."""

    def __init__(self, schedule: Schedule, writes: int, faults: int) -> None:
        self.schedule = schedule
        self.faults = faults
        self.site = Site()
        self.stage = Stage()
        self.contents = [f"write {number}".encode() for number in range(writes)]
        self.next = 0
        self.site.stores[HOME] = Held(self.site.home, self.stage)
        self.site.stores[AWAY] = Held(self.site.away, self.stage)

    async def run(self) -> None:
        self.site.engine.open()
        await self._write()
        while True:
            await self._quiet()
            options = self._options()
            if not options:
                break
            await self._take(self.schedule.choose(options))
        # What nobody waited for arrives at the worst moment: when all is over.
        for call in self.stage.late:
            await call(None)
        self.stage.late.clear()
        await self._rest()

    def _options(self) -> list[Step]:
        options = []
        if self.stage.waiting:
            options.append(Step.GO)
            if self.faults:
                waiting = self.stage.waiting[0]
                options.append(Step.LOSE if waiting.has_acted else Step.REFUSE)
                is_write = waiting.request.operation == "put"
                if is_write and not waiting.has_acted:
                    options += [Step.LATE, Step.CRASH_LATE]
                options.append(Step.CRASH)
        if self.next < len(self.contents):
            options.append(Step.WRITE)
        return options

    async def _take(self, step: Step) -> None:
        self.faults -= step in FAULTS
        if step is Step.WRITE:
            await self._write()
        elif step in (Step.CRASH, Step.CRASH_LATE):
            if step is Step.CRASH_LATE:
                self.stage.late.append(self.stage.waiting[0].call)
            await self.site.engine.aclose()
            self.site.engine = self.site.new_engine()
            self.site.engine.open()
        else:
            self.stage.waiting[0].answer.set_result(step)

    async def _write(self) -> None:
        self.site.clock.advance(2)
        data = self.contents[self.next]
        self.next += 1
        task = await self.site.observed("a", data)
        self.stage.newest = task.generation

    async def _quiet(self) -> None:
        """Until a request waits, or nothing is left to do; time passes by itself."""
        for _ in range(100_000):
            await asyncio.sleep(0)
            if self.stage.waiting or self.site.engine.is_idle:
                return
            self.site.clock.advance(0.05)
        raise AssertionError("it does not come to rest")

    async def _rest(self) -> None:
        """Time passes until nothing is in doubt any more, with nothing in the way."""
        settled = asyncio.ensure_future(self.site.engine.settled())
        while not settled.done():
            await asyncio.sleep(0)
            if self.stage.waiting:
                self.stage.waiting[0].answer.set_result(Step.GO)
            else:
                self.site.clock.advance(1)

    async def check(self) -> None:
        assert self.site.replica("a") == self.contents[-1]
        known = await self.site.known("a")
        assert known is not None
        assert known.entry.status is Status.COMPLETED
        there = await self.site.away.head(Location(COPIES, "a"))
        stamp = stamp_of(there)
        assert stamp is not None
        assert stamp.generation <= known.task.generation
        assert all(sent >= newest for sent, newest in self.stage.begun), "an old one was sent"
        generations = [each.task.generation for each in self.site.told]
        assert generations == sorted(generations), "a status went back"


def schedules(writes: int, faults: int) -> Iterator[tuple[Schedule, Run]]:
    """All of them, one after the other."""
    script: list[int] = []
    while True:
        schedule = Schedule(script)
        yield schedule, Run(schedule, writes, faults)
        script = schedule.next_script()
        if not script:
            return


async def all_end_well(found, place_of, least):
    """Run them all, and at least so many; `place_of` a run is what has its engine and its file."""
    count = 0
    for schedule, run in found:
        count += 1
        try:
            await run.run()
            await run.check()
        except AssertionError as error:
            story = "\n".join(schedule.taken)
            raise AssertionError(f"{error}\n{story}") from error
        finally:
            await place_of(run).engine.aclose()
            place_of(run).database.connection.close()
    assert count >= least


@pytest.mark.parametrize(
    ("writes", "faults", "least"),
    [(1, 2, 100), (2, 0, 10), (2, 1, 200), (3, 0, 50)],
)
async def test_every_ordering_ends_with_the_newest(writes, faults, least):
    await all_end_well(schedules(writes, faults), lambda run: run.site, least)
