"""The private folder of one running window, for files that are dragged out."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QLockFile

from s4desk.core.domain.errors import LocalFileError

if TYPE_CHECKING:
    from pathlib import Path

LOCK_SUFFIX = ".lock"
PATIENCE_MS = 100
"""With none at all QLockFile does not even take over the lock of a process that is gone."""


class DragFolder:
    """Made when first needed. Everything here blocks: call it in a thread.

    A lock beside the folder says that its window lives. What a crash left behind has no owner any
    more and is removed by whoever starts next.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / uuid4().hex
        self._lock: QLockFile | None = None

    def new(self) -> Path:
        """A new empty folder that nobody else may enter. Raises LocalFileError."""
        made = self._folder / uuid4().hex
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._lock is None:
                self._lock = _locked(self._folder)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            made.mkdir(mode=0o700)
        except OSError as error:
            raise LocalFileError(made, error) from error
        return made

    def holds(self, path: Path) -> bool:
        """Whether a path is in the folder of some window, this or another."""
        return path.is_relative_to(self._root)

    def remove(self) -> None:
        """Remove everything of this window."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def remove_left_behind(self) -> None:
        """Remove the folders whose windows are gone."""
        for lock_path in self._root.glob(f"*{LOCK_SUFFIX}"):
            folder = lock_path.with_suffix("")
            if folder == self._folder:
                continue
            lock = QLockFile(str(lock_path))
            lock.setStaleLockTime(0)
            if lock.tryLock(PATIENCE_MS):
                shutil.rmtree(folder, ignore_errors=True)
                lock.unlock()
        with suppress(OSError):
            self._root.rmdir()


def _locked(folder: Path) -> QLockFile:
    lock = QLockFile(f"{folder}{LOCK_SUFFIX}")
    lock.setStaleLockTime(0)
    lock.tryLock(PATIENCE_MS)
    return lock
