"""Hearing of what other processes write into a file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

if TYPE_CHECKING:
    from pathlib import Path

QUIET_MS = 300
"""Writers may take several steps; only after so long without one we look."""


class FileWatch(QObject):
    """Tells that a file has `changed`, is there now, or is there no more."""

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._seen = self._look()
        # The folder tells of a file that was replaced, the file itself of what is written into it.
        self._watcher = QFileSystemWatcher([str(path.parent)], self)
        self._watch_file()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(QUIET_MS)
        self._rest.timeout.connect(self._tell)
        self._watcher.directoryChanged.connect(lambda _path: self._rest.start())
        self._watcher.fileChanged.connect(lambda _path: self._rest.start())

    def close(self) -> None:
        """Tell nothing more."""
        self._rest.stop()
        self._watcher.removePaths([*self._watcher.files(), *self._watcher.directories()])

    def _tell(self) -> None:
        self._watch_file()
        seen, self._seen = self._seen, self._look()
        if seen != self._seen:
            self.changed.emit()

    def _watch_file(self) -> None:
        if not self._watcher.files() and self._path.exists():
            self._watcher.addPath(str(self._path))

    def _look(self) -> tuple[int, int, int] | None:
        with contextlib.suppress(OSError):
            found = self._path.stat()
            return found.st_ino, found.st_mtime_ns, found.st_size
        return None
