"""Profiles are named as the AWS CLI names them."""

from __future__ import annotations

import pytest

from s4desk.core.store.aws_profiles import profile_names


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
