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
        self.failed_at = 0.0
        """When something has failed last."""
        self._patience = patience
        self._chance = chance
        self._failures = 0
        self._admitted = 0
        self._is_open = False
        self._probe = 0
        self._probe_since = 0.0

    def state(self, now: float) -> BreakerState:
        if not self._is_open:
            return BreakerState.CLOSED
        is_half_open = self._probe or now >= self.opens_at
        return BreakerState.HALF_OPEN if is_half_open else BreakerState.OPEN

    def admits(self, now: float) -> bool:
        """Whether it may be tried. While it is half open one may: the probe."""
        return self.admit(now) > 0

    def admit(self, now: float) -> int:
        """The same, as a number by which it is known who says how it went; 0 is no."""
        if self._is_open and (now < self.opens_at or self.is_probed(now)):
            return 0
        self._admitted += 1
        if self._is_open:
            self._probe, self._probe_since = self._admitted, now
        return self._admitted

    def is_probed(self, now: float) -> bool:
        """Whether the probe is under way."""
        return self._probe > 0 and now - self._probe_since < self._patience.probe_s

    def succeeded(self) -> bool:
        """Whether this has closed it."""
        was_open = self._is_open
        self._failures, self._is_open, self._probe = 0, False, 0
        return was_open

    def failed(self, now: float, number: int = 0) -> None:
        """`number` is that of the admission, 0 for the probe when there is one."""
        self._failures += 1
        self.failed_at = now
        # Late failures of what was admitted before it opened are no news.
        if self._is_open and not self._is_probe(number):
            return
        if self._is_open or self._failures >= self._patience.failures:
            self._is_open, self._probe = True, 0
            self.opens_at = now + self._patience.open_s * (1 + JITTER * self._chance())

    def hasten(self, until: float) -> None:
        """Let the next probe through then at the latest: somebody wants to know, or what was in the
        way may be gone."""
        self.opens_at, self._probe = min(self.opens_at, until), 0

    def abandoned(self, number: int = 0) -> None:
        """The next one may be the probe."""
        if self._is_probe(number):
            self._probe = 0

    def _is_probe(self, number: int) -> bool:
        return self._probe > 0 and number in (0, self._probe)
