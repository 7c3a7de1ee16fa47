"""Which buckets s4desk shall apply rules to by itself, and how that went last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId

DAILY: Final = timedelta(days=1)
LEAST: Final = timedelta(hours=1)
"""How often it may be; what failed is tried again after as much."""
Key = tuple["ConnectionId", str]


class Trouble(StrEnum):
    """Why nothing was done, or not all. FAILED: `detail` of the entry says how."""

    NONE = ""
    NO_RULES = "no_rules"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    NOT_LISTED = "not_listed"
    MOVED = "moved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One bucket. `rules` None are those that the store has of it; else a configuration that is
    kept here, for stores that keep none. `endpoint` is where the connection led when it was
    switched on, or told otherwise: that was at `since`. `last` is when the last run began, and
    `report` is the name of what it wrote.
    """

    connection: ConnectionId
    bucket: str
    is_on: bool = False
    every: timedelta = DAILY
    rules: Mapping[str, Any] | None = None
    endpoint: str = ""
    last: datetime | None = None
    report: str = ""
    trouble: Trouble = Trouble.NONE
    detail: str = ""
    since: datetime | None = None

    @property
    def key(self) -> Key:
        return self.connection, self.bucket

    @property
    def due(self) -> datetime | None:
        """When it runs next; None for at once. The first run is a whole interval away: whoever
        switched it on has time to see what it will do."""
        every = max(LEAST, self.every)
        pause = LEAST if self.trouble is Trouble.FAILED else every
        moments = []
        if self.last is not None:
            moments.append(self.last + pause)
        if self.since is not None:
            moments.append(self.since + every)
        return max(moments, default=None)

    def is_due(self, now: datetime) -> bool:
        return self.is_on and (self.due is None or self.due <= now)


class Shelf(Protocol):
    """Where entries are kept."""

    async def all(self) -> list[Entry]: ...

    async def put(self, entry: Entry) -> None:
        """In the place of the one of the same bucket. Raises LocalFileError."""

    async def remove(self, key: Key) -> None:
        """Raises LocalFileError."""
