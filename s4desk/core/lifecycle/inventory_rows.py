"""The rows of an S3 Inventory report as SQL that is the same whatever they were written in.

Keys are BLOBs, for they may be no UTF-8; times are microseconds since the epoch in UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.lifecycle.inventory_columns import Column, Format

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s4desk.core.lifecycle.inventory_files import Sheet

LARGEST_ROW: Final = 4 << 20
"""Bytes. Keys have at most 1 KiB, escaped three."""

Cells = dict[Column, str]
"""The SQL of the cells of a row that are there, as they were written."""


def blob(data: bytes) -> str:
    """A literal."""
    return "'{}'::BLOB".format("".join(f"\\x{byte:02X}" for byte in data))


def literal(text: str) -> str:
    """A literal. File names may hold any byte but NUL."""
    return "'{}'".format(text.replace("'", "''"))


def quoted(name: str) -> str:
    """The name of a column."""
    return '"{}"'.format(name.replace('"', '""'))


def source_of(sheet: Sheet) -> str:
    """A table function that reads all files of a sheet; `filename` tells which. A file that is
    there is meant by its name, whatever is in it."""
    files = "[{}]".format(", ".join(literal(str(path)) for path in sheet.paths))
    if sheet.format is Format.PARQUET:
        return f"read_parquet({files}, union_by_name=true, hive_partitioning=false, filename=true)"
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _distinct(sheet.columns))
    return (
        f"read_csv({files}, auto_detect=false, columns={{{columns}}},"
        f" header={str(sheet.has_header).lower()}, delim=',', quote='\"', escape='\"',"
        f" compression='{'gzip' if sheet.is_packed else 'none'}', max_line_size={LARGEST_ROW},"
        " strict_mode=true, null_padding=false, hive_partitioning=false, filename=true)"
    )


def _distinct(names: tuple[str, ...]) -> list[str]:
    """Column names are told apart without regard to case, and two may be the same."""
    seen: set[str] = {"filename"}
    distinct = []
    for at, name in enumerate(names):
        unique = name if name.casefold() not in seen and name else f"{name} ({at + 1})"
        seen.add(unique.casefold())
        distinct.append(unique)
    return distinct


def rows_of(sheet: Sheet, cells: Mapping[Column, str], types: Mapping[Column, str]) -> str:
    """A SELECT of all rows of a sheet. `cells` are what its columns of use are called, `types` what
    they hold: VARCHAR everywhere in CSV."""
    is_csv = sheet.format is Format.CSV
    made = {
        name: make(quoted(cells[column]), types[column], is_csv=is_csv)
        if column in cells
        else absent
        for name, (column, make, absent) in COLUMNS.items()
    }
    listed = ", ".join(f"{sql} AS {name}" for name, sql in made.items())
    return f"SELECT {listed}, filename AS file FROM {source_of(sheet)}"


def _text(cell: str, kind: str, *, is_csv: bool) -> str:
    return f"nullif({_string(cell, kind)}, '')"


def _string(cell: str, kind: str) -> str:
    if kind == "BLOB":
        return f"decode({cell})"
    return cell if kind == "VARCHAR" else f"CAST({cell} AS VARCHAR)"


def _key(cell: str, kind: str, *, is_csv: bool) -> str:
    return f"coalesce({_bytes(cell, kind, is_csv=is_csv)}, ''::BLOB)"


def _bytes(cell: str, kind: str, *, is_csv: bool) -> str:
    """As `decode_listed` has it. In Parquet keys are as they are."""
    if kind == "BLOB":
        return cell
    if not is_csv:
        return f"encode({_string(cell, kind)})"
    spaced = f"replace({cell}, '+', ' ')"
    escaped = f"replace({spaced}, '\\', '\\x5C')"
    any_bytes = f"regexp_replace({escaped}, '%([0-9A-Fa-f]{{2}})', '\\\\x\\1', 'g')"
    return (
        f"CASE WHEN contains({cell}, '%') OR contains({cell}, '+')"
        f" THEN coalesce(encode(TRY(url_decode({spaced}))), TRY(CAST({any_bytes} AS BLOB)),"
        f" encode({cell})) ELSE encode({cell}) END"
    )


def _whole(cell: str, kind: str, *, is_csv: bool) -> str:
    # Nothing is smaller than nothing: such a row is damaged.
    return f"coalesce(CAST({_text(cell, kind, is_csv=is_csv)} AS UBIGINT), 0)::BIGINT"


def _moment(cell: str, kind: str, *, is_csv: bool) -> str:
    if kind.startswith("TIMESTAMP"):
        return f"epoch_us({cell})"
    if kind == "BIGINT":
        return f"{cell} * 1000"
    return f"epoch_us(CAST({_text(cell, kind, is_csv=is_csv)} AS TIMESTAMPTZ))"


def _truth(absent: bool) -> Callable[..., str]:
    def truth(cell: str, kind: str, *, is_csv: bool) -> str:
        known = f"CAST({_text(cell, kind, is_csv=is_csv)} AS BOOLEAN)"
        return f"coalesce({known}, {absent})"

    return truth


def _or(absent: str) -> Callable[..., str]:
    def text(cell: str, kind: str, *, is_csv: bool) -> str:
        return f"coalesce({_text(cell, kind, is_csv=is_csv)}, '{absent}')"

    return text


def _upper(cell: str, kind: str, *, is_csv: bool) -> str:
    return f"upper({_or('')(cell, kind, is_csv=is_csv)})"


def _hold(cell: str, kind: str, *, is_csv: bool) -> str:
    """What is neither on nor off is on."""
    return f"{_upper(cell, kind, is_csv=is_csv)} NOT IN ('', 'OFF', 'FALSE')"


COLUMNS: Final[Mapping[str, tuple[Column, Callable[..., str], str]]] = {
    "bucket": (Column.BUCKET, _or(""), "''"),
    "key": (Column.KEY, _key, "''::BLOB"),
    "version": (Column.VERSION, _or("null"), "''"),
    "is_latest": (Column.IS_LATEST, _truth(True), "true"),
    "is_marker": (Column.IS_MARKER, _truth(False), "false"),
    "size": (Column.SIZE, _whole, "0::BIGINT"),
    "modified": (Column.MODIFIED, _moment, "NULL::BIGINT"),
    "class": (Column.CLASS, _or("STANDARD"), "'STANDARD'"),
    "etag": (Column.ETAG, _or(""), "''"),
    "replication": (Column.REPLICATION, _upper, "''"),
    "lock_mode": (Column.LOCK_MODE, _upper, "''"),
    "lock_until": (Column.LOCK_UNTIL, _moment, "NULL::BIGINT"),
    "lock_hold": (Column.LOCK_HOLD, _hold, "false"),
    "tags": (Column.TAGS, _or(""), "''"),
}
"""What the columns of every SELECT are called here, of what they are made, and what stands where
a report has none."""
