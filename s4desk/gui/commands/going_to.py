"""Going where somebody typed to: a folder, an object in its folder, or a web address of one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.addresses import place_of_url
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.sources import Sources
    from s4desk.gui.views.path_bar import PathBar

PATIENCE_S: Final = 5.0
"""How long a store may take to say whether a name is that of an object."""


class GoingTo:
    """A name without a slash at its end may be a folder's or an object's: the store is asked.

    Where it does not answer, or refuses, the folder is shown, and there is said what is wrong.
    """

    def __init__(
        self, desk: Desk, sources: Sources, browsing: Browsing, path_bar: PathBar, tasks: GuiTasks
    ) -> None:
        self._desk = desk
        self._sources = sources
        self._browsing = browsing
        self._path_bar = path_bar
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None

    def go_to(self, connection_name: str, prefix: Prefix | None) -> None:
        """A name that leads nowhere is said beside the typing."""
        self._cancel()
        connection = self._browsing.connection
        if connection_name:
            connection = self._desk.connections.by_name(connection_name)
        if connection is None or prefix is None or prefix.prefix == prefix.folder.prefix:
            self._browsing.go_to(connection_name, prefix)
        else:
            self._task = self._tasks.start(self._look(connection, prefix, self._browsing.place))

    def go_to_address(self, url: str) -> None:
        """Go to what a web address of a known store leads to."""
        self._cancel()
        here = self._browsing.connection
        others = [each for each in self._desk.connections.all() if each != here]
        found = place_of_url(url, [here, *others] if here is not None else others)
        if found is None:
            host = urlsplit(url).netloc.rpartition("@")[2]
            sentence = tr("No connection leads to {host}: add one, or type NAME:bucket/folder.")
            self._path_bar.say(sentence.format(host=host))
            return
        connection, prefix = found
        self.go_to(connection.name, prefix)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _look(self, connection: Connection, prefix: Prefix, before: Place | None) -> None:
        """Nobody is moved who went elsewhere while the store was asked."""
        location = Location(prefix.bucket, prefix.prefix)
        is_object = False
        with suppress(S4DeskError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                is_object = await self._sources.has_object(connection.id, location)
        if self._browsing.place != before:
            return
        if not is_object:
            self._browsing.go_to(connection.name, prefix)
            return
        self._browsing.go_to_entry(Place(connection.id, location.parent), location)
