"""A failover group as it is now: one row for each member, and what became of reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.answer_text import answer_text
from s4desk.viewmodels.error_text import fault_of
from s4desk.viewmodels.group_limits_text import of_limit, used_size
from s4desk.viewmodels.group_seen import LIMITS, state_text
from s4desk.viewmodels.inspector import Fact
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.quantities import size_words
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.service import BackendStatus, GroupStatus

    NameOf = Callable[[ConnectionId], str]

USAGE: Final = (2, 3, 4)
"""The columns of what a member was used for, in the order of LIMITS."""

_TYPED: Final = (format_count, size_words, size_words)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """What a member shows in the table. `used` is its usage where there is no room for the limits,
    and `shares` how much of each is used, from 0 to 1, None without one. `told` says in full why it
    failed last."""

    id: ConnectionId
    cells: Sequence[str]
    used: Sequence[str]
    shares: Sequence[float | None]
    is_well: bool
    is_pretended: bool
    told: str


def status_titles() -> tuple[str, ...]:
    return (
        tr("Member"),
        tr("State"),
        tr("Requests"),
        tr("Out of it"),
        tr("Into it"),
        tr("Last error"),
    )


def member_rows(status: GroupStatus) -> list[MemberRow]:
    return [_row(each) for each in status.backends]


def group_facts(status: GroupStatus, name_of: NameOf) -> list[Fact]:
    """Of the whole group, and of this process since it has begun."""
    counters = status.counters
    last = tr("nothing yet") if status.last is None else answer_text(status.last, name_of)
    index = (
        tr("available")
        if status.has_index
        else tr("being repaired: nobody knows who holds what until then")
    )
    return [
        Fact(tr("Written to"), printable(status.backends[0].name)),
        Fact(tr("Read last from"), last),
        Fact(tr("Location index"), index),
        Fact(tr("Reads"), format_count(counters.reads)),
        Fact(tr("By another member than usual"), format_count(counters.failovers)),
        Fact(tr("Without knowing who has it"), format_count(counters.degraded)),
        Fact(tr("Not known whether it exists"), format_count(counters.mixed)),
        Fact(tr("Left out for a limit"), format_count(counters.skipped)),
    ]


def month_text(status: GroupStatus) -> str:
    """Which month the usage is of."""
    said = tr("What this group has used its members for in {month} (UTC).")
    return said.format(month=status.month)


def uncounted_text() -> str:
    """What the usage leaves out."""
    return tr("What goes by the members' own connections is not counted.")


def checked_text(status: GroupStatus) -> str:
    """What came of asking all members."""
    well = sum(
        each.health.error is None and not each.health.is_pretended for each in status.backends
    )
    said = tr("{well} of {count} members answer.")
    return said.format(well=format_count(well), count=format_count(len(status.backends)))


def drill_text(rows: Sequence[MemberRow]) -> str:
    """That somebody pretends, and until when; empty for no drill."""
    names = [each.cells[0] for each in rows if each.is_pretended]
    if not names:
        return ""
    said = tr(
        "A drill: {members} is pretended to be down, until you end it or s4desk ends. No group asks"
        " anything of it meanwhile; replication does, and whoever opens its own connection."
    )
    return said.format(members=", ".join(names))


def _row(status: BackendStatus) -> MemberRow:
    health = status.health
    problem = "" if health.error is None else fault_of(health.error)
    pairs = [(getattr(status.used, each), getattr(status.backend.limits, each)) for each in LIMITS]
    (requests, _), *sizes = pairs
    used = [format_count(requests), *(used_size(*each) for each in sizes)]
    # A limit is told as it was typed.
    limits = [
        words(limit) if limit else "" for words, (_, limit) in zip(_TYPED, pairs, strict=True)
    ]
    cells = (
        printable(status.name),
        state_text(status),
        *(of_limit(*each) for each in zip(used, limits, strict=True)),
        problem,
    )
    shares = [min(1.0, of / limit) if limit else None for of, limit in pairs]
    return MemberRow(
        status.backend.connection, cells, used, shares, health.is_well, health.is_pretended, problem
    )
