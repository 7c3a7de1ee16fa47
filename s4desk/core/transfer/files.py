"""The local side of a transfer. Everything here blocks: call it in a thread.

Every refusal of the file system comes as LocalFileError.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    ReadOnlyFileError,
    SourceChangedError,
    UnsafeNameError,
)
from s4desk.core.domain.parts import MIB, Fingerprint
from s4desk.core.transfer.names import MACOS, NAME_LIMIT, WINDOWS, NameRules
from s4desk.core.wire.body import FileSink, FileSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from s4desk.core.domain.parts import Span
    from s4desk.core.wire.body import Source
    from s4desk.core.wire.checksums import RunningSum

PARTIAL_SUFFIX = ".s4part"
_PARTIAL = re.compile(rf"\..*\.[0-9a-f]+-[0-9a-f]+{re.escape(PARTIAL_SUFFIX)}", re.DOTALL)


@contextmanager
def local_errors(path: Path) -> Iterator[None]:
    """Say which path it was that the file system refused."""
    try:
        yield
    except OSError as error:
        raise LocalFileError(path, error) from error


def fingerprint(path: Path) -> Fingerprint:
    """What tells this file from a changed one. A link is the file it leads to."""
    with local_errors(path):
        return _fingerprint(path.stat())


class SteadySource:
    """A file that is read to be sent, and must be the same at the end as it was when opened.

    Whoever reads its last byte learns whether it changed meanwhile, before that byte is sent: the
    request then breaks off, and the store completes nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileSource | None = None
        self.fingerprint = Fingerprint(0, 0, 0)

    def open(self) -> None:
        """Raises LocalFileError, SourceChangedError; close it afterwards in any case.

        Some systems do not know how long their files are, and say 0: those are not empty.
        """
        with local_errors(self._path):
            if not stat.S_ISREG(self._path.stat().st_mode):
                # Opening a named pipe would wait for its writer.
                raise OSError(errno.ENXIO, "not a regular file")
            self._file = FileSource(self._path)
            self.fingerprint = _fingerprint(os.fstat(self._file.fileno()))
        if not self.fingerprint.size:
            self.check()

    def fileno(self) -> int:
        return self._opened().fileno()

    def read_into(self, view: memoryview, offset: int) -> None:
        self._opened().read_into(view, offset)
        if offset + len(view) >= self.fingerprint.size:
            self.check()

    def _opened(self) -> FileSource:
        if self._file is None:
            raise ValueError(f"{self._path} is not open")
        return self._file

    def check(self) -> None:
        """Raises SourceChangedError when the path no longer leads to what was opened, or to more
        than it says that it is."""
        try:
            now = fingerprint(self._path)
        except LocalFileError as error:
            raise SourceChangedError(self._path) from error
        if now != self.fingerprint or self._opened().reaches(now.size):
            raise SourceChangedError(self._path)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class PartialFile:
    """The bytes for `target` as they come, in a hidden file beside it.

    `token` keeps its name apart from those of other transfers and other programs. Until the file
    is whole only its owner may read it. Where the target is a link, the file it leads to is meant.
    """

    def __init__(self, target: Path, token: str) -> None:
        self.target = target
        self._token = token
        self._sink: FileSink | None = None

    @cached_property
    def path(self) -> Path:
        """Where the bytes are; it blocks, because the file system says how long a name may be."""
        return partial_path(self._place, self._token)

    @cached_property
    def _place(self) -> Path:
        """The file to be made or replaced: the target, or what it leads to."""
        return Path(os.path.realpath(self.target)) if self.target.is_symlink() else self.target

    @property
    def sink(self) -> FileSink:
        if self._sink is None:
            raise ValueError(f"{self.target} is not open")
        return self._sink

    def open(self, root: Path | None, size: int, *, keep: bool = False) -> None:
        """Make room for `size` bytes, or with `keep` go on with what is there.

        Raises UnsafeNameError, LocalFileError; close it afterwards in any case.
        """
        prepare_target(self.target, root)
        if not keep:
            check_space(self._place.parent, size)
        self._sink = FileSink(self.path, keep=keep)

    def holds(self, span: Span, total: RunningSum, checksum: str) -> bool:
        """Whether a run of bytes has this sum, made with `total`; False when there is no file."""
        try:
            source = FileSource(self.path)
        except LocalFileError:
            return False
        try:
            add_to_sum(total, source, span)
        except (LocalFileError, SourceChangedError):
            return False
        finally:
            source.close()
        return total.value == checksum

    def finish(
        self, size: int, modified: datetime | None = None, *, may_replace: bool = True
    ) -> bool:
        """Put the bytes in the target's place, all at once, once they are on the disk.

        The file is dated now, or as `modified` says; who may read it is left as it was. False,
        with the bytes still here, when something is there and may not be replaced. Raises
        LocalFileError; IntegrityError when the file is not as long as it must be.
        """
        self.sink.sync()
        with local_errors(self.target):
            if self.path.stat().st_size != size:
                raise IntegrityError(f"{self.path} does not have {size} bytes")
            if modified is not None:
                os.utime(self.path, (modified.timestamp(), modified.timestamp()))
            if not may_replace and os.path.lexists(self._place):
                return False
            self._take_mode()
            self.close()
            if may_replace:
                self.path.replace(self._place)
            elif not self._put_new():
                return False
            _sync_folder(self._place.parent)
            return True

    def _take_mode(self) -> None:
        """The permissions of the file that is there, of a new one those it would have had."""
        if os.name == "nt":
            return
        try:
            found = self._place.lstat()
        except FileNotFoundError:
            mode = 0o666 & ~_umask()
        else:
            _refuse_irreplaceable(self._place, found)
            mode = found.st_mode & 0o777
        with suppress(OSError):
            # Not every file system has permissions.
            self.path.chmod(mode)

    def _put_new(self) -> bool:
        """Put the bytes in place unless something is there: a rename would replace it."""
        try:
            os.link(self.path, self._place)
        except FileExistsError:
            return False
        except OSError:
            # There are no links here; it can only be looked at, right before.
            if os.path.lexists(self._place):
                return False
            self.path.rename(self._place)
        else:
            self.path.unlink()
        return True

    def close(self) -> None:
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def remove(self) -> None:
        """Remove what was collected, if it is there."""
        self.close()
        with local_errors(self.target):
            self.path.unlink(missing_ok=True)


def add_to_sum(total: RunningSum, source: Source, span: Span) -> None:
    """Take a run of bytes into a checksum."""
    buffer = memoryview(bytearray(min(MIB, max(span.size, 1))))
    offset = span.offset
    while offset < span.end:
        view = buffer[: min(len(buffer), span.end - offset)]
        source.read_into(view, offset)
        total.update(view)
        offset += len(view)


def partial_path(target: Path, token: str) -> Path:
    """Where the bytes for `target` are collected: beside it, so that a rename is atomic."""
    limit = name_limit(target.parent)
    mark = f".{token}{PARTIAL_SUFFIX}"
    name = target.name
    while name and len(os.fsencode(f".{name}{mark}")) > limit:
        name = name[:-1]
    return target.with_name(f".{name}{mark}")


def is_partial(name: str) -> bool:
    """Whether a file is what a download of ours has collected so far."""
    return _PARTIAL.fullmatch(name) is not None


def name_limit(folder: Path) -> int:
    """How long a name in this folder may be, in bytes."""
    pathconf = getattr(os, "pathconf", None)
    if pathconf is not None:
        with suppress(OSError, ValueError):
            return int(pathconf(folder, "PC_NAME_MAX"))
    return NAME_LIMIT


def make_folder(folder: Path, root: Path | None) -> None:
    """Make a folder and those above it, but nothing outside `root`, whatever links lie in between.

    Raises UnsafeNameError, LocalFileError.
    """
    with local_errors(folder):
        if root is not None:
            _refuse_to_leave(root, folder)
        folder.mkdir(parents=True, exist_ok=True)


def prepare_target(target: Path, root: Path | None) -> None:
    """See that a file may be put at `target`: its folder is there, nothing but a file in its place.

    A link stands for the file it leads to, which has to be there, and inside `root` if there is
    one. Raises UnsafeNameError, ReadOnlyFileError, LocalFileError.
    """
    make_folder(target.parent, root)
    with local_errors(target):
        try:
            found = target.lstat()
        except FileNotFoundError:
            return
        if stat.S_ISLNK(found.st_mode):
            if root is not None:
                _refuse_to_leave(root, target)
            found = target.stat()
        _refuse_irreplaceable(target, found)


def _refuse_irreplaceable(path: Path, found: os.stat_result) -> None:
    """Only a file may be replaced by a file: no folder, device, pipe or socket.

    The folder decides whether a rename succeeds; its owner decides whether a file may be lost.
    """
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.ENXIO, "not a regular file")
    if not found.st_mode & stat.S_IWUSR:
        raise ReadOnlyFileError(path, PermissionError(errno.EACCES, "the file is read-only"))


@cache
def _umask() -> int:
    """What the process takes from the permissions of new files."""
    with suppress(OSError), open("/proc/self/status", encoding="ascii", errors="replace") as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    # It can only be read by setting it; what another thread makes meanwhile is too private.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _refuse_to_leave(root: Path, folder: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    present = folder
    while not os.path.lexists(present) and present != present.parent:
        present = present.parent
    top, leads_to = os.path.realpath(root), os.path.realpath(present)
    is_below = folder.is_relative_to(root) and ".." not in folder.parts
    if not is_below or os.path.commonpath([top, leads_to]) != top:
        raise UnsafeNameError(str(folder), "leads outside the chosen folder")


def check_space(folder: Path, size: int) -> None:
    """Raises LocalFileError when `size` bytes do not fit.

    A file system that reports no size at all (FUSE mounts, /proc) is not believed.
    """
    with local_errors(folder):
        usage = shutil.disk_usage(folder)
        if usage.total > 0 and usage.free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def rules_of(folder: Path) -> NameRules:
    """What names the file system of `folder` takes, found out by trying.

    A folder that is not there yet will be on the file system of the one above it. Where nothing
    can be written the habits of the platform are assumed.
    """
    if os.name == "nt":
        return WINDOWS
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    token = secrets.token_hex(4)
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


def _fingerprint(found: os.stat_result) -> Fingerprint:
    return Fingerprint(found.st_size, found.st_mtime_ns, found.st_ino)


def _sync_folder(folder: Path) -> None:
    """Make a rename last; not every system lets a folder be opened, or synced."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
