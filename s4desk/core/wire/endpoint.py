"""Where requests go, and how long each step may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from s4desk.core.domain.proxies import Proxy

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Who we are in TLS: PEM files. The key is in `file` itself when `key_file` is empty."""

    file: str
    key_file: str = ""
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One host to connect to. Connections are shared by all who name the same endpoint.

    `ca_file` is a PEM bundle trusted beside the system's. It, the certificate we show, the proxy,
    and whether the store's certificate matters at all are part of the identity: a connection that
    was made one way is never used by who asks for another.
    """

    scheme: str
    host: str
    port: int
    ca_file: str = ""
    certificate: ClientCertificate | None = None
    verify: bool = True
    proxy: Proxy | None = None

    @classmethod
    def parse(cls, url: str, *, ca_file: str = "") -> Endpoint:
        """The endpoint of an http or https URL; its path is ignored. Raises ValueError."""
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"not an http or https URL: {url!r}")
        return cls(scheme, parts.hostname, parts.port or _DEFAULT_PORTS[scheme], ca_file)

    @property
    def hop(self) -> Endpoint | Proxy:
        """What has `host` and `port` of whom to connect to."""
        return self.proxy or self

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"

    @property
    def is_forwarded(self) -> bool:
        """Whether a proxy reads the requests, and answers some of them itself."""
        proxy = self.proxy
        return proxy is not None and not proxy.is_socks and self.scheme == "http"

    @property
    def authority(self) -> str:
        """The value of the Host header: without the port when it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds each step of a request may take (SPEC.md section 1).

    `stall` bounds the wait between two chunks of a body, in either direction. `first_byte` is
    counted from the end of the request; `server_work` takes its place for copies and completes,
    where the store moves gigabytes before it answers. `tick` is how often a blocked call looks
    up: it bounds how late progress is told. `tunnel` is how long a proxy may take to connect.
    """

    connect: float = 3.1
    handshake: float = 10.0
    first_byte: float = 30.0
    stall: float = 30.0
    idle: float = 30.0
    server_work: float = 300.0
    tick: float = 0.25
    tunnel: float = 15.0
