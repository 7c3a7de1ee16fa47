"""What the API refuses of a lifecycle rule, and what is only odd about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.checks import Fault, Part, rule_problems, written_problems
from s4desk.core.domain.lifecycle.conflicts import conflicts, conflicts_of, covers
from s4desk.core.domain.lifecycle.filter_shape import (
    filter_of,
    is_old_shape,
    with_filter,
    with_scope,
)
from s4desk.core.domain.lifecycle.rules import Filter

F = Fault
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ODD = {"Odd": {"Deep": ["kept"]}}


def rule(**fields: Any) -> dict[str, Any]:
    return {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "a/"}, **fields}


def faults(**fields: Any) -> list[Fault]:
    return [each.fault for each in rule_problems(rule(**fields), now=NOW)]


def moved(*pairs: tuple[int, str], **fields: Any) -> list[Fault]:
    entries = [{"Days": days, "StorageClass": name} for days, name in pairs]
    return faults(Transitions=entries, **fields)


TAGGED = {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}
SIZED = {"ObjectSizeGreaterThan": 5}

CASES: list[tuple[dict[str, Any], list[Fault]]] = [
    ({"Expiration": {"Days": 1}}, []),
    ({}, [F.NO_ACTION]),
    ({"ID": "x" * 256, "Expiration": {"Days": 1}}, [F.LONG_ID]),
    ({"ID": "x" * 255, "Expiration": {"Days": 1}}, []),
    ({"Status": "On", "Expiration": {"Days": 1}}, [F.UNKNOWN_STATUS]),
    ({"Status": "enabled", "Expiration": {"Days": 1}}, [F.UNKNOWN_STATUS]),
    ({"Expiration": {"Days": 0}}, [F.DAYS_BELOW_ONE]),
    ({"Expiration": {"Days": 2**31}}, [F.TOO_MANY_DAYS]),
    ({"Expiration": {"Days": "soon"}}, [F.NOT_A_NUMBER]),
    ({"Expiration": {"Days": 1, "Date": "2027-01-01T00:00:00Z"}}, [F.TWO_MOMENTS]),
    ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, [F.TWO_MOMENTS]),
    ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": False}}, [F.TWO_MOMENTS]),
    ({"Expiration": {}}, [F.NO_MOMENT, F.NO_ACTION]),
    ({"Expiration": {"Date": "2027-01-01T00:00:00Z"}}, []),
    ({"Expiration": {"Date": "2027-01-01T02:00:00+02:00"}}, []),
    ({"Expiration": {"Date": "2027-01-01"}}, []),
    ({"Expiration": {"Date": "2027-01-01T01:00:00Z"}}, [F.NOT_MIDNIGHT]),
    ({"Expiration": {"Date": "New Year"}}, [F.NOT_A_DATE]),
    ({"Expiration": {"Date": "2026-06-01"}}, [F.PAST_DATE]),
    ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, []),
    ({"Expiration": {"ExpiredObjectDeleteMarker": True}, "Filter": TAGGED}, [F.NOT_WITH_TAGS]),
    ({"Expiration": {"ExpiredObjectDeleteMarker": True}, "Filter": SIZED}, [F.NOT_WITH_SIZES]),
    ({"Expiration": {"ExpiredObjectDeleteMarker": False}, "Filter": TAGGED}, []),
    ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}, []),
    ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}}, [F.DAYS_BELOW_ONE]),
    (
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Filter": TAGGED},
        [F.NOT_WITH_TAGS],
    ),
    (
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Filter": SIZED},
        [F.NOT_WITH_SIZES],
    ),
    ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 100}}, []),
    (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 0, "NewerNoncurrentVersions": 101}},
        [F.DAYS_BELOW_ONE, F.NEWER_RANGE],
    ),
    ({"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 3}}, [F.NEWER_NEEDS_DAYS]),
    ({"NoncurrentVersionExpiration": {}}, [F.NO_MOMENT, F.NO_ACTION]),
    ({"NoncurrentVersionTransitions": [{"StorageClass": "GLACIER"}]}, [F.NO_MOMENT]),
    ({"NoncurrentVersionTransitions": [{"NoncurrentDays": 0, "StorageClass": "GLACIER"}]}, []),
    (
        {
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": "GLACIER"}],
        },
        [F.AFTER_EXPIRATION],
    ),
    ({"Transitions": [{"Days": -1, "StorageClass": "GLACIER"}]}, [F.DAYS_BELOW_ZERO]),
    ({"Transitions": [{"Days": 1}]}, [F.NO_CLASS]),
    ({"Transitions": [{"StorageClass": "GLACIER"}]}, [F.NO_MOMENT]),
    (
        {
            "Transitions": [{"Date": "2027-01-01", "StorageClass": "GLACIER"}],
            "Expiration": {"Days": 5},
        },
        [F.MIXED_MOMENTS],
    ),
    (
        {
            "Transitions": [{"Date": "2027-01-02", "StorageClass": "GLACIER"}],
            "Expiration": {"Date": "2027-01-02"},
        },
        [F.AFTER_EXPIRATION],
    ),
    ({"Filter": {"Prefix": "/a"}, "Expiration": {"Days": 1}}, [F.PREFIX_SLASH]),
    ({"Filter": {"Prefix": "a*"}, "Expiration": {"Days": 1}}, [F.PREFIX_STAR]),
    ({"Filter": {"Prefix": "ä" * 513}, "Expiration": {"Days": 1}}, [F.LONG_PREFIX]),
    ({"Expiration": {"Days": 1, "Weeks": "2"}}, [F.UNKNOWN_ELEMENT]),
    ({"Filter": {"ObjectSizeGreaterThan": -5}, "Expiration": {"Days": 1}}, [F.NOT_A_SIZE]),
    (
        {
            "Filter": {"And": {"Prefix": "a", "ObjectSizeLessThan": "big"}},
            "Expiration": {"Days": 1},
        },
        [F.NOT_A_SIZE],
    ),
]


@pytest.mark.parametrize(("fields", "expected"), CASES, ids=str)
def test_limits_of_the_api(fields: dict[str, Any], expected: list[Fault]) -> None:
    assert faults(**fields) == expected


NOBODY: list[dict[str, Any]] = [
    {},
    {"Filter": None},
    {"Prefix": None},
    {"Filter": {"Prefix": None}},
    {"Filter": {"And": {}}},
    {"Filter": {"And": None}},
    {"Filter": {"And": {"Prefix": None, "Tags": []}}},
]
SOMETHING: list[dict[str, Any]] = [
    {"Prefix": ""},
    {"Filter": {}},
    {"Filter": {"Prefix": ""}},
    {"Filter": {"Prefix": None, "ObjectSizeGreaterThan": 0}},
    {"Filter": {"And": {"Prefix": "", "Tags": None}}},
    {"Filter": None, "Prefix": "a/"},
]


@pytest.mark.parametrize("scope", NOBODY, ids=str)
def test_a_rule_says_what_it_is_about(scope: dict[str, Any]) -> None:
    """Most programs leave out what is null, and then a slip is about all objects."""
    bare = {"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}, **scope}
    [problem] = rule_problems(bare)
    assert (problem.fault, problem.part, problem.is_error) == (F.NO_SCOPE, Part.PREFIX, True)
    mended = with_scope(bare)
    assert rule_problems(mended) == []
    assert filter_of(mended) == Filter()


@pytest.mark.parametrize(
    ("scope", "is_mixed"),
    [
        ({"Filter": {}}, False),
        ({"Filter": {"Prefix": "a", "Tag": None}}, False),
        ({"Filter": {"And": {"Prefix": "a", "ObjectSizeGreaterThan": 5}}}, False),
        ({"Prefix": "a"}, False),
        ({"Prefix": "a", "Filter": None}, False),
        ({"Prefix": None, "Filter": {"Prefix": "a"}}, False),
        ({"Prefix": "a", "Filter": {"Prefix": "a"}}, True),
        ({"Filter": {"Prefix": "a", "ObjectSizeGreaterThan": 5}}, True),
        ({"Filter": {"Prefix": "a", "And": {"ObjectSizeGreaterThan": 5}}}, True),
    ],
    ids=str,
)
def test_what_a_person_writes_is_in_one_place(scope: dict[str, Any], is_mixed: bool) -> None:
    """Ceph mixes them itself: that is no problem of a rule that it has."""
    written = {"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}, **scope}
    assert rule_problems(written) == []
    told = [each.fault for each in written_problems(written)]
    assert told == ([F.MIXED_FILTER] if is_mixed else [])


@pytest.mark.parametrize("scope", SOMETHING, ids=str)
def test_all_objects_can_be_said_in_many_ways(scope: dict[str, Any]) -> None:
    clear = {"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}, **scope}
    assert rule_problems(clear) == []
    assert with_scope(clear) == clear


def test_classes_have_an_order_and_infrequent_access_its_days() -> None:
    assert moved((30, "STANDARD_IA"), (60, "GLACIER"), (90, "DEEP_ARCHIVE")) == []
    assert moved((29, "ONEZONE_IA")) == [F.TOO_EARLY_FOR_IA]
    assert moved((30, "STANDARD_IA"), (59, "GLACIER")) == [F.TOO_SOON_AFTER_IA]
    assert moved((1, "GLACIER"), (2, "GLACIER_IR")) == [F.CLASS_ORDER]
    assert moved((1, "GLACIER"), (1, "DEEP_ARCHIVE")) == [F.CLASS_ORDER]
    assert moved((1, "GLACIER"), (2, "GLACIER")) == [F.CLASS_TWICE]
    assert moved((1, "COLD"), (2, "COLDER")) == []
    assert moved((0, "GLACIER")) == [F.AT_ONCE]
    assert moved((7, "GLACIER"), Expiration={"Days": 7}) == [F.AFTER_EXPIRATION]
    assert moved((7, "GLACIER"), Expiration={"Days": 8}) == []
    assert moved((7, "GLACIER"), Expiration={"ExpiredObjectDeleteMarker": True}) == []
    early = [{"NoncurrentDays": 29, "StorageClass": "STANDARD_IA"}]
    assert faults(NoncurrentVersionTransitions=early) == [F.TOO_EARLY_FOR_IA]


@pytest.mark.parametrize(
    ("larger", "smaller", "is_wrong"),
    [(None, 0, True), (None, 1, False), (0, 1, True), (0, 2, False), (5, 6, True), (5, 7, False)],
)
def test_a_size_must_lie_between(larger: int | None, smaller: int, is_wrong: bool) -> None:
    filter: dict[str, Any] = {"ObjectSizeLessThan": smaller}
    if larger is not None:
        filter = {"And": {**filter, "ObjectSizeGreaterThan": larger}}
    found = faults(Filter=filter, Expiration={"Days": 1})
    assert (F.NO_SIZE in found) is is_wrong


def test_tags_have_keys_once_and_not_too_long() -> None:
    def of(*tags: tuple[str, str]) -> list[Fault]:
        entries = [{"Key": key, "Value": value} for key, value in tags]
        return faults(Filter={"And": {"Tags": entries}}, Expiration={"Days": 1})

    assert of(("a", "1"), ("b", "1")) == []
    assert of(("a", "1"), ("a", "2")) == [F.TAG_TWICE]
    assert of(("", "1")) == [F.TAG_WITHOUT_KEY]
    assert of(("a" * 129, "")) == [F.LONG_TAG]
    assert of(("a", "v" * 257)) == [F.LONG_TAG]


def test_versions_are_counted_only_with_a_filter() -> None:
    old = {"NoncurrentDays": 3, "NewerNoncurrentVersions": 3}
    bare = {"ID": "r", "Status": "Enabled", "Prefix": "a/", "NoncurrentVersionExpiration": old}
    [problem] = rule_problems(bare)
    assert (problem.fault, problem.part) == (F.NEWER_NEEDS_FILTER, Part.NEWER)
    assert problem.is_error


def numbered(*rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule(ID=f"r{at}", **each) for at, each in enumerate(rules)]


def met(*rules: dict[str, Any]) -> list[tuple[Fault, int, int | None]]:
    return [(each.fault, each.rule, each.other) for each in conflicts(numbered(*rules))]


def test_what_another_rule_has_deleted_before() -> None:
    wide, narrow = {"Prefix": ""}, {"Prefix": "logs/"}
    assert met(
        {"Filter": wide, "Expiration": {"Days": 7}}, {"Filter": narrow, "Expiration": {"Days": 30}}
    ) == [(F.OUTRUN, 1, 0)]
    # The other way round both are meant: an exception from the rule.
    assert (
        met(
            {"Filter": wide, "Expiration": {"Days": 30}},
            {"Filter": narrow, "Expiration": {"Days": 7}},
        )
        == []
    )
    tag = {"Tag": {"Key": "k", "Value": "v"}}
    assert met(
        {"Filter": tag, "Expiration": {"Days": 7}}, {"Filter": narrow, "Expiration": {"Days": 30}}
    ) == [(F.OVERLAP, 1, 0)]
    assert (
        met(
            {"Filter": {"Prefix": "a/"}, "Expiration": {"Days": 7}},
            {"Filter": {"Prefix": "b/"}, "Expiration": {"Days": 30}},
        )
        == []
    )


def test_moves_of_one_rule_meet_those_and_the_end_of_another() -> None:
    archive = {"Transitions": [{"Days": 60, "StorageClass": "GLACIER"}]}
    assert met(archive, {"Expiration": {"Days": 60}}) == [(F.NEVER_MOVED, 0, 1)]
    assert met(archive, {"Expiration": {"Days": 61}}) == []
    instant = {"Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}]}
    assert met(archive, instant) == [(F.CLASS_ORDER_OF_TWO, 1, 0)]
    assert met(archive, {**instant, "Status": "Disabled"}) == []
    assert conflicts_of(numbered({**archive, "Status": "Disabled"}, instant), 0) == []
    old = {"NoncurrentVersionExpiration": {"NoncurrentDays": 5}}
    later = {"NoncurrentVersionTransitions": [{"NoncurrentDays": 5, "StorageClass": "GLACIER"}]}
    assert met(old, later) == [(F.NEVER_MOVED, 1, 0)]
    # Rules about current versions do not meet those about old ones.
    assert met({"Expiration": {"Days": 1}}, later) == []


def test_ids_and_the_number_of_rules() -> None:
    same = [rule(Expiration={"Days": 1}, Filter={"Prefix": f"{at}/"}) for at in range(2)]
    [problem] = conflicts(same)
    assert (problem.fault, problem.rule, problem.other) == (F.ID_TWICE, 1, 0)
    many = [rule(ID=str(at), Filter={"Prefix": f"{at}/"}) for at in range(1001)]
    assert [each.fault for each in conflicts(many)] == [F.TOO_MANY_RULES]
    assert conflicts(many[:1000]) == []


PREFIXES = st.sampled_from(["", "a", "a/", "a/b", "b"])
TAGS = st.lists(
    st.tuples(st.sampled_from("xy"), st.sampled_from("12")),
    max_size=2,
    unique_by=lambda tag: tag[0],
)
SIZES = st.none() | st.integers(0, 9)
FILTERS = st.builds(Filter, PREFIXES, TAGS.map(tuple), SIZES, SIZES)


def matches(filter: Filter, key: str, tags: dict[str, str], size: int) -> bool:
    return (
        key.startswith(filter.prefix)
        and all(tags.get(name) == value for name, value in filter.tags)
        and (filter.larger_than is None or size > filter.larger_than)
        and (filter.smaller_than is None or size < filter.smaller_than)
    )


@given(FILTERS, FILTERS, st.sampled_from(["a/b/c", "ab", "b"]), TAGS, st.integers(0, 9))
def test_what_meets_and_what_covers_agrees_with_each_object(
    one: Filter, other: Filter, key: str, tags: list[tuple[str, str]], size: int
) -> None:
    in_one = matches(one, key, dict(tags), size)
    in_other = matches(other, key, dict(tags), size)
    if in_one and in_other:
        move = {"Transitions": [{"Days": 5, "StorageClass": "GLACIER"}], "Filter": {}}
        rules = numbered(with_filter(move, one), with_filter({"Expiration": {"Days": 5}}, other))
        assert [each.fault for each in conflicts(rules)] == [F.NEVER_MOVED]
    if covers(one, other) and in_other:
        assert in_one


RULES = st.lists(
    st.builds(
        lambda filter, days, end: with_filter(
            {
                "Status": "Enabled",
                "Filter": {},
                "Expiration": {"Days": end},
                "Transitions": [{"Days": days, "StorageClass": "GLACIER"}],
            },
            filter,
        ),
        FILTERS,
        st.integers(0, 5),
        st.integers(1, 5),
    ),
    max_size=5,
)


@given(RULES)
def test_one_by_one_the_same_conflicts_are_found(rules: list[dict[str, Any]]) -> None:
    every = {(each.fault, each.part, each.rule, each.other) for each in conflicts(rules)}
    single = {
        (each.fault, each.part, each.rule, each.other)
        for at in range(len(rules))
        for each in conflicts_of(rules, at)
    }
    assert every == single


SHAPES = [
    {"Prefix": "a/"},
    {"Prefix": ""},
    {"Filter": {}},
    {"Filter": {"Prefix": "a/", **ODD}},
    {"Filter": {"Tag": {"Key": "x", "Value": "1", **ODD}}},
    {"Filter": {"ObjectSizeGreaterThan": 0}},
    {"Filter": {"ObjectSizeLessThan": "huge"}},
    {"Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "x", "Value": "1"}], **ODD}}},
    {"Filter": {"And": {"Tags": [{"Key": "x", "Value": "1", **ODD}, {"Key": "y", "Value": "2"}]}}},
]


@given(st.sampled_from(SHAPES), FILTERS)
def test_a_filter_is_written_so_that_it_says_it_and_keeps_the_rest(
    shape: dict[str, Any], wanted: Filter
) -> None:
    before = {"ID": "r", **shape}
    after = with_filter(before, wanted)
    assert filter_of(after) == wanted
    assert after["ID"] == "r"
    if filter_of(before) == wanted:
        assert after == before
    if "Odd" in str(shape.get("Filter", {}).get("And", {}).get("Odd", "")) or "Odd" in shape.get(
        "Filter", {}
    ):
        assert "kept" in str(after)
    if "huge" in str(shape) and wanted.smaller_than is None:
        assert "huge" in str(after)
    inner = after.get("Filter", {})
    assert len([name for name in inner if name not in ("Odd", "ObjectSizeLessThan")]) <= 1
    if is_old_shape(before) and not wanted.tags and not wanted.has_size:
        assert is_old_shape(after)
