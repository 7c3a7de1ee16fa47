"""What a failed trial of a connection means, and the change of the connection that would mend it.

Only facts: the sentences are in `viewmodels/diagnosis_text`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from s4desk.core.domain.certificate import PeerCertificate
    from s4desk.core.domain.connection import Connection

NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})
Attempt = Callable[["Connection"], Awaitable[bool]]
"""Whether a changed connection works; the same keys are tried at the same host."""


class Problem(StrEnum):
    """What stands in the way; programs read these words in `connections test --json`."""

    NO_ADDRESS = "no-address"
    NO_REGION = "no-such-region"
    REFUSED = "refused"
    NO_ANSWER = "no-answer"
    PROXY = "proxy"
    BROKEN = "broken-connection"

    UNTRUSTED = "untrusted-certificate"
    EXPIRED = "expired-certificate"
    WRONG_HOST = "certificate-for-another-name"
    NO_TLS = "no-tls"
    NEEDS_TLS = "needs-tls"
    TLS = "tls"

    CLOCK = "clock"
    NO_KEY = "no-key"
    KEY_ID = "key-id"
    SECRET = "secret"
    EXPIRED_TOKEN = "expired-token"
    TOKEN = "token"
    KEYS = "keys"

    REGION = "region"
    ADDRESSING = "addressing"
    BUCKET_IN_ENDPOINT = "bucket-in-endpoint"
    NO_LIST = "may-not-list-buckets"
    NO_ACCESS = "no-access"
    ACCOUNT = "account"
    IN_BETWEEN = "refused-on-the-way"
    NO_BUCKET = "no-bucket"
    NOT_S3 = "not-s3"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fix:
    """Fields of a connection and what they should be.

    With `certificate` it has to be kept in a file first, which becomes the `ca_file`: a person
    decides that, by its fingerprint.
    """

    changes: Mapping[str, Any] = field(default_factory=lambda: NO_FACTS)
    certificate: PeerCertificate | None = None

    def applied_to(self, connection: Connection, ca_file: str = "") -> Connection:
        """The connection that should work; `ca_file` is where the certificate was kept."""
        changes = dict(self.changes)
        if self.certificate is not None:
            changes["ca_file"] = ca_file
        return replace(connection, **changes)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong, with the facts a sentence needs.

    `wanted` is the field of the connection that only a person can fill. `ahead` is by how many
    seconds the store's clock is ahead of ours. `host` and `port` are who was asked.
    """

    problem: Problem
    error: Exception
    host: str = ""
    port: int = 0
    fix: Fix | None = None
    wanted: str = ""
    certificate: PeerCertificate | None = None
    ahead: float | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)


def fixed_by(**changes: Any) -> Fix:
    return Fix(changes)
