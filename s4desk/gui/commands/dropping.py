"""Objects that fall on a place of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from s4desk.viewmodels.clip import Deed, deed_at
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.group_rows import GroupRows
    from s4desk.gui.commands.lock_guard import LockGuard
    from s4desk.gui.commands.moving import Moving
    from s4desk.viewmodels.clip import Clip


class Dropping(QObject):
    """Judges while the pointer moves, and acts once the drag has ended."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        browsing: Browsing,
        moving: Moving,
        guard: LockGuard,
        rows: GroupRows,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._desk = desk
        self._tasks = tasks
        self._browsing = browsing
        self._moving = moving
        self._guard = guard
        self._rows = rows

    def judge(self, clip: Clip, place: Place, asked: Deed | None) -> Deed | None:
        """What a drop would do; None for what cannot be."""
        is_known = self._desk.connections.get(clip.connection) is not None
        deed = deed_at(clip, place, asked) if is_known else None
        is_kept = deed is Deed.MOVE and self._guard.knows_locked(clip.connection, clip.selection)
        return None if is_kept else deed

    def judge_here(self, clip: Clip, prefix: Prefix, asked: Deed | None) -> Deed | None:
        """The same for a folder of the connection that is shown."""
        here = self._browsing.place
        return None if here is None else self.judge(clip, Place(here.connection, prefix), asked)

    def drop(self, clip: Clip, place: Place, deed: Deed) -> None:
        # A question must not be asked within the event loop of the drag.
        QTimer.singleShot(0, self, lambda: self._tasks.start(self._put(clip, place, deed)))

    def drop_here(self, clip: Clip, prefix: Prefix, deed: Deed) -> None:
        here = self._browsing.place
        if here is not None:
            self.drop(clip, Place(here.connection, prefix), deed)

    async def _put(self, clip: Clip, place: Place, deed: Deed) -> None:
        if deed is not Deed.MOVE or not self._rows.refuses(clip.connection):
            await self._moving.put(clip, place, deed)
