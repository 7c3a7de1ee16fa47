"""The way from here to a store: which proxy, which certificates, and what secrets those need."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.connection import WaySecrets, is_loopback
from s4desk.core.domain.errors import CredentialsError, MissingKeyError, S4DeskError
from s4desk.core.domain.proxies import Proxy, ProxyChoice, choice_of, parse_proxy
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact
from s4desk.core.runtime.threads import in_thread
from s4desk.core.wire.endpoint import ClientCertificate, Endpoint
from s4desk.core.wire.pem import pem_content

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.secrets import SecretReader

NO_SECRETS: Final = WaySecrets()
ProxyOf = Callable[[str, str, int], "Proxy | None"]
"""The proxy for a scheme, a host and a port."""


@dataclass(frozen=True)
class Way:
    """How the endpoints of one connection are reached. Any thread may ask."""

    connection: Connection
    secrets: WaySecrets = NO_SECRETS

    @cached_property
    def proxy_of(self) -> ProxyOf:
        """Raises S4DeskError for a proxy of the system that is of another kind."""
        match choice_of(self.connection.proxy):
            case ProxyChoice.NONE:
                return _no_proxy
            case ProxyChoice.OWN:
                proxy = _with_password(_own(self.connection.proxy), self.secrets)
                return lambda _scheme, _host, _port: proxy
            case ProxyChoice.SYSTEM:
                return _system()

    @cached_property
    def certificate(self) -> ClientCertificate | None:
        connection = self.connection
        if not connection.client_certificate:
            return None
        passphrase = self.secrets.key_passphrase
        return ClientCertificate(connection.client_certificate, connection.client_key, passphrase)

    def endpoint(self, url: str) -> Endpoint:
        """The endpoint of a URL, as this connection reaches it. Raises ValueError."""
        plain = Endpoint.parse(url, ca_file=self.connection.ca_file)
        proxy = self.proxy_of(plain.scheme, plain.host, plain.port)
        if not plain.is_tls:
            return replace(plain, proxy=proxy)
        return replace(
            plain, proxy=proxy, certificate=self.certificate, verify=self.connection.verify
        )

    def beside(self, endpoint: Endpoint, host: str) -> Endpoint:
        """The same endpoint on another host, the one of a bucket."""
        return Endpoint(
            endpoint.scheme,
            host,
            endpoint.port,
            endpoint.ca_file,
            endpoint.certificate,
            endpoint.verify,
            self.proxy_of(endpoint.scheme, host, endpoint.port),
        )


def wants_secrets(connection: Connection) -> bool:
    """Whether the way itself may need a secret. Reads the client certificate; it blocks."""
    return _has_proxy_user(connection) or has_encrypted_key(connection)


def has_encrypted_key(connection: Connection) -> bool:
    """Whether the key of the client certificate is encrypted. It blocks."""
    if not connection.client_certificate:
        return False
    try:
        return pem_content(connection.client_certificate, connection.client_key).is_encrypted
    except OSError:
        return False


def _has_proxy_user(connection: Connection) -> bool:
    if choice_of(connection.proxy) is not ProxyChoice.OWN:
        return False
    return bool(_own(connection.proxy).user)


async def find_way(connection: Connection, secrets: SecretReader) -> Way:
    """The way of a connection, with the secrets it needs. Raises CredentialsError."""
    if not await in_thread(wants_secrets, connection):
        return Way(connection)
    return Way(connection, await way_secrets(connection, secrets))


async def way_secrets(connection: Connection, secrets: SecretReader) -> WaySecrets:
    """What is kept for the way of a connection, which needs something.

    Raises MissingKeyError when there is nothing and nothing will do without it.
    """
    kept = await secrets.way_secrets(connection.id)
    for secret in (kept.proxy_password, kept.key_passphrase):
        redact(secret)
    if _has_proxy_user(connection) and not kept.proxy_password:
        name = _own(connection.proxy).name
        said = tr("There is no password for the proxy {proxy}. Edit the connection to add it.")
        raise MissingKeyError(said.format(proxy=name))
    return kept


def _own(text: str) -> Proxy:
    try:
        return parse_proxy(text)
    except ValueError as error:
        said = tr("{proxy} is not the address of a proxy; edit the connection.")
        raise CredentialsError(said.format(proxy=text)) from error


def _with_password(proxy: Proxy, secrets: WaySecrets) -> Proxy:
    return replace(proxy, password=secrets.proxy_password) if proxy.user else proxy


def _no_proxy(_scheme: str, _host: str, _port: int) -> None:
    return None


def _system() -> ProxyOf:
    """What the environment, or the system's own settings, say now (`http_proxy`, `no_proxy`)."""
    found = _proxies()
    everywhere = found.get("all", "")
    proxies = {name: found.get(name) or everywhere for name in ("http", "https")}
    if not any(proxies.values()):
        return _no_proxy
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    networks = _networks(exceptions)
    known: dict[tuple[str, str, int], Proxy | None] = {}

    def proxy_of(scheme: str, host: str, port: int) -> Proxy | None:
        where = (scheme, host, port)
        if where not in known:
            is_spared = is_loopback(host) or _is_in(host, networks) or _is_bypassed(host, port)
            known[where] = None if is_spared else _of_system(proxies[scheme])
        return known[where]

    return proxy_of


def _proxies() -> dict[str, str]:
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies  # noqa: PLC0415 - as much as all else here together

    return getproxies()


def _is_bypassed(host: str, port: int) -> bool:
    from urllib.request import proxy_bypass  # noqa: PLC0415 - it is loaded by now

    return bool(proxy_bypass(host) or proxy_bypass(f"{host}:{port}"))


def _of_system(address: str) -> Proxy | None:
    if not address:
        return None
    try:
        proxy = parse_proxy(address)
    except ValueError as error:
        said = tr(
            "The proxy of this system ({proxy}) is of a kind that s4desk does not speak to."
            " Choose another one in the connection, or none."
        )
        raise S4DeskError(said.format(proxy=address.rpartition("@")[2])) from error
    redact(proxy.password)
    return proxy


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(exceptions: str) -> list[Network]:
    """The address ranges among the exceptions, which the standard library overlooks."""
    found: list[Network] = []
    for word in exceptions.split(","):
        try:
            found.append(ipaddress.ip_network(word.strip(), strict=False))
        except ValueError:
            continue
    return found


def _is_in(host: str, networks: list[Network]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
