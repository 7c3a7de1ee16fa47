"""Rules that contradict each other, or lead nowhere, are told before they are saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.problems import Problem, RuledBucket, problems_of
from s4desk.core.domain.replication.problems import ProblemKind as Kind
from s4desk.core.domain.replication.rules import Destination, Filter, Rule

HOME, ALIAS, AWAY, GROUP = (ConnectionId(each) for each in ("home", "alias", "away", "group"))
STORES = {HOME: "one", ALIAS: "one", AWAY: "two", GROUP: "group:7"}
PLAIN = Rule("r", Destination(AWAY, "copies"))
TAGGED = (("keep", "yes"),)


def rule(id_: str = "r", prefix: str = "", tags=(), priority: int = 0, **more) -> Rule:
    return replace(PLAIN, id=id_, filter=Filter(prefix, tags), priority=priority, **more)


def to(connection: ConnectionId, bucket: str = "main", prefix: str = "") -> dict:
    return {"destination": Destination(connection, bucket, prefix)}


def found(*rules: Rule, others=()) -> list[Problem]:
    return problems_of(RuledBucket(HOME, "main", rules), others, STORES.__getitem__)


def test_a_group_is_no_source():
    of = RuledBucket(GROUP, "main", [rule()])
    assert problems_of(of, (), STORES.__getitem__) == [Problem(Kind.GROUP, "r")]


@pytest.mark.parametrize(
    ("rules", "problems"),
    [
        ([rule()], []),
        ([rule(**to(HOME))], [Problem(Kind.ONTO_ITSELF, "r")]),
        ([rule(**to(ALIAS))], [Problem(Kind.ONTO_ITSELF, "r")]),
        ([rule(**to(ALIAS, "other"))], []),
        ([rule(**to(HOME, prefix="copies/"))], [Problem(Kind.WITHIN, "r")]),
        ([rule(prefix="a/", **to(HOME, prefix="copies/"))], []),
        ([rule(prefix="a/", **to(HOME, prefix="a/b/"))], [Problem(Kind.WITHIN, "r")]),
        ([rule(**to(GROUP))], [Problem(Kind.GROUP, "r")]),
        ([rule("a"), rule("b")], [Problem(Kind.EQUAL, "b", "a")]),
        ([rule("a"), rule("b", priority=1)], [Problem(Kind.SHADOWED, "a", "b")]),
        ([rule("a", "x/"), rule("b", "y/")], []),
        ([rule("a"), rule("b", "x/")], [Problem(Kind.SHADOWED, "b", "a")]),
        ([rule("a"), rule("b", "x/", priority=1)], []),
        ([rule("a", tags=TAGGED), rule("b")], []),
        ([rule("a"), rule("b", tags=TAGGED)], [Problem(Kind.SHADOWED, "b", "a")]),
        ([rule("a"), rule("b", is_enabled=False)], []),
        ([rule(tags=TAGGED, delete_markers=True)], [Problem(Kind.MARKERS, "r")]),
    ],
)
def test_what_rules_say_to_each_other(rules, problems):
    assert found(*rules) == problems


def test_a_rule_that_leads_back_is_told():
    back = RuledBucket(AWAY, "copies", [rule("back", **to(ALIAS))])
    assert found(rule(), others=[back]) == [Problem(Kind.FACING, "r")]
    elsewhere = replace(back, bucket="others")
    assert found(rule(), others=[elsewhere]) == []
    off = replace(back, rules=[replace(back.rules[0], is_enabled=False)])
    assert found(rule(), others=[off]) == []


@pytest.mark.parametrize(
    ("mine", "its", "meet"),
    [
        (rule(), rule("its"), True),
        (rule(), rule("its", **to(AWAY, "copies", "below/")), True),
        (rule("r", "a/"), rule("its", "a/b/"), True),
        (rule("r", "a/"), rule("its", "b/"), False),
        (rule("r", "b/", **to(AWAY, "copies", "a/")), rule("its", "a/"), True),
        (rule(**to(AWAY, "copies", "x/")), rule("its", **to(AWAY, "copies", "y/")), False),
        (rule(), rule("its", **to(AWAY, "others")), False),
        (rule(), rule("its", **to(HOME, "copies")), False),
        (rule(), rule("its", is_enabled=False), False),
        (rule(is_enabled=False), rule("its"), False),
    ],
)
def test_rules_of_two_buckets_whose_replicas_may_meet_are_told(mine, its, meet):
    second = RuledBucket(ALIAS, "second", [its])
    told = Problem(Kind.MEETING, "r", "its", (ALIAS, "second"))
    assert found(mine, others=[second]) == ([told] if meet else [])


def test_rules_of_one_bucket_meet_where_keys_are_renamed():
    second = rule("b", "b/", **to(AWAY, "copies", "a/"))
    assert found(rule("a", "a/"), second) == [Problem(Kind.MEETING, "b", "a")]
    assert found(rule("a", "a/"), rule("b", "b/")) == []
    # One bucket by two names is one source, and what is saved now takes the place of what was.
    as_before = RuledBucket(HOME, "main", [rule("old", **to(AWAY, "copies", "x/"))])
    by_alias = RuledBucket(ALIAS, "main", [rule("its")])
    assert found(rule(), others=[as_before, by_alias]) == []


def test_only_what_loses_sense_is_forbidden():
    forbidden = {each for each in Kind if Problem(each, "r").is_forbidden}
    assert forbidden == {Kind.ONTO_ITSELF, Kind.EQUAL, Kind.GROUP}
