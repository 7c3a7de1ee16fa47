"""Looking at what lifecycle rules will do to a bucket, and showing it meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.folders import local_errors
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lifecycle_chart import day_bars
from s4desk.viewmodels.lifecycle_export import findings_report
from s4desk.viewmodels.lifecycle_form_limits import provider_of, small_objects_note
from s4desk.viewmodels.lifecycle_reason import concern_text, disagreement_text
from s4desk.viewmodels.lifecycle_sheet import sum_rows, summary_text
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.lifecycle_applying import LifecycleApplying
    from s4desk.gui.commands.lifecycle_scheduling import LifecycleScheduling
    from s4desk.viewmodels.lifecycle_chart import DayBar
    from s4desk.viewmodels.lifecycle_sheet import Sieve

TELL_EVERY_S: Final = 0.25
MOST_NOTES: Final = 200


class LifecyclePreviewing:
    """As many buckets at once as somebody opens; each ends with its dialog."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        applying: LifecycleApplying,
        scheduling: LifecycleScheduling,
        window: QWidget,
    ) -> None:
        self._applying = applying
        self._scheduling = scheduling
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._window = window

    async def show(
        self,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Look at a bucket, or a folder in it: by the rules it has, or by others."""
        title = tr("What Lifecycle Rules Will Do: {place}").format(place=place)
        whose = tr("Rules as saved") if lifecycle is None else tr("Rules as edited, not saved")
        dialog = LifecyclePreviewDialog(title, whose, parent or self._window)
        ended = asyncio.Event()
        dialog.finished.connect(lambda _: ended.set())
        view = _View(self._desk, self._tasks, self._clock, dialog, connection, place, lifecycle)
        dialog.schedule_asked.connect(
            lambda: self._tasks.start(self._scheduling.ask(connection, place.bucket, dialog))
        )
        dialog.apply_asked.connect(lambda: self._apply(view, dialog, connection, place))
        dialog.show()
        try:
            await ended.wait()
        finally:
            view.leave()
            if isValid(dialog):  # else it has gone with the window
                dialog.close()
                dialog.deleteLater()

    def _apply(
        self, view: _View, dialog: LifecyclePreviewDialog, connection: ConnectionId, place: Prefix
    ) -> None:
        if view.lifecycle is not None:
            # Beside the preview, not of it: closing that one stops nothing.
            above = dialog.parentWidget()
            self._tasks.start(self._applying.show(connection, place.bucket, view.lifecycle, above))


class _View:
    """One dialog, from its opening to its end."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        dialog: LifecyclePreviewDialog,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._dialog = dialog
        self._connection = connection
        self._place = place
        self._given = lifecycle
        self._looking: asyncio.Task[None] | None = None
        self._sifting: asyncio.Task[None] | None = None
        self._preview: Preview | None = None
        self._found = Findings()
        self._target = "lifecycle.csv"
        self._is_over = False
        dialog.look_asked.connect(self._begin)
        dialog.stop_asked.connect(self._stop)
        dialog.redraw_asked.connect(self._redraw)
        dialog.sieve_changed.connect(self._sift)
        dialog.export_asked.connect(lambda: tasks.start(self._export()))
        self._begin()

    @property
    def lifecycle(self) -> Lifecycle | None:
        """The rules by which it was looked; None before they are known."""
        return None if self._preview is None else self._preview.question.lifecycle

    def leave(self) -> None:
        """The dialog is gone, or will be."""
        self._is_over = True
        self._stop()
        if self._sifting is not None:
            self._sifting.cancel()

    @property
    def _is_gone(self) -> bool:
        """Also with the window, before anybody is told."""
        return self._is_over or not isValid(self._dialog)

    def _stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self) -> None:
        self._stop()
        self._found = Findings()
        self._preview = None
        self._looking = self._tasks.start(self._look(self._found))

    async def _look(self, found: Findings) -> None:
        dialog = self._dialog
        dialog.begin(found, ())
        end: BaseException | str = ""
        try:
            end = await self._look_through(found)
        except S4DeskError as error:
            end = error
        except asyncio.CancelledError:
            end = tr("Stopped: there is more.")
            raise
        finally:
            if found is self._found and not self._is_gone:
                self._tell(is_busy=False)
                dialog.set_busy(False)
                dialog.let_apply(self._obstacle)
                if isinstance(end, str):
                    dialog.outcome.say(end)
                else:
                    dialog.outcome.fail(end)

    async def _look_through(self, found: Findings) -> str:
        """Returns what is to be said at the end."""
        dialog, place = self._dialog, self._place
        store = await self._desk.stores.get(self._connection)
        lifecycle = self._given
        if lifecycle is None:
            lifecycle = lifecycle_of(await read_config(store, place.bucket, ConfigKind.LIFECYCLE))
        is_saved = self._given is None
        question = Question(
            lifecycle, self._clock.now(), dialog.days, dialog.engine, is_saved=is_saved
        )
        preview = self._preview = Preview(store, place, question)
        dialog.begin(found, lifecycle.rules)
        told = 0.0
        async with aclosing(preview.batches()) as batches:
            async for batch in batches:
                found.extend(batch)
                now = time.monotonic()
                if now - told >= TELL_EVERY_S:
                    told = now
                    self._tell(is_busy=True)
        return "" if lifecycle.rules else tr("The bucket has no lifecycle rules.")

    @property
    def _obstacle(self) -> str:
        """Why s4desk cannot carry this out."""
        if not self.lifecycle or not self.lifecycle.rules:
            return tr("There are no rules.")
        return tr("Open the whole bucket.") if self._place.prefix else ""

    def _tell(self, *, is_busy: bool) -> None:
        preview = self._preview
        if preview is None or self._is_gone:
            return
        rules, summary = preview.question.lifecycle.rules, preview.summary
        text = summary_text(summary, is_busy=is_busy)
        versioning = preview.facts.versioning
        self._dialog.model.tell_versioning(versioning)
        sums = sum_rows(summary, rules, versioning)
        self._dialog.show_known(text, sums, self._bars(preview))
        if not is_busy:
            self._dialog.show_notes([*self._doubts(preview), *_notes(preview)])

    def _doubts(self, preview: Preview) -> list[str]:
        """What this store may do otherwise than AWS, whose rules these are."""
        question = preview.question
        provider = provider_of(self._desk.connections.get(self._connection))
        note = small_objects_note(question.lifecycle, provider)
        return [note] if note and question.engine is Engine.AWS else []

    def _bars(self, preview: Preview) -> Sequence[DayBar]:
        question = preview.question
        return day_bars(
            preview.summary.by_day(),
            question.now,
            question.days,
            self._dialog.measure,
            whole_days=question.engine is Engine.AWS,
        )

    def _redraw(self) -> None:
        if self._preview is not None:
            self._dialog.show_bars(self._bars(self._preview))

    def _sift(self) -> None:
        if self._sifting is not None:
            self._sifting.cancel()
        self._sifting = self._tasks.start(self._sift_anew())

    async def _sift_anew(self) -> None:
        """A million findings take a while to look through."""
        found, sieve = self._found, self._dialog.sieve
        looked_at = len(found)
        rows = await in_thread(sieve.rows, found, 0, looked_at)
        if found is self._found and not self._is_gone and sieve == self._dialog.sieve:
            self._dialog.model.show_rows(sieve, rows, looked_at)
            self._dialog.model.grow()
            self._dialog.tell_shown()

    async def _export(self) -> None:
        preview = self._preview
        path = await choose_target(tr("Export Preview"), self._target, self._dialog)
        if path is None or preview is None:
            return
        self._target = str(path)
        try:
            await in_thread(_write, path, self._found, preview, self._dialog.model.sieve)
        except S4DeskError as error:
            self._dialog.outcome.fail(error)
        else:
            said = tr("Written to {file}.").format(file=path.name)
            self._dialog.outcome.say(said, is_success=True)


def _notes(preview: Preview) -> list[str]:
    """Warnings, what could not be asked, and where the store says something else."""
    rules = preview.question.lifecycle.rules
    notes = [concern_text(each, rules) for each in preview.concerns]
    failures = preview.asking.failures[:MOST_NOTES]
    notes += [f"{printable(each.key)}: {describe(each.error)}" for each in failures]
    different = preview.hints.disagreements[:MOST_NOTES]
    notes += [f"{printable(each.key)}: {disagreement_text(each)}" for each in different]
    return notes


def _write(path: Path, found: Findings, preview: Preview, sieve: Sieve) -> None:
    """What is shown, all at once: the file is there whole or as it was."""
    rows = sieve.rows(found, 0, len(found))
    with local_errors(path):
        write_atomically(
            path, b"".join(findings_report(found, preview.question.lifecycle.rules, rows))
        )
