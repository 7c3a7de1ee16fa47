"""Switching on and off that s4desk applies the rules of a bucket by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.viewmodels.lifecycle_apply_text import report_lines
from s4desk.viewmodels.lifecycle_schedule_text import trouble_text
from s4desk.viewmodels.rows import format_time

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.gui.commands.notices import Notices


class LifecycleScheduling:
    """One bucket at a time."""

    def __init__(self, desk: Desk, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices

    async def ask(self, connection: ConnectionId, bucket: str, parent: QWidget) -> None:
        """Show how it is, and keep what is chosen."""
        schedule = self._desk.lifecycle
        entry = await schedule.entry(connection, bucket)
        dialog = LifecycleScheduleDialog(entry, await self._last_text(entry), parent)
        if not await accepted(dialog):
            return
        try:
            await schedule.put(replace(entry, is_on=dialog.is_on, every=dialog.every))
        except S4DeskError as error:
            self._notices.fail(error)

    async def _last_text(self, entry: Entry) -> str:
        """How the last run went."""
        if entry.last is None:
            return ""
        began = tr("Last run: {time}").format(time=format_time(entry.last.timestamp()))
        lines = [began]
        if trouble := trouble_text(entry):
            lines.append(trouble)
        record = await self._desk.lifecycle_runs.record(entry.report) if entry.report else None
        if record is not None:
            lines += report_lines(record.report)
        elif not entry.trouble:
            lines.append(tr("Nothing was due."))
        return "\n".join(lines)
