"""Starts the demo server as a child process, and ends it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.i18n import tr

log = logging.getLogger(__name__)

SERVER_MODULE: Final = "s4desk.app.demo.server"
NEEDED: Final = ("moto", "flask", "flask_cors")
READY_WITHIN_S: Final = 30.0
END_WITHIN_S: Final = 3.0


class DemoUnavailableError(S4DeskError):
    """The demo server is not installed or does not start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running demo server. It ends with `stop`, or with this process, however that ends."""

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    process: subprocess.Popen[bytes] = field(repr=False)

    def stop(self) -> None:
        """End the server and wait until it is gone; may be called twice."""
        _end(self.process)

    def __enter__(self) -> DemoServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def is_installed() -> bool:
    """Whether the extra `demo` is there; imports nothing of it."""
    return all(find_spec(module) is not None for module in NEEDED)


def start() -> DemoServer:
    """Start the server and wait until it answers. Raises DemoUnavailableError."""
    _require_installed()
    with tempfile.TemporaryFile() as errors:
        process = _spawn(errors)
        return _when_ready(process, errors)


async def launch() -> DemoServer:
    """Like `start`, without holding up the loop; cancelled, it leaves no process."""
    _require_installed()
    ready = None
    with tempfile.TemporaryFile() as errors:
        process = _spawn(errors)
        try:
            ready = await asyncio.to_thread(_when_ready, process, errors)
        finally:
            if ready is None:
                _end(process, within_s=0)
    return ready


def _require_installed() -> None:
    if not is_installed():
        raise DemoUnavailableError(
            tr("The demo server is not installed. Install it with: pip install 's4desk[demo]'")
        )


def _spawn(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[3])
    search_path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    environment = {
        **os.environ,
        "PYTHONPATH": search_path,
        # Web pages have no business here, and 127.0.0.1 has no bucket subdomains.
        "MOTO_DISABLE_GLOBAL_CORS": "true",
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
    }
    return subprocess.Popen(
        # -P: a flask.py in the current directory must not be taken for the library.
        [sys.executable, "-P", "-m", SERVER_MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _when_ready(process: subprocess.Popen[bytes], errors: IO[bytes]) -> DemoServer:
    """Read the line the server announces itself with."""
    assert process.stdout is not None
    patience = threading.Timer(READY_WITHIN_S, process.kill)
    patience.start()
    try:
        line = process.stdout.readline()
    finally:
        patience.cancel()
        patience.join()
    if not line:
        _end(process)
        raise DemoUnavailableError(_what_went_wrong(errors))
    announced = json.loads(line)
    log.info("demo server %s listens on %s", process.pid, announced["url"])
    return DemoServer(
        url=announced["url"],
        access_key=announced["access_key"],
        secret_key=announced["secret_key"],
        region=announced["region"],
        process=process,
    )


def _what_went_wrong(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    reason = next((line for line in reversed(lines) if line.strip()), tr("it gave no reason"))
    return tr("The demo server did not start: {reason}").format(reason=reason)


def _end(process: subprocess.Popen[bytes], *, within_s: float = END_WITHIN_S) -> None:
    """Close the pipe the server lives by; kill it if that does not do."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
