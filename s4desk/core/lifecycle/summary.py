"""How much becomes of what: counts and bytes per rule, action and day."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from s4desk.core.domain.lifecycle.decisions import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.lifecycle.decisions import Event, Skipped
    from s4desk.core.domain.lifecycle.likeness import Rounding

MOST_SAMPLES: Final = 100
K = TypeVar("K")


@dataclass(slots=True)
class Tally:
    """Versions, their bytes, and when the first and the last of them is due: seconds since the
    epoch, inf and -inf for none."""

    objects: int = 0
    size: int = 0
    first: float = inf
    last: float = -inf

    def add(self, objects: int, size: int, first: float = inf, last: float = -inf) -> None:
        self.objects += objects
        self.size += size
        self.first = min(self.first, first)
        self.last = max(self.last, last)

    def include(self, other: Tally) -> None:
        self.add(other.objects, other.size, other.first, other.last)

    @property
    def span(self) -> tuple[float, float] | None:
        """First and last, None when nobody said."""
        return (self.first, self.last) if isfinite(self.first) else None


class Cause(NamedTuple):
    """What is done, and by which rule (its place). `storage_class` is that of a transition; what
    an expiration `hides` stays, under a delete marker."""

    rule: int
    action: Action
    storage_class: str
    hides: bool = False


class Held(NamedTuple):
    """What is held back of a rule, and by what."""

    rule: int
    skipped: Skipped


def _samples() -> list[str]:
    return []


@dataclass(slots=True)
class Summary:
    """What was found until now, in a run that looks `days` ahead.

    Everything that happens to a version counts, one thing after the other, with the removal of the
    delete marker that its expiration will bring. `seen` are versions,
    delete markers among them; `untouched` are those that nothing happens to, `unmatched` those of
    them that no enabled rule is about at all, `unsure` those of which only tags that are not known
    would tell. What is held back for now and done later counts in
    `skipped` and in `done`.
    """

    rounding: Rounding
    days: int
    seen: Tally = field(default_factory=Tally)
    markers: int = 0
    uploads: int = 0
    touched: Tally = field(default_factory=Tally)
    untouched: Tally = field(default_factory=Tally)
    unmatched: Tally = field(default_factory=Tally)
    unsure: Tally = field(default_factory=Tally)
    done: dict[tuple[int, Cause], Tally] = field(default_factory=dict)
    """By day, rule and action."""
    skipped: dict[Held, Tally] = field(default_factory=dict)
    samples: list[str] = field(default_factory=_samples)
    """Some keys that no enabled rule is about."""

    def add(
        self,
        events: Sequence[Event],
        objects: int,
        size: int,
        sample: float = nan,
        first: float = nan,
        last: float = nan,
    ) -> None:
        """Count versions of one likeness, and all that happens to a sample of it, in order of time.

        `sample`, `first` and `last` are the times from which days are counted for the sample, and
        for the oldest and the newest of them: see `Rounding.due`.
        """
        self.seen.add(objects, size)
        if not events:
            self.untouched.add(objects, size)
            return
        self.touched.add(objects, size)
        self._count(events, objects, size, sample, first, last)

    def add_upload(self, event: Event | None) -> None:
        """Count an unfinished upload; nobody says how many bytes it has."""
        self.uploads += 1
        if event is not None:
            self._count([event], 1, 0, nan, nan, nan)

    def _count(
        self,
        events: Sequence[Event],
        objects: int,
        size: int,
        sample: float,
        first: float,
        last: float,
    ) -> None:
        for each in events:
            step, skipped = each.decision.step, each.decision.skipped
            due = self.rounding.due(each, sample, first)
            last_due = due if first == last else self.rounding.due(each, sample, last)
            if skipped is None:
                cause = Cause(step.rule, step.action, step.storage_class, each.decision.hides)
                tally = self.done.setdefault((each.day, cause), Tally())
            else:
                tally = self.skipped.setdefault(Held(step.rule, skipped), Tally())
            # The marker has no content, though a version with some has brought it.
            is_marker = step.action is Action.REMOVE_DELETE_MARKER
            tally.add(objects, 0 if is_marker else size, due, last_due)

    # What is asked of it

    def causes(self) -> dict[Cause, Tally]:
        """All days together, in order of the rules."""
        return dict(sorted(self._by(lambda _, cause: cause).items()))

    def by_day(self) -> dict[tuple[int, Action], Tally]:
        """What a chart shows: all rules together, day by day."""
        return self._by(lambda day, cause: (day, cause.action))

    def actions(self) -> dict[Action, Tally]:
        """All rules and days together."""
        return self._by(lambda _, cause: cause.action)

    def only_classes(self) -> dict[Action, str]:
        """To which class an action moves objects, where there is but one."""
        found: dict[Action, set[str]] = {}
        for _, cause in self.done:
            found.setdefault(cause.action, set()).add(cause.storage_class)
        return {action: next(iter(each)) for action, each in found.items() if len(each) == 1}

    def due_now(self) -> Tally:
        """What is due already."""
        now = Tally()
        for (day, _), tally in self.done.items():
            if day == 0:
                now.include(tally)
        return now

    def whole(self) -> Tally:
        """Everything that happens."""
        whole = Tally()
        for tally in self.done.values():
            whole.include(tally)
        return whole

    def _by(self, name_of: Callable[[int, Cause], K]) -> dict[K, Tally]:
        tallies: dict[K, Tally] = {}
        for (day, cause), tally in sorted(self.done.items()):
            tallies.setdefault(name_of(day, cause), Tally()).include(tally)
        return tallies
