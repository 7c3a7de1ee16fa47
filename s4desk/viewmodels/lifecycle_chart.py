"""What lifecycle rules will do day by day, as bars: what is due now, then a bar for each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_reason import action_text
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.lifecycle.summary import Tally


@dataclass(frozen=True, slots=True)
class Portion:
    """What one action has of a bar: objects or bytes, as the chart counts."""

    action: Action
    value: int


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day. `date` is short, as it stands below the bar; `words` say all of it."""

    day: int
    date: str
    portions: Sequence[Portion]
    words: str

    @property
    def value(self) -> int:
        return sum(each.value for each in self.portions)


def day_bars(
    by_day: Mapping[tuple[int, Action], Tally],
    now: datetime,
    days: int,
    measure: Measure,
    *,
    with_now: bool = True,
) -> Sequence[DayBar]:
    """A bar for what is due at `now` (UTC), unless it is left out, and one for each of the days."""
    bars = []
    for day in range(0 if with_now else 1, days + 1):
        found = {action: tally for (at, action), tally in by_day.items() if at == day}
        portions = [
            Portion(action, tally.size if measure is Measure.SIZE else tally.objects)
            for action, tally in sorted(found.items())
        ]
        date = _date(now, day)
        bars.append(DayBar(day, date, portions, _words(date, found)))
    return bars


def _date(now: datetime, day: int) -> str:
    if day == 0:
        return tr("now")
    return (now + timedelta(days=day)).astimezone().strftime("%m-%d")


def _words(date: str, found: Mapping[Action, Tally]) -> str:
    if not found:
        return tr("{date}: nothing").format(date=date)
    parts = [_part(action, tally) for action, tally in sorted(found.items())]
    return "\n".join([date, *parts])


def _part(action: Action, tally: Tally) -> str:
    counted = tr_n("{count} object", "{count} objects", tally.objects)
    return tr("{action}: {objects}, {size}").format(
        action=chart_action_text(action),
        objects=counted.format(count=format_count(tally.objects)),
        size=format_size(tally.size),
    )


def chart_action_text(action: Action) -> str:
    """An action, whichever class a transition leads to."""
    if action is Action.TRANSITION_NONCURRENT:
        return tr("move old version to another class")
    return action_text(action, tr("another class"))
