"""The null S3 server: discards uploads, makes up downloads and listings; for the client's cost.

It checks nothing, has the one bucket `b`, and is fast: a process of its own
that spends little on each byte and on each key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.authority import issue
from tests.servers.endpoint import Endpoint
from tests.servers.null_content import content
from tests.servers.null_store import BUCKET
from tests.servers.process import LOOPBACK, ProcessServer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BUCKET", "Null", "content"]


class Null(ProcessServer):
    """The null server with `total` keys under `logs/2026/11/`, over TLS if asked for.

    Without `keeps_checksums` it is a store that only knows Content-MD5. `port` 0 is any port.

    Objects named `NAME-SIZE` (`x-1g`, `x-64k`, `x-7`) exist; `content` says
    what is in them.
    """

    name = "null"

    def __init__(
        self,
        total: int = 1_000_000,
        *,
        tls: bool = False,
        keeps_checksums: bool = True,
        port: int = 0,
    ) -> None:
        super().__init__()
        self._port = port
        self._keeps_checksums = keeps_checksums
        self._total = total
        self._tls = tls

    def available(self) -> str | None:
        return None

    def start(self) -> Endpoint:
        arguments: list[str | Path] = ["--total", str(self._total), "--port", str(self._port)]
        if not self._keeps_checksums:
            arguments.append("--without-checksums")
        ca = None
        if self._tls:
            certificate = issue(self.folder)
            arguments += ["--certificate", certificate.chain]
            ca = certificate.ca
        port = self._run_and_read_port("tests.servers.null_server", *arguments)
        scheme, host = ("https", "localhost") if self._tls else ("http", LOOPBACK)
        return Endpoint(self.name, f"{scheme}://{host}:{port}", "null", "null", ca=ca)
