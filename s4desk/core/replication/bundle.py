"""Many small replicas at once: one thread reads them all, another one writes them.

As a parcel of the queue it knows only how all goes well: the first thing that is otherwise leaves
an object to its own carriage, which begins anew.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    NotFoundError,
    NotSupportedError,
    PreconditionFailedError,
    S4DeskError,
)
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.objects import NO_METADATA
from s4desk.core.domain.properties import is_all_told
from s4desk.core.domain.replication.places import replica_of
from s4desk.core.domain.replication.stamp import is_replica, stamp_for, stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.replica import replica_attributes, replica_spec
from s4desk.core.replication.table import Made, Record, Seen
from s4desk.core.store.protocol import Condition
from s4desk.core.transfer.carrying import TAG_COUNT, carried_attributes, lost
from s4desk.core.wire.body import WholeSink
from s4desk.core.wire.cancellation import CancelledJobError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.carriage import Around
    from s4desk.core.replication.table import Source, Task
    from s4desk.core.store.direct import DirectStore
    from s4desk.core.store.protocol import Store

LARGEST: Final = 256 * 1024
"""Of what goes in a bundle, in bytes: all of it is in memory at once."""
MOST: Final = 8
SURE: Final = 32
FEW: Final = 4
"""Fewer are not worth two threads."""


@dataclass(slots=True)
class Item:
    """One object. Without a `record` it is left to its carriage, `is_sent` if it may have been
    written. Where it `is_facing` others write to its place too."""

    task: Task
    record: Record | None = None
    is_sent: bool = False
    is_facing: bool = False
    source: ObjectMeta | None = None
    body: _Body = field(default_factory=lambda: _Body())
    tags: Mapping[str, str] = field(default_factory=lambda: NO_METADATA)
    place: Location | None = None
    attributes: Attributes | None = None


def is_plain(task: Task) -> bool:
    """Whether a bundle may take it."""
    write, seen = task.write, task.write.seen
    is_new = write.version is None and not (seen.is_marker or write.may_be_there)
    return is_new and 0 < seen.size <= LARGEST


class Trust:
    """Which buckets have kept the stamps of so many replicas that the next is not looked at, and
    which sources have told with an object how many tags it has: then no word means none."""

    def __init__(self) -> None:
        self._kept: Counter[str] = Counter()
        self._telling: set[Source] = set()

    def is_sure(self, bucket: str) -> bool:
        return self._kept[bucket] >= SURE

    def saw(self, bucket: str, *, is_kept: bool) -> None:
        self._kept[bucket] = self._kept[bucket] + 1 if is_kept else 0

    def may_have_tags(self, source: Source, meta: ObjectMeta) -> bool:
        """Whether a look at the tags of an object is worth a request."""
        if TAG_COUNT not in meta.headers:
            return source not in self._telling
        self._telling.add(source)
        return meta.headers[TAG_COUNT] != "0"


class Bundle:
    """Carries some small objects of one source. `is_current` says whether no newer write of one was
    seen, on any thread."""

    def __init__(
        self,
        tasks: Sequence[Task],
        around: Around,
        trust: Trust,
        is_current: Callable[[Task], bool],
    ) -> None:
        self.items = [Item(each) for each in tasks]
        self._trust = trust
        self._around = around
        self._is_current = is_current

    async def carry(self) -> None:
        """Carry those with which all goes well. Raises NotSupportedError where no threads are lent,
        StoreError when nobody answers."""
        source = self.items[0].task.source
        context = self._around.context
        await _lent(await context.store_of(source.connection), self._read)
        by_store: defaultdict[ConnectionId, list[Item]] = defaultdict(list)
        for each in self.items:
            if (rule := self._judged(each)) is not None:
                facts = await self._around.buckets.facts(rule.destination)
                self._address(each, rule, is_versioned=bool(facts.is_versioned))
                by_store[rule.destination.connection].append(each)
        for connection, items in by_store.items():
            await _lent(await context.store_of(connection), partial(self._write, items))

    def _judged(self, item: Item) -> Rule | None:
        """The rule by which it is carried here, if it is."""
        task, source = item.task, item.source
        if source is None or not item.body.is_proved or item.tags:
            return None
        seen = Seen(source.etag, source.size, source.modified)
        lock = source.attributes.lock
        if not task.write.seen.is_as(seen) or lock.mode is not None or lock.legal_hold:
            return None
        if is_replica(source):
            stamp = stamp_of(source)
            if stamp is None or stamp.etag == source.etag:
                item.record = Record(task, Status.REPLICA)
            return None
        rule = self._around.matcher_of(task.source).match(task.write.key, item.tags)
        if rule is None:
            item.record = Record(task, Status.NONE)
        is_wanted = rule is not None and self._around.wants_rule(rule.id)
        return rule if is_wanted and is_all_told(source.headers) else None

    def _address(self, item: Item, rule: Rule, *, is_versioned: bool) -> None:
        task, source = item.task, item.source
        if source is None:
            return
        item.place = replica_of(rule, task.write.key, is_versioned=is_versioned)
        spec = replica_spec(
            Address(task.source.connection, source.location),
            Address(rule.destination.connection, item.place),
            rule,
            source.size,
            None,
        )
        told = carried_attributes(spec, source, NO_METADATA, self._around.context.clock.now())
        stamp = stamp_for(source, None, task.generation)
        item.is_facing = self._around.facing.leads_back(task.source, rule, task.write.key)
        item.attributes = replica_attributes(told, source, stamp, item.place)

    # In a thread

    def _read(self, direct: DirectStore) -> None:
        for item in self.items:
            with suppress(S4DeskError, CancelledJobError):
                location = Location(item.task.source.bucket, item.task.write.key)
                meta = direct.get(location, item.body).meta
                if self._trust.may_have_tags(item.task.source, meta):
                    item.tags = direct.get_tags(location)
                item.source = meta

    def _write(self, items: Sequence[Item], direct: DirectStore) -> None:
        for item in items:
            if self._is_current(item.task):
                with suppress(S4DeskError, CancelledJobError):
                    self._put(item, direct)

    def _put(self, item: Item, direct: DirectStore) -> None:
        source, place, attributes = item.source, item.place, item.attributes
        if source is None or place is None or attributes is None:
            return
        if item.is_facing and _is_there(place, direct):
            return
        item.is_sent = True
        try:
            reply = direct.put(
                place,
                bytes(item.body.data),
                attributes=attributes,
                condition=Condition(if_absent=True, is_safeguard=True) if item.is_facing else None,
            )
        except PreconditionFailedError:
            item.is_sent = False
            raise
        # The store has checked the bytes; whether it keeps what goes with them is seen soon enough.
        is_same = source.etag == reply.etag and bool(reply.checked)
        if source.attributes.metadata or not self._trust.is_sure(place.bucket):
            there = direct.head(place)
            is_kept = there.etag == source.etag and not lost(attributes, there)
            self._trust.saw(place.bucket, is_kept=is_kept)
            is_same = is_same and is_kept
        if is_same:
            made = Made(reply.etag, item.task.generation)
            item.record = Record(item.task, Status.COMPLETED, 1, made=made)


def _is_there(place: Location, direct: DirectStore) -> bool:
    try:
        direct.head(place)
    except NotFoundError:
        return False
    return True


class _Body(WholeSink):
    """A small object in memory. `is_proved`: it is what its ETag says, which is its MD5."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_proved = False
        self._etag = ""

    def begin(self, meta: ObjectMeta) -> None:
        if meta.size > LARGEST:
            raise NotSupportedError("it has grown", operation="get")
        self.data = bytearray(meta.size)
        self.is_proved = False
        self._etag = meta.etag

    def write(self, view: memoryview, offset: int) -> None:
        self.data[offset : offset + len(view)] = view

    def end(self) -> None:
        digest = hashlib.md5(self.data, usedforsecurity=False).hexdigest()
        self.is_proved = digest == self._etag


async def _lent(store: Store, work: Callable[[DirectStore], None]) -> None:
    lend = getattr(store, "directly", None)
    if lend is None:
        raise NotSupportedError("no threads are lent here", operation="directly")
    await lend(work)


def bundled(
    tasks: Sequence[Task], may_go: Callable[[Task], bool]
) -> tuple[list[list[Task]], list[Task]]:
    """Those that go together, and those that go alone."""
    by_source: defaultdict[Source, list[Task]] = defaultdict(list)
    alone: list[Task] = []
    for each in tasks:
        (by_source[each.source] if is_plain(each) and may_go(each) else alone).append(each)
    bundles = []
    for some in by_source.values():
        for at in range(0, len(some), MOST):
            part = some[at : at + MOST]
            if len(part) < FEW:
                alone += part
            else:
                bundles.append(part)
    return bundles, alone
