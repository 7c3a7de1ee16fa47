"""What HEAD tells of the objects on the screen: a few are asked for at a time, and kept a while."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.lock_shelf import LockKey

AT_ONCE: Final = 4
MOST: Final = 5_000
LIFE_S: Final = 60.0
PATIENCE: Final = 3
"""After so many failures in a row nothing is asked until something else is looked at."""


class SeenHeads:
    """One HEAD for each row that is wanted. What leaves the screen is asked no further; nobody is
    told of failures."""

    def __init__(self, desk: Desk, tasks: GuiTasks, clock: Clock, told: Callable[[], None]) -> None:
        """`told` hears that one more is known."""
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._told = told
        self._known: OrderedDict[LockKey, tuple[ObjectMeta, float]] = OrderedDict()
        self._running: dict[LockKey, asyncio.Task[None]] = {}
        self._waiting: list[LockKey] = []
        self._failures = 0

    def get(self, key: LockKey) -> ObjectMeta | None:
        """What was told, if it was asked for by now."""
        found = self._known.get(key)
        return None if found is None else found[0]

    def want(self, keys: Sequence[LockKey]) -> None:
        """These are on the screen now, and no others."""
        for key, task in self._running.items():
            if key not in keys:
                task.cancel()
        now = self._clock.monotonic()
        self._waiting = [key for key in keys if not self._is_fresh(key, now)]
        self._failures = 0
        self._go_on()

    def forget(self) -> None:
        """What was asked may be another by now."""
        self._known.clear()

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
        self._known.pop(key, None)
        self._known[key] = meta, self._clock.monotonic()
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        self._told()
