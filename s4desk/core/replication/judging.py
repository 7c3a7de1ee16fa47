"""What stands where a replica is to go: ours, or what somebody else has written there.

Where another rule leads back, both ends are written to by people, and the newer write wins: what
is older is replaced, and what is newer stays and comes back by the other rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.replication.stamp import is_stores_own, stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.past import Standing, can_return, standing
from s4desk.core.replication.table import Seen, Source

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.identity import Address
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.replication.buckets import BucketShelf
    from s4desk.core.replication.facing import Facing
    from s4desk.core.replication.table import Known, Table
    from s4desk.core.store.protocol import ObjectStore

TIE_S: Final = 2.0
"""HTTP tells whole seconds, of the write and of now: two ages may be wrong by so much."""


class Verdict(StrEnum):
    """OLDER: it may be replaced. NEWER: it stays. TIED: nobody knows which of two is newer.
    BYGONE: it stays, and had replaced already what is to go there, which came to light again."""

    OLDER = "older"
    NEWER = "newer"
    TIED = "tied"
    BYGONE = "bygone"


@dataclass(frozen=True, slots=True)
class Looked:
    """An object as it was found at a moment of ours, in UTC."""

    meta: ObjectMeta
    at: datetime

    @property
    def written_at(self) -> datetime | None:
        """By our clock, whatever that of the store says: what counts is how long ago it was written
        when the store answered."""
        if self.meta.modified is None:
            return None
        return self.at - (_told(self.meta) or self.at) + self.meta.modified


def newer_of(here: Looked, there: Looked) -> Verdict:
    """Which of two writes is the newer one, by the clocks."""
    one, other = here.written_at, there.written_at
    if one is None or other is None:
        return Verdict.TIED
    ahead = (one - other).total_seconds()
    if abs(ahead) <= TIE_S:
        return Verdict.TIED
    return Verdict.OLDER if ahead > 0 else Verdict.NEWER


class Judge:
    """Goes by stamps, by what the table knows of the replicas we made, and by the clocks."""

    def __init__(self, table: Table, facing: Facing, buckets: BucketShelf) -> None:
        self._table = table
        self._facing = facing
        self._buckets = buckets

    async def is_replica(self, meta: ObjectMeta, place: Address) -> bool:
        """Whether an object is a replica, and has the bytes that were stamped: a program that keeps
        metadata keeps the stamp with bytes of its own."""
        if is_stores_own(meta):
            return True
        stamp = stamp_of(meta)
        if stamp is None or stamp.etag == meta.etag:
            return stamp is not None
        if stamp.size not in (None, meta.size):
            return False
        for source, key in self._facing.leading_to(place):
            etag = await self._table.replica_etag(source, key, stamp.generation)
            if etag:
                return etag == meta.etag
        # Other ETags of equal bytes are nothing unusual, and a replica taken for a write would go
        # round for ever.
        return True

    async def verdict(
        self, here: Looked, there: Looked, place: Address, origin: Address, store: ObjectStore
    ) -> Verdict:
        """Whether what somebody has written at `place` is older than what is to go there, which is
        at `origin` in a `store`. Raises StoreError."""
        by_clocks = newer_of(here, there)
        etags = await self._replicas_here(there.meta, place, origin)
        if not etags:
            return by_clocks
        source = Source(origin.connection, origin.location.bucket)
        if not await can_return(self._buckets, source, here.meta):
            # It was written over the replica, whatever the clocks say.
            return Verdict.OLDER
        match await standing(store, here.meta, lambda row: row.seen.etag in etags):
            case Standing.BELOW:
                return Verdict.OLDER
            case Standing.ABOVE:
                return Verdict.NEWER
            case Standing.ABSENT:
                return Verdict.BYGONE if by_clocks is Verdict.NEWER else by_clocks

    async def waiting_at(self, place: Address) -> list[tuple[Source, Known]]:
        """What is not replicated of a place by the rules of its own bucket, and was replaced."""
        found: list[tuple[Source, Known]] = []
        for source in self._facing.sources_at(place):
            for each in await self._table.of_keys(source, [place.location.key]):
                if each.entry.status in (Status.PENDING, Status.FAILED):
                    found.append((source, each))
        return found

    async def _replicas_here(self, there: ObjectMeta, place: Address, origin: Address) -> set[str]:
        """The ETags that the replica of what is at `place` may have at `origin`, if it has been
        replicated to there; none if it was not."""
        seen = Seen(there.etag, there.size, there.modified)
        key = place.location.key
        etags: set[str] = set()
        for its in self._facing.sources_at(place):
            rules = {each.id: each for each in self._facing.rules_of(its)}
            for known in await self._table.of_keys(its, [key]):
                rule = rules.get(known.task.write.rule)
                has_arrived = known.entry.status is Status.COMPLETED and not known.entry.error
                is_same = has_arrived and known.task.write.seen.is_as(seen)
                if is_same and rule is not None and self._facing.leads_to(rule, key, origin):
                    made = await self._table.replica_etag(its, key, known.task.generation)
                    etags |= {there.etag, made or there.etag}
        return etags


def _told(meta: ObjectMeta) -> datetime | None:
    """What the clock of the store said when it answered."""
    try:
        found = parsedate_to_datetime(meta.headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
