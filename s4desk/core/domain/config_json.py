"""A configuration as JSON, and changed JSON as the configuration, which loses nothing.

The names are those of the AWS CLI. What they do not cover keeps the name it has in the document:
an element of another namespace is `{namespace}Name`, an attribute `@Name`, and the text of an
element that has attributes `#text`. What JSON does not show at all (comments, order, prefixes)
stays in the document that is changed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import (
    FACTS,
    S3_NAMESPACE,
    BucketDocument,
    ConfigKind,
)
from s4desk.core.domain.config_fields import FIELDS, SAID_BY_BEING_THERE, Field, Shape
from s4desk.core.domain.config_mending import mend
from s4desk.core.domain.config_reading import Reader
from s4desk.core.domain.config_writing import Writer
from s4desk.core.domain.errors import MalformedReplyError, ValidationError
from s4desk.core.domain.xml_tree import Document, parse

if TYPE_CHECKING:
    from collections.abc import Mapping


def as_json(document: BucketDocument | None) -> dict[str, Any]:
    """What a document says, as the AWS CLI writes it; a policy is the policy itself.

    Empty for none. Raises MalformedReplyError for what cannot be read.
    """
    if document is None or not document.body.strip():
        return {}
    facts = FACTS[document.kind]
    if not facts.root:
        return _policy(document.body)
    root = parse(document.body).root
    value = Reader(FIELDS[document.kind], root.name.namespace).value(root, Field("", Shape.STRUCT))
    # The CLI has no place for attributes of the root.
    for header, name in facts.headers.items():
        if header in document.headers:
            value[name] = document.headers[header]
    return dict(value)


def from_json(
    kind: ConfigKind, value: Mapping[str, Any], onto: BucketDocument | None = None, *, id: str = ""
) -> BucketDocument:
    """The document that says `value`: `onto` where that does already, else `onto` changed.

    Without `onto` a new one. Raises ValidationError for what no document can say.
    """
    facts = FACTS[kind]
    if onto is not None and as_json(onto) == value:
        return onto
    id = id or (onto.id if onto else "")
    if not facts.root:
        body = json.dumps(value, indent=2, ensure_ascii=False).encode()
        return BucketDocument(kind, body, id=id)
    names = {name: header for header, name in facts.headers.items()}
    inside = {name: each for name, each in value.items() if name not in names}
    headers = {names[name]: str(each) for name, each in value.items() if name in names}
    tree = parse(onto.body) if onto is not None and onto.body.strip() else None
    body = bytes(_written(kind, inside, tree))
    return BucketDocument(kind, body, headers, id)


def neutral(kind: ConfigKind) -> BucketDocument | None:
    """What is written in place of a deletion, None where S3 has one."""
    value = FACTS[kind].neutral
    return None if value is None else from_json(kind, value)


def is_set(document: BucketDocument | None) -> bool:
    """Whether a document configures anything: some stores answer with an empty one for none."""
    value = as_json(document)
    if document is None or not _says_something("", value):
        return False
    match document.kind:
        case ConfigKind.REQUEST_PAYMENT:
            return bool(value.get("Payer") != "BucketOwner")
        case ConfigKind.ACL:
            return _grants_others(value)
    return True


def sendable(document: BucketDocument) -> BucketDocument:
    """The document as S3 wants it: some stores tell it otherwise."""
    if not FACTS[document.kind].root:
        return document
    tree = parse(document.body)
    return replace(document, body=bytes(tree)) if mend(document.kind, tree) else document


def _written(kind: ConfigKind, value: Mapping[str, Any], tree: Document | None) -> Document:
    root = FACTS[kind].root
    home = tree.root.name.namespace if tree is not None else S3_NAMESPACE
    writer = Writer(FIELDS[kind], home)
    if tree is None:
        return Document(writer.new_root(root, value))
    writer.change(tree.root, value, Field("", Shape.STRUCT))
    if tree.root.name.local != root:
        tree.root.rename(root)
    return tree


def _policy(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise MalformedReplyError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedReplyError("a policy that is no object")
    return value


def policy_document(text: str) -> BucketDocument:
    """A policy as a person wrote it. Raises ValidationError where it is no JSON object."""
    document = BucketDocument(ConfigKind.POLICY, text.encode())
    try:
        _policy(document.body)
    except MalformedReplyError as error:
        raise ValidationError(error.detail) from error
    return document


def _says_something(name: str, value: Any) -> bool:
    """Some stores answer for none with all fields, empty or off (Ceph, for replication)."""
    if isinstance(value, dict):
        return name in SAID_BY_BEING_THERE or any(
            _says_something(inner, each) for inner, each in value.items()
        )
    if isinstance(value, list):
        return any(_says_something(name, each) for each in value)
    return bool(value)


def _grants_others(value: Mapping[str, Any]) -> bool:
    match value:
        case {"Owner": {"ID": owner}, "Grants": [{"Grantee": {"ID": granted}, **rest}]}:
            return bool(granted != owner or rest.get("Permission") != "FULL_CONTROL")
    return bool(value.get("Grants"))
