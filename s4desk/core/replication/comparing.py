"""What a destination lacks, has otherwise, or has besides; nothing is changed by looking."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import NO_METADATA
from s4desk.core.domain.replication.stamp import is_replica, stamp_of
from s4desk.core.replication.found_writes import pages_in, rows_of
from s4desk.core.replication.table import Seen
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.key_space import byte_order
from s4desk.core.transfer.carrying import read_tags
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.verify import expected_sum

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from s4desk.core.domain.replication.rules import Matcher, Rule
    from s4desk.core.replication.found_writes import Found
    from s4desk.core.store.protocol import ObjectStore

    _Pair = tuple[str, Found | None, Found | None]

LOOKS_IN_FLIGHT: Final = 16
AT_ONCE: Final = 1000


class Kind(StrEnum):
    """UNPROVED: of one size, and nothing says whether the bytes are the same."""

    MISSING = "missing"
    DIFFERENT = "different"
    UNPROVED = "unproved"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of the source, as it was `seen` there, if it is. Sizes are in bytes, None on the side
    where nothing is."""

    kind: Kind
    key: str
    size: int | None
    size_there: int | None
    seen: Seen | None = None


class Comparison:
    """The newest objects of a source that one rule is about, and their replicas.

    `counts` has how many there are of each kind, `same` how many have the same bytes there:
    metadata, tags and locks are not compared. `replicas` are themselves replicas of something, and
    go nowhere.
    """

    def __init__(
        self, origin: ObjectStore, bucket: str, store: ObjectStore, rule: Rule, matcher: Matcher
    ) -> None:
        """`matcher` knows all rules of the bucket: another one may decide."""
        self.same = 0
        self.replicas = 0
        self.counts: Counter[Kind] = Counter()
        self._origin = origin
        self._bucket = bucket
        self._store = store
        self._rule = rule
        self._matcher = matcher

    async def differences(self) -> AsyncGenerator[list[Difference]]:
        """Piece by piece, in the order of keys. Raises StoreError, and MalformedReplyError when a
        store does not list in order."""
        waiting: list[_Pair] = []
        async for pair in self._pairs():
            waiting.append(pair)
            if len(waiting) == AT_ONCE:
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
            kind = await self._kind(key, here, there)
            if kind is not None:
                self.counts[kind] += 1
                seen = None if here is None else here.seen
                found[key] = Difference(kind, key, _size(here), _size(there), seen)

        await run_bounded((judge(*each) for each in pairs), LOOKS_IN_FLIGHT)
        return [found[key] for key, _, _ in pairs if key in found]

    async def _kind(self, key: str, here: Found | None, there: Found | None) -> Kind | None:
        """None for what is as it should be, or nothing of this rule's."""
        if here is None:
            return Kind.EXTRA
        if not await self._is_of_rule(key):
            return None
        seen = None if there is None else there.seen
        if seen is None and (seen := await self._unlisted(key)) is None:
            return await self._missing(key)
        kind = await self._other(key, here.seen, seen)
        self.same += kind is None
        return kind

    async def _missing(self, key: str) -> Kind | None:
        meta = await head_if_there(self._origin, Location(self._bucket, key))
        if meta is None:
            return None
        self.replicas += is_replica(meta)
        return None if is_replica(meta) else Kind.MISSING

    async def _unlisted(self, key: str) -> Seen | None:
        """What is there all the same: not every listing has everything, and it may be new."""
        meta = await head_if_there(self._store, self._replica(key))
        return None if meta is None else Seen(meta.etag, meta.size)

    async def _other(self, key: str, here: Seen, there: Seen) -> Kind | None:
        if here.size != there.size:
            return Kind.DIFFERENT
        if here.etag == there.etag:
            return None
        one = await head_if_there(self._origin, Location(self._bucket, key))
        other = await head_if_there(self._store, self._replica(key))
        if one is None or other is None:
            # Gone since it was listed.
            return None if one is None else Kind.MISSING
        first, second = expected_sum(one), expected_sum(other)
        if first is not None and second is not None and first.algorithm == second.algorithm:
            return None if first.value == second.value else Kind.DIFFERENT
        stamp = stamp_of(other)
        if stamp is None:
            return Kind.UNPROVED
        return None if stamp.etag == one.etag else Kind.DIFFERENT

    async def _is_of_rule(self, key: str) -> bool:
        tags = NO_METADATA
        if self._matcher.wants_tags(key):
            tags = await read_tags(self._origin, Location(self._bucket, key), None)
        decides = self._matcher.match(key, tags)
        return decides is not None and decides.id == self._rule.id

    def _replica(self, key: str) -> Location:
        to = self._rule.destination
        return Location(to.bucket, f"{to.prefix}{key}")


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


def _size(found: Found | None) -> int | None:
    return None if found is None else found.seen.size
