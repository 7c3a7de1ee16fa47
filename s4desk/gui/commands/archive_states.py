"""How far restores are: asked for the archived objects on the screen, and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.archive import ARCHIVES, archive_state
from s4desk.core.domain.errors import S4DeskError
from s4desk.gui.views.seen_rows import SeenRows
from s4desk.viewmodels.archive_text import archive_label, archive_text
from s4desk.viewmodels.lock_shelf import key_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.archive import ArchiveState
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.viewmodels.lock_shelf import LockKey

AT_ONCE: Final = 4
MOST: Final = 5_000
LIFE_S: Final = 60.0
PATIENCE: Final = 3
"""After so many failures in a row nothing is asked until something else is looked at."""


class ArchiveStates:
    """One request for each archived row that is seen, and none for any other, nor where the listing
    has told. What leaves the screen is asked no further; nobody is told of failures: the row says
    its class alone."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        browsing: Browsing,
        pane: ObjectsPane,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._browsing = browsing
        self._pane = pane
        self._known: OrderedDict[LockKey, tuple[ArchiveState, float]] = OrderedDict()
        self._running: dict[LockKey, asyncio.Task[None]] = {}
        self._waiting: list[LockKey] = []
        self._failures = 0
        pane.browsers.let_tell(self.told)
        self._seen = [SeenRows(view) for view in pane.browsers.all]
        for seen in self._seen:
            seen.settled.connect(self.look)

    def told(self, meta: ObjectMeta) -> tuple[str, str] | None:
        """What stands in the cell of a class, and what it means, if that is known by now."""
        connection = self._browsing.connection
        found = None if connection is None else self._known.get(key_of(connection.id, meta))
        if found is None:
            return None
        now = self._clock.now()
        return archive_label(meta.storage_class, found[0], now), archive_text(found[0], now)

    def look(self, metas: Sequence[ObjectMeta]) -> None:
        """These objects are on the screen now, and no others."""
        connection = self._browsing.connection
        keys: list[LockKey] = []
        if connection is not None:
            archived = [meta for meta in metas if meta.storage_class in ARCHIVES]
            keys = [key_of(connection.id, meta) for meta in archived]
            if connection.is_aws:
                # Its listings tell of each restore, and nothing of what is in none.
                self._take(keys, archived)
                return
        for key, task in self._running.items():
            if key not in keys:
                task.cancel()
        now = self._clock.monotonic()
        self._waiting = [key for key in keys if not self._is_fresh(key, now)]
        self._failures = 0
        self._go_on()

    def _take(self, keys: Sequence[LockKey], metas: Sequence[ObjectMeta]) -> None:
        """What a listing has told."""
        now = self._clock.monotonic()
        for key, meta in zip(keys, metas, strict=True):
            self._keep(key, archive_state(meta.storage_class, meta.headers), now)
        self._pane.browsers.show_badges()

    def _keep(self, key: LockKey, state: ArchiveState, now: float) -> None:
        self._known[key] = state, now
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """What was asked may be another by now."""
        self._known.clear()
        for seen in self._seen:
            seen.look_again()

    def close(self) -> None:
        """Begin nothing more."""
        self._waiting = []
        for seen in self._seen:
            seen.settled.disconnect(self.look)

    def _is_fresh(self, key: LockKey, now: float) -> bool:
        found = self._known.get(key)
        return found is not None and now < found[1] + LIFE_S

    def _go_on(self) -> None:
        # Who is being cancelled still holds its place, and may be wanted again.
        while self._waiting and len(self._running) < AT_ONCE and self._failures < PATIENCE:
            key = next((key for key in self._waiting if key not in self._running), None)
            if key is None:
                return
            self._waiting.remove(key)
            task = self._running[key] = self._tasks.start(self._ask(key))
            task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: LockKey, _task: object) -> None:
        del self._running[key]
        self._go_on()

    async def _ask(self, key: LockKey) -> None:
        try:
            store = await self._desk.stores.get(key.connection)
            meta = await store.head(key.location, version=key.version)
        except S4DeskError:
            self._failures += 1
            return
        self._failures = 0
        state = archive_state(meta.storage_class, meta.headers)
        self._keep(key, state, self._clock.monotonic())
        self._pane.browsers.show_badges()
