"""The process of the null server: a thread per connection, bodies through one buffer."""

from __future__ import annotations

import argparse
import socket
import ssl
import sys
import threading
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from tests.servers.null_content import pieces
from tests.servers.null_listing import Keys
from tests.servers.null_store import NullStore, Request, Response

LOOPBACK = "127.0.0.1"

_BUFFER_BYTES = 1 << 20
_DISCARD = socket.MSG_TRUNC if sys.platform == "linux" else 0
_MAX_HEAD_BYTES = 1 << 20


class Connection:
    """One client; requests are answered in order until it leaves."""

    def __init__(self, sock: socket.socket, store: NullStore) -> None:
        self._sock = sock
        self._store = store
        self._pending = b""
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))

    def serve(self) -> None:
        while (request := self._read_request()) is not None:
            self._send(request, self._store.answer(request))

    def _read_request(self) -> Request | None:
        raw = self._until(b"\r\n\r\n")
        if raw is None:
            return None
        start, *lines = raw.decode("latin-1").split("\r\n")
        method, target, _ = start.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        if headers.get("expect", "").lower() == "100-continue":
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        keep = method == "POST"
        if "chunked" in headers.get("transfer-encoding", ""):
            size, body = self._read_chunked(keep=keep)
        else:
            size = int(headers.get("content-length") or 0)
            body = self._read_body(size, keep=keep)
        # An upload in aws-chunked form says how much of the body is content.
        size = int(headers.get("x-amz-decoded-content-length") or size)
        path, _, query = target.partition("?")
        bucket, _, key = path.lstrip("/").partition("/")
        fields = dict(parse_qsl(query, keep_blank_values=True))
        return Request(method, bucket, unquote(key), fields, headers, body, size)

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self._pending:
            data = self._sock.recv(1 << 16)
            if not data or len(self._pending) > _MAX_HEAD_BYTES:
                return None
            self._pending += data
        found, self._pending = self._pending.split(mark, 1)
        return found

    def _read_body(self, size: int, *, keep: bool) -> bytes:
        """Read a body and forget it, unless it is one that says what to do."""
        kept, self._pending = self._pending[:size], self._pending[size:]
        left = size - len(kept)
        pieces = [kept]
        # Linux then throws away what has arrived without copying it (tcp(7)).
        flags = 0 if keep or isinstance(self._sock, ssl.SSLSocket) else _DISCARD
        while left:
            count = self._sock.recv_into(self._buffer, min(left, _BUFFER_BYTES), flags)
            if not count:
                raise ConnectionResetError
            left -= count
            if keep:
                pieces.append(bytes(self._buffer[:count]))
        return b"".join(pieces) if keep else b""

    def _read_chunked(self, *, keep: bool) -> tuple[int, bytes]:
        total, pieces = 0, []
        while line := self._until(b"\r\n"):
            size = int(line.split(b";")[0], 16)
            if not size:
                break
            pieces.append(self._read_body(size, keep=keep))
            self._until(b"\r\n")
            total += size
        while self._until(b"\r\n"):
            pass
        return total, b"".join(pieces)

    def _send(self, request: Request, response: Response) -> None:
        length = len(response.body) or len(response.content)
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += (f"{name}: {value}" for name, value in response.headers.items())
        if response.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        head = "\r\n".join([*lines, "x-amz-request-id: null", "", ""]).encode("latin-1")
        if request.method == "HEAD" or not response.content:
            self._sock.sendall(head + (b"" if request.method == "HEAD" else response.body))
            return
        self._sock.sendall(head)
        for piece in pieces(response.content):
            self._sock.sendall(piece)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--total", type=int, default=1_000_000, help="keys in the listing")
    parser.add_argument("--certificate", help="PEM file with key and chain: speak TLS")
    parser.add_argument("--without-checksums", action="store_true", help="be an older store")
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate)
    store = NullStore(Keys(options.total), keeps_checksums=not options.without_checksums)
    with socket.create_server((LOOPBACK, options.port), backlog=512) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            sock, _ = listening.accept()
            threading.Thread(target=_converse, args=(sock, store, context), daemon=True).start()


def _converse(sock: socket.socket, store: NullStore, context: ssl.SSLContext | None) -> None:
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True)
        Connection(sock, store).serve()
    except OSError:
        # The client went away, which is its right.
        pass
    finally:
        sock.close()


if __name__ == "__main__":
    main()
