"""Badges of replication: what is known of the rows on the screen, live while it happens."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.replication.stamp import STORES_OWN
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.service import Running
from s4desk.core.replication.table import Source
from s4desk.gui.commands.seen_heads import SeenHeads
from s4desk.gui.views.seen_rows import SeenRows
from s4desk.viewmodels.lock_shelf import key_of
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.replication_badge import badge_of, stores_badge, unknown_badge

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.events import ReplicationChanged
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.bridge.ticker import Ticker
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.replication_reading import OfBucket, ReplicationReading
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.viewmodels.lock_text import Badge

REPLICATION: Final = Column.REPLICATION
ELSEWHERE_S: Final = 2.0
MOST: Final = 20_000
MOST_BUCKETS: Final = 20


class ReplicationBadges:
    """One question to the table for all rows that are seen; of rows of which it knows nothing, the
    store is asked, if it replicates anything of the bucket by itself. In a failover group that is
    the first member, which alone has rules.

    However many statuses change, rows are read again once in a frame at most, and only if they are
    on the screen. `let_follow` is for whoever wants to know that more is known.
    """

    def __init__(
        self,
        desk: Desk,
        reading: ReplicationReading,
        tasks: GuiTasks,
        ticker: Ticker,
        clock: Clock,
        browsing: Browsing,
        pane: ObjectsPane,
    ) -> None:
        self._desk = desk
        self._reading = reading
        self._tasks = tasks
        self._ticker = ticker
        self._clock = clock
        self._browsing = browsing
        self._pane = pane
        self._follow: Callable[[], None] = _nothing
        self._heads = SeenHeads(desk, tasks, clock, pane.browsers.show_badges)
        self._metas: Sequence[ObjectMeta] = ()
        self._keys: frozenset[str] = frozenset()
        self._buckets: frozenset[str] = frozenset()
        self._found: dict[Source, OfBucket] = {}
        self._is_wanted = False
        self._looks_again_at: float | None = None
        self._reads: asyncio.Task[None] | None = None
        pane.browsers.let_badge(REPLICATION, self.badge)
        self._seen = [SeenRows(view) for view in pane.browsers.all]
        for seen in self._seen:
            seen.settled.connect(self.look)
        browsing.moved.connect(self._moved)
        ticker.add(self.frame)

    def let_follow(self, follow: Callable[[], None]) -> None:
        """Called when what is known of the rows was read again."""
        self._follow = follow

    def badge(self, meta: ObjectMeta) -> Badge | None:
        """What is shown of a row, of what was read already. Asked for while cells are painted."""
        connection = self._browsing.connection
        if connection is None:
            return None
        found = self._found.get(self._source(connection.id, meta.location.bucket))
        known = found.of(meta) if found is not None else None
        if found is not None and known is not None and known.entry.status is not Status.NONE:
            return badge_of(self._reading.told(found.ruled, known))
        head = self._heads.get(key_of(connection.id, meta))
        stores = stores_badge(head.headers.get(STORES_OWN, "")) if head is not None else None
        if stores is not None:
            return stores
        is_unknown = known is None and self._is_unknown(connection, found, meta)
        return unknown_badge() if is_unknown else None

    def look(self, metas: Sequence[ObjectMeta]) -> None:
        """These objects are on the screen now, and no others."""
        self._metas = metas
        self._keys = frozenset(meta.location.key for meta in metas)
        self._buckets = frozenset(meta.location.bucket for meta in metas)
        self._read_soon()

    def changed(self, event: ReplicationChanged) -> None:
        """Statuses of a bucket are others; there may be very many such events."""
        connection = self._browsing.connection
        if connection is None or self._is_wanted:
            return
        changed = Source(event.connection, event.bucket)
        if not any(self._source(connection.id, each) == changed for each in self._buckets):
            return
        if not event.keys or not self._keys.isdisjoint(event.keys):
            self._is_wanted = True
            self._ticker.wake()

    def frame(self) -> bool:
        """Read again what has changed since the last frame; True while there is more to come."""
        again = self._looks_again_at
        if self._is_wanted or (again is not None and self._clock.monotonic() >= again):
            self._read_soon()
        return self._is_wanted or self._looks_again_at is not None

    def rules_changed(self) -> None:
        """Buckets may have other rules now."""
        self._read_soon()

    def refresh(self) -> None:
        """The person wants to see what is so now."""
        place = self._browsing.place
        if place is not None and place.prefix is not None:
            self._reading.forget(self._source(place.connection, place.prefix.bucket))
        self._heads.forget()
        self._read_soon()

    @property
    def is_busy(self) -> bool:
        """Whether something is read, or is going to be."""
        return self._is_wanted or self._reads is not None

    def close(self) -> None:
        """Begin nothing more."""
        self._ticker.remove(self.frame)
        self._heads.want([])
        for seen in self._seen:
            seen.settled.disconnect(self.look)

    def _read_soon(self) -> None:
        """At once, or as soon as what is being read has been."""
        self._is_wanted, self._looks_again_at = self._reads is not None, None
        if self._reads is None:
            self._reads = self._tasks.start(self._read())
            self._reads.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._reads = None
        if self._is_wanted and not task.cancelled():
            self._ticker.wake()

    async def _read(self) -> None:
        connection, metas = self._browsing.connection, self._metas
        if connection is None:
            return
        by_bucket: defaultdict[str, list[ObjectMeta]] = defaultdict(list)
        for meta in metas:
            by_bucket[meta.location.bucket].append(meta)
        wanted: list[ObjectMeta] = []
        is_any = False
        for bucket, seen in by_bucket.items():
            source = self._source(connection.id, bucket)
            keys = [meta.location.key for meta in seen]
            await self._read_bucket(source, keys, connection.id)
            is_any = is_any or self._is_shown(source)
            if self._reading.replicates(source):
                wanted += [meta for meta in seen if not self._is_known(source, meta)]
        if metas is self._metas:
            if is_any:
                self._pane.browsers.show_badged(REPLICATION, True)
            else:
                self._moved()
            self._heads.want([key_of(connection.id, meta) for meta in wanted])
        self._pane.browsers.show_badges()
        self._follow()
        if self._desk.replication.running is Running.ELSEWHERE and self._is_any_awaited():
            # Nobody tells what another process does.
            self._looks_again_at = self._clock.monotonic() + ELSEWHERE_S
            self._ticker.wake()

    async def _read_bucket(
        self, source: Source, keys: Sequence[str], connection: ConnectionId
    ) -> None:
        """Nobody is told of failures: the rows have no badges, and the window of replication says
        why. The store is asked through the `connection` that is looked into."""
        try:
            self._keep(source, await self._reading.of_bucket(source, sorted(set(keys))))
            if self._reading.replicates(source) is None:
                await self._reading.ask(source, connection)
        except S4DeskError:
            return

    def _is_any_awaited(self) -> bool:
        """Whether a row on the screen may say something else soon."""
        connection = self._browsing.connection
        if connection is None:
            return False
        for meta in self._metas:
            found = self._found.get(self._source(connection.id, meta.location.bucket))
            known = found.of(meta) if found is not None else None
            is_unknown = self._is_unknown(connection, found, meta)
            if known.entry.status is Status.PENDING if known is not None else is_unknown:
                return True
        return False

    def _is_unknown(self, connection: Connection, found: OfBucket | None, meta: ObjectMeta) -> bool:
        """Whether a rule may be about a row of which nothing is known. What another member than the
        first has listed is no work of any rule."""
        group = connection.group
        if group is not None and self._pane.status.members - {group.home.connection}:
            return False
        return found is not None and found.is_unknown(meta.location.key)

    def _source(self, connection: ConnectionId, bucket: str) -> Source:
        """Where the rules of a bucket are."""
        return Source(*self._desk.home_of(connection, bucket))

    def _keep(self, source: Source, found: OfBucket) -> None:
        """Beside what was read of other rows, which may come back on the screen."""
        former = self._found.get(source)
        if former is not None and former.ruled == found.ruled and len(former.known) < MOST:
            for key in former.known.keys() - found.known.keys():
                found.known[key] = former.known[key]
        self._found[source] = found
        while len(self._found) > MOST_BUCKETS:
            del self._found[next(iter(self._found))]

    def _is_known(self, source: Source, meta: ObjectMeta) -> bool:
        found = self._found.get(source)
        known = found.of(meta) if found is not None else None
        return known is not None and known.entry.status is not Status.NONE

    def _is_shown(self, source: Source) -> bool:
        found = self._found.get(source)
        is_ruled = found is not None and bool(found.ruled.rules)
        return is_ruled or bool(self._reading.replicates(source))

    def _moved(self) -> None:
        place = self._browsing.place
        is_shown = False
        if place is not None and place.prefix is not None:
            is_shown = self._is_shown(self._source(place.connection, place.prefix.bucket))
        self._pane.browsers.show_badged(REPLICATION, is_shown)


def _nothing() -> None:
    """Until somebody wants to know."""
