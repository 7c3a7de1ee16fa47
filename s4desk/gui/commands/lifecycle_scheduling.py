"""Switching on and off that s4desk applies the rules of a bucket by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.store.configuration import read_config
from s4desk.gui.commands.lifecycle_reports import save_report
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.gui.dialogs.lifecycle_schedules import LifecycleSchedulesDialog
from s4desk.viewmodels.lifecycle_schedule_text import (
    ahead_text,
    found_rules_text,
    ran_text,
    run_row,
    saved_text,
    schedule_row,
    words_of,
)
from s4desk.viewmodels.lifecycle_subject import place_text
from s4desk.viewmodels.lifecycle_summary import rules_in

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.persist.lifecycle_runs import RunRecord
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.events import LifecycleRan
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices

    LookAhead = Callable[
        [ConnectionId, Prefix, Lifecycle | None, QWidget], Coroutine[Any, Any, None]
    ]

MOST_RUNS: Final = 20


class LifecycleScheduling:
    """One bucket at a time, and the list of all."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, notices: Notices, clock: Clock, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._clock = clock
        self._window = window
        self._look_ahead: LookAhead | None = None
        self._list: LifecycleSchedulesDialog | None = None
        self._listed: Sequence[Entry] = ()
        self._filling = asyncio.Lock()

    def let_preview(self, look_ahead: LookAhead) -> None:
        """Offer to look at what would be done."""
        self._look_ahead = look_ahead

    async def ask(
        self, connection: ConnectionId, bucket: str, parent: QWidget, *, is_edited: bool = False
    ) -> None:
        """Show how it is, and keep what is chosen. `is_edited`: the rules of the bucket are just
        being edited.

        Of a group it is its first member, by whose own connection the rules are applied later:
        raises HomeDownError while somebody pretends that it is down, and DatabaseError.
        """
        self._desk.groups.refuse_in_drill(connection)
        home = self._desk.home_of(connection, bucket)
        entry = await self._desk.lifecycle.entry(*home)
        words = words_of(entry, self._place(entry), is_edited=is_edited)
        dialog = LifecycleScheduleDialog(
            entry, words, lambda every: ahead_text(entry, every, self._clock.now()), parent
        )
        asked = connection, Prefix(bucket)
        dialog.preview_asked.connect(lambda: self._preview(entry, dialog, *asked))
        shown = [self._show_runs(dialog, entry), self._show_rules(dialog, entry, connection)]
        showing = [self._tasks.start(each) for each in shown]
        try:
            is_wanted = await accepted(dialog)
        finally:
            for task in showing:
                task.cancel()
        if is_wanted:
            rules = None if dialog.is_by_bucket else entry.rules
            await self._put(replace(entry, is_on=dialog.is_on, every=dialog.every, rules=rules))

    async def show_all(self) -> None:
        """Which buckets are scheduled, and what came of it."""
        dialog = self._list = LifecycleSchedulesDialog(self._window)
        dialog.open_asked.connect(lambda row: self._tasks.start(self._open(row, dialog)))
        dialog.off_asked.connect(lambda row: self._tasks.start(self._switch_off(row)))
        dialog.forget_asked.connect(lambda row: self._tasks.start(self._forget(row)))
        filling = self._tasks.start(self._fill())
        try:
            await accepted(dialog)
        finally:
            filling.cancel()
            self._list = None

    def ran(self, event: LifecycleRan) -> None:
        """A run has ended: say what came of it."""
        self._tasks.start(self._tell_run(event))

    async def _tell_run(self, event: LifecycleRan) -> None:
        entry = await self._desk.lifecycle.entry(event.connection, event.bucket)
        said = ran_text(entry, self._place(entry), await self._record(entry))
        (self._notices.warn if entry.trouble else self._notices.say)(said)
        await self._fill()

    # What is changed

    async def _put(self, entry: Entry) -> None:
        try:
            await self._desk.lifecycle.put(entry)
        except S4DeskError as error:
            self._notices.fail(error)
            return
        kept = await self._desk.lifecycle.entry(*entry.key)
        self._notices.say(saved_text(kept, self._place(kept)))
        await self._fill()

    async def _open(self, row: int, dialog: LifecycleSchedulesDialog) -> None:
        if 0 <= row < len(self._listed):
            await self.ask(*self._listed[row].key, dialog)

    async def _switch_off(self, row: int) -> None:
        if 0 <= row < len(self._listed):
            entry = await self._desk.lifecycle.entry(*self._listed[row].key)
            await self._put(replace(entry, is_on=False))

    async def _forget(self, row: int) -> None:
        if not 0 <= row < len(self._listed):
            return
        try:
            await self._desk.lifecycle.remove(*self._listed[row].key)
        except S4DeskError as error:
            self._notices.fail(error)
        await self._fill()

    # What is shown

    async def _fill(self) -> None:
        """The list, where it is open. What a run wrote takes a while to be read."""
        async with self._filling:
            if self._list is None:
                return
            entries = sorted(await self._desk.lifecycle.entries(), key=self._place)
            now = self._clock.now()
            rows = []
            for each in entries:
                name = self._desk.connections.name_of(each.connection)
                rows.append(schedule_row(each, name, await self._record(each), now))
            if self._list is not None and isValid(self._list):
                self._listed = entries
                self._list.show_rows(rows, [each.is_on for each in entries])

    async def _record(self, entry: Entry) -> RunRecord | None:
        """What the last run wrote; None where it had nothing to do, or nobody kept it."""
        return await self._desk.lifecycle_runs.record(entry.report) if entry.report else None

    def _place(self, entry: Entry) -> str:
        name = self._desk.connections.name_of(entry.connection)
        return place_text(name, Prefix(entry.bucket))

    def _preview(
        self,
        entry: Entry,
        dialog: LifecycleScheduleDialog,
        connection: ConnectionId,
        place: Prefix,
    ) -> None:
        if self._look_ahead is None:
            return
        try:
            kept = None
            if entry.rules is not None and not dialog.is_by_bucket:
                kept = lifecycle_of(entry.rules)
        except S4DeskError as error:
            dialog.outcome.fail(error)
            return
        self._tasks.start(self._look_ahead(connection, place, kept, dialog))

    async def _show_rules(
        self, dialog: LifecycleScheduleDialog, entry: Entry, asked: ConnectionId
    ) -> None:
        """How many the bucket has; whoever may not ask is told nothing."""
        with suppress(S4DeskError):
            store = await self._desk.home_store(asked)
            found = await read_config(store, entry.bucket, ConfigKind.LIFECYCLE)
            if isValid(dialog):
                dialog.show_rules(found_rules_text(len(rules_in(found))))

    async def _show_runs(self, dialog: LifecycleScheduleDialog, entry: Entry) -> None:
        """They come later: one that did much takes a while to be read."""
        found = await self._desk.lifecycle_runs.latest(entry.connection, entry.bucket, MOST_RUNS)
        if isValid(dialog):
            dialog.report_asked.connect(
                lambda row: self._tasks.start(self._save(dialog, found, row))
            )
            dialog.show_runs([run_row(each) for each in found])

    async def _save(
        self, dialog: LifecycleScheduleDialog, found: Sequence[RunRecord], row: int
    ) -> None:
        if 0 <= row < len(found):
            record = found[row]
            target = f"lifecycle-{record.id}.csv"
            objects = self._desk.lifecycle_runs.objects(record.id)
            await save_report(record.report, objects, target, dialog, dialog.outcome)
