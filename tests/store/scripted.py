"""Stores and clocks of the tests that do as they are told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from s4desk.core.store.wrapper import StoreWrapper

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeClock:
    """Time that passes only when somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._start = datetime(2026, 11, 20, tzinfo=UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class ScriptedStore(StoreWrapper):
    """Fails as planned before or after the inner store has acted, and waits at a gate.

    `before[operation]` and `after[operation]` are errors to raise, one per request; None lets a
    request through. `half_moved` bytes are reported before a planned failure.
    """

    def __init__(self, inner) -> None:
        super().__init__(inner)
        self.before: dict[str, list[Exception | None]] = defaultdict(list)
        self.after: dict[str, list[Exception | None]] = defaultdict(list)
        self.half_moved = 0
        self.seen: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.inside = 0
        self.most_inside = 0
        self.on_enter: Callable[[], None] = lambda: None

    async def _around(self, request, call, moved=None):
        self.seen.append(request.operation)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.on_enter()
        try:
            await self.open.wait()
            self._fail(self.before[request.operation], moved)
            result = await call(moved)
            self._fail(self.after[request.operation], None)
            return result
        finally:
            self.inside -= 1

    def _fail(self, plan, moved):
        error = plan.pop(0) if plan else None
        if error is None:
            return
        if moved and self.half_moved:
            moved(self.half_moved)
        raise error
