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

EVERY_S = 1.0


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
    """Do what the automatic collection would have done, by its own thresholds, until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        if (generation := oldest_due(gc.get_count(), gc.get_threshold())) is not None:
            gc.collect(generation)


def oldest_due(counts: tuple[int, int, int], thresholds: tuple[int, int, int]) -> int | None:
    """The oldest generation whose count is over its threshold; None when none is.

    A threshold of 0 stands for never ("gc.set_threshold" in the Python documentation).
    """
    due = [
        generation
        for generation, (count, threshold) in enumerate(zip(counts, thresholds, strict=True))
        if 0 < threshold < count
    ]
    return due[-1] if due else None
