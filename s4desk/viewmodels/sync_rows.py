"""The preview of a sync: what would happen to each name, and what of it is wanted."""

from __future__ import annotations

from array import array
from collections import Counter
from enum import IntEnum
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, Location
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.sync import Change, Why
from s4desk.viewmodels.rows import display_name, folder_label, format_size, format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.transfer.inventory import Held
    from s4desk.core.transfer.sync import Difference

_KINDS = tuple(Change)
_CODES = {kind: code for code, kind in enumerate(_KINDS)}


class SyncColumn(IntEnum):
    NAME = 0
    DEED = 1
    WHY = 2
    SOURCE_SIZE = 3
    TARGET_SIZE = 4
    SOURCE_TIME = 5
    TARGET_TIME = 6


class SyncRows:
    """The differences of a comparison as rows, those that a filter lets through.

    New and changed things are ticked until somebody unticks them. What is gone is ticked too, but
    only counts while `deletes` is set, and what has changed only while `replaces` is. `top` is the
    target as a person named it.
    """

    def __init__(self, top: Path | str = "") -> None:
        self._cut = len(str(top)) + 1 if isinstance(top, Path) else len(top)
        self._all: list[Difference] = []
        self._kinds = bytearray()
        self._sizes: array[int] = array("q")
        self._ticked = bytearray()
        self._shown: array[int] = array("I")
        self._filter: Change | None = None
        self.deletes = False
        self.replaces = True
        self.going_back = 0
        """How many things at the target are newer than what would replace them."""
        self.older = 0
        """How many things at the target came of another member, and may be older."""
        self.counts: Counter[Change] = Counter()
        self.sizes: Counter[Change] = Counter()
        self._chosen: Counter[Change] = Counter()
        self._chosen_sizes: Counter[Change] = Counter()

    def __len__(self) -> int:
        """How many are shown."""
        return len(self._shown)

    @property
    def total(self) -> int:
        return len(self._all)

    def add(self, differences: Sequence[Difference]) -> None:
        """Put these at the end."""
        first = len(self._all)
        self._all.extend(differences)
        self._kinds.extend(_CODES[each.change] for each in differences)
        self._sizes.extend(each.size for each in differences)
        self._ticked.extend(b"\1" * len(differences))
        self.going_back += sum(each.would_go_back for each in differences)
        self.older += sum(each.why is Why.OLDER for each in differences)
        new = range(first, len(self._all))
        self._count(new, +1, self.counts, self.sizes)
        self._count(new, +1, self._chosen, self._chosen_sizes)
        self._shown.extend(self._let_through(new))

    def show(self, kind: Change | None) -> None:
        """Let only this kind through, or all."""
        self._filter = kind
        self._shown = array("I", self._let_through(range(len(self._all))))

    def at(self, row: int) -> Difference:
        return self._all[self._shown[row]]

    def is_ticked(self, row: int) -> bool:
        return bool(self._ticked[self._shown[row]])

    def is_open(self, row: int) -> bool:
        """Whether a tick means something now."""
        return self._is_meant(self.at(row).change)

    def tick(self, rows: Iterable[int], is_on: bool) -> None:
        """Want these, or not."""
        chosen = [self._shown[row] for row in rows]
        changed = [number for number in chosen if self._ticked[number] != is_on]
        for number in changed:
            self._ticked[number] = is_on
        self._count(changed, +1 if is_on else -1, self._chosen, self._chosen_sizes)

    # What is wanted

    @property
    def keeps(self) -> bool:
        """Whether something has changed, and stays."""
        return not self.replaces and self.counts[Change.CHANGED] > 0

    def chosen(self, kind: Change) -> int:
        """How many of a kind would be carried out."""
        return self._chosen[kind] if self._is_meant(kind) else 0

    def chosen_size(self, kind: Change) -> int:
        """Their bytes."""
        return self._chosen_sizes[kind] if self._is_meant(kind) else 0

    def transfers(self) -> list[TransferSpec]:
        return [each.spec for each in self._wanted() if each.spec is not None]

    def gone(self) -> list[Held]:
        """What would be deleted."""
        return [each.held for each in self._wanted() if each.spec is None and each.held is not None]

    def _wanted(self) -> Iterable[Difference]:
        ticked = zip(self._all, self._ticked, strict=True)
        return (each for each, is_on in ticked if is_on and self._is_meant(each.change))

    def _is_meant(self, kind: Change) -> bool:
        """Whether anything of this kind is carried out."""
        if kind is Change.NEW:
            return True
        return self.deletes if kind is Change.GONE else self.replaces

    def _let_through(self, numbers: range) -> Iterable[int]:
        """Those of these that the filter shows."""
        if self._filter is None:
            return numbers
        code, kinds = _CODES[self._filter], self._kinds
        return [number for number in numbers if kinds[number] == code]

    def _count(
        self,
        numbers: Sequence[int],
        sign: int,
        counts: Counter[Change],
        sizes: Counter[Change],
    ) -> None:
        """Add these to the figures of their kinds, or take them away."""
        found, total = [0] * len(_KINDS), [0] * len(_KINDS)
        for number in numbers:
            code = self._kinds[number]
            found[code] += 1
            total[code] += self._sizes[number]
        for kind, count, size in zip(_KINDS, found, total, strict=True):
            counts[kind] += sign * count
            sizes[kind] += sign * size

    # What is read

    def name(self, row: int) -> str:
        """Where it is below the target."""
        path = _path_of(self.at(row))[self._cut :]
        return folder_label(path) if path.endswith("/") else display_name(path)

    def full_name(self, row: int) -> str:
        return display_name(_path_of(self.at(row)))

    def text(self, row: int, column: SyncColumn) -> str:
        difference = self.at(row)
        spec, held = difference.spec, difference.held
        if column is SyncColumn.NAME:
            return self.name(row)
        if column is SyncColumn.DEED:
            return self._deed(row)
        if column is SyncColumn.WHY:
            return why_text(difference, replaces=self.replaces)
        if column is SyncColumn.SOURCE_SIZE:
            return format_size(spec.size) if spec is not None and not spec.is_folder else ""
        if column is SyncColumn.TARGET_SIZE:
            return format_size(held.size) if held is not None else ""
        is_source = column is SyncColumn.SOURCE_TIME
        seconds = difference.modified if is_source else held.modified if held is not None else nan
        return format_time(seconds)

    def _deed(self, row: int) -> str:
        """What happens at the target."""
        kind = self.at(row).change
        if kind is Change.NEW:
            return tr("Add")
        if kind is Change.GONE:
            return tr("Delete") if self.deletes and self.is_ticked(row) else tr("Stays")
        return tr("Replace") if self.replaces else tr("Stays")


def _path_of(difference: Difference) -> str:
    spec, held = difference.spec, difference.held
    place: Path | Address | Location
    if spec is not None:
        place = spec.target
    elif held is not None:
        place = held.place
    else:
        return ""
    if isinstance(place, Path):
        return f"{place}/" if spec is not None and spec.is_folder else str(place)
    return place.location.key if isinstance(place, Address) else place.key


def why_text(difference: Difference, *, replaces: bool = True) -> str:
    """What tells the two apart, or why nothing comes of that."""
    if difference.change is Change.NEW:
        return tr("Not at the target")
    if difference.change is Change.GONE:
        return tr("Not at the source")
    if not replaces:
        return tr("Source may be older")
    if difference.would_go_back:
        is_resized = difference.why is Why.SIZE
        return tr("Other size, target newer") if is_resized else tr("Not proved, target newer")
    return {
        Why.SIZE: tr("Another size"),
        Why.NEWER: tr("Newer at the source"),
        Why.CONTENT: tr("Other content, or not proved the same"),
        Why.OLDER: tr("Target may be older"),
    }.get(difference.why, "")
