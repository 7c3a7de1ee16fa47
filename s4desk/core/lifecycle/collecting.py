"""Findings of what was sifted, and their count. Worker threads only, one at a time."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.decisions import Skipped
from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.lifecycle.findings import Finding, Findings, held_until
from s4desk.core.lifecycle.summary import MOST_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lifecycle.decisions import Event
    from s4desk.core.domain.lifecycle.likeness import Rounding
    from s4desk.core.domain.objects import Page
    from s4desk.core.lifecycle.judging import Verdict
    from s4desk.core.lifecycle.sifting import OpenKey, Sifted
    from s4desk.core.lifecycle.summary import Summary


class _Amount:
    """Of the versions at one place in keys of one kind: how many, bytes, oldest and newest."""

    __slots__ = ("first", "last", "objects", "size")

    def __init__(self) -> None:
        self.objects = self.size = 0
        self.first, self.last = inf, -inf


class Collector:
    """Puts what happens to keys into rows, in their order, and counts it."""

    def __init__(self, summary: Summary, rounding: Rounding) -> None:
        self._summary = summary
        self._rounding = rounding

    def collect(self, sifted: Sifted) -> Findings:
        """Once nothing is open any more."""
        page, opened, found = sifted.page, sifted.open, Findings()
        by_row = {each.first: each for each in opened}
        keys: Iterable[tuple[int, Verdict]] = sifted.settled
        if opened:
            keys = sorted(
                [*keys, *((each.first, each.verdict) for each in opened)], key=lambda key: key[0]
            )
        for first, verdict in keys:
            if verdict.is_idle:
                continue
            key = by_row.get(first) if by_row else None
            for at, events in enumerate(verdict.events):
                if events and (key is None or at not in key.gone):
                    version = None if key is None else key.versions[at]
                    found.add(self._finding(page, first + at, verdict, at, version))
        self._count(page, sifted.settled)
        for each in opened:
            self._count_key(each)
        if page.marks:
            self._summary.markers += sum(mark & DELETED != 0 for mark in page.marks)
        return found

    def _finding(
        self, page: Page, row: int, verdict: Verdict, at: int, version: Candidate | None
    ) -> Finding:
        """Of the first thing that happens to the version in a row."""
        events = verdict.events[at]
        event, then = events[0], events[1:]
        due = self._rounding.due(event, verdict.since[at], _since(page, row))
        is_locked = event.decision.skipped is Skipped.LOCKED
        return Finding(
            key=page.keys[row],
            version=page.versions[row] if page.versions else "",
            etag=page.etags[row],
            size=page.sizes[row],
            storage_class=page.classes[row],
            created=page.modified[row],
            day=event.day,
            due=due,
            decision=event.decision,
            then=then,
            until=held_until(version) if is_locked and version is not None else nan,
        )

    def _count(self, page: Page, settled: Iterable[tuple[int, Verdict]]) -> None:
        """Kind by kind: a page has few of them."""
        sizes = page.sizes
        amounts: dict[Verdict, list[_Amount]] = {}
        for first, verdict in settled:
            found = amounts.get(verdict)
            if found is None:
                found = amounts[verdict] = [_Amount() for _ in verdict.events]
                self._sample(page, first, verdict)
            for row, amount in enumerate(found, first):
                amount.objects += 1
                amount.size += sizes[row]
                if not verdict.is_idle:
                    since = _since(page, row)
                    if since < amount.first:
                        amount.first = since
                    if since > amount.last:
                        amount.last = since
        for verdict, found in amounts.items():
            for at, amount in enumerate(found):
                self._add(verdict, at, amount)

    def _add(self, verdict: Verdict, at: int, amount: _Amount) -> None:
        first, last = amount.first, amount.last
        if first > last:
            first = last = nan
        events: Sequence[Event] = verdict.events[at]
        self._summary.add(events, amount.objects, amount.size, verdict.since[at], first, last)
        if not verdict.is_matched[at]:
            self._summary.unmatched.add(amount.objects, amount.size)

    def _count_key(self, key: OpenKey) -> None:
        for at, version in enumerate(key.versions):
            if at in key.gone:
                continue
            since = key.verdict.since[at]
            self._summary.add(key.verdict.events[at], 1, version.size, since, since, since)
            if not key.verdict.is_matched[at]:
                self._summary.unmatched.add(1, version.size)

    def _sample(self, page: Page, first: int, verdict: Verdict) -> None:
        samples = self._summary.samples
        if not any(verdict.is_matched) and len(samples) < MOST_SAMPLES:
            samples.append(page.keys[first])


def _since(page: Page, row: int) -> float:
    """The time from which days are counted for a version: that of the one before it, if it is
    noncurrent."""
    is_current = not page.marks or page.marks[row] & LATEST
    return page.modified[row if is_current or not row else row - 1]
