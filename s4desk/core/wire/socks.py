"""Through a SOCKS5 proxy (RFC 1928), by user and password where it wants them (RFC 1929).

Libraries for it open sockets of their own: they cannot be stopped in the middle, and try one
address of the proxy after the other.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.proxies import ProxyKind
from s4desk.core.wire.proxying import ProxyAnswerError, SilentProxyError
from s4desk.core.wire.stream import ReplyPendingError

if TYPE_CHECKING:
    from s4desk.core.domain.proxies import Proxy
    from s4desk.core.wire.endpoint import Endpoint, Timeouts
    from s4desk.core.wire.stream import PlainStream

_VERSION: Final = 5
_CONNECT: Final = 1
_NOBODY, _BY_PASSWORD, _NONE_FITS = 0, 2, 0xFF
_PASSWORD_VERSION: Final = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_LONGEST: Final = 255
_WANTS_PASSWORD: Final = 407
_ANSWERS: Final = {
    1: (502, "it failed"),
    2: (403, "its rules do not allow it"),
    3: (502, "the network cannot be reached"),
    4: (502, "the host cannot be reached"),
    5: (502, "the connection was refused"),
    6: (504, "it took too many steps"),
    7: (501, "it does not know how to connect"),
    8: (501, "it does not know this kind of address"),
}
"""What its replies would be in HTTP, and in words."""


def dig_socks(stream: PlainStream, endpoint: Endpoint, proxy: Proxy, timeouts: Timeouts) -> None:
    """Have the proxy connect to the endpoint; what is sent from now on goes there.

    Raises ProxyFault, CancelledJobError, and socket.gaierror for a name that we have to look up.
    """
    address = _address_of(stream, endpoint, proxy)
    talk = _Talk(stream, f"{endpoint.host}:{endpoint.port}", proxy, timeouts)
    try:
        talk.sign_in()
        talk.connect(address + endpoint.port.to_bytes(2, "big"))
    except ReplyPendingError as error:
        raise SilentProxyError(proxy, "it speaks out of turn") from error
    except (ProxyAnswerError, SilentProxyError):
        raise
    except OSError as error:
        raise SilentProxyError(proxy, error.strerror or str(error)) from error


class _Talk:
    """What is said before the proxy becomes a tunnel."""

    def __init__(self, stream: PlainStream, target: str, proxy: Proxy, timeouts: Timeouts) -> None:
        self._stream = stream
        self._target = target
        self._proxy = proxy
        self._timeouts = timeouts

    def sign_in(self) -> None:
        has_name = bool(self._proxy.user or self._proxy.password)
        methods = bytes((_NOBODY, _BY_PASSWORD) if has_name else (_NOBODY,))
        self._send(bytes((_VERSION, len(methods))) + methods)
        version, method = self._receive(2)
        self._check(version)
        if method == _BY_PASSWORD and has_name:
            user, password = _short(self._proxy.user), _short(self._proxy.password)
            self._send(bytes((_PASSWORD_VERSION,)) + user + password)
            _, status = self._receive(2)
            if status:
                raise self._refused(_WANTS_PASSWORD, "it refuses the user or the password")
        elif method != _NOBODY:
            raise self._refused(_WANTS_PASSWORD, "it wants a user and a password")

    def connect(self, address: bytes) -> None:
        self._send(bytes((_VERSION, _CONNECT, 0)) + address)
        version, reply, _, kind = self._receive(4)
        self._check(version)
        if reply:
            raise self._refused(*_ANSWERS.get(reply, (502, f"it answered {reply}")))
        sizes = {_IPV4: 4, _IPV6: 16}
        size = sizes[kind] if kind in sizes else self._receive(1)[0]
        self._receive(size + 2)  # from where it connects, which is of no use here

    def _send(self, words: bytes) -> None:
        self._stream.send(memoryview(words), self._timeouts.stall)

    def _receive(self, size: int) -> bytes:
        words = bytearray(size)
        view, limit = memoryview(words), self._timeouts.tunnel
        while view:
            count = self._stream.recv_into(view, limit)
            if not count:
                raise SilentProxyError(self._proxy, "it closed the connection")
            view = view[count:]
        return bytes(words)

    def _check(self, version: int) -> None:
        if version != _VERSION:
            raise SilentProxyError(self._proxy, "it does not speak SOCKS5")

    def _refused(self, status: int, reason: str) -> ProxyAnswerError:
        return ProxyAnswerError(self._proxy, self._target, reason, status=status)


def _address_of(stream: PlainStream, endpoint: Endpoint, proxy: Proxy) -> bytes:
    """The kind of an address and the address; a name only for a proxy that looks names up."""
    host = endpoint.host
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        if proxy.kind is ProxyKind.SOCKS5H:
            return bytes((_NAME,)) + _short(host, "idna")
        entries = stream.token.detached(
            lambda: socket.getaddrinfo(host, endpoint.port, type=socket.SOCK_STREAM)
        )
        found = ipaddress.ip_address(entries[0][4][0])
    return bytes((_IPV4 if found.version == 4 else _IPV6,)) + found.packed


def _short(text: str, encoding: str = "utf-8") -> bytes:
    """With its length in front. What is too long for that is cut, and refused by whoever reads."""
    words = text.encode(encoding)[:_LONGEST]
    return bytes((len(words),)) + words
