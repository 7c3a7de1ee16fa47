"""Replication rules as values: which objects go where, and which of several rules decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.identity import ConnectionId

MAX_ID: Final = 255
"""Characters ("ReplicationRule" in the S3 API reference)."""


class Kept(StrEnum):
    """Which versions of an object are replicated."""

    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which objects a rule is about: all that is there must hold; an empty one takes all."""

    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    def matches(self, key: str, tags: Mapping[str, str]) -> bool:
        return key.startswith(self.prefix) and all(
            tags.get(name) == value for name, value in self.tags
        )


EVERYTHING: Final = Filter()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where replicas go. `prefix` is put before the key of the source."""

    connection: ConnectionId
    bucket: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one source bucket. Without a `storage_class` replicas get the destination's
    default. `delete_markers`: a key that gets one at the source gets one there; versions are never
    deleted."""

    id: str
    destination: Destination
    priority: int = 0
    is_enabled: bool = True
    filter: Filter = EVERYTHING
    storage_class: str = ""
    versions: Kept = Kept.LATEST
    delete_markers: bool = False


class Matcher:
    """Says which of the rules of a bucket decides: of those that are enabled and match, the one of
    the highest priority, and of equal ones the first."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        enabled = (each for each in rules if each.is_enabled)
        self._rules = sorted(enabled, key=lambda each: -each.priority)

    def wants_tags(self, key: str) -> bool:
        """Whether it depends on the tags of an object which rule that is."""
        first = next(iter(self.candidates(key)), None)
        return first is not None and bool(first.filter.tags)

    def candidates(self, key: str) -> list[Rule]:
        """The rules one of which decides, as the tags of the object are; none for a key that no
        rule is about."""
        found = []
        for each in self._rules:
            if key.startswith(each.filter.prefix):
                found.append(each)
                if not each.filter.tags:
                    break
        return found

    def prefixes(self) -> list[str]:
        """Below which rules are about anything: none lies in another one."""
        found: list[str] = []
        for each in sorted({rule.filter.prefix for rule in self._rules}):
            if not (found and each.startswith(found[-1])):
                found.append(each)
        return found

    @property
    def rules(self) -> Sequence[Rule]:
        """The enabled ones, in the order in which they are asked."""
        return self._rules

    def match(self, key: str, tags: Mapping[str, str]) -> Rule | None:
        return next((each for each in self._rules if each.filter.matches(key, tags)), None)
