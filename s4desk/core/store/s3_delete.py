"""DeleteObject and DeleteObjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import DeleteFailure
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.core.store.replies import delete_document, fits_document, read_verdicts
from s4desk.core.store.s3_conditions import under
from s4desk.core.store.s3_lock import BYPASS
from s4desk.core.store.s3_multipart import head
from s4desk.core.store.s3_sender import S3Request, document_request, read_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.objects import Doomed
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange

_ABSENT: Final = ("NoSuchKey", "NoSuchVersion")
_REFUSALS: Final = (
    PermissionDeniedError,
    ConflictError,
    InvalidRequestError,
    PreconditionFailedError,
)
_IS_MARKER: Final = 405
"""The status of a look at a version that is there, and is a delete marker."""


class Deleter:
    """The deletes of one store; worker threads only."""

    def __init__(self, sender: S3Sender, capabilities: Capabilities) -> None:
        self._sender = sender
        self._capabilities = capabilities

    def refuse_unheeded(self, if_match: str) -> None:
        """Raises NotSupportedError for a condition that the store is not known to heed."""
        if if_match and not self._capabilities.conditional_delete:
            raise NotSupportedError(
                "the store is not known to honour If-Match on a deletion", operation="delete"
            )

    def delete(
        self,
        exchange: Exchange,
        location: Location,
        version: VersionId | None,
        *,
        bypass: bool = False,
        if_match: str = "",
    ) -> None:
        request = S3Request(
            "delete",
            "DELETE",
            location.bucket,
            location.key,
            query={"versionId": version} if version else {},
            headers=BYPASS if bypass else {},
        )
        if if_match:
            request = under(request, {"if-match": f'"{if_match}"'})
        try:
            self._sender.call(exchange, request, read_headers)
        except NotFoundError as error:
            if error.code not in _ABSENT:
                raise

    def delete_many(
        self, exchange: Exchange, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        """Keys that a document cannot carry safely are deleted one by one."""
        if len(doomed) > MAX_KEYS:
            raise InvalidRequestError(f"more than {MAX_KEYS} keys", operation="delete_many")
        if any(each.etag for each in doomed) and not self._capabilities.conditional_batch:
            raise NotSupportedError(
                "the store is not known to look at ETags in a DeleteObjects",
                operation="delete_many",
                location=Location(bucket, ""),
            )
        batch = [each for each in doomed if fits_document(each)]
        single = [each for each in doomed if not fits_document(each)]
        if self._capabilities.batch_delete is False:
            return self._each(exchange, bucket, doomed, bypass=bypass)
        failures: list[DeleteFailure] = []
        try:
            if batch:
                failures = self._batch(exchange, bucket, batch, bypass=bypass)
        except NotSupportedError:
            self._capabilities.batch_delete = False
            return self._each(exchange, bucket, doomed, bypass=bypass)
        return failures + self._each(exchange, bucket, single, bypass=bypass)

    def _batch(
        self, exchange: Exchange, bucket: str, doomed: Sequence[Doomed], *, bypass: bool
    ) -> list[DeleteFailure]:
        request = document_request(
            "delete_many",
            "POST",
            bucket,
            query={"delete": ""},
            document=delete_document(doomed),
            headers=BYPASS if bypass else {},
        )
        verdicts = self._sender.call(exchange, request, lambda _, body: read_verdicts(body))
        failures = [each for each in verdicts.refused(doomed) if each.code not in _ABSENT]
        return failures + self._still_there(exchange, bucket, verdicts.unsaid(doomed))

    def _still_there(
        self, exchange: Exchange, bucket: str, unsaid: Iterable[Doomed]
    ) -> list[DeleteFailure]:
        """Look at what the reply left out: it may be cut, made up, or that of a quiet store."""
        failures = []
        for each in unsaid:
            exchange.token.check()
            detail = "the store did not delete it, and did not say so"
            try:
                head(self._sender, exchange, Location(bucket, each.key), each.version)
            except NotFoundError as error:
                if error.status != _IS_MARKER:
                    continue
            except PermissionDeniedError:
                detail = "the store did not say whether it is deleted"
            failures.append(DeleteFailure(each, "", detail))
        return failures

    def _each(
        self, exchange: Exchange, bucket: str, doomed: Iterable[Doomed], *, bypass: bool
    ) -> list[DeleteFailure]:
        failures = []
        for each in doomed:
            exchange.token.check()
            try:
                self.delete(
                    exchange,
                    Location(bucket, each.key),
                    each.version,
                    bypass=bypass,
                    if_match=each.etag,
                )
            except _REFUSALS as error:
                code = error.code or type(error).__name__.removesuffix("Error")
                failures.append(DeleteFailure(each, code, error.detail))
        return failures
