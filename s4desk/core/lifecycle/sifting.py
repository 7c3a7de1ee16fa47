"""Pages of a listing, sorted by what happens to their keys. Worker threads only, one at a time."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.candidates import NULL_VERSION, Candidate
from s4desk.core.domain.lifecycle.likeness import UNDATED
from s4desk.core.domain.objects import DELETED, LATEST, Page
from s4desk.core.lifecycle.judging import Known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.lifecycle.judging import Judge, Verdict

Row = tuple[int, int, str, int, int, bool]
"""What a listing tells of a version that matters: rules, rank of its size, class, place of its
creation, mark, and whether it is the null version."""


@dataclass(slots=True)
class OpenKey:
    """A key of which more has to be known. `first` is its row in the page, the newest version.

    `gone` are the versions that were not there any more when they were asked for, `hints` what a
    look at one told of its expiration.
    """

    first: int
    versions: list[Candidate]
    known: list[Known]
    verdict: Verdict
    gone: set[int] = field(default_factory=set)
    hints: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sifted:
    """A page, the verdict of each of its keys with their first rows, and the keys that were open:
    these are settled in place."""

    page: Page
    settled: Sequence[tuple[int, Verdict]]
    open: list[OpenKey]


class Sieve:
    """Takes the pages of one listing in order."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._kept: Page | None = None
        self._places: dict[int, int] = {}

    def sift(self, page: Page, is_last: bool) -> Sifted:
        """What happens to the keys of a page; the last one waits for all of its versions."""
        has_versions = bool(page.marks) or self._kept is not None
        page = self._whole(page, is_last=is_last) if has_versions else page
        rows = self._rows(page)
        settled: list[tuple[int, Verdict]] = []
        opened: list[OpenKey] = []
        by = self._judge.by
        for first, end in _spans(page) if has_versions else _each(len(rows)):
            kind = rows[first] if end - first == 1 else tuple(rows[first:end])

            def versions(first: int = first, end: int = end) -> list[Candidate]:
                return [candidate_of(page, row) for row in range(first, end)]

            verdict = by(kind, versions)
            if verdict.is_open:
                opened.append(OpenKey(first, versions(), [Known()] * (end - first), verdict))
            else:
                settled.append((first, verdict))
        return Sifted(page, settled, opened)

    def judge_again(self, opened: Sequence[OpenKey]) -> list[OpenKey]:
        """Those that are still open with what is known of them by now."""
        for each in opened:
            each.verdict = self._judge.of(each.versions, each.known)
        return [each for each in opened if each.verdict.is_open]

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
        if not len(page):
            return []
        matcher = self._judge.matcher
        rules = matcher.by_start(_common(min(page.keys), max(page.keys)))
        bits = [rules] * len(page) if rules is not None else map(matcher.by_key, page.keys)
        by_rank = matcher.ranks
        ranks = list(map(matcher.rank, page.sizes))
        places = map(self._place, page.modified)
        marks = page.marks or bytes([LATEST]) * len(page)
        nulls = [each == NULL_VERSION for each in page.versions] or [True] * len(page)
        return [
            (bit & by_rank[rank], rank, storage_class, place, mark, is_null)
            for bit, rank, storage_class, place, mark, is_null in zip(
                bits, ranks, page.classes, places, marks, nulls, strict=True
            )
        ]

    def _place(self, seconds: float) -> int:
        rounding = self._judge.rounding
        if seconds != seconds:
            return UNDATED
        place = rounding.place(seconds)
        coarse = self._places.get(place)
        if coarse is None:
            coarse = self._places[place] = rounding.coarse(place)
        return coarse


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


def _common(one: str, other: str) -> str:
    """The letters with which both begin."""
    for end, (letter, there) in enumerate(zip(one, other, strict=False)):
        if letter != there:
            return one[:end]
    return min(one, other, key=len)


def _each(count: int) -> zip[tuple[int, int]]:
    return zip(range(count), range(1, count + 1), strict=True)


def _spans(page: Page) -> list[tuple[int, int]]:
    """Where the versions of each key begin and end."""
    spans, first = [], 0
    keys = page.keys
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
