"""The log: shown, narrowed, and followed while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.log_file import LogFile
from s4desk.core.runtime.threads import in_thread
from s4desk.gui.dialogs.log import LogDialog

if TYPE_CHECKING:
    import asyncio

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.log_rows import LogQuery

LOOK_EVERY_S = 0.5


class LogReading:
    """One window with the log, read and searched in threads. Nothing runs while it is closed."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, notices: Notices, icons: Icons, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._icons = icons
        self._window = window
        self._clock: Clock = SystemClock()
        self._dialog: LogDialog | None = None
        self._query: LogQuery | None = None
        self._file = LogFile(desk.folders.logs)
        self._following: asyncio.Task[None] | None = None

    def show(self) -> None:
        """Open the log, or bring it to the front."""
        if self._dialog is None:
            dialog = self._dialog = LogDialog(self._icons, self._window)
            dialog.asked.connect(lambda: self._tasks.start(self._narrow(dialog)))
            dialog.follow_asked.connect(self._follow)
            dialog.folder_asked.connect(self._open_folder)
            dialog.finished.connect(self._closed)
            self._file = LogFile(self._desk.folders.logs)
            self._follow()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _closed(self) -> None:
        self._stop()
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = self._query = None

    def _stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None

    def _follow(self) -> None:
        if self._dialog is not None and self._following is None:
            self._following = self._tasks.start(self._read(self._dialog))

    async def _read(self, dialog: LogDialog) -> None:
        """Read what there is, and on as long as that is wanted."""
        try:
            while True:
                if records := await in_thread(self._file.read):
                    dialog.model.add(records)
                if not dialog.follow.isChecked():
                    break
                await self._clock.sleep(LOOK_EVERY_S)
        except S4DeskError as error:
            dialog.outcome.fail(error)
        finally:
            if dialog is self._dialog:
                self._following = None

    async def _narrow(self, dialog: LogDialog) -> None:
        """Show what fits what is asked now; an answer that comes too late is dropped."""
        query = self._query = dialog.query
        while query is self._query:
            records, dropped = list(dialog.model.records), dialog.model.dropped
            rows = await in_thread(query.rows, records)
            if query is self._query and dropped == dialog.model.dropped:
                dialog.model.show(query, rows, len(records))
                return

    def _open_folder(self) -> None:
        self._notices.show_folder(self._desk.folders.logs)
