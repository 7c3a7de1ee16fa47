"""One look after the other at what lifecycle rules do, shown in a dialog until it is closed."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.lifecycle.bucket_facts import told_versioning
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.inventory_wanted import EVERYTHING
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.core.persist.toml_file import whole_file
from s4desk.core.replication.awaited import awaited_in
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.folders import local_errors
from s4desk.gui.commands.endings import ended
from s4desk.gui.commands.lifecycle_looks import BucketLook, OpenReport, ReportLook
from s4desk.gui.dialogs.files import choose_target
from s4desk.viewmodels.group_writes import deletions_obstacle
from s4desk.viewmodels.lifecycle_chart import day_bars
from s4desk.viewmodels.lifecycle_export import findings_report, report_of_all
from s4desk.viewmodels.lifecycle_form_limits import provider_of
from s4desk.viewmodels.lifecycle_inventory_sheet import rows_by_key, wanted_by
from s4desk.viewmodels.lifecycle_inventory_text import counting_text, fetched_text, reading_text
from s4desk.viewmodels.lifecycle_reason import no_rules_text
from s4desk.viewmodels.lifecycle_sheet import sum_rows, summary_text
from s4desk.viewmodels.lifecycle_subject import rules_text
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.lifecycle.candidates import Versioning
    from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule
    from s4desk.core.lifecycle.inventory import InventoryPreview, Source
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.events import ObjectsChanged
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
    from s4desk.viewmodels.lifecycle_chart import DayBar
    from s4desk.viewmodels.lifecycle_subject import RulesOf

TELL_EVERY_S: Final = 0.25
SETTLE_S: Final = 0.3
"""Somebody who types a filter types more than one letter."""
MOST_LISTED: Final = 100_000
"""Findings of a report that are kept: there may be more of them than memory."""


class LifecycleView:
    """It ends with its dialog: see `leave`. Of a group its first member is looked at."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        dialog: LifecyclePreviewDialog,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None,
        source: RulesOf,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._dialog = dialog
        self._asked = connection
        self._connection, bucket = desk.home_of(connection, place.bucket)
        self._place = replace(place, bucket=bucket)
        self._given = lifecycle
        self._source = source
        self._looking: asyncio.Task[None] | None = None
        self._sifting: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Task[None]] = set()
        self._look: BucketLook | ReportLook | None = None
        self._sources: Sequence[Source] = ()
        self._report: OpenReport | None = None
        self._found = Findings()
        self._is_part = False
        self._target = "lifecycle.csv"
        self._is_over = self._is_stale = False
        dialog.look_asked.connect(self._begin)
        dialog.stop_asked.connect(self._stop)
        dialog.redraw_asked.connect(self._redraw)
        dialog.sieve_changed.connect(self._sift)
        dialog.export_asked.connect(lambda: self.start(self._export()))
        self.look_at(())

    @property
    def lifecycle(self) -> Lifecycle | None:
        """The rules by which it was looked; None before they are known."""
        return None if self._look is None else self._look.question.lifecycle

    def objects_changed(self, event: ObjectsChanged) -> None:
        """What is shown may not be so any more; a report is as old as it is."""
        here = (self._connection, self._place.bucket)
        changed = self._desk.home_of(event.connection, event.prefix.bucket)
        if here == changed and not self._sources:
            self._is_stale = True
            self._dialog.show_stale()

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Something that ends with the dialog, too."""
        task = self._tasks.start(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    def look_at(self, sources: Sequence[Source]) -> None:
        """At a report; at the bucket itself when there is none."""
        self._close_report()
        self._sources = sources
        files = list(map(_name_of, sources))
        text = reading_text(files) if files else tr("The bucket as it is now.")
        self._dialog.source.show_source(text, files)
        self._begin()

    def leave(self) -> None:
        """The dialog is gone, or will be."""
        self._is_over = True
        for task in (self._looking, self._sifting, *self._aside):
            if task is not None:
                task.cancel()
        self._close_report()

    @property
    def _is_gone(self) -> bool:
        """Also with the window, before anybody is told."""
        return self._is_over or not isValid(self._dialog)

    def _stop(self) -> None:
        taking = self._sifting if self._sources else None
        for task in (self._looking, taking):
            if task is not None:
                task.cancel()

    def _close_report(self) -> None:
        if self._report is not None:
            self._report.close()
            self._report = None

    # Looking

    def _begin(self) -> None:
        self._stop()
        self._found = Findings()
        self._look, self._is_part, self._is_stale = None, False, False
        self._dialog.begin(self._found, (), self._clock.now())
        self._looking = self._tasks.start(self._look_anew(self._found))

    async def _look_anew(self, found: Findings) -> None:
        with ended(partial(self._end_look, found)) as end:
            end.said = await self._look_through(found)

    def _end_look(self, found: Findings, end: BaseException | str) -> None:
        if found is not self._found or self._is_gone:
            return
        self._tell(is_busy=False)
        if isinstance(self._look, ReportLook):
            self._sifting = self._tasks.start(self._take(self._look))
        else:
            self._rest(end)

    async def _look_through(self, found: Findings) -> str:
        """Returns what is to be said at the end."""
        dialog, place = self._dialog, self._place
        store = await self._desk.home_store(self._asked)
        lifecycle = self._given
        if lifecycle is None:
            lifecycle = lifecycle_of(await read_config(store, place.bucket, ConfigKind.LIFECYCLE))
        is_saved = self._given is None and not self._sources
        question = Question(
            lifecycle, self._clock.now(), dialog.days, dialog.engine, is_saved=is_saved
        )
        dialog.begin(found, lifecycle.rules, question.now)
        dialog.source.show_rules(rules_text(self._source, len(lifecycle.rules)))
        if self._sources:
            await self._read(question, store)
        else:
            await self._list(found, question, store)
        return no_rules_text(lifecycle.rules)

    async def _list(self, found: Findings, question: Question, store: Store) -> None:
        awaited = awaited_in(self._desk.replication, self._connection, self._place.bucket)
        preview = Preview(store, self._place, question, awaited)
        self._look = BucketLook(preview, provider_of(self._desk.connections.get(self._connection)))
        told = 0.0
        async with aclosing(preview.batches()) as batches:
            async for batch in batches:
                found.extend(batch)
                now = time.monotonic()
                if now - told >= TELL_EVERY_S:
                    told = now
                    self._tell(is_busy=True)

    async def _read(self, question: Question, store: Store) -> None:
        """Count what a report has; what that is comes afterwards."""
        if self._report is None:
            self._report = OpenReport(self._tasks, self._sources, question)
        report, dialog = self._report, self._dialog
        try:
            looking = await report.opened(lambda size: dialog.show_progress(fetched_text(size)))
        finally:
            if report is self._report and not report.is_open:
                self._close_report()
        versioning = await self._versioning(store)
        async with report.lock:
            looking.ask(question, versioning, of=self._place.bucket)
            await looking.count(lambda share: dialog.show_progress(counting_text(share), share))
        provider = provider_of(self._desk.connections.get(self._connection))
        look = self._look = ReportLook(looking, self._place.bucket, provider)
        dialog.source.show_source(look.age(), list(map(_name_of, self._sources)))

    async def _versioning(self, store: Store) -> Versioning | None:
        """The bucket may be gone; there is a report of it all the same."""
        with suppress(StoreError):
            return await told_versioning(store, self._place.bucket)
        return None

    # Showing

    def _tell(self, *, is_busy: bool) -> None:
        look = self._look
        if look is None or self._is_gone:
            return
        rules = look.question.lifecycle.rules
        self._dialog.table.tell_versioning(look.versioning)
        sums = sum_rows(look.summary, rules)
        said = summary_text(look.summary, look.versioning, is_busy=is_busy)
        self._dialog.show_known(said, sums, self._bars(look))
        if not is_busy:
            self._dialog.show_notes(look.notes())

    def _rest(self, end: BaseException | str) -> None:
        """Nothing more comes, and why."""
        dialog, look = self._dialog, self._look
        dialog.set_busy(False)
        dialog.let_export(self._unknown)
        dialog.let_apply(self._obstacle)
        if look is None:
            # It ended before anything was known: how far it came is of no use.
            dialog.show_progress("")
        other = look.other if isinstance(look, ReportLook) else ""
        if other or not isinstance(end, str):
            dialog.outcome.fail(other or end)
        elif self._is_stale and not end:
            dialog.show_stale()
        else:
            dialog.outcome.say(end)

    @property
    def _unknown(self) -> str:
        """Why nobody knows what the rules do."""
        return tr("The rules are not known yet: look again.") if self._look is None else ""

    @property
    def _obstacle(self) -> str:
        """Why s4desk cannot carry this out."""
        if no_deletions := deletions_obstacle(self._desk.groups.status(self._asked)):
            return no_deletions
        if self._look is None:
            return self._unknown
        if not self._look.question.lifecycle.rules:
            return tr("There are no rules.")
        if self._sources:
            return tr("A report shows how the bucket was: go back to the bucket itself.")
        return tr("Open the whole bucket.") if self._place.prefix else ""

    def _bars(self, look: BucketLook | ReportLook) -> Sequence[DayBar]:
        question = look.question
        return day_bars(
            *(look.summary.by_day(), question.now, question.days, self._dialog.measure),
            look.versioning,
            classes=look.summary.only_classes(),
            whole_days=question.engine is Engine.AWS,
        )

    def _redraw(self) -> None:
        if self._look is not None:
            self._dialog.show_bars(self._bars(self._look))

    # What of it is listed

    def _sift(self) -> None:
        if self._sifting is not None:
            self._sifting.cancel()
        look = self._look
        if isinstance(look, ReportLook) and self._is_part:
            self._sifting = self._tasks.start(self._take(look, SETTLE_S))
        else:
            self._sifting = self._tasks.start(self._sift_anew())

    async def _sift_anew(self) -> None:
        """A million findings take a while to look through."""
        found, sieve = self._found, self._dialog.sieve
        looked_at = len(found)
        if isinstance(self._look, ReportLook):
            rows = await in_thread(rows_by_key, sieve, found)
        else:
            rows = await in_thread(sieve.rows, found, 0, looked_at)
        if found is self._found and not self._is_gone and sieve == self._dialog.sieve:
            self._dialog.model.show_rows(sieve, rows, looked_at)
            self._dialog.model.grow()
            self._dialog.tell_shown()

    async def _take(self, look: ReportLook, settle_s: float = 0.0) -> None:
        """What the filters let through of a report, as far as it is kept here."""
        self._is_part = True
        await asyncio.sleep(settle_s)
        found = self._found = Findings()
        self._dialog.begin_again(found)
        rules = look.question.lifecycle.rules
        with ended(self._end_taking, no_rules_text(rules)):
            await self._fill(look.looking, found)

    def _end_taking(self, end: BaseException | str) -> None:
        if asyncio.current_task() is self._sifting and not self._is_gone:
            self._rest(end)

    async def _fill(self, looking: InventoryPreview, found: Findings) -> None:
        report, dialog = self._report, self._dialog
        if report is None:
            return
        sieve = dialog.sieve
        is_all = looking.summary.touched.objects <= MOST_LISTED
        wanted = EVERYTHING if is_all else wanted_by(sieve)
        async with report.lock, aclosing(looking.findings(wanted)) as batches:
            async for batch in batches:
                found.extend(batch)
                if len(found) >= MOST_LISTED:
                    break
                dialog.model.grow()
                dialog.tell_shown()
        rows = await in_thread(rows_by_key, sieve, found)
        if not self._is_gone:
            dialog.model.show_rows(sieve, rows, len(found))
            dialog.tell_shown(is_part=not is_all and len(found) >= MOST_LISTED)
            self._is_part = not is_all

    # Written down

    async def _export(self) -> None:
        look = self._look
        path = await choose_target(tr("Export Preview"), self._target, self._dialog)
        if path is None or look is None:
            return
        self._target = str(path)
        outcome = self._dialog.outcome
        outcome.say(tr("Writing {file}…").format(file=path.name))
        try:
            await self._write(path, look)
        except S4DeskError as error:
            outcome.fail(error)
        else:
            outcome.say(tr("Written to {file}.").format(file=path.name), is_success=True)

    async def _write(self, path: Path, look: BucketLook | ReportLook) -> None:
        """What the filters let through: all of it, also what is not kept here."""
        rules, sieve, report = look.question.lifecycle.rules, self._dialog.sieve, self._report
        if not isinstance(look, ReportLook) or report is None:
            rows = partial(sieve.rows, self._found, 0, len(self._found))
            await in_thread(_write, path, self._found, rules, rows)
        elif not self._is_part:
            rows = partial(rows_by_key, sieve, self._found)
            await in_thread(_write, path, self._found, rules, rows)
        else:

            def write(batches: Iterator[Findings]) -> None:
                _write_pieces(path, report_of_all(batches, rules, sieve))

            async with report.lock:
                await look.looking.through(write, wanted_by(sieve))


def _name_of(source: Source) -> str:
    return printable(str(source[1] if isinstance(source, tuple) else source))


def _write(
    path: Path, found: Findings, rules: Sequence[Rule], rows: Callable[[], Sequence[int]]
) -> None:
    _write_pieces(path, findings_report(found, rules, rows()))


def _write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """The file is there whole or as it was."""
    with local_errors(path), whole_file(path) as file:
        file.writelines(pieces)
