"""The engine of replication: what was seen is carried until nothing waits."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import NotSupportedError, S4DeskError, StoreError
from s4desk.core.domain.identity import Generation
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.bundle import Bundle, Trust, bundled
from s4desk.core.replication.carriage import Carriage
from s4desk.core.replication.carrier import Carrier
from s4desk.core.replication.doubts import Doubts
from s4desk.core.replication.endings import NewerWriteError, NothingToDoError, OtherRuleError
from s4desk.core.replication.judging import Judge
from s4desk.core.replication.line import Line
from s4desk.core.replication.recorder import Recorder
from s4desk.core.replication.replica import SupersededError
from s4desk.core.replication.table import Record
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from s4desk.core.domain.identity import Address
    from s4desk.core.replication.carriage import Around
    from s4desk.core.replication.table import Source, Table, Task, Write

log = logging.getLogger(__name__)

AT_ONCE: Final = 128
LARGE_WEIGHS: Final = 32
"""An object that goes in parts is as much as so many small ones, which mostly wait."""
MOST_THROTTLED: Final = 8
"""So many try a way whose store asks for patience; they sleep, and hold up nobody else."""
WINDOW: Final = 1000
"""So many wait in memory, of however many."""
PROBE_EVERY_S: Final = 5.0
START: Final = Generation(0)


class Replicator:
    """Carries writes that were seen, some at a time, and records what becomes of them.

    What was seen is in the table before anything is done about it; what waits in memory is a window
    on that. Whatever fails ATTEMPTS times has failed, and stays in the table until it is tried
    again: when somebody asks for it, when the way is open again after it was not, and in the next
    life. `dropped` counts these by source and rule. A table that cannot be read or written ends it:
    `trouble` is why.
    """

    def __init__(
        self,
        table: Table,
        around: Around,
        told: Callable[[Sequence[Record]], None] = lambda _: None,
        *,
        at_once: Callable[[], int] = lambda: AT_ONCE,
        wants: Callable[[Task], bool] = lambda _: True,
    ) -> None:
        """`told` hears what was seen and what was recorded. `at_once` says how many may run now;
        what nobody `wants` waits for another life."""
        self.dropped: Counter[tuple[Source, str]] = Counter()
        self._table = table
        self._around = around
        self._clock = around.context.clock
        self._tasks = TaskScope("replication")
        self._recorder = Recorder(table, self._tasks, told)
        self._doubts = Doubts(table, around, self.observe)
        self._line = Line()
        self._told = told
        self._wanted = asyncio.Event()
        self._carrier = Carrier(around, self._reopened, self._wanted.set)
        self._at_once = at_once
        self._wants = wants
        self._loads: Counter[tuple[Source, str]] = Counter()
        self._is_lent = True
        self._trust = Trust()
        self._loaded_to = START
        self._retried = 0
        self._is_behind = True
        self._idle = asyncio.Event()
        self._is_paused = False
        self.trouble: S4DeskError | None = None

    def open(self) -> None:
        """Take up what the former life left, and go on with whatever comes."""
        self._tasks.start(self.minded(self._keep_going()))
        self._tasks.start(self.minded(self._doubts.keep_looking()))
        self._tasks.start(self.minded(self._keep_probing()))

    async def aclose(self) -> None:
        """Touch nothing any more: what is under way waits for the next life."""
        await self._tasks.aclose()

    async def observe(self, source: Source, writes: Sequence[Write]) -> list[Task]:
        """These were seen: each is written down, and carried as its turn comes. Raises
        DatabaseError."""
        tasks = await self._table.observe(source, writes)
        self._told([Record(each, Status.PENDING) for each in tasks])
        if self._line.seen(tasks):
            self._doubts.wake()
        self._wake()
        return tasks

    async def retry(self, source: Source, rule: str = "") -> int:
        """Try again what has failed; how many. Raises DatabaseError."""
        count = await self._table.retry(source, rule)
        if count:
            self.look_from_the_start()
        return count

    def pause(self) -> None:
        """Start nothing more."""
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        self._wake()

    @property
    def locks_left(self) -> Counter[tuple[Source, str]]:
        """How many replicas are not locked as their sources are, by source and rule."""
        return self._carrier.locks_left

    def reason(self, source: Source, rule: str) -> str:
        """A sentence of why nothing is tried by a rule for a while; "" when it is."""
        return self._carrier.ways.reason(source, rule)

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return self._idle.is_set()

    async def idle(self) -> None:
        """Wait until nothing waits and nothing runs."""
        await self._idle.wait()

    async def settled(self) -> None:
        """Wait until nothing has to be looked at again, either: that may take minutes."""
        while not (self._idle.is_set() and self._doubts.none.is_set()):
            await self._idle.wait()
            await self._doubts.none.wait()

    def _wake(self) -> None:
        self._is_behind = True
        self._idle.clear()
        self._wanted.set()

    async def minded(self, work: Coroutine[Any, Any, None]) -> None:
        """Nothing goes on without the table; who waits shall know."""
        try:
            await work
        except S4DeskError as error:
            log.warning("replication cannot go on: %s", error)
            self.trouble = self.trouble or error
            self._idle.set()
            self._doubts.none.set()

    async def _keep_probing(self) -> None:
        """One of what has failed is tried when its way may be open again."""
        while True:
            await self._clock.sleep(PROBE_EVERY_S)
            now = self._clock.monotonic()
            for source, rule, opens_at in list(self._carrier.ways.shut()):
                if now >= opens_at and await self._table.retry(source, rule, 1):
                    self.look_from_the_start()

    def look_from_the_start(self) -> None:
        """Something waits that had ended."""
        self._retried += 1
        self._load_again()

    def _load_again(self) -> None:
        self._loaded_to = START
        self._wake()

    async def _keep_going(self) -> None:
        await self._table.suspect(WINDOW)
        while True:
            self._wanted.clear()
            await self._load()
            self._start_some()
            if not (self._line.running or self._is_behind or len(self._line)):
                self._doubts.wake()
                self._idle.set()
            await self._wanted.wait()

    async def _load(self) -> None:
        """Fill the window from the table."""
        while self._is_behind and len(self._line) < WINDOW:
            self._is_behind = False
            found = await self._table.waiting(self._loaded_to, WINDOW)
            if found:
                self._line.add(filter(self._wants, found))
                self._loaded_to = max(self._loaded_to, found[-1].generation)
                self._is_behind = True

    def _start_some(self) -> None:
        if self.trouble is not None:
            return
        started: list[Task] = []
        while not self._is_paused and self._load_now < self._at_once():
            task = self._line.start(self._may_start)
            if task is None:
                break
            self._loads[task.source, task.write.rule] += self._weight(task)
            started.append(task)
        bundles, alone = bundled(started, self._may_go_bundled)
        for some in bundles:
            self._start(self._run_bundle(some))
        for each in alone:
            self._start(self._run(each))

    @property
    def _load_now(self) -> int:
        """What waits for the patience of a store does not count."""
        is_throttled = self._carrier.ways.is_throttled
        return sum(load for way, load in self._loads.items() if not is_throttled(*way))

    def _may_start(self, task: Task) -> bool:
        source, rule = task.source, task.write.rule
        is_throttled = self._carrier.ways.is_throttled(source, rule)
        return not is_throttled or self._loads[source, rule] < MOST_THROTTLED

    def _may_go_bundled(self, task: Task) -> bool:
        """One that is the probe of a way goes alone."""
        return self._is_lent and self._carrier.ways.is_open(task.source, task.write.rule)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(self.minded(work))

    def _weight(self, task: Task) -> int:
        is_large = task.write.seen.size >= self._around.context.sizes.multipart_from
        return LARGE_WEIGHS if is_large else 1

    async def _run_bundle(self, tasks: Sequence[Task]) -> None:
        """What it leaves is carried as everything else is."""
        bundle = Bundle(tasks, self._around, self._trust, self._line.is_current)
        left = set(tasks)
        try:
            with suppress(StoreError):
                try:
                    await bundle.carry()
                except NotSupportedError:
                    self._is_lent = False
            done = [each.record for each in bundle.items if each.record is not None]
            self._carrier.arrived(done)
            await asyncio.gather(*map(self._recorder.record, done))
            for each in bundle.items:
                if each.record is None:
                    left.discard(each.task)
                    self._start(self._run(each.task, int(each.is_sent)))
        finally:
            for task in left:
                self._left(task)

    async def _run(self, task: Task, attempts: int = 0) -> None:
        carriage = Carriage(task, self._around, partial(self._line.is_current, task))
        retried = self._retried
        try:
            await self._carry(carriage, attempts)
        finally:
            self._left(task)
        if self._retried != retried:
            # Tried again while it cleared up what was left of it, it was here still.
            self._load_again()

    def _left(self, task: Task) -> None:
        self._line.end(task)
        self._loads[task.source, task.write.rule] -= self._weight(task)
        self._wanted.set()

    async def _carry(self, carriage: Carriage, attempts: int) -> None:
        task, is_given_up = carriage.task, True
        try:
            record = await self._carrier.carry(carriage, attempts)
            is_given_up = record.status is Status.FAILED
            if await self._recorder.record(record) and is_given_up:
                self.dropped[task.source, task.write.rule] += 1
            if carriage.replaced is not None and not is_given_up:
                await self._has_replaced(carriage.replaced)
        except (SupersededError, OtherRuleError):
            """Its newer one follows; or it waits for a life that wants its rule."""
        except NothingToDoError:
            await self._table.forget([task])
        except NewerWriteError as error:
            # It may be an older one, if what was seen is deleted.
            newer = replace(task.write, seen=error.seen, may_be_there=True)
            await self.observe(task.source, [newer])
        await carriage.end(is_given_up=is_given_up)

    async def _has_replaced(self, place: Address) -> None:
        """What stood there was to be replicated, too: it is looked at again, and is a replica."""
        judge = Judge(self._table, self._around.facing, self._around.buckets)
        for source, known in await judge.waiting_at(place):
            await self.observe(source, [known.task.write])

    async def _reopened(self, source: Source, rule: str) -> None:
        """What failed while the way was shut is tried again."""
        await self.retry(source, rule)
