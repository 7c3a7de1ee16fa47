"""How much lies where, of every folder at once: what a drawing of it needs."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.usage import AGES_D, DAY_S, Amount

if TYPE_CHECKING:
    from collections.abc import Iterable

Share = tuple[str, int]
"""A storage class, and the index of a span of ages in AGES_D; one more for what is older."""

MOST_BRANCHES: Final = 50_000
"""Folders that are told apart: some 30 MB."""


def _shares() -> defaultdict[Share, Amount]:
    return defaultdict(Amount)


@dataclass(slots=True, eq=False)
class Branch:
    """A folder with all below it. `prefix` is its whole prefix, `here` what lies directly in it,
    `old` what of all is no longer current."""

    prefix: str
    above: Branch | None = None
    whole: Amount = field(default_factory=Amount)
    here: Amount = field(default_factory=Amount)
    old: Amount = field(default_factory=Amount)
    shares: defaultdict[Share, Amount] = field(default_factory=_shares)
    branches: dict[str, Branch] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in the folder above; a slash at its end."""
        return self.prefix[len(self.above.prefix) :] if self.above is not None else self.prefix

    @property
    def classes(self) -> dict[str, Amount]:
        return self._summed(0)

    @property
    def ages(self) -> dict[int, Amount]:
        """By the index of their span, as in `Share`."""
        return self._summed(1)

    def _summed(self, part: int) -> dict[Any, Amount]:
        found: defaultdict[Any, Amount] = defaultdict(Amount)
        for share, amount in self.shares.items():
            found[share[part]].include(amount)
        return dict(found)


class UsageTree:
    """What was counted until now below `prefix`. One thread at a time.

    Memory grows with folders, up to `most` of them: what lies in further ones counts in the folder
    above, and `is_cut` says so. `now` is in seconds since the epoch.
    """

    def __init__(self, prefix: str, now: float, most: int = MOST_BRANCHES) -> None:
        self.top = Branch(prefix)
        self.markers = 0
        self.is_cut = False
        self._now = now
        self._most = most
        self._known = {prefix: self.top}

    def at(self, prefix: str) -> Branch:
        """The folder of that prefix, or the nearest one above it that is told apart."""
        known = self._known.get(prefix)
        while known is None:
            prefix = prefix[: prefix.rfind("/", 0, -1) + 1]
            known = self._known.get(prefix, None if prefix else self.top)
        return known

    def count(self, rows: Iterable[tuple[str, int, float, str]], *, is_old: bool = False) -> None:
        """Add objects: key, bytes, when it was modified (seconds since the epoch), class."""
        groups: dict[str, defaultdict[Share, Amount]] = {}
        start, top = len(self.top.prefix), self.top.prefix
        for key, size, modified, storage_class in rows:
            end = key.rfind("/", start) + 1
            folder = key[:end] if end else top
            group = groups.get(folder)
            if group is None:
                group = groups[folder] = _shares()
            group[storage_class, self._span(modified)].add(size)
        for folder, shares in groups.items():
            self._add(self._branch(folder), shares, is_old=is_old)

    def _add(self, branch: Branch, shares: dict[Share, Amount], *, is_old: bool) -> None:
        total = Amount()
        for amount in shares.values():
            total.include(amount)
        branch.here.include(total)
        each: Branch | None = branch
        while each is not None:
            each.whole.include(total)
            if is_old:
                each.old.include(total)
            for share, amount in shares.items():
                each.shares[share].include(amount)
            each = each.above

    def _branch(self, folder: str) -> Branch:
        branch = self._known.get(folder)
        if branch is not None:
            return branch
        branch, end = self.top, len(self.top.prefix)
        while (end := folder.find("/", end) + 1) > 0:
            prefix = folder[:end]
            if (known := self._known.get(prefix)) is None:
                if len(self._known) > self._most:
                    self.is_cut = True
                    break
                known = self._known[prefix] = Branch(prefix, branch)
                branch.branches[prefix] = known
            branch = known
        return branch

    def _span(self, modified: float) -> int:
        if isnan(modified):
            return len(AGES_D)
        return bisect_left(AGES_D, (self._now - modified) / DAY_S)
