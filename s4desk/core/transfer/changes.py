"""Telling who shows a prefix that something in it changed: soon, and once for many changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address
from s4desk.core.runtime.events import EventBus, ObjectsChanged
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.runtime.clock import Clock

QUIET_S = 0.5


class ChangeNotes:
    """Collects what was written and publishes ObjectsChanged per prefix, twice a second at most.

    The prefix is the one directly above the object. Folders above it may have come into being
    too: who shows one of them looks whether the prefix begins with theirs.
    """

    def __init__(self, events: EventBus, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._tasks = TaskScope("changes")
        self._noted: dict[tuple[ConnectionId, Prefix], None] = {}
        self._is_due = False

    def note(self, written: Address) -> None:
        self._noted[written.connection, written.location.parent] = None
        if not self._is_due:
            self._is_due = True
            self._tasks.start(self._publish_later())

    def note_ends(self, spec: TransferSpec) -> None:
        """What a transfer has changed: its target, and of a move the source too."""
        for place in (spec.target, spec.source) if spec.removes_source else (spec.target,):
            if isinstance(place, Address):
                self.note(place)

    def publish(self) -> None:
        """Tell now what was noted."""
        noted, self._noted = self._noted, {}
        for connection, prefix in noted:
            self._events.publish(ObjectsChanged(connection, prefix))

    async def aclose(self) -> None:
        await self._tasks.aclose()

    async def _publish_later(self) -> None:
        await self._clock.sleep(QUIET_S)
        self._is_due = False
        self.publish()
