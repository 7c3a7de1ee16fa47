"""What is behind an error of the network or of TLS: the faults of the system that led to it."""

from __future__ import annotations

import ssl
from enum import Enum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    InvalidRequestError,
    MalformedReplyError,
    StalledError,
    StoreError,
    UnavailableError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_TLS: Final = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "PACKET_LENGTH_TOO_LONG",
)


class CertificateFault(Enum):
    """Why OpenSSL does not take a certificate, by the codes of x509_vfy.h."""

    UNTRUSTED = (2, 18, 19, 20, 21)
    NOT_YET = (9,)
    EXPIRED = (10,)
    WRONG_HOST = (62, 64)


def certificate_fault(error: BaseException) -> CertificateFault | None:
    """What is wrong with the certificate, None when it is something else.

    A class of aiohttp calls itself a verification error and has no code.
    """
    failures = (each for each in causes_of(error) if isinstance(each, ssl.SSLCertVerificationError))
    code = next((code for each in failures if (code := getattr(each, "verify_code", 0))), 0)
    return next((fault for fault in CertificateFault if code in fault.value), None)


def is_plain_http(error: BaseException) -> bool:
    """Whether what came back was no TLS at all: a plain HTTP server's complaint, mostly."""
    failures = (each for each in causes_of(error) if isinstance(each, ssl.SSLError))
    return any(getattr(each, "reason", "") in _NO_TLS for each in failures)


def may_speak_tls(error: BaseException) -> bool:
    """Whether the answer to plain HTTP looks like that of a port that speaks TLS.

    Servers answer that with a page, a bare 400, a TLS alert, or by closing the connection. One that
    has answered before does not: it has died, or something is in the way.
    """
    if not isinstance(error, StoreError) or error.connection is None or error.has_worked:
        return False
    if not error.connection.endpoint.startswith("http://"):
        return False
    if isinstance(error, InvalidRequestError):
        return error.status == 400 and not error.code
    if isinstance(error, UnreachableError | StalledError) or error.status:
        return False
    return isinstance(error, MalformedReplyError | UnavailableError)


def is_caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in causes_of(error))


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        context = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or context
