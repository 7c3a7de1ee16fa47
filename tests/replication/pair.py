"""Two buckets with rules that face each other, and one engine for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.rules import Destination, Matcher, Rule
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.table import Source
from s4desk.core.replication.watcher import Watcher
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.wrapper import StoreWrapper
from tests.replication.site import AWAY, COPIES, HOME, MAIN, TO_COPIES, Site

if TYPE_CHECKING:
    from s4desk.core.domain.replication.status import Status
    from s4desk.core.replication.table import Known
    from s4desk.core.store.protocol import Store

THERE = Source(AWAY, COPIES)
BACK = Rule("back", Destination(HOME, MAIN.bucket))
LATER_S = 10.0


class Counting(StoreWrapper):
    """Counts what is written by the engine; people write to the store behind it."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self.written = 0

    async def _around(self, request, call, moved=None):
        self.written += request.operation in ("put", "complete_multipart", "copy", "delete")
        return await super()._around(request, call, moved)


class Pair(Site):
    """Each edit is so much later than the one before that clocks tell them apart."""

    def __init__(self, back: Rule = BACK) -> None:
        self.back = back
        super().__init__(TO_COPIES)
        self.counts = {MAIN: Counting(self.home), THERE: Counting(self.away)}
        self.stores = {HOME: self.counts[MAIN], AWAY: self.counts[THERE]}

    there = THERE

    def ruled(self) -> list[Ruled]:
        return [Ruled(MAIN, tuple(self.rules)), Ruled(self.there, (self.back,))]

    def matcher(self, source: Source) -> Matcher:
        return Matcher([self.back] if source == self.there else self.rules)

    @property
    def written(self) -> int:
        return sum(each.written for each in self.counts.values())

    async def edit(self, source: Source, data: bytes, key: str = "a", **more) -> None:
        """A person writes."""
        self.clock.advance(LATER_S)
        store = self.home if source == MAIN else self.away
        await store.put(Location(source.bucket, key), data, **more)

    async def look_at(self, source: Source) -> None:
        await Watcher(self.table, self.around, self.engine.observe).look(source)
        await self.until_idle()

    async def come_to_rest(self) -> None:
        """Both are looked at until nothing is written any more; that must be soon."""
        for _ in range(3):
            for each in (MAIN, self.there):
                await self.look_at(each)
        before = self.written
        for _ in range(2):
            for each in (self.there, MAIN):
                await self.look_at(each)
        assert self.written == before, "it goes on and on"

    def both(self, key: str = "a") -> tuple[bytes | None, bytes | None]:
        found = [
            store.buckets[source.bucket].newest(key)
            for store, source in ((self.home, MAIN), (self.away, THERE))
        ]
        here, there = (None if each is None else each.data for each in found)
        return here, there

    async def known_at(self, source: Source, key: str = "a") -> Known | None:
        found = await self.table.of_keys(source, [key])
        return found[0] if found else None

    async def status_at(self, source: Source, key: str = "a") -> tuple[Status, str] | None:
        known = await self.known_at(source, key)
        return None if known is None else (known.entry.status, known.entry.error)


class PairInOneStore(Pair):
    """Both buckets are at one connection, whose store copies by itself."""

    there = Source(HOME, COPIES)

    def __init__(self) -> None:
        super().__init__()
        self.home = self.away = MemoryStore([MAIN.bucket, COPIES], clock=self.clock)
        self.counts = {MAIN: Counting(self.home)}
        self.stores = {HOME: self.counts[MAIN]}
        self.rules = [Rule("r", Destination(HOME, COPIES))]
