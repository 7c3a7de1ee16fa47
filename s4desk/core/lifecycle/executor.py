"""Carries out plans that somebody agreed to: bucket after bucket, to be paused and stopped.

It may be stopped anywhere and begun anew: what is done is not due any more in the next plan.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.lifecycle.acting import BucketRun
from s4desk.core.lifecycle.control import Control
from s4desk.core.lifecycle.looking import Looks
from s4desk.core.lifecycle.report import NoJournal, RunState, Tally
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.store.limits import wait_as
from s4desk.core.transfer.owners import Owners
from s4desk.core.transfer.rewriting import S3_SIZES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from s4desk.core.domain.lifecycle.decisions import Action
    from s4desk.core.lifecycle.awaited import Awaited
    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import ApplyReport, Result, RunJournal
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.rewriting import CopySizes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """A plan, the store with the bucket that it is of, and whose replicas are `awaited` in it."""

    store: Store
    plan: Plan
    awaited: Awaited | None = None


async def _nobody() -> Owners:
    return Owners()


class Execution:
    """Does what plans say, as long as it still holds. `report` may be looked at meanwhile.

    `owners_of` tells which transfers of ours need which uploads: those are not aborted. `describe`
    makes the sentence of why a bucket was given up.
    """

    def __init__(
        self,
        errands: Sequence[Errand],
        *,
        journal: RunJournal | None = None,
        clock: Clock | None = None,
        owners_of: Callable[[], Awaitable[Owners]] = _nobody,
        sizes: CopySizes = S3_SIZES,
        describe: Callable[[BaseException], str] = str,
    ) -> None:
        self._errands = errands
        self._journal = journal or NoJournal()
        self._clock = clock or SystemClock()
        self._owners_of = owners_of
        self._sizes = sizes
        self._describe = describe
        self._control = Control()
        self._tally = Tally(self._clock.now())
        self._moved = asyncio.Event()

    @property
    def report(self) -> ApplyReport:
        """What is done so far."""
        return self._tally.report

    @property
    def is_paused(self) -> bool:
        return self._control.is_paused

    def pause(self) -> None:
        """Begin nothing more until `go_on`."""
        self._control.pause()

    def go_on(self) -> None:
        self._control.go_on()

    def stop(self) -> None:
        """Begin nothing more; requests under way are awaited, long copies are undone."""
        self._control.stop()

    async def moved(self) -> None:
        """Wait until something was settled since the last call."""
        await self._moved.wait()
        self._moved.clear()

    async def run(self) -> ApplyReport:
        """To the end, or until it is stopped. A bucket that fails keeps none of the others."""
        wait_as(self)
        for errand in self._errands:
            if not await self._control.may_go_on():
                break
            await self._carry_out(errand)
        report = self.report
        is_whole = len(report.buckets) == len(self._errands) and report.tried == report.planned
        is_cut = self._control.is_stopped and not is_whole
        if report.bucket_errors:
            self._tally.state = RunState.GIVEN_UP
        else:
            self._tally.state = RunState.STOPPED if is_cut else RunState.FINISHED
        self._tally.ended = self._clock.now()
        await self._journal.end(self.report)
        self._moved.set()
        return self.report

    async def _carry_out(self, errand: Errand) -> None:
        plan = errand.plan
        self._tally.begin(
            plan.bucket, len(plan), plan.evaluated, plan.skipped, plan.errors, plan.made
        )

        async def settled(action: Action, results: Sequence[Result], number: int | None) -> None:
            self._tally.add(plan.bucket, action, results)
            self._moved.set()
            await self._journal.settled(plan.bucket, action, results, number)

        bucket = BucketRun(
            Looks(errand.store, plan, self._clock, errand.awaited),
            self._control,
            self._journal,
            settled,
            self._owners_of,
            self._sizes,
        )
        try:
            await self._journal.begin(plan)
            await bucket.run()
        except S4DeskError as error:
            log.info("lifecycle of %s: %s", plan.bucket, error)
            self._tally.bucket_errors[plan.bucket] = self._describe(error)
