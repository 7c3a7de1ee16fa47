"""What a server's certificate says, for a person who decides whether to trust it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """The certificate that a server showed, trusted or not.

    `names` are the hosts and addresses it is for. `fingerprint` is its SHA-256, in pairs of hex
    digits with colons between; whoever runs the server can tell whether it is theirs.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    fingerprint: str
    pem: str = field(repr=False, default="")

    @property
    def is_self_signed(self) -> bool:
        return self.subject == self.issuer

    def covers(self, host: str) -> bool:
        """Whether it is for this host: a wildcard stands for one label (RFC 9525)."""
        wanted = _plain(host)
        return any(_matches(_plain(name), wanted) for name in self.names)

    def has_fingerprint(self, text: str) -> bool:
        """Whether a person means this one: with or without colons, in capitals or not."""
        given = text.strip().upper().removeprefix("SHA256:").removeprefix("SHA-256:")
        return given.replace(":", "").replace(" ", "") == self.fingerprint.replace(":", "")


def _plain(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return host.lower().rstrip(".")


def _matches(name: str, host: str) -> bool:
    if name == host:
        return True
    return name.startswith("*.") and host.partition(".")[2] == name[2:]
