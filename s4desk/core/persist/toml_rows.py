"""A TOML file that is a list of tables, each of which stands for one thing."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.persist.toml_file import Document, TomlFile
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

log = logging.getLogger(__name__)


class TomlRows:
    """Each change is made to what the file holds now: another process may write it too. Fields of a
    row that are not among `known` stay as they are."""

    def __init__(self, path: Path, table: str, known: Collection[str]) -> None:
        self._file = TomlFile(path)
        self._table = table
        self._known = frozenset(known)
        self._changing = asyncio.Lock()

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._file.notice

    async def all(self) -> list[Any]:
        """Whatever stands in the list; nothing while the file cannot be read."""
        async with self._changing:
            try:
                document = await in_thread(self._file.load)
            except OSError as error:
                log.warning("%s cannot be read: %s", self._table, error)
                return []
        return self._rows(document)

    async def read(self) -> list[Any]:
        """As `all`, but raises LocalFileError for a file that cannot be read, and ValueError for a
        damaged one, which is left as it is."""
        async with self._changing:
            try:
                return self._rows(await in_thread(self._file.read))
            except OSError as error:
                raise LocalFileError(self._file.path, error) from error

    async def put(self, is_it: Callable[[Any], bool], row: Document | None) -> None:
        """Put a row in place of the one that `is_it`, or take that away. Raises LocalFileError."""

        def change(document: Document) -> None:
            rows = self._rows(document)
            mine: Document = next(filter(is_it, rows), {})
            kept = {name: value for name, value in mine.items() if name not in self._known}
            others = [each for each in rows if not is_it(each)]
            document[self._table] = others if row is None else [*others, kept | row]

        async with self._changing:
            await in_thread(self._file.change, change)

    def _rows(self, document: Document) -> list[Any]:
        rows = document.get(self._table)
        return rows if isinstance(rows, list) else []
