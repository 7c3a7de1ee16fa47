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


class ProxyKind(StrEnum):
    """What a proxy is spoken to in; with SOCKS5 we look a store's name up, with SOCKS5H it does."""

    HTTP = "http"
    SOCKS5 = "socks5"
    SOCKS5H = "socks5h"


_PORTS: Final = {ProxyKind.HTTP: 80, ProxyKind.SOCKS5: 1080, ProxyKind.SOCKS5H: 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. Its password is in no repr, so that no log or traceback can show it."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    kind: ProxyKind = ProxyKind.HTTP

    @property
    def is_socks(self) -> bool:
        return self.kind is not ProxyKind.HTTP

    @property
    def name(self) -> str:
        """What a person calls it: host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        """The address without the password, as a connection keeps it."""
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        return f"{self.kind}://{user}{self.name}"


def parse_proxy(text: str) -> Proxy:
    """`[http|socks5|socks5h://][USER[:PASSWORD]@]HOST[:PORT]`. Raises ValueError.

    Without a port it is 80, or 1080 for SOCKS, as curl and the others have it.
    """
    parts = urlsplit(text if "://" in text else f"http://{text}")
    kind = ProxyKind(parts.scheme.lower())
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("not the address of a proxy")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.hostname, parts.port or _PORTS[kind], user, password, kind)


def choice_of(proxy: str) -> ProxyChoice:
    """Which choice a connection's `proxy` is."""
    if not proxy:
        return ProxyChoice.SYSTEM
    return ProxyChoice.NONE if proxy == DIRECT else ProxyChoice.OWN
