"""What is known of replication in this window: by our rules, and by those of stores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.domain.replication.rules import Matcher
from s4desk.core.domain.replication.stamp import STORES_OWN, stamp_of
from s4desk.core.failover.passing import is_shut_out, may_pass
from s4desk.core.replication.table import Source
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.replication_badge import (
    Told,
    facts_of,
    known_of,
    stamp_facts,
    stores_facts,
    unknown_facts,
)
from s4desk.viewmodels.replication_overview import stores_rules_of
from s4desk.viewmodels.replication_rule_text import destination_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.found_writes import Found
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.replication.service import Replication
    from s4desk.core.replication.table import Known
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store
    from s4desk.viewmodels.inspector import Fact
    from s4desk.viewmodels.replication_overview import StoresRule

REST_S: Final = 30.0
"""So long a store is left alone that did not answer."""


@dataclass(frozen=True, slots=True)
class OfBucket:
    """The rules of a bucket, and what is known of the keys of it that were asked for."""

    ruled: Ruled
    matcher: Matcher
    known: dict[str, list[Known]]

    def of(self, meta: ObjectMeta) -> Known | None:
        """What is known of a row."""
        return known_of(self.known.get(meta.location.key, ()), meta)

    def is_unknown(self, key: str) -> bool:
        """Whether a rule may be about a key that was asked for."""
        return key in self.known and bool(self.matcher.candidates(key))


async def of_bucket(replication: Replication, source: Source, keys: Sequence[str]) -> OfBucket:
    """What is known now of replicas by the rules as they are. Raises DatabaseError."""
    ruled = await replication.ruled(source)
    found = OfBucket(ruled, Matcher(ruled.rules), {key: [] for key in keys})
    if ruled.rules and keys:
        # Rows of a rule that led elsewhere stay until who replicates has heard of that.
        former, ways = await replication.statuses.ways(source), replication.ways(ruled)
        for each in await replication.statuses.of_keys(source, keys):
            way = ways.get(each.task.write.rule)
            if former.get(each.task.write.rule, way) == way:
                found.known[each.task.write.key].append(each)
    return found


def is_of(known: Known, row: Found) -> bool:
    """Whether this is about what a row shows, which need not say its ETag."""
    if known.task.write.version is not None and row.version is not None:
        return known.task.write.version == row.version
    seen = known.task.write.seen
    return seen.is_as(row.seen if row.seen.etag else replace(row.seen, etag=seen.etag))


class ReplicationReading:
    """Of ours it asks the table, once for many keys; of a store's own one request per bucket says
    whether it replicates any of it."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._speaking: set[Source] = set()
        self._stores_rules: dict[Source, list[StoresRule]] = {}
        self._rests: dict[Source, float] = {}

    async def of_bucket(self, source: Source, keys: Sequence[str]) -> OfBucket:
        """What is known now. Raises DatabaseError."""
        return await of_bucket(self._desk.replication, source, keys)

    def told(self, ruled: Ruled, known: Known) -> Told:
        """With the rule that it is about."""
        rule = next((each for each in ruled.rules if each.id == known.task.write.rule), None)
        return Told(known, rule, "" if rule is None else self._place(rule))

    def _place(self, rule: Rule) -> str:
        return printable(destination_text(rule.destination, self._desk.connections.name_of))

    async def facts(
        self, connection: ConnectionId, meta: ObjectMeta, may_be_old: bool = False
    ) -> list[Fact]:
        """All that is known of the replication of one object, of which a HEAD has told: in a
        failover group by the rules of its first member, whoever has told. They are not about what
        `may_be_old`, unless it is known to be what the first member has."""
        source = Source(*self._desk.home_of(connection, meta.location.bucket))
        facts: list[Fact] = []
        stamp = stamp_of(meta)
        try:
            found = await self.of_bucket(source, [meta.location.key])
        except S4DeskError:
            pass
        else:
            known = found.of(meta)
            if known is not None:
                facts += facts_of(self.told(found.ruled, known))
            elif stamp is None and not may_be_old:
                rules = found.matcher.candidates(meta.location.key)
                facts += unknown_facts([(each.id, self._place(each)) for each in rules])
        facts += stamp_facts(stamp) if stamp is not None else []
        header = meta.headers.get(STORES_OWN, "")
        if header and source.connection == connection:
            # In a group another member may have told, which replicates for itself.
            self._speaking.add(source)
        return facts + stores_facts(header)

    # What stores do themselves

    def replicates(self, source: Source) -> bool | None:
        """Whether the store replicates anything of a bucket by itself; None until it is asked, and
        False while it does not answer."""
        report = self._desk.stores.report(source.connection)
        if report is not None and Capability.REPLICATION in report.lacks:
            return False
        if self._clock.monotonic() < self._rests.get(source, 0.0):
            return False
        if source in self._speaking:
            return True
        rules = self._stores_rules.get(source)
        return None if rules is None else bool(rules)

    def of_store(self, source: Source) -> Sequence[StoresRule]:
        """The rules by which the store replicates a bucket, once it was asked."""
        return self._stores_rules.get(source, ())

    @property
    def by_stores(self) -> list[Source]:
        """The buckets that were looked at and are replicated by their stores."""
        return [source for source, rules in self._stores_rules.items() if rules]

    async def ask(self, source: Source, group: ConnectionId | None = None) -> None:
        """Ask the store once, through a `group` if it is looked at as the first member of that.
        Raises StoreError when it cannot be asked now."""
        found = None
        try:
            store = await self._store_of(source, group)
            found = await read_config(store, source.bucket, ConfigKind.REPLICATION)
        except StoreError as error:
            if may_pass(error) or is_shut_out(error):
                self._rests[source] = self._clock.monotonic() + REST_S
                raise
        self._stores_rules[source] = stores_rules_of(found)

    async def _store_of(self, source: Source, group: ConnectionId | None) -> Store:
        if group is None:
            return await self._desk.stores.get(source.connection)
        return await self._desk.home_store(group)

    def forget(self, source: Source) -> None:
        """Ask again: somebody wants to see what is so now."""
        self._stores_rules.pop(source, None)
