"""Copies of archived objects for some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.store.s3_sender import document_request, read_headers

if TYPE_CHECKING:
    from s4desk.core.domain.archive import Tier
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange

_NAMESPACE: Final = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Archivist:
    """Restores of one store's archived objects; worker threads only."""

    def __init__(self, sender: S3Sender) -> None:
        self._sender = sender

    def restore(
        self,
        exchange: Exchange,
        location: Location,
        days: int,
        tier: Tier,
        version: VersionId | None,
    ) -> None:
        """Without days, as objects in an archive of INTELLIGENT_TIERING want it, for good."""
        query = {"restore": ""} | ({"versionId": version} if version else {})
        request = document_request(
            "restore_archived",
            "POST",
            location.bucket,
            location.key,
            query=query,
            document=restore_document(days, tier),
        )
        self._sender.call(exchange, request, read_headers)


def restore_document(days: int, tier: Tier) -> bytes:
    span = f"<Days>{days}</Days>" if days else ""
    return (
        f"<RestoreRequest {_NAMESPACE}>{span}<GlacierJobParameters><Tier>{tier}</Tier>"
        "</GlacierJobParameters></RestoreRequest>"
    ).encode()
