"""Setting retentions and legal holds: of one object, or of many after a preview."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location
from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.folders import local_errors
from s4desk.core.transfer.locking import change_lock, change_locks, targets_of
from s4desk.gui.commands.transferring import selected
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.gui.dialogs.busy import BusyDialog, busy, patiently
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.dialogs.lock_report import LockReportDialog
from s4desk.viewmodels.lock_form import LockForm
from s4desk.viewmodels.lock_report import (
    counts_text,
    looked_at_text,
    outcome_rows,
    report,
    whole_report,
)
from s4desk.viewmodels.lock_text import lock_of_text
from s4desk.viewmodels.rows import display_name, format_count

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, VersionId
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.locking import LockChange, LockOutcome, Target
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.lock_reading import LockReading
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.selection import Selection

    Pages = AsyncGenerator[list[Target], None]

LOOK_EVERY_S: Final = 0.2
STEP: Final = 64
"""So many at most are still set after a person has said stop."""


class Locking:
    """What the lock does not allow is refused before the store is asked; what the store refuses all
    the same is said where it was asked for."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        reading: LockReading,
        changed: Callable[[], None],
        window: QWidget,
    ) -> None:
        """`changed` is called when locks are not what they were."""
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._reading = reading
        self._changed = changed
        self._window = window
        self._file = "locks.csv"

    async def change(self, connection: ConnectionId, selection: Selection) -> None:
        """Ask what shall become of the locks of a selection, and do it."""
        if selection.prefix is None or not len(selection):
            return
        bucket = selection.prefix.bucket
        if not await self._reading.locks(connection, bucket):
            self._notices.refuse(tr("This bucket has no Object Lock."))
            return
        store = await self._desk.stores.get(connection)
        only, versions = selection.only, selection.chosen_versions
        targets: list[Target] = [
            (each.location, each.version) for each in versions if not each.is_delete_marker
        ]
        if versions and not targets:
            self._notices.refuse(tr("A delete marker has no lock."))
            return
        if isinstance(only, Location) and not versions:
            targets = [(only, None)]
        if len(targets) == 1:
            await self.change_one(connection, *targets[0])
        elif targets:
            await self._change_many(store, LockForm(now=self._now), lambda: _at_once(targets))
        else:
            form = LockForm(asks_versions=True, now=self._now)
            await self._change_many(
                store,
                form,
                lambda: targets_of(store, selected(selection), with_versions=form.with_versions),
            )
        self._reading.forget(connection, bucket)
        self._changed()

    async def change_one(
        self, connection: ConnectionId, location: Location, version: VersionId | None
    ) -> None:
        """The same of one version; None is the newest."""
        store = await self._desk.stores.get(connection)
        async with busy(tr("Asking the store…"), self._window):
            before = await store.get_lock(location, version=version)
        form = LockForm(before, now=self._now)
        dialog = FormDialog(form, tr("&Set"), self._window)
        note = Note("before", dialog)
        note.say(lock_of_text(location, before, self._reading.now))
        dialog.add_above_fields(note)
        target = (location, version)
        try:
            while await dialog.submission():
                dialog.set_busy(True, tr("Asking the store…"))
                try:
                    outcome = await change_lock(store, target, form.result(), self._reading.now)
                except S4DeskError as error:
                    dialog.fail(error)
                    continue
                self._notices.say(lock_of_text(location, outcome.after, self._reading.now))
                return
        finally:
            dialog.close()
            dialog.deleteLater()
            self._reading.forget(connection, location.bucket, location.key)
            self._changed()

    def _now(self) -> datetime:
        return self._reading.now

    async def _change_many(
        self, store: Store, form: LockForm, targets: Callable[[], Pages]
    ) -> None:
        dialog = FormDialog(form, tr("&Preview"), self._window)
        try:
            while await dialog.submission():
                change = form.result()
                expected = await self._previewed(store, targets(), change, dialog)
                doomed = [(each.location, each.version) for each in expected if each.is_changed]
                title = tr("Retention and Legal Hold")
                accept_text = _set_text(len(doomed)) if doomed else ""
                if not await self._shown(title, expected, accept_text, dialog, is_dry=True):
                    continue
                dialog.hide()
                done = await self._carried_out(store, doomed, change)
                outcomes = whole_report(expected, done)
                await self._shown(title, outcomes, "", self._window, is_dry=False)
                return
        finally:
            dialog.close()
            dialog.deleteLater()

    async def _previewed(
        self,
        store: Store,
        targets: Pages,
        change: LockChange,
        dialog: QWidget,
    ) -> list[LockOutcome]:
        """What would become of each. Cancel ends it, and changes nothing."""
        outcomes: list[LockOutcome] = []

        def told(outcome: LockOutcome) -> None:
            outcomes.append(outcome)
            waiting.say(looked_at_text(len(outcomes), is_dry=True))

        async with busy(looked_at_text(0, is_dry=True), dialog) as waiting, aclosing(targets):
            await change_locks(store, targets, change, self._reading.now, told, is_dry=True)
        return outcomes

    async def _carried_out(
        self, store: Store, doomed: Sequence[Target], change: LockChange
    ) -> list[LockOutcome]:
        """Set them, until that is stopped; what was done is told in any case."""
        outcomes: list[LockOutcome] = []
        stopped = asyncio.Event()
        dialog = BusyDialog(tr("Setting locks"), self._window, tr("Stop"))
        dialog.rejected.connect(stopped.set)

        async def pages() -> AsyncGenerator[Sequence[Target], None]:
            for first in range(0, len(doomed), STEP):
                if stopped.is_set():
                    return
                yield doomed[first : first + STEP]

        work = change_locks(store, pages(), change, self._reading.now, outcomes.append)
        running = self._tasks.start(work)
        with patiently(dialog):
            while not running.done():
                await asyncio.wait([running], timeout=LOOK_EVERY_S)
                dialog.say(looked_at_text(len(outcomes), is_dry=False))
        return outcomes

    async def _shown(
        self,
        title: str,
        outcomes: Sequence[LockOutcome],
        accept_text: str,
        over: QWidget,
        *,
        is_dry: bool,
    ) -> bool:
        rows = outcome_rows(outcomes, is_dry=is_dry)
        sentence = counts_text(outcomes, is_dry=is_dry)
        dialog = LockReportDialog(title, sentence, rows, accept_text, over)
        dialog.save_wanted.connect(lambda: self._tasks.start(self._save(outcomes, dialog)))
        return await accepted(dialog)

    async def _save(self, outcomes: Sequence[LockOutcome], dialog: LockReportDialog) -> None:
        path = await choose_target(tr("Save Report"), self._file, dialog)
        if path is None:
            return
        self._file = str(path)
        try:
            await in_thread(_write, path, outcomes)
        except S4DeskError as error:
            dialog.outcome.fail(error)
            return
        sentence = tr("Saved as {file}.").format(file=display_name(path.name))
        dialog.outcome.say(sentence, is_success=True)


async def _at_once(targets: list[Target]) -> Pages:
    for first in range(0, len(targets), STEP):
        yield targets[first : first + STEP]


def _set_text(count: int) -> str:
    sentence = tr_n("&Set {count} Lock", "&Set {count} Locks", count)
    return sentence.format(count=format_count(count))


def _write(path: Path, outcomes: Sequence[LockOutcome]) -> None:
    with local_errors(path):
        write_atomically(path, report(outcomes))
