"""What the caller of `run` and the window have to do with each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from s4desk.viewmodels.places import Place

Tell = Callable[[str], None]
"""Shows a sentence about an error in the window; may be called on any thread."""

Prepare = Callable[[Tell], Awaitable["Place | None"]]
"""What the caller still has to do once the window is there, on its loop: catch errors that nobody
caught, start the demo server. Returns the place to show first. What it raises is told."""


class Asked(Protocol):
    """What others may do with the window."""

    def come_forward(self) -> bool:
        """Be in front of all other windows, with the keyboard. False when it was closed: what is
        left of it only puts everything away."""

    def wake(self) -> None:
        """Look at the transfers: something was asked of the queue."""


Host = Callable[[Asked], AbstractAsyncContextManager[None]]
"""Lets others ask something of the window while inside."""
