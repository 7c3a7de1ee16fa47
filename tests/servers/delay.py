"""A long way to a server: a proxy that makes every round trip take as long as you say."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.servers.process import LOOPBACK, ProcessServer

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint


class DelayProxy(ProcessServer):
    """`with DelayProxy(url, 40) as far:` gives the URL of the same server, 40 ms away.

    Bandwidth is not limited; connecting costs a round trip too. TLS passes through.
    """

    name = "delay"

    def __init__(self, url: str, rtt_ms: float) -> None:
        super().__init__()
        self._url = urlsplit(url)
        self._rtt_ms = rtt_ms

    def available(self) -> str | None:
        return None

    def start(self) -> Endpoint:
        raise NotImplementedError("it has no keys of its own: use `with`")

    def __enter__(self) -> str:
        port = self._run_and_read_port(
            "tests.servers.delay_server",
            str(self._url.hostname),
            str(self._url.port),
            str(self._rtt_ms),
        )
        host = self._url.hostname if self._url.scheme == "https" else LOOPBACK
        return f"{self._url.scheme}://{host}:{port}"

    def __exit__(self, *_: object) -> None:
        self.stop()
