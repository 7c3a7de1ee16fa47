"""What a destination lacks, has otherwise, or has besides; nothing is changed by looking."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import MalformedReplyError, NotFoundError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import NO_METADATA
from s4desk.core.domain.replication.rules import Kept, Matcher
from s4desk.core.domain.replication.stamp import is_replica, stamp_of
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.differing import Differing
from s4desk.core.replication.found_writes import pages_in, rows_of
from s4desk.core.replication.table import Seen
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.key_space import byte_order
from s4desk.core.transfer.carrying import read_tags
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.verify import expected_sum

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.found_writes import Found
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import ObjectStore, StoreOf

    _Pair = tuple[str, Found | None, Found | None]
    _Heads = tuple[ObjectMeta, ObjectMeta]

LOOKS_IN_FLIGHT: Final = 16
AT_ONCE: Final = 1000
THOROUGH_IN_FLIGHT: Final = 8
THOROUGH_AT_ONCE: Final = 100
"""Each takes four requests: who waits sees sooner how far it is."""


class Kind(StrEnum):
    """UNPROVED: of one size, and nothing says whether the bytes are the same. ATTRIBUTES: the
    bytes are, and what belongs to them is not."""

    MISSING = "missing"
    DIFFERENT = "different"
    ATTRIBUTES = "attributes"
    UNPROVED = "unproved"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of the source, as it was `seen` there, if it is. Sizes are in bytes, None on the side
    where nothing is. `differs` names what belongs to the replica and is another one, as far as that
    was looked at."""

    kind: Kind
    key: str
    size: int | None
    size_there: int | None
    seen: Seen | None = None
    differs: tuple[str, ...] = ()


class Comparison:
    """The newest objects of a source that one rule is about, and their replicas.

    `counts` has how many there are of each kind, `same` how many have the same bytes there, and all
    that belongs to them if that is compared. `replicas` are themselves replicas of something, and
    go nowhere; `unread` have something that may not be read. `looked` have been looked at so far.
    """

    def __init__(
        self,
        origin: ObjectStore,
        bucket: str,
        store: ObjectStore,
        rule: Rule,
        matcher: Matcher,
        differing: Differing | None = None,
    ) -> None:
        """`matcher` knows all rules of the bucket: another one may decide. With `differing` each
        pair is looked at, for what no listing tells."""
        self.same = 0
        self.replicas = 0
        self.unread = 0
        self.looked = 0
        self.counts: Counter[Kind] = Counter()
        self._origin = origin
        self._bucket = bucket
        self._store = store
        self._rule = rule
        self._matcher = matcher
        self._differing = differing

    @property
    def is_thorough(self) -> bool:
        """Whether what belongs to the bytes is compared, too."""
        return self._differing is not None

    async def differences(self) -> AsyncGenerator[list[Difference]]:
        """Piece by piece, in the order of keys. Raises StoreError, and MalformedReplyError when a
        store does not list in order."""
        waiting: list[_Pair] = []
        at_once = AT_ONCE if self._differing is None else THOROUGH_AT_ONCE
        async for pair in self._pairs():
            waiting.append(pair)
            if len(waiting) == at_once:
                yield await self._judged(waiting)
                waiting = []
        if waiting:
            yield await self._judged(waiting)

    async def _pairs(self) -> AsyncGenerator[_Pair]:
        to, prefix = self._rule.destination, self._rule.filter.prefix
        below = Prefix(to.bucket, f"{to.prefix}{prefix}")
        async with (
            aclosing(_rows(self._origin, Prefix(self._bucket, prefix), 0)) as here,
            aclosing(_rows(self._store, below, len(to.prefix))) as there,
        ):
            mine, its = await anext(here, None), await anext(there, None)
            while mine is not None or its is not None:
                order = _order(mine, its)
                if mine is not None and order <= 0:
                    yield mine[0], mine[1], its[1] if its is not None and order == 0 else None
                    mine = await anext(here, None)
                elif its is not None:
                    yield its[0], None, its[1]
                if order >= 0:
                    its = await anext(there, None)

    async def _judged(self, pairs: list[_Pair]) -> list[Difference]:
        found: dict[str, Difference] = {}

        async def judge(key: str, here: Found | None, there: Found | None) -> None:
            difference = await self._difference(key, here, there)
            self.looked += 1
            if difference is not None:
                self.counts[difference.kind] += 1
                found[key] = difference

        in_flight = LOOKS_IN_FLIGHT if self._differing is None else THOROUGH_IN_FLIGHT
        await run_bounded((judge(*each) for each in pairs), in_flight)
        return [found[key] for key, _, _ in pairs if key in found]

    async def _difference(
        self, key: str, here: Found | None, there: Found | None
    ) -> Difference | None:
        """None for what is as it should be, or nothing of this rule's."""
        if here is None:
            return Difference(Kind.EXTRA, key, None, _size(there))
        if not await self._is_of_rule(key):
            return None
        seen = None if there is None else there.seen
        differs: tuple[str, ...] = ()
        if seen is None and (seen := await self._unlisted(key)) is None:
            kind = await self._missing(key)
        else:
            kind, differs = await self._other(key, here.seen, seen)
            self.same += kind is None
        if kind is None:
            return None
        return Difference(kind, key, here.seen.size, _size(there), here.seen, differs)

    async def _missing(self, key: str) -> Kind | None:
        meta = await self._head(self._origin, Location(self._bucket, key))
        if meta is None:
            return None
        self.replicas += is_replica(meta)
        return None if is_replica(meta) else Kind.MISSING

    async def _unlisted(self, key: str) -> Seen | None:
        """What is there all the same: not every listing has everything, and it may be new."""
        meta = await self._head(self._store, self._replica(key))
        return None if meta is None else Seen(meta.etag, meta.size)

    async def _other(
        self, key: str, here: Seen, there: Seen
    ) -> tuple[Kind | None, tuple[str, ...]]:
        """What of a replica is not as it should be, and which of its attributes."""
        if here.size != there.size:
            return Kind.DIFFERENT, ()
        is_same = here.etag == there.etag
        if is_same and self._differing is None:
            return None, ()
        heads = await self._heads(key)
        if not isinstance(heads, tuple):
            return heads, ()
        kind = None if is_same else _proved(*heads)
        if kind is Kind.DIFFERENT or not _are(heads, here, there):
            return kind, ()
        differs = await self._unlike(*heads)
        return kind or (Kind.ATTRIBUTES if differs else None), differs

    async def _heads(self, key: str) -> _Heads | Kind | None:
        """Both objects; or what is so if one is gone since it was listed."""
        one = await self._head(self._origin, Location(self._bucket, key))
        other = await self._head(self._store, self._replica(key))
        if one is None or other is None:
            return None if one is None else Kind.MISSING
        return one, other

    async def _head(self, store: ObjectStore, location: Location) -> ObjectMeta | None:
        await self._turn()
        return await head_if_there(store, location)

    async def _turn(self) -> None:
        """A thorough comparison keeps to a pace with all it asks."""
        if self._differing is not None:
            await self._differing.turn()

    async def _unlike(self, one: ObjectMeta, other: ObjectMeta) -> tuple[str, ...]:
        if self._differing is None:
            return ()
        try:
            unlike = await self._differing.unlike(one, other)
        except NotFoundError:
            return ()
        self.unread += bool(unlike.unread)
        return unlike.names

    async def _is_of_rule(self, key: str) -> bool:
        tags = NO_METADATA
        if self._matcher.wants_tags(key):
            await self._turn()
            tags = await read_tags(self._origin, Location(self._bucket, key), None)
        decides = self._matcher.match(key, tags)
        return decides is not None and decides.id == self._rule.id

    def _replica(self, key: str) -> Location:
        to = self._rule.destination
        return Location(to.bucket, f"{to.prefix}{key}")


async def comparison_by(
    rule: Rule,
    ruled: Ruled,
    store_of: StoreOf,
    clock: Clock,
    *,
    requests_s: float = 0,
) -> Comparison | None:
    """The comparison of a bucket with its replicas by one of its rules; None where each version has
    a key of its own. With `requests_s`, the most in a second, it is thorough. Raises StoreError."""
    source, to = ruled.source, rule.destination
    origin, store = await store_of(source.connection), await store_of(to.connection)
    buckets = BucketShelf(store_of, clock)
    there = await buckets.facts(to)
    if rule.versions is Kept.ALL and not there.is_versioned:
        return None
    differing = None
    if requests_s:
        facts = await buckets.facts(source), there
        differing = Differing(origin, store, rule, facts, clock, requests_s=requests_s)
    return Comparison(origin, source.bucket, store, rule, Matcher(ruled.rules), differing)


async def _rows(store: ObjectStore, prefix: Prefix, cut: int) -> AsyncGenerator[tuple[str, Found]]:
    """Keys without their first `cut` characters."""
    last = b""
    async for page in pages_in(store, prefix):
        for each in rows_of(page):
            here = byte_order(each.key)
            if here < last:
                raise MalformedReplyError("keys come in no order", operation="list_objects")
            last = here
            yield each.key[cut:], each


def _order(mine: tuple[str, Found] | None, its: tuple[str, Found] | None) -> int:
    """Which comes first: negative for mine, positive for its, 0 for both."""
    if mine is None or its is None:
        return 1 if mine is None else -1
    one, other = byte_order(mine[0]), byte_order(its[0])
    return (one > other) - (one < other)


def _proved(one: ObjectMeta, other: ObjectMeta) -> Kind | None:
    """Whether objects with other ETags have the same bytes all the same."""
    first, second = expected_sum(one), expected_sum(other)
    if first is not None and second is not None and first.algorithm == second.algorithm:
        return None if first.value == second.value else Kind.DIFFERENT
    stamp = stamp_of(other)
    if stamp is None:
        return Kind.UNPROVED
    return None if stamp.etag == one.etag else Kind.DIFFERENT


def _are(heads: _Heads, here: Seen, there: Seen) -> bool:
    """Whether they are still what was listed: else one of them was just written."""
    return (heads[0].etag, heads[1].etag) == (here.etag, there.etag)


def _size(found: Found | None) -> int | None:
    return None if found is None else found.seen.size
