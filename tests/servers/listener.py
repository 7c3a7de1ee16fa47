"""A loopback listener that gives each connection a thread, and can end them all."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING

from tests.servers.process import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

JOIN_TIMEOUT_S = 5.0
_DRAIN_TIMEOUT_S = 2.0


class Listener:
    """Accepts connections until closed; the sockets it handed out are closed with it.

    `serve` runs in a thread of its own for each connection, and may `adopt`
    further sockets it opens. It must end when its sockets are shut down.
    """

    def __init__(self, name: str, serve: Callable[[socket.socket], None]) -> None:
        self._name = name
        self._serve = serve
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._listening: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self.port = 0

    def open(self) -> None:
        """Listen on a free port; after `close`, on the same port again."""
        self._listening = socket.create_server((LOOPBACK, self.port), backlog=256)
        self.port = self._listening.getsockname()[1]
        self._acceptor = self._start(self._accept, self._listening)

    def close(self) -> None:
        """Stop listening, end all connections and wait for their threads."""
        if self._listening is not None:
            with contextlib.suppress(OSError):
                # Wakes accept() on Linux; elsewhere closing does.
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        if self._acceptor is not None:
            # First, so that no connection can come after the others were ended.
            self._acceptor.join(JOIN_TIMEOUT_S)
        self.reset_connections()
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(JOIN_TIMEOUT_S)

    def reset_connections(self) -> None:
        """End all present connections at once; new ones are welcome."""
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            with contextlib.suppress(OSError):
                reset_on_close(sock)
                sock.shutdown(socket.SHUT_RDWR)

    def adopt(self, sock: socket.socket) -> None:
        """Let `sock` be ended with the listener."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets.add(sock)

    def release(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(sock)
        sock.close()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            self.adopt(sock)
            self._start(self._converse, sock)

    def _converse(self, sock: socket.socket) -> None:
        try:
            self._serve(sock)
        finally:
            self.release(sock)

    def _start(
        self, work: Callable[[socket.socket], None], sock: socket.socket
    ) -> threading.Thread:
        def run() -> None:
            try:
                work(sock)
            finally:
                with self._lock:
                    self._threads.discard(thread)

        thread = threading.Thread(target=run, name=f"s4desk-test-{self._name}", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()
        return thread


def reset_on_close(sock: socket.socket) -> None:
    """Make close() send RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def finish(sock: socket.socket) -> None:
    """Send FIN and read what the peer still sends, lest unread input turns the FIN into RST."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(_DRAIN_TIMEOUT_S)
        while sock.recv(1 << 18):
            pass
