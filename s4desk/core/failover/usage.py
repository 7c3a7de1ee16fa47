"""What backends were used for this month, and what they may still be used for."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from s4desk.core.failover.errors import UsageLimitSkip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.failover import UsageLimits
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

    def exceeds(self, limits: UsageLimits) -> str:
        """Which limit it is beyond, "" for none: requests, egress or ingress."""
        for name in ("requests", "egress", "ingress"):
            most = getattr(limits, name)
            if most and getattr(self, name) > most:
                return name
        return ""


NOTHING = Usage()


class UsageShelf(Protocol):
    """Where usage is kept over restarts; several processes may add to it."""

    async def add(
        self, group: ConnectionId, month: str, used: Mapping[ConnectionId, Usage]
    ) -> Mapping[ConnectionId, Usage]:
        """Add what was used since the last time; returns all that is kept of the month. Raises
        S4DeskError."""


class UsageMeter:
    """Counts for the backends of one group, by months of UTC. Threads may count."""

    def __init__(self, group: ConnectionId, clock: Clock) -> None:
        self._group = group
        self._clock = clock
        self._lock = threading.Lock()
        self._month = self._present_month()
        self._kept: dict[ConnectionId, Usage] = {}
        self._fresh: dict[ConnectionId, Usage] = {}

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

    def admit(self, backend: ConnectionId, limits: UsageLimits, wanted: Usage) -> None:
        """Raises UsageLimitSkip for what would exceed a limit.

        Of bytes of which nobody knows how many they are, one is wanted: the last request may go
        beyond a limit, and the next one may not be made.
        """
        with self._lock:
            self._turn()
            beyond = (self._of(backend) + wanted).exceeds(limits)
        if beyond:
            raise UsageLimitSkip(f"the limit of {beyond} of this month")

    def count(self, backend: ConnectionId, used: Usage) -> None:
        with self._lock:
            self._turn()
            self._fresh[backend] = self._fresh.get(backend, NOTHING) + used

    async def keep(self, shelf: UsageShelf) -> None:
        """Put down what is new, and learn what other processes have used. Raises S4DeskError, and
        nothing is lost then."""
        with self._lock:
            self._turn()
            month, fresh, self._fresh = self._month, self._fresh, {}
        try:
            kept = await shelf.add(self._group, month, fresh)
        except BaseException:
            with self._lock:
                for backend, used in fresh.items():
                    self._fresh[backend] = self._fresh.get(backend, NOTHING) + used
            raise
        with self._lock:
            if month == self._month:
                self._kept = dict(kept)

    def _of(self, backend: ConnectionId) -> Usage:
        return self._kept.get(backend, NOTHING) + self._fresh.get(backend, NOTHING)

    def _turn(self) -> None:
        """What was not put down when a month ends is so little that it is let go."""
        month = self._present_month()
        if month != self._month:
            self._month, self._kept, self._fresh = month, {}, {}

    def _present_month(self) -> str:
        return f"{self._clock.now():%Y-%m}"
