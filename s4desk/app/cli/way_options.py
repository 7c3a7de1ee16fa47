"""The options of `s4desk connections` about the way to a store, and the secrets it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.app.cli.places import UsageError
from s4desk.core.domain.connection import WaySecrets
from s4desk.core.domain.proxies import DIRECT, ProxyChoice, choice_of, parse_proxy
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.way import has_encrypted_key
from s4desk.viewmodels.way_fields import parse_client_certificate, parse_client_key

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.answers import Answers
    from s4desk.core.domain.connection import Connection


def way_changes(arguments: Namespace) -> dict[str, Any]:
    """What the command line says of the way; what it does not name stays."""
    changes: dict[str, Any] = {}
    for field, word, parse in (
        ("proxy", arguments.proxy, _parse_proxy),
        ("client_certificate", arguments.client_cert, parse_client_certificate),
        ("client_key", arguments.client_key, parse_client_key),
    ):
        if word is not None:
            changes[field] = parse(word)
    if arguments.verify is not None:
        changes["verify"] = arguments.verify == "on"
    return changes


async def read_way_secrets(
    before: Connection, connection: Connection, answers: Answers
) -> WaySecrets | None:
    """Ask for what the changed way needs; None when nothing about it has changed."""
    names = ("proxy", "client_certificate", "client_key")
    if all(getattr(before, name) == getattr(connection, name) for name in names):
        return None
    password = passphrase = ""
    if choice_of(connection.proxy) is ProxyChoice.OWN and parse_proxy(connection.proxy).user:
        password = await answers.secret(tr("Password for the proxy: "))
        if not password:
            raise UsageError(tr("The proxy's user needs a password: a line on standard input."))
    if await in_thread(has_encrypted_key, connection):
        passphrase = await answers.secret(tr("Passphrase of the client certificate's key: "))
        if not passphrase:
            raise UsageError(tr("The key is encrypted: its passphrase is needed, as a line."))
    return WaySecrets(password, passphrase)


def _parse_proxy(text: str) -> str:
    if text in ("", ProxyChoice.SYSTEM):
        return ""
    if text == DIRECT:
        return DIRECT
    try:
        proxy = parse_proxy(text)
    except ValueError as error:
        said = tr(
            "--proxy is one of system, none, http://, socks5:// or socks5h://[USER@]HOST:PORT."
        )
        raise UsageError(said) from error
    if proxy.password:
        raise UsageError(
            tr("The proxy's password does not belong on a command line: it is asked for.")
        )
    return str(replace(proxy, password=""))
