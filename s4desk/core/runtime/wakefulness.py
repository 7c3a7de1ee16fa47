"""Keeping the computer awake while something moves, where the system offers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from s4desk.core.runtime.clock import Clock

BEGIN_AFTER_S: Final = 2.0
"""What is over sooner is not worth a process."""

LINGER_S: Final = 5.0
TRANSFERS: Final = "transfers"


class Inhibitor(Protocol):
    """Keeps the system awake between `begin` and `end`. Both may block a moment; neither raises."""

    def begin(self) -> None: ...

    def end(self) -> None: ...


class Wakefulness:
    """Holds an inhibitor while something moves and it `is_allowed`.

    It lets go a little later, so that a row of short transfers is one hold. `find` looks, in a
    thread, for what the system offers; None is nothing.
    """

    def __init__(
        self, find: Callable[[], Inhibitor | None], clock: Clock, is_allowed: Callable[[], bool]
    ) -> None:
        self._find = find
        self._inhibitor: Inhibitor | None = None
        self._clock = clock
        self._is_allowed = is_allowed
        self._tasks = TaskScope("wakefulness")
        self._busy: set[Hashable] = set()
        self._is_held = False
        self._is_following = False

    def show(self, is_busy: bool, who: Hashable = TRANSFERS) -> None:
        """Something moves, or nothing of `who` does any more."""
        (self._busy.add if is_busy else self._busy.discard)(who)
        self.look()

    def look(self) -> None:
        """What is allowed may have changed."""
        if not self._is_following and self._is_wrong:
            self._is_following = True
            self._tasks.start(self._follow())

    async def aclose(self) -> None:
        """Let go."""
        await self._tasks.aclose()
        self._is_held = False
        await in_thread(self._end)

    @property
    def is_busy(self) -> bool:
        """Whether anybody wants the computer to stay awake."""
        return bool(self._busy)

    @property
    def _is_wrong(self) -> bool:
        return self._is_held is not (self.is_busy and self._is_allowed())

    async def _follow(self) -> None:
        try:
            while self._is_wrong:
                await self._clock.sleep(LINGER_S if self._is_held else BEGIN_AFTER_S)
                if self._is_wrong:
                    self._is_held = not self._is_held
                    await in_thread(self._begin if self._is_held else self._end)
        finally:
            self._is_following = False

    def _begin(self) -> None:
        self._inhibitor = self._find()
        if self._inhibitor is not None:
            self._inhibitor.begin()

    def _end(self) -> None:
        if self._inhibitor is not None:
            self._inhibitor.end()
