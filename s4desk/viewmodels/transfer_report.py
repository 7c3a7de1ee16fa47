"""What became of transfers, as a table for other programs: CSV as RFC 4180 has it.

Names are exact as long as `spreadsheet` lets them; the column `names` says what was done to them.
Sums are in base64, as S3 has them; `md5` has what `md5sum` would say once more in digits.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.sums import as_base64, md5_digits
from s4desk.core.domain.transfer import TransferState
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.identity import Address, ConnectionId
    from s4desk.core.domain.transfer import Progress, Transfer

COLUMNS = (
    "direction",
    "source",
    "target",
    "size",
    "state",
    "verified",
    "checksum",
    "md5",
    "error",
    "bytes_sent",
    "bytes_reused",
    "parts",
    "retries",
    "seconds",
    "started",
    "ended",
    "batch",
    "names",
)
"""For programs, and therefore the same in every language."""

SKIPPED = "skipped"


def report(
    transfers: Iterable[Progress],
    name_of: Callable[[ConnectionId], str] = str,
    *,
    has_mark: bool = True,
) -> bytes:
    """One line for each transfer below the names of the columns.

    UTF-8, with the mark in front by which spreadsheets know it. `name_of` tells what a connection
    is called.
    """
    sheet = rows_of([COLUMNS, *(_line(progress, name_of) for progress in transfers)])
    return (MARK if has_mark else b"") + sheet


def _line(progress: Progress, name_of: Callable[[ConnectionId], str]) -> list[str]:
    transfer, effort = progress.transfer, progress.transfer.effort
    ends = [_end(end, name_of) for end in (transfer.spec.source, transfer.spec.target)]
    cells, how = exact_cells(ends)
    return [
        transfer.spec.direction.value,
        *cells,
        str(_size(progress)),
        _state(transfer),
        transfer.verified,
        as_base64(transfer.checksum),
        md5_digits(transfer.verified, transfer.checksum),
        exact_cells([transfer.error])[0][0],
        str(effort.sent),
        str(effort.reused),
        str(effort.parts),
        str(effort.retries),
        f"{effort.seconds:.3f}" if effort.seconds else "",
        _moment(effort.started),
        _moment(effort.ended),
        transfer.spec.batch,
        how,
    ]


def _state(transfer: Transfer) -> str:
    is_done = transfer.state is TransferState.COMPLETED
    return SKIPPED if is_done and transfer.skipped else transfer.state.value


def _size(progress: Progress) -> int:
    """What was measured, where the plan did not know yet."""
    return max(progress.total, progress.transfer.spec.size)


def _end(end: Path | Address, name_of: Callable[[ConnectionId], str]) -> str:
    if isinstance(end, Path):
        return str(end)
    return f"{name_of(end.connection)}:{end.location.bucket}/{end.location.key}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""
