"""What stands in the cells of the transfer queue. Made when a cell is painted."""

from __future__ import annotations

import html
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Qt

from s4desk.core.domain.transfer import TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, RIGHT, plain_tip
from s4desk.viewmodels.rows import format_bytes, format_duration, format_speed
from s4desk.viewmodels.transfer_text import (
    direction_text,
    done_percent,
    full_path,
    size_text,
    state_text,
    state_tip,
    transfer_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.transfer import Progress

PROGRESS_ROLE = Qt.ItemDataRole.UserRole
"""The Progress of a row, for the delegate that draws it."""

_Role = Qt.ItemDataRole


class TransferColumn(IntEnum):
    DIRECTION = 0
    NAME = 1
    PROGRESS = 2
    SIZE = 3
    SPEED = 4
    TIME_LEFT = 5
    STATE = 6
    ERROR = 7


class Pace(NamedTuple):
    """Bytes per second, and seconds that are left if that can be told."""

    speed: float = 0.0
    seconds_left: float | None = None


STILL = Pace()


def column_title(column: TransferColumn) -> str:
    return {
        TransferColumn.DIRECTION: tr("Direction"),
        TransferColumn.NAME: tr("Name"),
        TransferColumn.PROGRESS: tr("Progress"),
        TransferColumn.SIZE: tr("Size"),
        TransferColumn.SPEED: tr("Speed"),
        TransferColumn.TIME_LEFT: tr("Time left"),
        TransferColumn.STATE: tr("State"),
        TransferColumn.ERROR: tr("Error"),
    }[column]


def cell_icon(progress: Progress, column: TransferColumn) -> str:
    """The name of the icon in a cell; empty for none."""
    transfer = progress.transfer
    if column is TransferColumn.DIRECTION:
        return transfer.spec.direction
    has_failed = transfer.state is TransferState.FAILED
    return "error" if has_failed and column is TransferColumn.STATE else ""


def alignment(column: TransferColumn) -> Qt.AlignmentFlag:
    is_number = column in (TransferColumn.SIZE, TransferColumn.SPEED, TransferColumn.TIME_LEFT)
    return RIGHT if is_number else LEFT


def _text(progress: Progress, pace: Pace, column: TransferColumn) -> str:
    return _TEXT[column](progress, pace)


def _percent(progress: Progress, _pace: Pace) -> str:
    percent = done_percent(progress)
    return "" if percent is None else tr("{percent} %").format(percent=percent)


_TEXT: dict[TransferColumn, Callable[[Progress, Pace], str]] = {
    TransferColumn.DIRECTION: lambda _progress, _pace: "",
    TransferColumn.NAME: lambda progress, _pace: transfer_name(progress.transfer.spec),
    TransferColumn.PROGRESS: _percent,
    TransferColumn.SIZE: lambda progress, _pace: size_text(progress),
    TransferColumn.SPEED: lambda _progress, pace: (
        format_speed(pace.speed) if pace.speed >= 1 else ""
    ),
    TransferColumn.TIME_LEFT: lambda _progress, pace: format_duration(pace.seconds_left),
    TransferColumn.STATE: lambda progress, _pace: state_text(progress),
    TransferColumn.ERROR: lambda progress, _pace: progress.transfer.error,
}


def _tip(progress: Progress, _pace: Pace, column: TransferColumn) -> str:
    """What the cell has no room for; on most of them both ends in full, and the error."""
    transfer = progress.transfer
    told = {
        TransferColumn.SIZE: format_bytes(progress.total),
        TransferColumn.STATE: state_tip(progress),
        TransferColumn.ERROR: transfer.error,
    }.get(column)
    if told:
        return plain_tip(told)
    lines = [
        tr("From: {path}").format(path=full_path(transfer.spec.source)),
        tr("To: {path}").format(path=full_path(transfer.spec.target)),
        transfer.error,
    ]
    return "<br>".join(f"<span>{html.escape(line)}</span>" for line in lines if line)


def _accessible_text(progress: Progress, pace: Pace, column: TransferColumn) -> str:
    if column is TransferColumn.DIRECTION:
        return direction_text(progress.transfer.spec.direction)
    return _text(progress, pace, column)


CELL_READERS: dict[int, Callable[[Progress, Pace, TransferColumn], Any]] = {
    _Role.DisplayRole: _text,
    _Role.ToolTipRole: _tip,
    _Role.AccessibleTextRole: _accessible_text,
    _Role.TextAlignmentRole: lambda _progress, _pace, column: alignment(column),
    PROGRESS_ROLE: lambda progress, _pace, _column: progress,
}
