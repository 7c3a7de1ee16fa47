"""XML replies, read as something a stranger wrote."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import MalformedReplyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

UNREADABLE = "\ufffd"
_IMPOSSIBLE = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]"
    rb"|&#(?:[xX]0*([0-9a-fA-F]{1,8})|0*(\d{1,8}));"
)
_ABSENT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_parsers = threading.local()


def parse_document(body: bytes, *roots: str, repair: bool = False) -> etree._Element:
    """The root of an XML document that is named one of `roots`, in any namespace or none.

    Entities are not expanded, nothing is loaded, and a document type is refused. With `repair`
    characters that XML does not have are read as U+FFFD. Raises MalformedReplyError.
    """
    from lxml import etree  # noqa: PLC0415 - a small file is moved without any XML

    if repair:
        body = _IMPOSSIBLE.sub(_replacement, body)
    parser = getattr(_parsers, "parser", None)
    if parser is None:
        parser = _parsers.parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            collect_ids=False,
            remove_comments=True,
            remove_pis=True,
        )
    try:
        # Stores send spaces ahead of the document to keep the connection alive.
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedReplyError(f"not XML: {error!s:.200}") from error
    # The stubs do not know it.
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise MalformedReplyError("the document declares a type")
    name = etree.QName(root).localname
    if name not in roots:
        raise MalformedReplyError(f"<{name[:80]}> where {' or '.join(roots)} should be")
    return root


def _replacement(found: re.Match[bytes]) -> bytes:
    hexadecimal, decimal = found.groups()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal or b"0")
    is_there = code in (9, 10, 13) or (code >= 0x20 and code not in (0xFFFE, 0xFFFF))
    return found[0] if is_there else UNREADABLE.encode()


def escape(text: str) -> str:
    """`text` as the content of an element that we write."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_readable(text: str) -> str:
    """What a repaired document shows for `text`."""
    return _ABSENT.sub(UNREADABLE, text)


def text_of(parent: etree._Element, name: str) -> str:
    """The text of the child `name`, empty when there is none."""
    return parent.findtext(f"{{*}}{name}") or ""


def children(parent: etree._Element, *names: str) -> list[etree._Element]:
    return list(parent.iterchildren(*(f"{{*}}{name}" for name in names)))


def column(root: etree._Element, rows: Sequence[etree._Element], name: str) -> list[str | None]:
    """The text of the child `name` of each row, None where it is missing or empty.

    `rows` are all elements of their kind under `root`. Raises MalformedReplyError for a cell that
    holds elements, or a row that has two.
    """
    texts: list[str | None] = []
    owners: list[etree._Element | None] = []
    # An element costs more to keep than to read: each is let go as soon as it is seen.
    for cell in root.iter(f"{{*}}{name}"):
        if len(cell):
            raise MalformedReplyError(f"elements inside <{name}>")
        texts.append(cell.text)
        owners.append(cell.getparent())
    return texts if owners == rows else [_only(row, name) for row in rows]


def _only(row: etree._Element, name: str) -> str | None:
    cells = children(row, name)
    if len(cells) > 1:
        raise MalformedReplyError(f"more than one <{name}>")
    return cells[0].text if cells else None
