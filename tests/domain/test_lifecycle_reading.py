"""Rules are read as the API writes them, and what is not understood is named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.reading import lifecycle_of, rule_of
from s4desk.core.domain.lifecycle.rules import (
    Filter,
    Lifecycle,
    MinimumSize,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)

FULL = """<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Rule>
    <ID>all of it</ID>
    <Filter><And>
      <Prefix>logs/</Prefix>
      <Tag><Key>a</Key><Value>1</Value></Tag>
      <Tag><Key>b</Key><Value></Value></Tag>
      <ObjectSizeGreaterThan>500</ObjectSizeGreaterThan>
      <ObjectSizeLessThan>64000</ObjectSizeLessThan>
    </And></Filter>
    <Status>Enabled</Status>
    <Expiration><Days>365</Days></Expiration>
    <Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>
    <Transition>
      <Date>2027-01-01T00:00:00.000Z</Date><StorageClass>GLACIER</StorageClass>
    </Transition>
    <NoncurrentVersionExpiration>
      <NoncurrentDays>5</NoncurrentDays><NewerNoncurrentVersions>3</NewerNoncurrentVersions>
    </NoncurrentVersionExpiration>
    <NoncurrentVersionTransition>
      <NoncurrentDays>1</NoncurrentDays><StorageClass>GLACIER_IR</StorageClass>
      <NewerNoncurrentVersions>2</NewerNoncurrentVersions>
    </NoncurrentVersionTransition>
    <AbortIncompleteMultipartUpload>
      <DaysAfterInitiation>7</DaysAfterInitiation>
    </AbortIncompleteMultipartUpload>
  </Rule>
  <Rule>
    <Prefix>old/</Prefix>
    <Status>Disabled</Status>
    <Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>
  </Rule>
</LifecycleConfiguration>"""


def test_all_elements_are_read() -> None:
    document = BucketDocument(
        ConfigKind.LIFECYCLE,
        FULL.encode(),
        {"x-amz-transition-default-minimum-object-size": "varies_by_storage_class"},
    )
    assert lifecycle_of(as_json(document)) == Lifecycle(
        (
            Rule(
                id="all of it",
                filter=Filter("logs/", (("a", "1"), ("b", "")), 500, 64000),
                expiration=When(365),
                transitions=(
                    Transition(When(30), "STANDARD_IA"),
                    Transition(When(date=datetime(2027, 1, 1, tzinfo=UTC)), "GLACIER"),
                ),
                noncurrent_expiration=NoncurrentExpiration(5, 3),
                noncurrent_transitions=(Transition(When(1), "GLACIER_IR", 2),),
                abort_days=7,
            ),
            Rule(is_enabled=False, filter=Filter("old/"), expires_markers=True),
        ),
        MinimumSize.BY_CLASS,
    )


@pytest.mark.parametrize("value", [{}, {"Rules": []}, {"Rules": None}])
def test_no_rules(value: dict[str, Any]) -> None:
    assert lifecycle_of(value) == Lifecycle()


@pytest.mark.parametrize("rules", [{"ID": "x"}, ["x"], "x", [None], 3])
def test_no_list_of_rules(rules: Any) -> None:
    with pytest.raises(ValidationError):
        lifecycle_of({"Rules": rules})


@pytest.mark.parametrize(
    ("status", "is_enabled"),
    [("Enabled", True), ("Disabled", False), ("enabled", False), ("", False), (None, False)],
)
def test_only_enabled_is(status: str | None, is_enabled: bool) -> None:
    assert rule_of({"Status": status}).is_enabled is is_enabled
    assert not rule_of({}).is_enabled


BOTH = Filter("x", (("a", "1"), ("b", "2")))
A, B = {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}


@pytest.mark.parametrize(
    ("rule", "filter"),
    [
        ({}, Filter()),
        ({"Filter": {}}, Filter()),
        ({"Prefix": ""}, Filter()),
        ({"Prefix": "x"}, Filter("x")),
        ({"Prefix": "x", "Filter": None}, Filter("x")),
        ({"Filter": {"Prefix": "x", "Tag": None, "And": None}}, Filter("x")),
        ({"Filter": {"Prefix": "x"}}, Filter("x")),
        ({"Filter": {"Tag": A}}, Filter(tags=(("a", "1"),))),
        ({"Filter": {"Tag": [A, B]}}, Filter(tags=(("a", "1"), ("b", "2")))),
        ({"Filter": {"ObjectSizeGreaterThan": 0}}, Filter(larger_than=0)),
        ({"Filter": {"ObjectSizeLessThan": "9"}}, Filter(smaller_than=9)),
        (
            {"Filter": {"And": {"Prefix": "x", "Tags": [A, B]}}},
            Filter("x", (("a", "1"), ("b", "2"))),
        ),
        (
            {"Filter": {"Prefix": "x", "And": {"Tags": [A, B]}}},
            Filter("x", (("a", "1"), ("b", "2"))),
        ),
        ({"Prefix": "x", "Filter": {"Prefix": "x/y"}}, Filter("x/y")),
        (
            {"Filter": {"ObjectSizeGreaterThan": 1, "And": {"ObjectSizeGreaterThan": 2}}},
            Filter(larger_than=2),
        ),
        (
            {"Filter": {"ObjectSizeLessThan": 1, "And": {"ObjectSizeLessThan": 2}}},
            Filter(smaller_than=1),
        ),
    ],
)
def test_a_filter_in_any_shape(rule: dict[str, Any], filter: Filter) -> None:
    """All that is said must hold, wherever it is said; Ceph keeps And in a shape of its own."""
    read = rule_of(rule)
    assert read.filter == filter
    assert read.unknown == ()


@pytest.mark.parametrize(
    ("rule", "unknown"),
    [
        ({"Novelty": 1}, ("Novelty",)),
        ({"Filter": {"LastAccessed": 3}}, ("Filter/LastAccessed",)),
        ({"Filter": {"And": {"Owner": "me"}}}, ("Filter/And/Owner",)),
        ({"Filter": {"Tag": {"Key": "a", "Value": "1", "Not": True}}}, ("Filter/Tag/Not",)),
        ({"Filter": "logs/"}, ("Filter",)),
        ({"Filter": None}, ("Filter",)),
        ({"Filter": {"Prefix": None}}, ("Filter",)),
        ({"Filter": {"And": {}}}, ("Filter",)),
        ({"Filter": {"And": {"Tags": []}}}, ("Filter",)),
        ({"Prefix": "x", "Filter": {"Prefix": "y"}}, ("Filter/Prefix",)),
        ({"Prefix": 3}, ("Prefix",)),
        ({"Filter": {"ObjectSizeLessThan": "1 KB"}}, ("Filter/ObjectSizeLessThan",)),
        ({"Filter": {"ObjectSizeLessThan": -1}}, ("Filter/ObjectSizeLessThan",)),
        ({"Filter": {"ObjectSizeLessThan": True}}, ("Filter/ObjectSizeLessThan",)),
        ({"Filter": {"ObjectSizeLessThan": 1.5}}, ("Filter/ObjectSizeLessThan",)),
        ({"Expiration": {"Days": "soon"}}, ("Expiration/Days",)),
        ({"Expiration": {"Days": -3}}, ("Expiration/Days",)),
        ({"Expiration": {"Days": "\u0663"}}, ("Expiration/Days",)),
        ({"Expiration": {"Date": "soon"}}, ("Expiration/Date",)),
        ({"Expiration": {"Date": True}}, ("Expiration/Date",)),
        ({"Expiration": {"Date": 10**20}}, ("Expiration/Date",)),
        (
            {"Expiration": {"ExpiredObjectDeleteMarker": "true"}},
            ("Expiration/ExpiredObjectDeleteMarker",),
        ),
        ({"Expiration": [1]}, ("Expiration",)),
        ({"Transitions": [{"Days": 3}]}, ("Transitions/StorageClass",)),
        ({"Transitions": [{"StorageClass": "GLACIER"}]}, ("Transitions/Days",)),
        (
            {"Transitions": [{"Days": 3, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}]},
            ("Transitions/NewerNoncurrentVersions",),
        ),
        ({"Transitions": ["x"]}, ("Transitions",)),
        (
            {"NoncurrentVersionTransitions": [{"StorageClass": "GLACIER"}]},
            ("NoncurrentVersionTransitions/NoncurrentDays",),
        ),
        (
            {"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 2}},
            ("NoncurrentVersionExpiration/NoncurrentDays",),
        ),
        (
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "x"}},
            ("AbortIncompleteMultipartUpload/DaysAfterInitiation",),
        ),
    ],
)
def test_what_is_not_understood_is_named(rule: dict[str, Any], unknown: tuple[str, ...]) -> None:
    read = rule_of({"Status": "Enabled"} | rule)
    assert read.unknown == unknown
    assert (read.expiration, read.transitions, read.noncurrent_transitions) == (None, (), ()) or (
        "NewerNoncurrentVersions" in unknown[0]
    )
    assert (read.noncurrent_expiration, read.abort_days, read.expires_markers) == (
        None,
        None,
        False,
    )


@pytest.mark.parametrize(
    "date",
    [
        "2027-01-01",
        "2027-01-01T00:00:00Z",
        "2027-01-01T00:00:00.000Z",
        "2027-01-01T00:00:00+00:00",
        "2027-01-01T02:00:00+02:00",
        "2027-01-01 00:00:00",
        1798761600,
        1798761600.0,
    ],
)
def test_dates_in_any_writing(date: Any) -> None:
    read = rule_of({"Expiration": {"Date": date}})
    assert read.expiration == When(date=datetime(2027, 1, 1, tzinfo=UTC))
    assert read.expiration.date is not None
    assert read.expiration.date.tzinfo is UTC


def test_a_date_and_days_are_both_kept() -> None:
    read = rule_of({"Expiration": {"Days": "3", "Date": "2027-01-01"}})
    assert read.expiration == When(3, datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("said", "minimum"),
    [
        (None, MinimumSize.ALL_CLASSES),
        ("all_storage_classes_128K", MinimumSize.ALL_CLASSES),
        ("varies_by_storage_class", MinimumSize.BY_CLASS),
        ("none", MinimumSize.ALL_CLASSES),
    ],
)
def test_the_default_minimum_size(said: str | None, minimum: MinimumSize) -> None:
    value: dict[str, Any] = {"Rules": [{}], "TransitionDefaultMinimumObjectSize": said}
    assert lifecycle_of(value).minimum is minimum
