"""How much lies where: objects and bytes per folder, per storage class and per age."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY_S: Final = 86_400.0
AGES_D: Final = (1, 7, 30, 90, 365, 1825)
"""The ages at which one span ends and the next begins, in days."""


@dataclass(slots=True)
class Amount:
    """Objects, and their bytes."""

    objects: int = 0
    size: int = 0

    def add(self, size: int) -> None:
        self.objects += 1
        self.size += size

    def include(self, other: Amount) -> None:
        self.objects += other.objects
        self.size += other.size


def _amounts() -> defaultdict[str, Amount]:
    return defaultdict(Amount)


@dataclass(slots=True)
class Usage:
    """What was counted until now. `now` is in seconds since the epoch.

    `folders` are those at most `depth` below `prefix`, by their whole prefix, each with all that is
    in it; what lies directly in `prefix` counts in `whole` alone. Memory grows with folders, not
    with objects. `ages` are counted by the index of their span in AGES_D, one more for older ones;
    what has no time counts as oldest.
    """

    prefix: str
    now: float
    depth: int = 1
    whole: Amount = field(default_factory=Amount)
    folders: defaultdict[str, Amount] = field(default_factory=_amounts)
    classes: defaultdict[str, Amount] = field(default_factory=_amounts)
    ages: list[Amount] = field(default_factory=lambda: [Amount() for _ in range(len(AGES_D) + 1)])

    def count(self, rows: Iterable[tuple[str, int, float, str]]) -> None:
        """Add objects: key, bytes, when it was modified (seconds since the epoch), class."""
        folders, classes, ages, whole = self.folders, self.classes, self.ages, self.whole
        for key, size, modified, storage_class in rows:
            whole.add(size)
            classes[storage_class].add(size)
            ages[self._span(modified)].add(size)
            end = len(self.prefix)
            for _ in range(self.depth):
                end = key.find("/", end) + 1
                if not end:
                    break
                folders[key[:end]].add(size)

    def _span(self, modified: float) -> int:
        if isnan(modified):
            return len(AGES_D)
        return bisect_left(AGES_D, (self.now - modified) / DAY_S)
