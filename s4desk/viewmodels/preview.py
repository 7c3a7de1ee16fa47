"""What of an object is looked at, how much of it is fetched for that, and how it is shown."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.parts import MIB
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.json_tree import tree_of
from s4desk.viewmodels.pdf_page import is_pdf
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.structured_text import (
    HEX_BYTES,
    MAX_ROWS,
    has_header,
    hex_dump,
    is_json,
    json_lines,
    table_rows,
)
from s4desk.viewmodels.text_decoding import Decoded, decode, is_binary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from s4desk.core.domain.objects import ObjectMeta

TEXT_LIMIT: Final = MIB
"""So many bytes of anything but an image are fetched."""
IMAGE_LIMIT: Final = 32 * MIB
"""Larger images are fetched only when somebody says so."""
IMAGE_MOST: Final = 256 * MIB
"""Images beyond this are not held in memory, whoever says so."""
MAX_LINES: Final = 20_000
MAX_LINE: Final = 2_000
MARKDOWN_LIMIT: Final = 64 * 1024
_MOST_MARKS: Final = 200
_MOST_CELLS: Final = 2_000

_ARCHIVES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_JSON: Final = frozenset({"json", "geojson", "ipynb", "har", "webmanifest", "topojson"})
_JSON_LINES: Final = frozenset({"jsonl", "ndjson"})
_TABLES: Final = {"csv": "", "tsv": "\t", "tab": "\t"}
_MARKDOWN: Final = frozenset({"md", "markdown", "mdown"})
_TYPES: Final = {
    "application/json": "json",
    "application/x-ndjson": "jsonl",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/markdown": "md",
}
_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\0\0\1\0", "ico"),
)
_BITMAP_HEADERS: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_MARKS: Final = re.compile(r"[|*_\[\]>`~]|[-+] ")
_GZIP: Final = b"\x1f\x8b\x08"
_GZIP_WINDOW: Final = 31


class Form(StrEnum):
    """How a preview is drawn."""

    MESSAGE = "message"
    TEXT = "text"
    TABLE = "table"
    TREE = "tree"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` is a sentence, the text itself or its Markdown; `notes` say what is not shown.

    `encoding` is empty where there is none to choose; `is_guessed` as with Decoded. `can_edit`: all
    of the object is here, as text. `tree` is for `json_tree`, and its `text` the same as text.
    """

    form: Form
    text: str = ""
    rows: Sequence[Sequence[str]] = ()
    header: Sequence[str] = ()
    encoding: str = ""
    is_guessed: bool = False
    notes: tuple[str, ...] = ()
    can_edit: bool = False
    tree: object = None


def message(text: str) -> Preview:
    return Preview(Form.MESSAGE, text)


def archive_text(meta: ObjectMeta) -> str:
    """Why an object cannot be read before somebody restores it; empty for all others."""
    restored = 'ongoing-request="false"' in meta.headers.get("x-amz-restore", "")
    tier = meta.headers.get("x-amz-archive-status", "")
    if restored or not (meta.storage_class in _ARCHIVES or tier):
        return ""
    said = tr("It is archived ({storage_class}): it can be read when it has been restored.")
    return said.format(storage_class=tier or meta.storage_class)


def picture_format(data: bytes) -> str:
    """Which kind of image these first bytes begin; empty for what is none that is shown.

    SVG is shown as the text it is: drawing it may read other files, and need not end.
    """
    for magic, name in _PICTURES:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BITMAP_HEADERS:
        return "bmp"
    return ""


def size_barrier(size: int, *, is_wanted: bool) -> str:
    """Why an image of `size` bytes is not fetched; empty when it is."""
    if size > IMAGE_MOST:
        said = tr("This image is too large to be shown: {size}, and {limit} is the most.")
        return said.format(size=format_size(size), limit=format_size(IMAGE_MOST))
    if size > IMAGE_LIMIT and not is_wanted:
        return tr("This image is large: {size}.").format(size=format_size(size))
    return ""


def document_barrier(size: int, *, is_wanted: bool) -> str:
    """The same of a document, of which pages are drawn."""
    if size > IMAGE_MOST:
        said = tr("This document is too large to be shown: {size}, and {limit} is the most.")
        return said.format(size=format_size(size), limit=format_size(IMAGE_MOST))
    if size > IMAGE_LIMIT and not is_wanted:
        return tr("This document is large: {size}.").format(size=format_size(size))
    return ""


def look(meta: ObjectMeta, data: bytes, encoding: str = "") -> Preview:
    """How the first bytes of an object, which are no image, are shown.

    It may take some tenths of a second, and never raises. `encoding` is what a person chose.
    """
    is_cut = len(data) < meta.size
    notes = (_first(len(data), meta.size),) if is_cut else ()
    kind = _kind(meta.location.name, meta.attributes.content_type)
    is_unpacked = False
    if data.startswith(_GZIP):
        unpacked, is_more = _unpacked(data)
        if unpacked and (encoding or not is_binary(unpacked)):
            kind = _kind(meta.location.name.lower().removesuffix(".gz"), "") or kind
            data, is_cut, is_unpacked = unpacked, is_cut or is_more, True
            notes = (tr("Unpacked from gzip."), *((_begin(len(data)),) if is_cut else ()))
    if not encoding and is_binary(data):
        dump_notes = [_dump_note(len(data), meta.size)]
        if is_pdf(data):
            said = tr("Its pages are drawn where pypdfium2 is installed: with s4desk[pdf].")
            dump_notes.append(said)
        return Preview(Form.TEXT, hex_dump(data), notes=tuple(dump_notes))
    decoded = decode(data, encoding)
    shown = _look_at_text(decoded, kind, notes, is_cut=is_cut)
    can_edit = not is_cut and not is_unpacked
    return replace(shown, is_guessed=decoded.is_guessed, can_edit=can_edit)


def _look_at_text(decoded: Decoded, kind: str, notes: tuple[str, ...], *, is_cut: bool) -> Preview:
    text = decoded.text
    if kind in _TABLES:
        whole = text[: text.rfind("\n") + 1] if is_cut and "\n" in text else text
        if (rows := table_rows(whole, _TABLES[kind])) and max(map(len, rows)) > 1:
            return _table(rows, decoded.encoding, notes)
    if kind in _MARKDOWN and _is_easy_markdown(text):
        return Preview(Form.MARKDOWN, text, encoding=decoded.encoding, notes=notes)
    lines, tree = _LINE_END.split(text), None
    if kind in _JSON_LINES:
        lines = [part for line in lines[:MAX_LINES] for part in _record(line)]
    elif kind in _JSON and is_cut:
        # Inside a string that is cut off anything may stand.
        lines = _LINE_END.split("\n".join(json_lines(text, MAX_LINES + 1)))
    elif (kind in _JSON or (not kind and text[:1] in "{[")) and text:
        if is_json(text):
            lines, tree = list(json_lines(text, MAX_LINES + 1)), tree_of(text)
        elif kind in _JSON:
            notes = (*notes, tr("It is no valid JSON, and shown as it is."))
    shown, more_notes = _limited(lines)
    if tree:
        return Preview(Form.TREE, shown, encoding=decoded.encoding, notes=notes, tree=tree)
    return Preview(Form.TEXT, shown, encoding=decoded.encoding, notes=(*notes, *more_notes))


def _record(line: str) -> list[str]:
    return list(json_lines(line, MAX_LINES)) if is_json(line) else [line]


def _table(rows: list[list[str]], encoding: str, notes: tuple[str, ...]) -> Preview:
    header = rows[0] if has_header(rows) else []
    body = rows[1:] if header else rows
    if len(body) > MAX_ROWS or len(rows) > MAX_ROWS:
        body = body[:MAX_ROWS]
        said = tr("The first {count} rows are shown.")
        notes = (*notes, said.format(count=format_count(len(body))))
    return Preview(Form.TABLE, rows=body, header=header, encoding=encoding, notes=notes)


def _limited(lines: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Text that a window can lay out at once: not too many lines, and none too long."""
    notes: tuple[str, ...] = ()
    if len(lines) > MAX_LINES:
        said = tr("The first {count} lines are shown.")
        notes = (said.format(count=format_count(MAX_LINES)),)
        lines = lines[:MAX_LINES]
    folded = list(_folded(lines))
    if len(folded) > len(lines):
        notes = (*notes, tr("Long lines are broken."))
    return "\n".join(folded), notes


def _folded(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) <= MAX_LINE:
            yield line
        else:
            yield from (line[at : at + MAX_LINE] for at in range(0, len(line), MAX_LINE))


def _kind(name: str, content_type: str) -> str:
    """The extension that tells what is in it: that of the name, or what its type stands for."""
    extension = name[name.rfind(".") + 1 :].lower() if "." in name else ""
    known: Mapping[str, object] = _TABLES
    if extension in _JSON | _JSON_LINES | _MARKDOWN or extension in known:
        return extension
    bare = content_type.partition(";")[0].strip().lower()
    if bare.endswith("+json"):
        return "json"
    return _TYPES.get(bare, extension)


def _is_easy_markdown(text: str) -> bool:
    """Whether it is laid out in no time: a table of some thousand cells takes seconds."""
    is_small = len(text) <= MARKDOWN_LIMIT and text.count("|") <= _MOST_CELLS
    return is_small and all(
        len(line) <= MAX_LINE * 4 and len(_MARKS.findall(line)) <= _MOST_MARKS
        for line in _LINE_END.split(text)
    )


def _unpacked(data: bytes) -> tuple[bytes, bool]:
    """The begin of what is packed, and whether there is more; nothing when it is damaged."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        unpacked = unpacker.decompress(data, TEXT_LIMIT)
    except zlib.error:
        return b"", False
    return unpacked, bool(unpacker.unconsumed_tail) or not unpacker.eof


def _first(shown: int, size: int) -> str:
    said = tr("The first {shown} of {size} are shown.")
    return said.format(shown=format_size(shown), size=format_size(size))


def _begin(shown: int) -> str:
    return tr("The first {shown} are shown.").format(shown=format_size(shown))


def _dump_note(held: int, size: int) -> str:
    shown = min(held, HEX_BYTES)
    if shown == size:
        return tr("No text: its bytes are shown.")
    said = tr("No text: the first {shown} of {size} are shown.")
    return said.format(shown=format_size(shown), size=format_size(size))
