"""HTTP/1.1 with connections that stay open, which werkzeug's development server does not offer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

if TYPE_CHECKING:
    from collections.abc import Callable


class KeepAliveRequests(MotoRequestHandler):
    """Answers any number of requests on one connection.

    The request's body is read to its end before the application is called (moto holds bodies in
    memory anyway), so the next request line is always where it is looked for.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        self.environ = environ = self.make_environ()
        body = self._read_body(environ)
        if body is None:
            self.close_connection = True
            return
        environ["wsgi.input"] = io.BytesIO(body)
        answer = _Answer()
        chunks = self.server.app(environ, answer.start)
        try:
            answer.body.extend(b"".join(chunks))
            self._send(answer)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""

    def _read_body(self, environ: dict[str, Any]) -> bytes | None:
        """The whole body, or None when the client went away in the middle."""
        stream = environ["wsgi.input"]
        if environ.get("wsgi.input_terminated"):
            return io.BufferedReader(stream).read()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body: bytes = stream.read(length)
        return body if len(body) == length else None

    def _send(self, answer: _Answer) -> None:
        code, _, phrase = answer.status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in answer.headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in answer.headers):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.body and self.command != "HEAD":
            self.wfile.write(answer.body)


class _Answer:
    """What the application says by `start_response` (PEP 3333)."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.body = bytearray()

    def start(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        """Take the status and the headers; what is returned takes bytes of the body."""
        self.status, self.headers = status, headers
        return self.body.extend
