"""A sum of a whole object whose parts come in any order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import add_to_sum

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.parts import Part, PartPlan
    from s4desk.core.transfer.files import Total
    from s4desk.core.wire.body import Source

AHEAD = 16
"""How many parts may wait in memory for their turn."""


class OrderedSum:
    """Takes parts into a sum that cannot be joined, such as an MD5, each when its turn comes.

    Parts that need not be moved, because they are at the target, are fetched by `recall` then.
    """

    def __init__(
        self, total: Total, plan: PartPlan, recall: Callable[[Part], Awaitable[Source]]
    ) -> None:
        self._total = total
        self._plan = plan
        self._recall = recall
        self._absent: set[int] = set()
        self._arrived: dict[int, Source] = {}
        self._next = 1
        self._turn = asyncio.Condition()

    def is_absent(self, number: int) -> None:
        """This part is not going to arrive: it is at the target already."""
        self._absent.add(number)

    async def room(self, number: int) -> None:
        """Wait until a part is not too far ahead of the others.

        Whoever waits must hold nothing that those need.
        """
        async with self._turn:
            await self._advance()
            await self._turn.wait_for(lambda: number - self._next < AHEAD)

    async def add(self, number: int, part: Source) -> None:
        """Take a part that arrived."""
        self._arrived[number] = part
        async with self._turn:
            await self._advance()

    async def all_taken(self) -> None:
        """Take the rest; nothing is to come any more."""
        async with self._turn:
            await self._advance()
        if self._next <= self._plan.count:
            raise ValueError(f"part {self._next} never came")

    async def _advance(self) -> None:
        while self._next <= self._plan.count:
            part = self._plan.part(self._next)
            source = self._arrived.pop(part.number, None)
            if source is None:
                if part.number not in self._absent:
                    return
                source = await self._recall(part)
            await in_thread(add_to_sum, self._total, source, part.span)
            self._next += 1
            self._turn.notify_all()
