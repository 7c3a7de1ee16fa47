"""Text with a structure, made readable: JSON, tables with separators, a dump of bytes.

Nothing is lost or mended: what a person reads is what is in the object.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_ROWS = 1000
MAX_COLUMNS = 256
MAX_CELL = 500
MAX_INDENT = 40
"""Deeper levels are drawn no further to the right: a file of brackets would grow a thousandfold."""
HEX_BYTES = 4096
_INDENT = "  "
_PER_LINE = 16
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLED_LINES = 20


def is_json(text: str) -> bool:
    """Whether it is one whole value."""
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def json_lines(text: str, max_lines: int) -> Iterator[str]:
    """The lines of JSON text, indented; also of text that ends in the middle.

    Numbers, doubled names and escapes stay as they are: only the white space between is made anew.
    """
    return itertools.islice(_indented(text), max_lines)


def _indented(text: str) -> Iterator[str]:
    line, depth, before = "", 0, ""
    for found in _TOKENS.finditer(text):
        token = found[0]
        if token in ("}", "]"):
            depth = max(depth - 1, 0)
            if before not in ("{", "["):
                yield line
                line = _margin(depth)
            line += token
        elif token in (",", ":"):
            line += ", "[:1] if token == "," else ": "
        else:
            if before in ("{", "[", ","):
                yield line
                line = _margin(depth)
            elif before and before != ":":
                yield line
                line = ""
            line += token
            depth += token in ("{", "[")
        before = token
    if line:
        yield line


def _margin(depth: int) -> str:
    return _INDENT * min(depth, MAX_INDENT)


def table_rows(text: str, separator: str = "") -> list[list[str]]:
    """The first rows of a table with separated values; empty when it is none.

    Long rows and long cells are cut.
    """
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator or _separator_of(text))
    rows: list[list[str]] = []
    try:
        for row in itertools.islice(reader, MAX_ROWS + 1):
            rows.append([_short(cell) for cell in row[:MAX_COLUMNS]])
    except csv.Error:
        return []
    return rows


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row looks like names: none of it is empty, a number, or there twice."""
    if len(rows) < 2:
        return False
    names = rows[0]
    is_plain = all(name.strip() and not _is_number(name) for name in names)
    return is_plain and len(set(names)) == len(names)


def hex_dump(data: bytes) -> str:
    """Offsets, bytes and letters of the first bytes."""
    return "\n".join(
        _hex_line(at, data[at : at + _PER_LINE])
        for at in range(0, min(len(data), HEX_BYTES), _PER_LINE)
    )


def _hex_line(at: int, data: bytes) -> str:
    left, right = data[:8].hex(" "), data[8:].hex(" ")
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
    return f"{at:08x}  {left:<23}  {right:<23}  {letters}"


def _separator_of(text: str) -> str:
    """The separator that is in every one of the first lines, and most often."""
    lines = [line for line in text[:100_000].split("\n")[:_SAMPLED_LINES] if line.strip()]

    def rank(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        return (min(counts, default=0), sum(counts))

    return max(_SEPARATORS, key=rank)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _short(cell: str) -> str:
    return cell if len(cell) <= MAX_CELL else f"{cell[:MAX_CELL]}…"
