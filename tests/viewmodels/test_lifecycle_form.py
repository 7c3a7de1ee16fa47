"""The form of a lifecycle rule: what it edits, what it refuses, and what it leaves as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Answer, Capability, CapabilityReport, Finding, Reason
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.lifecycle.checks import Fault, Part
from s4desk.core.domain.providers import PROVIDERS
from s4desk.viewmodels.forms import TICKED
from s4desk.viewmodels.lifecycle_form import RuleForm
from s4desk.viewmodels.lifecycle_form_limits import limits_of
from s4desk.viewmodels.lifecycle_form_rules import MINIMUM, RuleList, overview
from s4desk.viewmodels.lifecycle_problems import _sentences, conflict_texts
from s4desk.viewmodels.lifecycle_summary import named_summary, rule_summary
from s4desk.viewmodels.lifecycle_templates import free_id, rule_templates

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ODD = {"Odd": {"Deep": ["kept"]}}
FULL: dict[str, Any] = {
    "ID": "everything",
    "Status": "Enabled",
    "Filter": {
        "And": {
            "Prefix": "logs/",
            "Tags": [{"Key": "keep", "Value": "no", **ODD}],
            "ObjectSizeGreaterThan": 1048576,
            "ObjectSizeLessThan": 1000000000,
            **ODD,
        }
    },
    "Transitions": [{"Days": 30, "StorageClass": "GLACIER", **ODD}],
    "Expiration": {"Days": 60, **ODD},
    "NoncurrentVersionTransitions": [
        {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER", **ODD}
    ],
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 5, **ODD},
    **ODD,
}


def new(**fields: Any) -> RuleForm:
    return RuleForm({"Status": "Enabled", "Filter": {"Prefix": ""}, **fields}, now=NOW)


def typed(form: RuleForm, **texts: str) -> RuleForm:
    for name, text in texts.items():
        form.edit(name, text)
    return form


def texts_of(form: RuleForm) -> dict[str, Any]:
    fields = {name: field.text for name, field in form.fields.items() if form.is_shown(name)}
    tables = (form.tags, form.transitions, form.old_transitions)
    return fields | {str(at): [row.texts for row in each.rows] for at, each in enumerate(tables)}


def test_it_says_all_of_a_rule_that_says_everything() -> None:
    assert texts_of(RuleForm(FULL)) == {
        "id": "everything",
        "is_on": TICKED,
        "prefix": "logs/",
        "larger": "1 MiB",
        "smaller": "1 GB",
        "expire": "days",
        "expire_days": "60",
        "old_days": "30",
        "old_newer": "5",
        "abort_days": "",
        "0": [["keep", "no"]],
        "1": [["30", "GLACIER"]],
        "2": [["3", "2", "GLACIER"]],
    }


def test_what_is_edited_is_written_and_nothing_else() -> None:
    form = typed(RuleForm(FULL), expire_days="61", old_newer="", larger="2 MiB")
    form.tags.edit(0, 1, "yes")
    form.transitions.edit(0, 0, "31")
    form.old_transitions.edit(0, 1, "")
    after = form.result()
    assert after["Expiration"] == {"Days": 61, **ODD}
    assert after["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30, **ODD}
    assert after["Transitions"] == [{"Days": 31, "StorageClass": "GLACIER", **ODD}]
    assert after["NoncurrentVersionTransitions"] == [
        {"NoncurrentDays": 3, "StorageClass": "GLACIER", **ODD}
    ]
    inner = after["Filter"]["And"]
    assert (inner["ObjectSizeGreaterThan"], inner["Prefix"]) == (2 * 1024**2, "logs/")
    assert inner["Odd"] == after["Odd"] == ODD["Odd"]
    assert inner["Tags"] == [{"Key": "keep", "Value": "yes"}]


def test_every_field_makes_its_element() -> None:
    form = typed(new(), id="r", prefix="a/", larger="0 B", smaller="5 GB", expire="date")
    typed(form, expire_date="2027-01-31", old_days="3", old_newer="2", is_on="")
    form.tags.add()
    form.tags.edit(0, 0, "k")
    form.transitions.add()
    form.transitions.edit(0, 0, "2027-01-01")
    form.transitions.edit(0, 1, "GLACIER")
    assert form.errors == {}
    assert form.result() == {
        "ID": "r",
        "Status": "Disabled",
        "Filter": {
            "And": {
                "Prefix": "a/",
                "Tags": [{"Key": "k", "Value": ""}],
                "ObjectSizeGreaterThan": 0,
                "ObjectSizeLessThan": 5 * 1000**3,
            }
        },
        "Expiration": {"Date": "2027-01-31T00:00:00Z"},
        "Transitions": [{"Date": "2027-01-01T00:00:00Z", "StorageClass": "GLACIER"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
    }
    form = typed(new(), expire="markers", abort_days="7")
    form.old_transitions.add()
    for column, text in enumerate(("0", "100", "GLACIER")):
        form.old_transitions.edit(0, column, text)
    assert form.result() == {
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        "NoncurrentVersionTransitions": [
            {"NoncurrentDays": 0, "NewerNoncurrentVersions": 100, "StorageClass": "GLACIER"}
        ],
    }


def test_days_become_a_date_and_a_date_days() -> None:
    form = RuleForm({**FULL, "Expiration": {"Date": "2027-02-01T00:00:00.000Z", **ODD}})
    assert form.fields["expire_date"].text == "2027-02-01"
    typed(form, expire="days", expire_days="9")
    form.transitions.edit(0, 0, "2027-01-01")
    after = form.result()
    assert after["Expiration"] == {"Days": 9, **ODD}
    assert after["Transitions"] == [
        {"StorageClass": "GLACIER", **ODD, "Date": "2027-01-01T00:00:00Z"}
    ]
    form = RuleForm(after)
    form.transitions.edit(0, 0, "7")
    assert form.result()["Transitions"] == [{"StorageClass": "GLACIER", **ODD, "Days": 7}]


def test_what_is_emptied_is_taken_away() -> None:
    form = typed(
        RuleForm({**FULL, "Expiration": {"Days": 60}}), prefix="", larger="", smaller="", expire=""
    )
    form.tags.remove(0)
    form.transitions.remove(0)
    form.old_transitions.remove(0)
    typed(form, old_days="", old_newer="", abort_days="3")
    after = form.result()
    assert after["Filter"] == {"And": ODD}
    assert "Expiration" not in after
    assert "Transitions" not in after
    assert "NoncurrentVersionTransitions" not in after
    assert after["NoncurrentVersionExpiration"] == ODD


def test_an_old_prefix_stays_where_it_was_until_that_cannot_say_it() -> None:
    old = {"ID": "r", "Status": "Enabled", "Prefix": "a/", "Expiration": {"Days": 1}}
    assert typed(RuleForm(old), prefix="b/").result() == {**old, "Prefix": "b/"}
    after = typed(RuleForm(old), smaller="1 MiB").result()
    assert "Prefix" not in after
    assert after["Filter"] == {"And": {"Prefix": "a/", "ObjectSizeLessThan": 1024**2}}
    after = typed(RuleForm(old), old_days="1", old_newer="1").result()
    assert (after.get("Prefix"), after["Filter"]) == (None, {"Prefix": "a/"})
    assert typed(RuleForm(old), old_days="1").result()["Prefix"] == "a/"


REFUSED = [
    ({"id": "x" * 256}, "id"),
    ({"prefix": "ä" * 513}, "prefix"),
    ({"larger": "5"}, "larger"),
    ({"larger": "50 TiB"}, "larger"),
    ({"larger": "5 B", "smaller": "6 B"}, "smaller"),
    ({"expire": "days", "expire_days": "0"}, "expire_days"),
    ({"expire": "days", "expire_days": ""}, "expire_days"),
    ({"expire": "days", "expire_days": "1.5"}, "expire_days"),
    ({"expire": "date", "expire_date": "2027-13-01"}, "expire_date"),
    ({"expire": "date", "expire_date": "2027-01-01T05:00:00Z"}, "expire_date"),
    ({"old_days": "0"}, "old_days"),
    ({"old_newer": "1"}, "old_days"),
    ({"old_days": "1", "old_newer": "0"}, "old_newer"),
    ({"old_days": "1", "old_newer": "101"}, "old_newer"),
    ({"abort_days": "0"}, "abort_days"),
    ({"abort_days": "1", "larger": "1 MiB"}, "abort_days"),
    ({"expire": "markers", "smaller": "1 MiB"}, "expire"),
    ({}, "rule"),
    ({"id": "taken", "abort_days": "1"}, "id"),
]


@pytest.mark.parametrize(("texts", "name"), REFUSED, ids=str)
def test_what_the_api_refuses_is_told_at_its_field(texts: dict[str, str], name: str) -> None:
    others = [{"ID": "taken", "Status": "Disabled"}]
    form = RuleForm({"Status": "Enabled", "Filter": {"Prefix": ""}}, others, now=NOW)
    assert next(iter(typed(form, **texts).errors)) == name
    assert form.errors[name].endswith(".")


@pytest.mark.parametrize(
    ("cells", "table"),
    [
        (("0", "GLACIER"), "transitions"),
        (("30", "STANDARD_IA"), "transitions"),
        (("2027-01-31", "COLD"), "transitions"),
        (("0", "", "GLACIER"), "old_transitions"),
        (("0", "100", "GLACIER"), "old_transitions"),
    ],
)
def test_moves_are_taken(cells: tuple[str, ...], table: str) -> None:
    assert errors_with(table, cells) == {}


@pytest.mark.parametrize(
    ("cells", "table"),
    [
        (("-1", "GLACIER"), "transitions"),
        (("29", "STANDARD_IA"), "transitions"),
        (("", "GLACIER"), "transitions"),
        (("2027-01-31T01:00:00Z", "GLACIER"), "transitions"),
        (("1", ""), "transitions"),
        (("1", "STANDARD"), "transitions"),
        (("", "", "GLACIER"), "old_transitions"),
        (("1", "101", "GLACIER"), "old_transitions"),
        (("29", "", "ONEZONE_IA"), "old_transitions"),
        (("", "value"), "tags"),
        (("k" * 129, ""), "tags"),
        (("k", "v" * 257), "tags"),
    ],
)
def test_rows_that_cannot_be_are_told_of(cells: tuple[str, ...], table: str) -> None:
    assert list(errors_with(table, cells)) == [table]


def errors_with(table: str, cells: tuple[str, ...]) -> dict[str, str]:
    form = typed(new(), expire="days", expire_days="60")
    if "T0" in cells[0] or "-31" in cells[0]:
        typed(form, expire="")
    form.table(table).add()
    for column, text in enumerate(cells):
        form.table(table).edit(0, column, text)
    return form.errors


def test_what_is_odd_is_told_and_no_obstacle() -> None:
    others = [{"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 5}}]
    form = RuleForm({"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "/a*"}}, others, now=NOW)
    typed(form, expire="days", expire_days="9")
    assert form.errors == {}
    told = " ".join(form.remarks)
    assert "do not begin with “/”" in told
    assert "nothing but a star" in told
    assert "rule “all” has deleted all of that after 5 days" in told
    assert "2020-01-01 is over" in " ".join(
        typed(form, expire="date", expire_date="2020-01-01").remarks
    )


def test_a_rule_that_came_like_this_is_not_in_the_way() -> None:
    came = {"ID": "r", "Status": "Odd", "Expiration": {"Days": 0}}
    assert RuleForm(came, [came], 0).errors == {}
    assert list(typed(RuleForm(came, [came], 0), prefix="a").errors) == ["expire_days"]


# Properties

TEXTS = st.text("aä/* <&]", max_size=4)
DAYS = st.integers(1, 400)
CLASSES = st.sampled_from(["STANDARD_IA", "GLACIER", "COLD"])


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    odd = {"Odd": st.just("kept")}
    return st.fixed_dictionaries({}, optional=fields | odd)


WHEN = st.one_of(
    some({"Days": DAYS}),
    some({"Date": st.sampled_from(["2027-01-01T00:00:00.000Z", "2027-02-01"])}),
)
TAG = st.fixed_dictionaries({"Key": TEXTS, "Value": TEXTS})
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "Prefix": TEXTS,
    "ObjectSizeGreaterThan": st.integers(0, 10**13),
    "ObjectSizeLessThan": st.integers(0, 10**13),
}
FILTERS = some({**PARTS, "Tag": TAG, "And": some({**PARTS, "Tags": st.lists(TAG, max_size=3)})})
OLD = {"NoncurrentDays": DAYS, "NewerNoncurrentVersions": st.integers(1, 100)}
RULES = some(
    {
        "ID": TEXTS,
        "Status": st.sampled_from(["Enabled", "Disabled", "Novel"]),
        "Prefix": TEXTS,
        "Filter": FILTERS,
        "Expiration": st.one_of(WHEN, some({"ExpiredObjectDeleteMarker": st.booleans()})),
        "Transitions": st.lists(
            st.builds(lambda when, name: {**when, "StorageClass": name}, WHEN, CLASSES), max_size=3
        ),
        "NoncurrentVersionExpiration": some(OLD),
        "NoncurrentVersionTransitions": st.lists(
            some({**OLD, "StorageClass": CLASSES}), max_size=2
        ),
        "AbortIncompleteMultipartUpload": some({"DaysAfterInitiation": DAYS}),
    }
)


@given(RULES)
def test_an_untouched_form_gives_back_what_it_was_given(rule: dict[str, Any]) -> None:
    form = RuleForm(rule, [rule], 0, now=NOW)
    assert form.result() == rule
    assert form.errors == {}
    assert form.is_changed is False
    assert rule_summary(rule)


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text("ab", max_size=3),
        "is_on": st.sampled_from(["", TICKED]),
        "prefix": st.text("ab/", max_size=3),
        "larger": st.sampled_from(["", "0 B", "1 MiB"]),
        "smaller": st.sampled_from(["", "3 GB", "2 MiB"]),
        "expire_days": DAYS.map(str),
        "expire_date": st.sampled_from(["2027-01-01", "2028-02-29"]),
        "expire": st.sampled_from(["", "days", "date", "markers"]),
        "old_days": st.just("") | DAYS.map(str),
        "old_newer": st.sampled_from(["", "1", "100"]),
        "abort_days": st.just("") | DAYS.map(str),
    },
)


@given(RULES, EDITS)
def test_what_is_typed_is_there_again_and_what_is_unknown_stays(
    rule: dict[str, Any], texts: dict[str, str]
) -> None:
    form = typed(RuleForm(rule, [rule], 0, now=NOW), **texts)
    shown = [name for name in ("expire_days", "expire_date") if form.is_shown(name)]
    for name in shown:
        if form.fields[name].error:
            form.edit(name, "5" if name == "expire_days" else "2027-01-01")
    after = form.result()
    again = RuleForm(after, [after], 0, now=NOW)
    assert texts_of(again) == texts_of(form)
    assert str(after).count("kept") == str(rule).count("kept")
    # And by the document too, as far as XML can say it.
    [read] = as_json(from_json(ConfigKind.LIFECYCLE, {"Rules": [after]}))["Rules"]
    if read:  # not a rule that says nothing
        assert texts_of(RuleForm(read))["prefix"] == texts_of(form)["prefix"]


# All rules

TWO: dict[str, Any] = {
    "Rules": [
        {"ID": "a", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}, **ODD},
        {"ID": "b", "Status": "Novel", "Prefix": "", "Expiration": {"Days": 2}},
    ],
    MINIMUM: "novel",
    **ODD,
}


def test_an_untouched_list_gives_back_what_it_was_given() -> None:
    for value in (TWO, {}, {"Rules": [], **ODD}, {**TWO, "Rules": TWO["Rules"] * 2}):
        rules = RuleList(value)
        assert rules.result() == value
        assert rules.problem == ""


def test_what_is_no_list_of_rules_stays_as_it_is() -> None:
    for found in ("text", [{"ID": "a"}, 1], {"ID": "a"}):
        rules = RuleList({"Rules": found})
        assert (rules.is_readable, rules.rules) == (False, [])
        assert rules.result() == {"Rules": found}


def test_rules_are_switched_copied_ordered_and_removed() -> None:
    rules = RuleList(TWO)
    rules.switch(0, on=False)
    assert rules.result()["Rules"][0] == {**TWO["Rules"][0], "Status": "Disabled"}
    assert rules.duplicate(0) == 1
    assert [each["ID"] for each in rules.rules] == ["a", "a-2", "b"]
    rules.switch(0, on=True)
    assert [rules.is_on(at) for at in range(3)] == [True, False, False]
    rules.duplicate(0)
    assert (rules.name(1), rules.is_on(1)) == ("a-3", False)
    rules.remove(1)
    assert rules.rules[1]["Odd"] == ODD["Odd"]
    assert rules.move(0, 2) == 2
    assert rules.move(2, 1) == 2
    assert [rules.name(at) for at in range(3)] == ["a-2", "b", "a"]
    rules.remove(0)
    assert [each["ID"] for each in rules.result()["Rules"]] == ["b", "a"]
    assert rules.result()["Odd"] == ODD["Odd"]
    rules.put(2, {"ID": "b"})
    assert "has the ID “b” too" in rules.problem


def test_without_a_rule_there_is_no_configuration() -> None:
    rules = RuleList({"Rules": [{"ID": "a"}], MINIMUM: "all_storage_classes_128K"})
    rules.remove(0)
    assert rules.result() == {}


def test_the_least_size_is_chosen() -> None:
    rules = RuleList({"Rules": [{"ID": "a"}]})
    rules.minimum.edit("minimum", "varies_by_storage_class")
    assert rules.result() == {"Rules": [{"ID": "a"}], MINIMUM: "varies_by_storage_class"}
    rules = RuleList(rules.result())
    rules.minimum.edit("minimum", "")
    assert rules.result()[MINIMUM] == "all_storage_classes_128K"


def test_templates_are_rules_without_a_problem() -> None:
    rules = RuleList({})
    for template in rule_templates():
        form = rules.new_form(template, NOW)
        if form.errors:
            assert list(form.errors) == ["rule"]
            form.edit("abort_days", "1")
        rules.put(len(rules), form.result())
    again = rules.new_form(rule_templates()[0])
    assert again.fields["id"].text == "rule-2"
    assert rules.problem == ""
    assert free_id("a", {"a", "a-2"}) == "a-3"


def test_what_all_rules_are_is_told() -> None:
    assert overview(TWO["Rules"])[:3] == [
        "2 rules, 1 switched on.",
        "Rule “a”: “Odd” is not known here: it is kept as it is, and may change what the rule"
        " does.",
        "Rule “b”: Its status is not known: it counts as off.",
    ]


def test_conflicts_of_all_rules_are_told_by_name() -> None:
    tag = {"Tag": {"Key": "k", "Value": "v"}}
    rules = [
        {"ID": "a", "Status": "Enabled", "Filter": tag, "Expiration": {"Days": 2}},
        {"ID": "b", "Status": "Enabled", "Prefix": "b/", "Expiration": {"Days": 1}},
    ]
    assert conflict_texts(rules) == [
        "Rule “b”: Rule “a” is about some of the same objects: those are deleted after 1 day, the"
        " shorter time."
    ]
    many = [{"ID": str(at), "Filter": {"Prefix": f"{at}/"}} for at in range(1001)]
    assert conflict_texts(many) == [
        "There are 1001 rules. A bucket has at most 1000. S3 refuses that."
    ]


# Words


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {
                "Filter": {
                    "And": {
                        "Prefix": "logs/",
                        "Tags": [{"Key": "keep", "Value": "no"}],
                        "ObjectSizeGreaterThan": 1048576,
                    }
                },
                "Expiration": {"Days": 30},
            },
            "Objects under “logs/” tagged “keep=no” larger than 1 MiB are deleted 30 days after"
            " creation.",
        ),
        (
            {
                "Transitions": [
                    {"Days": 90, "StorageClass": "GLACIER"},
                    {"Days": 0, "StorageClass": "STANDARD_IA"},
                ],
                "Expiration": {"Date": "2027-01-01T00:00:00Z"},
            },
            "All objects are moved to STANDARD_IA as soon as they are there, moved to GLACIER 90"
            " days after creation, and deleted on 2027-01-01.",
        ),
        (
            {
                "Prefix": "a",
                "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1},
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 0, "StorageClass": "COLD"}],
            },
            "Old versions of objects under “a” are moved to COLD as soon as they were replaced and"
            " deleted 1 day after they were replaced, but for the newest one.",
        ),
        (
            {
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
            "Delete markers that hide nothing are removed. Unfinished uploads are aborted 7 days"
            " after they began.",
        ),
        (
            {"Expiration": {"Days": 30, "Date": "2027-01-01"}},
            "All objects are deleted 30 days after creation or on 2027-01-01.",
        ),
        (
            {"Expiration": {"Days": 1}, "Filter": {"ObjectSizeGreaterThan": -5}},
            "All objects are deleted 1 day after creation.",
        ),
        (
            {"Expiration": {"Days": "x"}, "Prefix": "a\nb"},
            "Objects under “a\\nb” are deleted at a moment that cannot be read.",
        ),
        ({}, "Nothing is done."),
    ],
)
def test_a_rule_is_told_in_words(fields: dict[str, Any], sentence: str) -> None:
    assert rule_summary(fields) == sentence
    assert named_summary({"ID": "r", "Status": "Enabled", **fields}, 0) == f"Rule “r”: {sentence}"
    assert named_summary(fields, 4) == f"Rule “#5” is off: {sentence}"


def test_every_fault_has_a_sentence() -> None:
    assert set(_sentences()) == set(Fault)


def test_who_edits_a_rule_that_is_about_nothing_in_particular_says_all_objects() -> None:
    form = RuleForm({"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}})
    assert form.result() == form.value
    form.edit("expire_days", "2")
    assert form.errors == {}
    assert form.result()["Filter"] == {"Prefix": ""}


# What a store cannot do


def test_what_a_store_does_not_have_is_closed_with_the_reason() -> None:
    limits = limits_of(PROVIDERS["r2"])
    form = RuleForm({"Status": "Enabled"}, limits=limits)
    assert form.fields["larger"].obstacle.startswith("Cloudflare R2 does not have this")
    assert Part.TAGS in limits.obstacles
    assert limits.classes == ("STANDARD_IA",)
    typed(form, expire="days", expire_days="90")
    form.transitions.add()
    for column, text in enumerate(("30", "GLACIER")):
        form.transitions.edit(0, column, text)
    assert form.remarks == ["This store is not known to have the storage class GLACIER."]


def test_what_a_store_forgets_is_said_beforehand() -> None:
    form = RuleForm({}, limits=limits_of(PROVIDERS["ceph"]))
    assert "read back" in form.fields["larger"].hint
    assert "read back" in form.fields["old_newer"].hint
    assert form.fields["larger"].obstacle == ""
    assert "read back" not in RuleForm({}, limits=limits_of(PROVIDERS["aws"])).fields["larger"].hint


def test_what_a_probe_did_not_find_is_closed() -> None:
    absent = Finding(Answer.NO, Reason.REFUSED)
    report = CapabilityReport(
        findings={Capability.VERSIONING: absent, Capability.OBJECT_TAGGING: absent}
    )
    limits = limits_of(PROVIDERS[""], report)
    assert {Part.TAGS, Part.OLD_EXPIRATION, Part.NEWER, Part.OLD_TRANSITIONS} <= set(
        limits.obstacles
    )
    never = limits_of(PROVIDERS["aws"], has_versions=False)
    assert "keeps no old versions" in never.versions_hint
    assert never.obstacles == {}
