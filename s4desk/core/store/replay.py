"""What a store has answered already, told once more to the work that goes on with it."""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Told = tuple[str, Any]
"""The name of a request, and its reply or the error that it ended with."""

_told: ContextVar[deque[Told] | None] = ContextVar("replay", default=None)


def remember(told: Iterable[Told]) -> None:
    """Have the next requests of this task, and of those it starts, answered with these, in order:
    a first attempt of each was made. With any other request the rest is forgotten."""
    _told.set(deque(told))


def recall(operation: str) -> Told | None:
    """What the request that is about to be made was told; None when it is new."""
    told = _told.get()
    if not told:
        return None
    if told[0][0] != operation:
        told.clear()
        return None
    return told.popleft()
