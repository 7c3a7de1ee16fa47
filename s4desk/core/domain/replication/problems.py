"""What is wrong with rules by themselves, before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.failover import is_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Rule


class ProblemKind(StrEnum):
    """ONTO_ITSELF: an object would replace itself. WITHIN: replicas come to lie where the rule
    looks for objects. EQUAL: two rules of one priority are about the same keys, and the first
    decides. SHADOWED: another rule always decides. MARKERS: delete markers have no tags. FACING:
    the destination has a rule that leads back. MEETING: replicas of different objects may get one
    key, by a rule of the same bucket or of another one. GROUP: an end is a failover group, which is
    several stores."""

    ONTO_ITSELF = "onto-itself"
    WITHIN = "within"
    EQUAL = "equal"
    SHADOWED = "shadowed"
    MARKERS = "markers"
    FACING = "facing"
    MEETING = "meeting"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule, and with which `other` one: of the same bucket, or of that at
    `place`. What is `forbidden` is not saved."""

    kind: ProblemKind
    rule: str
    other: str = ""
    place: tuple[ConnectionId, str] | None = None

    @property
    def is_forbidden(self) -> bool:
        return self.kind in (ProblemKind.ONTO_ITSELF, ProblemKind.EQUAL, ProblemKind.GROUP)


@dataclass(frozen=True, slots=True)
class RuledBucket:
    """Rules and the bucket they are of."""

    connection: ConnectionId
    bucket: str
    rules: Sequence[Rule]


def problems_of(
    of: RuledBucket, others: Sequence[RuledBucket], store_of: Callable[[ConnectionId], str]
) -> list[Problem]:
    """All that is to be said of the enabled rules of a bucket, given those of the `others`.

    `store_of` names the store that a connection leads to: two connections may lead to one.
    """
    rules = [each for each in of.rules if each.is_enabled]
    home = store_of(of.connection), of.bucket
    found: list[Problem] = []
    for each in rules:
        to = store_of(each.destination.connection), each.destination.bucket
        if is_group(home[0]) or is_group(to[0]):
            found.append(Problem(ProblemKind.GROUP, each.id))
        if to == home:
            found.extend(_in_one_bucket(each))
        if each.delete_markers and each.filter.tags:
            found.append(Problem(ProblemKind.MARKERS, each.id))
        if to != home and _leads_back(home, to, others, store_of):
            found.append(Problem(ProblemKind.FACING, each.id))
    found.extend(_between(rules))
    found.extend(_meeting(rules, of, others, store_of))
    return found


def _in_one_bucket(rule: Rule) -> Iterator[Problem]:
    prefix = rule.destination.prefix
    if not prefix:
        yield Problem(ProblemKind.ONTO_ITSELF, rule.id)
    elif f"{prefix}{rule.filter.prefix}".startswith(rule.filter.prefix):
        yield Problem(ProblemKind.WITHIN, rule.id)


def _leads_back(
    home: tuple[str, str],
    to: tuple[str, str],
    others: Sequence[RuledBucket],
    store_of: Callable[[ConnectionId], str],
) -> bool:
    return any(
        (store_of(other.connection), other.bucket) == to
        and (store_of(rule.destination.connection), rule.destination.bucket) == home
        for other in others
        for rule in other.rules
        if rule.is_enabled
    )


def _meeting(
    rules: Sequence[Rule],
    of: RuledBucket,
    others: Sequence[RuledBucket],
    store_of: Callable[[ConnectionId], str],
) -> Iterator[Problem]:
    """Whether there are such objects is another question: nothing of it is forbidden."""

    def space(rule: Rule) -> tuple[str, str, str]:
        to = rule.destination
        return store_of(to.connection), to.bucket, f"{to.prefix}{rule.filter.prefix}"

    home = store_of(of.connection), of.bucket
    for at, rule in enumerate(rules):
        for former in rules[:at]:
            if _may_meet(rule, former, space, is_one_source=True):
                yield Problem(ProblemKind.MEETING, rule.id, former.id)
        for other in others:
            place = other.connection, other.bucket
            if place == (of.connection, of.bucket):
                continue  # as it was before
            is_one_source = (store_of(other.connection), other.bucket) == home
            for its in other.rules:
                if its.is_enabled and _may_meet(rule, its, space, is_one_source=is_one_source):
                    yield Problem(ProblemKind.MEETING, rule.id, its.id, place)


def _may_meet(
    one: Rule, other: Rule, space: Callable[[Rule], tuple[str, str, str]], *, is_one_source: bool
) -> bool:
    if is_one_source and one.destination.prefix == other.destination.prefix:
        # One of them decides about a key, and no two keys become one.
        return False
    (*place, first), (*there, second) = space(one), space(other)
    return place == there and (first.startswith(second) or second.startswith(first))


def _between(rules: Sequence[Rule]) -> Iterator[Problem]:
    for at, rule in enumerate(rules):
        for former in rules[:at]:
            is_same = former.filter == rule.filter
            if is_same and former.priority == rule.priority:
                yield Problem(ProblemKind.EQUAL, rule.id, former.id)
        for other_at, other in enumerate(rules):
            if other is not rule and _shadows(other, rule, is_before=other_at < at):
                yield Problem(ProblemKind.SHADOWED, rule.id, other.id)
                break


def _shadows(one: Rule, other: Rule, *, is_before: bool) -> bool:
    """Whether `one` decides about all that `other` is about."""
    is_same = one.filter == other.filter and one.priority == other.priority
    is_first = one.priority > other.priority or (one.priority == other.priority and is_before)
    covers = other.filter.prefix.startswith(one.filter.prefix) and set(one.filter.tags) <= set(
        other.filter.tags
    )
    return is_first and covers and not is_same
