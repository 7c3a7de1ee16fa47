"""What became of transfers, as a table for other programs: CSV as RFC 4180 has it.

Names are exact as long as they are text. A byte that is no UTF-8 cannot stand in a CSV file: a
name with one is written with escapes, `\\xff` for the byte and `\\\\` for a backslash. What begins
with `=`, `+`, `-` or `@` is a formula to a spreadsheet, which runs it: an apostrophe goes in front
of that. The column `names` says which of both was done in a line.
"""

from __future__ import annotations

import codecs
import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import TransferState

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

EXACT, ESCAPED, GUARDED = "exact", "escaped", "guarded"
SKIPPED = "skipped"
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LEADING = " \t\r\n\ufeff\u00a0"


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
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for progress in transfers:
        writer.writerow(_line(progress, name_of))
    return (codecs.BOM_UTF8 if has_mark else b"") + sheet.getvalue().encode()


def _line(progress: Progress, name_of: Callable[[ConnectionId], str]) -> list[str]:
    transfer, effort = progress.transfer, progress.transfer.effort
    ends = [_end(end, name_of) for end in (transfer.spec.source, transfer.spec.target)]
    texts = [_as_text(end) for end in ends]
    cells = [_guarded(text) for text in texts]
    return [
        transfer.spec.direction.value,
        *cells,
        str(_size(progress)),
        _state(transfer),
        transfer.verified,
        transfer.checksum,
        _guarded(_as_text(transfer.error)),
        str(effort.sent),
        str(effort.reused),
        str(effort.parts),
        str(effort.retries),
        f"{effort.seconds:.3f}" if effort.seconds else "",
        _moment(effort.started),
        _moment(effort.ended),
        transfer.spec.batch,
        _how_written(ends, texts, cells),
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


def _as_text(name: str) -> str:
    """`name` itself, or with escapes where it is no text."""
    if _is_text(name):
        return name
    return "".join(map(_escaped, name))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return f"\\u{code:04x}"
    return {"\\": "\\\\", "\0": "\\x00"}.get(character, character)


def _guarded(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula."""
    is_formula = text.lstrip(_LEADING).startswith(_FORMULA)
    return f"'{text}" if is_formula or text.startswith(("\t", "\r", "\n")) else text


def _how_written(ends: list[str], texts: list[str], cells: list[str]) -> str:
    told = [ESCAPED] if ends != texts else []
    told += [GUARDED] if texts != cells else []
    return " ".join(told) or EXACT
