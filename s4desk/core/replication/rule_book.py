"""Which buckets are replicated, by which rules, and how often they are looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.replication.rules import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.table import Source

EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A bucket and its rules. `every` so often it is listed, to see what others have written."""

    source: Source
    rules: tuple[Rule, ...] = ()
    every: timedelta = EVERY

    @property
    def is_on(self) -> bool:
        return any(each.is_enabled for each in self.rules)

    @property
    def ways(self) -> dict[str, str]:
        """What each rule does, by its id."""
        return self.ways_at(str)

    def ways_at(self, store_name: Callable[[ConnectionId], str]) -> dict[str, str]:
        """The same, and to which store: when that changes, nothing is known of it any more."""
        return {each.id: _way(each, store_name) for each in self.rules}


def _way(rule: Rule, store_name: Callable[[ConnectionId], str]) -> str:
    to = rule.destination
    return json.dumps([store_name(to.connection), to.bucket, to.prefix, rule.versions])


class RuleShelf(Protocol):
    """Where rules are kept."""

    async def all(self) -> Sequence[Ruled]:
        """What is kept now. Raises LocalFileError, and ValidationError for what cannot be read."""

    async def put(self, ruled: Ruled) -> None:
        """Replace the rules of a bucket; without any it is forgotten. Raises LocalFileError."""

    async def stamp(self) -> object:
        """Something that is another when what is kept may be."""


class RuleBook:
    """The rules as they were read last."""

    def __init__(self, shelf: RuleShelf) -> None:
        self._shelf = shelf
        self._ruled: dict[Source, Ruled] = {}
        self._matchers: dict[Source, Matcher] = {}
        self._stamp: object = None

    async def read_if_changed(self) -> list[Source]:
        """Take up what is kept now; the buckets whose rules are others than before. Raises
        LocalFileError, ValidationError."""
        stamp = await self._shelf.stamp()
        return [] if stamp == self._stamp else await self._read(stamp)

    async def _read(self, stamp: object) -> list[Source]:
        now = {each.source: each for each in await self._shelf.all()}
        former, self._ruled, self._stamp = self._ruled, now, stamp
        changed = [each for each in {**former, **now} if former.get(each) != now.get(each)]
        for each in changed:
            self._matchers.pop(each, None)
        return changed

    async def put(self, ruled: Ruled) -> None:
        """Raises LocalFileError."""
        await self._shelf.put(ruled)

    def all(self) -> list[Ruled]:
        return list(self._ruled.values())

    def ruled(self, source: Source) -> Ruled:
        """Without rules for a bucket that has none."""
        return self._ruled.get(source) or Ruled(source)

    def matcher(self, source: Source) -> Matcher:
        if source not in self._matchers:
            self._matchers[source] = Matcher(self.ruled(source).rules)
        return self._matchers[source]
