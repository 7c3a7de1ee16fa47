"""A small TOML file that survives crashes, older programs, newer programs and editors."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import tempfile
import tomllib
from typing import TYPE_CHECKING, Any, BinaryIO

import tomli_w

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.persist.claim import changing
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

Document = dict[str, Any]


class TomlFile:
    """One TOML document with a `version`; its migrations lead from 1 to the present one.

    `migrations[n]` turns a document of version n + 1 into version n + 2. A file of a newer program
    is read as it is and keeps its version. `notice` is a sentence for the user, empty when all is
    well: a file that cannot be read is moved aside, never overwritten.
    """

    def __init__(
        self, path: Path, migrations: Sequence[Callable[[Document], Document]] = ()
    ) -> None:
        self.path = path
        self.notice = ""
        self._migrations = migrations

    @property
    def version(self) -> int:
        return len(self._migrations) + 1

    def load(self) -> Document:
        """The document, migrated; a fresh one when there is none."""
        try:
            return self.read()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self._move_aside(error)
            return {"version": self.version}

    def read(self) -> Document:
        """As `load`, but leaves a damaged file alone: an editor may be amid writing it.

        Raises ValueError for that.
        """
        try:
            document = tomllib.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {"version": self.version}
        found = document.get("version")
        if not isinstance(found, int) or found < 1:
            found = 1
        for migrate in self._migrations[found - 1 :]:
            document = migrate(document)
        return {**document, "version": max(found, self.version)}

    def save(self, document: Document) -> None:
        """Replace the file in one step: a reader sees the old document or the new one."""
        write_atomically(self.path, tomli_w.dumps(document).encode("utf-8"))

    def change(self, change: Callable[[Document], None]) -> Document:
        """Apply `change` to what the file holds now, with no other process in between.

        An error of `change` leaves the file as it is. Raises LocalFileError.
        """
        try:
            with changing(self.path):
                document = self.load()
                change(document)
                self.save(document)
        except OSError as error:
            raise LocalFileError(self.path, error) from error
        return document

    def _move_aside(self, error: Exception) -> None:
        aside = free_name(self.path)
        self.path.rename(aside)
        log.warning("moved %s to %s: %s", self.path, aside.name, error)
        self.notice = tr(
            "{file} was damaged and could not be read. It was kept as {aside}; s4desk starts with"
            " a fresh one."
        ).format(file=self.path.name, aside=aside)


def free_name(path: Path) -> Path:
    """Where a damaged file is kept: beside its place, under a name that nobody has."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return aside


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; a crash leaves the old one or the new one."""
    with whole_file(path) as file:
        file.write(content)


def try_place(path: Path) -> None:
    """Find out whether `whole_file` would find a place there. Raises OSError."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with tempfile.NamedTemporaryFile(prefix=f".{path.name}-", dir=path.parent):
        pass


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """The same of what is written bit by bit: it is there when the block has ended without an
    error. Raises OSError."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
