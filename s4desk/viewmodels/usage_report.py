"""How much lies where, as a table for other programs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.usage import AGES_D
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of
from s4desk.viewmodels.usage_rows import sizes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s4desk.core.domain.prices import Prices
    from s4desk.core.domain.usage import Amount
    from s4desk.core.domain.usage_tree import Branch, UsageTree

COLUMNS: Final = (
    "kind",
    "name",
    "objects",
    "bytes",
    "old_objects",
    "old_bytes",
    "cost_per_month",
    "names",
)
"""For programs, and therefore the same in every language. `kind` is total, folder, class or age; an
age is named by the days it goes to."""
_EXACT: Final = Decimal("0.000001")


def usage_report(tree: UsageTree, prices: Prices) -> bytes:
    """A line for each folder at any depth, for each class and for each span of ages."""
    return MARK + rows_of([COLUMNS, *_lines(tree, prices)])


def _lines(tree: UsageTree, prices: Prices) -> Iterator[list[str]]:
    yield _branch("total", tree.top, prices)
    waiting = list(tree.top.branches.values())
    while waiting:
        branch = waiting.pop()
        yield _branch("folder", branch, prices)
        waiting += branch.branches.values()
    for name, amount in tree.top.classes.items():
        yield _line("class", name, amount, None, prices, {name: amount.size})
    for span, amount in sorted(tree.top.ages.items()):
        name = str(AGES_D[span]) if span < len(AGES_D) else ""
        yield _line("age", name, amount, None, prices, {})


def _branch(kind: str, branch: Branch, prices: Prices) -> list[str]:
    return _line(kind, branch.prefix, branch.whole, branch.old, prices, sizes_of(branch))


def _line(
    kind: str,
    name: str,
    amount: Amount,
    old: Amount | None,
    prices: Prices,
    sizes: Mapping[str, int],
) -> list[str]:
    (cell,), how = exact_cells([name])
    cost = prices.cost(sizes)
    return [
        kind,
        cell,
        str(amount.objects),
        str(amount.size),
        "" if old is None else str(old.objects),
        "" if old is None else str(old.size),
        "" if cost is None else f"{cost.quantize(_EXACT).normalize():f}",
        how,
    ]
