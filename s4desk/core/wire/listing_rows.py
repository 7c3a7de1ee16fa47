"""The rows of a page of objects, as columns of text: by one pattern where it fits, else by XML.

A million elements cost more than all the rest of a listing, and the rows of a store are all
written in the same way. The pattern has to cover every byte of them; what stands around the rows
is parsed as XML in any case, with one empty element in their place.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.wire.document import children, column, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

    Texts = Sequence[str | None]

LARGEST: Final = 4 * 1024 * 1024
"""A page with longer keys than that is none that has to be fast."""
STRIDE: Final = 64 * 1024
"""So much is read in one piece: under half a millisecond in which no other thread can run."""

_FIRST: Final = b"<Contents>"
_LAST: Final = b"</Contents>"
_PLACE: Final = b"<Contents/>"

_ODD: Final = bytes({*range(32)} - {*b"\t\n"})
"""What XML does not have, and the carriage return, which it reads as another character."""
_NO_CHARACTERS: Final = ("\ufffe".encode(), "\uffff".encode())
_REFERENCE: Final = re.compile("&(?:(amp|lt|gt|quot|apos)|#x([0-9a-fA-F]{1,6})|#([0-9]{1,7}));")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

_KEY: Final = "<Key>(?P<key>[^<]+)</Key>"
_TIME: Final = "(?:<LastModified>(?P<time>[0-9T:.Z+-]*)</LastModified>)?"
_QUOTE: Final = '(?:"|&quot;|&#34;)?'
_ETAG: Final = f'(?:<ETag>{_QUOTE}(?P<etag>[^<&"]*){_QUOTE}</ETag>)?'
_SIZE: Final = "<Size>(?P<size>[0-9]+)</Size>"
_CLASS: Final = "(?:<StorageClass>(?P<class>[A-Z0-9_-]*)</StorageClass>)?"
_SUMS: Final = (
    "(?:<ChecksumAlgorithm>[A-Z0-9_]*</ChecksumAlgorithm>)*"
    "(?:<ChecksumType>[A-Z_]*</ChecksumType>)?"
)
_OWNER: Final = (
    "(?:<Owner>(?:"
    "(?:<ID>(?P<id>[^<&]*)</ID>)?(?:<DisplayName>(?P<name>[^<&]*)</DisplayName>)?"
    "|<DisplayName>(?P<first_name>[^<&]*)</DisplayName><ID>(?P<last_id>[^<&]*)</ID>"
    ")</Owner>)?"
)
_TYPE: Final = "(?:<Type>[A-Za-z]*</Type>)?"
_LAYOUTS: Final = (
    (_KEY, _TIME, _ETAG, _SUMS, _SIZE, _CLASS, _OWNER, _TYPE),  # Ceph, moto
    (_KEY, _TIME, _ETAG, _SUMS, _SIZE, _OWNER, _CLASS),  # AWS, MinIO
    (_KEY, _ETAG, _SIZE, _TIME, _CLASS, _OWNER, _SUMS),  # LocalStack
)


@dataclass(frozen=True, slots=True)
class Rows:
    """One text for each row and column, None or empty where the store left it out.

    `owners` are empty unless they were asked for.
    """

    keys: Texts
    sizes: Texts
    times: Texts
    etags: Texts
    classes: Texts
    owners: Sequence[str] = ()


def rows_in_tree(root: _Element, *, with_owner: bool) -> Rows:
    """Raises MalformedReplyError for a cell that holds elements, or a row that has two."""
    rows = children(root, "Contents")
    return Rows(
        keys=column(root, rows, "Key"),
        sizes=column(root, rows, "Size"),
        times=column(root, rows, "LastModified"),
        etags=column(root, rows, "ETag"),
        classes=column(root, rows, "StorageClass"),
        owners=[_owner(row) for row in rows] if with_owner else (),
    )


def owners_in_tree(root: _Element, rows: Sequence[_Element]) -> list[str]:
    """Who each row says it belongs to, empty where it does not; `rows` are all under `root`."""
    owners = [row.find("{*}Owner") for row in rows]
    names: dict[_Element | None, str] = {}
    for name in ("ID", "DisplayName"):
        names |= {cell.getparent(): cell.text for cell in root.iter(f"{{*}}{name}") if cell.text}
    return [names.get(owner, "") for owner in owners]


def rows_by_pattern(body: bytes, *, with_owner: bool) -> tuple[Rows, bytes] | None:
    """The rows, and the document without them; None for rows that are not as stores write them.

    The rows are good only if the document `has_place` for them.
    """
    first, end = body.find(_FIRST), body.rfind(_LAST) + len(_LAST)
    if not 0 <= first < end or len(body) > LARGEST:
        return None
    run = body[first:end]
    text = _plain_text(run)
    columns = None if text is None else _columns(text, with_owner=with_owner)
    keys = None if columns is None else _unescaped(columns["key"])
    if columns is None or keys is None:
        return None
    rows = Rows(
        keys=keys,
        sizes=columns["size"],
        times=columns["time"],
        etags=columns["etag"],
        classes=columns["class"],
        owners=_owners(columns) if with_owner else (),
    )
    return rows, body[:first] + _PLACE + body[end:]


def has_place(root: _Element) -> bool:
    """Whether it is a document of which the rows were taken out, and no others are left in it."""
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    places = children(root, "Contents")
    return encoding.upper() == "UTF-8" and len(places) == 1 and not len(places[0])


def _plain_text(run: bytes) -> str | None:
    """The rows as text, None when a character in them is not simply itself."""
    # Each of these looks at all of it: the cheap ones go first.
    if b"]" in run and b"]]>" in run:
        return None
    if not run.isascii() and any(each in run for each in _NO_CHARACTERS):
        return None
    if len(run.translate(None, _ODD)) < len(run):
        return None
    try:
        return run.decode()
    except UnicodeDecodeError:
        return None


def _columns(text: str, *, with_owner: bool) -> dict[str, list[str]] | None:
    """The groups of the layout that covers all of the text."""
    for pattern in _patterns(with_owner):
        if pattern.match(text):
            break
    else:
        return None
    columns: list[list[str]] = [[] for _ in range(pattern.groups + 1)]
    start = 0
    while start < len(text):
        found = text.find(_LAST.decode(), start + STRIDE)
        end = len(text) if found < 0 else found + len(_LAST)
        pieces = pattern.split(text[start:end])
        for place, cells in enumerate(columns):
            cells += pieces[place :: pattern.groups + 1]
        start = end
    # What lies between two rows, before the first and behind the last.
    if any(columns[0]):
        return None
    return {name: columns[place] for name, place in pattern.groupindex.items()}


@functools.cache
def _patterns(with_owner: bool) -> list[re.Pattern[str]]:
    owner = _OWNER if with_owner else re.sub(r"\(\?P<\w+>", "(?:", _OWNER)
    return [
        re.compile(f"<Contents>{''.join(layout)}</Contents>".replace(_OWNER, owner))
        for layout in _LAYOUTS
    ]


def _unescaped(texts: list[str]) -> list[str] | None:
    """The texts with their characters in place of references, None for one to something else."""
    if "&" not in "".join(texts):
        return texts
    resolved: list[str] = []
    for text in texts:
        references = _REFERENCE.findall(text)
        if len(references) != text.count("&") or not all(map(_is_character, references)):
            return None
        resolved.append(_REFERENCE.sub(_character, text) if references else text)
    return resolved


def _is_character(reference: tuple[str, str, str]) -> bool:
    name, hexadecimal, decimal = reference
    code = 9 if name else int(hexadecimal, 16) if hexadecimal else int(decimal)
    is_in_plane = 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
    return code in (9, 10, 13) or is_in_plane or 0x10000 <= code <= 0x10FFFF


def _character(reference: re.Match[str]) -> str:
    name, hexadecimal, decimal = reference.groups()
    return _NAMED[name] if name else chr(int(hexadecimal, 16) if hexadecimal else int(decimal))


def _owners(columns: dict[str, list[str]]) -> list[str]:
    names = zip(
        columns["name"], columns["first_name"], columns["id"], columns["last_id"], strict=True
    )
    return [name or first_name or id_ or last_id or "" for name, first_name, id_, last_id in names]


def _owner(row: _Element) -> str:
    owner = next(iter(children(row, "Owner")), None)
    return "" if owner is None else text_of(owner, "DisplayName") or text_of(owner, "ID")
