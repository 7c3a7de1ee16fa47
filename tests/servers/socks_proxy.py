"""microsocks, a SOCKS5 proxy: it connects by names and by addresses, for anybody or by password."""

from __future__ import annotations

import shutil
import socket

from tests.servers.process import LOOPBACK, ProcessServer, free_port

COMMAND = "microsocks"


class MicroSocks(ProcessServer):
    """Debian's microsocks on a port of its own. `log` tells what it connected to."""

    name = "microsocks"

    def __init__(self, *, user: str = "", password: str = "") -> None:
        super().__init__()
        self._port = 0
        self._user = user
        self._password = password

    def available(self) -> str | None:
        return None if shutil.which(COMMAND) else f"not installed: {COMMAND}"

    @property
    def host_and_port(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    def address(self, scheme: str = "socks5") -> str:
        """With the user, without the password: as a connection keeps it."""
        user = f"{self._user}@" if self._user else ""
        return f"{scheme}://{user}{self.host_and_port}"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def start(self) -> MicroSocks:
        """Start and wait until it listens; raises ServerError."""
        self._port = free_port()
        command = [COMMAND, "-i", LOOPBACK, "-p", str(self._port)]
        if self._user:
            command += ["-u", self._user, "-P", self._password]
        self._run(command, self._listens)
        return self

    def _listens(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex((LOOPBACK, self._port)) == 0
