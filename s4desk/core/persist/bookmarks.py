"""The places that a person wants to find again: `bookmarks.toml`."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.persist.toml_file import Document, TomlFile
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

Bookmark = tuple[ConnectionId, Prefix | None]
"""A folder of a bucket at a connection, or with None the connection's list of buckets."""


class BookmarkFile:
    """Bookmarks in the order in which they were made; read when they are first asked for.

    Another process may write the file too: each change is made to what it holds now. A bookmark
    whose connection is gone is kept, for the connection may be imported again.
    """

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)
        self._changing = asyncio.Lock()
        self._bookmarks: list[Bookmark] | None = None

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._file.notice

    async def all(self) -> list[Bookmark]:
        async with self._changing:
            if self._bookmarks is None:
                self._bookmarks = _bookmarks_in(await in_thread(self._file.load))
        return list(self._bookmarks)

    async def add(self, bookmark: Bookmark) -> None:
        """Raises LocalFileError."""
        await self._change(bookmark, is_there=True)

    async def remove(self, bookmark: Bookmark) -> None:
        """Raises LocalFileError."""
        await self._change(bookmark, is_there=False)

    async def _change(self, bookmark: Bookmark, *, is_there: bool) -> None:
        line = _line(bookmark)

        def change(document: Document) -> None:
            lines = document.setdefault("bookmarks", [])
            document["bookmarks"] = [each for each in lines if each != line]
            if is_there:
                document["bookmarks"].append(line)

        async with self._changing:
            self._bookmarks = _bookmarks_in(await in_thread(self._file.change, change))


def _line(bookmark: Bookmark) -> str:
    """TOML has no way to write the odd bytes that a key may have; JSON in ASCII has."""
    connection, prefix = bookmark
    return json.dumps([connection, *([] if prefix is None else [prefix.bucket, prefix.prefix])])


def _bookmarks_in(document: Document) -> list[Bookmark]:
    found = []
    for line in document.get("bookmarks", []):
        try:
            connection, *place = json.loads(line)
            prefix = Prefix(*place) if place else None
        except (ValueError, TypeError) as error:
            log.warning("a bookmark cannot be read: %r", error)
        else:
            found.append((ConnectionId(connection), prefix))
    return found
