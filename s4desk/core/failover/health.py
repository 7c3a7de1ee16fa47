"""How a backend is: its breaker, what it failed with last, and whether somebody pretends."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.breaker import Breaker, BreakerState
from s4desk.core.domain.errors import (
    ClockSkewError,
    CredentialsError,
    NotFoundError,
    StoreError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.failover.errors import BackendDownError

if TYPE_CHECKING:
    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.runtime.clock import Clock

NO_KEYS: Final = (UnauthenticatedError, ClockSkewError, CredentialsError)
"""Nothing can be read with these keys, whoever is at fault: another backend may have good ones."""

_SAYS_NOTHING: Final = (ThrottledError, BackendDownError)


@dataclass(frozen=True, slots=True)
class HealthReport:
    """A backend as it is now. `probe_in_s` is in how many seconds it is tried again, when it is
    left alone; `error` what it failed with last, since it answered last."""

    state: BreakerState
    probe_in_s: float = 0.0
    error: S4DeskError | None = None
    is_pretended: bool = False

    @property
    def is_well(self) -> bool:
        return self.state is BreakerState.CLOSED and not self.is_pretended


class Health:
    """Asked before each request, and told how it went; threads may do both at once."""

    def __init__(self, clock: Clock, breaker: Breaker | None = None) -> None:
        self._clock = clock
        self._breaker = breaker or Breaker()
        self._lock = threading.Lock()
        self._error: S4DeskError | None = None
        self._is_pretended = False

    @property
    def report(self) -> HealthReport:
        now = self._clock.monotonic()
        with self._lock:
            state = self._breaker.state(now)
            wait_s = max(0.0, self._breaker.opens_at - now) if state is BreakerState.OPEN else 0.0
            return HealthReport(state, wait_s, self._error, self._is_pretended)

    def admit(self) -> int:
        """Raises BackendDownError when it is to be left alone; whoever is admitted tells
        `answered`, `failed` or `abandoned` how it went, by the number that this returns."""
        with self._lock:
            if self._is_pretended:
                raise BackendDownError("it is pretended to be down")
            number = self._breaker.admit(self._clock.monotonic())
            if not number:
                raise BackendDownError(f"it is left alone: {self._error}", cause=self._error)
            return number

    def answered(self) -> None:
        with self._lock:
            self._breaker.succeeded()
            self._error = None

    def failed(self, error: S4DeskError, number: int = 0) -> None:
        with self._lock:
            self._error = error
            self._breaker.failed(self._clock.monotonic(), number)

    def abandoned(self, number: int = 0) -> None:
        with self._lock:
            self._breaker.abandoned(number)

    def came_to(self, error: S4DeskError, number: int = 0) -> None:
        """The same as one of these, by what a request ended with."""
        if is_failure(error):
            self.failed(error, number)
        elif isinstance(error, _SAYS_NOTHING) or not isinstance(error, StoreError):
            # It is there, and asks for patience; or it never heard of the request.
            self.abandoned(number)
        else:
            self.answered()

    def reset(self) -> None:
        """It may be another store, or have other keys: what was known says nothing any more."""
        self.answered()

    def pretend_down(self, *, is_down: bool) -> None:
        """A drill: what would happen if it were down."""
        with self._lock:
            self._is_pretended = is_down

    def try_in(self, seconds: float = 0.0) -> None:
        """Let a request through then at the latest, as the probe."""
        with self._lock:
            self._breaker.hasten(self._clock.monotonic() + seconds)

    def hurry(self, rest_s: float) -> None:
        """The same at once, where no other can do what is asked for, unless something has failed in
        the last `rest_s` seconds."""
        with self._lock:
            now = self._clock.monotonic()
            if now >= self._breaker.failed_at + rest_s and not self._breaker.is_probed(now):
                self._breaker.hasten(now)

    @property
    def is_pretended(self) -> bool:
        with self._lock:
            return self._is_pretended

    @property
    def is_due(self) -> bool:
        """Whether the next request is the probe, or somebody waits for one."""
        with self._lock:
            return self._breaker.state(self._clock.monotonic()) is BreakerState.HALF_OPEN

    @property
    def is_left_alone(self) -> bool:
        with self._lock:
            return self._breaker.state(self._clock.monotonic()) is BreakerState.OPEN

    @property
    def is_silent(self) -> bool:
        """Whether it said nothing when it failed last: it may be down, or the way to it, or have
        too much to do at once."""
        with self._lock:
            return isinstance(self._error, UnavailableError) and not self._error.status


def is_failure(error: S4DeskError) -> bool:
    """Whether a backend was of no use, and not only had nothing to give: 404 is an answer. So is to
    ask for patience, but not to say that there is no service."""
    if isinstance(error, NO_KEYS):
        return True
    if isinstance(error, ThrottledError):
        return error.has_no_service
    is_failing = isinstance(error, StoreError) and error.fails_over
    return is_failing and not isinstance(error, NotFoundError | BackendDownError)
