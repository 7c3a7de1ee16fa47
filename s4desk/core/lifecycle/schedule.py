"""Rules that s4desk applies by itself, bucket by bucket, while the window is open.

Nothing is scheduled unless somebody switched it on for a bucket. Nobody looks at what is done then,
so it does less than a person may do: nothing by rules that cannot be read or say anything unknown,
nothing where the store does not list everything, nothing where the connection leads elsewhere by
now.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.lifecycle.report import RunJournal
from s4desk.core.lifecycle.schedule_entries import Entry, Trouble
from s4desk.core.runtime.tasks import TaskScope, first_of
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.lifecycle.awaited import Awaited
    from s4desk.core.lifecycle.executor import Execution
    from s4desk.core.lifecycle.report import ApplyReport
    from s4desk.core.lifecycle.schedule_entries import Key, Shelf
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import StoreOf
    from s4desk.core.transfer.owners import Owners

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 600.0
"""A computer that was asleep has missed no more than that."""
_RUN: Final = "s4desk.core.lifecycle.scheduled_run"


class Log(RunJournal, Protocol):
    """What a run writes, and its name."""

    id: str

    async def aclose(self) -> None: ...


async def _unnoted(_connection: ConnectionId, _report: ApplyReport) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What runs need of the rest of the program. `endpoint_of` names the store that a connection
    leads to; "" for no such connection. `busy` hears when a run begins and when it is over. `told`
    hears how each run ended; without a report nothing was to be done, or might be. `noted` keeps
    what was done. `describe` makes the sentence of why it failed. `awaited_in` knows the objects of
    a bucket whose replicas are awaited."""

    store_of: StoreOf
    endpoint_of: Callable[[ConnectionId], str]
    begin: Callable[[ConnectionId, Mapping[str, Any], datetime], Awaitable[Log]]
    owners_of: Callable[[], Awaitable[Owners]]
    told: Callable[[Entry, ApplyReport | None], None] = lambda _entry, _report: None
    busy: Callable[[bool], None] = lambda _is_busy: None
    noted: Callable[[ConnectionId, ApplyReport], Awaitable[None]] = _unnoted
    describe: Callable[[BaseException], str] = str
    awaited_in: Callable[[ConnectionId, str], Awaited | None] = lambda _connection, _bucket: None


class LifecycleSchedule:
    """Runs what is due, one bucket after the other, from `start` to `aclose`."""

    def __init__(self, shelf: Shelf, surroundings: Surroundings, clock: Clock) -> None:
        self._shelf = shelf
        self._around = surroundings
        self._clock = clock
        self._scope = TaskScope("lifecycle schedule")
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self._running: dict[Key, Execution] = {}

    def start(self) -> None:
        """Begin to look for what is due."""
        self._scope.start(self._keep_time())

    async def aclose(self) -> None:
        """End what is under way where it stands: the next run goes on."""
        for execution in self._running.values():
            execution.stop()
        await self._scope.aclose()

    async def entries(self) -> Sequence[Entry]:
        """All buckets that somebody ever scheduled, on or off."""
        return await self._shelf.all()

    async def entry(self, connection: ConnectionId, bucket: str) -> Entry:
        """That of a bucket; switched off for one that nobody has scheduled."""
        for each in await self._shelf.all():
            if each.key == (connection, bucket):
                return each
        return Entry(connection, bucket)

    async def put(self, entry: Entry) -> None:
        """Switch a bucket on or off, or change when, where and by which rules: the time until the
        next run begins anew then. Raises LocalFileError."""
        if entry.is_on:
            before = await self.entry(*entry.key)
            entry = replace(entry, endpoint=self._around.endpoint_of(entry.connection))
            is_same = before.is_on and _asked(before) == _asked(entry)
            entry = replace(entry, since=before.since if is_same else self._clock.now())
        await self._shelf.put(entry)
        self._changed.set()

    def look_again(self) -> None:
        """Another process may have switched something."""
        self._changed.set()

    async def remove(self, connection: ConnectionId, bucket: str) -> None:
        """Forget a bucket, and stop what is under way in it. Raises LocalFileError."""
        if (execution := self._running.get((connection, bucket))) is not None:
            execution.stop()
        await self._shelf.remove((connection, bucket))
        self._changed.set()

    def execution(self, connection: ConnectionId, bucket: str) -> Execution | None:
        """What is being done to a bucket right now: it may be looked at, paused and stopped."""
        return self._running.get((connection, bucket))

    def under_way(self) -> Sequence[str]:
        """The buckets in which something is being done."""
        return [bucket for _, bucket in self._running]

    async def run_now(self, connection: ConnectionId, bucket: str) -> Entry:
        """Do it without waiting for its time, whether it is on or not; how that ended."""
        return await self._run(await self.entry(connection, bucket))

    # Time

    async def _keep_time(self) -> None:
        while True:
            self._changed.clear()
            is_any = False
            for entry in await self._shelf.all():
                is_any = is_any or entry.is_on
                # The ones before it may have taken long.
                now = await self.entry(*entry.key)
                if now.is_due(self._clock.now()):
                    await self._run(now)
            await self._wait(is_any=is_any)

    async def _wait(self, *, is_any: bool) -> None:
        """Until something may be due; with nothing switched on, until something is changed."""
        if is_any:
            await first_of(self._changed.wait(), self._clock.sleep(LOOK_EVERY_S))
        else:
            await self._changed.wait()

    # One run

    async def _run(self, entry: Entry) -> Entry:
        """One at a time; what it did is kept with its entry."""
        async with self._turn:
            began = self._clock.now()
            # The byte path comes with it: no start of the window waits for that.
            module = await in_thread(import_module, _RUN)
            fresh = replace(entry, last=began, trouble=Trouble.NONE, detail="")
            run = module.ScheduledRun(
                fresh, self._around, self._clock, partial(self._running.__setitem__, entry.key)
            )
            ended: Entry
            report: ApplyReport | None
            self._around.busy(True)
            try:
                ended, report = await run.run(began)
            finally:
                self._running.pop(entry.key, None)
                self._around.busy(False)
            if ended.trouble:
                log.info("lifecycle of %s: %s %s", entry.bucket, ended.trouble, ended.detail)
            await self._keep(ended)
            self._around.told(ended, report)
            return ended

    async def _keep(self, ended: Entry) -> None:
        """Somebody may have switched it off, or changed it, meanwhile."""
        try:
            for now in await self._shelf.all():
                if now.key == ended.key:
                    told = {
                        name: getattr(ended, name)
                        for name in ("last", "report", "trouble", "detail")
                    }
                    await self._shelf.put(replace(now, **told))
        except S4DeskError as error:
            log.warning("the schedule is not kept: %s", error)


def _asked(entry: Entry) -> tuple[object, ...]:
    """What a person has agreed to."""
    return entry.every, entry.rules, entry.endpoint
