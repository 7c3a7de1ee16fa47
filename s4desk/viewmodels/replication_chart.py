"""How replication went in the last hours, as bars."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.replication.meter import Minute

HOURS: Final = 6
BARS: Final = 72
MINUTE_S: Final = 60
STEP_S: Final = HOURS * 60 * MINUTE_S // BARS


@dataclass(frozen=True, slots=True)
class TimeBar:
    """A few minutes. `time` is local and short, as it stands below the bar; `words` say all."""

    time: str
    completed: int
    failed: int
    words: str

    @property
    def value(self) -> int:
        return self.completed + self.failed


def time_bars(minutes: Iterable[Minute], now: datetime) -> Sequence[TimeBar]:
    """The last HOURS until `now` (UTC), the oldest first, in BARS of equal lengths."""
    end = math.floor(now.timestamp()) // STEP_S * STEP_S + STEP_S
    first = end - BARS * STEP_S
    sums = [[0, 0, 0] for _ in range(BARS)]
    for each in minutes:
        at = (each.at - first) // STEP_S
        if 0 <= at < BARS:
            sums[at][0] += each.completed
            sums[at][1] += each.failed
            sums[at][2] += each.bytes
    return [_bar(first + at * STEP_S, *found) for at, found in enumerate(sums)]


def total_text(bars: Sequence[TimeBar]) -> str:
    """What all bars say together, for who does not see them."""
    completed = sum(each.completed for each in bars)
    failed = sum(each.failed for each in bars)
    hours = tr_n("In the last {count} hour:", "In the last {count} hours:", HOURS)
    return f"{hours.format(count=HOURS)} {_counts(completed, failed)}"


def _bar(at: int, completed: int, failed: int, size: int) -> TimeBar:
    begin = datetime.fromtimestamp(at, UTC).astimezone()
    end = begin + timedelta(seconds=STEP_S)
    span = tr("{begin} to {end}").format(begin=f"{begin:%H:%M}", end=f"{end:%H:%M}")
    counts = _counts(completed, failed) if completed or failed else tr("nothing")
    words = tr("{span}: {counts}").format(span=span, counts=counts)
    words = f"{words}, {format_size(size)}" if size else words
    return TimeBar(f"{begin:%H:%M}", completed, failed, words)


def _counts(completed: int, failed: int) -> str:
    done = tr_n("{count} replicated", "{count} replicated", completed)
    lost = tr_n("{count} failed", "{count} failed", failed)
    return tr("{done}, {lost}").format(
        done=done.format(count=format_count(completed)),
        lost=lost.format(count=format_count(failed)),
    )
