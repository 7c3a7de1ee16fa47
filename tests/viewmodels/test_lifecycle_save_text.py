"""What is said of lifecycle rules when they are saved, and their XML."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId
from s4desk.viewmodels.config_json import JsonProblem
from s4desk.viewmodels.config_xml import as_xml, parsed_xml, xml_or_reason
from s4desk.viewmodels.lifecycle_form_limits import provider_of
from s4desk.viewmodels.lifecycle_save_text import change_sentences, lost_rules_text

K = ConfigKind
A: dict[str, Any] = {"ID": "a", "Status": "Enabled", "Prefix": "a/", "Expiration": {"Days": 1}}
B: dict[str, Any] = {"ID": "b", "Status": "Enabled", "Prefix": "b/", "Expiration": {"Days": 2}}
MINIMUM = "TransitionDefaultMinimumObjectSize"


def test_what_is_new_changed_and_gone_is_told() -> None:
    changed = {**B, "Expiration": {"Days": 3}}
    new = {"Status": "Disabled", "Prefix": "c/", "Expiration": {"Days": 1}}
    assert change_sentences({"Rules": [A, B]}, {"Rules": [changed, new]}) == [
        "Changed. Rule “b”: Objects under “b/” are deleted 3 days after creation.",
        "New. Rule “#2” is off: Objects under “c/” are deleted 1 day after creation.",
        "Gone. Rule “a”: Objects under “a/” are deleted 1 day after creation.",
    ]
    assert change_sentences({"Rules": [A, B]}, {"Rules": [B, A]}) == [
        "Only the order of the rules is another one."
    ]
    assert change_sentences({"Rules": [A]}, {"Rules": [A], MINIMUM: "x"}) == [
        "Which small objects are moved is another matter now."
    ]
    assert change_sentences({"Rules": [A]}, None)[-1].startswith("No rule is left")
    assert change_sentences(None, {"Rules": [A, {**B, "Prefix": "a/"}]})[-1] == (
        "Rule “b”: It never deletes anything: rule “a” has deleted all of that after 1 day."
    )


def test_many_changes_are_counted() -> None:
    rules = [{**A, "ID": str(at), "Prefix": f"{at}/"} for at in range(20)]
    said = change_sentences(None, {"Rules": rules})
    assert (len(said), said[-1]) == (9, "And 12 more.")


@pytest.mark.parametrize(
    ("there", "path", "is_restored", "sentence"),
    [
        (
            A,
            "Rules[a].Filter.ObjectSizeGreaterThan",
            True,
            "Rule “a” is kept without “larger than”. It would have meant: Objects under “a/” are"
            " deleted 1 day after creation.",
        ),
        (
            {**A, "Status": "Disabled"},
            "Rules[a].Filter.Tags.k",
            False,
            "Rule “a” is kept without its tags. It means: Objects under “a/” are deleted 1 day"
            " after creation. It is off.",
        ),
        (None, "Rules[a]", True, "Rule “a” is not kept at all."),
        (
            A,
            "Rules[a].Expiration.Novel",
            True,
            "Rule “a” is kept without Expiration.Novel. It would have meant: Objects under “a/” are"
            " deleted 1 day after creation.",
        ),
    ],
)
def test_what_a_store_lost_is_told_by_the_name_of_its_rule(
    there: dict[str, Any] | None, path: str, is_restored: bool, sentence: str
) -> None:
    found = {"Rules": [] if there is None else [there]}
    lines = lost_rules_text({"Rules": [A, B]}, found, [path], is_restored=is_restored).splitlines()
    assert lines[0] == "The store does not keep all of it."
    assert lines[1] == sentence
    assert lines[2].startswith("What was there before")
    assert ("is there again" in lines[2]) is is_restored


def test_a_rule_without_a_name_is_told_by_its_place() -> None:
    nameless = {name: each for name, each in A.items() if name != "ID"}
    said = lost_rules_text(
        {"Rules": [nameless]},
        {"Rules": [{**nameless, "ID": "made up"}]},
        ["Rules[0].Prefix"],
        is_restored=True,
    )
    assert "Rule “#1” is kept without Prefix." in said


BODY = (
    b'<?xml version="1.0"?><LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<!-- mine --><Rule><ID>a b</ID><Novel kind='x'>text <b>bold</b></Novel>"
    b"<Prefix> a </Prefix><Status>Enabled</Status></Rule></LifecycleConfiguration>"
)


def test_xml_is_indented_and_loses_nothing() -> None:
    document = BucketDocument(K.LIFECYCLE, BODY)
    value = as_json(document)
    text = as_xml(K.LIFECYCLE, value, document)
    assert text.splitlines()[:4] == [
        '<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
        "  <!-- mine -->",
        "  <Rule>",
        "    <ID>a b</ID>",
    ]
    assert "    <Prefix> a </Prefix>\n" in text
    assert "<Novel kind='x'>text <b>bold</b></Novel>" in text
    assert parsed_xml(K.LIFECYCLE, text, {}) == value


TEXTS = st.text("aä <&]-\n", max_size=5)


@given(TEXTS, TEXTS, st.integers(0, 9))
def test_what_is_said_in_xml_is_the_same_value(id: str, prefix: str, days: int) -> None:
    rule = {"ID": id, "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}
    value = as_json(from_json(K.LIFECYCLE, {"Rules": [rule], MINIMUM: "x"}))
    assert parsed_xml(K.LIFECYCLE, as_xml(K.LIFECYCLE, value), value) == value


def test_what_is_wrong_with_xml_is_told_with_its_place() -> None:
    found = parsed_xml(K.LIFECYCLE, "<LifecycleConfiguration>\n <Rule>", {})
    assert isinstance(found, JsonProblem)
    assert found.line == 2
    for text in ("<CORSConfiguration/>", "<a", "\ud800"):
        assert isinstance(parsed_xml(K.LIFECYCLE, text, {}), JsonProblem)
    assert as_xml(K.LIFECYCLE, {}) == ""
    said = xml_or_reason(K.LIFECYCLE, {"Rules": [{"ID": "\x00--"}]})
    assert said.startswith("<!-- ")
    assert said.endswith(" -->")
    assert "--" not in said[4:-3]


@pytest.mark.parametrize(
    ("endpoint", "provider", "id"),
    [
        ("https://abc.r2.cloudflarestorage.com", "", "r2"),
        ("https://abc.r2.cloudflarestorage.com", "ceph", "ceph"),
        ("https://s3.example.com", "", ""),
        ("", "", "aws"),
    ],
)
def test_whose_store_it_is(endpoint: str, provider: str, id: str) -> None:
    connection = Connection(ConnectionId("c"), "C", endpoint=endpoint, provider=provider)
    assert provider_of(connection).id == id
    assert provider_of(None).id == ""
