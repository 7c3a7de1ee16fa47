"""The window of replication: read again while it is seen, and what is asked in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.service import Running
from s4desk.gui.commands.replication_comparing import ReplicationComparing, look_thoroughly
from s4desk.gui.dialogs.replication import ReplicationDialog
from s4desk.viewmodels.replication_chart import time_bars
from s4desk.viewmodels.replication_overview import (
    Going,
    OverviewRow,
    bucket_text,
    error_rows,
    going_facts,
    our_row,
    retried_text,
    running_text,
    stores_row,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.bridge.ticker import Ticker
    from s4desk.gui.commands.replication_editing import ReplicationEditing
    from s4desk.gui.commands.replication_reading import ReplicationReading

EVERY_S: Final = 1.0
REST: Final = 10
"""Nobody counts anew for so many times as long as it took: with a million rows that is a second."""
MOST_ERRORS: Final = 100


class _OfBucket(NamedTuple):
    ruled: Ruled
    counts: Mapping[tuple[str, Status], int]
    oldest: Mapping[str, datetime]


class Replicating:
    """One window beside the main one. Nothing is read while it cannot be seen."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        ticker: Ticker,
        clock: Clock,
        reading: ReplicationReading,
        editing: ReplicationEditing,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._ticker = ticker
        self._clock = clock
        self._reading = reading
        self._editing = editing
        self._comparing = ReplicationComparing(desk, tasks, clock)
        self._window = window
        self._dialog: ReplicationDialog | None = None
        self._is_seen = False
        self._reads: asyncio.Task[None] | None = None
        self._due = self._count_due = 0.0
        self._found: list[_OfBucket] = []
        ticker.add(self.frame)

    def show(self) -> None:
        """Open it, or bring it to the front."""
        if self._dialog is None:
            dialog = self._dialog = ReplicationDialog(self._window)
            dialog.shown.connect(self._seen)
            dialog.chosen.connect(self._read_soon)
            dialog.look_asked.connect(self._look_now)
            dialog.retry_asked.connect(lambda: self._tasks.start(self._retry(dialog)))
            dialog.pause_asked.connect(self._pause)
            dialog.edit_asked.connect(lambda: self._tasks.start(self._edit(dialog)))
            dialog.compare_asked.connect(lambda: self._tasks.start(self._compare(dialog)))
            dialog.finished.connect(self._closed)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def frame(self) -> bool:
        """Read again when it is time to; True while somebody looks."""
        if self._is_seen and self._reads is None and self._clock.monotonic() >= self._due:
            self._reads = self._tasks.start(self._read())
            self._reads.add_done_callback(self._ended)
        return self._is_seen

    def close(self) -> None:
        """Begin nothing more."""
        self._ticker.remove(self.frame)

    # What is asked

    def _look_now(self) -> None:
        rule = self._dialog.rule if self._dialog is not None else None
        if self._dialog is None or rule is None:
            return
        look_thoroughly(self._desk, rule.source, self._dialog.outcome)
        self._read_anew()

    async def _retry(self, dialog: ReplicationDialog) -> None:
        rule = dialog.rule
        if rule is None:
            return
        try:
            count = await self._desk.replication.retry(rule.source, rule.rule)
        except S4DeskError as error:
            dialog.outcome.fail(error)
            return
        dialog.outcome.say(retried_text(count), is_success=True)
        self._read_anew()

    def _pause(self) -> None:
        if self._desk.replication.running is Running.PAUSED:
            self._desk.replication.resume()
        else:
            self._desk.replication.pause()
        if self._dialog is not None:
            self._dialog.outcome.say("")  # what was begun waits now, or goes on
        self._read_anew()

    async def _edit(self, dialog: ReplicationDialog) -> None:
        if (rule := dialog.rule) is not None:
            await self._editing.edit(rule.source, dialog)
            self._read_anew()

    async def _compare(self, dialog: ReplicationDialog) -> None:
        if (rule := dialog.rule) is not None and rule.is_ours:
            await self._comparing.show(rule, dialog)

    # What is shown

    def _seen(self, is_seen: bool) -> None:
        self._is_seen = is_seen
        self._read_soon()

    def _closed(self) -> None:
        self._is_seen = False
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def _read_anew(self) -> None:
        """All of it: something was changed here."""
        self._count_due = 0.0
        self._read_soon()

    def _read_soon(self) -> None:
        """In the next frame; what is there already of another rule is shown at once."""
        self._due = 0.0
        if self._is_seen:
            self._ticker.wake()

    def _ended(self, _task: object) -> None:
        self._reads = None

    async def _read(self) -> None:
        dialog, began = self._dialog, self._clock.monotonic()
        self._due = began + EVERY_S
        if dialog is None:
            return
        try:
            found = await self._count(await self._all_ruled())
            await self._ask_stores(found)
            rows = self._rows(found)
            if dialog is self._dialog:
                self._found = found
                dialog.show_rows(rows)
                self._show_state(dialog, len(found))
                await self._show_rule(dialog)
        except S4DeskError as error:
            if dialog is self._dialog:
                dialog.state.fail(error)

    async def _all_ruled(self) -> list[Ruled]:
        name_of = self._desk.connections.name_of
        found = await self._desk.replication.all_ruled()
        return sorted(found, key=lambda each: bucket_text(each.source, name_of))

    async def _count(self, all_ruled: list[Ruled]) -> list[_OfBucket]:
        """All rules with their counts, which may be some moments old where there are very many."""
        now = self._clock.monotonic()
        if now < self._count_due:
            known = {each.ruled.source: each for each in self._found}
            return [
                known[each.source]._replace(ruled=each)
                if each.source in known
                else await self._of_bucket(each)
                for each in all_ruled
            ]
        found = [await self._of_bucket(each) for each in all_ruled]
        ended = self._clock.monotonic()
        self._count_due = ended + REST * (ended - now)
        return found

    async def _of_bucket(self, ruled: Ruled) -> _OfBucket:
        statuses = self._desk.replication.statuses
        counts = await statuses.counts(ruled.source)
        return _OfBucket(ruled, counts, await statuses.oldest(ruled.source))

    async def _ask_stores(self, found: list[_OfBucket]) -> None:
        """Once: which of these buckets their stores replicate too."""
        for each in found:
            if self._reading.replicates(each.ruled.source) is None:
                try:
                    await self._reading.ask(each.ruled.source)
                except S4DeskError:
                    # It rests; its row is missing meanwhile.
                    continue

    def _rows(self, found: list[_OfBucket]) -> list[OverviewRow]:
        running, name_of = self._desk.replication.running, self._desk.connections.name_of
        rows: list[OverviewRow] = []
        sources = {each.ruled.source for each in found}
        for each in found:
            source = each.ruled.source
            rows += [
                our_row(source, rule, self._going(each, rule), running, name_of)
                for rule in each.ruled.rules
            ]
            rows += [stores_row(source, rule, name_of) for rule in self._reading.of_store(source)]
        for source in self._reading.by_stores:
            if source not in sources:
                rules = self._reading.of_store(source)
                rows += [stores_row(source, rule, name_of) for rule in rules]
        return rows

    def _going(self, found: _OfBucket, rule: Rule) -> Going:
        replication, source = self._desk.replication, found.ruled.source
        counts = {status: found.counts.get((rule.id, status), 0) for status in Status}
        meter = replication.meter
        look, reason = replication.look_of(source), replication.reason(source, rule.id)
        oldest = found.oldest.get(rule.id)
        if meter is None:
            return Going(counts, oldest)
        course = meter.course(source, rule.id)
        half, most = course.lag(0.5), course.lag(0.99)
        objects_s, bytes_s = meter.rate(source, rule.id)
        return Going(
            counts,
            oldest,
            objects_s,
            bytes_s,
            None if half is None or most is None else (half, most),
            course.completed,
            course.bytes,
            course.attempts,
            replication.dropped(source, rule.id),
            replication.locks_left(source, rule.id),
            look,
            reason,
        )

    def _show_state(self, dialog: ReplicationDialog, buckets: int) -> None:
        replication = self._desk.replication
        running = replication.running
        said = running_text(running, replication.error, buckets)
        dialog.state.say(said, is_error=running is Running.BROKEN)
        is_possible = running in (Running.ON, Running.PAUSED)
        dialog.show_pause(is_paused=running is Running.PAUSED, is_possible=is_possible)

    async def _show_rule(self, dialog: ReplicationDialog) -> None:
        chosen = dialog.rule
        found = next(
            (each for each in self._found if chosen and each.ruled.source == chosen.source), None
        )
        rules = found.ruled.rules if found is not None else ()
        rule = next((each for each in rules if chosen and each.id == chosen.rule), None)
        if chosen is None or not chosen.is_ours or found is None or rule is None:
            dialog.show_rule([], [], [])
            return
        failed = await self._desk.replication.statuses.failed(
            chosen.source, chosen.rule, MOST_ERRORS
        )
        if dialog is not self._dialog or dialog.rule != chosen:
            return
        meter, now = self._desk.replication.meter, self._clock.now()
        minutes = () if meter is None else meter.course(chosen.source, chosen.rule).minutes
        facts = going_facts(self._going(found, rule), self._desk.replication.running, now)
        dialog.show_rule(facts, time_bars(minutes, now), error_rows(failed))
