"""Telling a port without TLS from one that is slow: most wait for the end of what is no request."""

from __future__ import annotations

import socket
import ssl
from typing import Final

_LIMIT_S: Final = 2.0
_QUESTION: Final = b"OPTIONS * HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n"


class NoTlsError(ssl.SSLError):
    """The port answers in plain HTTP; `reason` is OpenSSL's for one that does so at once."""

    def __init__(self) -> None:
        super().__init__("the port speaks plain HTTP")
        self.reason = "WRONG_VERSION_NUMBER"


def speaks_plain_http(host: str, port: int) -> bool:
    """Ask a port that did not shake hands, without TLS and without a secret. Blocks for seconds."""
    try:
        with socket.create_connection((host, port), timeout=_LIMIT_S) as sock:
            sock.sendall(_QUESTION % host.encode("idna"))
            return sock.recv(5).startswith(b"HTTP")
    except (OSError, UnicodeError):
        return False
