"""A configuration as XML that people read and type; it says the same as its JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.bucket_config import FACTS, BucketDocument
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.errors import MalformedReplyError, ValidationError
from s4desk.core.domain.xml_tree import Document, Element, parse
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_json import JsonProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.bucket_config import ConfigKind

_PLACE: Final = re.compile(r"(.*): line (\d+), column (\d+)")
INDENT: Final = "  "


def as_xml(
    kind: ConfigKind, value: Mapping[str, Any] | None, onto: BucketDocument | None = None
) -> str:
    """What would be written for `value` in the place of `onto`, indented; empty for nothing.

    Raises ValidationError for what no document can say.
    """
    if not value:
        return ""
    document = parse(from_json(kind, value, onto).body)
    _indent(document.root, 0)
    return bytes(Document(document.root)).decode()


def parsed_xml(
    kind: ConfigKind, text: str, before: Mapping[str, Any]
) -> dict[str, Any] | JsonProblem:
    """What a typed document says; what headers say is none of it, and taken from `before`."""
    try:
        root = parse(text.encode("utf-8", "surrogatepass")).root
        if root.name.local != FACTS[kind].root:
            said = tr("It begins with <{name}>.").format(name=FACTS[kind].root)
            return JsonProblem(said, 1, 1)
        value = as_json(BucketDocument(kind, text.encode()))
    except (MalformedReplyError, UnicodeEncodeError) as error:
        return _problem(str(error))
    headers = FACTS[kind].headers.values()
    return {**value, **{name: before[name] for name in headers if name in before}}


def xml_or_reason(
    kind: ConfigKind, value: Mapping[str, Any] | None, onto: BucketDocument | None = None
) -> str:
    """As `as_xml`; what no document can say is told in its place, as a comment."""
    try:
        return as_xml(kind, value, onto)
    except ValidationError as error:
        return f"<!-- {str(error).replace('--', '- -')} -->"


def _problem(said: str) -> JsonProblem:
    found = _PLACE.search(said)
    line, column = (int(found[2]), int(found[3]) + 1) if found else (1, 1)
    return JsonProblem(tr("This is not XML that can be read."), line, column)


def _indent(element: Element, depth: int) -> None:
    """White space between elements says nothing: each gets a line of its own."""
    inside = [each for each in element.children if not isinstance(each, str) or each.strip()]
    if not any(isinstance(each, Element) for each in inside):
        return
    if any(isinstance(each, str) and not each.startswith("<!--") for each in inside):
        return
    element.children = []
    for each in inside:
        element.children += [f"\n{INDENT * (depth + 1)}", each]
        if isinstance(each, Element):
            _indent(each, depth + 1)
    element.children.append(f"\n{INDENT * depth}")
