"""Where a report is not what it should be: which file, which line."""

from __future__ import annotations

import csv
import re
import zlib
from typing import TYPE_CHECKING, Final

from s4desk.core.lifecycle.inventory_columns import Column, Format, by_column
from s4desk.core.lifecycle.inventory_database import FailedQueryError
from s4desk.core.lifecycle.inventory_files import damaged, open_text
from s4desk.core.lifecycle.inventory_manifest import InventoryError
from s4desk.core.lifecycle.inventory_rows import quoted, source_of
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s4desk.core.lifecycle.inventory_database import Database
    from s4desk.core.lifecycle.inventory_files import Report, Sheet

_TYPED: Final = {
    Column.SIZE: "UBIGINT",
    Column.MODIFIED: "TIMESTAMPTZ",
    Column.IS_LATEST: "BOOLEAN",
    Column.IS_MARKER: "BOOLEAN",
    Column.LOCK_UNTIL: "TIMESTAMPTZ",
}
_LINE: Final = re.compile(r"CSV Error on Line: (\d+)")
_FILE: Final = re.compile(r"^\s*file = (.*)$", re.MULTILINE)
_COUNTS: Final = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_SHOWN: Final = 60


def explained(database: Database, report: Report, error: FailedQueryError) -> InventoryError:
    """What is wrong, in a sentence that names file and line where that can be found out. It may
    read the report again. Raises StoppedError."""
    text = str(error.cause)
    if text.startswith("Out of Memory"):
        return InventoryError(tr("The report cannot be read: there is too little memory."))
    if (line := _LINE.search(text)) is not None:
        file = _FILE.search(text)
        name = file[1] if file is not None else str(report.paths[0])
        return InventoryError(_row_text(name, int(line[1]), text))
    for sheet in report.sheets:
        for path in sheet.paths:
            if sheet.format is Format.PARQUET and str(path) in text:
                return damaged(path, str(error))
        for found in _bad_cells(database, sheet):
            return found
    return InventoryError(
        tr("The report cannot be read: {reason}.").format(reason=str(error).rstrip("."))
    )


def _row_text(file: str, line: int, text: str) -> str:
    counts = _COUNTS.search(text)
    if counts is not None:
        return tr("{file}, line {line}: there are {found} columns instead of {expected}.").format(
            file=file, line=line, found=counts[2], expected=counts[1]
        )
    if "unterminated quote" in text:
        said = tr("{file}, line {line}: a quote has no end. The file may have been cut off.")
    elif "unicode" in text:
        said = tr("{file}, line {line}: this is no UTF-8.")
    elif "line size" in text.casefold():
        said = tr("{file}, line {line}: this is longer than any row is.")
    else:
        said = tr("{file}, line {line}: this is no row of CSV.")
    return said.format(file=file, line=line)


def _bad_cells(database: Database, sheet: Sheet) -> Iterator[InventoryError]:
    """The first one that is not what its column holds, column by column."""
    if sheet.format is not Format.CSV:
        return
    for column, name in by_column(sheet.columns).items():
        if column not in _TYPED:
            continue
        cell = quoted(name)
        asked = (
            f"SELECT filename, {cell} FROM {source_of(sheet)} WHERE {cell} <> ''"
            f" AND TRY_CAST({cell} AS {_TYPED[column]}) IS NULL LIMIT 1"
        )
        try:
            found = database.all(asked)
        except FailedQueryError:
            return
        for file, value in found:
            path = next((path for path in sheet.paths if str(path) == file), sheet.paths[0])
            line = _line_of(database, path, sheet, sheet.columns.index(name), value)
            yield _bad_cell(path, line, column, value)


def _line_of(database: Database, path: Path, sheet: Sheet, at: int, value: str) -> int:
    """Where the first row is that has this value in a column; 0 when it is not found."""
    try:
        with open_text(path, is_packed=sheet.is_packed) as text:
            rows = csv.reader(text)
            before = 0
            for row in rows:
                database.look()
                if len(row) > at and row[at] == value:
                    return before + 1
                before = rows.line_num
    except (OSError, EOFError, zlib.error, csv.Error):
        pass
    return 0


def _bad_cell(path: Path, line: int, column: Column, value: str) -> InventoryError:
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    return InventoryError(
        tr("{file}, line {line}: “{value}” is no value of the column {column}.").format(
            file=path, line=line, value=shown, column=column.value
        )
    )
