"""Tinyproxy, an HTTP proxy: CONNECT for TLS, whole addresses for plain HTTP."""

from __future__ import annotations

import shutil

from tests.servers.process import LOOPBACK, ProcessServer, free_port

COMMAND = "tinyproxy"
_CONFIGURATION = """
Port {port}
Listen {host}
Timeout 60
MaxClients 100
Allow {host}
LogLevel Info
"""


class TinyProxy(ProcessServer):
    """Debian's tinyproxy on a port of its own; `address` is how a client names it.

    With `filtered`, a pattern of hosts, it refuses to connect to them. `log` tells what went
    through it.
    """

    name = "tinyproxy"

    def __init__(self, *, user: str = "", password: str = "", filtered: str = "") -> None:
        super().__init__()
        self._port = 0
        self._user = user
        self._password = password
        self._filtered = filtered

    def available(self) -> str | None:
        return None if shutil.which(COMMAND) else f"not installed: {COMMAND}"

    @property
    def host_and_port(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    @property
    def address(self) -> str:
        """With the user, without the password: as a connection keeps it."""
        user = f"{self._user}@" if self._user else ""
        return f"http://{user}{self.host_and_port}"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def start(self) -> TinyProxy:
        """Start and wait until it listens; raises ServerError."""
        self._port = free_port()
        lines = [_CONFIGURATION.format(port=self._port, host=LOOPBACK)]
        if self._user:
            lines.append(f"BasicAuth {self._user} {self._password}")
        if self._filtered:
            patterns = self.folder / "filter"
            patterns.write_text(f"{self._filtered}\n")
            lines.append(f'Filter "{patterns}"\nFilterType ere')
        configuration = self.folder / "tinyproxy.conf"
        configuration.write_text("\n".join(lines))
        self._run([COMMAND, "-d", "-c", configuration], self._listens)
        return self

    def _listens(self) -> bool:
        return self._log.exists() and "Accepting connections" in self.log
