"""Whether the one object that is selected may leave its place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import LockedError, StoreError
from s4desk.core.domain.identity import Location
from s4desk.core.store.protocol import ConfigKind
from s4desk.core.transfer.moving import refuse_locked
from s4desk.viewmodels.error_text import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks

SETTLED_S = 0.25
"""A selection that runs along with the arrow keys asks nothing."""


class LockLook:
    """Asks once per bucket for Object Lock, and there once per selection for the object's lock.

    What cannot be found out forbids nothing: the move itself looks again before it begins.
    """

    def __init__(
        self, desk: Desk, tasks: GuiTasks, clock: Clock, told: Callable[[str], None]
    ) -> None:
        """`told` gets the reason why the selection has to stay, empty when it need not."""
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._told = told
        self._looking: asyncio.Task[None] | None = None
        self._is_locking: dict[tuple[ConnectionId, str], bool] = {}

    def look(self, connection: ConnectionId | None, entry: object) -> None:
        """The selection is another one now; `entry` is the one thing in it, if it is one."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._told("")
        if connection is not None and isinstance(entry, Location):
            self._looking = self._tasks.start(self._look(connection, entry))

    async def _look(self, connection: ConnectionId, location: Location) -> None:
        await asyncio.sleep(SETTLED_S)
        try:
            if await self._locks(connection, location.bucket):
                store = await self._desk.stores.get(connection)
                refuse_locked(await store.head(location), self._clock.now())
        except LockedError as error:
            self._told(describe(error))
        except StoreError:
            return

    async def _locks(self, connection: ConnectionId, bucket: str) -> bool:
        """Whether a bucket has Object Lock: that stays as it is for all its life."""
        known = self._is_locking.get((connection, bucket))
        if known is None:
            store = await self._desk.stores.get(connection)
            report = self._desk.stores.report(connection)
            if report is not None and Capability.OBJECT_LOCK in report.lacks:
                return False
            try:
                known = await store.get_config(bucket, ConfigKind.OBJECT_LOCK) is not None
            except StoreError as error:
                if error.retryable:
                    raise
                known = False
            self._is_locking[connection, bucket] = known
        return known
