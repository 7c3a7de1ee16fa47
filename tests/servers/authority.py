"""Certificate authorities of the test run, and what they signed for servers and clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

LOOPBACK_NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's key and chain in one PEM file, and the CA that vouches for it."""

    chain: Path
    ca: Path


def issue(
    folder: Path, names: tuple[str, ...] = LOOPBACK_NAMES, ends: datetime | None = None
) -> Certificate:
    """Make an authority nobody trusts yet and a certificate for these names or addresses.

    Without names the server has the authority's own, a self-signed one. It is valid for a long
    time, or until `ends`.
    """
    authority = trustme.CA()
    certificate = Certificate(folder / "server.pem", folder / "ca.pem")
    if names:
        chain = authority.issue_cert(*names, not_after=ends).private_key_and_cert_chain_pem.bytes()
    else:
        chain = authority.private_key_pem.bytes() + authority.cert_pem.bytes()
    certificate.chain.write_bytes(chain)
    authority.cert_pem.write_to_path(certificate.ca)
    return certificate


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Who a client is: certificate and key apart, both in one file, and one with a passphrase."""

    authority: Path
    certificate: Path
    key: Path
    both: Path
    encrypted: Path
    passphrase: str


def issue_client(folder: Path, passphrase: str = "open sesame") -> ClientFiles:
    """Make an authority for clients and one client of it."""
    authority = trustme.CA()
    issued = authority.issue_cert("client@s4desk.test")
    files = ClientFiles(
        folder / "clients.pem",
        folder / "client.pem",
        folder / "client.key",
        folder / "client-both.pem",
        folder / "client-encrypted.pem",
        passphrase,
    )
    authority.cert_pem.write_to_path(files.authority)
    chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
    key = issued.private_key_pem.bytes()
    files.certificate.write_bytes(chain)
    files.key.write_bytes(key)
    files.both.write_bytes(key + chain)
    sealed = load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    files.encrypted.write_bytes(sealed + chain)
    return files
