"""Only one window on the same folders: the first owns them, the others bring it to the front."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from s4desk.app.channel import NoWindowError, UnansweredError, ask, window_path, withdraw
from s4desk.core.persist.claim import claim, is_busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

TURN_S = 20.0
"""How long a window may take to be painted, or to put everything away, until it can be asked."""
LOOK_AGAIN_S = 0.1


@contextmanager
def owned(
    data: Path,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[bool]:
    """Be the only window on these folders while inside: True.

    False when another one is, which has come to the front instead. Raises UnansweredError when that
    does not answer. Where there are no locks there is no question either.
    """
    try:
        held = _claimed_or_shown(data, sleep, monotonic)
    except sqlite3.OperationalError as error:
        log.warning("another window cannot be told from this one: %s", error)
        yield True
        return
    if held is None:
        yield False
        return
    try:
        # What a window that was killed has left leads nowhere.
        withdraw(data)
        yield True
    finally:
        held.close()


def _claimed_or_shown(
    data: Path, sleep: Callable[[float], None], monotonic: Callable[[], float]
) -> sqlite3.Connection | None:
    """The claim, or None when the window that has it was brought to the front."""
    end = monotonic() + TURN_S
    while True:
        try:
            return claim(window_path(data), 0)
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
        # It may be about to be opened or closed: then nobody listens, or it is free soon.
        with suppress(NoWindowError):
            if ask(data, "show").get("ok"):
                return None
        if monotonic() > end:
            raise UnansweredError
        sleep(LOOK_AGAIN_S)
