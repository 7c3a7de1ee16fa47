"""The configurations of buckets, as the documents that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import FACTS, BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json, neutral, sendable
from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
)
from s4desk.core.domain.xml_tree import parse
from s4desk.core.store.s3_errors import time_of
from s4desk.core.store.s3_sender import S3Request, document_request, read_headers

if TYPE_CHECKING:
    from s4desk.core.store.s3_sender import Headers, S3Sender
    from s4desk.core.wire.exchange import Exchange

_ABSENT_ALTOGETHER: Final = ("", "NotFound", "NoSuchBucket", "NoSuchKey")
_PRIVATE: Final = {"x-amz-acl": "private"}
_ALIASES: Final = ("BlockPublicAccessBlockConfiguration",)
"""What Ceph calls a root. moto and LocalStack name some by the operation, as in GetBucket…."""
_MAX_PAGES: Final = 100


class Documents:
    """The configurations of one store's buckets; worker threads only."""

    def __init__(self, sender: S3Sender) -> None:
        self._sender = sender

    def get(
        self, exchange: Exchange, bucket: str, kind: ConfigKind, id: str
    ) -> BucketDocument | None:
        facts = FACTS[kind]
        request = S3Request("get_document", "GET", bucket, query=_query(kind, id))

        def read(headers: Headers, body: bytes) -> BucketDocument | None:
            if not body.strip():
                _refuse_silence(kind)
                return None
            beside = {name: headers[name] for name in facts.headers if name in headers}
            document = BucketDocument(kind, body, beside, id, time_of(headers.get("date", "")))
            _check(document)
            return document

        try:
            return self._sender.call(exchange, request, read)
        except NotFoundError as error:
            if error.code in _ABSENT_ALTOGETHER:
                raise
            return None

    def put(self, exchange: Exchange, bucket: str, document: BucketDocument) -> None:
        kind = {} if FACTS[document.kind].root else {"content-type": "application/json"}
        request = document_request(
            "put_document",
            "PUT",
            bucket,
            query=_query(document.kind, document.id),
            document=sendable(document).body,
            headers=kind | dict(document.headers),
        )
        self._sender.call(exchange, request, read_headers)

    def delete(self, exchange: Exchange, bucket: str, kind: ConfigKind, id: str) -> None:
        """Asks for it first: a store that does not know `?kind` would delete the bucket."""
        if self.get(exchange, bucket, kind, id) is None:
            return
        if kind is ConfigKind.ACL:
            request = S3Request(
                "delete_document", "PUT", bucket, query=_query(kind), headers=_PRIVATE
            )
        else:
            instead = neutral(kind)
            if instead is not None:
                self.put(exchange, bucket, instead)
                return
            request = S3Request("delete_document", "DELETE", bucket, query=_query(kind, id))
        self._sender.call(exchange, request, read_headers)

    def ids(self, exchange: Exchange, bucket: str, kind: ConfigKind) -> list[str]:
        if not FACTS[kind].has_ids:
            raise ValueError(f"{kind} has no ids")
        found: list[str] = []
        token = ""
        for _ in range(_MAX_PAGES):
            query = _query(kind) | ({"continuation-token": token} if token else {})
            request = S3Request("list_document_ids", "GET", bucket, query=query)
            page, following = self._sender.call(
                exchange, request, lambda _headers, body: _ids_in(kind, body)
            )
            found += page
            if not following:
                return found
            if following == token:
                break
            token = following
        raise MalformedReplyError("the list does not end", operation="list_document_ids")


def _query(kind: ConfigKind, id: str = "") -> dict[str, str]:
    return {FACTS[kind].query: ""} | ({"id": id} if id else {})


def _refuse_silence(kind: ConfigKind) -> None:
    """Of versions every store says something that knows the question, even where there are none
    ("GetBucketVersioning"): nothing is no answer."""
    if kind is ConfigKind.VERSIONING:
        raise NotSupportedError("the store says nothing of its versions", code="NoAnswer")


def _check(document: BucketDocument) -> None:
    """Raises what it means when another document came: some stores ignore what they do not know,
    and answer with the listing of the bucket."""
    root = FACTS[document.kind].root
    if not root and not document.body.lstrip().startswith(b"<"):
        as_json(document)
        return
    found = parse(document.body).root.name.local
    if found != root and found not in _ALIASES and not found.startswith("Get"):
        _refuse(document.kind, found)


def _refuse(kind: ConfigKind, found: str) -> None:
    if found in ("ListBucketResult", "ListBucketResultV2", "ListAllMyBucketsResult"):
        raise NotSupportedError(
            f"the store does not know {kind}: it answers <{found}>", code="UnknownConfiguration"
        )
    raise MalformedReplyError(f"<{found[:80]}> where {FACTS[kind].root or 'JSON'} should be")


def _ids_in(kind: ConfigKind, body: bytes) -> tuple[list[str], str]:
    """The ids on a page of a list, and the token of the next one."""
    if not body.strip():
        return [], ""
    root = parse(body).root
    if "Configuration" not in root.name.local:
        _refuse(kind, root.name.local)
    ids, following, is_cut = [], "", False
    for child in root.elements():
        match child.name.local:
            case "NextContinuationToken":
                following = child.text
            case "IsTruncated":
                is_cut = child.text.strip().lower() == "true"
            case _:
                ids += [each.text for each in child.elements() if each.name.local == "Id"]
    return ids, following if is_cut else ""
