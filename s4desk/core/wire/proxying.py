"""Through an HTTP proxy: a tunnel for TLS, whole addresses for plain HTTP (RFC 9110, RFC 9112).

Only what every proxy knows: Basic authentication, offered at once, so that no body is sent twice.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.wire.reply import BadReplyError, NoReplyError, Reply, ReplyReader

if TYPE_CHECKING:
    from s4desk.core.domain.proxies import Proxy
    from s4desk.core.wire.endpoint import Endpoint, Timeouts
    from s4desk.core.wire.stream import PlainStream


_QUOTED: Final = re.compile(r'"[^"]*"')


class ProxyFault(OSError):  # noqa: N818 - a fault on the way; what it means is said above
    """Something between here and a store went wrong at the proxy `proxy`."""

    def __init__(self, proxy: Proxy, reason: str) -> None:
        super().__init__(reason)
        self.proxy = proxy
        self.reason = reason


class SilentProxyError(ProxyFault):
    """The proxy cannot be reached, or says nothing; the cause is the error that tells why."""


class ProxyAnswerError(ProxyFault):
    """The proxy does not let a request through: it answered `status`, or what in HTTP means that.

    `target` is what it was asked for, `schemes` the ways to sign in that it knows.
    """

    def __init__(
        self, proxy: Proxy, target: str, reason: str, *, status: int, schemes: str = ""
    ) -> None:
        super().__init__(proxy, reason)
        self.target = target
        self.status = status
        self.schemes = schemes


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How plain HTTP is asked of a proxy: with the whole address, and who asks."""

    url: str
    headers: tuple[tuple[str, str], ...]


def forwarding(endpoint: Endpoint) -> Forwarding | None:
    """What the requests of a connection need, None for those that a proxy does not read."""
    if endpoint.proxy is None or not endpoint.is_forwarded:
        return None
    return Forwarding(endpoint.url, tuple(_authorization(endpoint.proxy)))


def dig(stream: PlainStream, endpoint: Endpoint, proxy: Proxy, timeouts: Timeouts) -> None:
    """Have the proxy connect to the endpoint; what is sent from now on goes there.

    Raises ProxyFault, CancelledJobError.
    """
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    target = f"{host}:{endpoint.port}"
    fields = [("Host", target), *_authorization(proxy)]
    lines = [f"CONNECT {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    reader = ReplyReader(stream)
    try:
        stream.send(memoryview(head), timeouts.stall)
        # A success has no body; that of a refusal is for a browser.
        reply = Reply(reader, is_head=True, first_byte=timeouts.tunnel, stall=timeouts.tunnel)
    except (NoReplyError, OSError) as error:
        raise SilentProxyError(proxy, str(error)) from error
    except BadReplyError as error:
        raise SilentProxyError(proxy, f"it does not speak HTTP: {error}") from error
    if not 200 <= reply.status < 300:
        schemes = schemes_of(reply.headers.get("proxy-authenticate", ""))
        reason = f"{reply.status} {reply.reason}".strip()
        raise ProxyAnswerError(proxy, target, reason, status=reply.status, schemes=schemes)
    if not reader.is_empty:
        raise SilentProxyError(proxy, "it speaks out of turn")


def schemes_of(header: str) -> str:
    """The names of the schemes in a Proxy-Authenticate header."""
    words = (part.strip().partition(" ")[0] for part in _QUOTED.sub("", header).split(","))
    return ", ".join(dict.fromkeys(word for word in words if word and "=" not in word))


def _authorization(proxy: Proxy) -> list[tuple[str, str]]:
    if not proxy.user and not proxy.password:
        return []
    pair = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
    return [("Proxy-Authorization", f"Basic {pair}")]
