"""What is said while no place is shown: to choose a connection, or how to come by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from s4desk.core.persist.connections import ConnectionBook
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.importing import Importing
    from s4desk.gui.views.objects_pane import ObjectsPane


class Welcoming:
    """Speaks in place of the rows."""

    def __init__(
        self, book: ConnectionBook, importing: Importing, pane: ObjectsPane, tasks: GuiTasks
    ) -> None:
        self._book = book
        self._importing = importing
        self._pane = pane
        self._tasks = tasks

    def speak(self) -> None:
        """Say what there is to do, as things stand."""
        if self._book.all():
            text = tr("Its buckets are shown here.")
            self._pane.show_message("connection", tr("Choose a connection"), text)
        else:
            self._invite(0)
            self._tasks.start(self._tell_found())

    async def _tell_found(self) -> None:
        """Say how many connections other programs have here, once somebody could do with them."""
        count = await self._importing.count_found()
        if count and not self._book.all():
            self._invite(count)

    def _invite(self, found: int) -> None:
        text = tr("Any S3 store will do: AWS, Ceph, MinIO, Garage, R2, …")
        if found:
            text += "\n" + tr_n(
                "AWS and rclone have {count} connection here that can be imported.",
                "AWS and rclone have {count} connections here that can be imported.",
                found,
            ).format(count=format_count(found))
        new, more = tr("New Connection…"), (Remedy.IMPORT, tr("Import…"))
        self._pane.show_message("connection", tr("Connect to a store"), text, new, more)
