"""Opening a TCP connection to whichever address of a host answers first."""

from __future__ import annotations

import errno
import itertools
import os
import selectors
import socket
import struct
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.proxies import Proxy
    from s4desk.core.wire.cancellation import CancelToken
    from s4desk.core.wire.endpoint import Endpoint, Timeouts

STAGGER_S = 0.25
"""How much later the next address is tried (RFC 8305, Connection Attempt Delay)."""

KEEPALIVE_IDLE_S = 15
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)
_KERNEL_TIMEOUTS = sys.platform == "linux"
"""Linux counts SO_RCVTIMEO and SO_SNDTIMEO over a whole call and then tells what it moved, so one
call moves megabytes. Elsewhere Python waits before each call."""

Address = tuple[int, Any]


def dial(hop: Endpoint | Proxy, timeouts: Timeouts, token: CancelToken) -> socket.socket:
    """A connected blocking socket. Raises OSError (gaierror when the name is unknown)."""
    found = token.detached(lambda: socket.getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM))
    race = _Race(_alternating([(entry[0], entry[4]) for entry in found]), token)
    sock = race.run(timeouts.connect)
    _configure(sock, timeouts.tick)
    return sock


def _alternating(addresses: Sequence[Address]) -> list[Address]:
    """IPv6 and IPv4 in turn, beginning with the family the system prefers (RFC 8305)."""
    first = [each for each in addresses if each[0] == addresses[0][0]]
    second = [each for each in addresses if each[0] != addresses[0][0]]
    pairs = itertools.zip_longest(first, second)
    return [address for pair in pairs for address in pair if address is not None]


class _Race:
    """Connects to several addresses, each a little later than the one before."""

    def __init__(self, addresses: Sequence[Address], token: CancelToken) -> None:
        self._waiting = deque(addresses)
        self._token = token
        self._running: set[socket.socket] = set()
        self._failure: OSError | None = None
        self._selector = selectors.DefaultSelector()

    def run(self, timeout: float) -> socket.socket:
        try:
            return self._first_connected(timeout)
        finally:
            self._selector.close()
            for sock in self._running:
                sock.close()

    def _first_connected(self, timeout: float) -> socket.socket:
        deadline = time.monotonic() + timeout
        next_start = 0.0
        while self._waiting or self._running:
            self._token.check()
            now = time.monotonic()
            if now >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, f"no connection within {timeout:g} s")
            if self._waiting and (now >= next_start or not self._running):
                self._start(*self._waiting.popleft())
                next_start = now + STAGGER_S
                continue
            for key, _ in self._selector.select(min(STAGGER_S, deadline - now)):
                if connected := self._outcome(key.fileobj):
                    return connected
        raise self._failure or OSError(errno.EADDRNOTAVAIL, "the name has no address")

    def _start(self, family: int, address: Any) -> None:
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            self._failure = error
            return
        try:
            sock.setblocking(False)
            code = sock.connect_ex(address)
        except OSError as error:
            code = error.errno or errno.EIO
        if code and code not in _IN_PROGRESS:
            sock.close()
            self._failure = OSError(code, os.strerror(code))
            return
        self._running.add(sock)
        self._selector.register(sock, selectors.EVENT_WRITE)

    def _outcome(self, sock: Any) -> socket.socket | None:
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._selector.unregister(sock)
        self._running.discard(sock)
        if not code:
            connected: socket.socket = sock
            return connected
        sock.close()
        self._failure = OSError(code, os.strerror(code))
        return None


def _configure(sock: socket.socket, tick: float) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    if not _KERNEL_TIMEOUTS:
        sock.settimeout(tick)
        return
    sock.settimeout(None)
    limit = struct.pack("@ll", int(tick), int(tick % 1 * 1_000_000))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
