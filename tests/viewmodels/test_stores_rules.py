"""Rules of a store's own replication in forms: nothing of them is lost."""

from __future__ import annotations

import copy

import pytest

from s4desk.viewmodels.stores_rule_form import StoresRuleForm
from s4desk.viewmodels.stores_rule_list import StoresRuleList

OLD = {
    "ID": "old",
    "Prefix": "logs/",
    "Status": "Enabled",
    "Destination": {"Bucket": "arn:aws:s3:::far"},
}
RICH = {
    "ID": "rich",
    "Priority": 3,
    "Status": "Disabled",
    "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
    "SourceSelectionCriteria": {
        "SseKmsEncryptedObjects": {"Status": "Enabled"},
        "ReplicaModifications": {"Status": "Enabled"},
    },
    "ExistingObjectReplication": {"Status": "Disabled"},
    "Destination": {
        "Bucket": "arn:aws:s3:::far",
        "Account": "123456789012",
        "StorageClass": "STANDARD_IA",
        "AccessControlTranslation": {"Owner": "Destination"},
        "EncryptionConfiguration": {"ReplicaKmsKeyID": "key"},
        "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
        "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
        "Zone": "what comes next year",
    },
    "DeleteMarkerReplication": {"Status": "Disabled"},
    "Unknown": {"Deep": [1, 2]},
}


@pytest.mark.parametrize("rule", [OLD, RICH])
def test_what_is_not_touched_stays_as_it_was(rule):
    before = copy.deepcopy(rule)
    form = StoresRuleForm(rule)
    assert form.errors == {}
    assert form.result() == before
    assert list(form.result()) == list(before)
    assert rule == before


def test_one_field_changes_one_place():
    form = StoresRuleForm(RICH)
    form.edit("storage_class", "GLACIER")
    changed = copy.deepcopy(RICH)
    changed["Destination"]["StorageClass"] = "GLACIER"  # type: ignore[index]
    assert form.result() == changed
    assert list(form.result()) == list(RICH)  # in its place


def test_what_is_emptied_is_taken_away():
    form = StoresRuleForm(RICH)
    for name in ("account", "owner", "kms_key", "encrypted"):
        form.edit(name, "")
    to = form.result()["Destination"]
    assert "Account" not in to
    assert "AccessControlTranslation" not in to
    assert "EncryptionConfiguration" not in to
    criteria = form.result()["SourceSelectionCriteria"]
    assert criteria["SseKmsEncryptedObjects"] == {"Status": "Disabled"}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("markers", ("DeleteMarkerReplication",)),
        ("existing", ("ExistingObjectReplication",)),
        ("metrics", ("Destination", "Metrics")),
        ("modifications", ("SourceSelectionCriteria", "ReplicaModifications")),
    ],
)
def test_switches(name, place):
    form = StoresRuleForm(OLD)
    form.edit(name, "yes")
    found = form.result()
    for each in place:
        found = found[each]
    assert found["Status"] == "Enabled"


def test_the_time_control_brings_its_metrics():
    form = StoresRuleForm(OLD)
    form.edit("time", "yes")
    to = form.result()["Destination"]
    assert to["ReplicationTime"] == {"Status": "Enabled", "Time": {"Minutes": 15}}
    assert to["Metrics"] == {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}
    assert "costs" in form.remarks[0]


def test_a_rule_that_gets_a_filter_gets_what_belongs_to_it():
    form = StoresRuleForm(OLD)
    form.tags.add()
    form.tags.edit(0, 0, "team")
    rule = form.result()
    assert rule["Filter"]["And"]["Prefix"] == "logs/"
    assert "Prefix" not in rule
    assert (rule["Priority"], rule["DeleteMarkerReplication"]) == (1, {"Status": "Disabled"})


def test_a_name_is_taken_for_a_bucket():
    form = StoresRuleForm(OLD)
    form.edit("bucket", "near")
    assert form.result()["Destination"]["Bucket"] == "arn:aws:s3:::near"
    assert "arn:aws:s3:::near" in form.fields["bucket"].remark


def test_every_bad_field_is_named():
    form = StoresRuleForm(RICH, {"taken"})
    for name, text in {
        "id": "taken",
        "priority": "-1",
        "bucket": " ",
        "account": "12",
        "kms_key": "",
    }.items():
        form.edit(name, text)
    form.tags.add()
    assert form.errors.keys() == {"id", "priority", "bucket", "account", "kms_key", "tags"}
    assert form.summary == ""
    form.edit("account", "")
    assert "own the replicas" in form.errors["account"]


VALUE = {"Role": "arn:role", "Rules": [OLD, RICH], "Next": "year"}


def test_a_list_gives_back_what_it_was_given():
    rules = StoresRuleList(VALUE)
    assert rules.result() == VALUE
    assert (len(rules), rules.ours) == (2, 2)
    assert rules.name(0) == "old"
    assert "far" in rules.summary(0)
    assert [rules.is_on(0), rules.is_on(1)] == [True, False]


def test_rules_are_switched_moved_copied_and_removed():
    rules = StoresRuleList(VALUE)
    rules.switch(1, on=True)
    rules.move(1, -1)
    assert [each["ID"] for each in rules.result()["Rules"]] == ["rich", "old"]
    rules.duplicate(1)
    assert not rules.is_on(2)
    assert rules.rules[2]["ID"] not in ("rich", "old")
    rules.remove(0)
    assert rules.result()["Next"] == "year"


def test_equal_priorities_for_one_destination_are_refused():
    rules = StoresRuleList(VALUE)
    assert rules.problem == ""
    rules.duplicate(1)
    assert "one priority" in rules.problem
    rules.form(2)
    form = rules.new_form()
    form.edit("bucket", "far")
    rules.remove(2)
    rules.put(len(rules), form.result())
    assert rules.rules[2]["Priority"] == 4
    assert rules.problem == ""


def test_without_rules_there_is_no_configuration():
    rules = StoresRuleList({"Role": "arn:role", "Rules": [OLD]})
    rules.remove(0)
    assert rules.result() == {}
    rules = StoresRuleList({})
    rules.role.edit("role", "arn:other")
    rules.put(len(rules), OLD)
    assert rules.result() == {"Rules": [OLD], "Role": "arn:other"}
