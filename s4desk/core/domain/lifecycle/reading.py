"""Lifecycle rules read from JSON, as get-bucket-lifecycle-configuration prints them.

XML comes here by `config_json.as_json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.filter_shape import is_scope_said
from s4desk.core.domain.lifecycle.rules import (
    Filter,
    Lifecycle,
    MinimumSize,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
_MINIMUM: Final = "TransitionDefaultMinimumObjectSize"
_SIZES: Final = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")


def lifecycle_of(value: Mapping[str, Any]) -> Lifecycle:
    """The rules that a configuration says; none for an empty one.

    Raises ValidationError for what is no list of rules.
    """
    rules = value.get("Rules") or []
    if not isinstance(rules, list) or not all(isinstance(each, Mapping) for each in rules):
        raise ValidationError("a lifecycle is a list of rules")
    is_by_class = value.get(_MINIMUM) == MinimumSize.BY_CLASS
    minimum = MinimumSize.BY_CLASS if is_by_class else MinimumSize.ALL_CLASSES
    return Lifecycle(tuple(map(rule_of, rules)), minimum)


def rule_of(value: Mapping[str, Any]) -> Rule:
    """One of `Rules`. What is not understood is named in `unknown`, by its path."""
    top = _Part(value)
    expiration = top.part("Expiration")
    rule = Rule(
        id=top.text("ID"),
        is_enabled=top.text("Status") == "Enabled",
        filter=_filter(top),
        expiration=expiration.when("Days"),
        expires_markers=expiration.flag("ExpiredObjectDeleteMarker"),
        transitions=tuple(_transitions(top.parts("Transitions"), "Days")),
        noncurrent_expiration=_noncurrent(top.part("NoncurrentVersionExpiration")),
        noncurrent_transitions=tuple(
            _transitions(top.parts("NoncurrentVersionTransitions"), "NoncurrentDays")
        ),
        abort_days=top.part("AbortIncompleteMultipartUpload").number("DaysAfterInitiation"),
    )
    # A store that leaves its filter out means all objects; one that is written and says nothing is
    # a person's slip.
    if "Filter" in value and not is_scope_said(value):
        top.misses("Filter")
    return replace(rule, unknown=tuple(dict.fromkeys(top.unknown())))


class _Part:
    """One structure of a rule. It knows what nobody asked it for, and what it could not read."""

    def __init__(self, value: Mapping[str, Any], path: str = "") -> None:
        self._left = {name: each for name, each in value.items() if each is not None}
        self._path = path
        self._odd: list[str] = []
        self._inner: list[_Part] = []
        self.is_there = bool(self._left)

    def unknown(self) -> Iterator[str]:
        """The paths of all that was not understood, in here and further in."""
        yield from self._odd
        yield from (self._path + name for name in self._left)
        for each in self._inner:
            yield from each.unknown()

    def misses(self, name: str) -> None:
        """Something does not make sense without a field."""
        self._odd.append(self._path + name)

    def text(self, name: str) -> str:
        found = self._left.pop(name, "")
        if isinstance(found, str):
            return found
        return self._refused(name, "")

    def flag(self, name: str) -> bool:
        found = self._left.pop(name, False)
        if isinstance(found, bool):
            return found
        return self._refused(name, False)

    def number(self, name: str) -> int | None:
        """None for none; there are none below 0."""
        found = self._left.pop(name, None)
        if isinstance(found, str) and found.isascii() and found.strip().isdecimal():
            found = int(found)
        if found is None or (isinstance(found, int) and found >= 0 and found is not True):
            return found
        return self._refused(name, None)

    def date(self, name: str) -> datetime | None:
        found = self._left.pop(name, None)
        if found is None:
            return None
        try:
            return _moment(found)
        except (ValueError, TypeError, OverflowError, OSError):
            return self._refused(name, None)

    def when(self, days: str) -> When | None:
        when = When(self.number(days), self.date("Date"))
        return None if when == When() else when

    def part(self, name: str) -> _Part:
        """A structure in here; an empty one for none."""
        found = self._left.pop(name, {})
        if not isinstance(found, Mapping):
            found = self._refused(name, {})
        return self._into(name, found)

    def parts(self, name: str) -> list[_Part]:
        """A list of structures in here, or the only one."""
        found = self._left.pop(name, [])
        listed = found if isinstance(found, list) else [found]
        if not all(isinstance(each, Mapping) for each in listed):
            listed = self._refused(name, [])
        return [self._into(name, each) for each in listed]

    def _into(self, name: str, value: Mapping[str, Any]) -> _Part:
        inner = _Part(value, f"{self._path}{name}/")
        self._inner.append(inner)
        return inner

    def _refused(self, name: str, instead: T) -> T:
        self._odd.append(self._path + name)
        return instead


def _filter(rule: _Part) -> Filter:
    """In whichever of its shapes it is said: on top as before there were filters, alone, or in And;
    some stores mix them."""
    alone = rule.part("Filter")
    several = alone.part("And")
    prefixes = [each.text("Prefix") for each in (rule, alone, several)]
    prefix = max(prefixes, key=len)
    if not all(map(prefix.startswith, prefixes)):
        alone.misses("Prefix")
    tags = [
        (each.text("Key"), each.text("Value"))
        for part in (alone, several)
        for name in ("Tag", "Tags")
        for each in part.parts(name)
    ]
    larger, smaller = (
        [size for part in (alone, several) if (size := part.number(name)) is not None]
        for name in _SIZES
    )
    return Filter(prefix, tuple(tags), max(larger, default=None), min(smaller, default=None))


def _transitions(parts: Iterable[_Part], days: str) -> Iterator[Transition]:
    for each in parts:
        when = each.when(days)
        storage_class = each.text("StorageClass")
        newer = each.number("NewerNoncurrentVersions") or 0 if days == "NoncurrentDays" else 0
        if when is None:
            each.misses(days)
        elif not storage_class:
            each.misses("StorageClass")
        else:
            yield Transition(when, storage_class, newer)


def _noncurrent(part: _Part) -> NoncurrentExpiration | None:
    days = part.number("NoncurrentDays")
    newer = part.number("NewerNoncurrentVersions") or 0
    if days is None:
        if part.is_there:
            part.misses("NoncurrentDays")
        return None
    return NoncurrentExpiration(days, newer)


def _moment(found: Any) -> datetime:
    """A date as text, or in seconds since the epoch."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        return datetime.fromtimestamp(found, UTC)
    moment = datetime.fromisoformat(found)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
