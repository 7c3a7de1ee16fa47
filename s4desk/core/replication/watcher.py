"""What others have written to a source: it is listed, and compared with what is known of it."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.found_writes import pages_in, rows_of, versions_in, writes_of
from s4desk.core.replication.presence import may_be_there
from s4desk.core.store.key_space import byte_order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.objects import Page
    from s4desk.core.domain.replication.rules import Matcher, Rule
    from s4desk.core.replication.carriage import Around
    from s4desk.core.replication.found_writes import Found
    from s4desk.core.replication.table import Known, Source, Table, Unlike, Write

    _Id = tuple[str, VersionId | None]

log = logging.getLogger(__name__)

LIFE: Final = timedelta(days=7)
"""After that what ended well and was not seen any more is forgotten."""
CHUNK: Final = 2000


@dataclass(slots=True)
class Looked:
    """What a look at a bucket has come to. `found` are writes that nobody had seen, `gone` objects
    that are not there any more."""

    listed: int = 0
    found: int = 0
    gone: int = 0


class Watcher:
    """Looks at buckets. What is as it was recorded is left alone; everything else was written by
    somebody, and is observed as any write is."""

    def __init__(
        self,
        table: Table,
        around: Around,
        observe: Callable[[Source, Sequence[Write]], Awaitable[object]],
    ) -> None:
        self._table = table
        self._around = around
        self._observe = observe
        self._clock = around.context.clock

    async def look(self, source: Source, told: Callable[[Looked], None] | None = None) -> Looked:
        """All of one bucket that rules are about; `told` hears how far it has come. Raises
        StoreError, DatabaseError."""
        matcher = self._around.matcher_of(source)
        store = await self._around.context.store_of(source.connection)
        keeps_versions = await self._keeps_versions(source, matcher)
        looked = Looked()
        for prefix in matcher.prefixes():
            below = Prefix(source.bucket, prefix)
            look = _Look(self, source, prefix, matcher, looked, keeps_versions=keeps_versions)
            if keeps_versions:
                async for rows in versions_in(store, below):
                    await look.at(rows)
                    _tell(told, looked)
            else:
                async for page in pages_in(store, below):
                    await look.at_page(page)
                    _tell(told, looked)
            await look.at_the_end()
        await self._table.sweep(source, self._clock.now() - LIFE)
        return looked

    async def look_below(self, source: Source, prefix: Prefix) -> int:
        """Only what is directly below a prefix, where somebody has just written; how much nobody
        had seen. What is gone is left to a look at all of it. Raises StoreError, DatabaseError."""
        matcher, found = self._around.matcher_of(source), 0
        store = await self._around.context.store_of(source.connection)
        keeps_versions = await self._keeps_versions(source, matcher)
        if keeps_versions:
            async for rows in versions_in(store, prefix, "/"):
                writes = _writes(rows, matcher, keeps_versions=True)
                found += await self.take_some(source, writes, matcher)
        else:
            async for page in pages_in(store, prefix, "/"):
                writes = _writes(list(rows_of(page)), matcher, keeps_versions=False)
                found += await self.take_some(source, writes, matcher)
        return found

    async def unlike(
        self, source: Source, first: str, page: Page, matcher: Matcher
    ) -> Unlike | None:
        """What of a page is not as it is known; see `Table.unlike`."""
        only = matcher.rules[0].id if len(matcher.rules) == 1 else ""

        def is_of(key: str, rule: str) -> bool:
            return rule == only or any(each.id == rule for each in matcher.candidates(key))

        return await self._table.unlike(source, first, page, is_of, self._clock.now() - LIFE / 2)

    async def take_some(self, source: Source, writes: Sequence[Write], matcher: Matcher) -> int:
        """Observe those that are not as they are known; how many."""
        known = await self._table.of_keys(source, sorted({each.key for each in writes}))
        by_id = {_id(each.task.write): each for each in known}
        return await self.take(source, writes, by_id, matcher)

    async def known_of(self, source: Source, keys: Sequence[str]) -> list[Known]:
        return await self._table.of_keys(source, keys) if keys else []

    async def confirm(self, known: Sequence[Known]) -> None:
        """They are there as they were."""
        if known:
            await self._table.confirm([each.task for each in known])

    async def known(
        self, source: Source, first: str, last: str | None
    ) -> AsyncIterator[list[Known]]:
        """What is known of a range of keys, in pieces; of one key never in two."""
        count = CHUNK
        while True:
            found = await self._table.between(source, first, last, count)
            is_end = len(found) < count
            key = None if is_end else found[-1].task.write.key
            held = [each for each in found if each.task.write.key != key]
            if held:
                yield held
            if is_end or key is None:
                return
            # A key of very many versions has to come whole.
            count = CHUNK if held else 2 * count
            first = key

    async def take(
        self, source: Source, writes: Sequence[Write], known: dict[_Id, Known], matcher: Matcher
    ) -> int:
        """Observe those that are not as they are known; how many."""
        new, changed, old = [], [], []
        for each in writes:
            former = known.get((each.key, each.version))
            if former is None:
                new.append(each)
            elif _is_other(each, former, matcher):
                changed.append(replace(each, may_be_there=_is_no_later(each, former)))
            elif self._grows_old(former):
                old.append(former)
        await self.confirm(old)
        if new or changed:
            marked = await self._marked(new, matcher)
            order = {(each.key, each.version): at for at, each in enumerate(writes)}
            found = sorted([*marked, *changed], key=lambda each: order[each.key, each.version])
            await self._observe(source, found)
        return len(new) + len(changed)

    async def forget(self, known: Sequence[Known]) -> int:
        """They are not there any more; how many. What waits finds out by itself."""
        gone = [each.task for each in known if each.entry.status is not Status.PENDING]
        if gone:
            await self._table.forget(gone)
        return len(gone)

    async def _keeps_versions(self, source: Source, matcher: Matcher) -> bool:
        """Whether older versions and delete markers are of interest."""
        facts = await self._around.buckets.facts(source)
        return facts.has_versions and any(
            each.versions is Kept.ALL or each.delete_markers for each in matcher.rules
        )

    def _grows_old(self, known: Known) -> bool:
        is_failed = known.entry.status in (Status.PENDING, Status.FAILED)
        return not is_failed and self._clock.now() - known.entry.recorded_at > LIFE / 2

    async def _marked(self, writes: Sequence[Write], matcher: Matcher) -> list[Write]:
        """With what is at their destinations already."""
        by_rule: defaultdict[str, list[str]] = defaultdict(list)
        for each in writes:
            by_rule[each.rule].append(each.key)
        there: dict[str, set[str]] = {}
        for rule in matcher.rules:
            if keys := by_rule.get(rule.id):
                there[rule.id] = await self._there(rule, keys)
        return [replace(each, may_be_there=each.key in there[each.rule]) for each in writes]

    async def _there(self, rule: Rule, keys: Sequence[str]) -> set[str]:
        """What was written is seen, whether its destination answers or not."""
        try:
            store = await self._around.context.store_of(rule.destination.connection)
            return await may_be_there(store, rule, keys)
        except S4DeskError as error:
            log.info("what “%s” has at its destination is not known: %s", rule.id, error)
            return set(keys)


class _Look:
    """One look below one prefix."""

    def __init__(
        self,
        watcher: Watcher,
        source: Source,
        prefix: str,
        matcher: Matcher,
        looked: Looked,
        *,
        keeps_versions: bool,
    ) -> None:
        self._watcher = watcher
        self._source = source
        self._matcher = matcher
        self._looked = looked
        self._keeps_versions = keeps_versions
        self._prefix = prefix
        self._next = prefix
        self._is_ordered = True

    async def at_page(self, page: Page) -> None:
        """A page of what is there now: only what is not as it is known costs anything."""
        watcher, source = self._watcher, self._source
        is_next = self._is_ordered and byte_order(page.keys[0]) >= byte_order(self._next)
        unlike = await watcher.unlike(source, self._next, page, self._matcher) if is_next else None
        if unlike is None:
            await self.at(list(rows_of(page)))
            return
        self._looked.listed += len(page)
        if unlike.other:
            rows = list(rows_of(page, unlike.other))
            writes = _writes(rows, self._matcher, keeps_versions=False)
            self._looked.found += await watcher.take_some(source, writes, self._matcher)
        await watcher.confirm(await watcher.known_of(source, unlike.old))
        gone = await watcher.known_of(source, unlike.gone)
        self._looked.gone += await watcher.forget(gone)
        self._next = f"{page.keys[-1]}\0"

    async def at(self, rows: Sequence[Found]) -> None:
        """A piece of the listing. In one that is in no order nothing counts as gone."""
        rows = sorted(rows, key=lambda each: byte_order(each.key))
        first, last = rows[0].key, rows[-1].key
        self._is_ordered = self._is_ordered and byte_order(first) >= byte_order(self._next)
        writes = _writes(rows, self._matcher, keeps_versions=self._keeps_versions)
        known: dict[_Id, Known] = {}
        start = self._next if self._is_ordered else first
        async for some in self._watcher.known(self._source, start, last):
            known.update({_id(each.task.write): each for each in some})
        self._looked.listed += len(rows)
        self._looked.found += await self._watcher.take(self._source, writes, known, self._matcher)
        if self._is_ordered:
            for each in writes:
                known.pop(_id(each), None)
            self._looked.gone += await self._watcher.forget(list(known.values()))
        self._next = f"{last}\0"

    async def at_the_end(self) -> None:
        """What is known behind the last key is gone."""
        if not self._is_ordered:
            return
        async for some in self._watcher.known(self._source, self._next, None):
            below = [each for each in some if each.task.write.key.startswith(self._prefix)]
            self._looked.gone += await self._watcher.forget(below)
            if len(below) < len(some):
                return


def _tell(told: Callable[[Looked], None] | None, looked: Looked) -> None:
    if told is not None:
        told(looked)


def _writes(rows: Sequence[Found], matcher: Matcher, *, keeps_versions: bool) -> list[Write]:
    by_key = groupby(rows, key=lambda each: each.key)
    return [
        write
        for _, of_key in by_key
        for write in writes_of(list(of_key), matcher, keeps_versions=keeps_versions)
    ]


def _id(write: Write) -> _Id:
    return write.key, write.version


def _is_no_later(write: Write, known: Known) -> bool:
    """Whether it may have been there before what is known, and come to light again."""
    now, former = write.seen.modified, known.task.write.seen.modified
    return now is None or former is None or int(now.timestamp()) <= int(former.timestamp())


def _is_other(write: Write, known: Known, matcher: Matcher) -> bool:
    """Whether it is another write than the one that is known, or another rule is about it now."""
    rules = {each.id for each in matcher.candidates(write.key)}
    return not write.seen.is_as(known.task.write.seen) or known.task.write.rule not in rules
