"""What no test may do: leave threads or tasks, log in surprise, reach the network, see the user."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import itertools
import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.runtime import logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

LOGGER = "s4desk"
JOIN_TIMEOUT_S = 2.0
# Threads that others own: Python's stand-ins for foreign threads, and those
# of werkzeug and asyncio that end by themselves when their peer has gone.
_FOREIGN_THREADS = ("Dummy-", "asyncio_", "pytest_timeout")
_FOREIGN_TARGETS = ("process_request_thread",)
_UNSET = ("AWS_", "S4DESK_", "XDG_", "REQUESTS_CA_BUNDLE", "SSL_CERT_", "CURL_CA_BUNDLE")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

_homes = itertools.count()


@pytest.fixture(scope="session")
def _homes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def isolated_environment(_homes_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home folder of its own and no credentials; returns the home."""
    home = _homes_folder / str(next(_homes))
    home.mkdir()
    for name in list(os.environ):
        if name.startswith(_UNSET) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    for name, value in {
        "HOME": home,
        "USERPROFILE": home,
        "S4DESK_HOME": home / "s4desk",
        "AWS_CONFIG_FILE": home / "aws-config",
        "AWS_SHARED_CREDENTIALS_FILE": home / "aws-credentials",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LANGUAGE": "C",
    }.items():
        monkeypatch.setenv(name, str(value))
    return home


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail the test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    leaked = [thread for thread in threading.enumerate() if thread not in before]
    for thread in leaked:
        if not _is_foreign(thread):
            thread.join(JOIN_TIMEOUT_S)
    still = [thread.name for thread in leaked if thread.is_alive() and not _is_foreign(thread)]
    assert not still, f"threads left running: {', '.join(still)}"


def _is_foreign(thread: threading.Thread) -> bool:
    return thread.name.startswith(_FOREIGN_THREADS) or any(
        target in thread.name for target in _FOREIGN_TARGETS
    )


@pytest.fixture(autouse=True)
def no_leaked_tasks(request: pytest.FixtureRequest) -> None:
    """Fail the asynchronous test that leaves a task pending."""
    if request.node.get_closest_marker("asyncio") is not None:
        # Requested now, before the fixtures of the test, so that it ends after them.
        request.getfixturevalue("_no_pending_tasks")


@pytest.fixture
async def _no_pending_tasks() -> AsyncIterator[None]:
    yield
    for _ in range(5):
        # A cancelled task needs a few turns of the loop to end.
        await asyncio.sleep(0)
    leaked = asyncio.all_tasks() - {asyncio.current_task()}
    assert not leaked, f"tasks left pending: {leaked}"


class LogWatch(logging.Handler):
    """Collects what `s4desk` logs at WARNING and above during one test."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.is_expected = False

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def no_unexpected_logs() -> Iterator[LogWatch]:
    """Fail the test in which `s4desk` logs a warning or worse."""
    watch = LogWatch()
    logger = logging.getLogger(LOGGER)
    logger.addHandler(watch)
    yield watch
    logger.removeHandler(watch)
    if watch.records and not watch.is_expected:
        said = "\n".join(f"{record.levelname} {record.getMessage()}" for record in watch.records)
        pytest.fail(f"unexpected log records (use `expected_logs` if they are right):\n{said}")


@pytest.fixture(autouse=True)
def closed_log_files() -> Iterator[None]:
    """Take away the log file of a program that ran inside a test, not in a process of its own."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for handler in [each for each in root.handlers if each not in before]:
        if isinstance(handler, logging.FileHandler):
            root.removeHandler(handler)
            handler.close()


@pytest.fixture(autouse=True)
def no_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blot nothing for the secrets of earlier tests: some are ordinary words."""
    monkeypatch.setattr(logs, "_secrets", logs._Secrets())


@pytest.fixture
def expected_logs(no_unexpected_logs: LogWatch) -> list[logging.LogRecord]:
    """Allow warnings in this test; the list grows as they come, for the test to look at."""
    no_unexpected_logs.is_expected = True
    return no_unexpected_logs.records


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse connections that leave the machine, and fail the test that tried.

    Names under `.invalid` and `.test` do not exist (RFC 6761) and may be asked
    for; names under `.localhost` are this machine, as `bucket.localhost` is in
    virtual-hosted addressing. The list holds the addresses that were refused.
    """
    refused: list[str] = []
    monkeypatch.setattr(socket.socket, "connect", _guarded(socket.socket.connect, refused))
    monkeypatch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex, refused))
    monkeypatch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo, refused))
    yield refused
    assert not refused, f"connections outside this machine were tried: {refused}"


def _guarded(connect: Any, refused: list[str]) -> Any:
    def guarded_connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            refused.append(f"{address[0]}:{address[1]}")
            raise OSError(errno.ENETUNREACH, "the test suite stays on this machine")
        return connect(self, address)

    return guarded_connect


def _guarded_lookup(lookup: Any, refused: list[str]) -> Any:
    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or is_loopback(name):
            local = socket.gethostname() == name or (name or "").endswith(".localhost")
            return lookup("localhost" if local else host, *args, **kwargs)
        if not name.rstrip(".").endswith((".invalid", ".test")):
            refused.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    return guarded_lookup


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine."""
    if host in ("", "localhost", socket.gethostname()) or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
