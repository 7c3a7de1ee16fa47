"""How far the reading of a report is, which takes more than one pass."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _nothing() -> float:
    return 0.0


class Passes:
    """Each pass counts alike. Told by the thread that reads; `share` may be read by any.

    How many there are is found out on the way. What is said of it never goes back.
    """

    def __init__(self) -> None:
        self._ended = 0
        self._all = 1
        self._within = _nothing
        self._most = 0.0

    def expect(self, more: int) -> None:
        """So many are still to come."""
        self._all = self._ended + more

    @contextmanager
    def going(self, within: Callable[[], float]) -> Iterator[None]:
        """One pass: `within` says how far it is, from 0 to 1, to whatever thread asks."""
        self._within = within
        yield
        self._within = _nothing
        self._ended += 1

    @property
    def share(self) -> float:
        """From 0 to 1."""
        now = (self._ended + min(1.0, max(0.0, self._within()))) / max(1, self._all)
        self._most = max(self._most, min(1.0, now))
        return self._most


class Bytes:
    """How much was read of so many: a `Moved` and what a pass is asked."""

    def __init__(self, all_: int) -> None:
        self.all = all_
        self._read = 0

    def moved(self, count: int) -> None:
        self._read += count

    def share(self) -> float:
        return self._read / max(1, self.all)
