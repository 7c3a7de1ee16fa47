"""The log, read back: the newest records of it, and what is added to them."""

from __future__ import annotations

import logging
import os
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.runtime.logs import BACKUPS, FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MOST: Final = 100_000
"""So many records are kept in memory; what is older is in the files."""
LONGEST: Final = 64 * 1024
"""So much of one record is kept, in characters."""

_HEAD: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ([A-Z]+)\b")
_LEVELS: Final = logging.getLevelNamesMapping()


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record as it was written, a traceback with it. `level` is logging's number."""

    level: int
    text: str


class LogFile:
    """Reads the log of a folder from its oldest backup on, and goes on where it stopped.

    It survives rotation and a log that is not there yet. To be used by one thread at a time.
    """

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._path = folder / FILE_NAME
        self._most = most
        self._id = 0
        self._offset = 0
        self._rest = b""

    def read(self) -> list[LogRecord]:
        """What came since the last call, the first time the newest of all; the oldest first.

        Raises LocalFileError for a log that is there and cannot be read.
        """
        try:
            return list(deque(parsed(self._lines()), maxlen=self._most))
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def _lines(self) -> Iterator[str]:
        """The lines that are whole by now."""
        if not self._id:
            for number in range(BACKUPS, 0, -1):
                yield from _split(_content(self._backup(number)))
        elif (rotated := self._rotated()) is not None:
            yield from _split(self._rest + rotated)
            self._id = self._offset = 0
            self._rest = b""
        data = self._rest + self._added()
        whole, newline, self._rest = data.rpartition(b"\n")
        yield from _split(whole + newline)

    def _added(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                is_same = os.fstat(file.fileno()).st_ino == self._id
                self._id = os.fstat(file.fileno()).st_ino
                file.seek(self._offset if is_same else 0)
                data = file.read()
                self._offset = file.tell()
        except FileNotFoundError:
            return b""
        return data

    def _rotated(self) -> bytes | None:
        """What was added to the file before it became a backup; None while it has not."""
        try:
            is_here = self._path.stat().st_ino == self._id
        except FileNotFoundError:
            is_here = False
        if is_here:
            return None
        backup = self._backup(1)
        try:
            is_backup = backup.stat().st_ino == self._id
        except FileNotFoundError:
            is_backup = False
        return _content(backup, self._offset) if is_backup else b""

    def _backup(self, number: int) -> Path:
        return self._path.with_name(f"{FILE_NAME}.{number}")


def parsed(lines: Iterable[str]) -> Iterator[LogRecord]:
    """The records that lines are: one that begins with no date belongs to the one before."""
    held: list[str] = []
    level, length = logging.INFO, 0
    for line in lines:
        head = _HEAD.match(line)
        if head is not None:
            if held:
                yield LogRecord(level, "\n".join(held))
            level, held, length = _LEVELS.get(head[1], logging.INFO), [line[:LONGEST]], len(line)
        elif length < LONGEST:
            held.append(line[:LONGEST])
            length += len(line)
    if held:
        yield LogRecord(level, "\n".join(held))


def _split(data: bytes) -> list[str]:
    return data.decode("utf-8", "backslashreplace").splitlines()


def _content(path: Path, offset: int = 0) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read()
    except FileNotFoundError:
        return b""
