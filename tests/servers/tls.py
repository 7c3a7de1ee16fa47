"""A TLS front: takes the encryption off and passes the bytes to an endpoint."""

from __future__ import annotations

import contextlib
import dataclasses
import select
import socket
import ssl
import warnings
from typing import TYPE_CHECKING, Self

from tests.servers.authority import LOOPBACK_NAMES, issue
from tests.servers.listener import Listener, reset_on_close
from tests.servers.process import Scratch

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

_PIECE_BYTES = 1 << 17
_CONNECT_TIMEOUT_S = 10.0


class TlsFront:
    """Listens with TLS before a plain endpoint; its authority is in `endpoint.ca`.

    `names` are what the certificate is for: leave `localhost` out to have one
    for somebody else, give none to have a self-signed one. Before a FaultProxy
    it lets faults happen inside TLS. With `newest` it speaks nothing newer,
    however weak. `admits` is the authority of the only clients it talks to,
    `ends` the end of its certificate. `handshakes` tells the version and the
    protocol that were agreed on, one pair for each.
    """

    def __init__(
        self,
        target: Endpoint,
        names: tuple[str, ...] = LOOPBACK_NAMES,
        newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
        admits: Path | None = None,
        ends: datetime | None = None,
    ) -> None:
        self.handshakes: list[tuple[str | None, str | None]] = []
        self._target = self._endpoint = target
        self._names = names
        self._ends = ends
        self._listener = Listener("tls", self._serve)
        self._scratch: Scratch | None = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.set_alpn_protocols(["h2", "http/1.1"])
        if admits is not None:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(admits)
        if newest is not ssl.TLSVersion.MAXIMUM_SUPPORTED:
            allow_old(self._context)
            with warnings.catch_warnings(action="ignore"):
                self._context.maximum_version = newest

    def start(self) -> Endpoint:
        self._scratch = Scratch("tls")
        certificate = issue(self._scratch.path, self._names, self._ends)
        self._context.load_cert_chain(certificate.chain)
        self._listener.open()
        url = f"https://localhost:{self._listener.port}"
        self._endpoint = dataclasses.replace(self._target, url=url, ca=certificate.ca)
        return self._endpoint

    @property
    def endpoint(self) -> Endpoint:
        """The target behind TLS, once started."""
        return self._endpoint

    def stop(self) -> None:
        self._listener.close()
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, sock: socket.socket) -> None:
        secure = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        # It took the descriptor over from `sock`.
        self._listener.adopt(secure)
        try:
            secure.do_handshake()
            self.handshakes.append((secure.version(), secure.selected_alpn_protocol()))
            address = (self._target.host, self._target.port)
            with socket.create_connection(address, _CONNECT_TIMEOUT_S) as plain:
                plain.settimeout(None)
                self._listener.adopt(plain)
                try:
                    _pump(secure, plain)
                finally:
                    self._listener.release(plain)
        except ssl.SSLError:
            with contextlib.suppress(OSError):
                _linger(secure)
        except OSError:
            with contextlib.suppress(OSError):
                reset_on_close(secure)
        finally:
            self._listener.release(secure)


def _linger(secure: ssl.SSLSocket) -> None:
    """Let the client read why it was refused: what it sent already would reset the connection."""
    socket.socket.shutdown(secure, socket.SHUT_WR)
    while socket.socket.recv(secure, _PIECE_BYTES):
        pass


def allow_old(context: ssl.SSLContext) -> None:
    """Let a context speak TLS 1.0 and 1.1 too, which OpenSSL forbids by itself."""
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")


def _pump(secure: ssl.SSLSocket, plain: socket.socket) -> None:
    """Pass bytes both ways until one side ends.

    One thread for both directions, because an SSL object may not be used by
    two at once.
    """
    while True:
        readable = [secure] if secure.pending() else select.select([secure, plain], [], [])[0]
        for source, sink in ((secure, plain), (plain, secure)):
            if source in readable:
                data = source.recv(_PIECE_BYTES)
                if not data:
                    return
                sink.sendall(data)
