"""Which buckets s4desk applies rules to by itself, and how that went: `lifecycle.toml`."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.lifecycle.schedule_entries import Entry, Trouble
from s4desk.core.persist.toml_rows import TomlRows

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.lifecycle.schedule_entries import Key
    from s4desk.core.persist.toml_file import Document

log = logging.getLogger(__name__)

SCHEDULES: Final = "lifecycle.toml"
_TABLE: Final = "buckets"
_KNOWN: Final = frozenset(
    {
        *("connection", "bucket", "on", "every_s", "rules", "endpoint"),
        *("last", "report", "trouble", "detail", "since"),
    }
)


class ScheduleFile:
    """What cannot be read is left out, and so it is off."""

    def __init__(self, path: Path) -> None:
        self._rows = TomlRows(path, _TABLE, _KNOWN)

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._rows.notice

    async def all(self) -> list[Entry]:
        return [each for row in await self._rows.all() if (each := _entry(row)) is not None]

    async def put(self, entry: Entry) -> None:
        """Raises LocalFileError."""
        await self._rows.put(lambda row: _key(row) == entry.key, _row(entry))

    async def remove(self, key: Key) -> None:
        """Raises LocalFileError."""
        await self._rows.put(lambda row: _key(row) == key, None)


def _key(row: Any) -> Key | None:
    if not isinstance(row, dict):
        return None
    return ConnectionId(str(row.get("connection", ""))), str(row.get("bucket", ""))


def _row(entry: Entry) -> Document:
    row: Document = {
        "connection": str(entry.connection),
        "bucket": entry.bucket,
        "on": entry.is_on,
        "every_s": int(entry.every.total_seconds()),
        "endpoint": entry.endpoint,
        "report": entry.report,
        "trouble": entry.trouble.value,
        "detail": entry.detail.encode("utf-8", "replace").decode(),
    }
    if entry.rules is not None:
        row["rules"] = json.dumps(entry.rules)
    moments = {"last": entry.last, "since": entry.since}
    return row | {name: moment for name, moment in moments.items() if moment is not None}


def _entry(row: Any) -> Entry | None:
    try:
        text = row.get("rules")
        return Entry(
            ConnectionId(row["connection"]),
            row["bucket"],
            row["on"] is True,
            timedelta(seconds=row["every_s"]),
            None if text is None else dict(json.loads(text)),
            str(row.get("endpoint", "")),
            _moment(row.get("last")),
            str(row.get("report", "")),
            Trouble(row.get("trouble", "")),
            str(row.get("detail", "")),
            _moment(row.get("since")),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        log.warning("a schedule cannot be read: %s", error)
        return None


def _moment(value: Any) -> datetime | None:
    """Raises TypeError."""
    if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
        raise TypeError(f"no moment: {value!r}")
    return value
