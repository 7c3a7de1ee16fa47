"""Collects cyclic garbage on the GUI thread, and on no other.

Python collects on whichever thread happens to allocate. A widget that is freed by a worker thread
leaves its timers behind, and the next one to fire ends the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_S = 0.25
NEW = 700
"""So many new containers are worth a look."""
LOOKS = 480
"""After so many looks at what is new all is looked at, which takes a tenth of a second and more: in
a moment in which little is new, for then nothing is under way that would be held up."""
AT_LAST = 10 * LOOKS
"""After so many that moment is not waited for any longer."""


@contextlib.contextmanager
def collected_only_here() -> Iterator[None]:
    """Switch the automatic collection off while inside, and collect all of it at the end.

    That takes a moment nobody sees, because the window is gone. What was spared meanwhile is
    collected too: widgets are among it, and whoever is next to collect may be a worker thread.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.collect()
        if was_on:
            gc.enable()


def spare_what_is_loaded() -> None:
    """Leave out what exists now from every collection to come.

    Libraries and the model of S3 are most of it. They live as long as the program, and to walk
    them holds up the window for a fifth of a second each time.
    """
    gc.freeze()


async def collect_now_and_then() -> None:
    """Do what the automatic collection would have done, in shorter moments, until cancelled.

    What is new is looked at once and then counts as old, so that no look takes longer than what
    came since the last one: a large preview makes a quarter of a million objects in a second.
    """
    while True:
        await asyncio.sleep(EVERY_S)
        if (generation := due(gc.get_count())) is not None:
            gc.collect(generation)


def due(counts: tuple[int, int, int]) -> int | None:
    """The generation to be collected, and those before it; None when there is little new.

    `counts` are those of `gc.get_count`: the last one is of looks since all was looked at.
    """
    new, _, looks = counts
    is_quiet = new <= NEW
    if looks > (LOOKS if is_quiet else AT_LAST):
        return 2
    return None if is_quiet else 1
