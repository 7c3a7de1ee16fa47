"""Retention and legal hold of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import InvalidRequestError, NotFoundError
from s4desk.core.domain.lock import LockState
from s4desk.core.store.replies import hold_document, read_hold, read_retention, retention_document
from s4desk.core.store.s3_multipart import head
from s4desk.core.store.s3_sender import S3Request, document_request, read_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange

T = TypeVar("T")

BYPASS: Final[Mapping[str, str]] = {"x-amz-bypass-governance-retention": "true"}
_RETENTION: Final = "retention"
_HOLD: Final = "legal-hold"
_NONE: Final = ("NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError")


class Locker:
    """The locks of one store's objects; worker threads only."""

    def __init__(self, sender: S3Sender) -> None:
        self._sender = sender

    def get(self, exchange: Exchange, location: Location, version: VersionId | None) -> LockState:
        retention = self._read(exchange, location, version, _RETENTION, read_retention)
        hold = self._read(exchange, location, version, _HOLD, read_hold)
        mode, until = retention or (None, None)
        return LockState(mode, until, hold)

    def put_retention(
        self,
        exchange: Exchange,
        location: Location,
        lock: LockState,
        version: VersionId | None,
        *,
        bypass: bool,
    ) -> None:
        headers = BYPASS if bypass else {}
        document = retention_document(lock)
        self._write(exchange, location, version, _RETENTION, document, headers)

    def put_hold(
        self, exchange: Exchange, location: Location, version: VersionId | None, *, is_on: bool
    ) -> None:
        self._write(exchange, location, version, _HOLD, hold_document(is_on=is_on), {})

    def _read(
        self,
        exchange: Exchange,
        location: Location,
        version: VersionId | None,
        what: str,
        read: Callable[[bytes], T],
    ) -> T | None:
        request = S3Request(
            "get_lock", "GET", location.bucket, location.key, query=_query(what, version)
        )
        try:
            return self._sender.call(exchange, request, lambda _, body: read(body))
        except NotFoundError as error:
            if error.code not in _NONE:
                raise
        except InvalidRequestError:
            # The bucket has no Object Lock. A look tells whether the version is there at all.
            head(self._sender, exchange, location, version)
        return None

    def _write(
        self,
        exchange: Exchange,
        location: Location,
        version: VersionId | None,
        what: str,
        document: bytes,
        headers: Mapping[str, str],
    ) -> None:
        request = document_request(
            "put_retention" if what == _RETENTION else "put_legal_hold",
            "PUT",
            location.bucket,
            location.key,
            query=_query(what, version),
            document=document,
            headers=headers,
        )
        self._sender.call(exchange, request, read_headers)


def _query(what: str, version: VersionId | None) -> dict[str, str]:
    return {what: ""} | ({"versionId": version} if version else {})
