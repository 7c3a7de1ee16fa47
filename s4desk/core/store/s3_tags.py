"""The tags of objects."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from s4desk.core.store.replies import read_tags, tags_document
from s4desk.core.store.s3_sender import S3Request, read_headers
from s4desk.core.wire.payload import BufferPayload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange


class Tagger:
    """The tags of one store's objects; worker threads only."""

    def __init__(self, sender: S3Sender) -> None:
        self._sender = sender

    def get(
        self, exchange: Exchange, location: Location, version: VersionId | None
    ) -> dict[str, str]:
        request = S3Request("get_tags", "GET", location.bucket, location.key, query=_query(version))
        return self._sender.call(exchange, request, lambda _, body: read_tags(body))

    def put(
        self,
        exchange: Exchange,
        location: Location,
        tags: Mapping[str, str],
        version: VersionId | None,
    ) -> None:
        if not tags:
            request = S3Request(
                "put_tags", "DELETE", location.bucket, location.key, query=_query(version)
            )
            self._sender.call(exchange, request, read_headers)
            return
        document = tags_document(tags)
        digest = hashlib.md5(document, usedforsecurity=False).digest()
        request = S3Request(
            "put_tags",
            "PUT",
            location.bucket,
            location.key,
            query=_query(version),
            headers={
                "content-type": "application/xml",
                "content-md5": base64.b64encode(digest).decode(),
            },
            payload=BufferPayload(memoryview(document)),
            payload_sha256=hashlib.sha256(document).hexdigest(),
        )
        self._sender.call(exchange, request, read_headers)


def _query(version: VersionId | None) -> dict[str, str]:
    return {"tagging": ""} | ({"versionId": version} if version else {})
