"""What the attempts of a transfer take, counted while they run."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import NO_EFFORT

if TYPE_CHECKING:
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.transfer import Effort
    from s4desk.core.runtime.clock import Clock


class EffortMeter:
    """Counts on from what earlier attempts of this run of the program took.

    Bytes, and what is sent again, are told from worker threads too, all else from the loop.
    """

    def __init__(self, before: Effort, clock: Clock) -> None:
        self._before = before
        self._clock = clock
        self._lock = threading.Lock()
        self._sent = before.sent
        self._reused = before.reused
        self._parts = before.parts
        self._retries = before.retries
        self._answer = before.answer
        self._began = clock.monotonic()
        self._started = before.started or clock.now().timestamp()

    @property
    def sent(self) -> int:
        """The bytes that went over the wire."""
        return self._sent

    def moved(self, count: int) -> None:
        """Count bytes that moved. What is taken back, negative, went over the wire all the same."""
        if count > 0:
            with self._lock:
                self._sent += count

    def arrived(self) -> None:
        """Count a part, or a whole in one request."""
        self._parts += 1

    def repeated(self) -> None:
        """Count a request that is sent again."""
        with self._lock:
            self._retries += 1

    def answered(self, answer: Answer) -> None:
        """Note which backend of a group has served a request."""
        with self._lock:
            self._answer = answer.after(self._answer)

    def found(self, count: int) -> None:
        """Note the bytes that are there already; in a later attempt they are our own."""
        if self._before == NO_EFFORT:
            self._reused = count

    def begin_anew(self) -> None:
        """Another object is moved from here on: nothing of the one before is used, and who gave
        that does not matter."""
        self._reused = 0
        with self._lock:
            self._answer = None

    def total(self) -> Effort:
        """All attempts together, this one as far as it is."""
        return replace(
            self._before,
            sent=self._sent,
            reused=self._reused,
            parts=self._parts,
            retries=self._retries,
            seconds=self._before.seconds + self._clock.monotonic() - self._began,
            started=self._started,
            ended=self._clock.now().timestamp(),
            answer=self._answer,
        )
