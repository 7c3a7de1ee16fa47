"""What lies under the folders that were dropped: files, empty folders, and what cannot be sent."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import is_partial

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from s4desk.core.domain.identity import Location

T = TypeVar("T")


class PathReason(StrEnum):
    """Why something is not sent, or not fetched.

    IN_THE_WAY: a file is where a folder is needed. PARTIAL_NAME: our own downloads are named so.
    """

    UNREADABLE = "unreadable"
    SPECIAL = "special"
    BROKEN_LINK = "broken-link"
    LOOP = "loop"
    TWIN = "twin"
    OUTSIDE = "outside"
    NOT_TEXT = "not-text"
    TOO_LONG = "too-long"
    PARTIAL = "partial"
    PARTIAL_NAME = "partial-name"
    IN_THE_WAY = "in-the-way"


_HARMLESS = (PathReason.TWIN, PathReason.LOOP, PathReason.BROKEN_LINK, PathReason.SPECIAL)


@dataclass(frozen=True, slots=True)
class PathProblem:
    """A file or an object that is left out, and why. `detail` is what the system said."""

    path: Path | Location
    reason: PathReason
    detail: str = ""

    @property
    def is_harmless(self) -> bool:
        """Whether no bytes are missing for it: there are none, or they are sent at their place."""
        return self.reason in _HARMLESS

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is a link to a folder that is sent as well, at its own place."""
        return self.reason is PathReason.TWIN


@dataclass(frozen=True, slots=True)
class Found:
    """A file, or a folder in which nothing was found.

    `name` is the path below what was walked, with `/` between its segments; empty for the thing
    itself. `size` is in bytes.
    """

    path: Path
    name: str
    size: int = 0
    is_folder: bool = False


@dataclass(slots=True)
class _Level:
    """A folder that is being walked. `id` tells a link that leads back to it."""

    path: Path
    name: str
    id: tuple[int, int]
    entries: Iterator[os.DirEntry[str]]
    is_empty: bool = True


def walk(top: Path) -> Iterator[Found | PathProblem]:
    """Everything under `top`, in the order of names, hidden files too. It blocks.

    Links inside are followed to files that lie under `top` as well. A folder is walked where it
    is, whatever links lead to it: links among few folders make many paths. `top` itself may be a
    link. What a download of ours has collected so far is passed over.
    """
    found = _looked_at(top)
    if isinstance(found, PathProblem):
        yield found
    elif is_partial(top.name) and stat.S_ISREG(found.st_mode):
        yield PathProblem(top, PathReason.PARTIAL)
    elif not stat.S_ISDIR(found.st_mode):
        yield _file(top, "", found)
    else:
        yield from _FolderWalk(top).run(found)


async def in_batches(items: Iterator[T], size: int) -> AsyncIterator[list[T]]:
    """What a blocking iterator yields, `size` at a time, each batch made in a thread."""

    def next_batch() -> list[T]:
        return list(islice(items, size))

    while batch := await in_thread(next_batch):
        yield batch


class _FolderWalk:
    def __init__(self, top: Path) -> None:
        self._top = top
        self._real_top = top.resolve()
        self._levels: list[_Level] = []

    def run(self, found: os.stat_result) -> Iterator[Found | PathProblem]:
        yield from self._enter(self._top, "", found)
        while self._levels:
            level = self._levels[-1]
            entry = next(level.entries, None)
            if entry is not None:
                yield from self._take(level, entry)
                continue
            self._levels.pop()
            if level.is_empty:
                yield Found(level.path, level.name, is_folder=True)

    def _take(self, level: _Level, entry: os.DirEntry[str]) -> Iterator[Found | PathProblem]:
        path = level.path / entry.name
        name = f"{level.name}/{entry.name}" if level.name else entry.name
        found = _looked_at(path)
        if not isinstance(found, PathProblem) and entry.is_symlink():
            reason = self._against(path, found)
            found = found if reason is None else PathProblem(path, reason)
        if isinstance(found, PathProblem):
            yield found
        elif is_partial(entry.name) and stat.S_ISREG(found.st_mode):
            return
        elif stat.S_ISDIR(found.st_mode):
            level.is_empty = False
            yield from self._enter(path, name, found)
        else:
            outcome = _file(path, name, found)
            level.is_empty &= isinstance(outcome, PathProblem)
            yield outcome

    def _against(self, link: Path, found: os.stat_result) -> PathReason | None:
        """Why a link is not followed to what was found there, None when it is."""
        if self._is_above(found):
            return PathReason.LOOP
        if not link.resolve().is_relative_to(self._real_top):
            return PathReason.OUTSIDE
        return PathReason.TWIN if stat.S_ISDIR(found.st_mode) else None

    def _is_above(self, found: os.stat_result) -> bool:
        return any(level.id == _id(found) for level in self._levels)

    def _enter(self, path: Path, name: str, found: os.stat_result) -> Iterator[PathProblem]:
        """Go down into a folder, or say why not."""
        if self._is_above(found):
            yield PathProblem(path, PathReason.LOOP)
            return
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield PathProblem(path, PathReason.UNREADABLE, error.strerror or "")
            return
        self._levels.append(_Level(path, name, _id(found), iter(entries)))


def _id(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _looked_at(path: Path) -> os.stat_result | PathProblem:
    try:
        return path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            return PathProblem(path, PathReason.BROKEN_LINK)
        return PathProblem(path, PathReason.UNREADABLE, os.strerror(errno.ENOENT))
    except OSError as error:
        is_loop = error.errno == errno.ELOOP
        reason = PathReason.LOOP if is_loop else PathReason.UNREADABLE
        return PathProblem(path, reason, error.strerror or "")


def _file(path: Path, name: str, found: os.stat_result) -> Found | PathProblem:
    if not stat.S_ISREG(found.st_mode):
        return PathProblem(path, PathReason.SPECIAL)
    if not os.access(path, os.R_OK):
        return PathProblem(path, PathReason.UNREADABLE, os.strerror(errno.EACCES))
    return Found(path, name, found.st_size)
