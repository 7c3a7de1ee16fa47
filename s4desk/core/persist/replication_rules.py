"""Which buckets s4desk replicates, and by which rules: `replication.toml`."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.reading import rules_of, value_of
from s4desk.core.persist.toml_file import Document, TomlFile
from s4desk.core.replication.rule_book import EVERY, Ruled
from s4desk.core.replication.table import Source
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

REPLICATION_RULES: Final = "replication.toml"
_TABLE: Final = "buckets"
_KNOWN: Final = frozenset({"connection", "bucket", "every_s", "rules"})


class ReplicationRuleFile:
    """Each change is made to what the file holds now: another process may write it too. Connections
    stand in it by their ids. What cannot be read is left out, and so nothing is replicated by it;
    it stays in the file as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = TomlFile(path)
        self._changing = asyncio.Lock()

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._file.notice

    async def all(self) -> list[Ruled]:
        """What is kept now."""
        async with self._changing:
            try:
                document = await in_thread(self._file.load)
            except OSError as error:
                log.warning("replication rules cannot be read: %s", error)
                return []
        return [each for row in _rows(document) if (each := _ruled(row)) is not None]

    async def put(self, ruled: Ruled) -> None:
        """Replace the rules of a bucket; without any it is forgotten. Raises LocalFileError."""

        def changed(rows: list[Any]) -> list[Any]:
            mine: Document = next((row for row in rows if _source(row) == ruled.source), {})
            kept = {name: value for name, value in mine.items() if name not in _KNOWN}
            others = [row for row in rows if _source(row) != ruled.source]
            return [*others, kept | _row(ruled)] if ruled.rules else others

        await self._change(changed)

    async def stamp(self) -> object:
        """Something that is another when the file may be."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    async def _change(self, changed: Callable[[list[Any]], list[Any]]) -> None:
        def change(document: Document) -> None:
            document[_TABLE] = changed(_rows(document))

        async with self._changing:
            await in_thread(self._file.change, change)


def _rows(document: Document) -> list[Any]:
    rows = document.get(_TABLE)
    return rows if isinstance(rows, list) else []


def _source(row: Any) -> Source | None:
    if not isinstance(row, dict):
        return None
    return Source(ConnectionId(str(row.get("connection", ""))), str(row.get("bucket", "")))


def _row(ruled: Ruled) -> Document:
    return {
        "connection": str(ruled.source.connection),
        "bucket": ruled.source.bucket,
        "every_s": int(ruled.every.total_seconds()),
        # As text: prefixes and tags may be anything, and TOML cannot say all of it.
        "rules": json.dumps(value_of(ruled.rules, str)),
    }


def _ruled(row: Any) -> Ruled | None:
    try:
        rules = rules_of(json.loads(row["rules"]), ConnectionId)
        every = timedelta(seconds=row.get("every_s", EVERY.total_seconds()))
        source = Source(ConnectionId(row["connection"]), row["bucket"])
        return Ruled(source, rules, max(every, timedelta(seconds=1)))
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError) as error:
        log.warning("rules of replication cannot be read: %s", error)
        return None
