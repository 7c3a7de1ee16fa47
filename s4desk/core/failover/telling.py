"""Telling of groups that are shown as something else now: seldom enough to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.tasks import TaskScope

TELL_S: Final = 0.25
"""So often at most it is looked what requests have changed."""


@dataclass(slots=True)
class _Told:
    """What was shown of a group, and until when nobody looks again."""

    shown: object = None
    until: float = float("-inf")
    is_due: bool = False


class Telling:
    """Compares what is shown of a group with what was, and tells only of what is another."""

    def __init__(
        self,
        shown: Callable[[ConnectionId], object],
        changed: Callable[[ConnectionId], None],
        clock: Clock,
        tasks: TaskScope,
    ) -> None:
        """`shown` is None for what is no group; `tasks` are ended by whoever has made them."""
        self._shown = shown
        self._changed = changed
        self._clock = clock
        self._tasks = tasks
        self._told: dict[ConnectionId, _Told] = {}

    def soon(self, group: ConnectionId) -> None:
        """A request was served: look once for all that come within TELL_S seconds, the first of
        them apart."""
        told = self._of(group)
        if told.is_due:
            return
        left_s = told.until - self._clock.monotonic()
        if left_s <= 0:
            self.now(group)
        else:
            told.is_due = True
            self._tasks.start(self._later(group, left_s))

    def now(self, group: ConnectionId) -> None:
        """A person did something, who waits to see it."""
        told, shown = self._of(group), self._shown(group)
        told.until = self._clock.monotonic() + TELL_S
        if shown is not None and shown != told.shown:
            told.shown = shown
            self._changed(group)

    async def _later(self, group: ConnectionId, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._of(group).is_due = False
        self.now(group)

    def _of(self, group: ConnectionId) -> _Told:
        return self._told.setdefault(group, _Told())
