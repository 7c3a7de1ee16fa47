"""One run of a schedule: what a bucket's rules say is due is done, with nobody looking.

It is loaded when the first one is due.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import MalformedReplyError, S4DeskError
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.schedule_entries import Trouble
from s4desk.core.lifecycle.schedule_rules import RefusedError, agreed
from s4desk.core.store.configuration import read_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import ApplyReport
    from s4desk.core.lifecycle.schedule import Surroundings
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store


class ScheduledRun:
    """One bucket, once. `began` is told when something is done, with what can pause and stop it."""

    def __init__(
        self,
        entry: Entry,
        around: Surroundings,
        clock: Clock,
        began: Callable[[Execution], None],
    ) -> None:
        self._entry = entry
        self._around = around
        self._clock = clock
        self._began = began
        self._awaited = around.awaited_in(entry.connection, entry.bucket)

    async def run(self, now: datetime) -> tuple[Entry, ApplyReport | None]:
        """How it ended; no report when there was nothing to do."""
        try:
            return await self._carried_out(self._entry, now)
        except RefusedError as error:
            return replace(self._entry, trouble=error.trouble, detail=error.detail), None
        except S4DeskError as error:
            detail = self._around.describe(error)
            return replace(self._entry, trouble=Trouble.FAILED, detail=detail), None

    async def _carried_out(self, entry: Entry, began: datetime) -> tuple[Entry, ApplyReport | None]:
        if entry.endpoint and entry.endpoint != self._around.endpoint_of(entry.connection):
            raise RefusedError(Trouble.MOVED, entry.endpoint)
        store = await self._around.store_of(entry.connection)
        plan = await self._plan(store, entry, began)
        if not len(plan) and not plan.errors:
            return entry, None
        about = {"verb": "schedule", "evaluator": "first-match"}
        journal = await self._around.begin(entry.connection, about, began)
        execution = Execution(
            [Errand(store, plan, self._awaited)],
            journal=journal,
            clock=self._clock,
            owners_of=self._around.owners_of,
            describe=self._around.describe,
        )
        self._began(execution)
        try:
            report = await execution.run()
        finally:
            # Also of one that is cut off: what it did is done.
            await journal.aclose()
            await self._around.noted(entry.connection, execution.report)
        entry = replace(entry, report=journal.id)
        if report.bucket_errors:
            (detail,) = report.bucket_errors.values()
            return replace(entry, trouble=Trouble.FAILED, detail=detail), report
        return entry, report

    async def _plan(self, store: Store, entry: Entry, now: datetime) -> Plan:
        """Raises RefusedError."""
        lifecycle = await self._rules(store, entry)
        plan = await Planning(store, entry.bucket, lifecycle, now, awaited=self._awaited).plan()
        is_hidden = any(each.doubt is Doubt.VERSIONS for each in plan.concerns)
        if is_hidden or not plan.is_whole:
            raise RefusedError(Trouble.NOT_LISTED)
        return plan

    async def _rules(self, store: Store, entry: Entry) -> Lifecycle:
        """Raises RefusedError."""
        value = entry.rules
        if value is not None:
            return agreed(value, is_kept=True)
        try:
            value = await read_config(store, entry.bucket, ConfigKind.LIFECYCLE)
        except MalformedReplyError as error:
            raise RefusedError(Trouble.UNREADABLE, str(error)) from error
        return agreed(value, is_kept=False)
