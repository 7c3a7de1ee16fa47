"""Of several rules one decides; a file of rules is read strictly, and comes back as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId, Location, VersionId
from s4desk.core.domain.replication.places import replica_of
from s4desk.core.domain.replication.reading import rules_of, value_of
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Matcher, Rule

AWAY = Destination(ConnectionId("c-away"), "copies")
NAMES = {"away": ConnectionId("c-away"), "attic": ConnectionId("c-attic")}
FULL = {
    "id": "all of it",
    "priority": 7,
    "enabled": False,
    "filter": {"prefix": "logs/", "tags": {"keep": "yes", "empty": ""}},
    "destination": "away:copies/of/main",
    "storage_class": "STANDARD_IA",
    "versions": "all",
    "delete_markers": True,
}


def rule(id_: str, prefix: str = "", priority: int = 0, **more: Any) -> Rule:
    tags = tuple(more.pop("tags", {}).items())
    return Rule(id_, AWAY, priority, filter=Filter(prefix, tags), **more)


def chosen(rules: list[Rule], key: str, **tags: str) -> str | None:
    found = Matcher(rules).match(key, tags)
    return found.id if found else None


def test_the_highest_priority_wins_and_of_equal_ones_the_first():
    rules = [rule("low", priority=1), rule("one", priority=5), rule("two", priority=5)]
    assert chosen(rules, "a") == "one"
    assert chosen([*rules, rule("narrow", "a", 9)], "b") == "one"
    assert chosen([*rules, rule("narrow", "a", 9)], "abc") == "narrow"


def test_a_disabled_rule_never_matches():
    assert chosen([rule("off", priority=9, is_enabled=False)], "a") is None


def test_all_tags_and_the_prefix_must_be_there():
    rules = [rule("tagged", "a/", tags={"x": "1", "y": ""})]
    assert chosen(rules, "a/b", x="1", y="") == "tagged"
    assert chosen(rules, "a/b", x="1", y="", z="more") == "tagged"
    assert chosen(rules, "a/b", x="1") is None
    assert chosen(rules, "a/b", x="2", y="") is None
    assert chosen(rules, "b", x="1", y="") is None


def test_tags_are_only_asked_for_when_they_decide():
    rules = [rule("plain", "a/", 5), rule("tagged", priority=1, tags={"x": "1"})]
    matcher = Matcher(rules)
    assert not matcher.wants_tags("a/b")
    assert matcher.wants_tags("b")
    assert matcher.candidates("b")
    assert not Matcher([rule("other", "a/")]).candidates("b")
    assert not Matcher([rule("other", "a/")]).wants_tags("b")


KEYS = st.text("ab/", max_size=4)
TAGS = st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"))
RULES = st.lists(
    st.builds(
        lambda prefix, priority, is_enabled, tags: rule(
            "", prefix, priority, is_enabled=is_enabled, tags=tags
        ),
        KEYS,
        st.integers(0, 2),
        st.booleans(),
        TAGS,
    ),
    max_size=5,
)


@given(RULES, KEYS, TAGS)
def test_what_decides_is_the_first_of_the_highest_that_match(rules, key, tags):
    fit = [each for each in rules if each.is_enabled and each.filter.matches(key, tags)]
    found = Matcher(rules).match(key, tags)
    if not fit:
        assert found is None
    else:
        assert found is next(
            each for each in fit if each.priority == max(other.priority for other in fit)
        )


@given(RULES, KEYS, TAGS)
def test_who_need_not_ask_for_tags_may_do_without(rules, key, tags):
    matcher = Matcher(rules)
    if not matcher.wants_tags(key):
        assert matcher.match(key, {}) is matcher.match(key, tags)
    if matcher.match(key, tags) is not None:
        assert matcher.candidates(key)


def test_where_a_replica_goes():
    plain = rule("r")
    assert replica_of(plain, "a/b") == Location("copies", "a/b")
    below = Rule("r", Destination(AWAY.connection, "copies", "of/"), versions=Kept.ALL)
    version = VersionId("v1")
    assert replica_of(below, "a", version) == Location("copies", "of/a")
    kept = replica_of(below, "a", version, is_versioned=False)
    assert kept == Location("copies", "of/a.__s4ver__/v1")
    # The latest alone is asked for, or there are no versions to keep apart.
    assert replica_of(plain, "a", version, is_versioned=False) == Location("copies", "a")
    assert replica_of(below, "a", is_versioned=False) == Location("copies", "of/a")


def test_a_file_of_rules_is_read_and_written_alike():
    found = rules_of({"rules": [FULL, {"id": "short", "destination": "attic:b"}]}, NAMES.get)
    assert found == (
        Rule(
            "all of it",
            Destination(NAMES["away"], "copies", "of/main"),
            7,
            is_enabled=False,
            filter=Filter("logs/", (("keep", "yes"), ("empty", ""))),
            storage_class="STANDARD_IA",
            versions=Kept.ALL,
            delete_markers=True,
        ),
        Rule("short", Destination(NAMES["attic"], "b")),
    )
    names = {id_: name for name, id_ in NAMES.items()}
    written = json.loads(json.dumps(value_of(found, names.__getitem__)))
    assert written["rules"][0] == FULL
    assert rules_of(written, NAMES.get) == found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "a file of replication rules is"),
        ({"rules": [], "Role": "x"}, "a file of replication rules is"),
        ({"rules": "all"}, "rules: a list"),
        ({"rules": [1]}, r"rules\[0\]: an object"),
        ({"rules": [FULL, FULL]}, r'rules\[1\]\.id: "all of it" is the id of another'),
        ({"rules": [FULL | {"id": ""}]}, r"\.id: 1 to 255"),
        ({"rules": [FULL | {"id": "x" * 256}]}, r"\.id: 1 to 255"),
        ({"rules": [FULL | {"Priority": 1}]}, r"rules\[0\]\.Priority: there is no such field"),
        ({"rules": [FULL | {"storage_class": "A\r\nx"}]}, r"rules\[0\]\.storage_class: letters"),
        ({"rules": [FULL | {"priority": True}]}, r"\.priority: a whole number"),
        ({"rules": [FULL | {"priority": "1"}]}, r"\.priority: a whole number"),
        ({"rules": [FULL | {"enabled": "no"}]}, r"\.enabled: true or false"),
        ({"rules": [FULL | {"filter": {"size": 1}}]}, r"\.filter\.size: there is no such"),
        ({"rules": [FULL | {"filter": {"tags": {"a": 1}}}]}, r"\.filter\.tags\.a: a text"),
        ({"rules": [FULL | {"filter": {"tags": ["a"]}}]}, r"\.filter\.tags: an object"),
        ({"rules": [FULL | {"destination": "copies"}]}, r"\.destination: NAME:BUCKET"),
        ({"rules": [FULL | {"destination": "away:"}]}, r"\.destination: NAME:BUCKET"),
        ({"rules": [FULL | {"destination": "gone:b"}]}, 'there is no connection "gone"'),
        ({"rules": [FULL | {"versions": "some"}]}, r'\.versions: "latest" or "all"'),
        ({"rules": [FULL | {"delete_markers": None}]}, r"\.delete_markers: true or false"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(value, said):
    with pytest.raises(ValidationError, match=said):
        rules_of(value, NAMES.get)
