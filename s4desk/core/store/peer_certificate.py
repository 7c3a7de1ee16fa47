"""Reading a certificate that nobody vouched for. Importing this module loads a library of its own:
import it in a thread."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from s4desk.core.domain.certificate import PeerCertificate


def read_certificate(der: bytes) -> PeerCertificate | None:
    """What a certificate in DER says; None for one that cannot be read."""
    try:
        found = x509.load_der_x509_certificate(der)
        return PeerCertificate(
            subject=_words(found.subject),
            issuer=_words(found.issuer),
            names=_names(found),
            begins=found.not_valid_before_utc,
            ends=found.not_valid_after_utc,
            fingerprint=found.fingerprint(SHA256()).hex(":").upper(),
            pem=found.public_bytes(Encoding.PEM).decode("ascii"),
        )
    except ValueError:
        return None


def _words(name: x509.Name) -> str:
    """`CN=…, O=…` as people write it, the most telling part first."""
    return ", ".join(part.rfc4514_string() for part in reversed(name.rdns))


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = (str(each) for each in alternative.get_values_for_type(x509.IPAddress))
    return (*alternative.get_values_for_type(x509.DNSName), *addresses)
