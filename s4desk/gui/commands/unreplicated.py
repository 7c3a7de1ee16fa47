"""Counting what of some objects has no replica yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.table import Source
from s4desk.viewmodels.replication_backlog import Backlog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.replication.table import Known

MOST: Final = 20_000
"""So many are looked up at most: nobody waits for more."""
CHUNK: Final = 1000
_AWAITED: Final = (Status.PENDING, Status.FAILED)


class Unreplicated:
    """Asks the table of our own replication; what stores replicate themselves is not known here."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def of(
        self,
        connection: ConnectionId,
        bucket: str,
        keys: Sequence[str] = (),
        folders: Iterable[Prefix] = (),
    ) -> Backlog:
        """Of these keys and of all below these folders. A table that cannot be read says nothing:
        that forbids no deletion."""
        source = Source(connection, bucket)
        statuses: dict[str, Status] = {}
        try:
            places = list(folders)
            if any(not each.prefix for each in places):
                return await self._of_bucket(source)
            await self._look_up(source, keys[:MOST], statuses)
            is_whole = len(keys) <= MOST
            for each in places:
                is_whole = await self._look_below(source, each.prefix, statuses) and is_whole
        except S4DeskError:
            return Backlog()
        found = list(statuses.values())
        return Backlog(found.count(Status.PENDING), found.count(Status.FAILED), is_whole)

    async def _of_bucket(self, source: Source) -> Backlog:
        counts = await self._desk.replication.statuses.counts(source)
        pending, failed = (
            sum(count for (_, status), count in counts.items() if status is each)
            for each in _AWAITED
        )
        return Backlog(pending, failed)

    async def _look_up(
        self, source: Source, keys: Sequence[str], statuses: dict[str, Status]
    ) -> None:
        for first in range(0, len(keys), CHUNK):
            asked = list(dict.fromkeys(keys[first : first + CHUNK]))
            _take(await self._desk.replication.statuses.of_keys(source, asked), statuses)

    async def _look_below(self, source: Source, prefix: str, statuses: dict[str, Status]) -> bool:
        """Whether all of it was looked at."""
        first, left = prefix, MOST
        while left > 0:
            count = min(CHUNK, left)
            found = await self._desk.replication.statuses.between(source, first, None, count)
            below = [each for each in found if each.task.write.key.startswith(prefix)]
            _take(below, statuses)
            if len(below) < count:
                return True
            first = f"{below[-1].task.write.key}\0"
            left -= count
        return False


def _take(found: Iterable[Known], statuses: dict[str, Status]) -> None:
    """Of several versions of a key the worst counts."""
    for each in found:
        key, status = each.task.write.key, each.entry.status
        if status in _AWAITED and statuses.get(key) is not Status.FAILED:
            statuses[key] = status
