"""Rules of ours as the store itself would be told them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.native import native_value, unsaid
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Rule

ROLE = "arn:aws:iam::1:role/r"
RULE = Rule(
    "r",
    Destination(ConnectionId("away"), "copies"),
    3,
    filter=Filter("logs/", (("keep", "yes"),)),
    storage_class="STANDARD_IA",
    versions=Kept.ALL,
)


@pytest.mark.parametrize(
    ("filter_", "told"),
    [
        (Filter(), {"Prefix": ""}),
        (Filter("a/"), {"Prefix": "a/"}),
        (Filter("", (("k", "v"),)), {"Tag": {"Key": "k", "Value": "v"}}),
        (
            Filter("a/", (("k", "v"),)),
            {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
        ),
    ],
)
def test_filters_are_told_in_the_shape_that_s3_takes(filter_, told):
    (rule,) = native_value([replace(RULE, filter=filter_)], ROLE)["Rules"]
    assert rule["Filter"] == told


def test_all_of_a_rule_is_told_and_is_a_configuration():
    value = native_value([RULE, replace(RULE, id="off", is_enabled=False)], ROLE)
    assert value["Role"] == ROLE
    rule, off = value["Rules"]
    assert rule["Destination"] == {"Bucket": "arn:aws:s3:::copies", "StorageClass": "STANDARD_IA"}
    assert (rule["ID"], rule["Priority"], rule["Status"]) == ("r", 3, "Enabled")
    assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}
    assert off["Status"] == "Disabled"
    assert as_json(from_json(ConfigKind.REPLICATION, value)) == value


def test_what_a_store_does_otherwise_is_named():
    assert unsaid(RULE) == []
    there = replace(RULE.destination, prefix="put/")
    latest = replace(RULE, destination=there, versions=Kept.LATEST, delete_markers=True)
    assert unsaid(latest) == ["destination", "versions", "delete_markers"]
    markers = native_value([latest], ROLE)["Rules"][0]["DeleteMarkerReplication"]
    assert markers == {"Status": "Disabled"}
