"""A listing that the test lets answer, and the turns of the loop in between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QIcon

from s4desk.core.domain.errors import UnavailableError
from s4desk.viewmodels.pager import Pager
from tests.viewmodels.listings import TOP, pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.core.runtime.tasks import TaskScope

CUT = UnavailableError("cut")


def no_icons(_name: str) -> QIcon:
    return QIcon()


class FakeListing:
    """Answers calls with `answers` in turn, errors raised; waits while the gate is closed."""

    def __init__(self, answers: Iterable[Page | Exception]) -> None:
        self.answers = list(answers)
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[tuple[str | None, str]] = []
        self.cancelled = 0

    async def __call__(self, prefix: Prefix, **query: Any) -> Page:
        self.asked.append((query["token"], query["start_after"]))
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pager(self, prefix: Prefix = TOP, scope: TaskScope | None = None) -> Pager:
        return Pager(self, prefix, scope=scope)


def listing(*counts: int | Exception, prefix: Prefix = TOP) -> FakeListing:
    """Pages of so many objects; an exception in between is raised once."""
    made = pages(*(count for count in counts if isinstance(count, int)), prefix=prefix)
    return FakeListing([next(made) if isinstance(count, int) else count for count in counts])


async def settle(until: Callable[[], bool] | None = None, turns: int = 40) -> None:
    """Let coroutines run until nothing is left to do, or until `until` is true."""
    if until is None:
        for _ in range(turns):
            await asyncio.sleep(0)
        return
    async with asyncio.timeout(5):
        while not until():  # noqa: ASYNC110 (no event tells when a model has settled)
            await asyncio.sleep(0)
