"""How far restores are: asked for the archived objects on the screen, and kept for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.archive import ARCHIVES, archive_state
from s4desk.gui.commands.seen_heads import SeenHeads
from s4desk.gui.views.seen_rows import SeenRows
from s4desk.viewmodels.archive_text import archive_label, archive_text
from s4desk.viewmodels.lock_shelf import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.viewmodels.lock_shelf import LockKey


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
        self._clock = clock
        self._browsing = browsing
        self._heads = SeenHeads(desk, tasks, clock, pane.browsers.show_badges)
        pane.browsers.let_tell(self.told)
        self._seen = [SeenRows(view) for view in pane.browsers.all]
        for seen in self._seen:
            seen.settled.connect(self.look)

    def told(self, meta: ObjectMeta) -> tuple[str, str] | None:
        """What stands in the cell of a class, and what it means, if that is known by now."""
        connection = self._browsing.connection
        if connection is None:
            return None
        # AWS tells of each restore in its listings, and nothing of what is in none.
        told = meta if connection.is_aws else self._heads.get(key_of(connection.id, meta))
        if told is None:
            return None
        state, now = archive_state(told.storage_class, told.headers), self._clock.now()
        return archive_label(meta.storage_class, state, now), archive_text(state, now)

    def look(self, metas: Sequence[ObjectMeta]) -> None:
        """These objects are on the screen now, and no others."""
        connection = self._browsing.connection
        keys: list[LockKey] = []
        if connection is not None and not connection.is_aws:
            keys = [key_of(connection.id, meta) for meta in metas if meta.storage_class in ARCHIVES]
        self._heads.want(keys)

    def forget(self) -> None:
        """What was asked may be another by now."""
        self._heads.forget()
        for seen in self._seen:
            seen.look_again()

    def close(self) -> None:
        """Begin nothing more."""
        self._heads.want([])
        for seen in self._seen:
            seen.settled.disconnect(self.look)
