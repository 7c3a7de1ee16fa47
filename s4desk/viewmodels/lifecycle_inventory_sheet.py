"""Which findings of an inventory report are shown, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.lifecycle.inventory_wanted import Wanted
from s4desk.viewmodels.lifecycle_sheet import Kind

if TYPE_CHECKING:
    from s4desk.core.lifecycle.findings import Findings
    from s4desk.viewmodels.lifecycle_sheet import Sieve

_KINDS: Final = {
    Kind.ALL: Wanted(),
    Kind.DUE: Wanted(day=0, is_held=False),
    Kind.GOES: Wanted(moves=False, is_held=False),
    Kind.MOVES: Wanted(moves=True, is_held=False),
    Kind.STAYS: Wanted(is_held=True),
}


_NOTHING: Final = Wanted(days=-1)


def wanted_by(sieve: Sieve) -> Wanted:
    """What a report is asked for, so that a sieve has less to look through."""
    kind = _KINDS[sieve.kind]
    if sieve.day > 0 and kind.day == 0:
        return _NOTHING
    return Wanted(
        rule=None if sieve.rule < 0 else sieve.rule,
        day=kind.day if sieve.day < 0 else sieve.day,
        moves=kind.moves,
        is_held=kind.is_held,
        part=sieve.text,
    )


def rows_by_key(sieve: Sieve, found: Findings) -> list[int]:
    """The rows that are shown, in the order of keys and the newest first: reports have no order."""
    rows = sieve.rows(found, 0, len(found))
    keys, created = found.keys, found.created
    return sorted(rows, key=lambda row: (keys[row], -created[row]))
