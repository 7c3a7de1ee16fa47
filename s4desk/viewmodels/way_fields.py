"""The fields of a connection about the way to its store: proxy, certificates, verification."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.connection import Connection, WaySecrets
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.proxies import DIRECT, ProxyChoice, choice_of, parse_proxy
from s4desk.core.runtime.i18n import tr
from s4desk.core.wire.pem import pem_content
from s4desk.viewmodels.exposure_text import exposure_sentence
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, choice, is_ticked

if TYPE_CHECKING:
    from collections.abc import Mapping

PROXY_FIELDS = ("proxy_address", "proxy_user", "proxy_password")
WAY_FIELDS = (
    "proxy",
    *PROXY_FIELDS,
    "client_certificate",
    "client_key",
    "key_passphrase",
    "unverified",
)


class WayFields:
    """Makes the fields and reads them. Secrets are never shown; one that is left alone stays."""

    def __init__(self, connection: Connection, kept: WaySecrets) -> None:
        self._kept = kept
        choice_now = choice_of(connection.proxy)
        own = _address_parts(connection.proxy) if choice_now is ProxyChoice.OWN else ("", "")
        self._begun_with = own
        self.fields: Mapping[str, Field[Any]] = {
            "proxy": Field(
                tr("Proxy"),
                choice_now.value,
                choice(ProxyChoice),
                kind=FieldKind.CHOICE,
                choices=_choices(),
            ),
            "proxy_address": Field(
                tr("Proxy address"),
                own[0],
                parse_proxy_address,
                placeholder=tr("http://proxy.example.com:3128"),
            ),
            "proxy_user": Field(
                tr("Proxy user"), own[1], str.strip, placeholder=tr("if it wants one")
            ),
            "proxy_password": _secret(tr("Proxy password"), kept.proxy_password),
            "client_certificate": Field(
                tr("Client certificate"),
                connection.client_certificate,
                parse_client_certificate,
                kind=FieldKind.FILE,
                placeholder=tr("if the store asks for one"),
            ),
            "client_key": Field(
                tr("Certificate key"),
                connection.client_key,
                parse_client_key,
                kind=FieldKind.FILE,
                placeholder=tr("if in a file of its own"),
            ),
            "key_passphrase": _secret(tr("Key passphrase"), kept.key_passphrase),
            "unverified": Field(
                tr("Do not verify the store's certificate"),
                "" if connection.verify else TICKED,
                is_ticked,
                kind=FieldKind.TICK,
            ),
        }

    @property
    def is_used(self) -> bool:
        """Whether anything is not as it is by default."""
        proxy = self.fields["proxy"].text != ProxyChoice.SYSTEM
        return proxy or any(self.fields[n].text for n in ("client_certificate", "unverified"))

    def is_shown(self, name: str) -> bool:
        if name in PROXY_FIELDS:
            return self.fields["proxy"].value is ProxyChoice.OWN
        if name == "client_key":
            return bool(self.fields["client_certificate"].text.strip())
        if name == "key_passphrase":
            return self._is_key_encrypted()
        return True

    def errors(self) -> dict[str, str]:
        """What the fields demand of each other."""
        if self.fields["proxy"].value is not ProxyChoice.OWN:
            return {}
        if not self.fields["proxy_address"].text.strip():
            return {"proxy_address": tr("Enter the address of the proxy.")}
        if self.fields["proxy_user"].text.strip() and not self._proxy_password():
            return {"proxy_password": tr("Enter the password of the proxy's user.")}
        return {}

    def applied(self, connection: Connection) -> Connection:
        """`connection` with what these fields say."""
        certificate = self.fields["client_certificate"].value
        return replace(
            connection,
            proxy=self._proxy(),
            client_certificate=certificate,
            client_key=self.fields["client_key"].value if certificate else "",
            verify=not self.fields["unverified"].value,
        )

    def secrets(self) -> WaySecrets | None:
        """What to keep, None when that is what is kept."""
        is_own = self.fields["proxy"].value is ProxyChoice.OWN
        has_user = is_own and bool(self.fields["proxy_user"].value)
        wanted = WaySecrets(
            proxy_password=self._proxy_password() if has_user else "",
            key_passphrase=self._passphrase() if self._is_key_encrypted() else "",
        )
        return None if wanted == self._kept else wanted

    def _proxy(self) -> str:
        match self.fields["proxy"].value:
            case ProxyChoice.SYSTEM:
                return ""
            case ProxyChoice.NONE:
                return DIRECT
        proxy = parse_proxy(self.fields["proxy_address"].value)
        return str(replace(proxy, user=self.fields["proxy_user"].value))

    def _proxy_password(self) -> str:
        """The one that was typed; the kept one for the same proxy and user only."""
        typed: str = self.fields["proxy_password"].value
        now = (self.fields["proxy_address"].text.strip(), self.fields["proxy_user"].text.strip())
        return typed or (self._kept.proxy_password if now == self._begun_with else "")

    def _passphrase(self) -> str:
        typed: str = self.fields["key_passphrase"].value
        return typed or self._kept.key_passphrase

    def _is_key_encrypted(self) -> bool:
        certificate = self.fields["client_certificate"].text.strip()
        if not certificate:
            return False
        try:
            key = self.fields["client_key"].text.strip()
            return pem_content(_path(certificate), _path(key)).is_encrypted
        except OSError:
            return False


def exposure_of(endpoint: str, *, is_unverified: bool) -> str:
    """The sentence about what a connection to `endpoint` would lay open, empty for nothing."""
    return exposure_sentence(Connection(ConnectionId(""), "", endpoint, verify=not is_unverified))


def parse_proxy_address(text: str) -> str:
    """`http://host:port`, or one of SOCKS5; the user and the password have fields of their own."""
    if not text.strip():
        return ""
    try:
        proxy = parse_proxy(text.strip())
    except ValueError as error:
        raise ValidationError(
            tr(
                "A proxy looks like http://proxy.example.com:3128, 10.0.0.1:3128 or"
                " socks5://proxy.example.com:1080 (socks5h:// if it looks names up)."
            )
        ) from error
    if proxy.user or proxy.password:
        raise ValidationError(tr("User and password have fields of their own."))
    return str(proxy)


def parse_client_certificate(text: str) -> str:
    """An absolute path to a PEM file with a certificate; empty stays empty."""
    if not text.strip():
        return ""
    content = _looked_into(text)
    if not content.has_certificate:
        raise ValidationError(
            tr("This file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
        )
    return _path(text)


def parse_client_key(text: str) -> str:
    """An absolute path to a PEM file with a private key; empty stays empty."""
    if not text.strip():
        return ""
    if not _looked_into(text).has_key:
        raise ValidationError(tr("This file holds no private key in PEM form."))
    return _path(text)


def _looked_into(text: str) -> Any:
    try:
        return pem_content(_path(text))
    except FileNotFoundError as error:
        raise ValidationError(tr("There is no such file.")) from error
    except (OSError, ValueError) as error:
        raise ValidationError(
            tr("This file cannot be read: {error}").format(
                error=getattr(error, "strerror", None) or error
            )
        ) from error


def _path(text: str) -> str:
    return str(Path(text.strip()).expanduser().absolute()) if text.strip() else ""


def _address_parts(proxy: str) -> tuple[str, str]:
    """The address and the user of a proxy that a connection names."""
    try:
        found = parse_proxy(proxy)
    except ValueError:
        return proxy, ""
    return str(replace(found, user="")), found.user


def _secret(label: str, kept: str) -> Field[str]:
    return Field(label, "", str, kind=FieldKind.SECRET, placeholder=tr("unchanged") if kept else "")


def _choices() -> list[tuple[str, str]]:
    return [
        (ProxyChoice.SYSTEM.value, tr("As the system says")),
        (ProxyChoice.NONE.value, tr("None")),
        (ProxyChoice.OWN.value, tr("This one:")),
    ]
