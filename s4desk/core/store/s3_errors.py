"""What an S3 reply or a broken connection means: one table of code and status.

Nothing else in the program reads status codes. Codes: "Error responses" in the S3 API reference.
"""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import (
    ClockSkewError,
    ConflictError,
    IntegrityError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    PayloadTooLargeError,
    PermissionDeniedError,
    PreconditionFailedError,
    ProxyFailedError,
    ProxyRefusedError,
    ProxyUnreachableError,
    RefusedOnTheWayError,
    StalledError,
    StoreError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
    WrongRegionError,
)
from s4desk.core.store.s3_error_xml import ErrorBody, parse_error_body
from s4desk.core.wire.proxying import (
    ProxyAnswerError,
    ProxyFault,
    schemes_of,
)
from s4desk.core.wire.tls import ClientCertificateError

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.proxies import Proxy

Headers = Mapping[str, str]
NO_HEADERS: Final[Headers] = MappingProxyType({})

_CODES: Final[dict[type[StoreError], str]] = {
    NotFoundError: "NotFound",
    PermissionDeniedError: """AccessDenied AllAccessDisabled AccountProblem QuotaExceeded
        UserSuspended InvalidPayer NotSignedUp""",
    UnauthenticatedError: """SignatureDoesNotMatch InvalidAccessKeyId ExpiredToken InvalidToken
        TokenRefreshRequired InvalidSecurity InvalidClientTokenId UnrecognizedClientException
        MissingSecurityHeader MissingAuthenticationToken Unauthorized""",
    ClockSkewError: "RequestTimeTooSkewed RequestExpired RequestInTheFuture",
    WrongRegionError: """PermanentRedirect TemporaryRedirect Redirect InvalidLocationConstraint
        IllegalLocationConstraint IllegalLocationConstraintException
        AuthorizationHeaderMalformed""",
    PreconditionFailedError: "PreconditionFailed NotModified",
    ConflictError: """BucketNotEmpty BucketAlreadyExists BucketAlreadyOwnedByYou OperationAborted
        ConditionalRequestConflict InvalidBucketState InvalidObjectState
        ObjectNotInActiveTierError ObjectAlreadyInActiveTierError RestoreAlreadyInProgress
        Conflict""",
    PayloadTooLargeError: "EntityTooLarge MaxMessageLengthExceeded MaxPostPreDataLengthExceeded",
    NotSupportedError: "NotImplemented MethodNotAllowed UnsupportedOperation UnsupportedArgument",
    ThrottledError: """SlowDown ServiceUnavailable Throttling ThrottlingException Throttled
        ThrottledException RequestThrottled RequestThrottledException RequestLimitExceeded
        TooManyRequests TooManyRequestsException BandwidthLimitExceeded ServerBusy Busy""",
    IntegrityError: """BadDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch InvalidDigest
        IncompleteBody""",
    UnavailableError: "RequestTimeout InternalError InternalServerError InternalFailure",
    InvalidRequestError: "InvalidRange MissingContentLength",
}
_BY_CODE: Final = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_BY_STATUS: Final[dict[int, type[StoreError]]] = {
    304: PreconditionFailedError,
    401: UnauthenticatedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: NotSupportedError,
    408: UnavailableError,
    409: ConflictError,
    410: NotFoundError,
    412: PreconditionFailedError,
    413: PayloadTooLargeError,
    429: ThrottledError,
    501: NotSupportedError,
    503: ThrottledError,
    509: ThrottledError,
}
_REGION_HEADER: Final = "x-amz-bucket-region"
_EXPECTED_REGION: Final = re.compile(r"expecting ['\"“]?([a-z0-9][a-z0-9-]*[a-z0-9])")
_MAX_SKEW_S: Final = 900.0
_NO_WAY: Final = {
    errno.ECONNREFUSED,
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EHOSTUNREACH,
    errno.ETIMEDOUT,
    errno.EADDRNOTAVAIL,
}
_PROXY_ALONE: Final = 407
_PROXY_STATUS: Final = (401, 403, 500, 502, 503, 504)
_BROKEN_TLS: Final = ("BAD_RECORD_MAC", "DECRYPTION_FAILED", "UNEXPECTED_EOF")


@dataclass(frozen=True, slots=True)
class _Reply:
    """An error reply with everything that decides what it means."""

    status: int
    code: str
    message: str
    headers: Headers
    fields: Mapping[str, str] = field(default_factory=dict)
    signed_region: str = ""
    is_foreign: bool = False

    @property
    def region(self) -> str:
        """The region the store names as the right one; its message is the last resort."""
        named = self.headers.get(_REGION_HEADER, "") or self.fields.get("Region", "")
        if not named and (match := _EXPECTED_REGION.search(self.message)):
            named = match[1]
        return "" if named == self.signed_region else named

    @property
    def page(self) -> str:
        """What a web page calls itself that came in place of an error document."""
        is_told = self.is_foreign and self.message != _status_text(self.status)
        return self.message if is_told else ""

    @property
    def skew_s(self) -> float | None:
        """Seconds the store's clock is ahead of ours, by its own words or its Date header."""
        there = time_of(self.fields.get("ServerTime", "")) or time_of(self.headers.get("date", ""))
        here = time_of(self.fields.get("RequestTime", "")) or datetime.now(UTC)
        return (there - here).total_seconds() if there else None


def classify(
    *,
    status: int,
    code: str = "",
    message: str = "",
    operation: str = "",
    location: Location | None = None,
    headers: Headers = NO_HEADERS,
    fields: Mapping[str, str] = NO_HEADERS,
    signed_region: str = "",
) -> StoreError:
    """The error that a reply means. `headers` has names in lower case; `fields` are the elements
    of the error document; `signed_region` is what the request was signed for."""
    code = "" if code.isdigit() else code
    # A HEAD has no body, whatever type it claims.
    is_page = headers.get("content-type", "").startswith("text/html")
    is_foreign = is_page and not operation.startswith("head")
    reply = _Reply(status, code, message, headers, fields, signed_region, is_foreign)
    return _error(reply, operation, location)


def from_reply(
    *,
    status: int,
    headers: Headers,
    body: bytes,
    operation: str = "",
    location: Location | None = None,
    signed_region: str = "",
) -> StoreError:
    """The error in a whole HTTP reply; `body` is empty for HEAD and may be anything."""
    parsed = parse_error_body(body)
    message = parsed.message or _status_text(status)
    reply = _Reply(
        status, parsed.code, message, headers, parsed.fields, signed_region, parsed.is_foreign
    )
    return _error(reply, operation, location)


def error_in(body: bytes) -> ErrorBody | None:
    """The error document that a 200 reply to a copy or a complete may hold, or None."""
    parsed = parse_error_body(body)
    return parsed if parsed.is_error else None


def _error(reply: _Reply, operation: str, location: Location | None) -> StoreError:
    kind = NotFoundError if _is_delete_marker(reply.status, operation) else _kind(reply)
    request_id = reply.headers.get("x-amz-request-id", "") or reply.fields.get("RequestId", "")
    context: dict[str, Any] = {
        "operation": operation,
        "location": location,
        "status": reply.status,
        "code": reply.code,
        "request_id": request_id,
    }
    if kind is ClockSkewError:
        context["seconds"] = reply.skew_s
    if kind is WrongRegionError:
        context["region"] = reply.region
    if kind is RefusedOnTheWayError:
        context["page"] = reply.page
    return kind(_detail(reply), **context)


def _kind(reply: _Reply) -> type[StoreError]:
    special = _special(reply)
    if special is not None:
        return special
    known = _BY_CODE.get(reply.code)
    if known is not None:
        return known
    if reply.code.startswith("NoSuch") or reply.code.endswith("NotFoundError"):
        return NotFoundError
    return _by_status(reply.status)


def _by_status(status: int) -> type[StoreError]:
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if 300 <= status < 400:
        return MalformedReplyError
    # An error inside a 200 is a fault of the store as a 5xx is ("CompleteMultipartUpload").
    return InvalidRequestError if 400 <= status < 500 else UnavailableError


def _special(reply: _Reply) -> type[StoreError] | None:
    """What code and status alone do not tell."""
    if reply.code:
        return UnauthenticatedError if _is_malformed_key(reply) else None
    if reply.is_foreign and reply.status in (200, 404):
        # A web server that is not S3 knows nothing about keys: its 404 proves no absence.
        return MalformedReplyError
    if reply.status in (301, 307, 400) and reply.region:
        return WrongRegionError
    return _special_refusal(reply) if reply.status == 403 else None


def _special_refusal(reply: _Reply) -> type[StoreError] | None:
    if abs(reply.skew_s or 0.0) > _MAX_SKEW_S:
        return ClockSkewError
    return RefusedOnTheWayError if reply.is_foreign else None


def _is_malformed_key(reply: _Reply) -> bool:
    """Not where the store says that it is the region that does not fit, even if not which would."""
    is_malformed = reply.code == "AuthorizationHeaderMalformed" and not reply.region
    return is_malformed and "region" not in reply.message.lower()


def _is_delete_marker(status: int, operation: str) -> bool:
    """S3 answers 405 to HEAD and GET of a delete marker by its version (S3 guide, delete markers).

    Not every store sends x-amz-delete-marker with it, and nothing else may be asked for in vain.
    """
    return status == 405 and operation in ("head", "get")


def _detail(reply: _Reply) -> str:
    said = reply.message or _status_text(reply.status)
    detail = f"{reply.code}: {said}" if reply.code else f"{reply.status} {said}".strip()
    target = reply.headers.get("location", "")
    if 300 <= reply.status < 400 and target:
        # The query of a redirect may carry a signature.
        detail += f" (redirects to {target.partition('?')[0]})"
    return detail


def _status_text(status: int) -> str:
    return http.client.responses.get(status, "")


def time_of(text: str) -> datetime | None:
    """A time as error documents (ISO 8601, basic or extended) and Date headers write it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def from_exception(
    error: OSError | http.client.HTTPException,
    *,
    host: str,
    operation: str = "",
    location: Location | None = None,
) -> StoreError:
    """The error that a failed connection means; `host` is named in its detail.

    A TimeoutError without an errno is taken for a stall: a body or a reply that stopped.
    """
    if isinstance(error, ProxyFault):
        return _proxy_fault(error, operation, location)
    kind, reason = _connection_fault(error)
    return kind(f"{host}: {reason}", operation=operation, location=location)


def _connection_fault(error: BaseException) -> tuple[type[StoreError], str]:
    if isinstance(error, ssl.SSLError):
        return _tls_fault(error)
    if isinstance(error, socket.gaierror):
        return UnreachableError, f"the name cannot be resolved: {error.strerror or error}"
    if isinstance(error, TimeoutError) and error.errno != errno.ETIMEDOUT:
        return StalledError, "no byte moved for too long"
    if isinstance(error, OSError):
        kind = UnreachableError if error.errno in _NO_WAY else UnavailableError
        return kind, error.strerror or str(error) or type(error).__name__
    if isinstance(error, http.client.IncompleteRead):
        return UnavailableError, f"the reply was cut after {len(error.partial)} bytes"
    return MalformedReplyError, f"the reply is not HTTP: {type(error).__name__}: {error!s:.100}"


def _tls_fault(error: ssl.SSLError) -> tuple[type[StoreError], str]:
    if isinstance(error, ClientCertificateError):
        return TlsError, str(error.args[0])
    # What Python code raises itself has neither `reason` nor a readable str().
    reason = getattr(error, "reason", None) or str(error.args[-1] if error.args else error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsError, f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError) or any(
        broken in reason for broken in _BROKEN_TLS
    ):
        return UnavailableError, f"the TLS connection broke: {reason}"
    return TlsError, f"TLS could not be agreed: {reason}"


def _proxy_fault(error: ProxyFault, operation: str, location: Location | None) -> StoreError:
    name = error.proxy.name
    detail = f"{name}: {error.reason}"
    context: dict[str, Any] = {"proxy": name, "operation": operation, "location": location}
    if not isinstance(error, ProxyAnswerError):
        return ProxyUnreachableError(detail, **context)
    return _proxy_refusal(error.status, detail, error.schemes, context)


def from_proxy(
    proxy: Proxy,
    *,
    status: int,
    headers: Headers,
    body: bytes,
    operation: str = "",
    location: Location | None = None,
) -> StoreError | None:
    """The error in a reply that a forwarding proxy gave in place of the store, None for others.

    407 is a proxy's alone; of the rest, what has a page for a browser and no document of S3.
    """
    is_page = headers.get("content-type", "").startswith("text/html")
    is_foreign = parse_error_body(body).is_foreign or (is_page and not body)
    if status != _PROXY_ALONE and not (status in _PROXY_STATUS and is_foreign):
        return None
    detail = f"{proxy.name}: {status} {_status_text(status)}".strip()
    context: dict[str, Any] = {"proxy": proxy.name, "operation": operation, "location": location}
    return _proxy_refusal(
        status, detail, schemes_of(headers.get("proxy-authenticate", "")), context
    )


def _proxy_refusal(status: int, detail: str, schemes: str, context: dict[str, Any]) -> StoreError:
    if status >= 500:
        return ProxyFailedError(detail, status=status, **context)
    return ProxyRefusedError(detail, status=status, schemes=schemes, **context)
