"""The local side of a transfer. Everything here blocks: call it in a thread.

Every refusal of the file system comes as LocalFileError.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    ReadOnlyFileError,
    SourceChangedError,
)
from s4desk.core.domain.parts import MIB, Fingerprint
from s4desk.core.transfer.folders import (
    KnownFolders,
    check_space,
    local_errors,
    name_limit,
    refuse_to_leave,
    sync_folder,
)
from s4desk.core.wire.body import FileSink, FileSource

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.parts import Span
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.wire.body import Source
    from s4desk.core.wire.checksums import RunningSum

PARTIAL_SUFFIX = ".s4part"
_PARTIAL = re.compile(rf"\..*\.[0-9a-f]+-[0-9a-f]+{re.escape(PARTIAL_SUFFIX)}", re.DOTALL)

_OLDER_NS: Final = 123_456_700
"""Most file systems keep so much of a second."""
_NEARLY_S: Final = 4e-7
"""A time of these years is not told more exactly as a float of seconds."""


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
            # To open a device may be a deed.
            _refuse_special(self._path.stat())
        self._open()
        if not self.fingerprint.size:
            self.check()

    def _open(self) -> None:
        with local_errors(self._path):
            self._file = FileSource(self._path)
            found = os.fstat(self._file.fileno())
            _refuse_special(found)
        self.fingerprint = _fingerprint(found)

    def fileno(self) -> int:
        return self._opened().fileno()

    def read_into(self, view: memoryview, offset: int) -> None:
        file = self._opened()
        if offset + len(view) < self.fingerprint.size:
            file.read_into(view, offset)
        elif not file.read_end_into(view, offset) or self._is_changed():
            raise SourceChangedError(self._path)

    def _opened(self) -> FileSource:
        if self._file is None:
            raise ValueError(f"{self._path} is not open")
        return self._file

    def check(self) -> None:
        """Raises SourceChangedError when the path no longer leads to what was opened, or to more
        than it says that it is."""
        if self._is_changed() or self._opened().reaches(self.fingerprint.size):
            raise SourceChangedError(self._path)

    def _is_changed(self) -> bool:
        try:
            return fingerprint(self._path) != self.fingerprint
        except LocalFileError as error:
            raise SourceChangedError(self._path) from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class PartialFile:
    """The bytes for `target` as they come, in a hidden file beside it.

    `token` keeps its name apart from those of other transfers and other programs. Until the file
    is whole only its owner may read it. Where the target is a link, the file it leads to is meant.
    """

    def __init__(self, target: Path, token: str, folders: KnownFolders | None = None) -> None:
        """`folders` are those in which files like this one have just been made."""
        self.target = target
        self._token = token
        self._folders = folders or KnownFolders()
        self._sink: FileSink | None = None

    @cached_property
    def path(self) -> Path:
        """Where the bytes are; it blocks, because the file system says how long a name may be."""
        limit = self._folders.name_limit(self._folder)
        return partial_path(self._place, self._token, limit)

    @cached_property
    def _place(self) -> Path:
        """The file to be made or replaced: the target, or what it leads to."""
        return Path(os.path.realpath(self.target)) if self.target.is_symlink() else self.target

    @cached_property
    def _above(self) -> Path:
        return self.target.parent

    @cached_property
    def _folder(self) -> Path:
        return self._above if self._place is self.target else self._place.parent

    @property
    def sink(self) -> FileSink:
        if self._sink is None:
            raise ValueError(f"{self.target} is not open")
        return self._sink

    def open(
        self, root: Path | None, size: int, *, keep: bool = False, is_brief: bool = False
    ) -> None:
        """Make room for `size` bytes, or with `keep` go on with what is there.

        When they are few (`is_brief`) that there is no room is seen soon enough. Raises
        UnsafeNameError, LocalFileError; close it afterwards in any case.
        """
        prepare_target(self.target, root, self._folders, self._above)
        if not keep and not is_brief:
            check_space(self._folder, size)
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

        The file is dated now, or as what may be older by `modified`; who may read it is left as it
        was. False,
        with the bytes still here, when something is there and may not be replaced. Raises
        LocalFileError; IntegrityError when the file is not as long as it must be.
        """
        self.sink.sync()
        with local_errors(self.target):
            if self.sink.size() != size:
                raise IntegrityError(f"{self.path} does not have {size} bytes")
            if modified is not None:
                date_older(self.path, modified)
            if not may_replace and os.path.lexists(self._place):
                return False
            self._take_mode()
            self.close()
            if may_replace:
                self.path.replace(self._place)
            elif not self._put_new():
                return False
            sync_folder(self._folder)
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
            os.fchmod(self.sink.fileno(), mode)

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

    def take_over(self, former: Path) -> None:
        """Go on with what was collected beside the target under another name, if it is there.

        Raises LocalFileError.
        """
        is_beside = former.parent == self.path.parent and is_partial(former.name)
        if former != self.path and is_beside:
            with local_errors(self.target), suppress(FileNotFoundError):
                former.rename(self.path)

    def remove(self) -> None:
        """Remove what was collected, if it is there."""
        self.close()
        with local_errors(self.target):
            self.path.unlink(missing_ok=True)


class Total(Protocol):
    """What bytes are shown to, in order."""

    def update(self, view: memoryview) -> None: ...


def add_to_sum(total: Total, source: Source, span: Span) -> None:
    """Take a run of bytes into a checksum."""
    buffer = memoryview(bytearray(min(MIB, max(span.size, 1))))
    offset = span.offset
    while offset < span.end:
        view = buffer[: min(len(buffer), span.end - offset)]
        source.read_into(view, offset)
        total.update(view)
        offset += len(view)


def date_older(path: Path, modified: datetime) -> None:
    """Date a file that holds what may be older than it should be as that is, to the second, where
    that can be done. The fraction of a second says what it holds, to whoever looks at it later: who
    gave it may have got it late, so that the time alone would prove too much."""
    at = int(modified.timestamp()) * 10**9 + _OLDER_NS
    with suppress(OSError):
        os.utime(path, ns=(at, at))
        if not may_be_older(path.stat().st_mtime):
            # Where less is kept of a second it is as old as can be: whatever comes is newer.
            os.utime(path, (0, 0))


def may_be_older(modified: float) -> bool:
    """Whether a file that was changed then (seconds since the epoch) holds what may be older."""
    return abs(modified % 1 - _OLDER_NS / 10**9) < _NEARLY_S


def partial_path(target: Path, token: str, limit: int | None = None) -> Path:
    """Where the bytes for `target` are collected: beside it, so that a rename is atomic.

    `limit` is how long names may be there (bytes); by default the file system is asked.
    """
    limit = limit or name_limit(target.parent)
    mark = f".{token}{PARTIAL_SUFFIX}"
    name = target.name
    while name and len(os.fsencode(f".{name}{mark}")) > limit:
        name = name[:-1]
    return target.with_name(f".{name}{mark}")


def partial_token(journal: str, transfer: TransferId) -> str:
    """What keeps the partial file of one transfer apart from all others; `journal` is the token."""
    return f"{journal}-{transfer:x}"


def is_partial(name: str) -> bool:
    """Whether a file is what a download of ours has collected so far."""
    return _PARTIAL.fullmatch(name) is not None


def prepare_target(
    target: Path,
    root: Path | None,
    folders: KnownFolders | None = None,
    folder: Path | None = None,
) -> None:
    """See that a file may be put at `target`: its folder is there, nothing but a file in its place.

    A link stands for the file it leads to, which has to be there, and inside `root` if there is
    one. `folder` is the target's, for who knows it. Raises UnsafeNameError, ReadOnlyFileError,
    LocalFileError.
    """
    (folders or KnownFolders()).make(folder or target.parent, root)
    with local_errors(target):
        try:
            found = target.lstat()
        except FileNotFoundError:
            return
        if stat.S_ISLNK(found.st_mode):
            if root is not None:
                refuse_to_leave(root, target)
            found = target.stat()
        _refuse_irreplaceable(target, found)


def _refuse_special(found: os.stat_result) -> None:
    """Only a file has bytes that stay: no folder, device, pipe or socket."""
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.ENXIO, "not a regular file")


def _refuse_irreplaceable(path: Path, found: os.stat_result) -> None:
    """Only a file may be replaced by a file: no folder, device, pipe or socket.

    The folder decides whether a rename succeeds; its owner decides whether a file may be lost.
    """
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    _refuse_special(found)
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


def _fingerprint(found: os.stat_result) -> Fingerprint:
    return Fingerprint(found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns)
