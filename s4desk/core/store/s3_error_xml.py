"""The error document of S3, read from a body that may be anything."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ERROR_BODY: Final = 64 * 1024
_MAX_MESSAGE: Final = 500
_HEAD: Final = 4096
_TITLE: Final = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The elements of an error document; empty when the body is none.

    `is_foreign` marks a body that is there but not S3's: a web page, JSON, a listing.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    is_error: bool = False
    is_foreign: bool = False
    title: str = ""

    @property
    def code(self) -> str:
        return self.fields.get("Code", "")

    @property
    def message(self) -> str:
        return self.fields.get("Message", "") or self.title


def parse_error_body(body: bytes) -> ErrorBody:
    """Read what can be read of `body` (its first 64 KiB); never raises.

    Entities are not expanded: a document that declares any is not S3's.
    """
    reader = _Reader()
    reader.read(body[:MAX_ERROR_BODY].lstrip())
    if reader.is_error or not body.strip():
        return ErrorBody(reader.fields, is_error=reader.is_error)
    return ErrorBody(is_foreign=True, title=page_title(body))


def is_web_page(body: bytes) -> bool:
    """Whether a body is HTML, whatever its type claims to be."""
    return body[:_HEAD].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def root_name(body: bytes) -> str:
    """What the outermost element of an XML document is called, empty for what is none."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: found.append(name)
    with contextlib.suppress(expat.ExpatError, ValueError):
        parser.Parse(body[:_HEAD].lstrip(), False)
    return found[0].rpartition(":")[2] if found else ""


def page_detail(body: bytes) -> str:
    """What to say of a web page that came where S3 should have answered."""
    return " ".join(filter(None, ("a web page came", page_title(body))))


def page_title(body: bytes) -> str:
    """What a web page calls itself, on one line; empty when it has no title or is none."""
    match = _TITLE.search(body[:_HEAD])
    return " ".join(match[1].decode("utf-8", "replace").split())[:_MAX_MESSAGE] if match else ""


class _ForeignError(Exception):
    """The document is not an error document of S3."""


class _Reader:
    """Collects the leaves of <Error>, at the top or inside <ErrorResponse>."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.is_error = False
        self._path: list[str] = []
        self._text: list[str] = []

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, ValueError):
            # What came before the fault still counts: a cut document usually has its code.
            return
        except _ForeignError:
            self.fields.clear()
            self.is_error = False

    def _doctype(self, *_declaration: object) -> None:
        raise _ForeignError

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._path and name not in ("Error", "ErrorResponse"):
            raise _ForeignError
        self._path.append(name)
        self._text.clear()
        self.is_error = self.is_error or name == "Error"

    def _end(self, _name: str) -> None:
        name = self._path.pop()
        text = "".join(self._text).strip()
        if self._path and self._path[-1] in ("Error", "ErrorResponse") and text:
            self.fields.setdefault(name, text[:_MAX_MESSAGE])
        self._text.clear()
