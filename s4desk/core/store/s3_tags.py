"""The tags of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import MalformedReplyError, NotFoundError
from s4desk.core.store.replies import read_tags, tags_document
from s4desk.core.store.s3_multipart import head
from s4desk.core.store.s3_sender import S3Request, document_request, read_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange

_UNTAGGED: Final = "NoSuchTagSet"
"""What some stores say of an object that is there and has no tags."""
_COUNT: Final = "x-amz-tagging-count"


class Tagger:
    """The tags of one store's objects; worker threads only."""

    def __init__(self, sender: S3Sender) -> None:
        self._sender = sender

    def get(
        self, exchange: Exchange, location: Location, version: VersionId | None
    ) -> dict[str, str]:
        request = S3Request("get_tags", "GET", location.bucket, location.key, query=_query(version))
        try:
            body = self._sender.call(exchange, request, lambda _, body: body)
        except NotFoundError as error:
            if error.code != _UNTAGGED:
                raise
            return {}
        if not body.strip():
            self._refuse_silence(exchange, location, version)
            return {}
        return read_tags(body)

    def _refuse_silence(
        self, exchange: Exchange, location: Location, version: VersionId | None
    ) -> None:
        """Ceph says nothing for what was joined of parts and has no tags; whatever else says
        nothing has said nothing. Raises MalformedReplyError."""
        meta = head(self._sender, exchange, location, version)
        count = meta.headers.get(_COUNT, "")
        if count == "0" or (not count and "-" in meta.etag):
            return
        raise MalformedReplyError(
            "the store says nothing of the tags", operation="get_tags", location=location
        )

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
