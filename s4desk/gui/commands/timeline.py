"""The timeline of the one object that is selected, as long as the inspector is shown."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location
from s4desk.core.transfer.selection import versions_of
from s4desk.gui.commands.deleting import keeping_in
from s4desk.viewmodels.deletion_text import Keeping
from s4desk.viewmodels.selection import of_version
from s4desk.viewmodels.version_text import VersionDeed

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.runtime.events import ObjectsChanged
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.previewing import Previewing
    from s4desk.gui.commands.transferring import Transferring
    from s4desk.gui.commands.versioning import Versioning
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.gui.views.timeline_panel import TimelinePanel

SETTLED_S = 0.25
"""A selection that runs along with the arrow keys asks nothing."""
MOST: Final = 2000
"""Nobody reads further back than that in a panel."""


class Timeline:
    """One listing for the one object that is selected, none in a bucket without versions."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        browsing: Browsing,
        rows: ObjectsPane,
        panel: TimelinePanel,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._browsing = browsing
        self._rows = rows
        self._panel = panel
        self._subject: tuple[ConnectionId, Location] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._bucket: tuple[ConnectionId, str] | None = None
        self._keeping = Keeping.UNKNOWN

    def let_act(
        self, previewing: Previewing, transferring: Transferring, versioning: Versioning
    ) -> None:
        """Who does what is asked for in a row."""

        def act(deed: VersionDeed, version: ObjectVersion) -> None:
            place = self._browsing.place
            if place is None:
                return
            connection = place.connection
            if deed is VersionDeed.PREVIEW:
                previewing.show(version)
            elif deed is VersionDeed.DOWNLOAD:
                self._tasks.start(transferring.download(connection, of_version(version)))
            elif deed is VersionDeed.RESTORE:
                self._tasks.start(versioning.restore(connection, [version]))
            else:
                self._tasks.start(versioning.delete(connection, [version]))

        self._panel.asked.connect(act)

    def look(self) -> None:
        """The selection is another one, or the inspector is shown now."""
        before, self._subject = self._subject, self._looked_at()
        if self._subject == before and self._panel.isVisible():
            return
        self._stop()
        if self._subject is None or self._subject != before:
            self._panel.show_versions([])
        if self._subject is not None:
            self._reading = self._tasks.start(self._read(*self._subject))

    def objects_changed(self, event: ObjectsChanged) -> None:
        """Something directly under a prefix is another one now."""
        if self._subject is None:
            return
        connection, location = self._subject
        if connection == event.connection and location.key.startswith(event.prefix.prefix):
            self._stop()
            self._reading = self._tasks.start(self._read(connection, location))

    def _looked_at(self) -> tuple[ConnectionId, Location] | None:
        place, inspector = self._browsing.place, self._panel.parentWidget()
        is_hidden = inspector is None or inspector.isHidden()
        if is_hidden or place is None or place.prefix is None or len(self._rows.summary) != 1:
            return None
        only = self._rows.selection().only
        return (place.connection, only) if isinstance(only, Location) else None

    async def _read(self, connection: ConnectionId, location: Location) -> None:
        await asyncio.sleep(SETTLED_S)
        found: list[ObjectVersion] = []
        try:
            store = await self._desk.stores.get(connection)
            if await self._kept(store, connection, location.bucket) is Keeping.NOTHING:
                return
            async with aclosing(versions_of(store, location)) as pages:
                async for page in pages:
                    found += page
                    self._show(found, is_all=False)
                    if len(found) >= MOST:
                        return
        except S4DeskError:
            # What cannot be listed is no part of what is known; the listing itself says why.
            return
        self._show(found, is_all=True)

    async def _kept(self, store: Store, connection: ConnectionId, bucket: str) -> Keeping:
        """Asked once, as long as objects of one bucket are looked at."""
        if self._bucket != (connection, bucket):
            self._keeping = await keeping_in(store, bucket)
            self._bucket = connection, bucket
        return self._keeping

    def _show(self, found: list[ObjectVersion], *, is_all: bool) -> None:
        place = self._browsing.place
        can_change = place is None or place.moment is None
        self._panel.show_versions(list(found), is_all=is_all, can_change=can_change)

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
