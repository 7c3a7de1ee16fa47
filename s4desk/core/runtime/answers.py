"""Which backends of a group may serve the requests of some work, and who is told which did."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId

_listener: ContextVar[Callable[[Answer], None] | None] = ContextVar("answers", default=None)


_at_home: ContextVar[frozenset[ConnectionId]] = ContextVar("at_home", default=frozenset())
_is_at_home: ContextVar[bool] = ContextVar("is_at_home", default=False)


def stay_at_home() -> None:
    """Have all groups read from their first backend alone, from here on, by this task and by those
    it starts: whoever is going to write or to delete must not decide by what another backend has.
    Nothing takes it back."""
    _is_at_home.set(True)


def stay_at_home_of(groups: Iterable[ConnectionId]) -> None:
    """The same of these groups; other connections may be among them."""
    _at_home.set(_at_home.get().union(groups))


def stays_at_home(group: ConnectionId) -> bool:
    return _is_at_home.get() or group in _at_home.get()


def listen_to_answers(answered: Callable[[Answer], None]) -> None:
    """Have `answered` called for each request that a backend has served, from here on, of this task
    and of those it starts."""
    _listener.set(answered)


def listen_to_answers_too(answered: Callable[[Answer], None]) -> None:
    """The same, and whoever listened before still does."""
    before = _listener.get()

    def both(answer: Answer) -> None:
        answered(answer)
        if before is not None:
            before(answer)

    listen_to_answers(both)


def note_answer(answer: Answer) -> None:
    listener = _listener.get()
    if listener is not None:
        listener(answer)
