"""What a request waits for, told to the work that it is made for."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.domain.transfer import WaitKind

    Watch = Callable[[WaitKind, float], AbstractContextManager[None]]

_watch: ContextVar[Watch | None] = ContextVar("waits", default=None)
_UNWATCHED: Final = nullcontext()


def watch(told: Watch) -> None:
    """Have `told` surround each wait, from here on, of this task and of those it starts."""
    _watch.set(told)


@contextmanager
def watched_too(told: Watch) -> Iterator[None]:
    """As `watch`, in the block, and whoever watched before still does."""
    before = _watch.get()

    @contextmanager
    def both(kind: WaitKind, seconds: float) -> Iterator[None]:
        with told(kind, seconds), _UNWATCHED if before is None else before(kind, seconds):
            yield

    token = _watch.set(both)
    try:
        yield
    finally:
        _watch.reset(token)


def waiting(kind: WaitKind, seconds: float = 0.0) -> AbstractContextManager[None]:
    """A block in which a request waits, for so many seconds if that is known."""
    told = _watch.get()
    return _UNWATCHED if told is None else told(kind, seconds)
