"""Which rules lead to a place, and which lead back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Address
from s4desk.core.domain.replication.places import replica_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.replication.table import Source

    _Bucket = tuple[str, str]

MOST_HOPS: Final = 16
"""Rules that put a prefix before each key may go round for ever."""


class Facing:
    """Knows all rules of this home as they are now; what others replicate nobody can tell."""

    def __init__(
        self, ruled: Callable[[], Sequence[Ruled]], store_of: Callable[[ConnectionId], str]
    ) -> None:
        """`store_of` names the store that a connection leads to: two may lead to one."""
        self._ruled = ruled
        self._store_of = store_of

    def leads_back(self, source: Source, rule: Rule, key: str) -> bool:
        """Whether what others write where `rule` puts a key comes back to the bucket it is from, by
        one rule or by several."""
        home = self._store_of(source.connection), source.bucket
        reached = {self._place(rule, key)}
        for _ in range(MOST_HOPS):
            reached = {onward for each in reached for onward in self._onward(each)}
            if not reached:
                break
            if any(self._bucket(each) == home for each in reached):
                return True
        return False

    def sources_at(self, place: Address) -> list[Source]:
        """The buckets with rules that a place is in, as these rules call them."""
        return [each.source for each in self._at(place)]

    def leading_to(self, place: Address) -> Iterator[tuple[Source, str]]:
        """The objects whose replica would be at a place, by whichever rule."""
        bucket, key = self._bucket(place), place.location.key
        for ruled in self._ruled():
            for rule in ruled.rules:
                to = rule.destination
                if not rule.is_enabled or not key.startswith(to.prefix):
                    continue
                origin = key.removeprefix(to.prefix)
                is_there = (self._store_of(to.connection), to.bucket) == bucket
                if is_there and origin.startswith(rule.filter.prefix):
                    yield ruled.source, origin

    def rules_of(self, source: Source) -> list[Rule]:
        """The rules of one bucket."""
        return [rule for each in self._ruled() if each.source == source for rule in each.rules]

    def leads_to(self, rule: Rule, key: str, place: Address) -> bool:
        """Whether that is where a rule puts a key."""
        there = self._place(rule, key)
        is_same = there.location == place.location
        return is_same and self._bucket(there) == self._bucket(place)

    def _onward(self, place: Address) -> Iterator[Address]:
        key = place.location.key
        for ruled in self._at(place):
            for rule in ruled.rules:
                if rule.is_enabled and key.startswith(rule.filter.prefix):
                    yield self._place(rule, key)

    def _at(self, place: Address) -> Iterator[Ruled]:
        bucket = self._bucket(place)
        for each in self._ruled():
            if (self._store_of(each.source.connection), each.source.bucket) == bucket:
                yield each

    def _bucket(self, place: Address) -> _Bucket:
        return self._store_of(place.connection), place.location.bucket

    def _place(self, rule: Rule, key: str) -> Address:
        return Address(rule.destination.connection, replica_of(rule, key))
