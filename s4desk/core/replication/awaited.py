"""The objects of a bucket that have no replica yet by our rules: `lifecycle/awaited` asks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from s4desk.core.replication.table import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.replication.service import Replication


def awaited_in(replication: Replication, connection: ConnectionId, bucket: str) -> AwaitedReplicas:
    """Those of a bucket, whether anything of it is replicated or not."""
    return AwaitedReplicas(replication, Source(connection, bucket))


class AwaitedReplicas:
    """Asks the table, by the rules as they are: what a rule left there that is gone, or leads
    elsewhere, holds nothing back. One that is switched off does. All raise DatabaseError."""

    def __init__(self, replication: Replication, source: Source) -> None:
        self._replication = replication
        self._source = source

    async def is_any(self) -> bool:
        """Whether anything waits, or has failed: nobody has to ask key by key then."""
        ruled, statuses = await self._replication.ruled(self._source), self._replication.statuses
        if not ruled.rules:
            return False
        return bool(await statuses.oldest(self._source)) or bool(
            await statuses.failed(self._source, count=1)
        )

    async def of(self, keys: Sequence[str]) -> Mapping[str, set[str]]:
        """Their versions, "" for what a key has now."""
        ruled = await self._replication.ruled(self._source)
        found: defaultdict[str, set[str]] = defaultdict(set)
        if not ruled.rules:
            return found
        statuses, now = self._replication.statuses, self._replication.ways(ruled)
        former = await statuses.ways(self._source)
        kept = {id_ for id_, way in now.items() if former.get(id_, way) == way}
        for key, version, rule in await statuses.awaited(self._source, keys):
            if rule in kept:
                found[key].add(version)
        return found
