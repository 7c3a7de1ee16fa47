"""Which rules can be carried out at all: a store that does not answer is left alone for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.breaker import Breaker, BreakerState, Patience
from s4desk.core.domain.errors import (
    ConnectionGoneError,
    ConnectionMovedError,
    CredentialsError,
    NotFoundError,
    StoreError,
    ThrottledError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.replication.table import Source
    from s4desk.core.runtime.clock import Clock

    _Way = tuple[Source, str]

PATIENCE: Final = Patience(open_s=30.0)
"""Less than a failover group has: nobody waits for a replica, and a try costs one request."""
THROTTLED_S: Final = 60.0
"""So long a store may ask for patience, and let nothing through, before its way is shut."""


@dataclass(slots=True)
class _Throttled:
    """Since when nothing has arrived, when that was asked for last, and the sentence of it."""

    since: float
    last: float
    sentence: str


class Ways:
    """A breaker for each rule, which is the way from one bucket to another. Either end may be the
    one that does not answer."""

    def __init__(self, clock: Clock, patience: Patience = PATIENCE) -> None:
        self._clock = clock
        self._patience = patience
        self._breakers: dict[_Way, Breaker] = {}
        self._reasons: dict[_Way, str] = {}
        self._throttled: dict[_Way, _Throttled] = {}

    def admits(self, source: Source, rule: str) -> bool:
        breaker = self._breakers.get((source, rule))
        return breaker is None or breaker.admits(self._clock.monotonic())

    def is_open(self, source: Source, rule: str) -> bool:
        breaker = self._breakers.get((source, rule))
        return breaker is None or breaker.state(self._clock.monotonic()) is BreakerState.CLOSED

    def reason(self, source: Source, rule: str) -> str:
        """The sentence of what failed last, of a way that is shut, or of who asks for patience."""
        if self.is_throttled(source, rule):
            return self._throttled[source, rule].sentence
        return "" if self.is_open(source, rule) else self._reasons.get((source, rule), "")

    def is_throttled(self, source: Source, rule: str) -> bool:
        """Whether patience was asked for, and nothing has arrived since."""
        found = self._throttled.get((source, rule))
        return found is not None and self._clock.monotonic() - found.last < THROTTLED_S

    def throttled(self, source: Source, rule: str, sentence: str) -> None:
        """An attempt was answered by a request for patience."""
        way, now = (source, rule), self._clock.monotonic()
        if not self.is_throttled(source, rule):
            self._throttled[way] = _Throttled(now, now, sentence)
        found = self._throttled[way]
        found.last, found.sentence = now, sentence
        if self.is_open(source, rule) and now - found.since < THROTTLED_S:
            return
        del self._throttled[way]
        self._reasons[way] = sentence
        breaker = self._breakers.setdefault(way, Breaker(self._patience))
        while True:
            breaker.failed(now)
            if breaker.state(now) is not BreakerState.CLOSED:
                return

    def arrived(self, source: Source, rule: str) -> None:
        """Something was let through."""
        self._throttled.pop((source, rule), None)

    def ended(
        self, source: Source, rule: str, error: BaseException | None = None, sentence: str = ""
    ) -> bool:
        """An attempt has ended, so or well; whether the way is open again that was not. What an
        object alone has failed of was an answer."""
        way = source, rule
        if error is None or not _is_of_the_way(error):
            self._reasons.pop(way, None)
            known = self._breakers.pop(way, None)
            return known is not None and known.succeeded()
        self._reasons[way] = sentence
        self._breakers.setdefault(way, Breaker(self._patience)).failed(self._clock.monotonic())
        return False

    def abandoned(self, source: Source, rule: str) -> None:
        """An attempt came to nothing that says anything."""
        if (known := self._breakers.get((source, rule))) is not None:
            known.abandoned()

    def shut(self) -> Iterator[tuple[Source, str, float]]:
        """The ways that are not open, and when each may be tried."""
        now = self._clock.monotonic()
        for (source, rule), breaker in self._breakers.items():
            if breaker.state(now) is not BreakerState.CLOSED:
                yield source, rule, breaker.opens_at


def _is_of_the_way(error: BaseException) -> bool:
    if isinstance(error, (CredentialsError, ConnectionGoneError, ConnectionMovedError)):
        return True
    is_answer = isinstance(error, (NotFoundError, ThrottledError))
    return isinstance(error, StoreError) and error.fails_over and not is_answer
