"""Actors on a real display, for the stories."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tests.gui.actors import Actor, Hand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True, scope="module")
def no_widgets_left() -> Iterator[None]:
    """Collect here what a worker thread of a later test would free: that ends the process."""
    yield
    gc.collect()


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
