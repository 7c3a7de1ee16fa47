"""XML kept as it was written: what is not changed comes out again byte by byte.

Only what no parser has to trust: UTF-8, without a document type, and so without entities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.errors import MalformedReplyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
MAX_DEPTH: Final = 100
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_TOKEN: Final = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|[^<]+", re.DOTALL
)
_RAW_NAME: Final = re.compile(r"[^\s/>]+")
_ATTRIBUTE: Final = re.compile(r"([^\s=\"'/<>]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SPACES: Final = re.compile(r"\r\n|[\t\r\n]")
_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(\w+));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_IMPOSSIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Name(NamedTuple):
    """An expanded name. `namespace` is empty for none."""

    namespace: str
    local: str


@dataclass(slots=True)
class Attribute:
    """`raw` is the name with its prefix; namespace declarations have an empty `name.local`."""

    raw: str
    name: Name
    value: str


@dataclass(slots=True, eq=False)
class Element:
    """An element. `children` are elements and raw markup: text with its references, comments.

    `is_touched` says that the start tag is to be written anew, from `attributes`.
    """

    raw: str
    name: Name
    attributes: list[Attribute] = field(default_factory=list)
    children: list[Element | str] = field(default_factory=list)
    start: str = ""
    end: str = ""
    is_touched: bool = False

    def elements(self) -> list[Element]:
        return [each for each in self.children if isinstance(each, Element)]

    @property
    def prefix(self) -> str:
        """As it stands before the name: with its colon, or empty."""
        head, colon, _ = self.raw.rpartition(":")
        return head + colon

    @property
    def text(self) -> str:
        """The characters directly inside."""
        return "".join(_characters(each) for each in self.children if isinstance(each, str))

    def write_text(self, text: str) -> None:
        self.children = [escape(text)] if text else []

    def rename(self, local: str) -> None:
        self.raw = self.prefix + local
        self.name = Name(self.name.namespace, local)
        self.is_touched, self.end = True, ""

    def write(self, out: list[str]) -> None:
        """Add the markup of the element to `out`."""
        start = self.start
        if self.is_touched or not start:
            start = f"<{self.raw}" + "".join(
                f' {each.raw}="{_quoted(each.value)}"' for each in self.attributes
            )
            start += ">" if self.children else "/>"
        if start.endswith("/>"):
            if not self.children:
                out.append(start)
                return
            start = start[:-2].rstrip() + ">"
        out.append(start)
        for child in self.children:
            if isinstance(child, str):
                out.append(child)
            else:
                child.write(out)
        out.append(self.end or f"</{self.raw}>")


@dataclass(slots=True)
class Document:
    """A root, and the markup before and behind it."""

    root: Element
    before: str = ""
    behind: str = ""

    def __bytes__(self) -> bytes:
        out = [self.before]
        self.root.write(out)
        out.append(self.behind)
        return "".join(out).encode()


def parse(body: bytes) -> Document:
    """Read a document. Raises MalformedReplyError for what is no XML, or has a document type."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedReplyError("not XML in UTF-8") from error
    text = text.lstrip()
    _check(text.encode())
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        reader.take(match[0])
    assert reader.document is not None, "it was checked"
    return reader.document


def escape(text: str) -> str:
    """`text` as the content of an element."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")


def is_writable(text: str) -> bool:
    """Whether XML can hold all of these characters."""
    return not _IMPOSSIBLE.search(text)


def _quoted(text: str) -> str:
    spaced = escape(text).replace('"', "&quot;")
    return spaced.replace("\n", "&#10;").replace("\t", "&#9;")


def _check(text: bytes) -> None:
    """Well-formed by the parser of the standard library, which is told to stop at a DTD."""
    from xml.parsers import expat  # noqa: PLC0415 - the window is painted without any XML

    parser = expat.ParserCreate("utf-8", " ")
    depth = 0

    def refuse(*_declaration: object) -> None:
        raise MalformedReplyError("the document declares a type")

    def enter(*_element: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise MalformedReplyError("the document is too deep")

    def leave(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError) as error:
        raise MalformedReplyError(f"not XML: {error!s:.200}") from error


class _Reader:
    """Builds the tree from the tokens of a document that is well-formed."""

    def __init__(self) -> None:
        self.document: Document | None = None
        self._before: list[str] = []
        self._open: list[Element] = []
        self._scopes: list[Mapping[str, str]] = [{"xml": _XML, "": ""}]

    def take(self, token: str) -> None:
        is_tag = token.startswith("<") and token[1] not in "!?"
        if not is_tag:
            self._keep(token)
        elif token[1] == "/":
            self._close(token)
        else:
            self._enter(token)

    def _keep(self, markup: str) -> None:
        if self._open:
            self._open[-1].children.append(markup)
        elif self.document is None:
            self._before.append(markup)
        else:
            self.document.behind += markup

    def _enter(self, token: str) -> None:
        found = _RAW_NAME.match(token, 1)
        assert found is not None, "it was checked"
        raw = found[0]
        pairs = [
            (match[1], _resolved(_SPACES.sub(" ", match[2] or match[3] or "")))
            for match in _ATTRIBUTE.finditer(token, found.end())
        ]
        scope = self._scopes[-1]
        if pairs:
            scope = {**scope, **dict(_declared(pairs))}
        attributes = [Attribute(name, _attribute_name(name, scope), value) for name, value in pairs]
        element = Element(raw, _expanded(raw, scope), attributes, [], token)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.document = Document(element, "".join(self._before))
        if not token.endswith("/>"):
            self._open.append(element)
            self._scopes.append(scope)

    def _close(self, token: str) -> None:
        self._open.pop().end = token
        self._scopes.pop()


def _declared(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        if name == "xmlns":
            yield "", value
        elif name.startswith("xmlns:"):
            yield name[6:], value


def _expanded(raw: str, scope: Mapping[str, str]) -> Name:
    prefix, _, local = raw.rpartition(":")
    return Name(scope.get(prefix, ""), local)


def _attribute_name(raw: str, scope: Mapping[str, str]) -> Name:
    if raw == "xmlns" or raw.startswith("xmlns:"):
        return Name("xmlns", "")
    # The default namespace is none of attributes ("Namespaces in XML 1.0", 6.2).
    return _expanded(raw, scope) if ":" in raw else Name("", raw)


def _characters(markup: str) -> str:
    if markup.startswith("<![CDATA["):
        return markup[9:-3]
    return "" if markup.startswith("<") else _resolved(markup)


def _resolved(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED.get(name, found[0])
    return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
