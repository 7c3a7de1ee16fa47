"""What stands in the cells of the transfer queue. Made when a cell is painted."""

from __future__ import annotations

import html
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Qt

from s4desk.core.domain.transfer import Direction, TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, RIGHT, plain_tip
from s4desk.viewmodels.rows import format_bytes, format_duration, format_speed
from s4desk.viewmodels.transfer_text import (
    Wish,
    both_ends,
    direction_text,
    done_percent,
    full_path,
    size_text,
    source_text,
    state_text,
    state_tip,
    transfer_name,
    verified_text,
    verified_tip,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Progress, Wait
    from s4desk.core.persist.connections import ConnectionBook

PROGRESS_ROLE = Qt.ItemDataRole.UserRole
"""The Progress of a row, for the delegate that draws it."""

MOVE_ICON = "move"

_Role = Qt.ItemDataRole


class TransferColumn(IntEnum):
    """In the order they are shown: a narrow window has room for the first of them."""

    DIRECTION = 0
    NAME = 1
    PROGRESS = 2
    STATE = 3
    SIZE = 4
    SPEED = 5
    TIME_LEFT = 6
    VERIFIED = 7
    FROM = 8
    TO = 9
    ERROR = 10


class Pace(NamedTuple):
    """Bytes per second, seconds that are left if that can be told, seconds of silence if they are
    too many, and what is waited for."""

    speed: float = 0.0
    seconds_left: float | None = None
    quiet_s: int = 0
    wait: Wait | None = None


STILL = Pace()


class Row(NamedTuple):
    """What the cells of one row are made of; `name_of` knows what a connection is called."""

    progress: Progress
    pace: Pace
    name_of: Callable[[ConnectionId], str]
    wish: Wish | None = None


def names_in(connections: ConnectionBook) -> Callable[[ConnectionId], str]:
    """What connections are called now; one that was removed is told by its id."""

    def name_of(id_: ConnectionId) -> str:
        connection = connections.get(id_)
        return id_ if connection is None else connection.name

    return name_of


def column_title(column: TransferColumn) -> str:
    return {
        TransferColumn.DIRECTION: tr("Direction"),
        TransferColumn.NAME: tr("Name"),
        TransferColumn.FROM: tr("From"),
        TransferColumn.TO: tr("To"),
        TransferColumn.PROGRESS: tr("Progress"),
        TransferColumn.SIZE: tr("Size"),
        TransferColumn.SPEED: tr("Speed"),
        TransferColumn.TIME_LEFT: tr("Time left"),
        TransferColumn.STATE: tr("State"),
        TransferColumn.VERIFIED: tr("Verified"),
        TransferColumn.ERROR: tr("Error"),
    }[column]


def cell_icon(progress: Progress, column: TransferColumn) -> str:
    """The name of the icon in a cell; empty for none."""
    transfer = progress.transfer
    if column is TransferColumn.DIRECTION:
        spec = transfer.spec
        is_move = spec.direction is Direction.COPY and spec.removes_source
        return MOVE_ICON if is_move else spec.direction
    has_failed = transfer.state is TransferState.FAILED
    return "error" if has_failed and column is TransferColumn.STATE else ""


def alignment(column: TransferColumn) -> Qt.AlignmentFlag:
    is_number = column in (TransferColumn.SIZE, TransferColumn.SPEED, TransferColumn.TIME_LEFT)
    return RIGHT if is_number else LEFT


def _text(row: Row, column: TransferColumn) -> str:
    return _TEXT[column](row)


def _state(row: Row) -> str:
    pace = row.pace
    return state_text(row.progress, quiet_s=pace.quiet_s, wait=pace.wait, wish=row.wish)


def _state_tip(row: Row) -> str:
    waiting = _state(row) if row.pace.quiet_s or row.pace.wait else ""
    return " ".join(filter(None, (waiting, state_tip(row.progress, row.name_of))))


def _percent(row: Row) -> str:
    percent = done_percent(row.progress)
    return "" if percent is None else tr("{percent} %").format(percent=percent)


_TEXT: dict[TransferColumn, Callable[[Row], str]] = {
    TransferColumn.DIRECTION: lambda _row: "",
    TransferColumn.NAME: lambda row: transfer_name(row.progress.transfer.spec),
    TransferColumn.FROM: lambda row: source_text(row.progress.transfer, row.name_of),
    TransferColumn.TO: lambda row: full_path(row.progress.transfer.spec.target, row.name_of),
    TransferColumn.PROGRESS: _percent,
    TransferColumn.SIZE: lambda row: size_text(row.progress),
    TransferColumn.SPEED: lambda row: format_speed(row.pace.speed) if row.pace.speed >= 1 else "",
    TransferColumn.TIME_LEFT: lambda row: format_duration(row.pace.seconds_left),
    TransferColumn.STATE: _state,
    TransferColumn.VERIFIED: lambda row: verified_text(row.progress.transfer),
    TransferColumn.ERROR: lambda row: row.progress.transfer.error,
}


def _tip(row: Row, column: TransferColumn) -> str:
    """What the cell has no room for; on most of them both ends in full, and the error."""
    transfer = row.progress.transfer
    told = {
        TransferColumn.SIZE: format_bytes(row.progress.total),
        TransferColumn.STATE: _state_tip(row),
        TransferColumn.VERIFIED: verified_tip(transfer),
        TransferColumn.ERROR: transfer.error,
    }.get(column)
    if told:
        return plain_tip(told)
    word = direction_text(transfer.spec) if column is TransferColumn.DIRECTION else ""
    lines = [word, *both_ends(transfer, row.name_of), transfer.error]
    return "<br>".join(f"<span>{html.escape(line)}</span>" for line in lines if line)


def _accessible_text(row: Row, column: TransferColumn) -> str:
    if column is TransferColumn.DIRECTION:
        return direction_text(row.progress.transfer.spec)
    return _text(row, column)


CELL_READERS: dict[int, Callable[[Row, TransferColumn], Any]] = {
    _Role.DisplayRole: _text,
    _Role.ToolTipRole: _tip,
    _Role.AccessibleTextRole: _accessible_text,
    _Role.TextAlignmentRole: lambda _row, column: alignment(column),
    PROGRESS_ROLE: lambda row, _column: row.progress,
}
