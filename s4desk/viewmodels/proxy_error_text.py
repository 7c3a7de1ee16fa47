"""The text of errors at a proxy between here and the store."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from s4desk.core.domain.proxies import PASSWORD_WANTED, ProxyChoice, choice_of
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.errors import ProxyFailedError, ProxyRefusedError, ProxyUnreachableError


def silent_proxy_problem(error: ProxyUnreachableError) -> tuple[str, str]:
    """The proxy itself cannot be reached."""
    reason = _reason(error.detail, error.proxy)
    if isinstance(_root(error), socket.gaierror):
        return (
            tr("The address of the proxy {proxy} cannot be found ({reason}).").format(
                proxy=error.proxy, reason=reason
            ),
            tr("Check its spelling and your network. {where}").format(where=_where(error)),
        )
    return (
        tr("The proxy {proxy} does not answer ({reason}).").format(
            proxy=error.proxy, reason=reason
        ),
        tr("Check its address and port, and your network. {where}").format(where=_where(error)),
    )


def failed_proxy_problem(error: ProxyFailedError) -> tuple[str, str]:
    """The proxy answers, and did not get to the store."""
    return (
        tr("The proxy {proxy} does not get to the store: {reason}.").format(
            proxy=error.proxy, reason=_reason(error.detail, error.proxy)
        ),
        tr("Check the endpoint. {where}").format(where=_where(error)),
    )


def refusing_proxy_problem(error: ProxyRefusedError) -> tuple[str, str]:
    """The proxy does not let the request through."""
    reason = _reason(error.detail, error.proxy)
    if error.status not in PASSWORD_WANTED:
        return (
            tr("The proxy {proxy} refuses to connect to the store: {reason}.").format(
                proxy=error.proxy, reason=reason
            ),
            tr("Ask whoever runs the proxy to allow the store's address and port. {where}").format(
                where=_where(error)
            ),
        )
    said = tr("The proxy {proxy} wants a user and a password, or refuses those it got.")
    if error.schemes and "basic" not in error.schemes.casefold():
        return (
            said.format(proxy=error.proxy),
            tr("It knows only {schemes}, which s4desk does not.").format(schemes=error.schemes),
        )
    return (said.format(proxy=error.proxy), tr("Enter them in the connection, beside the proxy."))


def _where(error: ProxyUnreachableError | ProxyFailedError | ProxyRefusedError) -> str:
    """Who named this proxy."""
    connection = error.connection
    if connection is None or choice_of(connection.proxy) is ProxyChoice.OWN:
        return tr("The proxy is set in the connection.")
    return tr("The proxy is the one of this system; the connection may have another, or none.")


def _reason(detail: str, proxy: str) -> str:
    return detail.removeprefix(f"{proxy}: ").strip().rstrip(".")


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
