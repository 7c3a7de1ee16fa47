"""The ranges of one listing, in order, and where they are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.store.key_range import KeyRange, last_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.objects import Page
    from s4desk.core.store.key_space import KeySpace

LONG_PAGES: Final = 4
MOST_PAGES: Final = 8
"""How much a range is meant to hold when there are very many keys."""


class RangePlan:
    """Ranges without a gap between them, from the first that is not delivered to the end.

    Cutting them changes who reads a key, never whether it is read.
    """

    def __init__(self, space: KeySpace, readers: int) -> None:
        self.ranges = [KeyRange()]
        self.is_cut = False
        self.pages_read = 0
        self._keys_read = 0
        self._space = space
        self._readers = readers
        self._stretch = 1.0

    def begin_anew(self) -> None:
        """One range, from the beginning."""
        self.ranges = [KeyRange()]

    def note(self, page: Page) -> None:
        """A page was read, of whatever range."""
        self.pages_read += 1
        self._keys_read += len(page.keys) + len(page.folders)

    def cut(self, first: KeyRange) -> None:
        """Leave in a range that is about to be read only as much as one reader should have."""
        if first.expected and first.requests < 2 * MOST_PAGES:
            return
        sample, count = first.sample, self._share
        if sample is None:
            return
        boundary = self._space.beyond(sample, first.after, count * self._stretch)
        if boundary is None and first.upper is None:
            self._divide(first, self._space.past(sample, first.after), is_apart=True)
        elif self._divide(first, boundary):
            first.found, first.expected, first.stretch = 0, count, self._stretch

    def split(self, ranges: Sequence[KeyRange]) -> KeyRange | None:
        """The further half of a range that is being read, and longer than was guessed."""
        for each in ranges:
            rest = None
            if each.is_done or each.sample is None:
                continue
            if each.upper is None:
                boundary = self._space.past(each.sample, each.after)
                rest = self._divide(each, boundary, is_apart=True)
            elif each.requests >= LONG_PAGES:
                boundary = self._space.halfway(each.sample, each.after, each.upper)
                rest = self._divide(each, boundary)
            if rest is not None:
                return rest
        return None

    def reach_further(self, where: KeyRange, page: Page) -> None:
        """Take over the ranges behind that nobody has begun, as far as the page goes."""
        last = last_of(page, "")
        at = self.ranges.index(where) + 1
        while not where.reaches(last) and at < len(self.ranges):
            if not self.ranges[at].is_untouched:
                return
            where.upper = self.ranges.pop(at).upper
            where.expected = 0

    def end_at(self, where: KeyRange) -> None:
        """Nothing follows at all."""
        for each in self.ranges[self.ranges.index(where) + 1 :]:
            each.is_done = True

    def learn(self, where: KeyRange) -> None:
        """Pass on what was seen to the range behind, and correct the guesses."""
        at = self.ranges.index(where) + 1
        behind = self.ranges[at] if at < len(self.ranges) else None
        if behind is not None and behind.is_untouched and not behind.is_apart:
            behind.sample = where.sample
        if not where.expected:
            return
        if where.found > 2 * where.expected:
            self._stretch = min(self._stretch, where.stretch / 2)
        elif where.is_done and where.found < where.expected / 2:
            self._stretch = max(self._stretch, where.stretch * 2)

    @property
    def _share(self) -> float:
        """How many keys a range should have."""
        per_page = self._keys_read / max(1, self.pages_read)
        return per_page * min(MOST_PAGES, max(2, self.pages_read // self._readers))

    def _divide(
        self, first: KeyRange, boundary: str | None, *, is_apart: bool = False
    ) -> KeyRange | None:
        """Cut a range in two and return the further one, None where it cannot be cut."""
        if boundary is None or not first.reaches(boundary) or boundary == first.upper:
            return None
        self.is_cut = True
        sample = None if is_apart else first.sample
        rest = KeyRange(boundary, first.upper, sample, is_apart=is_apart)
        first.upper, first.requests = boundary, 0
        self.ranges.insert(self.ranges.index(first) + 1, rest)
        return rest
