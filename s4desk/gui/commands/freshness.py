"""Showing what changed at the store: soon, and not more often than it is worth."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from s4desk.core.runtime.events import BucketsChanged, ObjectsChanged
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.models.connection_tree import ConnectionTreeModel
    from s4desk.gui.views.objects_pane import ObjectsPane

SOON_S = 0.3
ROWS_PER_S = 2000
"""A listing is read again after a rest that grows with it: a thousand rows are one request."""
LONGEST_S = 60.0


class Freshness:
    """Reads the shown listing and the tree again after changes of our own.

    While a large batch runs, a refresh is followed by a rest, in which further changes are only
    noted.
    """

    def __init__(
        self,
        browsing: Browsing,
        tree_model: ConnectionTreeModel,
        pane: ObjectsPane,
        tasks: GuiTasks,
    ) -> None:
        self._browsing = browsing
        self._tree_model = tree_model
        self._pane = pane
        self._tasks = tasks
        self._is_stale = False
        self._places: set[Place] = set()
        self._is_waiting = False

    def objects_changed(self, event: ObjectsChanged) -> None:
        """Objects directly under a prefix were written or deleted."""
        here = self._browsing.place
        if here is not None and here.prefix is not None and here.connection == event.connection:
            # A search takes long, and is what was found at its time.
            is_here = here.prefix.bucket == event.prefix.bucket and here.query is None
            self._is_stale |= is_here and event.prefix.prefix.startswith(here.prefix.prefix)
        self._places.add(Place(event.connection, event.prefix))
        self._refresh_soon()

    def buckets_changed(self, event: BucketsChanged) -> None:
        place = Place(event.connection)
        self._is_stale |= self._browsing.place == place
        self._places.add(place)
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            self._tasks.start(self._refresh())

    async def _refresh(self) -> None:
        try:
            await asyncio.sleep(SOON_S)
            while self._is_stale or self._places:
                if self._pane.status.is_busy:
                    await asyncio.sleep(SOON_S)
                    continue
                self._read_again()
                await asyncio.sleep(min(SOON_S + self._pane.status.loaded / ROWS_PER_S, LONGEST_S))
        finally:
            self._is_waiting = False

    def _read_again(self) -> None:
        is_stale, self._is_stale = self._is_stale, False
        places, self._places = self._places, set()
        if is_stale:
            self._browsing.refresh()
        for place in places:
            self._tree_model.refresh(place)
