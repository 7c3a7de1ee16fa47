"""How replication goes: how much arrived when, how late, and what did not."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.replication.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.replication.table import Record, Source
    from s4desk.core.runtime.clock import Clock

MINUTE_S: Final = 60
KEPT_MINUTES: Final = 6 * 60
SAMPLES: Final = 1000
RATE_S: Final = 30.0


@dataclass(slots=True)
class Minute:
    """What came to its end in one minute; `at` is its beginning in seconds since the epoch."""

    at: int
    completed: int = 0
    failed: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Course:
    """What one rule has come to since the engine began. `lags` are the seconds from a write to its
    replica, of the latest ones; `found` were there already, and nothing was written."""

    minutes: deque[Minute] = field(default_factory=lambda: deque(maxlen=KEPT_MINUTES))
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    attempts: int = 0
    completed: int = 0
    found: int = 0
    bytes: int = 0
    recent: deque[tuple[float, int]] = field(default_factory=deque)

    def lag(self, share: float) -> float | None:
        """The lag that `share` of the replicas stayed below, in seconds: 0.5 and 0.99 are p50 and
        p99. None while there are none."""
        if not self.lags:
            return None
        ordered = sorted(self.lags)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Meter:
    """Is told of each record; one course for each rule."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._courses: defaultdict[tuple[Source, str], Course] = defaultdict(Course)

    def course(self, source: Source, rule: str) -> Course:
        return self._courses[source, rule]

    def rate(self, source: Source, rule: str) -> tuple[float, float]:
        """Objects and bytes a second, of late."""
        recent = self._courses[source, rule].recent
        self._drop(recent)
        return len(recent) / RATE_S, sum(size for _, size in recent) / RATE_S

    def told(self, records: Sequence[Record]) -> None:
        now = self._clock.now()
        for each in records:
            if each.status is Status.PENDING:
                continue
            course = self._courses[each.task.source, each.task.write.rule]
            course.attempts += each.attempts
            minute = self._minute(course, now)
            if each.status is Status.FAILED:
                minute.failed += 1
            elif each.status is Status.COMPLETED and each.is_found:
                course.found += 1
            elif each.status is Status.COMPLETED:
                size = each.task.write.seen.size
                minute.completed += 1
                minute.bytes += size
                course.completed += 1
                course.bytes += size
                course.lags.append(self._lag(each, now))
                course.recent.append((self._clock.monotonic(), size))
                self._drop(course.recent)

    def _lag(self, record: Record, now: datetime) -> float:
        """What was written before the engine began waits since it was seen."""
        task = record.task
        modified = task.write.seen.modified
        is_new = modified is not None and modified >= self._began
        since = modified if modified is not None and is_new else task.seen_at
        return max(0.0, (now - since).total_seconds())

    def _minute(self, course: Course, now: datetime) -> Minute:
        at = int(now.timestamp()) // MINUTE_S * MINUTE_S
        if not course.minutes or course.minutes[-1].at != at:
            course.minutes.append(Minute(at))
        return course.minutes[-1]

    def _drop(self, recent: deque[tuple[float, int]]) -> None:
        border = self._clock.monotonic() - RATE_S
        while recent and recent[0][0] < border:
            recent.popleft()
