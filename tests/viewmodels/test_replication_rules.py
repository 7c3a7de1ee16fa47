"""Replication rules in forms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.problems import RuledBucket
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Rule
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.table import Source
from s4desk.viewmodels.replication_overview import StoresRule
from s4desk.viewmodels.replication_rule_form import (
    IntervalForm,
    ReplicationRuleForm,
    every_from,
    every_words,
)
from s4desk.viewmodels.replication_rule_list import Neighbours, ReplicationRuleList

HOME, AWAY = ConnectionId("home"), ConnectionId("away")
NAMES = [(HOME, "Home"), (AWAY, "Away")]
RULE = Rule("r", Destination(AWAY, "copies"))
RICH = Rule(
    "rich",
    Destination(AWAY, "copies", "old/"),
    7,
    False,
    Filter("logs/", (("keep", "a=b, c"), ("team", ""))),
    "GLACIER",
    Kept.ALL,
    True,
)


def list_of(*rules: Rule, others: tuple[RuledBucket, ...] = (), stores: int = 0):
    ruled = Ruled(Source(HOME, "photos"), rules)
    own = [StoresRule(f"s{at}", "far", is_enabled=True) for at in range(stores)]
    return ReplicationRuleList(ruled, Neighbours(NAMES, others, str), own)


@pytest.mark.parametrize("rule", [RULE, RICH])
def test_a_form_gives_back_what_it_was_given(rule):
    form = ReplicationRuleForm(rule, NAMES)
    assert form.errors == {}
    assert form.result() == rule


def test_every_bad_field_is_named():
    form = ReplicationRuleForm(RULE, NAMES, {"taken"})
    for name, text in {
        "id": "taken",
        "priority": "1.5",
        "bucket": "a/b",
        "storage_class": "two words",
    }.items():
        form.edit(name, text)
    form.tags.add()
    assert form.errors.keys() == {"id", "priority", "bucket", "storage_class", "tags"}
    assert form.summary == ""
    assert form.remarks == ()


@pytest.mark.parametrize(("name", "text"), [("id", " "), ("id", "x" * 256), ("bucket", "")])
def test_what_is_missing_or_too_long(name, text):
    form = ReplicationRuleForm(RULE, NAMES)
    form.edit(name, text)
    assert form.errors.keys() == {name}


def test_a_connection_that_is_gone_is_no_choice():
    form = ReplicationRuleForm(RULE, [(HOME, "Home")])
    assert form.errors == {"connection": "Choose a connection."}
    form.edit("connection", HOME)
    assert form.result().destination == Destination(HOME, "copies")


def test_a_tag_is_asked_for_once():
    form = ReplicationRuleForm(replace(RULE, filter=Filter("", (("a", "1"), ("a", "2")))), NAMES)
    assert "twice" in form.errors["tags"]


def test_a_rule_is_said_in_words():
    form = ReplicationRuleForm(RICH, NAMES)
    form.edit("is_on", "yes")
    assert "logs/" in form.summary
    assert "Away:copies/old/" in form.summary
    assert "all versions" in form.summary


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), (" 1h ", 3600), ("1 d", 86400)]
)
def test_intervals(text, seconds):
    assert every_from(text) == timedelta(seconds=seconds)
    assert every_from(every_words(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "1s", "8d", "-5m", "5 minutes"])
def test_no_intervals(text):
    with pytest.raises(ValidationError):
        every_from(text)
    form = IntervalForm(timedelta(minutes=5))
    form.edit("every", text)
    assert form.errors


def test_a_rule_onto_itself_is_refused_as_it_is_typed():
    rules = list_of(RULE)
    form = rules.form(0)
    form.edit("connection", HOME)
    form.edit("bucket", "photos")
    assert "leads to the same bucket" in form.remarks[0]
    assert rules.refusals == []
    rules.put(0, form.result())
    assert "leads to the same bucket" in rules.refusals[0]


def test_equal_priorities_are_refused_and_a_new_rule_has_its_own():
    rules = list_of(RULE)
    rules.duplicate(0)
    assert [each.id for each in rules.rules] == ["r", "r-1"]
    assert not rules.is_on(1)
    assert rules.refusals == []
    rules.switch(1, on=True)
    assert "one priority" in rules.refusals[0]
    form = rules.new_form()
    form.edit("bucket", "more")
    assert form.result().priority == 1
    assert form.fields["connection"].value == AWAY


def test_two_rules_that_face_each_other_are_remarked_on():
    back = RuledBucket(AWAY, "copies", [Rule("back", Destination(HOME, "photos"))])
    rules = list_of(RULE, others=(back,))
    assert rules.refusals == []
    assert any("leads back" in each for each in rules.remarks)


def test_what_is_forgotten_is_said():
    rules = list_of(RULE)
    assert rules.remarks == []
    rules.put(0, replace(RULE, priority=5))
    assert rules.remarks == []
    rules.put(0, replace(RULE, destination=Destination(AWAY, "elsewhere")))
    assert "forgotten" in rules.remarks[0]
    rules.remove(0)
    assert "forgotten" in rules.remarks[0]


def test_order_counts_and_edits_are_noticed():
    rules = list_of(RULE, RICH)
    assert not rules.is_edited
    rules.move(1, -1)
    assert [each.id for each in rules.result().rules] == ["rich", "r"]
    assert rules.is_edited
    rules.move(0, 1)
    assert not rules.is_edited
    rules.interval.edit("every", "?")
    assert rules.is_edited
    assert rules.refusals


def test_rules_of_the_store_are_in_the_same_list():
    rules = list_of(RULE, stores=1)
    assert (len(rules), rules.ours) == (2, 1)
    assert rules.summary(0).startswith("s4desk: All objects go to Away:copies.")
    assert rules.summary(1).startswith("The store itself: to far.")
    assert rules.name(1) == "s0"
    rules.switch(1, on=False)
    assert rules.is_on(1)


def test_json_goes_and_comes():
    rules = list_of(RULE, RICH)
    text = rules.json
    assert json.loads(text)["rules"][0]["destination"] == "Away:copies"
    rules.remove(0)
    assert rules.read_json(text) is None
    assert rules.rules == [RULE, RICH]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Line"),
        ('{"rules": [{"id": "a", "destination": "Gone:b"}]}', 'no connection "Gone"'),
        ("{}", "rules"),
    ],
)
def test_json_that_is_none_leaves_the_rules(text, said):
    rules = list_of(RULE)
    problem = rules.read_json(text)
    assert problem is not None
    assert said in problem.sentence
    assert rules.rules == [RULE]


def test_rules_that_meet_are_named_with_their_bucket():
    its = RuledBucket(AWAY, "second", [replace(RULE, id="its")])
    rules = list_of(RULE, others=(its,))
    assert rules.refusals == []
    said = "Replicas of “r” and of “its” in Away:second may get the same keys"
    (remark,) = rules.remarks
    assert remark.startswith(said)
    assert rules.form(0).remarks == [remark]
