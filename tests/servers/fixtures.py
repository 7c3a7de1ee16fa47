"""Fixtures that start the servers once per run, and the summary of which of them ran."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.servers.ceph import Ceph
from tests.servers.client import temporary_bucket
from tests.servers.fault import FaultProxy
from tests.servers.localstack import LocalStack
from tests.servers.moto import Moto
from tests.servers.null import Null
from tests.servers.rclone import Rclone
from tests.servers.socks_proxy import MicroSocks
from tests.servers.swift import Swift
from tests.servers.tls import TlsFront
from tests.servers.web_proxy import TinyProxy
from tests.servers.x11 import XDisplay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.endpoint import Endpoint, Server

T = TypeVar("T")

REAL_SERVERS = ("ceph", "localstack", "moto")
ODD_SERVERS = ("swift", "rclone")
"""Real servers that lack much: asked by the tests that are about what a store lacks."""

REQUIRE = "S4DESK_REQUIRE_SERVERS"
HOW_TO_GET = "packaging/dev.sh servers"

# What became of each server that a test asked for: "ran", or why it did not.
_OUTCOMES = pytest.StashKey[dict[str, str]]()
# Read at import, because the tests run without the variables of s4desk.
_REQUIRED = os.environ.get(REQUIRE, "")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_OUTCOMES] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by fixture, before `-m` chooses."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {*REAL_SERVERS, *ODD_SERVERS, "endpoint"}:
            item.add_marker(pytest.mark.server)
        if "xvfb" in names:
            item.add_marker(pytest.mark.x11)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    outcomes = config.stash[_OUTCOMES]
    if not outcomes:
        return
    terminalreporter.section("servers")
    ran = sorted(name for name, outcome in outcomes.items() if outcome == "ran")
    terminalreporter.line(f"ran: {', '.join(ran) or 'none'}")
    for name, outcome in sorted(outcomes.items()):
        if outcome != "ran":
            terminalreporter.line(f"skipped: {name} ({outcome}); to get it: {HOW_TO_GET}")


def is_required(name: str) -> bool:
    """Say whether a missing server is a failure: S4DESK_REQUIRE_SERVERS is 1 or lists it."""
    return _REQUIRED == "1" or name in _REQUIRED.split(",")


def skip_or_fail(config: pytest.Config, name: str, reason: str) -> None:
    """End the test because `name` is missing on this machine."""
    config.stash[_OUTCOMES][name] = reason
    message = f"{name}: {reason}; to get it: {HOW_TO_GET}"
    if is_required(name):
        pytest.fail(f"{message} ({REQUIRE} asks for it)", pytrace=False)
    pytest.skip(message)


@contextlib.contextmanager
def running(server: Server[T], config: pytest.Config) -> Iterator[T]:
    """Start a server for the time of the block, or skip."""
    reason = server.available()
    if reason is not None:
        skip_or_fail(config, server.name, reason)
    try:
        started = server.start()
        config.stash[_OUTCOMES][server.name] = "ran"
        yield started
    finally:
        server.stop()


@pytest.fixture(scope="session")
def ceph_server() -> Ceph:
    """The Ceph behind `ceph`, for its admin commands and for freezing its storage."""
    return Ceph()


@pytest.fixture(scope="session")
def ceph(ceph_server: Ceph, pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    with running(ceph_server, pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def localstack(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    with running(LocalStack(), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def moto(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    with running(Moto(), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def swift(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    with running(Swift(), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def rclone(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    with running(Rclone(), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def null(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    """A fast endpoint that stores nothing, with a million keys in bucket `b`."""
    with running(Null(), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def null_tls(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    """The same over TLS, by an authority that only `endpoint.ca` vouches for."""
    with running(Null(tls=True), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture(scope="session", params=REAL_SERVERS)
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """Each real server in turn; a missing one is skipped."""
    started: Endpoint = request.getfixturevalue(request.param)
    return started


@pytest.fixture
def new_bucket() -> Iterator[Callable[..., str]]:
    """Make buckets: `new_bucket(endpoint)`, or `new_bucket(endpoint, lock=True)`."""
    with contextlib.ExitStack() as stack:

        def make(endpoint: Endpoint, *, lock: bool = False) -> str:
            return stack.enter_context(temporary_bucket(endpoint, lock=lock))

        yield make


@pytest.fixture
def bucket(endpoint: Endpoint, new_bucket: Callable[..., str]) -> str:
    """A new bucket on each real server in turn."""
    return new_bucket(endpoint)


@pytest.fixture
def ceph_bucket(ceph: Endpoint, new_bucket: Callable[..., str]) -> str:
    return new_bucket(ceph)


@pytest.fixture
def moto_bucket(moto: Endpoint, new_bucket: Callable[..., str]) -> str:
    return new_bucket(moto)


@pytest.fixture
def fault_proxy() -> Iterator[Callable[[Endpoint], FaultProxy]]:
    """Put a fault proxy before an endpoint: `proxy = fault_proxy(ceph)`, then `proxy.endpoint`."""
    with contextlib.ExitStack() as stack:
        yield lambda target: stack.enter_context(FaultProxy(target))


@pytest.fixture
def tls_front() -> Iterator[Callable[..., Endpoint]]:
    """Put TLS before an endpoint: `tls_front(ceph)` is the endpoint with `url` and `ca`.

    `tls_front(ceph, names=("other.test",))` has a certificate for somebody else.
    """
    with contextlib.ExitStack() as stack:

        def start(target: Endpoint, **options: Any) -> Endpoint:
            front = TlsFront(target, **options)
            stack.callback(front.stop)
            return front.start()

        yield start


@pytest.fixture
def web_proxy(pytestconfig: pytest.Config) -> Iterator[Callable[..., TinyProxy]]:
    """Start a real proxy: `web_proxy()`, or `web_proxy(user="u", password="p")`."""
    with contextlib.ExitStack() as stack:

        def start(**options: str) -> TinyProxy:
            return stack.enter_context(running(TinyProxy(**options), pytestconfig))

        yield start


@pytest.fixture
def socks_proxy(pytestconfig: pytest.Config) -> Iterator[Callable[..., MicroSocks]]:
    """Start a real SOCKS5 proxy: `socks_proxy()`, or `socks_proxy(user="u", password="p")`."""
    with contextlib.ExitStack() as stack:

        def start(**options: str) -> MicroSocks:
            return stack.enter_context(running(MicroSocks(**options), pytestconfig))

        yield start


@pytest.fixture(scope="session")
def xvfb(pytestconfig: pytest.Config) -> Iterator[str]:
    """The DISPLAY of a virtual screen with a window manager."""
    with running(XDisplay(), pytestconfig) as display:
        yield display


@pytest.fixture
def x11_env(xvfb: str, isolated_environment: Path) -> dict[str, str]:
    """The environment for a process whose windows are on the virtual screen.

    The test process itself has Qt's offscreen platform, for good: real windows
    live in processes of their own.
    """
    environment = {**os.environ, "DISPLAY": xvfb, "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    return environment
