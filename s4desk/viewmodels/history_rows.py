"""Rows of the history: transfers that have ended, also long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, ConnectionId
from s4desk.core.domain.sums import as_base64
from s4desk.core.domain.transfer import Progress, TransferState
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.answer_text import read_from_text
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import format_bytes, format_duration, format_size, format_time
from s4desk.viewmodels.transfer_text import (
    both_ends,
    direction_text,
    full_path,
    state_text,
    transfer_name,
    verified_text,
    verified_tip,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.transfer import Transfer, TransferSpec
    from s4desk.core.persist.history import HistoryEntry

NameOf = Callable[[ConnectionId], str]


class HistoryColumn(IntEnum):
    """In the order they are shown."""

    NAME = 0
    ENDED = 1
    STATE = 2
    SIZE = 3
    VERIFIED = 4
    FROM = 5
    TO = 6


STATES = (TransferState.COMPLETED, TransferState.FAILED, TransferState.CANCELLED)


def column_title(column: HistoryColumn) -> str:
    return {
        HistoryColumn.NAME: tr("Name"),
        HistoryColumn.ENDED: tr("Ended"),
        HistoryColumn.STATE: tr("State"),
        HistoryColumn.SIZE: tr("Size"),
        HistoryColumn.VERIFIED: tr("Verified"),
        HistoryColumn.FROM: tr("From"),
        HistoryColumn.TO: tr("To"),
    }[column]


def as_progress(entry: HistoryEntry) -> Progress:
    """An entry as the queue would show it."""
    size, state = entry.transfer.spec.size, entry.transfer.state
    is_moved = state is TransferState.COMPLETED and not entry.transfer.skipped
    return Progress(entry.transfer, size if is_moved else 0, size)


def cell_text(entry: HistoryEntry, column: HistoryColumn, name_of: NameOf) -> str:
    spec = entry.transfer.spec
    if column is HistoryColumn.NAME:
        return transfer_name(spec)
    if column is HistoryColumn.ENDED:
        return format_time(entry.moment)
    if column is HistoryColumn.STATE:
        return state_text(as_progress(entry))
    if column is HistoryColumn.SIZE:
        return "" if spec.is_folder else format_size(spec.size)
    if column is HistoryColumn.VERIFIED:
        return verified_text(entry.transfer)
    return full_path(spec.source if column is HistoryColumn.FROM else spec.target, name_of)


def cell_lines(entry: HistoryEntry, column: HistoryColumn, name_of: NameOf) -> list[str]:
    """What the cell has no room for; on most of them both ends in full, and what it took."""
    transfer = entry.transfer
    if column is HistoryColumn.SIZE:
        return [format_bytes(transfer.spec.size)]
    if column is HistoryColumn.VERIFIED:
        return [line for line in (verified_tip(transfer), as_base64(transfer.checksum)) if line]
    if column is HistoryColumn.STATE and transfer.error:
        return [transfer.error]
    ends = both_ends(transfer, name_of)
    return [direction_text(transfer.spec), *ends, *_effort(transfer, name_of)]


def _effort(transfer: Transfer, name_of: NameOf) -> list[str]:
    effort = transfer.effort
    served = [] if effort.answer is None else [read_from_text(effort.answer, name_of)]
    told = (
        [tr("Took {time}").format(time=format_duration(effort.seconds))] if effort.seconds else []
    )
    if effort.retries:
        said = tr_n(
            "{count} request was sent again", "{count} requests were sent again", effort.retries
        )
        told.append(said.format(count=effort.retries))
    return [*served, *told, *filter(None, [transfer.error])]


def store_side(spec: TransferSpec) -> Place | None:
    """The folder in a store where it went to, or came from when it went to the disk."""
    for side in (spec.target, spec.source):
        if isinstance(side, Address):
            return Place(side.connection, side.location.parent)
    return None


def state_choices() -> Sequence[tuple[str, Sequence[TransferState], bool | None]]:
    """Which entries can be asked for, by how they ended; and whether only those that were skipped,
    or only the others."""
    return (
        (tr("All"), STATES, None),
        (tr("Done"), (TransferState.COMPLETED,), False),
        (tr("Failed"), (TransferState.FAILED,), None),
        (tr("Cancelled"), (TransferState.CANCELLED,), None),
        (tr("Skipped"), (TransferState.COMPLETED,), True),
    )


def period_choices() -> Sequence[tuple[str, int | None]]:
    """Since how many days before this one; None for no limit."""
    return (
        (tr("Any time"), None),
        (tr("Today"), 0),
        (tr("Since yesterday"), 1),
        (tr("Last 7 days"), 6),
        (tr("Last 30 days"), 29),
    )


def since(days: int | None, now: datetime | None = None) -> float:
    """The first moment of the day so many days before this one, in seconds since the epoch; 0 for
    None. Days are those of this place."""
    if days is None:
        return 0.0
    today = (now or datetime.now(UTC)).astimezone().replace(hour=0, minute=0, second=0)
    return (today - timedelta(days=days)).replace(microsecond=0).timestamp()
