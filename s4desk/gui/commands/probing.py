"""What a store can do: shown, found out by a probe, and copied."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from s4desk.core.domain.capability import CapabilityReport
from s4desk.core.domain.errors import S4DeskError, ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.capabilities import CapabilitiesDialog
from s4desk.viewmodels.capability_text import as_text, parse_place, place_text, records

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.models.cells import Icons


class Probing:
    """Opens the table of one connection at a time."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, browsing: Browsing, icons: Icons, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._browsing = browsing
        self._icons = icons
        self._window = window
        self._told: Callable[[], None] = lambda: None

    def let_tell(self, told: Callable[[], None]) -> None:
        """`told` is called when more is known of a store."""
        self._told = told

    async def show(self, connection: ConnectionId) -> None:
        """Show what is known of a store, and probe it as long as the dialog is open.

        Of a group that of its first member, which is probed by its own connection: raises
        HomeDownError while somebody pretends that it is down.
        """
        self._desk.groups.refuse_in_drill(connection)
        connection, _ = self._desk.home_of(connection, "")
        found = self._desk.connections.get(connection)
        if found is None:
            return
        dialog = CapabilitiesDialog(found, self._suggested(found), self._icons, self._window)
        view = _View(self._desk, self._tasks, dialog, found, self._told)
        try:
            await accepted(dialog)
        finally:
            view.close()

    def _suggested(self, connection: Connection) -> str:
        """Where the person is, or where the connection starts."""
        place = self._browsing.place
        if place is not None and place.connection == connection.id and place.prefix is not None:
            return place_text(place.prefix)
        return place_text(connection.start) if connection.start is not None else ""


class _View:
    """One dialog, from its opening to its end. A probe that is stopped cleans up after that."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        dialog: CapabilitiesDialog,
        connection: Connection,
        told: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._dialog = dialog
        self._connection = connection
        self._told = told
        self._is_closed = False
        self._report = CapabilityReport()
        self._running: asyncio.Task[None] | None = None
        dialog.probe_asked.connect(self._probe)
        dialog.stop_asked.connect(self._stop)
        dialog.text_asked.connect(lambda: _copy(as_text(connection, self._report)))
        dialog.json_asked.connect(lambda: _copy(self._as_json()))
        self._looking = tasks.start(self._look())

    def close(self) -> None:
        self._is_closed = True
        self._looking.cancel()
        if self._running is not None:
            self._running.cancel()

    def _stop(self) -> None:
        if self._running is not None:
            self._dialog.show_stopping()
            self._running.cancel()

    def _probe(self, place: str, is_read_only: bool) -> None:
        self._looking.cancel()
        self._running = self._tasks.start(self._run(place, is_read_only=is_read_only))

    async def _look(self) -> None:
        """Show what is known, and say when it is of another version than what answers now."""
        stores, connection = self._desk.stores, self._connection.id
        try:
            await stores.get(connection)
            report = stores.report(connection)
            if report is None:
                return
            self._show(report)
            if report.at is not None and await stores.server_version(connection) != report.server:
                self._dialog.say(tr("Another version answers by now: probe it again."))
        except (S4DeskError, OSError) as error:
            self._dialog.fail(error)

    async def _run(self, place: str, *, is_read_only: bool) -> None:
        dialog = self._dialog
        try:
            where = parse_place(place)
        except ValidationError as error:
            dialog.fail(str(error))
            return
        dialog.set_busy(True)
        try:
            report = await self._desk.stores.probe(
                self._connection.id, where, is_read_only=is_read_only, told=self._progress
            )
        except (S4DeskError, OSError) as error:
            self._end(error)
        except asyncio.CancelledError:
            self._end(tr("Stopped. Nothing was left behind."))
            raise
        else:
            self._end("")
            self._show(report)
            self._told()

    def _progress(self, done: int, of: int) -> None:
        if not self._is_closed:
            self._dialog.show_progress(done, of)

    def _end(self, end: BaseException | str) -> None:
        """With an error, a remark, or nothing to say."""
        if self._is_closed:
            return
        self._dialog.set_busy(False)
        if isinstance(end, str):
            self._dialog.say(end)
        else:
            self._dialog.fail(end)

    def _show(self, report: CapabilityReport) -> None:
        self._report = report
        if not self._is_closed:
            self._dialog.show_report(report)

    def _as_json(self) -> str:
        return "".join(f"{json.dumps(each)}\n" for each in records(self._connection, self._report))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
