"""What is wrong with one rule, by the limits of the API, and what is odd about it.

"PutBucketLifecycleConfiguration" in the S3 API reference; "Transitioning objects using S3
Lifecycle", "Lifecycle configuration elements" in the S3 user guide. Rules are looked at as they are
written, not as they were understood: what cannot be understood is a problem too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from s4desk.core.domain.lifecycle.classes import CHEAPEST_FIRST, can_become
from s4desk.core.domain.lifecycle.filter_shape import (
    RawRule,
    filter_of,
    is_in_one_place,
    is_old_shape,
    is_scope_said,
    number_in,
    odd_sizes,
)
from s4desk.core.domain.lifecycle.reading import rule_of

MAX_ID: Final = 255
"""Characters."""
MAX_RULES: Final = 1000
MAX_NEWER: Final = 100
MAX_DAYS: Final = 2**31 - 1
IA_DAYS: Final = 30
"""Days before which nothing goes to a class of infrequent access, and which it stays there."""
MARKERS: Final = "ExpiredObjectDeleteMarker"
INFREQUENT: Final = frozenset({"STANDARD_IA", "ONEZONE_IA"})
CLASSES: Final = tuple(reversed(CHEAPEST_FIRST))
"""The classes of S3 that objects can be moved to, as far as anybody knows them here."""


class Part(StrEnum):
    """What of a rule a problem is about."""

    RULE = "rule"
    ID = "id"
    STATUS = "status"
    PREFIX = "prefix"
    TAGS = "tags"
    SIZES = "sizes"
    EXPIRATION = "expiration"
    TRANSITIONS = "transitions"
    OLD_EXPIRATION = "old_expiration"
    NEWER = "newer"
    OLD_TRANSITIONS = "old_transitions"
    ABORT = "abort"


class Fault(StrEnum):
    """What is wrong; `viewmodels/lifecycle_problems` has the sentences."""

    NO_ACTION = "no_action"
    LONG_ID = "long_id"
    UNKNOWN_STATUS = "unknown_status"
    NO_SCOPE = "no_scope"
    MIXED_FILTER = "mixed_filter"
    LONG_PREFIX = "long_prefix"
    PREFIX_SLASH = "prefix_slash"
    PREFIX_STAR = "prefix_star"
    TAG_TWICE = "tag_twice"
    TAG_WITHOUT_KEY = "tag_without_key"
    LONG_TAG = "long_tag"
    NOT_A_SIZE = "not_a_size"
    NO_SIZE = "no_size"  # no size is larger than the one and smaller than the other
    NO_MOMENT = "no_moment"
    TWO_MOMENTS = "two_moments"
    NOT_A_NUMBER = "not_a_number"
    DAYS_BELOW_ONE = "days_below_one"
    DAYS_BELOW_ZERO = "days_below_zero"
    TOO_MANY_DAYS = "too_many_days"
    NOT_A_DATE = "not_a_date"
    NOT_MIDNIGHT = "not_midnight"
    PAST_DATE = "past_date"
    AT_ONCE = "at_once"
    MIXED_MOMENTS = "mixed_moments"  # days here, a date there
    NO_CLASS = "no_class"
    CLASS_TWICE = "class_twice"
    CLASS_ORDER = "class_order"
    TOO_EARLY_FOR_IA = "too_early_for_ia"
    TOO_SOON_AFTER_IA = "too_soon_after_ia"
    AFTER_EXPIRATION = "after_expiration"
    NEWER_RANGE = "newer_range"
    NEWER_NEEDS_FILTER = "newer_needs_filter"
    NEWER_NEEDS_DAYS = "newer_needs_days"
    NOT_WITH_TAGS = "not_with_tags"
    NOT_WITH_SIZES = "not_with_sizes"
    UNKNOWN_ELEMENT = "unknown_element"
    # Between rules.
    TOO_MANY_RULES = "too_many_rules"
    ID_TWICE = "id_twice"
    OUTRUN = "outrun"  # what a rule deletes, another one has deleted before
    OVERLAP = "overlap"
    NEVER_MOVED = "never_moved"
    CLASS_ORDER_OF_TWO = "class_order_of_two"


ODD: Final = frozenset(
    {
        *(Fault.UNKNOWN_STATUS, Fault.PREFIX_SLASH, Fault.PREFIX_STAR, Fault.PAST_DATE),
        *(Fault.AT_ONCE, Fault.TOO_SOON_AFTER_IA, Fault.OUTRUN, Fault.OVERLAP),
        *(Fault.NEVER_MOVED, Fault.CLASS_ORDER_OF_TWO, Fault.UNKNOWN_ELEMENT),
    }
)
"""What a store takes, and what may be meant."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`rule` and `other` are places in the configuration; `facts` are words for its sentence."""

    fault: Fault
    part: Part
    rule: int = 0
    other: int | None = None
    facts: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the API refuses it."""
        return self.fault not in ODD


Found = Iterator[Problem]


def rule_problems(rule: RawRule, at: int = 0, now: datetime | None = None) -> list[Problem]:
    """All that can be said of a rule alone; `now` is there to find dates that are over."""
    found = [
        *_of_name(rule, at),
        *_of_filter(rule, at),
        *_of_expiration(rule, at, now),
        *_of_transitions(rule, at, now),
        *_of_old(rule, at),
        *_of_abort(rule, at),
        *_of_nothing(rule, at),
    ]
    # What cannot be read counts as unknown too, and has been told by now.
    unknown = () if any(each.is_error for each in found) else rule_of(rule).unknown
    odd = [Problem(Fault.UNKNOWN_ELEMENT, Part.RULE, at, facts=(name,)) for name in unknown]
    return found + odd


def written_problems(rule: RawRule, at: int = 0) -> list[Problem]:
    """The same of a rule that a person has written; some stores mix filters themselves."""
    mixed = [] if is_in_one_place(rule) else [Problem(Fault.MIXED_FILTER, Part.PREFIX, at)]
    return [*rule_problems(rule, at), *mixed]


def date_of(text: object) -> datetime | None:
    """The moment that a Date names, in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def parts_of(rule: RawRule, name: str) -> list[Mapping[str, Any]]:
    """The entries of a list in a rule that can be looked at."""
    entries = rule.get(name)
    found = entries if isinstance(entries, list) else [entries]
    return [each for each in found if isinstance(each, Mapping)]


def part_of(rule: RawRule, name: str) -> Mapping[str, Any]:
    found = rule.get(name)
    return found if isinstance(found, Mapping) else {}


def _of_name(rule: RawRule, at: int) -> Found:
    if len(str(rule.get("ID") or "")) > MAX_ID:
        yield Problem(Fault.LONG_ID, Part.ID, at)
    if rule.get("Status") not in ("Enabled", "Disabled"):
        yield Problem(Fault.UNKNOWN_STATUS, Part.STATUS, at)


def _of_filter(rule: RawRule, at: int) -> Found:
    filter = filter_of(rule)
    if not is_scope_said(rule):
        yield Problem(Fault.NO_SCOPE, Part.PREFIX, at)
    if len(filter.prefix.encode("utf-8", "surrogateescape")) > 1024:
        yield Problem(Fault.LONG_PREFIX, Part.PREFIX, at)
    if filter.prefix.startswith("/"):
        yield Problem(Fault.PREFIX_SLASH, Part.PREFIX, at)
    if "*" in filter.prefix:
        yield Problem(Fault.PREFIX_STAR, Part.PREFIX, at)
    keys = [key for key, _ in filter.tags]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem(Fault.TAG_TWICE, Part.TAGS, at, facts=(key,))
    if "" in keys:
        yield Problem(Fault.TAG_WITHOUT_KEY, Part.TAGS, at)
    if any(len(key) > 128 or len(value) > 256 for key, value in filter.tags):
        yield Problem(Fault.LONG_TAG, Part.TAGS, at)
    for size in odd_sizes(rule):
        yield Problem(Fault.NOT_A_SIZE, Part.SIZES, at, facts=(size,))
    least = 0 if filter.larger_than is None else filter.larger_than + 1
    if filter.smaller_than is not None and least >= filter.smaller_than:
        yield Problem(Fault.NO_SIZE, Part.SIZES, at)


def _of_expiration(rule: RawRule, at: int, now: datetime | None) -> Found:
    if "Expiration" not in rule:
        return
    expiration, part = part_of(rule, "Expiration"), Part.EXPIRATION
    yield from _of_moment(expiration, part, at, now, least=1)
    if expiration.get(MARKERS) is True:
        yield from _not_with(rule, part, at)


def _of_moment(
    entry: Mapping[str, Any], part: Part, at: int, now: datetime | None, *, least: int
) -> Found:
    """Days, a Date or markers only: one of them, and within what is taken."""
    said = sum(name in entry for name in ("Days", "Date", MARKERS))
    if said != 1:
        yield Problem(Fault.TWO_MOMENTS if said else Fault.NO_MOMENT, part, at)
    if "Days" in entry:
        yield from _of_days(entry, "Days", part, at, least=least)
    if "Date" in entry:
        moment = date_of(entry["Date"])
        if moment is None:
            yield Problem(Fault.NOT_A_DATE, part, at, facts=(str(entry["Date"]),))
        elif moment.timetz() != datetime.min.replace(tzinfo=UTC).timetz():
            yield Problem(Fault.NOT_MIDNIGHT, part, at, facts=(str(entry["Date"]),))
        elif now is not None and moment <= now:
            yield Problem(Fault.PAST_DATE, part, at, facts=(str(entry["Date"])[:10],))


def _of_days(entry: Mapping[str, Any], name: str, part: Part, at: int, *, least: int) -> Found:
    days = number_in(entry, name)
    if days is None:
        yield Problem(Fault.NOT_A_NUMBER, part, at, facts=(str(entry.get(name)),))
    elif days < least:
        yield Problem(Fault.DAYS_BELOW_ONE if least else Fault.DAYS_BELOW_ZERO, part, at)
    elif days > MAX_DAYS:
        yield Problem(Fault.TOO_MANY_DAYS, part, at)


def _of_transitions(rule: RawRule, at: int, now: datetime | None) -> Found:
    entries, part = parts_of(rule, "Transitions"), Part.TRANSITIONS
    for entry in entries:
        yield from _of_moment(entry, part, at, now, least=0)
        if number_in(entry, "Days") == 0:
            yield Problem(Fault.AT_ONCE, part, at, facts=(_class(entry),))
    yield from _of_classes(entries, "Days", part, at)
    moments = [*entries, *parts_of(rule, "Expiration")]
    kinds = {name for each in moments for name in ("Days", "Date") if name in each}
    if len(moments) > 1 and len(kinds) > 1:
        yield Problem(Fault.MIXED_MOMENTS, part, at)
    yield from _after(entries, part_of(rule, "Expiration"), "Days", part, at)
    until = date_of(part_of(rule, "Expiration").get("Date"))
    for entry in entries:
        moment = date_of(entry.get("Date"))
        if until is not None and moment is not None and moment >= until:
            yield Problem(Fault.AFTER_EXPIRATION, part, at, facts=(_class(entry),))


def _of_old(rule: RawRule, at: int) -> Found:
    expiration, part = part_of(rule, "NoncurrentVersionExpiration"), Part.OLD_EXPIRATION
    if "NoncurrentVersionExpiration" in rule:
        if "NoncurrentDays" in expiration:
            yield from _of_days(expiration, "NoncurrentDays", part, at, least=1)
        else:
            is_counted = "NewerNoncurrentVersions" in expiration
            yield Problem(Fault.NEWER_NEEDS_DAYS if is_counted else Fault.NO_MOMENT, part, at)
    entries, moved = parts_of(rule, "NoncurrentVersionTransitions"), Part.OLD_TRANSITIONS
    for entry in entries:
        if "NoncurrentDays" in entry:
            yield from _of_days(entry, "NoncurrentDays", moved, at, least=0)
        else:
            yield Problem(Fault.NO_MOMENT, moved, at)
    yield from _of_classes(entries, "NoncurrentDays", moved, at)
    yield from _after(entries, expiration, "NoncurrentDays", moved, at)
    yield from _of_newer(rule, [(Part.NEWER, expiration), *((moved, each) for each in entries)], at)


def _of_newer(rule: RawRule, entries: list[tuple[Part, Mapping[str, Any]]], at: int) -> Found:
    for part, entry in entries:
        if "NewerNoncurrentVersions" not in entry:
            continue
        if not 1 <= (number_in(entry, "NewerNoncurrentVersions") or 0) <= MAX_NEWER:
            yield Problem(Fault.NEWER_RANGE, part, at)
        if is_old_shape(rule) or "Filter" not in rule:
            yield Problem(Fault.NEWER_NEEDS_FILTER, part, at)


def _of_classes(entries: list[Mapping[str, Any]], days: str, part: Part, at: int) -> Found:
    """Named, each once, and in an order in which objects can go."""
    names = [_class(entry) for entry in entries]
    if "" in names:
        yield Problem(Fault.NO_CLASS, part, at)
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield Problem(Fault.CLASS_TWICE, part, at, facts=(name,))
    for entry in entries:
        age = number_in(entry, days)
        if _class(entry) in INFREQUENT and age is not None and age < IA_DAYS:
            yield Problem(Fault.TOO_EARLY_FOR_IA, part, at, facts=(_class(entry),))
    dated = [
        (age, _class(entry)) for entry in entries if (age := number_in(entry, days)) is not None
    ]
    for (early, one), (late, other) in pairwise(sorted(dated, key=lambda pair: pair[0])):
        if not can_follow(one, other) or (early == late and one != other):
            yield Problem(Fault.CLASS_ORDER, part, at, facts=(one, other))
        elif one in INFREQUENT and one != other and late - early < IA_DAYS:
            yield Problem(Fault.TOO_SOON_AFTER_IA, part, at, facts=(one, other))


def can_follow(one: str, other: str) -> bool:
    """Whether objects of one class can be in the other later."""
    return one == other or can_become(one, other)


def _after(
    entries: list[Mapping[str, Any]], end: Mapping[str, Any], days: str, part: Part, at: int
) -> Found:
    """Moves of what has been deleted by then. Versions that are kept longer can still be moved."""
    until = number_in(end, days)
    for entry in entries:
        age = number_in(entry, days)
        if until is not None and age is not None and age >= until > 0:
            yield Problem(Fault.AFTER_EXPIRATION, part, at, facts=(_class(entry),))


def _of_abort(rule: RawRule, at: int) -> Found:
    if "AbortIncompleteMultipartUpload" not in rule:
        return
    entry = part_of(rule, "AbortIncompleteMultipartUpload")
    yield from _of_days(entry, "DaysAfterInitiation", Part.ABORT, at, least=1)
    yield from _not_with(rule, Part.ABORT, at)


def _not_with(rule: RawRule, part: Part, at: int) -> Found:
    """Uploads and delete markers have neither tags nor a size."""
    filter = filter_of(rule)
    if filter.tags:
        yield Problem(Fault.NOT_WITH_TAGS, part, at)
    if filter.has_size:
        yield Problem(Fault.NOT_WITH_SIZES, part, at)


def _of_nothing(rule: RawRule, at: int) -> Found:
    deeds = (
        "Expiration",
        "Transitions",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionTransitions",
        "AbortIncompleteMultipartUpload",
    )
    if not any(rule.get(name) for name in deeds):
        yield Problem(Fault.NO_ACTION, Part.RULE, at)


def _class(entry: Mapping[str, Any]) -> str:
    return str(entry.get("StorageClass") or "")
