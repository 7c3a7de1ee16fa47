"""Child processes, ports and data folders of the test servers."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.endpoint import ServerError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
TETHER = Path(__file__).with_name("tether.py")
LOOPBACK = "127.0.0.1"

# Below the range the kernel takes ports for outgoing connections from, so
# that none of those can take the port before the server does.
_PORTS = range(12000, 32000)
_STOP_TIMEOUT_S = 10.0


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


class Scratch:
    """A data folder in the system's temporary folder, locked as long as its run lives."""

    PREFIX = "s4desk-test-"

    def __init__(self, name: str) -> None:
        _remove_orphans()
        self.path = Path(tempfile.mkdtemp(prefix=f"{self.PREFIX}{name}-"))
        self._lock = _lock(self.path)

    @classmethod
    def all(cls) -> set[Path]:
        """Return the folders of every test run on this machine."""
        return set(Path(tempfile.gettempdir()).glob(f"{cls.PREFIX}*"))

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _remove_orphans() -> None:
    """Remove the folders of test runs that were killed: nobody locks them any more."""
    for folder in Scratch.all():
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """Return a descriptor that holds the lock of `folder`, or None if another has it."""
    if sys.platform == "win32":
        return None
    descriptor = None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if descriptor is not None:
            os.close(descriptor)
        return None
    return descriptor


class Child:
    """A process that ends when it is stopped, or when the test run dies."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = Path(command[0]).name
        self._log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-ISs", str(TETHER), str(os.getpid()), *map(str, command)],
                cwd=cwd,
                env={**os.environ, **env} if env is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def log_tail(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self, *, kill: bool = False) -> None:
        """End the process, at once if `kill`, and wait until it is gone."""
        if self.is_alive():
            if kill:
                self._process.kill()
            else:
                self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_TIMEOUT_S)


class ProcessServer:
    """What the servers that are one process share: its folder, its log, its end."""

    name: str

    def __init__(self) -> None:
        self._child: Child | None = None
        self._scratch: Scratch | None = None

    @property
    def pids(self) -> list[int]:
        return [self._child.pid] if self._child is not None else []

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop(kill=True)
            self._child = None
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    @property
    def folder(self) -> Path:
        """Return the data folder of the run, made when first asked for."""
        if self._scratch is None:
            self._scratch = Scratch(self.name)
        return self._scratch.path

    def _run(
        self,
        command: Sequence[str | Path],
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start the process and wait until it is ready; raises ServerError."""
        self._child = Child(command, log=self._log, env=env)
        try:
            wait_until(ready, self._child)
        except BaseException:
            self.stop()
            raise

    def _run_and_read_port(self, module: str, *arguments: str | Path) -> int:
        """Start a Python module that prints the port it took, and return that port."""
        self._run(
            [sys.executable, "-m", module, *arguments],
            lambda: first_line(self._log).isdigit(),
        )
        return int(first_line(self._log))

    @property
    def _log(self) -> Path:
        return self.folder / "log"


def wait_until(ready: Callable[[], bool], child: Child, timeout_s: float = 60.0) -> None:
    """Wait until `ready`; raises ServerError if `child` ends before or time is up."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not child.is_alive():
            raise ServerError(f"{child.name} ended while starting:\n{child.log_tail()}")
        if time.monotonic() > deadline:
            raise ServerError(f"{child.name} is not ready after {timeout_s} s:\n{child.log_tail()}")
        time.sleep(0.02)


def first_line(path: Path) -> str:
    """Return the first whole line of a file that is being written, or nothing yet."""
    text = path.read_text() if path.exists() else ""
    return text.split("\n", 1)[0] if "\n" in text else ""


def run_tool(*command: str | Path, timeout_s: float = 60.0) -> str:
    """Run a command to its end and return its standard output; raises ServerError."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    if done.returncode != 0:
        raise ServerError(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout


def answers_http(port: int, path: str = "/") -> bool:
    """Say whether a server on the loopback port gives any HTTP answer below 500."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
