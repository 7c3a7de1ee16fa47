"""Profiles are named as the AWS CLI names them."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.aws_profiles import (
    UnreadableFileError,
    configuration_of,
    profile_names,
    profile_values,
)
from s4desk.core.store.profile_credentials import completed_by_profile


@pytest.fixture
def aws(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def test_both_files_are_read_and_each_name_is_told_once(aws):
    (aws / "config").write_text(
        "[default]\nregion = eu-west-1\n[profile work]\n[profile 'two words']\n"
        "[sso-session corp]\n[services local]\n"
    )
    (aws / "credentials").write_text("[default]\n[work]\n[keys-only]\naws_access_key_id=x\n")
    assert profile_names() == ["default", "work", "two words", "keys-only"]


@pytest.mark.parametrize("content", [b"no section", b"\xff\xfe[", b""])
def test_what_cannot_be_read_has_none(aws, content):
    (aws / "config").write_bytes(content)
    assert profile_names() == []


def test_a_profile_is_what_both_files_say(aws):
    (aws / "config").write_text(
        "# mine\n[profile work]\nregion = eu-west-1 # not a remark\ns3 =\n"
        "  addressing_style = path\n"
        "\n[profile work]\noutput = json\n[profile other]\nregion = x\n"
    )
    (aws / "credentials").write_text("\ufeff[work]\nREGION=eu-west-2\naws_access_key_id=id\n")
    found = profile_values("work")
    assert found.config == {
        "region": "eu-west-1 # not a remark",
        "s3": {"addressing_style": "path"},
        "output": "json",
    }
    assert found.all["region"] == "eu-west-2"
    assert profile_values("nobody") is None


def test_only_what_a_profile_refers_to_is_parsed(aws):
    (aws / "config").write_text(
        "[profile work]\nsource_profile = base\nrole_arn = arn\nsso_session = corp\n"
        "services = local\n[profile base]\nsource_profile = work\n[sso-session corp]\n"
        "sso_region = r\n[services local]\ns3 =\n  endpoint_url = http://x\n"
        "[profile stranger]\nthis is broken\n"
    )
    found = configuration_of("work")
    assert found["profiles"].keys() == {"work", "base"}
    assert found["sso_sessions"] == {"corp": {"sso_region": "r"}}
    assert found["services"] == {"local": {"s3": {"endpoint_url": "http://x"}}}
    with pytest.raises(UnreadableFileError, match="config"):
        profile_values("stranger")


def test_a_changed_file_is_read_anew(aws):
    (aws / "config").write_text("[profile one]\n")
    assert profile_names() == ["one"]
    (aws / "config").write_text("[profile one]\n[profile three]\n")
    assert profile_names() == ["one", "three"]


def test_thousands_of_profiles_are_read_once_and_one_is_parsed(aws, monkeypatch):
    many = "".join(
        f"[profile p{n}]\nregion = r{n}\nendpoint_url = https://s{n}.test\n\n" for n in range(5000)
    )
    (aws / "config").write_text(many)
    parsed, read = [], []
    parse, read_text = configparser.RawConfigParser.read_string, Path.read_text
    monkeypatch.setattr(
        configparser.RawConfigParser,
        "read_string",
        lambda self, text: (parsed.append(text), parse(self, text))[1],
    )
    monkeypatch.setattr(
        Path, "read_text", lambda self, *how: (read.append(self), read_text(self, *how))[1]
    )
    assert len(profile_names()) == 5000
    assert parsed == []
    for name in ("p7", "p4999"):
        connection = Connection(
            ConnectionId("c"), "c", credentials=CredentialReference(CredentialKind.PROFILE, name)
        )
        assert completed_by_profile(connection).endpoint == f"https://s{name[1:]}.test"
    assert len(read) == 1
    assert sum(map(len, parsed)) < 1000
