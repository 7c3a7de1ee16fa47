"""Parquet, looked at by ranges."""

from __future__ import annotations

import io
import os
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.viewmodels import parquet_rows
from s4desk.viewmodels.parquet_rows import (
    BLOCK,
    COLUMNS,
    ROWS,
    RangedFile,
    TooMuchError,
    is_parquet,
    parquet_preview,
)
from s4desk.viewmodels.preview import Form

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(table: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


class Pieces:
    """An object, and what was fetched of it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def __call__(self, offset: int, size: int) -> bytes:
        self.asked.append((offset, size))
        return self.data[offset : offset + size]


def shown(data: bytes, most: int = parquet_rows.MOST_READ) -> Any:
    return parquet_preview(RangedFile(len(data), Pieces(data), most=most), data[:100])


def test_rows_and_types_are_shown():
    table = pa.table(
        {
            "id": pa.array([1, 2, None], pa.int64()),
            "raw": pa.array([b"\x00\xff", b"", None]),
            "when": pa.array([datetime(2026, 11, 21, 8, 30, tzinfo=UTC)] * 3),
            "parts": pa.array([[1, 2], [], None]),
        }
    )
    preview = shown(written(table))
    assert preview.form is Form.TABLE
    assert preview.header[0] == "id (int64)"
    assert preview.header[2].startswith("when (timestamp[us, tz=UTC")
    assert preview.rows[0] == ["1", "00ff", "2026-11-21 08:30:00+00:00", "[1, 2]"]
    assert preview.rows[2] == ["", "", "2026-11-21 08:30:00+00:00", ""]
    assert preview.notes[0].startswith("3 rows of 4 columns, written by parquet-cpp-arrow")


def test_only_what_is_needed_is_fetched():
    rows = 400_000
    table = pa.table({f"c{at}": pa.array(os.urandom(rows)[:rows], pa.uint8()) for at in range(8)})
    data = written(table, row_group_size=rows // 2, compression="none", use_dictionary=False)
    pieces = Pieces(data)
    preview = parquet_preview(RangedFile(len(data), pieces), data[:100])
    assert len(preview.rows) == ROWS
    assert "The first 200 rows are shown." in preview.notes
    assert pieces.asked[0][0] + pieces.asked[0][1] == len(data)  # the footer first
    assert sum(size for _, size in pieces.asked) < len(data)


def test_what_is_too_much_is_told_by_its_columns():
    table = pa.table({f"c{at}": pa.array([os.urandom(300_000)] * 3) for at in range(10)})
    data = written(table, compression="none", use_dictionary=False)
    preview = shown(data, most=2 * BLOCK)
    assert preview.header == ["Column", "Type"]
    assert preview.rows[9] == ["c9", "binary"]
    assert "Its columns are shown" in preview.notes[1]


def test_very_many_columns_are_cut():
    table = pa.table({f"c{at}": pa.array([at]) for at in range(COLUMNS + 5)})
    preview = shown(written(table))
    assert len(preview.header) == len(preview.rows[0]) == COLUMNS


def test_times_that_python_does_not_know_are_shown():
    far = pa.array([2**62], pa.timestamp("us"))
    odd = pa.array([1], pa.timestamp("ns"))
    (row,) = shown(written(pa.table({"far": far, "odd": odd}))).rows
    assert row[1].startswith("1970-01-01 00:00:00.000000001")
    assert row[0]


@pytest.mark.parametrize(
    "data", [b"PAR1" + b"x" * 500, b"PAR1" * 3, b"PAR1" + b"\xff" * 8 + b"PAR1"]
)
def test_what_is_damaged_is_shown_as_bytes(data: bytes):
    assert is_parquet(data, len(data))
    preview = shown(data)
    assert preview.form is Form.TEXT
    assert preview.text.startswith("00000000  50 41 52 31")
    assert "cannot be read as Parquet" in preview.notes[0]


def test_a_store_that_fails_is_no_damaged_file():
    def fetch(_offset: int, _size: int) -> bytes:
        raise UnavailableError("gone", operation="get")

    with pytest.raises(UnavailableError):
        parquet_preview(RangedFile(10_000_000, fetch), b"PAR1")


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(parquet_rows.importlib.util, "find_spec", lambda _name: None)
    assert "s4desk[parquet]" in shown(b"PAR1" + b"x" * 50).notes[0]


def test_a_file_is_read_in_blocks_once():
    data = os.urandom(3 * BLOCK + 10)
    pieces = Pieces(data)
    file = RangedFile(len(data), pieces, data[: BLOCK + 5])
    file.seek(BLOCK - 3)
    assert file.read(6) == data[BLOCK - 3 : BLOCK + 3]
    file.seek(-5, io.SEEK_END)
    assert (file.read(), file.read(), file.tell()) == (data[-5:], b"", len(data))
    file.seek(0)
    assert file.read() == data
    assert pieces.asked == [(BLOCK, BLOCK), (3 * BLOCK, 10), (2 * BLOCK, BLOCK)]
    with pytest.raises(TooMuchError):
        RangedFile(len(data), pieces, most=10).read(1)


def test_a_short_object_is_none():
    assert not is_parquet(b"PAR1", 4)
