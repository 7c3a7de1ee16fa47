"""A certificate authority of the test run, and server certificates signed by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK_NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's key and chain in one PEM file, and the CA that vouches for it."""

    chain: Path
    ca: Path


def issue(folder: Path, names: tuple[str, ...] = LOOPBACK_NAMES) -> Certificate:
    """Make an authority nobody trusts yet and a certificate for these names or addresses.

    Without names the server has the authority's own, a self-signed one.
    """
    authority = trustme.CA()
    certificate = Certificate(folder / "server.pem", folder / "ca.pem")
    if names:
        chain = authority.issue_cert(*names).private_key_and_cert_chain_pem.bytes()
    else:
        chain = authority.private_key_pem.bytes() + authority.cert_pem.bytes()
    certificate.chain.write_bytes(chain)
    authority.cert_pem.write_to_path(certificate.ca)
    return certificate
