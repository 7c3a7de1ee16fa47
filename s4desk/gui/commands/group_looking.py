"""The window of failover groups: shown again while it is seen, and what is asked in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.group_status import GroupStatusDialog
from s4desk.viewmodels.group_status import checked_text, group_facts, member_rows, month_text
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.service import GroupStatus
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.bridge.ticker import Ticker
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.connecting import Connecting
    from s4desk.gui.commands.group_comparing import GroupComparing

EVERY_S: Final = 1.0
"""A countdown goes by seconds."""


class GroupLooking:
    """One window beside the main one. Nothing is looked at while it cannot be seen."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        ticker: Ticker,
        clock: Clock,
        browsing: Browsing,
        connecting: Connecting,
        comparing: GroupComparing,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._ticker = ticker
        self._clock = clock
        self._browsing = browsing
        self._connecting = connecting
        self._comparing = comparing
        self._window = window
        self._dialog: GroupStatusDialog | None = None
        self._is_seen = self._is_time = False
        self._due = 0.0
        ticker.add(self.frame)

    def show(self, group: ConnectionId | None = None) -> None:
        """Open it, or bring it to the front; `group` is looked at, if it is one."""
        if self._dialog is None:
            dialog = self._dialog = GroupStatusDialog(self._window)
            dialog.shown.connect(self._seen)
            dialog.chosen.connect(self.fit)
            dialog.check_asked.connect(lambda: self._tasks.start(self._check(dialog)))
            dialog.try_asked.connect(lambda: self._tasks.start(self._try(dialog)))
            dialog.drill_asked.connect(self._pretend)
            dialog.edit_asked.connect(lambda: self._tasks.start(self._edit(dialog)))
            dialog.compare_asked.connect(lambda: self._tasks.start(self._compare(dialog)))
            dialog.finished.connect(self._closed)
        self._dialog.show_groups(self._groups())
        if group is not None:
            self._dialog.choose(group)
        self.fit()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def is_group(self, connection: ConnectionId) -> bool:
        found = self._desk.connections.get(connection)
        return found is not None and found.group is not None

    def fit(self) -> None:
        """A group may be another one now."""
        if self._dialog is not None:
            self._show(self._dialog)

    def frame(self) -> bool:
        """Show it again when it is time to, and at the end of a countdown ask who was left alone.
        True while somebody looks."""
        if self._is_seen and self._clock.monotonic() >= self._due:
            self.fit()
            if self._is_time:
                self._tasks.start(self._probe())
        return self._is_seen

    def close(self) -> None:
        """Show nothing more."""
        self._ticker.remove(self.frame)

    # What is asked

    async def look(self, group: ConnectionId) -> GroupStatus | None:
        """Ask every member of a group whether it is there, also those that are left alone."""
        status = await self._desk.groups.look(group)
        self.fit()
        return status

    async def _probe(self) -> None:
        group = None if self._dialog is None else self._dialog.group
        if group is not None:
            await self._desk.groups.probe(group)
            self.fit()

    async def _check(self, dialog: GroupStatusDialog) -> None:
        group = dialog.group if isValid(dialog) else None
        if group is None:
            return
        dialog.set_busy(True)
        dialog.outcome.say(tr("Asking the members…"))
        try:
            status = await self.look(group)
        finally:
            if isValid(dialog):  # else it was closed meanwhile
                dialog.set_busy(False)
                dialog.outcome.say("")
        if status is not None and isValid(dialog):
            dialog.outcome.say(checked_text(status))

    async def _try(self, dialog: GroupStatusDialog) -> None:
        if isValid(dialog) and dialog.group is not None and dialog.member is not None:
            self._desk.groups.try_now(dialog.group, dialog.member.id)
            await self._check(dialog)

    def _pretend(self, is_down: bool) -> None:
        dialog = self._dialog
        if dialog is not None and dialog.group is not None and dialog.member is not None:
            self._desk.groups.pretend_down(dialog.group, dialog.member.id, is_down=is_down)
            self.fit()

    async def _edit(self, dialog: GroupStatusDialog) -> None:
        if dialog.group is not None:
            await self._connecting.edit(dialog.group, parent=dialog)
            self.fit()

    async def _compare(self, dialog: GroupStatusDialog) -> None:
        """What is below the place that is shown, if that is in this group."""
        group, place = dialog.group, self._browsing.place
        if group is not None:
            is_here = place is not None and place.connection == group
            shown = place.prefix if place is not None and is_here else None
            await self._comparing.show(group, shown, dialog)

    # What is shown

    def _seen(self, is_seen: bool) -> None:
        self._is_seen = is_seen
        if is_seen:
            self._ticker.wake()

    def _closed(self) -> None:
        self._is_seen = False
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def _groups(self) -> list[tuple[ConnectionId, str]]:
        return [
            (each.id, display_name(each.name))
            for each in self._desk.connections.all()
            if each.group is not None
        ]

    def _show(self, dialog: GroupStatusDialog) -> None:
        self._due = self._clock.monotonic() + EVERY_S
        dialog.show_groups(self._groups())
        status = None if dialog.group is None else self._desk.groups.status(dialog.group)
        self._is_time = status is not None and status.is_probe_due
        if status is None:
            dialog.show_members([])
            dialog.show_facts([], tr("There is no failover group yet: make one first."))
            return
        dialog.show_members(member_rows(status))
        name_of = self._desk.connections.name_of
        dialog.show_facts(group_facts(status, name_of), month_text(status))
