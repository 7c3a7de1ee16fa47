"""What a person hands to `s4desk config put`: JSON or XML, and the configuration that it says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from s4desk.app.cli.places import UsageError
from s4desk.core.domain.bucket_config import FACTS, BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json, from_json, policy_document
from s4desk.core.domain.errors import LocalFileError, MalformedReplyError, ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_json import JsonProblem, parsed

_MAX_FILE: Final = 16 * 1024 * 1024


def content_of(name: str) -> str:
    """A file or standard input, as text; it blocks."""
    try:
        if name == "-":
            content = sys.stdin.buffer.read(_MAX_FILE)
        else:
            with Path(name).open("rb") as file:
                content = file.read(_MAX_FILE)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise LocalFileError(Path(name), error) from error
    except UnicodeDecodeError as error:
        raise UsageError(tr("“{name}” is no text in UTF-8.").format(name=name)) from error


def document_of(
    kind: ConfigKind, text: str, before: BucketDocument | None, *, id: str = ""
) -> BucketDocument:
    """What the text says: a whole document, or JSON that is changed into the present one.

    Raises ValidationError for what cannot be read, or could be read in two ways.
    """
    if text.lstrip().startswith("<"):
        headers = before.headers if before is not None else {}
        document = BucketDocument(kind, text.encode(), headers, id)
        try:
            as_json(document)
        except MalformedReplyError as error:
            raise ValidationError(error.detail) from error
        return document
    written = _object_of(text)
    value = _unwrapped(kind, written)
    if kind is ConfigKind.POLICY and value is written:
        return policy_document(text)
    if id:
        value = {"Id": id} | value
    return from_json(kind, value, before, id=id)


def _object_of(text: str) -> dict[str, Any]:
    """The store would take one of two fields of the same name in silence, and so would we."""
    value = parsed(text)
    if isinstance(value, JsonProblem):
        raise ValidationError(value.sentence)
    return value


def _unwrapped(kind: ConfigKind, value: dict[str, Any]) -> dict[str, Any]:
    """The AWS CLI puts what some kinds say under the name of the kind."""
    inner = value.get(FACTS[kind].root or "Policy") if len(value) == 1 else None
    if kind is ConfigKind.POLICY and isinstance(inner, str):
        return _object_of(inner)
    return inner if isinstance(inner, dict) and FACTS[kind].root else value
