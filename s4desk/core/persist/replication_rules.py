"""Which buckets s4desk replicates, and by which rules: `replication.toml`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.reading import rules_of, value_of
from s4desk.core.persist.toml_rows import TomlRows
from s4desk.core.replication.rule_book import EVERY, Ruled
from s4desk.core.replication.table import Source

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.persist.toml_file import Document

REPLICATION_RULES: Final = "replication.toml"
_TABLE: Final = "buckets"
_KNOWN: Final = frozenset({"connection", "bucket", "every_s", "rules"})


class ReplicationRuleFile:
    """Connections stand in it by their ids. Where anything cannot be read, nothing is taken for
    what it says: rules that seem to be gone would be forgotten with all that is known by them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = TomlRows(path, _TABLE, _KNOWN)

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._rows.notice

    async def all(self) -> list[Ruled]:
        """What is kept now. Raises LocalFileError, and ValidationError for a damaged file."""
        try:
            return [_ruled(row) for row in await self._rows.read()]
        except (ValueError, ValidationError) as error:
            raise ValidationError(f"{self._path}: {error}") from error

    async def put(self, ruled: Ruled) -> None:
        """Replace the rules of a bucket; without any it is forgotten. Raises LocalFileError."""
        row = _row(ruled) if ruled.rules else None
        await self._rows.put(lambda each: _source(each) == ruled.source, row)

    async def stamp(self) -> object:
        """Something that is another when the file may be."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


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


def _ruled(row: Any) -> Ruled:
    """Raises ValidationError."""
    try:
        rules = rules_of(json.loads(row["rules"]), ConnectionId)
        every = timedelta(seconds=row.get("every_s", EVERY.total_seconds()))
        source = Source(ConnectionId(row["connection"]), row["bucket"])
        return Ruled(source, rules, max(every, timedelta(seconds=1)))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValidationError(f"{type(error).__name__} {error}") from error
