"""A database for one report, in a folder that is gone afterwards.

DuckDB is large and therefore an extra of its own: `s4desk[inventory]`.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import LocalFileError, NoRoomError, S4DeskError
from s4desk.core.lifecycle.inventory_manifest import InventoryError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

THREADS: Final = 4
MEMORY_PER_THREAD: Final = 320
"""MB. What is more goes to disk."""
BATCH: Final = 4096
"""Rows, two vectors of the database."""
AGAIN_S: Final = 0.05
"""Between two statements nothing is there to be interrupted."""
_TELLING: Final = {
    "enable_progress_bar": "true",
    "enable_progress_bar_print": "false",
    "progress_bar_time": "0",
}
"""So that it can be asked how far a statement is."""

Row = tuple[Any, ...]


class StoppedError(Exception):
    """Somebody has asked for an end. Nobody but who asked sees it."""


class FailedQueryError(S4DeskError):
    """The database refused: `cause` says why, in its own words."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause).partition("\n")[0])
        self.cause = cause


def has_database() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("duckdb") is not None


def missing_text() -> str:
    """What is to be done where it is not."""
    return tr("Inventory reports are read by DuckDB, which is missing: install s4desk[inventory].")


def _loaded() -> ModuleType:
    if not has_database():
        raise InventoryError(missing_text())
    # It takes a tenth of a second, and few have such a report.
    return importlib.import_module("duckdb")


def _roomy() -> Path | None:
    """Where files may be large: /tmp is often memory, /var/tmp never is. Who sets TMPDIR knows."""
    folder = Path("/var/tmp")
    is_there = "TMPDIR" not in os.environ and os.access(folder, os.W_OK | os.X_OK)
    return folder if is_there else None


class Database:
    """DuckDB on one thread at a time; `interrupt`, `progress` and `close` may be called from any.

    It asks no network for anything, and keeps what does not fit into memory in a folder of its own.
    Raises InventoryError where it is not installed.
    """

    def __init__(self, *, memory: str = "") -> None:
        self._duckdb = _loaded()
        self._folder = Path(tempfile.mkdtemp(prefix="s4desk-inventory-", dir=_roomy()))
        self._is_stopped = threading.Event()
        self._using = threading.Lock()
        self._is_closed = False
        self._answers = 0
        threads = min(THREADS, os.cpu_count() or 1)
        try:
            self._connection = self._duckdb.connect(
                str(self._folder / "rows.duckdb"),
                config={
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                    "threads": str(threads),
                    "memory_limit": memory or f"{threads * MEMORY_PER_THREAD}MB",
                    "temp_directory": str(self._folder / "spilled"),
                    "preserve_insertion_order": "false",
                },
            )
            self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
            for name, value in _TELLING.items():
                self._connection.execute(f"SET {name} = {value}")
        except self._duckdb.Error as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise FailedQueryError(error) from error

    @property
    def folder(self) -> Path:
        """Ends with the database."""
        return self._folder

    @property
    def is_stopped(self) -> bool:
        return self._is_stopped.is_set()

    def do(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Carry out a statement that has no rows."""
        self._run(sql, parameters)

    def all(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of a short answer."""
        return [row for batch in self.batches(sql, parameters) for row in batch]

    def batches(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[list[Row]]:
        """The rows of an answer of any length, as they are found; until something else is asked."""
        self._run(sql, parameters)
        mine = self._answers
        while batch := self._fetched(mine):
            yield batch

    def interrupt(self) -> None:
        """End what runs with StoppedError, and whatever comes until `go_on`; from any thread."""
        self._is_stopped.set()
        with contextlib.suppress(self._duckdb.ConnectionException):  # closed meanwhile
            self._connection.interrupt()

    def look(self) -> None:
        """Raise StoppedError if it was interrupted: for whoever works long on its answers."""
        if self._is_stopped.is_set() or self._is_closed:
            raise StoppedError

    def go_on(self) -> None:
        """Let it be asked again after an interruption."""
        self._is_stopped.clear()

    def progress(self) -> float:
        """How far the statement is that runs, from 0 to 1; 0 when nobody knows."""
        with contextlib.suppress(self._duckdb.ConnectionException):  # closed meanwhile
            return max(0.0, float(self._connection.query_progress()) / 100)
        return 0.0

    def close(self) -> None:
        """Of what still runs this is the end."""
        self.interrupt()
        while not self._using.acquire(timeout=AGAIN_S):
            self.interrupt()
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._is_closed = True
        self._using.release()

    def _run(self, sql: str, parameters: Sequence[object]) -> None:
        with self._used():
            self._answers += 1
            self._connection.execute(sql, list(parameters))

    def _fetched(self, answer: int) -> list[Row]:
        with self._used():
            if answer != self._answers:
                raise RuntimeError("something else was asked")
            batch: list[Row] = self._connection.fetchmany(BATCH)
        return batch

    @contextlib.contextmanager
    def _used(self) -> Iterator[None]:
        """Raises StoppedError when it was closed or interrupted, and what else may be told."""
        with self._using:
            self.look()
            try:
                yield
            except self._duckdb.Error as error:
                raise self._told(error) from error

    def _told(self, error: Exception) -> Exception:
        if isinstance(error, self._duckdb.InterruptException):
            return StoppedError()
        text = str(error)
        if "No space left" in text or "max_temp_directory_size" in text:
            free = shutil.disk_usage(self._folder).free
            return NoRoomError(self._folder, free, free)
        if isinstance(error, self._duckdb.IOException) and "Permission denied" in text:
            return LocalFileError(self._folder, PermissionError(text.partition("\n")[0]))
        return FailedQueryError(error)
