"""The tags of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.store.replies import read_tags, tags_document
from s4desk.core.store.s3_sender import S3Request, document_request, read_headers

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
        request = document_request(
            "put_tags",
            "PUT",
            location.bucket,
            location.key,
            query=_query(version),
            document=tags_document(tags),
        )
        self._sender.call(exchange, request, read_headers)


def _query(version: VersionId | None) -> dict[str, str]:
    return {"tagging": ""} | ({"versionId": version} if version else {})
