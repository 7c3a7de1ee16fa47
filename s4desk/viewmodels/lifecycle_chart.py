"""What lifecycle rules will do day by day, as bars: what is due now, then a bar for each day.

Days are those of UTC, as the rules count them and as tables of them say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.lifecycle_reason import action_text
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.lifecycle.summary import Tally

_TENS: Final = (1, 2, 5)
_HUNDREDS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Portion:
    """What one action has of a bar: objects or bytes, as the chart counts; `text` names it."""

    action: Action
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day. `date` is short, as it stands below the bar, `when` is exact; `words` say all of
    it."""

    day: int
    date: str
    portions: Sequence[Portion]
    when: str
    words: str

    @property
    def value(self) -> int:
        return sum(each.value for each in self.portions)


def day_bars(
    by_day: Mapping[tuple[int, Action], Tally],
    now: datetime,
    days: int,
    measure: Measure,
    versioning: Versioning = Versioning.OFF,
    *,
    classes: Mapping[Action, str] | None = None,
    whole_days: bool = True,
) -> Sequence[DayBar]:
    """A bar for what is due at `now` (UTC), and one for each of the days; `versioning` is that of
    the bucket. `classes` has those to which all that moves goes, where there is but one.

    `whole_days` end at midnight, as stores count them; else each is the 24 hours until a run of
    s4desk that is as many days from now.
    """
    sorted_out: dict[int, dict[Action, Tally]] = {}
    for (day, action), tally in by_day.items():
        sorted_out.setdefault(day, {})[action] = tally
    first = now.astimezone(UTC)
    # In another year a day without one could be of any.
    form = "%m-%d" if (first + timedelta(days=days)).year == first.year else "%Y-%m-%d"
    known = classes or {}
    names = {
        action: chart_action_text(action, versioning, known.get(action, "")) for action in Action
    }
    bars = []
    for day in range(days + 1):
        found = sorted_out.get(day, {})
        portions = [
            Portion(action, tally.size if measure is Measure.SIZE else tally.objects, names[action])
            for action, tally in sorted(found.items())
        ]
        moment = first + timedelta(days=day)
        date = _date(moment, whole_days=whole_days) if day else tr("now")
        short = moment.strftime(form) if day else tr("now")
        bars.append(DayBar(day, short, portions, date, _words(date, found, names)))
    return bars


def ticks(most: int, measure: Measure, count: int) -> Sequence[tuple[int, str]]:
    """Round amounts up to `most`, `count` of them or fewer, with their words: what lines across a
    chart are drawn at."""
    is_size = measure is Measure.SIZE
    wanted = most / max(1, count)
    grain, rounds, unit = (1024, _HUNDREDS, 1) if is_size else (10, _TENS, 1)
    while unit * grain <= wanted:
        unit *= grain
    step = next((unit * each for each in rounds if unit * each >= wanted), unit * grain)
    told = format_size if is_size else format_count
    return [(value, told(value)) for value in range(step, most + 1, step)]


def _date(moment: datetime, *, whole_days: bool) -> str:
    if whole_days:
        return tr("{date} (UTC)").format(date=moment.strftime("%Y-%m-%d"))
    said = tr("24 hours until {time} (UTC)")
    return said.format(time=moment.strftime("%Y-%m-%d %H:%M"))


def _words(date: str, found: Mapping[Action, Tally], names: Mapping[Action, str]) -> str:
    if not found:
        return tr("{date}: nothing").format(date=date)
    parts = [_part(names[action], tally) for action, tally in sorted(found.items())]
    return "\n".join([date, *parts])


def _part(name: str, tally: Tally) -> str:
    """Of objects, versions, markers or uploads: the name says of which."""
    count, size = format_count(tally.objects), format_size(tally.size)
    return tr("{action}: {count} ({size})").format(action=name, count=count, size=size)


def chart_action_text(
    action: Action, versioning: Versioning = Versioning.OFF, storage_class: str = ""
) -> str:
    """An action, named as the sums name it; `storage_class` is where a transition leads to, empty
    where that is not said."""
    if action is Action.TRANSITION_NONCURRENT:
        if not storage_class:
            return tr("move old version to another class")
        said = tr("move old version to {storage_class}")
        return said.format(storage_class=printable(storage_class))
    if action is Action.EXPIRE and versioning is Versioning.SUSPENDED:
        # A bar has both: what was written without versions is gone.
        return tr("delete, or put delete marker on top")
    hides = action is Action.EXPIRE and versioning is Versioning.ENABLED
    return action_text(action, storage_class or tr("another class"), hides=hides)
