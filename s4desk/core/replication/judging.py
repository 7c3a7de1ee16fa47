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
from s4desk.core.replication.table import Seen

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.identity import Address
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.replication.facing import Facing
    from s4desk.core.replication.table import Known, Source, Table

TIE_S: Final = 2.0
"""HTTP tells whole seconds, of the write and of now: two ages may be wrong by so much."""


class Verdict(StrEnum):
    """OLDER: it may be replaced. NEWER: it stays. TIED: nobody knows which of two is newer."""

    OLDER = "older"
    NEWER = "newer"
    TIED = "tied"


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

    def __init__(self, table: Table, facing: Facing) -> None:
        self._table = table
        self._facing = facing

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
        self, here: Looked, there: Looked, place: Address, origin: Address
    ) -> Verdict:
        """Whether what somebody has written at `place` is older than what is to go there, which is
        at `origin`."""
        if await self._is_known_here(there.meta, place, origin):
            return Verdict.OLDER
        return newer_of(here, there)

    async def waiting_at(self, place: Address) -> list[tuple[Source, Known]]:
        """What is not replicated of a place by the rules of its own bucket, and was replaced."""
        found: list[tuple[Source, Known]] = []
        for source in self._facing.sources_at(place):
            for each in await self._table.of_keys(source, [place.location.key]):
                if each.entry.status in (Status.PENDING, Status.FAILED):
                    found.append((source, each))
        return found

    async def _is_known_here(self, there: ObjectMeta, place: Address, origin: Address) -> bool:
        """Whether it has been replicated to `origin`: what is there now was written over it, so it
        is the newer one, whatever the clocks say."""
        seen = Seen(there.etag, there.size, there.modified)
        for its in self._facing.sources_at(place):
            rules = {each.id: each for each in self._facing.rules_of(its)}
            for known in await self._table.of_keys(its, [place.location.key]):
                rule = rules.get(known.task.write.rule)
                has_arrived = known.entry.status is Status.COMPLETED and not known.entry.error
                is_same = has_arrived and known.task.write.seen.is_as(seen)
                if not is_same or rule is None:
                    continue
                if self._facing.leads_to(rule, place.location.key, origin):
                    return True
        return False


def _told(meta: ObjectMeta) -> datetime | None:
    """What the clock of the store said when it answered."""
    try:
        found = parsedate_to_datetime(meta.headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
