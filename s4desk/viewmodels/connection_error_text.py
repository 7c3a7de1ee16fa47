"""The text of errors between here and the store: network, certificate, clock."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.errors import (
    MalformedReplyError,
    StoreError,
    TlsError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.causes import (
    CertificateFault,
    causes_of,
    certificate_fault,
    is_caused_by,
    is_plain_http,
    may_speak_tls,
)
from s4desk.core.wire.tls import ClientCertificateError

if TYPE_CHECKING:
    from s4desk.core.domain.errors import ClockSkewError

_WANTS_US = ("TLSV13_ALERT_CERTIFICATE_REQUIRED",)
_REFUSES_US = (
    "TLSV1_ALERT_UNKNOWN_CA",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
)
"""What a store says of our certificate, in TLS alerts (RFC 8446, section 6.2)."""


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
    if is_caused_by(error, socket.gaierror):
        return _no_address_problem(error, detail)
    if is_caused_by(error, ConnectionRefusedError):
        return (
            tr("Nothing answers at the store's address ({detail}).").format(detail=detail),
            tr("Check the endpoint and its port, and that the store is running."),
        )
    if is_caused_by(error, TimeoutError):
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


def _no_address_problem(error: UnavailableError, detail: str) -> tuple[str, str]:
    """The name of the store, or that of a bucket before it, leads nowhere."""
    connection = error.connection
    is_virtual = connection is not None and connection.addressing is Addressing.VIRTUAL
    if is_virtual and error.location is not None:
        return (
            tr("There is no host for the bucket ({detail}).").format(detail=detail),
            tr(
                "This connection puts buckets in the host name, and the store may not have that:"
                " set addressing to “path” in the connection."
            ),
        )
    is_aws = connection is not None and not connection.endpoint
    return (
        tr("The address of the store cannot be found ({detail}).").format(detail=detail),
        tr("Check the region of the connection and your network.")
        if is_aws
        else tr("Check the endpoint's spelling and your network."),
    )


def is_about_address(error: BaseException) -> bool:
    """Whether the way out may be another endpoint, port or CA file."""
    if isinstance(error, TlsError | MalformedReplyError) or may_speak_tls(error):
        return True
    return isinstance(error, UnavailableError) and (
        is_caused_by(error, socket.gaierror) or is_caused_by(error, ConnectionRefusedError)
    )


def certificate_problem(error: TlsError) -> tuple[str, str]:
    """What is wrong with the certificate, by the verification code of OpenSSL."""
    fault = certificate_fault(error)
    detail = detail_of(error)
    ours = _own_certificate_problem(error, detail)
    if ours is not None:
        return ours
    if fault is CertificateFault.UNTRUSTED:
        return (
            tr("This computer does not know who signed the store's certificate ({detail}).").format(
                detail=detail
            ),
            tr("If it is yours, add its CA file (PEM) to the connection."),
        )
    if fault is CertificateFault.EXPIRED:
        return (
            tr("The store's certificate has expired ({detail}).").format(detail=detail),
            tr("Ask whoever runs the store to renew it, and check the clock of this computer."),
        )
    if fault is CertificateFault.WRONG_HOST:
        return (
            tr("The store's certificate is for another name ({detail}).").format(detail=detail),
            tr("Check the endpoint, or set addressing to “path” in the connection."),
        )
    if is_plain_http(error):
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


def _own_certificate_problem(error: TlsError, detail: str) -> tuple[str, str] | None:
    """What is wrong with the certificate that we show, None for that of the store."""
    failures = [each for each in causes_of(error) if isinstance(each, ssl.SSLError)]
    for each in failures:
        if isinstance(each, ClientCertificateError):
            return (
                tr("The client certificate {file} cannot be used: {reason}.").format(
                    file=each.file, reason=each.reason
                ),
                tr("Enter its passphrase in the connection.")
                if each.wants_passphrase
                else tr("Choose the right files in the connection."),
            )
    reasons = {getattr(each, "reason", "") for each in failures}
    if reasons.intersection(_WANTS_US):
        return (
            tr("The store wants a client certificate ({detail}).").format(detail=detail),
            tr("Choose the file you were given for it, under “More options” of the connection."),
        )
    if reasons.intersection(_REFUSES_US):
        return (
            tr("The store does not accept this client certificate ({detail}).").format(
                detail=detail
            ),
            tr("Ask whoever runs the store for one that is valid."),
        )
    return None
