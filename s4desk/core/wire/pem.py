"""What a PEM file holds, by its headlines alone (RFC 7468, RFC 1421): OpenSSL does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_MOST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PemContent:
    """What is in a certificate's file and its key's file, taken together."""

    has_certificate: bool
    has_key: bool
    is_encrypted: bool


def pem_content(file: str, key_file: str = "") -> PemContent:
    """Look into both files. Raises OSError when one cannot be read."""
    certificate = _head(file)
    key = _head(key_file) if key_file else certificate
    return PemContent(
        has_certificate=b"-----BEGIN CERTIFICATE-----" in certificate,
        has_key=b"PRIVATE KEY-----" in key,
        is_encrypted=b"BEGIN ENCRYPTED PRIVATE KEY" in key or b"Proc-Type: 4,ENCRYPTED" in key,
    )


def _head(file: str) -> bytes:
    with Path(file).open("rb") as opened:
        return opened.read(_MOST)
