"""Switching on and off that s4desk applies the rules of a bucket by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.errors import S4DeskError
from s4desk.gui.commands.lifecycle_reports import save_report
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.viewmodels.lifecycle_schedule_text import last_text, run_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.persist.lifecycle_runs import RunRecord
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices

MOST_RUNS: Final = 20


class LifecycleScheduling:
    """One bucket at a time."""

    def __init__(self, desk: Desk, tasks: GuiTasks, notices: Notices) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices

    async def ask(self, connection: ConnectionId, bucket: str, parent: QWidget) -> None:
        """Show how it is, and keep what is chosen."""
        schedule = self._desk.lifecycle
        entry = await schedule.entry(connection, bucket)
        dialog = LifecycleScheduleDialog(entry, last_text(entry), parent)
        showing = self._tasks.start(self._show_runs(dialog, entry))
        try:
            is_wanted = await accepted(dialog)
        finally:
            showing.cancel()
        if not is_wanted:
            return
        try:
            await schedule.put(replace(entry, is_on=dialog.is_on, every=dialog.every))
        except S4DeskError as error:
            self._notices.fail(error)

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
