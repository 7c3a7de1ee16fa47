"""The right to be the only process at a file. Everything here blocks."""

from __future__ import annotations

import contextlib
import errno
import logging
import sqlite3
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

CHANGE_TIMEOUT_S = 20.0
"""A small file is changed in an instant; a laptop may sleep in the middle of it."""


def lock_path(path: Path) -> Path:
    """The file whose lock is the claim on the file at `path`."""
    return path.with_name(f"{path.name}.lock")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else has the lock."""
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def claim(path: Path, timeout_s: float) -> sqlite3.Connection:
    """The right to be the only one, until it is closed or the process ends in any way.

    It is the lock of a database of its own with nothing in it: the same on every system. Raises
    sqlite3.OperationalError, which `is_busy` when somebody else has it all the time.
    """
    held = sqlite3.connect(lock_path(path), timeout=timeout_s)
    try:
        held.execute("PRAGMA journal_mode = MEMORY")  # there is nothing to take back
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        held.close()
        raise
    return held


@contextlib.contextmanager
def changing(path: Path, timeout_s: float = CHANGE_TIMEOUT_S) -> Iterator[None]:
    """Keep other processes from changing a small file meanwhile.

    Where no lock can be had at all, there is none: whoever may not write there is told by the
    write. Raises LocalFileError when somebody else has it for too long.
    """
    try:
        held = claim(path, timeout_s)
    except sqlite3.OperationalError as error:
        if is_busy(error):
            cause = BlockingIOError(errno.EAGAIN, tr("another s4desk is changing it"))
            raise LocalFileError(path, cause) from error
        log.info("no lock for %s: %s", path, error)
        yield
        return
    try:
        yield
    finally:
        held.close()
