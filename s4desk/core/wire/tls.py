"""Whom every connection to a store trusts, who we say we are, and the oldest TLS it speaks."""

from __future__ import annotations

import functools
import os
import ssl
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.core.wire.pem import pem_content

if TYPE_CHECKING:
    from s4desk.core.wire.endpoint import ClientCertificate, Endpoint


class ClientCertificateError(ssl.SSLError):
    """The certificate that shall tell the store who we are cannot be used.

    `wants_passphrase` says that its key is encrypted, and not with the passphrase there is.
    """

    def __init__(self, file: str, reason: str, *, wants_passphrase: bool = False) -> None:
        super().__init__(f"the client certificate {file} cannot be used: {reason}")
        self.file = file
        self.reason = reason
        self.wants_passphrase = wants_passphrase


def tls_context_of(endpoint: Endpoint) -> ssl.SSLContext:
    """The context for connections to an endpoint; raises what `tls_context` raises."""
    return tls_context(endpoint.ca_file, certificate=endpoint.certificate, verify=endpoint.verify)


def tls_context(
    ca_file: str = "", *, certificate: ClientCertificate | None = None, verify: bool = True
) -> ssl.SSLContext:
    """TLS 1.2 or newer, HTTP/1.1, the system's authorities and those in `ca_file`, a PEM bundle.

    One and the same for all who ask, on every thread, until a file changes: nobody may alter it.
    Without `verify` it takes any certificate. Reads files. Raises ssl.SSLError for a bundle that
    cannot be read, ClientCertificateError.
    """
    return _context(ca_file, _bundle_time(ca_file), certificate, _key_times(certificate), verify)


def _bundle_time(ca_file: str) -> int:
    if not ca_file:
        return 0
    try:
        return os.stat(ca_file).st_mtime_ns
    except OSError as error:
        raise _unreadable(ca_file, error) from error


def _key_times(certificate: ClientCertificate | None) -> tuple[int, ...]:
    if certificate is None:
        return ()
    times = []
    for file in filter(None, (certificate.file, certificate.key_file)):
        try:
            times.append(os.stat(file).st_mtime_ns)
        except OSError as error:
            raise ClientCertificateError(file, error.strerror or str(error)) from error
    return tuple(times)


@functools.lru_cache(maxsize=8)
def _context(
    ca_file: str,
    _bundle_ns: int,
    certificate: ClientCertificate | None,
    _key_ns: tuple[int, ...],
    verify: bool,
) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if ca_file:
        # A certificate of a server's own is trusted for that server, whoever signed it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise _unreadable(ca_file, error) from error
    if certificate is not None:
        _show(context, certificate)
    return context


def _show(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    """Let `context` say who we are.

    OpenSSL asks on the terminal when it gets no passphrase at all, so it always gets one.
    """
    try:
        context.load_cert_chain(
            certificate.file, certificate.key_file or None, password=certificate.passphrase
        )
    except OSError as error:
        raise _unusable(certificate, error) from error


def _unusable(certificate: ClientCertificate, error: OSError) -> ClientCertificateError:
    """Why OpenSSL could not use it, which mostly says “PEM lib” only."""
    file = certificate.file
    try:
        content = pem_content(file, certificate.key_file)
    except OSError as unread:
        return ClientCertificateError(file, unread.strerror or str(unread))
    if not content.has_certificate:
        return ClientCertificateError(file, tr("there is no certificate in it"))
    if not content.has_key:
        place = certificate.key_file or file
        return ClientCertificateError(file, tr("there is no key in {file}").format(file=place))
    if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
        return ClientCertificateError(file, tr("the key belongs to another certificate"))
    if content.is_encrypted:
        reason = tr("its key is encrypted, and the passphrase is not the right one")
        return ClientCertificateError(file, reason, wants_passphrase=True)
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    return ClientCertificateError(file, reason)


def _unreadable(ca_file: str, error: OSError) -> ssl.SSLError:
    reason = error.strerror or getattr(error, "reason", None) or error
    return ssl.SSLError(f"cannot read certificates from {ca_file}: {reason}")
