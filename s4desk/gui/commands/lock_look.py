"""Whether what is selected may leave its place, or be hidden where it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import StoreError
from s4desk.viewmodels.lock_shelf import keys_of
from s4desk.viewmodels.lock_text import stays_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.lock_reading import LockReading
    from s4desk.viewmodels.lock_shelf import LockKey
    from s4desk.viewmodels.selection import Selection

SETTLED_S = 0.25
"""A selection that runs along with the arrow keys asks nothing; and badges come first."""
MANY: Final = 1000
"""Of more nobody looks what is known: the act itself asks the store."""


class LockLook:
    """Looks at what is known of the selection, and asks for its only object.

    What cannot be found out forbids nothing: the act itself looks again before it begins.
    """

    def __init__(
        self, reading: LockReading, tasks: GuiTasks, told: Callable[[str, bool], None]
    ) -> None:
        """`told` gets the reason why the selection has to stay, empty when it need not, and
        whether who may bypass governance can delete it for good: versions, one by one."""
        self._reading = reading
        self._tasks = tasks
        self._told = told
        self._looking: asyncio.Task[None] | None = None
        self._chosen: tuple[ConnectionId, Selection] | None = None

    def look(self, connection: ConnectionId | None, choose: Callable[[], Selection]) -> None:
        """The selection is another one now; `choose` makes it, if it is not too large."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._chosen = None
        if connection is not None:
            self._chosen = connection, choose()
        self.look_again()
        key = self._only
        if key is not None and not self._reading.is_fresh(key):
            self._looking = self._tasks.start(self._look(key))

    def look_again(self) -> None:
        """More may be known now."""
        locked = [
            (key.location, lock)
            for key in self._keys()
            if (lock := self._reading.known(key)) is not None and lock.is_locked(self._reading.now)
        ]
        now, is_of_versions = self._reading.now, bool(self._chosen and self._chosen[1].versions)
        can_bypass = is_of_versions and all(lock.can_delete(now, bypass=True) for _, lock in locked)
        self._told(stays_text(locked) if locked else "", can_bypass)

    @property
    def _only(self) -> LockKey | None:
        keys = self._keys()
        first = next(keys, None)
        is_only = self._chosen is not None and len(self._chosen[1]) == 1
        return first if is_only else None

    def _keys(self) -> Iterator[LockKey]:
        if self._chosen is None or len(self._chosen[1]) > MANY:
            return
        connection, chosen = self._chosen
        yield from keys_of(connection, chosen)

    async def _look(self, key: LockKey) -> None:
        await asyncio.sleep(SETTLED_S)
        try:
            if not await self._reading.locks(key.connection, key.location.bucket):
                return
            if not self._reading.is_fresh(key):
                await self._reading.read(key)
        except StoreError:
            return
        self.look_again()
