"""When what rules name in days is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""What is due later than a date can say."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How long a day is, and whether days are full ones.

    With `to_midnight` days are counted from the next midnight (UTC) after what they are counted
    from, and midnights are a `day` apart since the epoch. A server in which a day is some seconds,
    for trying, has a short `day` and no midnights.
    """

    day: timedelta = timedelta(days=1)
    to_midnight: bool = True

    def due(self, since: datetime, days: int) -> datetime:
        """When `days` days after `since` are over."""
        return later(self.base(since), self.span(days))

    def base(self, since: datetime) -> datetime:
        """From when on whole days are counted."""
        if not self.to_midnight:
            return since
        return later(since - (since - EPOCH) % self.day, self.day)

    def span(self, days: int) -> timedelta:
        """How long `days` days are."""
        try:
            return days * self.day
        except OverflowError:
            return timedelta.max

    def run(self, now: datetime, day: int) -> datetime:
        """`day` days from now."""
        return later(now, self.span(day))

    def days_until(self, due: datetime, now: datetime) -> int:
        """0 for what is due at `now`, 1 for what is within a day of it, and so on."""
        return max(0, -((now - due) // self.day))


MIDNIGHTS: Final = Calendar()
"""As AWS counts: "Setting lifecycle rules based on an object's age" in the S3 user guide."""
WHOLE_DAYS: Final = Calendar(to_midnight=False)
"""An object of 24 hours is a day old."""


def later(moment: datetime, span: timedelta) -> datetime:
    """`moment` and `span` more; NEVER where that is too far to be said."""
    try:
        return moment + span
    except OverflowError:
        return NEVER
