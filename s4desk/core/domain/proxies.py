"""Proxies between here and a store, and which way a connection takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote, urlsplit

DIRECT: Final = "none"
"""`Connection.proxy` of one that goes straight, whatever the system says."""


PASSWORD_WANTED: Final = (401, 407)
"""What a proxy answers that wants one; the first is what tinyproxy says of a wrong one."""


class ProxyChoice(StrEnum):
    """Which way a connection takes; `Connection.proxy` is empty, `DIRECT` or an address."""

    SYSTEM = "system"
    NONE = "none"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. Its password is in no repr, so that no log or traceback can show it."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What a person calls it: host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        """The address without the password, as a connection keeps it."""
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        return f"http://{user}{self.name}"


def parse_proxy(text: str) -> Proxy:
    """`http://[USER[:PASSWORD]@]HOST[:PORT]`; `http://` may be missing. Raises ValueError.

    Without a port it is 80, as curl and the others have it for `http://`.
    """
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme.lower() != "http":
        raise ValueError(f"not a proxy that is spoken to in HTTP: {parts.scheme}")
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("not the address of a proxy")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.hostname, parts.port or 80, user, password)


def choice_of(proxy: str) -> ProxyChoice:
    """Which choice a connection's `proxy` is."""
    if not proxy:
        return ProxyChoice.SYSTEM
    return ProxyChoice.NONE if proxy == DIRECT else ProxyChoice.OWN
