"""Names to choose from while a place is typed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.viewmodels.completion import Beginning, beginning_of, completions

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.sources import Sources
    from s4desk.gui.views.path_bar import PathBar

PAUSE_S: Final = 0.12
"""Between two letters nobody waits for an answer, and no store is asked."""


class Completing:
    """Asks the store for what goes on as typed; the answer to older letters is dropped.

    A store that refuses or fails offers nothing: what is wrong is said when the place is opened.
    Nor does one whose secrets are locked: nobody is asked for a passphrase in the middle of a word.
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

    def stop(self) -> None:
        """Nobody types any more: nothing is asked of the store, or of a person for its sake."""
        if self._task is not None:
            self._task.cancel()

    def typed(self, text: str) -> None:
        """What stands in the line now."""
        self.stop()
        self._task = self._tasks.start(self._complete(beginning_of(text)))

    async def _complete(self, beginning: Beginning) -> None:
        await asyncio.sleep(PAUSE_S)
        offered = []
        if beginning.may_be_connection:
            names = [f"{connection.name}:" for connection in self._desk.connections.all()]
            offered += completions(beginning, names)
        connection = self._connection(beginning)
        if connection is not None:
            with suppress(S4DeskError):
                if not await self._desk.secrets.wants_passphrase(connection.id):
                    offered += completions(beginning, await self._names(connection, beginning))
        self._path_bar.offer(offered)

    def _connection(self, beginning: Beginning) -> Connection | None:
        if beginning.connection:
            return self._desk.connections.by_name(beginning.connection)
        return self._browsing.connection

    async def _names(self, connection: Connection, beginning: Beginning) -> list[str]:
        wanted, folder = beginning.wanted, beginning.folder
        if wanted is None or folder is None:
            buckets = await self._sources.list_buckets(connection.id)
            return [f"{bucket.name}/" for bucket in buckets]
        page = await self._sources.pager_source(connection.id)(wanted).next_page()
        skip = len(folder.prefix)
        return [found[skip:] for found in (*page.folders, *page.keys) if found[skip:]]
