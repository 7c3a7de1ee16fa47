"""Lifecycle rules as values. What is not known of a rule is named, so that nobody acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SMALL: Final = 128 * 1024
"""Bytes. Smaller objects are not transitioned by default."""


class MinimumSize(StrEnum):
    """Which objects transitions leave alone: TransitionDefaultMinimumObjectSize."""

    ALL_CLASSES = "all_storage_classes_128K"
    BY_CLASS = "varies_by_storage_class"
    NONE = "none"
    """No value of the API: for stores that know nothing of it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which keys a rule is about; all that is there must hold.

    Sizes are in bytes, and strict: an object of `larger_than` bytes is none of it.
    """

    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    larger_than: int | None = None
    smaller_than: int | None = None

    @property
    def has_size(self) -> bool:
        return self.larger_than is not None or self.smaller_than is not None

    def matches(self, key: str, size: int, tags: Mapping[str, str]) -> bool:
        """Whether an object is one of those. A delete marker, and an upload, have a size of 0."""
        return (
            key.startswith(self.prefix)
            and (self.larger_than is None or size > self.larger_than)
            and (self.smaller_than is None or size < self.smaller_than)
            and all(tags.get(name) == value for name, value in self.tags)
        )


@dataclass(frozen=True, slots=True)
class When:
    """`days` after an object came (or ceased to be current), or a `date` in UTC. One of them."""

    days: int | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """To another storage class. `newer` noncurrent versions are left alone, where it is about
    noncurrent ones."""

    when: When
    storage_class: str
    newer: int = 0


@dataclass(frozen=True, slots=True)
class NoncurrentExpiration:
    """`days` since a version ceased to be current; the newest `newer` of them are kept."""

    days: int
    newer: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `unknown` are the elements of it that nobody here understands: such a rule may do
    less than the rest of it says, or more."""

    id: str = ""
    is_enabled: bool = True
    filter: Filter = Filter()
    expiration: When | None = None
    expires_markers: bool = False
    transitions: tuple[Transition, ...] = ()
    noncurrent_expiration: NoncurrentExpiration | None = None
    noncurrent_transitions: tuple[Transition, ...] = ()
    abort_days: int | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All rules of a bucket, in order."""

    rules: tuple[Rule, ...] = ()
    minimum: MinimumSize = MinimumSize.ALL_CLASSES
