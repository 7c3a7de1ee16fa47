"""Looking at what lifecycle rules will do to a bucket, and showing it meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.lifecycle.inventory_database import has_database, missing_text
from s4desk.core.lifecycle.inventory_reports import reports_of
from s4desk.core.lifecycle.question import Engine
from s4desk.core.runtime.i18n import tr
from s4desk.gui.commands.lifecycle_view import LifecycleView
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.files import choose_files
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.viewmodels.lifecycle_inventory_text import file_filters
from s4desk.viewmodels.lifecycle_report_form import ReportForm
from s4desk.viewmodels.lifecycle_subject import RulesOf, place_text, rules_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.inventory_reports import WrittenReport
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.events import ObjectsChanged
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
        self._views: list[LifecycleView] = []

    async def show(
        self,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None = None,
        parent: QWidget | None = None,
        *,
        source: RulesOf = RulesOf.SAVED,
        unclear: str = "",
    ) -> None:
        """Look at a bucket, or a folder in it: by the rules it has, or by others from `source`.
        `unclear` is why nobody acts on those. Of a group it is its first member."""
        dialog = LifecyclePreviewDialog(
            self._title(connection, place), rules_text(source), parent or self._window
        )
        view = self._view(dialog, connection, place, lifecycle, source)
        dialog.schedule_asked.connect(
            lambda: self._tasks.start(
                self._schedule(connection, place.bucket, dialog, is_edited=source is RulesOf.EDITED)
            )
        )
        dialog.apply_asked.connect(
            lambda: (
                dialog.outcome.say(unclear, is_error=True)
                if unclear
                else self._apply(view, dialog, connection, place, source)
            )
        )
        await self._showing(view, dialog, connection, place)

    async def look_ahead(
        self,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None,
        parent: QWidget,
    ) -> None:
        """Look at what s4desk itself would do, and nothing else: by the rules the bucket has, or
        by those that are kept here."""
        source = RulesOf.SAVED if lifecycle is None else RulesOf.KEPT
        dialog = LifecyclePreviewDialog(
            *(self._title(connection, place), rules_text(source), parent),
            engine=Engine.FIRST_MATCH,
            is_for_looking=True,
        )
        view = self._view(dialog, connection, place, lifecycle, source)
        await self._showing(view, dialog, connection, place)

    def objects_changed(self, event: ObjectsChanged) -> None:
        """What is shown of its bucket may not be so any more."""
        for view in self._views:
            view.objects_changed(event)

    def _title(self, connection: ConnectionId, place: Prefix) -> str:
        home, bucket = self._desk.home_of(connection, place.bucket)
        name = self._desk.connections.name_of(home)
        title = tr("What Lifecycle Rules Will Do: {place}")
        return title.format(place=place_text(name, replace(place, bucket=bucket)))

    def _view(
        self,
        dialog: LifecyclePreviewDialog,
        connection: ConnectionId,
        place: Prefix,
        lifecycle: Lifecycle | None,
        source: RulesOf,
    ) -> LifecycleView:
        around = (self._desk, self._tasks, self._clock)
        return LifecycleView(*around, dialog, connection, place, lifecycle, source)

    async def _showing(
        self,
        view: LifecycleView,
        dialog: LifecyclePreviewDialog,
        connection: ConnectionId,
        place: Prefix,
    ) -> None:
        """Until it is closed, or goes with the window that it belongs to."""
        ended = asyncio.Event()
        dialog.finished.connect(lambda _: ended.set())
        dialog.destroyed.connect(ended.set)
        self._views.append(view)
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
            self._views.remove(view)
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
        source: RulesOf,
    ) -> None:
        if (rules := view.lifecycle) is not None:
            # Beside the preview, not of it: closing that one stops nothing.
            above = dialog.parentWidget()
            showing = self._applying.show(connection, place.bucket, rules, source, above)
            self._tasks.start(showing)

    async def _schedule(
        self,
        connection: ConnectionId,
        bucket: str,
        dialog: LifecyclePreviewDialog,
        *,
        is_edited: bool,
    ) -> None:
        try:
            await self._scheduling.ask(connection, bucket, dialog, is_edited=is_edited)
        except S4DeskError as error:
            if isValid(dialog):  # else it was closed meanwhile
                dialog.outcome.fail(error)

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
        _, there = self._desk.home_of(connection, bucket)
        above.outcome.say(tr("Looking for reports of the bucket…"))
        reports: Sequence[WrittenReport] = ()
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                reports = await reports_of(await self._desk.home_store(connection), there)
        above.outcome.say("")
        form = ReportForm(reports, connections.by_name)

        async def look() -> None:
            named, location = form.result()
            store = await (
                stores.get(named.id) if named is not None else self._desk.home_store(connection)
            )
            await store.head(location)
            view.look_at([(store, location)])

        dialog = FormDialog(form, tr("Look at It"), above)
        await is_done(dialog, tr("Looking for the report…"), look)


def _obstacle(place: Prefix) -> str:
    """Why no report can be looked at."""
    if place.prefix:
        return tr("A report is of a whole bucket: open that.")
    return "" if has_database() else missing_text()
