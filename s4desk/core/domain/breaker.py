"""A circuit breaker: who has failed time and again is left alone for a while; SPEC.md section 6."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES: Final = 5
OPEN_S: Final = 300.0
JITTER: Final = 0.25
PROBE_S: Final = 120.0


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many failures in a row one is left alone, and for how long: `open_s` seconds and
    up to JITTER of that more. A probe of which nobody has heard for `probe_s` seconds is lost."""

    failures: int = FAILURES
    open_s: float = OPEN_S
    probe_s: float = PROBE_S


class Breaker:
    """Counts what failed in a row. All times are seconds of one monotonic clock.

    Whoever was admitted says how it went: `succeeded`, `failed`, or `abandoned` when it came to
    nothing that says anything, as a cancellation does.
    """

    def __init__(
        self, patience: Patience = Patience(), chance: Callable[[], float] = random
    ) -> None:
        """`chance` gives numbers from 0 to 1."""
        self.opens_at = 0.0
        """When the next probe is let through, while it is open."""
        self._patience = patience
        self._chance = chance
        self._failures = 0
        self._is_open = False
        self._probe: float | None = None

    def state(self, now: float) -> BreakerState:
        if not self._is_open:
            return BreakerState.CLOSED
        is_probing = self._probe is not None
        return BreakerState.HALF_OPEN if is_probing or now >= self.opens_at else BreakerState.OPEN

    def admits(self, now: float) -> bool:
        """Whether it may be tried. While it is half open one may: the probe."""
        if not self._is_open:
            return True
        if now < self.opens_at:
            return False
        if self._probe is not None and now - self._probe < self._patience.probe_s:
            return False
        self._probe = now
        return True

    def succeeded(self) -> bool:
        """Whether this has closed it."""
        was_open = self._is_open
        self._failures, self._is_open, self._probe = 0, False, None
        return was_open

    def failed(self, now: float) -> None:
        self._failures += 1
        # Late failures of what was admitted before it opened are no news.
        if self._is_open and self._probe is None:
            return
        if self._is_open or self._failures >= self._patience.failures:
            self._is_open, self._probe = True, None
            self.opens_at = now + self._patience.open_s * (1 + JITTER * self._chance())

    def hasten(self, until: float) -> None:
        """Let the next probe through then at the latest: somebody wants to know, or what was in the
        way may be gone."""
        self.opens_at, self._probe = min(self.opens_at, until), None

    def abandoned(self) -> None:
        """The next one may be the probe."""
        self._probe = None
