"""Actors on a real display, for the stories."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tests.gui.actors import Actor, Hand
from tests.servers.fixtures import running
from tests.servers.moto import Moto

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from tests.servers.endpoint import Endpoint


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Function, nextitem: pytest.Function | None
) -> Generator[None, object, object]:
    """Collect here what a worker thread of a later test would free: that ends the process.

    After the protocol, for as long as it runs the item has its fixtures, and they the widgets.
    """
    result = yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
    return result


@pytest.fixture(scope="session")
def moto(pytestconfig: pytest.Config) -> Iterator[Endpoint]:
    """A server for windows alone.

    What other tests lock and leave would push rows out of a window's list of buckets, and a
    pointer near the edge of a list scrolls it.
    """
    with running(Moto(), pytestconfig) as endpoint:
        yield endpoint


@pytest.fixture
def hand(x11_env: dict[str, str]) -> Hand:
    return Hand(x11_env)


@pytest.fixture
def actor(x11_env: dict[str, str]) -> Iterator[Callable[..., Actor]]:
    """Start processes with windows; what still runs at the end is ended."""
    started: list[Actor] = []

    def start(module: str, *words: str, **env: str) -> Actor:
        started.append(Actor(module, *words, env={**x11_env, **env}))
        return started[-1]

    yield start
    for each in started:
        each.kill()
