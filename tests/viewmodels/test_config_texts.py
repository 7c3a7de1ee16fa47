"""What is said of a bucket's configuration: errors in JSON, policies, differences, meanings."""

from __future__ import annotations

import json

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.public_access import Exposure, Opening
from s4desk.viewmodels.config_diff import Sign, tally, unified
from s4desk.viewmodels.config_json import JsonProblem, parsed
from s4desk.viewmodels.config_meaning import meaning
from s4desk.viewmodels.config_pages import words_of
from s4desk.viewmodels.config_policy import parse_range, remarks, templates, with_template
from s4desk.viewmodels.config_save_text import exposure_sentence, is_suspended, lost_text

K = ConfigKind
PUBLIC, TLS, RANGE = templates()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3),
        ('{"a" 1}', 1, 6),
        ('{\n "a": "x\n}', 2, 9),
        ('{\n  "a": 1,\n  "a": 2\n}', 3, 3),
        ('{\n"a": NaN}', 2, 6),
        ("[1]", 1, 1),
        ("  \n", 1, 1),
        ('{"a": 1} x', 1, 10),
        ('{\n"a": ["\\uD800"]}', 2, 8),
    ],
)
def test_what_is_wrong_with_json_is_told_with_its_place(text: str, line: int, column: int) -> None:
    problem = parsed(text)
    assert isinstance(problem, JsonProblem)
    assert (problem.line, problem.column) == (line, column)
    assert problem.sentence.startswith(f"Line {line}, column {column}: ")


def test_json_that_is_right_is_what_it_says() -> None:
    assert parsed('{"a": [1, null]}') == {"a": [1, None]}
    assert parsed('{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_a_template_goes_beside_what_is_there_and_only_once() -> None:
    policy = {"Version": "2008-10-17", "Id": "mine", "Statement": {"Sid": "Own"}}
    once = with_template(policy, PUBLIC, "photos")
    assert [each["Sid"] for each in once["Statement"]] == ["Own", "PublicRead"]
    assert (once["Version"], once["Id"]) == ("2008-10-17", "mine")
    assert with_template(once, PUBLIC, "photos") == once


def test_templates_are_right_for_their_bucket() -> None:
    for template in templates():
        assert remarks(with_template(None, template, "photos"), "photos") == []
        assert remarks(with_template(None, template, "others"), "photos") != []


def test_what_is_missing_in_a_statement_is_named() -> None:
    found = remarks({"Version": "2012-10-17", "Statement": [{"Effect": "allow"}]}, "photos")
    assert found == [
        "Statement 1: “Effect” is neither “Allow” nor “Deny”.",
        "Statement 1: “Principal” is missing.",
        "Statement 1: “Action” is missing.",
        "Statement 1: “Resource” is missing.",
    ]


def test_a_range_is_one() -> None:
    assert parse_range(" 192.0.2.9/24 ") == "192.0.2.0/24"
    with pytest.raises(ValidationError):
        parse_range("everywhere")


def test_a_policy_is_told_in_words() -> None:
    policy = with_template(None, PUBLIC, "photos")
    policy = with_template(policy, TLS, "photos")
    policy = with_template(policy, RANGE, "photos", "10.0.0.0/8")
    assert meaning(K.POLICY, policy) == [
        "Allowed to everybody, also without a key: read objects, in the whole bucket.",
        "Refused to everybody, also without a key: everything, in the whole bucket; if it is sent"
        " without encryption.",
        "Refused to everybody, also without a key: everything, in the whole bucket; if it does not"
        " come from 10.0.0.0/8.",
    ]


def test_differences_have_signs_and_are_counted() -> None:
    lines = unified({"a": 1, "b": 2}, {"a": 1, "b": 3})
    assert [
        (line.sign, line.text) for line in lines if line.sign in (Sign.ADDED, Sign.REMOVED)
    ] == [
        (Sign.REMOVED, '  "b": 2'),
        (Sign.ADDED, '  "b": 3'),
    ]
    assert tally(lines) == "Lines added: 1. Lines removed: 1."
    assert unified({"a": 1}, {"a": 1}) == []
    assert {line.sign for line in unified(None, {"a": 1})} == {Sign.GAP, Sign.ADDED}


def test_a_line_like_the_head_of_a_diff_is_a_line() -> None:
    lines = unified({"a": ["-- x"]}, {"a": ["++ y"]})
    assert [line.text.strip() for line in lines if line.sign is Sign.REMOVED] == ['"-- x"']


@pytest.mark.parametrize("kind", ConfigKind)
def test_every_kind_has_words_and_says_what_it_means_to_be_unset(kind: ConfigKind) -> None:
    assert words_of(kind).title
    assert words_of(kind).about.endswith(".")
    assert len(meaning(kind, None)) == 1
    assert meaning(kind, {"Odd": 1})


def test_a_rule_is_told_with_what_it_is_about() -> None:
    rule = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 1048576}},
        "Expiration": {"Days": 1},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
    }
    assert meaning(K.LIFECYCLE, {"Rules": [rule]}) == [
        "Rule “old”: Objects under “logs/” larger than 1 MiB are deleted 1 day after creation. Old"
        " versions of objects under “logs/” larger than 1 MiB are deleted 30 days after they were"
        " replaced, but for the newest 2."
    ]


def test_a_lock_that_nobody_can_undo_says_so() -> None:
    value = {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 7}}}
    assert "by nobody at all" in meaning(K.OBJECT_LOCK, value)[0]
    assert "7 years" in meaning(K.OBJECT_LOCK, value)[0]


def test_all_four_blocks_are_one_sentence() -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    assert len(meaning(K.PUBLIC_ACCESS_BLOCK, dict.fromkeys(names, True))) == 1
    assert len(meaning(K.PUBLIC_ACCESS_BLOCK, dict.fromkeys(names[:2], True))) == 2


def test_object_lock_says_whether_it_is_there_and_that_it_stays() -> None:
    assert "nothing in this bucket can be locked" in meaning(K.OBJECT_LOCK, None)[0]
    enabled = meaning(K.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"})
    assert "unless their upload says so" in enabled[0]
    assert "for ever" in enabled[1]


def test_what_cannot_be_brought_back_is_not_said_to_be() -> None:
    assert is_suspended(K.VERSIONING, {})
    assert not is_suspended(K.VERSIONING, {"Status": "Suspended"})
    assert not is_suspended(K.CORS, {})
    said = lost_text(["X"], is_restored=True, is_suspended=True)
    assert "suspended now" in said
    assert "is there again" not in said
    assert "is there again" in lost_text(["X"], is_restored=True)


def test_what_strangers_may_do_is_named_by_its_exceptions_too() -> None:
    detail = json.dumps({"NotAction": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]})
    said = exposure_sentence(Exposure(Opening.POLICY, detail))
    assert "everything but s3:GetObject, arn:aws:s3:::b/*" in said
