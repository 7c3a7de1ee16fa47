"""Who is told which backend of a group has served the requests of some work."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.domain.failover import Answer

_listener: ContextVar[Callable[[Answer], None] | None] = ContextVar("answers", default=None)


def listen_to_answers(answered: Callable[[Answer], None]) -> None:
    """Have `answered` called for each request that a backend has served, from here on, of this task
    and of those it starts."""
    _listener.set(answered)


def listen_to_answers_too(answered: Callable[[Answer], None]) -> None:
    """The same, and whoever listened before still does."""
    listen_to_answers(_and_before(answered))


@contextmanager
def hearing_answers() -> Iterator[list[Answer]]:
    """All those of the block, as they come; whoever listened before hears of them too."""
    heard: list[Answer] = []
    token = _listener.set(_and_before(heard.append))
    try:
        yield heard
    finally:
        _listener.reset(token)


@contextmanager
def unheard_answers() -> Iterator[None]:
    """Nobody hears of those of the block: what it asks for is asked for again by who tells."""
    token = _listener.set(None)
    try:
        yield
    finally:
        _listener.reset(token)


def _and_before(answered: Callable[[Answer], None]) -> Callable[[Answer], None]:
    before = _listener.get()

    def both(answer: Answer) -> None:
        answered(answer)
        if before is not None:
            before(answer)

    return both


def note_answer(answer: Answer) -> None:
    listener = _listener.get()
    if listener is not None:
        listener(answer)
