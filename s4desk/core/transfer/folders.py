"""Folders that files are put into: made, and safe to write to. Everything here blocks.

Every refusal of the file system comes as LocalFileError.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import LocalFileError, NoRoomError, UnsafeNameError
from s4desk.core.transfer.names import MACOS, NAME_LIMIT, WINDOWS, NameRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KNOWN_FOR_S: Final = 1.0
_MOST_KNOWN: Final = 1000
_MOST_MADE: Final = 100_000


@contextmanager
def local_errors(path: Path) -> Iterator[None]:
    """Say which path it was that the file system refused."""
    try:
        yield
    except OSError as error:
        raise LocalFileError(path, error) from error


@dataclass(frozen=True, slots=True)
class _Known:
    device: int
    number: int
    until: float


class KnownFolders:
    """Folders that have just been made, or found to be safe: the next of many files need not ask
    again as long as the path leads to the same one. From any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, Path | None], _Known] = {}
        self._limits: dict[Path, int] = {}
        self._made: set[Path] = set()

    def has_made(self, folder: Path, root: Path | None) -> bool:
        """Make a folder, as `make_folder` does; whether it was not there before we came, for it or
        for a file in it."""
        self._note_made(make_folder(folder, root))
        return folder in self._made

    def _note_made(self, made: list[Path]) -> None:
        if made:
            with self._lock:
                if len(self._made) >= _MOST_MADE:
                    self._made.clear()
                self._made.update(made)

    def make(self, folder: Path, root: Path | None) -> None:
        """What `make_folder` does, unless it has been done."""
        known = self._known.get((folder, root))
        if known is not None and self._monotonic() < known.until:
            with suppress(OSError):
                found = os.stat(folder)
                if (found.st_dev, found.st_ino) == (known.device, known.number):
                    return
        self._note_made(make_folder(folder, root))
        with local_errors(folder):
            found = os.stat(folder)
        until = self._monotonic() + KNOWN_FOR_S
        with self._lock:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
                self._limits.clear()
            self._known[folder, root] = _Known(found.st_dev, found.st_ino, until)
            self._limits.pop(folder, None)

    def name_limit(self, folder: Path) -> int:
        """How long a name in this folder may be, in bytes."""
        limit = self._limits.get(folder)
        if limit is None:
            limit = self._limits[folder] = name_limit(folder)
        return limit


def name_limit(folder: Path) -> int:
    """How long a name in this folder may be, in bytes."""
    pathconf = getattr(os, "pathconf", None)
    if pathconf is not None:
        with suppress(OSError, ValueError):
            return int(pathconf(folder, "PC_NAME_MAX"))
    return NAME_LIMIT


def make_folder(folder: Path, root: Path | None) -> list[Path]:
    """Make a folder and those above it, but nothing outside `root`, whatever links lie in between.

    Returns what was not there before. Raises UnsafeNameError, LocalFileError.
    """
    with local_errors(folder):
        absent = _absent(folder)
        if root is not None:
            refuse_to_leave(root, folder)
        folder.mkdir(parents=True, exist_ok=True)
        return absent


def _absent(folder: Path) -> list[Path]:
    """A folder and those above it, as far as there is nothing."""
    absent = []
    while not os.path.lexists(folder) and folder != folder.parent:
        absent.append(folder)
        folder = folder.parent
    return absent


def refuse_to_leave(root: Path, folder: Path) -> None:
    """Raises UnsafeNameError for what is not below `root`, or leads out of it."""
    root.mkdir(parents=True, exist_ok=True)
    present = folder
    while not os.path.lexists(present) and present != present.parent:
        present = present.parent
    top, leads_to = os.path.realpath(root), os.path.realpath(present)
    is_below = folder.is_relative_to(root) and ".." not in folder.parts
    if not is_below or os.path.commonpath([top, leads_to]) != top:
        raise UnsafeNameError(str(folder), "leads outside the chosen folder")


def check_space(folder: Path, size: int) -> None:
    """Raises NoRoomError when `size` bytes do not fit, and LocalFileError.

    A file system that reports no size at all (FUSE mounts, /proc) is not believed.
    """
    with local_errors(folder):
        usage = shutil.disk_usage(folder)
    if usage.total > 0 and usage.free < size:
        raise NoRoomError(folder, size, usage.free)


def rules_of(folder: Path) -> NameRules:
    """What names the file system of `folder` takes, found out by trying.

    A folder that is not there yet will be on the file system of the one above it. Where nothing
    can be written the habits of the platform are assumed.
    """
    if os.name == "nt":
        return WINDOWS
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    token = os.urandom(4).hex()
    probe = f".s4Desk-\u00e9-{token}"
    try:
        (folder / probe).touch()
    except OSError:
        return MACOS if os.uname().sysname == "Darwin" else NameRules(limit=name_limit(folder))
    try:
        return NameRules(
            is_windows=not _can_hold(folder, f".s4desk:{token}".encode()),
            folds_case=(folder / probe.lower()).exists(),
            folds_unicode=(folder / probe.replace("\u00e9", "e\u0301")).exists(),
            is_text_only=not _can_hold(folder, f".s4desk-{token}".encode() + b"\xff"),
            limit=name_limit(folder),
        )
    finally:
        with suppress(OSError):
            (folder / probe).unlink()


def _can_hold(folder: Path, name: bytes) -> bool:
    path = os.path.join(os.fsencode(folder), name)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        os.unlink(path)
    except OSError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make a rename last; not every system lets a folder be opened, or synced."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
