"""Bytes over one TCP connection, plain or in TLS, with a limit on how long nothing may move.

TLS runs over memory BIOs: the socket is read and written in large pieces, where SSLSocket makes
one system call for each record of 16 KiB, and both kinds of stream wait and stop the same way.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from s4desk.core.domain.parts import Span
    from s4desk.core.wire.cancellation import CancelToken

TLS_READ = 256 * 1024
TLS_WRITE = 128 * 1024

_FILL = getattr(socket, "MSG_WAITALL", 0)

_FIRST_RUN = 256 * 1024
_LONGEST_RUN = 8 * 1024 * 1024
_SHORT_S = 0.05
"""The limit on waiting counts anew for each 64 KiB of a run: long ones are for fast lines only."""

_HAS_SENDFILE = sys.platform in ("linux", "darwin")
_NOT_SENDABLE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EIO)
"""File systems that cannot, and disks that fail: whoever reads will know."""

_unsealing = threading.Lock()
"""Held by the thread that opens records.

Each record of 16 KiB is a call that lets go of the interpreter. Threads that open records side by
side take it from each other at every one of them: half as fast, for twice the time of processors.
"""

Moved = Callable[[int], None]


class ReplyPendingError(Exception):
    """The store answers although the request is not sent to its end."""


class Stream(Protocol):
    """One side of a connection, used by one thread at a time; `token` is that of its job."""

    token: CancelToken

    def recv_into(self, view: memoryview, limit: float, *, fill: bool = False) -> int:
        """Read some bytes, 0 at the end of the stream.

        With `fill` it goes on until `view` is full or a tick has passed. Raises TimeoutError after
        `limit` seconds without a byte, CancelledJobError, OSError.
        """

    def send(self, view: memoryview, limit: float, moved: Moved | None = None) -> None:
        """Send all of `view`; `moved` is called at each step, several times a second.

        Raises ReplyPendingError when there is something to read before all is sent, and what
        `recv_into` raises.
        """

    def send_file(self, descriptor: int, span: Span, limit: float, moved: Moved | None) -> int:
        """Have the kernel send a run of an open file; returns how many bytes of it were sent.

        They are fewer where the file ends before, or cannot be sent this way; reading it tells.
        Raises what `send` raises.
        """

    def has_input(self) -> bool:
        """Whether bytes, or the end, can be read at once."""

    def close(self) -> None: ...


def is_readable(sock: socket.socket) -> bool:
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        return bool(poller.poll(0))
    return bool(select.select([sock], [], [], 0)[0])


def _is_writable(sock: socket.socket, timeout: float) -> bool:
    """Whether something can be sent, or it is seen that nothing can, within `timeout` seconds."""
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    return bool(poller.poll(timeout * 1000))


class PlainStream:
    """A socket whose calls return after a tick at the latest (`dial` sees to that)."""

    def __init__(self, sock: socket.socket, token: CancelToken) -> None:
        self._sock = sock
        self._fill = 0 if sock.gettimeout() is not None else _FILL
        self.token = token

    def recv_into(self, view: memoryview, limit: float, *, fill: bool = False) -> int:
        flags = self._fill if fill else 0
        deadline = 0.0
        while True:
            try:
                count = self._sock.recv_into(view, 0, flags)
            except (BlockingIOError, TimeoutError):
                deadline = self._waited(deadline, limit)
                continue
            except OSError:
                self.token.check()
                raise
            if not count:
                self.token.check()
            return count

    def send(self, view: memoryview, limit: float, moved: Moved | None = None) -> None:
        self.send_all(view, limit, moved, self.has_input)

    def send_all(
        self,
        view: memoryview,
        limit: float,
        moved: Moved | None,
        has_input: Callable[[], bool],
    ) -> None:
        deadline = 0.0
        while view:
            try:
                count = self._sock.send(view)
            except (BlockingIOError, TimeoutError):
                deadline = self._waited(deadline, limit)
                count = 0
            except OSError:
                self.token.check()
                raise
            if count:
                deadline = 0.0
                view = view[count:]
                if moved is not None:
                    moved(count)
            if view and has_input():
                raise ReplyPendingError

    def send_file(self, descriptor: int, span: Span, limit: float, moved: Moved | None) -> int:
        offset, at_once, deadline = span.offset, _FIRST_RUN, 0.0
        while offset < span.end and _HAS_SENDFILE:
            began = time.monotonic()
            try:
                count = self._send_run(descriptor, offset, min(at_once, span.end - offset))
            except (BlockingIOError, TimeoutError):
                deadline = self._waited(deadline, limit)
                count = 0
            except OSError as error:
                self.token.check()
                if error.errno in _NOT_SENDABLE:
                    break
                raise
            else:
                if not count:
                    break
                offset, deadline = offset + count, 0.0
                if moved is not None:
                    moved(count)
            took = time.monotonic() - began
            at_once = min(2 * at_once, _LONGEST_RUN) if took < _SHORT_S else _FIRST_RUN
            if self.has_input():
                raise ReplyPendingError
        return offset - span.offset

    def _send_run(self, descriptor: int, offset: int, count: int) -> int:
        """One call; raises TimeoutError when a tick passes without a byte."""
        tick = self._sock.gettimeout()
        if tick is not None and not _is_writable(self._sock, tick):
            raise TimeoutError
        return os.sendfile(self._sock.fileno(), descriptor, offset, count)

    def _waited(self, deadline: float, limit: float) -> float:
        """One more tick has passed without a byte; returns when it is too much."""
        self.token.check()
        now = time.monotonic()
        if deadline and now >= deadline:
            raise TimeoutError(f"no byte moved for {limit:g} s")
        return deadline or now + limit

    def has_input(self) -> bool:
        return is_readable(self._sock)

    def close(self) -> None:
        self._sock.close()


class TlsStream:
    """TLS over a PlainStream."""

    def __init__(
        self, plain: PlainStream, context: ssl.SSLContext, host: str, limit: float
    ) -> None:
        """Shake hands. Raises ssl.SSLError, and what `recv_into` raises."""
        self._plain = plain
        self._raw = memoryview(bytearray(TLS_READ))
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._stash = b""
        self._handshake(limit)

    @property
    def token(self) -> CancelToken:
        return self._plain.token

    @token.setter
    def token(self, token: CancelToken) -> None:
        self._plain.token = token

    @property
    def peer_certificate(self) -> bytes:
        """The certificate that was shown, in DER, whether it is trusted or not."""
        return self._tls.getpeercert(binary_form=True) or b""

    def _handshake(self, limit: float) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(limit)
                self._feed(limit)
            else:
                self._flush(limit)
                return

    def recv_into(self, view: memoryview, limit: float, *, fill: bool = False) -> int:
        count = len(self._stash)
        if count:
            view[:count] = self._stash
            self._stash = b""
            return count
        while True:
            try:
                with _unsealing:
                    while True:
                        # With a buffer `read` answers how many bytes it wrote there.
                        count += cast(int, self._tls.read(len(view) - count, view[count:]))
                        if not fill or count == len(view):
                            return count
            except ssl.SSLWantReadError:
                if count:
                    return count
                self._feed(limit)
            except ssl.SSLZeroReturnError:
                return count

    def send(self, view: memoryview, limit: float, moved: Moved | None = None) -> None:
        for start in range(0, len(view), TLS_WRITE):
            chunk = view[start : start + TLS_WRITE]
            self._tls.write(chunk)
            self._flush(limit, _credit(len(chunk), moved), watch=True)

    def send_file(self, descriptor: int, span: Span, limit: float, moved: Moved | None) -> int:
        """None: what is sealed must be read."""
        return 0

    def _flush(self, limit: float, moved: Moved | None = None, *, watch: bool = False) -> None:
        sealed = memoryview(self._outgoing.read())
        self._plain.send_all(sealed, limit, moved, self.has_input if watch else _never)

    def _feed(self, limit: float) -> None:
        count = self._plain.recv_into(self._raw, limit)
        if count:
            self._incoming.write(self._raw[:count])
        else:
            self._incoming.write_eof()

    def has_input(self) -> bool:
        """Session tickets and the like come unasked and are no input: only data and the end are."""
        if not self._stash and self._plain.has_input():
            self._feed(0.0)
            try:
                self._stash = self._tls.read(1)
            except ssl.SSLWantReadError:
                return False
            except ssl.SSLError:
                return True
        return bool(self._stash)

    def close(self) -> None:
        self._plain.close()


def _never() -> bool:
    return False


def _credit(size: int, moved: Moved | None) -> Moved | None:
    """Count sealed bytes as the plain ones in them, `size` in all."""
    if moved is None:
        return None
    left = size

    def credit(count: int) -> None:
        nonlocal left
        count = min(count, left)
        left -= count
        if count:
            moved(count)

    return credit
