"""What members of a failover group hold, side by side, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.failover.holdings import Standing
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.error_text import fault_of
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_size, object_label
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s4desk.core.failover.holdings import (
        Holding,
        MemberSummary,
        MergedRow,
        MergedSummary,
    )

AT_ONCE = 1000


class Shown(StrEnum):
    """Which rows are shown."""

    DIFFERENT = "different"
    ALL = "all"
    MISSING = "missing"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Sieve:
    """MISSING and ONLY are about one member, by its place in the group."""

    shown: Shown = Shown.DIFFERENT
    member: int = 0

    def lets_through(self, row: MergedRow) -> bool:
        match self.shown:
            case Shown.DIFFERENT:
                return row.differs
            case Shown.MISSING:
                return row.is_missing_at(self.member)
            case Shown.ONLY:
                return row.only_at == self.member
            case Shown.ALL:
                return True


def sieves(names: Sequence[str]) -> list[tuple[Sieve, str]]:
    """All that can be chosen, each with its words."""
    shown = [printable(name) for name in names]
    return [
        (Sieve(Shown.DIFFERENT), tr("Differences")),
        (Sieve(Shown.ALL), tr("Everything")),
        *(
            (Sieve(Shown.MISSING, at), tr("Missing at {member}").format(member=name))
            for at, name in enumerate(shown)
        ),
        *(
            (
                Sieve(Shown.ONLY, at),
                tr("Only at {member}: not readable without it").format(member=name),
            )
            for at, name in enumerate(shown)
        ),
    ]


def compare_titles(names: Sequence[str]) -> tuple[str, ...]:
    return (tr("Key"), *map(printable, names))


def compare_row(row: MergedRow) -> tuple[str, ...]:
    return (object_label(row.key), *map(_cell, row.holdings))


def comparing_text(summary: MergedSummary) -> str:
    """How far it is."""
    said = tr_n("{count} key so far…", "{count} keys so far…", summary.keys)
    return said.format(count=format_count(summary.keys))


def compared_text(summary: MergedSummary, *, is_stopped: bool = False) -> str:
    """What came of it, and a line for each member."""
    same = summary.same
    said = tr("{same} of {keys} keys are the same at all members.")
    if not summary.is_read:
        same = summary.alike
        said = tr("{same} of {keys} keys are the same at all members that could be read.")
    first = said.format(same=format_count(same), keys=format_count(summary.keys))
    if is_stopped:
        first = tr("Stopped before the end: {said}").format(said=first)
    return "\n".join([first, *map(_member_line, summary.members)])


def sheet(rows: Iterator[MergedRow], names: Sequence[str]) -> Iterator[bytes]:
    """A table for other programs, piece by piece; times are in UTC."""
    titles = [f"{name}: {what}" for name in names for what in ("standing", "size", "etag", "time")]
    yield MARK + rows_of([["key", "key_is", *exact_cells(titles)[0]]])
    piece: list[list[str]] = []
    for row in rows:
        (key,), told = exact_cells([row.key])
        piece.append([key, told, *(text for each in row.holdings for text in _texts(each))])
        if len(piece) == AT_ONCE:
            yield rows_of(piece)
            piece = []
    yield rows_of(piece)


def _texts(holding: Holding) -> list[str]:
    moment = holding.modified
    time = "" if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()
    size = "" if holding.size is None else str(holding.size)
    return [holding.standing.value, size, holding.etag, time]


def _cell(holding: Holding) -> str:
    match holding.standing:
        case Standing.MISSING:
            return tr("missing")
        case Standing.UNREAD:
            return tr("not read")
        case Standing.OTHER:
            return tr("other: {size}").format(size=_size(holding))
        case Standing.UNPROVED:
            return tr("not proved: {size}").format(size=_size(holding))
        case Standing.SAME:
            return _size(holding)


def _size(holding: Holding) -> str:
    return format_size(holding.size or 0)


def _member_line(each: MemberSummary) -> str:
    name = printable(each.name)
    if not each.has_bucket:
        return tr("{member}: there is no such bucket.").format(member=name)
    counts = (
        (tr("{count} missing"), each.missing),
        (tr("{count} other"), each.other),
        (tr("{count} as large and not proved to be the same"), each.unproved),
        (tr("{count} only there"), each.only),
        (tr("{count} not read"), each.unread),
    )
    told = [text.format(count=format_count(count)) for text, count in counts if count]
    held = tr("{count} held ({size})").format(
        count=format_count(each.held), size=format_size(each.size)
    )
    line = tr("{member}: {counts}.").format(member=name, counts=", ".join([held, *told]))
    return line if each.error is None else f"{line} {fault_of(each.error)}"
