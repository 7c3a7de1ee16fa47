"""The command of the AWS CLI says what is in the form, to the letter."""

from __future__ import annotations

import json
import shlex

import pytest

from s4desk.core.domain.bucket_config import FACTS, ConfigKind
from s4desk.core.domain.config_command import cli_command

ODD = {"TagSet": [{"Key": "it's", "Value": '$(rm) "ü" `x`\n'}]}


def test_a_shell_reads_what_was_meant():
    words = shlex.split(cli_command(ConfigKind.TAGGING, "b-1", ODD))
    assert words[:5] == ["aws", "s3api", "put-bucket-tagging", "--bucket", "b-1"]
    assert words[5] == "--tagging"
    assert json.loads(words[6]) == ODD


def test_what_the_cli_does_not_know_is_named_and_left_out():
    value = {"Rules": [{"ID": "1", "{urn:v}Own": "x", "Expiration": {"Days": 1, "Weeks\n": "2"}}]}
    comment, command = cli_command(ConfigKind.LIFECYCLE, "b", value).split("\n")
    assert comment.endswith("left out: Rules.{urn:v}Own, Rules.Expiration.Weeks")
    assert comment.startswith("# ")
    assert json.loads(shlex.split(command)[-1]) == {
        "Rules": [{"ID": "1", "Expiration": {"Days": 1}}]
    }


def test_what_stands_beside_a_document_has_an_option_of_its_own():
    value = {"Rules": [], "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
    words = shlex.split(cli_command(ConfigKind.LIFECYCLE, "b", value))
    assert words[-4:] == [
        "--lifecycle-configuration",
        '{"Rules": []}',
        "--transition-default-minimum-object-size",
        "varies_by_storage_class",
    ]


def test_a_policy_goes_as_it_is():
    value = {"Statement": [{"Anything": 1}]}
    words = shlex.split(cli_command(ConfigKind.POLICY, "b", value, endpoint="https://s3.local"))
    assert words[:4] == ["aws", "--endpoint-url", "https://s3.local", "s3api"]
    assert json.loads(words[-1]) == value


@pytest.mark.parametrize("kind", ConfigKind)
def test_every_kind_can_be_taken_away(kind):
    words = shlex.split(cli_command(kind, "b", None, id="i" if FACTS[kind].has_ids else ""))
    if kind is ConfigKind.ACL:
        assert words[2:] == ["put-bucket-acl", "--bucket", "b", "--acl", "private"]
    elif FACTS[kind].neutral is None:
        assert words[2].startswith("delete-")
        assert ("--id" in words) is FACTS[kind].has_ids
    else:
        assert words[2].startswith("put-")
        assert json.loads(words[-1]) == FACTS[kind].neutral


def test_the_deletion_of_a_lifecycle_is_called_otherwise():
    assert cli_command(ConfigKind.LIFECYCLE, "b", None) == (
        "aws s3api delete-bucket-lifecycle --bucket b"
    )
