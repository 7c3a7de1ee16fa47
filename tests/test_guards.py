"""Each guard of the suite fails the test it is there for, and no other."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests.guards import is_loopback

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ("pytester",)

CONFTEST = 'pytest_plugins = ("tests.guards",)\n'
INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"


def outcome_of(pytester: pytest.Pytester, body: str) -> str:
    """Run a test file in a run of its own; return its whole output."""
    pytester.makeconftest(CONFTEST)
    pytester.makeini(INI)
    pytester.makepyfile(body)
    return str(pytester.runpytest_inprocess("-p", "no:cacheprovider").stdout)


def test_thread_left_running(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.guards.JOIN_TIMEOUT_S", 0.05)
    said = outcome_of(
        pytester,
        """
        import threading

        stop = threading.Event()

        def test_leak():
            threading.Thread(target=stop.wait, name="worker-7", daemon=True).start()

        def test_next():
            stop.set()

        def test_joined():
            thread = threading.Thread(target=stop.wait)
            thread.start()
            thread.join()
        """,
    )
    assert "threads left running: worker-7" in said
    assert "3 passed, 1 error" in said


def test_task_left_pending(pytester: pytest.Pytester) -> None:
    said = outcome_of(
        pytester,
        """
        import asyncio
        import pytest

        tasks = set()

        @pytest.fixture
        async def ticking():
            task = asyncio.create_task(asyncio.sleep(60))
            yield
            task.cancel()

        async def test_leak():
            tasks.add(asyncio.create_task(asyncio.sleep(60), name="forgotten"))

        async def test_fixture_cleans_up(ticking):
            pass

        def test_not_async():
            pass
        """,
    )
    assert "forgotten" in said
    assert "3 passed, 1 error" in said


@pytest.mark.usefixtures("expected_logs")
def test_unexpected_warning(pytester: pytest.Pytester) -> None:
    said = outcome_of(
        pytester,
        """
        import logging

        log = logging.getLogger("s4desk.core.somewhere")

        def test_surprise():
            log.warning("disk is %s", "full")

        def test_expected(expected_logs):
            log.error("as planned")
            assert [record.getMessage() for record in expected_logs] == ["as planned"]

        def test_quiet():
            log.info("fine")
            logging.getLogger("other").warning("not ours")
        """,
    )
    assert "WARNING disk is full" in said
    assert "3 passed, 1 error" in said


def test_connections_leave_the_machine_never(pytester: pytest.Pytester) -> None:
    said = outcome_of(
        pytester,
        """
        import socket
        import pytest

        def test_swallowed():
            with socket.socket() as sock, pytest.raises(OSError):
                sock.connect(("192.0.2.1", 80))

        def test_lookup():
            with pytest.raises(socket.gaierror):
                socket.getaddrinfo("s3.example.com", 443)

        def test_invalid_name_is_allowed():
            with pytest.raises(socket.gaierror):
                socket.create_connection(("store.invalid", 443))

        def test_loopback():
            with socket.create_server(("127.0.0.1", 0)) as server:
                for host in ("127.0.0.1", "localhost", "bucket.localhost"):
                    socket.create_connection((host, server.getsockname()[1])).close()
        """,
    )
    assert "192.0.2.1:80" in said
    assert "s3.example.com" in said
    assert "4 passed, 2 errors" in said


def test_environment_is_nobodys(isolated_environment: Path) -> None:
    assert os.environ["HOME"] == str(isolated_environment)
    assert not any(isolated_environment.iterdir())
    assert not [name for name in os.environ if name.startswith("XDG_")]
    assert "AWS_PROFILE" not in os.environ
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("b.localhost", True),
        (socket.gethostname(), True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_is_loopback(host: str, is_here: bool) -> None:
    assert is_loopback(host) is is_here
