"""Requests of one S3 store from a worker thread that makes many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.store.s3_conditions import condition_headers
from s4desk.core.store.s3_download import Download
from s4desk.core.store.s3_headers import attribute_headers
from s4desk.core.store.s3_multipart import head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.protocol import Condition, GetReply, Moved, PutReply
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.store.s3_tags import Tagger
    from s4desk.core.store.s3_upload import Uploader
    from s4desk.core.wire.body import Body, WholeSink
    from s4desk.core.wire.cancellation import CancelToken
    from s4desk.core.wire.exchange import Exchange


class S3Direct:
    """A DirectStore, for as long as a job of the wire lasts."""

    def __init__(
        self,
        exchange: Exchange,
        sender: S3Sender,
        uploader: Uploader,
        tagger: Tagger,
        capabilities: Capabilities,
    ) -> None:
        self._exchange = exchange
        self._sender = sender
        self._uploader = uploader
        self._tagger = tagger
        self._capabilities = capabilities

    @property
    def token(self) -> CancelToken:
        return self._exchange.token

    def head(self, location: Location) -> ObjectMeta:
        return head(self._sender, self._exchange, location, None)

    def get_tags(self, location: Location) -> Mapping[str, str]:
        return self._tagger.get(self._exchange, location, None)

    def get(self, location: Location, sink: WholeSink, *, moved: Moved | None = None) -> GetReply:
        return Download(location).run(self._sender, self._exchange, sink, moved)

    def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        # What cannot be promised is refused before the file is read.
        condition_headers(condition, self._capabilities)
        return self._uploader.put(
            self._exchange,
            location,
            body,
            attribute_headers(attributes),
            condition=condition,
            moved=moved,
        )
