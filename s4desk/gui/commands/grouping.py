"""Making and editing failover groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.persist.connections import new_connection_id
from s4desk.core.runtime.i18n import tr
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.viewmodels.group_form import GroupForm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId


class Grouping:
    """A group is kept as any connection is; whoever asks for it here shows it then."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        self._desk = desk
        self._window = window

    async def add(self) -> ConnectionId | None:
        """Ask for a new group; None when a person gave it up."""
        form = GroupForm(new_connection_id(), self._desk.connections.all())

        async def keep() -> None:
            await self._desk.connections.add(form.result())

        dialog = GroupDialog(form, self._window)
        return form.id if await is_done(dialog, tr("Saving…"), keep) else None

    async def edit(self, connection: Connection, parent: QWidget | None = None) -> bool:
        """Ask for changes of a group; whether there were any to keep."""
        kept = self._desk.connections.all()
        form = GroupForm(connection.id, kept, connection.name, connection.group)

        async def keep() -> None:
            await self._desk.connections.edit(form.result())

        dialog = GroupDialog(form, parent or self._window, is_new=False)
        return await is_done(dialog, tr("Saving…"), keep)
