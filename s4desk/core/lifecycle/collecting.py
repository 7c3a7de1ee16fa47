"""Findings of what was sifted, and their count."""

from __future__ import annotations

from array import array
from collections import defaultdict
from math import inf, nan
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.decisions import Skipped
from s4desk.core.domain.lifecycle.likeness import DAY_S, Grain
from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.lifecycle.findings import Findings, held_until
from s4desk.core.lifecycle.judging import MOST_KINDS
from s4desk.core.lifecycle.summary import MOST_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.likeness import Rounding
    from s4desk.core.domain.objects import Page
    from s4desk.core.lifecycle.judging import Fate
    from s4desk.core.lifecycle.sifting import OpenKey, Sifted
    from s4desk.core.lifecycle.summary import Summary


PAGES: Final = 16
MOST_PENDING: Final = 500
"""The summary is brought up to date after so many pages, or kinds of versions."""


class _Amount:
    """Of versions that are alike: how many, their bytes, the oldest and the newest."""

    __slots__ = ("first", "last", "objects", "size")

    def __init__(self) -> None:
        self.objects = self.size = 0
        self.first, self.last = inf, -inf


class Collector:
    """Puts what happens to versions into rows, in their order, and counts it. The summary is whole
    after `flush`. `collect` is for worker threads, one at a time."""

    def __init__(self, summary: Summary, rounding: Rounding) -> None:
        self._summary = summary
        self._rounding = rounding
        self._pages = 0
        self._markers = 0
        self._samples: list[str] = []
        self._amounts: dict[Fate, _Amount] = {}
        self._midnights: dict[Fate, dict[float, float]] = {}

    def collect(self, sifted: Sifted) -> Findings:
        """Once nothing is open any more."""
        sifted.settle()
        page, fates = sifted.page, sifted.fates
        since = _since(page)
        alike: defaultdict[Fate | None, list[int]] = defaultdict(list)
        for row, fate in enumerate(fates):
            alike[fate].append(row)
        alike.pop(None, None)
        dues = [nan] * len(page)
        for same in alike:
            if same is not None:
                self._count(page, same, alike[same], since)
                self._date(same, alike[same], since, dues)
        self._markers += sum(mark & DELETED != 0 for mark in page.marks)
        rows = [row for row, fate in enumerate(fates) if fate is not None and fate.events]
        found = _findings(page, rows, [fate for fate in fates if fate is not None and fate.events])
        found.dues = array("d", [dues[row] for row in rows])
        if sifted.open:
            _add_ends(found, rows, sifted.open)
        self._pages += 1
        return found

    @property
    def is_due(self) -> bool:
        """Whether the summary lags behind."""
        return self._pages >= PAGES or len(self._amounts) > MOST_PENDING

    def flush(self) -> None:
        """Bring the summary up to date; on the loop, where others read it."""
        self._pages = 0
        for fate, amount in self._amounts.items():
            has_time = amount.first <= amount.last
            first, last = (amount.first, amount.last) if has_time else (nan, nan)
            self._summary.add(fate.events, amount.objects, amount.size, fate.since, first, last)
            if not fate.is_matched:
                self._summary.unmatched.add(amount.objects, amount.size)
            elif fate.is_unsure:
                self._summary.unsure.add(amount.objects, amount.size)
        self._amounts.clear()
        self._summary.markers = self._markers
        self._summary.samples = list(self._samples)
        if len(self._midnights) > MOST_KINDS:
            self._midnights.clear()

    def _count(self, page: Page, fate: Fate, rows: Sequence[int], since: Sequence[float]) -> None:
        amount = self._amounts.get(fate)
        if amount is None:
            amount = self._amounts[fate] = _Amount()
        amount.objects += len(rows)
        amount.size += sum(map(page.sizes.__getitem__, rows))
        if fate.events:
            times = [since[row] for row in rows]
            amount.first = min(amount.first, *times)
            amount.last = max(amount.last, *times)
        if not fate.is_matched:
            left = MOST_SAMPLES - len(self._samples)
            self._samples += (page.keys[row] for row in rows[:left])

    def _date(
        self, fate: Fate, rows: Sequence[int], since: Sequence[float], dues: list[float]
    ) -> None:
        """When the first thing happens to each of these: `Rounding.due` of all of them at once."""
        if not fate.events:
            return
        first, rounding = fate.events[0], self._rounding
        is_plain = first.decision.step.when.days is not None and fate.since == fate.since
        if not is_plain or rounding.grain is Grain.AGE:
            for row in rows:
                dues[row] = rounding.due(first, fate.since, since[row])
            return
        by_midnight = self._midnights.setdefault(fate, {})
        for row in rows:
            midnight = since[row] // DAY_S
            due = by_midnight.get(midnight)
            if due is None:
                due = by_midnight[midnight] = rounding.due(first, fate.since, since[row])
            dues[row] = due


def _findings(page: Page, rows: Sequence[int], fates: Sequence[Fate]) -> Findings:
    """All columns but for when it is due."""
    found = Findings()
    part = page if len(rows) == len(page) else page.of_rows(rows)
    found.keys = list(part.keys)
    found.versions = list(part.versions) or [""] * len(rows)
    found.etags.extend(part.etags)
    found.sizes, found.created, found.classes = part.sizes, part.modified, list(part.classes)
    firsts = [fate.events[0] for fate in fates]
    found.days = array("i", [each.day for each in firsts])
    found.decisions = [each.decision for each in firsts]
    found.thens = [fate.then for fate in fates]
    return found


def _add_ends(found: Findings, rows: Sequence[int], opened: Sequence[OpenKey]) -> None:
    """Until when locks hold back what they do."""
    places = {row: place for place, row in enumerate(rows)}
    for key in opened:
        for row, version in enumerate(key.versions, key.first):
            place = places.get(row)
            if place is not None and found.decisions[place].skipped is Skipped.LOCKED:
                found.untils[place] = held_until(version)


def _since(page: Page) -> array[float]:
    """The time from which days are counted, of each version: that of the one before it, if it is
    noncurrent."""
    if not page.marks:
        return page.modified
    times = page.modified
    rows = enumerate(page.marks)
    return array("d", [times[row if mark & LATEST or not row else row - 1] for row, mark in rows])
