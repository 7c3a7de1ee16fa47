"""How much lies where, as rows: by folder, by storage class or by age, the largest first."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from heapq import nlargest
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.usage import AGES_D, Amount
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import display_name, format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.prices import Prices
    from s4desk.core.domain.usage_tree import Branch, UsageTree

MOST_ROWS: Final = 500
MOST_INNER: Final = 40
_CENT: Final = Decimal("0.01")
HERE, REST = "./here", "./rest"
"""Keys of rows that are no folder; a prefix ends with a slash."""


class Division(StrEnum):
    """What the rows are."""

    FOLDERS = "folders"
    CLASSES = "classes"
    AGES = "ages"


class Measure(StrEnum):
    """What is compared."""

    SIZE = "size"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class UsageRow:
    """`key` is the same as long as the row means the same. `folder` is where it leads, if it leads
    anywhere. `inner` are names and values of what is in it, the largest ones."""

    key: str
    name: str
    value: int
    size: str
    objects: str
    share: str
    cost: str = ""
    folder: str = ""
    inner: Sequence[tuple[str, int]] = ()

    @property
    def cells(self) -> list[str]:
        return [self.name, self.size, self.objects, self.share, self.cost]

    @property
    def words(self) -> str:
        """For somebody who does not see the drawing."""
        return ", ".join(filter(None, self.cells))


@dataclass(frozen=True, slots=True)
class UsageSheet:
    """One look at what was counted: at the folder `prefix`, by `division`."""

    prefix: str
    division: Division
    rows: Sequence[UsageRow]
    summary: str
    cost: str
    notes: Sequence[str] = ()
    classes: Sequence[str] = ()


def sheet_of(
    tree: UsageTree, prefix: str, division: Division, measure: Measure, prices: Prices
) -> UsageSheet:
    """What is known of a folder now; it takes some milliseconds where there are very many."""
    branch = tree.at(prefix)
    make = {Division.FOLDERS: _folders, Division.CLASSES: _classes, Division.AGES: _ages}
    writer = _Writer(branch, measure, prices)
    rows = make[division](branch, writer)
    notes = []
    if tree.is_cut:
        notes.append(tr("There are very many folders: the deepest of them are not told apart."))
    classes = sorted(tree.top.classes)
    summary = _summary(branch, tree)
    return UsageSheet(
        branch.prefix, division, rows, summary, writer.cost_text(branch), notes, classes
    )


class _Writer:
    """Makes rows of one folder."""

    def __init__(self, branch: Branch, measure: Measure, prices: Prices) -> None:
        self._measure = measure
        self._prices = prices
        self._whole = self.value(branch.whole)

    def value(self, amount: Amount) -> int:
        return amount.size if self._measure is Measure.SIZE else amount.objects

    def row(
        self,
        key: str,
        name: str,
        amount: Amount,
        sizes: Mapping[str, int] | None = None,
        *,
        folder: str = "",
        inner: Sequence[tuple[str, int]] = (),
    ) -> UsageRow:
        """`sizes` are the bytes of each storage class, where they are known."""
        value = self.value(amount)
        cost = self._prices.cost(sizes) if sizes is not None and self._prices else None
        return UsageRow(
            key,
            name,
            value,
            format_size(amount.size),
            format_count(amount.objects),
            _percent(value, self._whole),
            "" if cost is None else money(cost, self._prices.currency),
            folder,
            inner,
        )

    def inner(self, branch: Branch) -> list[tuple[str, int]]:
        """The largest folders in a folder; what is in none of them is left out."""
        found = nlargest(
            MOST_INNER, branch.branches.values(), key=lambda each: self.value(each.whole)
        )
        return [(display_name(each.name), self.value(each.whole)) for each in found]

    def cost_text(self, branch: Branch) -> str:
        """What all of it costs, as far as there are prices; empty without any."""
        sizes = sizes_of(branch)
        cost = self._prices.cost(sizes) if self._prices else None
        if cost is None:
            return ""
        said = tr("By your prices: {amount} a month.").format(
            amount=money(cost, self._prices.currency)
        )
        lacking = [class_name(each) for each in sizes if each not in self._prices.per_class]
        if not lacking:
            return said
        without = tr("Without {classes}, which have no price.")
        return f"{said} {without.format(classes=', '.join(sorted(lacking)))}"


def _folders(branch: Branch, writer: _Writer) -> list[UsageRow]:
    found = nlargest(MOST_ROWS, branch.branches.values(), key=lambda each: writer.value(each.whole))
    rows = [
        writer.row(
            each.prefix,
            display_name(each.name),
            each.whole,
            sizes_of(each),
            folder=each.prefix,
            inner=writer.inner(each),
        )
        for each in found
    ]
    if branch.here.objects:
        rows.append(writer.row(HERE, tr("(directly in it)"), branch.here))
    if left := len(branch.branches) - len(found):
        rest = Amount(
            branch.whole.objects - branch.here.objects - sum(e.whole.objects for e in found),
            branch.whole.size - branch.here.size - sum(e.whole.size for e in found),
        )
        said = tr_n("({count} smaller folder)", "({count} smaller folders)", left)
        rows.append(writer.row(REST, said.format(count=format_count(left)), rest))
    return sorted(rows, key=lambda each: -each.value)


def _classes(branch: Branch, writer: _Writer) -> list[UsageRow]:
    rows = [
        writer.row(name, class_name(name), amount, {name: amount.size})
        for name, amount in branch.classes.items()
    ]
    return sorted(rows, key=lambda each: (-each.value, each.key))


def _ages(branch: Branch, writer: _Writer) -> list[UsageRow]:
    """The youngest first, as on a calendar."""
    by_class: dict[int, dict[str, int]] = {}
    for (name, span), amount in branch.shares.items():
        by_class.setdefault(span, {})[name] = amount.size
    return [
        writer.row(str(span), age_text(span), amount, by_class[span])
        for span, amount in sorted(branch.ages.items())
    ]


def sizes_of(branch: Branch) -> dict[str, int]:
    """The bytes of each storage class."""
    return {name: amount.size for name, amount in branch.classes.items()}


def class_name(name: str) -> str:
    return name or tr("no class told")


def age_text(span: int) -> str:
    """A span of ages, by its index in AGES_D."""
    if span >= len(AGES_D):
        return tr("older than {days} days").format(days=format_count(AGES_D[-1]))
    if not span:
        days = AGES_D[0]
        return tr_n("up to {days} day old", "up to {days} days old", days).format(days=days)
    between = tr("{from_days} to {to_days} days old")
    return between.format(
        from_days=format_count(AGES_D[span - 1]), to_days=format_count(AGES_D[span])
    )


def money(cost: Decimal, currency: str) -> str:
    """An amount of money, to the cent; what is less than one is not nothing."""
    if 0 < cost < _CENT:
        return f"< {_CENT} {currency}".strip()
    return f"{cost.quantize(_CENT):,} {currency}".strip()


def _summary(branch: Branch, tree: UsageTree) -> str:
    said = tr_n("{count} object, {size}.", "{count} objects, {size}.", branch.whole.objects)
    parts = [
        said.format(count=format_count(branch.whole.objects), size=format_size(branch.whole.size))
    ]
    if branch.old.objects:
        old = tr_n(
            "Of that {count} old version, {size}.",
            "Of that {count} old versions, {size}.",
            branch.old.objects,
        )
        parts.append(
            old.format(count=format_count(branch.old.objects), size=format_size(branch.old.size))
        )
    if tree.markers:
        markers = tr_n(
            "{count} delete marker in all.", "{count} delete markers in all.", tree.markers
        )
        parts.append(markers.format(count=format_count(tree.markers)))
    return " ".join(parts)


def _percent(value: int, whole: int) -> str:
    return f"{100 * value / whole:.1f} %" if whole else ""
