"""Requests that nobody makes again by himself: what they do is done twice then."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_once: ContextVar[bool] = ContextVar("once", default=False)


@contextlib.contextmanager
def not_twice() -> Iterator[None]:
    """Requests of the block are made once, whatever becomes of them: while one would wait, what it
    is about may become another. The caller looks again before it sends again."""
    token = _once.set(True)
    try:
        yield
    finally:
        _once.reset(token)


def is_once() -> bool:
    """Whether requests are made once here; also on the threads that work for the caller."""
    return _once.get()
