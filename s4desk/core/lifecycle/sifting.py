"""Pages of a listing, sorted by what happens to their keys. Worker threads only, one at a time."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.candidates import AWAITED_REPLICATION, NULL_VERSION, Candidate
from s4desk.core.domain.lifecycle.likeness import DAY_S, UNDATED, Grain
from s4desk.core.domain.objects import DELETED, LATEST, Page
from s4desk.core.lifecycle.awaited import is_awaited
from s4desk.core.lifecycle.judging import Known, Verdict

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from s4desk.core.domain.lifecycle.likeness import Rounding
    from s4desk.core.lifecycle.awaited import Awaiting
    from s4desk.core.lifecycle.judging import Fate, Judge

_LATEST: Final = bytes([LATEST])
Row = tuple[int, int, str, int, int, bool]
"""What a listing tells of a version that matters: rules, rank of its size, class, place of its
creation, mark, and whether it is the null version."""


@dataclass(slots=True)
class OpenKey:
    """A key of which more has to be known. `first` is its row in the page, the newest version.

    `gone` are the versions that were not there any more when they were asked for, `silent` those
    that did not say all.
    """

    first: int
    versions: list[Candidate]
    known: list[Known]
    verdict: Verdict
    gone: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sifted:
    """A page with the fate of each row, and the keys that were open: `settle` puts theirs in once
    they are known. What is gone has no fate."""

    page: Page
    fates: list[Fate | None]
    open: list[OpenKey]

    @property
    def touched(self) -> list[str]:
        """The keys to which something happens, or of which that is not known yet."""
        keys = self.page.keys
        found = {
            keys[row] for row, fate in enumerate(self.fates) if fate is not None and fate.events
        }
        return sorted(found.union(keys[each.first] for each in self.open))

    def settle(self) -> None:
        """Put in what became known of the keys that were open."""
        for key in self.open:
            for at, fate in enumerate(key.verdict.fates):
                self.fates[key.first + at] = None if at in key.gone else fate


class Sieve:
    """Takes the pages of one listing in order."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._kept: Page | None = None
        self._places = _Places(judge.rounding)

    def sift(self, page: Page, is_last: bool) -> Sifted:
        """What happens to the keys of a page; the last one waits for all of its versions."""
        if not page.marks and self._kept is None:
            return self._sift_objects(page)
        page = self._whole(page, is_last=is_last)
        rows = self._rows(page)
        sifted = Sifted(page, [], [])
        get = self._judge.known.get
        for first, end in _spans(page.keys):
            kind = rows[first] if end - first == 1 else tuple(rows[first:end])
            verdict = get(kind) or self._judged(page, kind, first, end)
            if verdict.is_open:
                self._open(sifted, verdict, first, end)
            sifted.fates.extend(verdict.fates)
        return sifted

    def _sift_objects(self, page: Page) -> Sifted:
        """Where each row is a key: most of them cost no more than looking their kind up."""
        rows = self._rows(page)
        verdicts = [
            found or self._judged(page, rows[row], row, row + 1)
            for row, found in enumerate(map(self._judge.known.get, rows))
        ]
        sifted = Sifted(page, [verdict.fates[0] for verdict in verdicts], [])
        if self._judge.has_open:
            for row, verdict in enumerate(verdicts):
                if verdict.is_open:
                    self._open(sifted, verdict, row, row + 1)
        return sifted

    def _judged(self, page: Page, kind: Hashable, first: int, end: int) -> Verdict:
        return self._judge.by(kind, lambda: _candidates(page, first, end))

    def _open(self, sifted: Sifted, verdict: Verdict, first: int, end: int) -> None:
        versions = _candidates(sifted.page, first, end)
        sifted.open.append(OpenKey(first, versions, [Known()] * (end - first), verdict))

    def hold(self, sifted: Sifted, awaiting: Awaiting) -> None:
        """Judge keys anew of which replicas are awaited, with `settle` to put that in."""
        if not awaiting:
            return
        page = sifted.page
        opened = {each.first: each for each in sifted.open}
        for first, end in _spans(page.keys):
            if page.keys[first] not in awaiting:
                continue
            key = opened.get(first)
            if key is None:
                self._open(sifted, Verdict(()), first, end)
                key = sifted.open[-1]
            key.versions = [_held(each, awaiting) for each in key.versions]
            key.verdict = self._judge.of(key.versions, key.known)

    def judge_again(self, opened: Sequence[OpenKey]) -> list[OpenKey]:
        """Those that are still open with what is known of them by now."""
        for each in opened:
            each.verdict = self._judge.of(each.versions, each.known)
        still_open = [each for each in opened if each.verdict.is_open]
        for each in opened:
            if each.silent and not each.verdict.is_open:
                silent = range(len(each.versions)) if self._judge.spares_keys else each.silent
                each.verdict = self._judge.doubted(each.verdict, each.known, silent)
        return still_open

    def _whole(self, page: Page, *, is_last: bool) -> Page:
        """The page without its last key, of which more versions may come, and with the one before
        it."""
        if self._kept is not None:
            page = _joined(self._kept, page)
            self._kept = None
        if is_last or not len(page):
            return page
        first = _first_of_last(page.keys)
        self._kept = page.cut(slice(first, None))
        return page.cut(slice(first))

    def _rows(self, page: Page) -> list[Row]:
        count = len(page)
        if not count:
            return []
        matcher, keys = self._judge.matcher, page.keys
        rules = matcher.by_start(_common(min(keys), max(keys)))
        bits = [rules] * count if rules is not None else list(map(matcher.by_key, keys))
        ranks = matcher.ranks_of(page.sizes)
        marks = page.marks or _LATEST * count
        nulls = [each == NULL_VERSION for each in page.versions] or [True] * count
        places = self._places.of(page.modified)
        return list(zip(bits, ranks, page.classes, places, marks, nulls, strict=True))


class _Places(dict[float, int]):
    """The places of times, by what of them matters: many are looked up at once."""

    def __init__(self, rounding: Rounding) -> None:
        super().__init__()
        self._rounding = rounding

    def of(self, times: array[float]) -> list[int]:
        rounding, now = self._rounding, self._rounding.now
        if not max(times) <= now:
            # Somebody asks what was so before; or nobody told when one of them was made.
            return [rounding.coarse(rounding.place(each)) for each in times]
        if rounding.grain is Grain.AGE:
            return [self[(now - each) // DAY_S] for each in times]
        return [self[each // DAY_S * 2 + (each % DAY_S > 0)] for each in times]

    def __missing__(self, place: float) -> int:
        if place != place:
            return UNDATED
        self[place] = self._rounding.coarse(int(place))
        return self[place]


def _candidates(page: Page, first: int, end: int) -> list[Candidate]:
    return [candidate_of(page, row) for row in range(first, end)]


def candidate_of(page: Page, row: int) -> Candidate:
    """A version as the listing tells it; the others of its key tell the rest: `as_stack`."""
    seconds = page.modified[row]
    mark = page.marks[row] if page.marks else LATEST
    return Candidate(
        key=page.keys[row],
        size=page.sizes[row],
        created=None if seconds != seconds else datetime.fromtimestamp(seconds, UTC),
        storage_class=page.classes[row],
        version=page.versions[row] if page.versions else "",
        etag=page.etags[row],
        is_current=bool(mark & LATEST),
        is_delete_marker=bool(mark & DELETED),
    )


def _held(version: Candidate, awaiting: Awaiting) -> Candidate:
    is_held = is_awaited(awaiting, version.key, version.version, is_current=version.is_current)
    return replace(version, replication=AWAITED_REPLICATION) if is_held else version


def _common(one: str, other: str) -> str:
    """The letters with which both begin."""
    for end, (letter, there) in enumerate(zip(one, other, strict=False)):
        if letter != there:
            return one[:end]
    return min(one, other, key=len)


def _spans(keys: Sequence[str]) -> list[tuple[int, int]]:
    """Where the versions of each key begin and end."""
    spans, first = [], 0
    for row in range(1, len(keys) + 1):
        if row == len(keys) or keys[row] != keys[first]:
            spans.append((first, row))
            first = row
    return spans


def _first_of_last(keys: Sequence[str]) -> int:
    row = len(keys) - 1
    while row and keys[row - 1] == keys[-1]:
        row -= 1
    return row


def _joined(one: Page, other: Page) -> Page:
    sizes, modified = array("q", one.sizes), array("d", one.modified)
    sizes.extend(other.sizes)
    modified.extend(other.modified)
    return replace(
        other,
        keys=[*one.keys, *other.keys],
        sizes=sizes,
        modified=modified,
        etags=[*one.etags, *other.etags],
        classes=[*one.classes, *other.classes],
        owners=(),
        versions=[*one.versions, *other.versions],
        marks=one.marks + other.marks,
    )
