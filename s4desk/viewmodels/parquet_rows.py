"""The first rows of a Parquet file and what its columns are, of a few ranges of it.

Needs pyarrow, which is large and therefore an extra of its own: `s4desk[parquet]`.
"""

from __future__ import annotations

import importlib.util
import io
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.parts import KIB, MIB
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.preview import Form, Preview
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.structured_text import MAX_CELL, hex_dump

if TYPE_CHECKING:
    from collections.abc import Callable

    Fetch = Callable[[int, int], bytes]

MAGIC: Final = b"PAR1"
MOST_READ: Final = 16 * MIB
"""So much is fetched of a file at most; what rows need more are not shown."""
BLOCK: Final = 256 * KIB
ROWS: Final = 200
COLUMNS: Final = 100
_MOST_TYPE: Final = 60
_MOST_BYTES: Final = 64


class TooMuchError(OSError):
    """More would have to be fetched than is."""


class RangedFile(io.RawIOBase):
    """A file of which only the blocks are fetched that somebody reads. Read in one thread.

    `fetch` gets offset and size and blocks; what it raises is in `failure` too, for libraries turn
    errors into their own. `head` are the first bytes, as far as they are here already.
    """

    def __init__(self, size: int, fetch: Fetch, head: bytes = b"", most: int = MOST_READ) -> None:
        super().__init__()
        self.failure: S4DeskError | None = None
        self._size = size
        self._fetch = fetch
        self._left = most
        self._at = 0
        whole = len(head) if len(head) == size else len(head) // BLOCK * BLOCK
        self._blocks = {at // BLOCK: head[at : at + BLOCK] for at in range(0, whole, BLOCK)}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        end = self._size if size < 0 else min(self._at + size, self._size)
        if end <= self._at:
            return b""
        first, last = self._at // BLOCK, (end - 1) // BLOCK
        self._bring(first, last)
        whole = b"".join(self._blocks[at] for at in range(first, last + 1))
        found = whole[self._at - first * BLOCK : end - first * BLOCK]
        self._at = end
        return found

    def _bring(self, first: int, last: int) -> None:
        """Fetch the blocks that are not here, neighbours at once."""
        at = first
        while at <= last:
            end = at
            while end <= last and end not in self._blocks:
                end += 1
            if end > at:
                self._ask(at * BLOCK, min(end * BLOCK, self._size))
            at = end + 1

    def _ask(self, start: int, end: int) -> None:
        self._left -= end - start
        if self._left < 0:
            raise TooMuchError
        try:
            data = self._fetch(start, end - start)
        except S4DeskError as error:
            self.failure = error
            raise
        for at in range(0, len(data), BLOCK):
            self._blocks[(start + at) // BLOCK] = data[at : at + BLOCK]


def is_parquet(data: bytes, size: int) -> bool:
    return size > 2 * len(MAGIC) and data.startswith(MAGIC)


def parquet_preview(file: RangedFile, head: bytes) -> Preview:
    """Schema and first rows; or the first bytes, and why. It blocks.

    Raises what `fetch` raises.
    """
    if importlib.util.find_spec("pyarrow") is None:
        said = tr("Its rows are shown where pyarrow is installed: with s4desk[parquet].")
        return Preview(Form.TEXT, hex_dump(head), notes=(said,))
    # It takes a tenth of a second to load, and few look at Parquet.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=64 * KIB)
        return _table(parquet, pa.ArrowException)
    except (pa.ArrowException, OSError, ValueError) as error:
        if file.failure is not None:
            raise file.failure from error
        said = tr("It cannot be read as Parquet: its bytes are shown.")
        return Preview(Form.TEXT, hex_dump(head), notes=(said,))


def _table(parquet: Any, arrow_error: type[Exception]) -> Preview:
    schema, meta = parquet.schema_arrow, parquet.metadata
    names = schema.names[:COLUMNS]
    said = tr_n("{count} row", "{count} rows", meta.num_rows).format(
        count=format_count(meta.num_rows)
    )
    notes = [
        tr("{rows} of {columns} columns, written by {program}.").format(
            rows=said, columns=format_count(len(schema.names)), program=meta.created_by or "?"
        )
    ]
    try:
        batches = parquet.iter_batches(batch_size=ROWS, columns=names, use_threads=False)
        batch = next(batches, None)
    except TooMuchError:
        notes.append(
            tr(
                "Its columns are shown: for the first rows more than {size} would be fetched."
            ).format(size=format_size(MOST_READ))
        )
        rows = [[name, str(schema.field(at).type)] for at, name in enumerate(schema.names)]
        return Preview(Form.TABLE, rows=rows, header=[tr("Column"), tr("Type")], notes=tuple(notes))
    if len(schema.names) > COLUMNS:
        notes.append(tr("The first {count} columns are shown.").format(count=COLUMNS))
    if meta.num_rows > ROWS:
        notes.append(tr("The first {count} rows are shown.").format(count=ROWS))
    columns = [] if batch is None else [_cells(each, arrow_error) for each in batch.columns]
    return Preview(
        Form.TABLE,
        rows=[list(row) for row in zip(*columns, strict=True)],
        header=[_title(name, schema.field(at).type) for at, name in enumerate(names)],
        notes=tuple(notes),
    )


def _title(name: str, kind: object) -> str:
    text = str(kind)
    return f"{name} ({text if len(text) <= _MOST_TYPE else text[:_MOST_TYPE] + '…'})"


def _cells(column: Any, arrow_error: type[Exception]) -> list[str]:
    try:
        return [_cell(value) for value in column.to_pylist()]
    except (ValueError, OverflowError, arrow_error):
        pass  # times that Python has no words for: nanoseconds, or the year 300 000
    try:
        return [_cell(value) for value in column.cast("string").to_pylist()]
    except (ValueError, arrow_error):
        return ["?" for _ in column]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{value[:_MOST_BYTES].hex()}{'…' if len(value) > _MOST_BYTES else ''}"
    if isinstance(value, datetime | date | time):
        return value.isoformat(*([" "] if isinstance(value, datetime) else []))
    text = str(value)
    return text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…"
