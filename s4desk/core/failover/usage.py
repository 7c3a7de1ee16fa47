"""What backends were used for this month, and what they may still be used for."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.failover import NO_LIMITS, UsageLimits
from s4desk.core.failover.errors import UsageLimitSkip
from s4desk.core.runtime.threads import settled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests, and bytes out of a backend and into it."""

    requests: int = 0
    egress: int = 0
    ingress: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.egress + other.egress,
            self.ingress + other.ingress,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.requests - other.requests,
            self.egress - other.egress,
            self.ingress - other.ingress,
        )

    def exceeds(self, limits: UsageLimits) -> str:
        """Which limit it is beyond, "" for none: requests, egress or ingress."""
        for name in ("requests", "egress", "ingress"):
            most = getattr(limits, name)
            if most and getattr(self, name) > most:
                return name
        return ""


NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class UsageLoss:
    """What was counted of a month before `at` (UTC) is lost, and so limits begin anew: the file was
    damaged, and lies at `aside`. `is_news` if this process has found that out."""

    at: datetime
    aside: str
    is_news: bool = False


class UsageShelf(Protocol):
    """Where usage is kept over restarts; several processes may add to it."""

    @property
    def lost(self) -> UsageLoss | None:
        """What is not counted of the month to which was added last."""

    async def add(
        self, group: ConnectionId, month: str, used: Mapping[ConnectionId, Usage]
    ) -> Mapping[ConnectionId, Usage]:
        """Add what was used since the last time; returns all that is kept of the month. Raises
        S4DeskError."""


class UsageMeter:
    """Counts for the backends of one group, by months of UTC. Threads may count.

    What is under way counts as what it wanted, until it is known what it used.
    """

    def __init__(self, group: ConnectionId, clock: Clock) -> None:
        self._group = group
        self._clock = clock
        self._lock = threading.Lock()
        now = clock.now()
        self._turned = now.year, now.month
        self._month = _month_of(now)
        self._kept: dict[ConnectionId, Usage] = {}
        self._fresh: dict[ConnectionId, Usage] = {}
        self._on_the_way: dict[ConnectionId, Usage] = {}
        self._promised: dict[ConnectionId, Usage] = {}
        self._keeping = asyncio.Lock()

    @property
    def has_news(self) -> bool:
        """Whether there is something to put down."""
        return bool(self._fresh)

    @property
    def month(self) -> str:
        with self._lock:
            self._turn()
            return self._month

    def of(self, backend: ConnectionId) -> Usage:
        """All of this month."""
        with self._lock:
            self._turn()
            return self._of(backend)

    def admit(self, backend: ConnectionId, limits: UsageLimits, wanted: Usage) -> Usage:
        """What is promised, to be given back to `count`. Raises UsageLimitSkip for what would
        exceed a limit.

        Of bytes of which nobody knows how many they are, one is wanted: the last request may go
        beyond a limit, and the next one may not be made.
        """
        if limits == NO_LIMITS:
            return NOTHING
        with self._lock:
            self._turn()
            promised = self._promised.get(backend, NOTHING) + wanted
            beyond = (self._of(backend) + promised).exceeds(limits)
            if not beyond:
                self._promised[backend] = promised
        if beyond:
            raise UsageLimitSkip(
                f"the limit of {beyond} of this month",
                UsageLimits(**{beyond: getattr(limits, beyond)}),
            )
        return wanted

    def count(self, backend: ConnectionId, used: Usage, promised: Usage = NOTHING) -> None:
        with self._lock:
            self._turn()
            if used != NOTHING:
                self._fresh[backend] = self._fresh.get(backend, NOTHING) + used
            if promised != NOTHING:
                self._promised[backend] = self._promised[backend] - promised

    async def keep(self, shelf: UsageShelf) -> None:
        """Put down what is new, and learn what other processes have used. Raises S4DeskError, and
        nothing is lost then, nor counted twice when this is cancelled."""
        await settled(asyncio.ensure_future(self._put_down(shelf)))

    async def _put_down(self, shelf: UsageShelf) -> None:
        # One after the other: an answer that is late would bring back what was known before.
        async with self._keeping:
            with self._lock:
                self._turn()
                month, fresh = self._month, self._fresh
                self._fresh, self._on_the_way = {}, fresh
            try:
                kept = await shelf.add(self._group, month, fresh)
            except BaseException:
                self._take_back(month)
                raise
            with self._lock:
                if month == self._month:
                    self._kept, self._on_the_way = dict(kept), {}

    def _take_back(self, month: str) -> None:
        with self._lock:
            if month == self._month:
                for backend, used in self._on_the_way.items():
                    self._fresh[backend] = self._fresh.get(backend, NOTHING) + used
                self._on_the_way = {}

    def _of(self, backend: ConnectionId) -> Usage:
        return (
            self._kept.get(backend, NOTHING)
            + self._on_the_way.get(backend, NOTHING)
            + self._fresh.get(backend, NOTHING)
        )

    def _turn(self) -> None:
        """What was not put down when a month ends is so little that it is let go."""
        now = self._clock.now()
        if (now.year, now.month) != self._turned:
            self._turned = now.year, now.month
            self._month = _month_of(now)
            self._kept, self._fresh, self._on_the_way = {}, {}, {}


def _month_of(now: datetime) -> str:
    return f"{now.year}-{now.month:02}"
