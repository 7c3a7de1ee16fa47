"""The text of errors between here and the store: network, certificate, clock."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    InvalidRequestError,
    MalformedReplyError,
    StalledError,
    StoreError,
    TlsError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.runtime.i18n import tr, tr_n

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.domain.errors import ClockSkewError

_SELF_SIGNED = (18, 19)  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, …_SELF_SIGNED_CERT_IN_CHAIN
_NO_ISSUER = (2, 20, 21)
_EXPIRED = 10
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")
_WRONG_HOST = (62, 64)


def detail_of(error: StoreError) -> str:
    """What the store or the network said, without a full stop."""
    return error.detail.strip().rstrip(".") or tr("no reason given")


def clock_problem(error: ClockSkewError) -> tuple[str, str]:
    """By how much the clocks differ, and which one is ahead."""
    advice = tr("Set the clock and the time zone of this computer.")
    if error.seconds is None:
        return (tr("The clock of this computer is too far from the store's clock."), advice)
    seconds = round(abs(error.seconds))
    sentence = (
        tr_n(
            "The clock of this computer is {count} second behind the store's.",
            "The clock of this computer is {count} seconds behind the store's.",
            seconds,
        )
        if error.seconds > 0
        else tr_n(
            "The clock of this computer is {count} second ahead of the store's.",
            "The clock of this computer is {count} seconds ahead of the store's.",
            seconds,
        )
    )
    return (sentence.format(count=seconds), advice)


def network_problem(error: UnavailableError) -> tuple[str, str]:
    """Why the store could not be reached, by what caused the failure."""
    detail = detail_of(error)
    if error.status:
        return (
            tr("The store has a fault of its own ({detail}).").format(detail=detail),
            tr("Try again; if it goes on, ask whoever runs the store."),
        )
    if _is_caused_by(error, socket.gaierror):
        is_aws = error.connection is not None and not error.connection.endpoint
        return (
            tr("The address of the store cannot be found ({detail}).").format(detail=detail),
            tr("Check the region of the connection and your network.")
            if is_aws
            else tr("Check the endpoint's spelling and your network."),
        )
    if _is_caused_by(error, ConnectionRefusedError):
        return (
            tr("Nothing answers at the store's address ({detail}).").format(detail=detail),
            tr("Check the endpoint and its port, and that the store is running."),
        )
    if _is_caused_by(error, TimeoutError):
        return (
            tr("The store does not answer ({detail}).").format(detail=detail),
            tr("Check the endpoint, your network, a VPN or a firewall."),
        )
    if isinstance(error, UnreachableError):
        return (
            tr("There is no way to the store ({detail}).").format(detail=detail),
            tr("Check your network, a VPN or a firewall."),
        )
    return (
        tr("The connection to the store broke ({detail}).").format(detail=detail),
        tr("Check your network and try again; what was complete stays."),
    )


def may_speak_tls(error: BaseException) -> bool:
    """Whether the answer to plain HTTP looks like that of a port that speaks TLS.

    Servers answer that with a page, a bare 400, a TLS alert, or by closing the connection.
    """
    if not isinstance(error, StoreError) or error.connection is None:
        return False
    if not error.connection.endpoint.startswith("http://"):
        return False
    if isinstance(error, InvalidRequestError):
        return error.status == 400 and not error.code
    if isinstance(error, UnreachableError | StalledError) or error.status:
        return False
    return isinstance(error, MalformedReplyError | UnavailableError)


def is_about_address(error: BaseException) -> bool:
    """Whether the way out may be another endpoint, port or CA file."""
    if isinstance(error, TlsError | MalformedReplyError) or may_speak_tls(error):
        return True
    return isinstance(error, UnavailableError) and (
        _is_caused_by(error, socket.gaierror) or _is_caused_by(error, ConnectionRefusedError)
    )


def certificate_problem(error: TlsError) -> tuple[str, str]:
    """What is wrong with the certificate, by the verification code of OpenSSL."""
    code = _verify_code(error)
    detail = detail_of(error)
    if code in _SELF_SIGNED or code in _NO_ISSUER:
        return (
            tr("This computer does not know who signed the store's certificate ({detail}).").format(
                detail=detail
            ),
            tr("If it is yours, add its CA file (PEM) to the connection."),
        )
    if code == _EXPIRED:
        return (
            tr("The store's certificate has expired ({detail}).").format(detail=detail),
            tr("Ask whoever runs the store to renew it, and check the clock of this computer."),
        )
    if code in _WRONG_HOST:
        return (
            tr("The store's certificate is for another name ({detail}).").format(detail=detail),
            tr("Check the endpoint, or set addressing to “path” in the connection."),
        )
    if _is_plain(error):
        return (
            tr("The port at the store's address does not speak TLS ({detail}).").format(
                detail=detail
            ),
            tr("Try http:// in place of https:// in the endpoint, or another port."),
        )
    return (
        tr("No secure connection to the store could be made ({detail}).").format(detail=detail),
        tr("Check that the endpoint is https, its port, and the CA file of the connection."),
    )


def _is_plain(error: BaseException) -> bool:
    """Whether what came back was no TLS at all: a plain HTTP server's complaint, mostly."""
    failures = (each for each in _causes(error) if isinstance(each, ssl.SSLError))
    return any(getattr(each, "reason", "") in _NO_TLS for each in failures)


def _verify_code(error: BaseException) -> int:
    """OpenSSL's reason; a class of aiohttp calls itself a verification error and has none."""
    failures = (each for each in _causes(error) if isinstance(each, ssl.SSLCertVerificationError))
    return next((code for each in failures if (code := getattr(each, "verify_code", 0))), 0)


def _is_caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        context = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or context
