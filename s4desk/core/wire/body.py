"""Bytes in and out of the wire: slices of a source going up, spans of a sink coming down.

Sources are read with positioned reads and never mapped: touching a map of a file that was cut
short kills the process.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from s4desk.core.domain.errors import LocalFileError, SourceChangedError
from s4desk.core.domain.parts import MIB

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.objects import Checksum, ObjectMeta
    from s4desk.core.domain.parts import Span


class Source(Protocol):
    """Something of known length that worker threads read at any offset, several at once."""

    def read_into(self, view: memoryview, offset: int) -> None:
        """Fill all of `view` from `offset` (bytes).

        Raises SourceChangedError when the source ends before, LocalFileError when it cannot be
        read.
        """


@runtime_checkable
class FileBacked(Protocol):
    """A source that is an open file, from which the kernel can send by itself."""

    def fileno(self) -> int: ...


class Sink(Protocol):
    """Something that worker threads write at any offset, several at once."""

    def write(self, view: memoryview, offset: int) -> None:
        """Write all of `view` at `offset` (bytes). Raises LocalFileError."""


@runtime_checkable
class Cuttable(Protocol):
    """A sink that can forget what it holds of another object, which was longer."""

    def truncate(self, size: int) -> None:
        """Hold no more than so many bytes. Raises LocalFileError."""


class WholeSink(ABC):
    """A sink for one whole small object, which is told of its begin and its end.

    All of it is called by the thread that fetches the object; when `get` returns it has ended.
    """

    @abstractmethod
    def begin(self, meta: ObjectMeta) -> None:
        """The object that comes, from its first byte; again when a request starts over. Whatever
        it raises ends the request."""

    @abstractmethod
    def write(self, view: memoryview, offset: int) -> None:
        """Write all of `view` at `offset` (bytes). Raises LocalFileError."""

    @abstractmethod
    def end(self) -> None:
        """The last byte has been written. IntegrityError says that other bytes came."""


@runtime_checkable
class MemoryBacked(Protocol):
    """A source that is in memory, and stays as it is until it is sent."""

    def view(self, span: Span) -> memoryview:
        """The bytes themselves, not a copy."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a source that one request sends. `summed` is its sum, of what is in memory and
    was summed when it came there."""

    source: Source
    span: Span
    summed: Checksum | None = None

    def __len__(self) -> int:
        return self.span.size


Body = bytes | Slice

SMALL_BODY: Final = 8 * MIB
"""Bodies up to this size move in one request, and mostly wait for its reply."""

_SMALL_PER_LARGE: Final = 4


def small_beside(large: int) -> int:
    """How many small bodies may move at once where so many large ones may."""
    return large * _SMALL_PER_LARGE if large > 1 else large


class BytesSink:
    """Collects a small object in memory. Memory grows with it: for previews and tests only."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._lock = threading.Lock()

    def write(self, view: memoryview, offset: int) -> None:
        with self._lock:
            if len(self.data) < offset + len(view):
                self.data.extend(bytes(offset + len(view) - len(self.data)))
            self.data[offset : offset + len(view)] = view

    def truncate(self, size: int) -> None:
        with self._lock:
            del self.data[size:]


class GlanceSink(BytesSink):
    """For what a person waits to see, a few MiB at most: it goes ahead of all transfers."""


class FileSource:
    """An open local file. The owner closes it when no request reads it any more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            # Whoever opens a named pipe by mistake must not wait for its writer.
            self._fd = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise LocalFileError(path, error) from error

    def fileno(self) -> int:
        return self._fd

    def read_into(self, view: memoryview, offset: int) -> None:
        filled = 0
        while filled < len(view):
            try:
                count = self._read_at(view[filled:], offset + filled)
            except OSError as error:
                raise LocalFileError(self._path, error) from error
            if not count:
                raise SourceChangedError(self._path)
            filled += count

    def read_end_into(self, view: memoryview, offset: int) -> bool:
        """The same for what should be the last bytes: whether they are, and nothing follows."""
        if hasattr(os, "preadv"):
            try:
                count = os.preadv(self._fd, [view, bytearray(1)], offset)
            except OSError as error:
                raise LocalFileError(self._path, error) from error
            if count >= len(view):
                return count == len(view)
        self.read_into(view, offset)
        return not self.reaches(offset + len(view))

    def reaches(self, offset: int) -> bool:
        """Whether there is a byte at `offset`. Raises LocalFileError."""
        try:
            return self._read_at(memoryview(bytearray(1)), offset) > 0
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def _read_at(self, view: memoryview, offset: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._fd, [view], offset)
        with self._lock:
            os.lseek(self._fd, offset, os.SEEK_SET)
            data = os.read(self._fd, len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Once: the descriptor may be somebody else's afterwards."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class FileSink:
    """A local file being written. The owner syncs and closes it."""

    def __init__(self, path: Path, *, keep: bool = False) -> None:
        """Create `path` for its owner alone, or with `keep` go on with what it holds.

        Raises LocalFileError.
        """
        self._path = path
        self._lock = threading.Lock()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0)
        try:
            self._fd = os.open(path, flags if keep else flags | os.O_TRUNC, 0o600)
        except OSError as error:
            raise LocalFileError(path, error) from error

    def write(self, view: memoryview, offset: int) -> None:
        written = 0
        while written < len(view):
            try:
                written += self._write_at(view[written:], offset + written)
            except OSError as error:
                raise LocalFileError(self._path, error) from error

    def _write_at(self, view: memoryview, offset: int) -> int:
        # One at a time: threads that write to one file spin on its lock in the kernel, which costs
        # up to ten times the processor time of waiting here.
        with self._lock:
            if hasattr(os, "pwrite"):
                return os.pwrite(self._fd, view, offset)
            os.lseek(self._fd, offset, os.SEEK_SET)
            return os.write(self._fd, view)

    def fileno(self) -> int:
        return self._fd

    def size(self) -> int:
        """How many bytes it has now. Raises LocalFileError."""
        try:
            return os.fstat(self._fd).st_size
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def truncate(self, size: int) -> None:
        """Give the file its final length in bytes. Raises LocalFileError."""
        try:
            os.ftruncate(self._fd, size)
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def sync(self) -> None:
        """Return only when the bytes are on the disk. Raises LocalFileError."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def close(self) -> None:
        os.close(self._fd)
