"""What is remembered of the replication of objects, as the engine sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s4desk.core.domain.identity import ConnectionId, Generation, VersionId
    from s4desk.core.domain.objects import Page
    from s4desk.core.domain.replication.status import Entry, Status

    IsOf = Callable[[str, str], bool]
    """Whether a rule, by its id, may be about a key."""

EVERY_ONE: Final = -1
LONG_AGO: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """A bucket that has rules."""

    connection: ConnectionId
    bucket: str


@dataclass(frozen=True, slots=True)
class Seen:
    """By what one write is told from the next of the same key. Content that is written again
    alike, with other metadata, is another write: `modified` tells, in UTC."""

    etag: str
    size: int = 0
    modified: datetime | None = None
    is_marker: bool = False

    def is_as(self, other: Seen) -> bool:
        """Whether both are one write. Listings tell milliseconds, and HEAD does not."""
        if (self.etag, self.size, self.is_marker) != (other.etag, other.size, other.is_marker):
            return False
        if self.modified is None or other.modified is None:
            return True
        return int(self.modified.timestamp()) == int(other.modified.timestamp())


@dataclass(frozen=True, slots=True)
class Write:
    """A write that was seen, and by which rule it is to be replicated. Without a `version` it is
    what the key has now. `may_be_there`: there is something at the destination, which may be its
    replica."""

    key: str
    seen: Seen
    rule: str
    version: VersionId | None = None
    may_be_there: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A write that was seen, at a moment in UTC, and has its generation: one thing to do."""

    source: Source
    write: Write
    generation: Generation
    seen_at: datetime = field(default=LONG_AGO, compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A task and what has become of it."""

    task: Task
    entry: Entry


@dataclass(frozen=True, slots=True)
class Made:
    """A replica by what tells it from another object under its key: its own ETag, and the
    generation it is stamped with."""

    etag: str
    generation: Generation


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be recorded of a task. `made` is the replica, if it is known. `lock_left`: the
    source is locked and its replica is not. `is_found`: nothing was written, because it was there
    already, or something newer."""

    task: Task
    status: Status
    attempts: int = 0
    error: str = ""
    made: Made | None = None
    lock_left: bool = False
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class Unlike:
    """What of a page of a listing is not as it is known: the rows that are `other`, by their
    numbers, the keys that are known and `gone`, and those that grow `old`."""

    other: Sequence[int] = ()
    gone: Sequence[str] = ()
    old: Sequence[str] = ()


class Table(Protocol):
    """Statuses by source, key and version. What is awaited is on the disk when it returns, and all
    of it may raise DatabaseError."""

    async def observe(self, source: Source, writes: Sequence[Write]) -> list[Task]:
        """Give each write the next generation, and keep it as PENDING in place of whatever the key
        had. Generations grow as the sequence goes, and are never used again."""

    async def record(self, records: Sequence[Record]) -> list[bool]:
        """The only door for statuses: each is recorded unless a newer write was seen.
        Which of them were."""

    async def forget(self, tasks: Sequence[Task]) -> None:
        """There is nothing to be replicated any more, unless a newer write was seen."""

    async def confirm(self, tasks: Sequence[Task]) -> None:
        """They are still as they were recorded: what is at its destination does not grow old."""

    async def waiting(self, after: Generation, count: int) -> list[Task]:
        """The oldest PENDING ones that are newer than a generation."""

    async def suspect(self, count: int) -> None:
        """The oldest PENDING ones may have been on their way when the former life ended: they will
        be doubtful, and what takes their place too."""

    async def doubtful(self, count: int) -> list[Task]:
        """COMPLETED ones that had an attempt, or took the place of a write, of which nobody knows
        the end: it may have arrived after them, and by now it has."""

    async def next_doubt(self) -> datetime | None:
        """When there will be a doubtful one."""

    async def settle(self, tasks: Sequence[Task]) -> None:
        """They are at their destination for good."""

    async def between(
        self, source: Source, first: str, last: str | None, count: int
    ) -> list[Known]:
        """What is known of the keys from `first` to `last`, both included, in the store's order of
        keys; at most `count`. With `last` None there is no end."""

    async def of_keys(self, source: Source, keys: Sequence[str]) -> list[Known]:
        """What is known of these keys, in their order."""

    async def is_changed(self) -> bool:
        """Whether another process has written since this was asked last."""

    async def unlike(
        self, source: Source, first: str, page: Page, is_of: IsOf, before: datetime
    ) -> Unlike | None:
        """What of a page, and of the keys from `first` to its end, is not as it is known. `is_of`
        says whether a rule may be about a key; what was recorded `before` is old. None for a page
        that is in no order."""

    async def retry(self, source: Source, rule: str = "", most: int = EVERY_ONE) -> int:
        """Let FAILED ones wait again, of all rules or of one, the oldest first; how many."""

    async def replica_etag(self, source: Source, key: str, generation: Generation) -> str:
        """The ETag of the replica of an object that was made with a generation; "" when that is not
        known."""

    async def postpone(self, tasks: Sequence[Task], until: datetime) -> None:
        """Nobody could say whether they are at their destination: look again then."""

    async def has_failed_before(self, task: Task) -> bool:
        """Whether an older version of the same key has failed."""

    async def adopt(self, source: Source, ways: Mapping[str, str]) -> int:
        """These are the rules of a bucket now, by their ids, and what each of them does. What is
        known by others, or by one that did something else, is forgotten; how many that were."""

    async def sweep(self, source: Source, before: datetime) -> Mapping[Status, int]:
        """Drop what ended well before a moment, never what waits or has failed; how many of each
        status."""

    async def counts(self, source: Source) -> Mapping[tuple[str, Status], int]:
        """How many there are by rule and status."""
