"""Tables for other programs: CSV as RFC 4180 has it, with any name in it and nothing that runs.

A byte that is no UTF-8 cannot stand in a CSV file: a name with one is written with escapes, `\\xff`
for the byte and `\\\\` for a backslash. What begins with `=`, `+`, `-` or `@` is a formula to a
spreadsheet, which runs it: an apostrophe goes in front of that.
"""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARK: Final = codecs.BOM_UTF8
"""In front of a table: by it spreadsheets know that it is UTF-8."""

EXACT, ESCAPED, GUARDED = "exact", "escaped", "guarded"
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LEADING = " \t\r\n\ufeff\u00a0"


def rows_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Lines of a table."""
    sheet = io.StringIO(newline="")
    csv.writer(sheet, lineterminator="\r\n").writerows(rows)
    return sheet.getvalue().encode()


def exact_cells(names: Sequence[str]) -> tuple[list[str], str]:
    """What stands in a table for these names, and a word on what was done to them for that."""
    texts = [_as_text(name) for name in names]
    cells = [_guarded(text) for text in texts]
    told = [ESCAPED] if texts != list(names) else []
    told += [GUARDED] if cells != texts else []
    return cells, " ".join(told) or EXACT


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
