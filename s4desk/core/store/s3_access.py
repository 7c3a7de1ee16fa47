"""The access control lists of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.access import CannedAcl
from s4desk.core.store.access_xml import acl_document, read_acl
from s4desk.core.store.s3_sender import S3Request, document_request, read_headers

if TYPE_CHECKING:
    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange


class Granter:
    """The grants of one store's objects; worker threads only."""

    def __init__(self, sender: S3Sender) -> None:
        self._sender = sender

    def get(self, exchange: Exchange, location: Location, version: VersionId | None) -> Acl:
        request = S3Request("get_acl", "GET", location.bucket, location.key, query=_query(version))
        return self._sender.call(exchange, request, lambda _, body: read_acl(body))

    def put(
        self,
        exchange: Exchange,
        location: Location,
        acl: Acl | CannedAcl,
        version: VersionId | None,
    ) -> None:
        if isinstance(acl, CannedAcl):
            request = S3Request(
                "put_acl",
                "PUT",
                location.bucket,
                location.key,
                query=_query(version),
                headers={"x-amz-acl": acl},
            )
        else:
            request = document_request(
                "put_acl",
                "PUT",
                location.bucket,
                location.key,
                query=_query(version),
                document=acl_document(acl),
            )
        self._sender.call(exchange, request, read_headers)


def _query(version: VersionId | None) -> dict[str, str]:
    return {"acl": ""} | ({"versionId": version} if version else {})
