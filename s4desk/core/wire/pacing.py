"""Bandwidth limits: how long a worker thread pauses after the bytes it has moved.

A limit is paid afterwards: a thread moves a small piece, takes a place in line for it and pauses
until its turn. Places are counted in bytes and not in time, so a limit that changes meanwhile holds
for those who wait already.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.wire.cancellation import CancelToken

TICK_S: Final = 0.25
"""How late at most a thread that pauses sees another limit."""

LEAST_PAUSE_S: Final = 0.001
"""What is shorter is not worth a switch of threads; the next one pays for it."""

PIECES_PER_S: Final = 16
MIN_PIECE: Final = 1024
MAX_PIECE: Final = 256 * 1024
BURST_S: Final = 0.1
"""What of the time in which nothing moved may be made up for."""


class TokenBucket:
    """Lets `rate` bytes a second pass, to whoever came first; 0 is no limit. Safe for all threads.

    Nothing in it waits: `take` gives a place, and `pause` says for how long it is not its turn.
    """

    def __init__(self, rate: int = 0, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = max(0, rate)
        self._now = now
        self._lock = threading.Lock()
        self._taken = 0
        self._passed = 0.0
        self._at = now()

    @property
    def rate(self) -> int:
        """Bytes per second, 0 without a limit."""
        return self._rate

    @rate.setter
    def rate(self, rate: int) -> None:
        with self._lock:
            self._advance()
            if not self._rate:
                # What moved without a limit need not be paid for.
                self._passed = float(self._taken)
            self._rate = max(0, rate)

    def take(self, count: int) -> int:
        """A place in line for `count` bytes."""
        with self._lock:
            if self._rate:
                self._advance()
                self._taken += count
            return self._taken

    def pause(self, place: int) -> float:
        """Seconds until it is the turn of a place; 0 when it has come."""
        with self._lock:
            if not self._rate:
                return 0.0
            self._advance()
            seconds = (place - self._passed) / self._rate
            return seconds if seconds > LEAST_PAUSE_S else 0.0

    def _advance(self) -> None:
        now = self._now()
        passed = self._passed + (now - self._at) * self._rate
        self._passed = min(passed, self._taken + BURST_S * self._rate)
        self._at = now


class Pace:
    """The limits that hold for one direction of one connection: its own and that of all."""

    def __init__(self, *buckets: TokenBucket) -> None:
        self._buckets = buckets

    def piece(self) -> int:
        """How many bytes should move at once, so that pauses stay short; 0 for any number."""
        rates = [bucket.rate for bucket in self._buckets if bucket.rate]
        return min(max(min(rates) // PIECES_PER_S, MIN_PIECE), MAX_PIECE) if rates else 0

    def spend(self, count: int, token: CancelToken) -> None:
        """Pause until `count` bytes that have moved are paid for. Raises CancelledJobError."""
        places = [(bucket, bucket.take(count)) for bucket in self._buckets if bucket.rate]
        for bucket, place in places:
            while (seconds := bucket.pause(place)) > 0:
                token.sleep(min(seconds, TICK_S))


class Paces(NamedTuple):
    """Both directions."""

    up: Pace
    down: Pace


UNPACED: Final = Paces(Pace(), Pace())
