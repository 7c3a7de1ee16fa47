"""Looking at what lifecycle rules will do to a bucket, and showing it meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.errors import StoreError
from s4desk.core.lifecycle.inventory_database import has_database, missing_text
from s4desk.core.lifecycle.inventory_reports import reports_of
from s4desk.core.runtime.i18n import tr
from s4desk.gui.commands.lifecycle_view import LifecycleView
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.files import choose_files
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.viewmodels.lifecycle_inventory_text import file_filters
from s4desk.viewmodels.lifecycle_report_form import ReportForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.inventory_reports import WrittenReport
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.lifecycle_applying import LifecycleApplying
    from s4desk.gui.commands.lifecycle_scheduling import LifecycleScheduling

PATIENCE_S: Final = 15.0
"""Where a store takes longer to say which reports there are, one is named."""


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
        self._folder = ""

    async def show(
        self,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Look at a bucket, or a folder in it: by the rules it has, or by others."""
        title = tr("What Lifecycle Rules Will Do: {place}").format(place=place)
        whose = tr("Rules as saved.") if lifecycle is None else tr("Rules as edited, not saved.")
        dialog = LifecyclePreviewDialog(title, whose, parent or self._window)
        ended = asyncio.Event()
        dialog.finished.connect(lambda _: ended.set())
        view = LifecycleView(
            self._desk, self._tasks, self._clock, dialog, connection, place, lifecycle
        )
        dialog.schedule_asked.connect(
            lambda: self._tasks.start(self._scheduling.ask(connection, place.bucket, dialog))
        )
        dialog.apply_asked.connect(lambda: self._apply(view, dialog, connection, place))
        dialog.source.let_reports(_obstacle(place))
        dialog.source.files_asked.connect(lambda: view.start(self._choose_files(view, dialog)))
        dialog.source.place_asked.connect(
            lambda: view.start(self._choose_place(view, dialog, connection, place.bucket))
        )
        dialog.source.bucket_asked.connect(lambda: view.look_at(()))
        dialog.show()
        try:
            await ended.wait()
        finally:
            view.leave()
            if isValid(dialog):  # else it has gone with the window
                dialog.close()
                dialog.deleteLater()

    def _apply(
        self,
        view: LifecycleView,
        dialog: LifecyclePreviewDialog,
        connection: ConnectionId,
        place: Prefix,
    ) -> None:
        if view.lifecycle is not None:
            # Beside the preview, not of it: closing that one stops nothing.
            above = dialog.parentWidget()
            self._tasks.start(self._applying.show(connection, place.bucket, view.lifecycle, above))

    async def _choose_files(self, view: LifecycleView, dialog: LifecyclePreviewDialog) -> None:
        paths = await choose_files(
            tr("Inventory Report"),
            self._folder,
            dialog,
            accept_text=tr("Look at It"),
            filters=file_filters(),
        )
        if paths:
            self._folder = str(paths[0].parent)
            view.look_at(paths)

    async def _choose_place(
        self,
        view: LifecycleView,
        above: LifecyclePreviewDialog,
        connection: ConnectionId,
        bucket: str,
    ) -> None:
        """Those that the store has written are offered; where it does not tell, one is named."""
        connections, stores = self._desk.connections, self._desk.stores
        above.outcome.say(tr("Looking for reports of the bucket…"))
        reports: Sequence[WrittenReport] = ()
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                reports = await reports_of(await stores.get(connection), bucket)
        above.outcome.say("")
        form = ReportForm(reports, connections.by_name)

        async def look() -> None:
            named, location = form.result()
            store = await stores.get(named.id if named is not None else connection)
            await store.head(location)
            view.look_at([(store, location)])

        dialog = FormDialog(form, tr("Look at It"), above)
        await is_done(dialog, tr("Looking for the report…"), look)


def _obstacle(place: Prefix) -> str:
    """Why no report can be looked at."""
    if place.prefix:
        return tr("A report is of a whole bucket: open that.")
    return "" if has_database() else missing_text()
