"""Counting what of some objects has no replica yet, or none that is known of."""

from __future__ import annotations

from contextlib import aclosing
from itertools import islice
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.replication.rules import Matcher
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.found_writes import Found, pages_in, rows_of, writes_of
from s4desk.core.replication.table import Seen, Source
from s4desk.gui.commands.replication_reading import is_of, of_bucket
from s4desk.viewmodels.replication_backlog import Backlog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.objects import ObjectMeta, ObjectVersion
    from s4desk.core.replication.table import Known

MOST: Final = 20_000
"""So many are looked up at most: nobody waits for more."""
CHUNK: Final = 1000
_AWAITED: Final = (Status.PENDING, Status.FAILED)


class Unreplicated:
    """Asks the table of our own replication; what stores replicate themselves is not known here.
    Of a group it is that of its first member."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def of(
        self,
        connection: ConnectionId,
        bucket: str,
        rows: Iterable[Found] = (),
        folders: Iterable[Prefix] = (),
    ) -> Backlog:
        """Of these objects and of all below these folders. What cannot be read is not known: that
        forbids no deletion."""
        counting = _Counting(self._desk, connection, bucket)
        try:
            return await counting.of(list(islice(rows, MOST + 1)), list(folders))
        except S4DeskError:
            return Backlog(is_whole=False)


class _Counting:
    """Of several versions of a key the worst counts."""

    def __init__(self, desk: Desk, connection: ConnectionId, bucket: str) -> None:
        self._desk = desk
        self._asked = connection
        self._source = Source(*desk.home_of(connection, bucket))
        self._statuses: dict[str, Status] = {}
        self._unknown: set[str] = set()

    async def of(self, rows: Sequence[Found], folders: Sequence[Prefix]) -> Backlog:
        ruled = await self._desk.replication.ruled(self._source)
        matcher = Matcher(ruled.rules)
        for first in range(0, min(len(rows), MOST), CHUNK):
            await self._look_up(rows[first : min(first + CHUNK, MOST)], matcher)
        is_whole = len(rows) <= MOST
        for each in folders:
            is_whole = await self._look_below(each.prefix) and is_whole
            if any(_meets(each.prefix, ruled) for ruled in matcher.prefixes()):
                is_whole = await self._list(each, matcher) and is_whole
        found = list(self._statuses.values())
        pending, failed = (found.count(each) for each in _AWAITED)
        if any(not each.prefix for each in folders):
            pending, failed = await self._of_bucket(pending, failed)
        unknown = len(self._unknown - self._statuses.keys())
        return Backlog(pending, failed, unknown, is_whole)

    async def _of_bucket(self, pending: int, failed: int) -> tuple[int, int]:
        """All of it is counted, whatever was looked at; or what was, where it cannot be."""
        try:
            counts = await self._desk.replication.statuses.counts(self._source)
        except S4DeskError:
            return pending, failed
        return (
            sum(count for (_, status), count in counts.items() if status is Status.PENDING),
            sum(count for (_, status), count in counts.items() if status is Status.FAILED),
        )

    async def _look_up(self, rows: Sequence[Found], matcher: Matcher) -> None:
        keys = list(dict.fromkeys(each.key for each in rows))
        try:
            known = (await of_bucket(self._desk.replication, self._source, keys)).known
        except S4DeskError:
            known = {key: [] for key in keys}
        for found in known.values():
            self._take(found)
        for row in rows:
            is_ruled = writes_of([row], matcher, keeps_versions=row.version is not None)
            if is_ruled and not any(is_of(each, row) for each in known[row.key]):
                self._unknown.add(row.key)

    async def _look_below(self, prefix: str) -> bool:
        """Whether all that is known of was looked at, also of what is not there any more."""
        first, left = prefix, MOST
        while left > 0:
            count = min(CHUNK, left)
            try:
                found = await self._desk.replication.statuses.between(
                    self._source, first, None, count
                )
            except S4DeskError:
                return False
            below = [each for each in found if each.task.write.key.startswith(prefix)]
            self._take(below)
            if len(below) < count:
                return True
            first = f"{below[-1].task.write.key}\0"
            left -= count
        return False

    async def _list(self, folder: Prefix, matcher: Matcher) -> bool:
        """Whether all that is there was looked at."""
        left = MOST
        store = await self._desk.stores.get(self._asked)
        try:
            async with aclosing(pages_in(store, folder)) as pages:
                async for page in pages:
                    await self._look_up(list(islice(rows_of(page), left)), matcher)
                    left -= len(page)
                    if left < 0 or (not left and page.next_token is not None):
                        return False
        except S4DeskError:
            return False
        return True

    def _take(self, found: Iterable[Known]) -> None:
        for each in found:
            key, status = each.task.write.key, each.entry.status
            if status in _AWAITED and self._statuses.get(key) is not Status.FAILED:
                self._statuses[key] = status


def _meets(prefix: str, other: str) -> bool:
    return prefix.startswith(other) or other.startswith(prefix)


def found_object(meta: ObjectMeta) -> Found:
    """An object as a listing has shown it."""
    return Found(meta.location.key, Seen(meta.etag, meta.size, meta.modified), meta.version)


def found_version(version: ObjectVersion) -> Found:
    etag = "" if version.is_delete_marker else version.etag
    seen = Seen(etag, version.size, version.modified, version.is_delete_marker)
    return Found(version.location.key, seen, version.version, version.is_latest)
