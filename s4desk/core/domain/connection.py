"""How to reach a store. Secrets are never part of it: a connection only says where they are."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from s4desk.core.domain.aws_sites import is_aws_host
from s4desk.core.domain.failover import SCHEME
from s4desk.core.domain.identity import Prefix

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.failover import FailoverGroup
    from s4desk.core.domain.identity import ConnectionId


class Addressing(StrEnum):
    """Where the bucket's name goes. AUTO: in the host for AWS, in the path elsewhere."""

    AUTO = "auto"
    PATH = "path"
    VIRTUAL = "virtual"


class CredentialKind(StrEnum):
    KEYRING = "keyring"
    ENVIRONMENT = "env"
    PROFILE = "profile"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class CredentialReference:
    """Where credentials are found. `profile` is a name in the shared AWS configuration."""

    kind: CredentialKind = CredentialKind.KEYRING
    profile: str = ""

    def __str__(self) -> str:
        return f"profile:{self.profile}" if self.kind is CredentialKind.PROFILE else self.kind


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key in memory. Its repr hides the secret, so that no log or traceback can show it.

    `ends_at` (UTC) is what somebody said of a key with a token, None where nobody did.
    """

    key_id: str
    secret: str
    token: str = ""
    ends_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.key_id!r})"


@dataclass(frozen=True, slots=True)
class WaySecrets:
    """What the way to a store needs beside its keys, in memory; its repr shows nothing."""

    proxy_password: str = field(default="", repr=False)
    key_passphrase: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.proxy_password or self.key_passphrase)


class Exposure(StrEnum):
    """What somebody between here and the store could do, because a person allowed it.

    UNVERIFIED: be the store. PLAIN: read everything, and change it.
    """

    NONE = ""
    UNVERIFIED = "unverified"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How much one connection may take; 0 is as much as all together may.

    `transfers` and `parts` count what moves at once, the rates are in bytes per second.
    """

    transfers: int = 0
    parts: int = 0
    upload_rate: int = 0
    download_rate: int = 0


@dataclass(frozen=True, slots=True)
class Connection:
    """A store and how to talk to it.

    `endpoint` empty means AWS itself. `ca_file` is a PEM bundle trusted beside the system's.
    `start_bucket` and `start_prefix` are for keys that may not list all buckets; the prefix is a
    folder, and ends in a slash however it was written.
    `key_id` is no secret: with it only the secret key has to be entered where no keyring keeps it.
    `provider` is an id of `core/domain/providers`, empty where nobody said whose store it is.

    `proxy` is empty for what the system says, "none" for none, or a proxy's address without its
    password. `client_certificate` is a PEM file that the store wants to see; its key is in it or in
    `client_key`. Without `verify` any certificate of the store will do: never by default.

    A failover `group` reaches others, and all that is said of a way to a store says nothing of it:
    `group_connection` makes one.
    """

    id: ConnectionId
    name: str
    endpoint: str = ""
    region: str = ""
    addressing: Addressing = Addressing.AUTO
    credentials: CredentialReference = CredentialReference()
    ca_file: str = ""
    start_bucket: str = ""
    start_prefix: str = ""
    key_id: str = ""
    limits: ConnectionLimits = ConnectionLimits()
    provider: str = ""
    proxy: str = ""
    client_certificate: str = ""
    client_key: str = ""
    verify: bool = True
    group: FailoverGroup | None = None

    def __post_init__(self) -> None:
        folder = Prefix(self.start_bucket, self.start_prefix).folder
        object.__setattr__(self, "start_prefix", folder.prefix)

    @property
    def start(self) -> Prefix | None:
        """The folder that opening the connection leads to; None is its list of buckets."""
        return Prefix(self.start_bucket, self.start_prefix) if self.start_bucket else None

    @property
    def is_aws(self) -> bool:
        host = self.endpoint.partition("://")[2].partition("/")[0].partition(":")[0]
        return self.group is None and (not self.endpoint or is_aws_host(host))

    @property
    def exposure(self) -> Exposure:
        try:
            url = urlsplit(self.endpoint)
        except ValueError:
            return Exposure.NONE
        if url.scheme == "http":
            return Exposure.NONE if is_loopback(url.hostname or "") else Exposure.PLAIN
        return Exposure.NONE if self.verify else Exposure.UNVERIFIED


def group_connection(id_: ConnectionId, name: str, group: FailoverGroup) -> Connection:
    """A group as a connection: its endpoint is its own, and no address."""
    reference = CredentialReference(CredentialKind.ANONYMOUS)
    return Connection(id_, name, f"{SCHEME}:{id_}", credentials=reference, group=group)


def led_by(group: Connection, home: Connection) -> Connection:
    """A group leads to where its first backend does, by the names that its buckets have there: who
    begins something at one store does not go on at another."""
    assert group.group is not None
    names = ",".join(f"{here}={there}" for here, there in sorted(group.group.backends[0].buckets))
    return replace(group, endpoint=f"{SCHEME}:{home.endpoint}{'#' if names else ''}{names}")


def is_loopback(host: str) -> bool:
    """Whether a host is this computer, by its name or number alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
