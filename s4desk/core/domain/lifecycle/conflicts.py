"""Where rules get into each other's way."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.checks import (
    MAX_RULES,
    Fault,
    Part,
    Problem,
    can_follow,
    part_of,
    parts_of,
)
from s4desk.core.domain.lifecycle.filter_shape import filter_of, number_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from s4desk.core.domain.lifecycle.filter_shape import RawRule
    from s4desk.core.domain.lifecycle.rules import Filter

MOST: Final = 100
"""So many are found; nobody reads more."""
_NO_END: Final = 2**63


@dataclass(frozen=True, slots=True)
class _Side:
    """What a rule does to current versions, or to old ones."""

    part: Part
    end: int | None
    moves: tuple[tuple[int, str], ...]


_Sides = tuple[_Side, _Side]


class _Clash(Enum):
    """What two rules that do certain things must have in common to be in each other's way."""

    NEVER = auto()
    IF_COVERED = auto()
    ALWAYS = auto()


@dataclass(frozen=True, slots=True)
class _Gist:
    """What counts of an enabled rule."""

    at: int
    filter: Filter
    tags: Mapping[str, str]
    pairs: frozenset[tuple[str, str]]
    sizes: tuple[int, int]
    sides: _Sides


def conflicts(rules: Sequence[RawRule]) -> list[Problem]:
    """Of all rules with each other; those of a kind that the API refuses come first."""
    return [*refusals(rules), *islice(_of_pairs(rules), MOST)]


def conflicts_of(rules: Sequence[RawRule], at: int) -> list[Problem]:
    """Those of one rule with the others."""
    if not _is_on(rules[at]):
        return []
    mine = _gist(at, rules[at])
    others = [_gist(each, rule) for each, rule in enumerate(rules) if _is_on(rule) and each != at]
    found = (_between(*_in_order(mine, other)) for other in others if _meet(mine, other))
    return list(islice((problem for problems in found for problem in problems), MOST))


def covers(one: Filter, other: Filter) -> bool:
    """Whether the first is about everything that the other is about."""
    (from_one, to_one), (from_other, to_other) = _sizes(one), _sizes(other)
    is_wider = from_one <= from_other and to_one >= to_other
    return is_wider and other.prefix.startswith(one.prefix) and set(one.tags) <= set(other.tags)


def refusals(rules: Sequence[RawRule]) -> Iterator[Problem]:
    """What the API refuses of rules that it would take one by one."""
    if len(rules) > MAX_RULES:
        yield Problem(Fault.TOO_MANY_RULES, Part.RULE, MAX_RULES, facts=(str(len(rules)),))
    ids = [str(rule.get("ID") or "") for rule in rules]
    counted = Counter(ids)
    for at, id in enumerate(ids):
        if id and counted[id] > 1 and ids.index(id) != at:
            yield Problem(Fault.ID_TWICE, Part.ID, at, ids.index(id), (id,))


def _of_pairs(rules: Sequence[RawRule]) -> Iterator[Problem]:
    gists = [_gist(at, rule) for at, rule in enumerate(rules) if _is_on(rule)]
    by_prefix = defaultdict(list)
    for gist in gists:
        by_prefix[gist.filter.prefix].append(gist)
    lengths = sorted({len(prefix) for prefix in by_prefix})
    clashes: dict[tuple[_Sides, _Sides], _Clash] = {}
    for gist in gists:
        prefix = gist.filter.prefix
        for length in lengths:
            if length > len(prefix):
                break
            for other in by_prefix.get(prefix[:length], ()):
                # Two of the same prefix meet twice here.
                if length == len(prefix) and other.at >= gist.at:
                    continue
                # Of half a million pairs most do the same, and to other objects.
                clash = clashes.get((gist.sides, other.sides))
                if clash is None:
                    clash = clashes[gist.sides, other.sides] = _clash(gist, other)
                if clash is _Clash.NEVER or (clash is _Clash.IF_COVERED and _is_apart(gist, other)):
                    continue
                if _meet(gist, other):
                    yield from _between(*_in_order(gist, other))


def _clash(one: _Gist, other: _Gist) -> _Clash:
    """Whether rules that do this can be in each other's way at all."""
    pairs = list(zip(one.sides, other.sides, strict=True))
    ends = [(a.end, b.end) for a, b in pairs if a.end is not None and b.end is not None]
    is_moved = any(
        True
        for a, b in pairs
        for _ in (
            *_of_moves(one, a, other, b),
            *_of_moves(other, b, one, a),
            *_of_classes(one, a, other, b),
        )
    )
    if is_moved or any(a != b for a, b in ends):
        return _Clash.ALWAYS
    return _Clash.IF_COVERED if ends else _Clash.NEVER


def _is_apart(one: _Gist, other: _Gist) -> bool:
    """Whether neither can be about everything that the other is about."""
    return not (one.pairs <= other.pairs or other.pairs <= one.pairs)


def _meet(one: _Gist, other: _Gist) -> bool:
    """Whether there are objects that both are about."""
    mine, theirs = one.filter.prefix, other.filter.prefix
    if not mine.startswith(theirs) and not theirs.startswith(mine):
        return False
    for key, value in other.tags.items():
        if one.tags.get(key, value) != value:
            return False
    return max(one.sizes[0], other.sizes[0]) < min(one.sizes[1], other.sizes[1])


def _in_order(one: _Gist, other: _Gist) -> tuple[_Gist, _Gist]:
    return (one, other) if one.at < other.at else (other, one)


def _is_on(rule: RawRule) -> bool:
    return rule.get("Status") == "Enabled"


def _between(one: _Gist, other: _Gist) -> Iterator[Problem]:
    for mine, theirs in zip(one.sides, other.sides, strict=True):
        yield from _of_ends(one, mine, other, theirs)
        yield from _of_moves(one, mine, other, theirs)
        yield from _of_moves(other, theirs, one, mine)
        yield from _of_classes(one, mine, other, theirs)


def _of_ends(one: _Gist, mine: _Side, other: _Gist, theirs: _Side) -> Iterator[Problem]:
    """Two rules delete the same: the shorter time counts."""
    if mine.end is None or theirs.end is None:
        return
    is_wider, is_narrower = covers(one.filter, other.filter), covers(other.filter, one.filter)
    if is_wider and mine.end <= theirs.end:
        yield Problem(Fault.OUTRUN, theirs.part, other.at, one.at, (str(mine.end),))
    elif is_narrower and theirs.end <= mine.end:
        yield Problem(Fault.OUTRUN, mine.part, one.at, other.at, (str(theirs.end),))
    elif mine.end != theirs.end and not (is_wider or is_narrower):
        # Where the narrower one is the quicker one, both are meant.
        shorter = str(min(mine.end, theirs.end))
        yield Problem(Fault.OVERLAP, theirs.part, other.at, one.at, (shorter,))


def _of_moves(one: _Gist, mine: _Side, other: _Gist, theirs: _Side) -> Iterator[Problem]:
    """What one would move is deleted by the other before."""
    if theirs.end is None:
        return
    for days, name in mine.moves:
        if days >= theirs.end:
            facts = (name, str(theirs.end))
            yield Problem(Fault.NEVER_MOVED, _moving(mine), one.at, other.at, facts)


def _of_classes(one: _Gist, mine: _Side, other: _Gist, theirs: _Side) -> Iterator[Problem]:
    """Both move, in an order in which objects cannot go."""
    for days, name in mine.moves:
        for later, target in theirs.moves:
            first, last = (name, target) if days <= later else (target, name)
            if first != last and not can_follow(first, last):
                part = _moving(theirs)
                yield Problem(Fault.CLASS_ORDER_OF_TWO, part, other.at, one.at, (first, last))


def _moving(side: _Side) -> Part:
    return Part.TRANSITIONS if side.part is Part.EXPIRATION else Part.OLD_TRANSITIONS


def _gist(at: int, rule: RawRule) -> _Gist:
    now = _side(rule, Part.EXPIRATION, "Expiration", "Transitions", "Days")
    old = ("NoncurrentVersionExpiration", "NoncurrentVersionTransitions", "NoncurrentDays")
    filter = filter_of(rule)
    sides = (now, _side(rule, Part.OLD_EXPIRATION, *old))
    return _Gist(at, filter, dict(filter.tags), frozenset(filter.tags), _sizes(filter), sides)


def _side(rule: RawRule, part: Part, end: str, moves: str, days: str) -> _Side:
    expiration: Mapping[str, Any] = part_of(rule, end)
    # What keeps the newest versions may keep them for ever.
    until = None if "NewerNoncurrentVersions" in expiration else number_in(expiration, days)
    found = [
        (number_in(each, days), str(each.get("StorageClass"))) for each in parts_of(rule, moves)
    ]
    return _Side(part, until, tuple((age, name) for age, name in found if age is not None))


def _sizes(filter: Filter) -> tuple[int, int]:
    """From this size on, up to below that one."""
    least = 0 if filter.larger_than is None else filter.larger_than + 1
    return least, _NO_END if filter.smaller_than is None else filter.smaller_than
