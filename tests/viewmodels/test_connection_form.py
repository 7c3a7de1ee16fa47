from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    ConnectionLimits,
    CredentialKind,
    CredentialReference,
    Credentials,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.viewmodels.connection_form import ConnectionForm

if TYPE_CHECKING:
    from pathlib import Path

NEW = Connection(ConnectionId("1"), "")
ANONYMOUS = CredentialReference(CredentialKind.ANONYMOUS)
PUBLIC = Connection(ConnectionId("1"), "Public", "https://s3.test", credentials=ANONYMOUS)
KEPT = Connection(ConnectionId("1"), "Work", "https://s3.test")


def filled(form: ConnectionForm, **texts: str) -> ConnectionForm:
    for name, text in texts.items():
        form.edit(name, text)
    return form


def test_a_new_connection_needs_a_name_and_a_key():
    assert ConnectionForm(NEW).errors.keys() == {"name", "key_id", "secret"}


def test_what_is_typed_comes_out():
    form = filled(
        ConnectionForm(NEW),
        name=" Work ",
        endpoint="s3.test:9000/",
        region="eu-west-1",
        addressing="path",
        key_id=" AKIA ",
        secret=" s3cr3t ",
        token="tok",
        start_bucket="photos",
        start_prefix="2024",
    )
    draft = form.result()
    assert draft.connection == Connection(
        ConnectionId("1"),
        "Work",
        "https://s3.test:9000",
        "eu-west-1",
        Addressing.PATH,
        CredentialReference(),
        "",
        "photos",
        "2024/",
        "AKIA",
    )
    assert draft.credentials == Credentials("AKIA", "s3cr3t", "tok")


def test_every_bad_field_is_named():
    form = filled(
        ConnectionForm(PUBLIC, taken=["Work"]),
        name="work",
        endpoint="ftp://s3.test",
        region="eu west",
        start_bucket="a/b",
        ca_file="/nowhere/ca.pem",
    )
    assert form.errors.keys() == {"name", "endpoint", "region", "start_bucket", "ca_file"}
    with pytest.raises(ValidationError):
        form.result()


def test_a_start_folder_needs_a_start_bucket():
    form = filled(ConnectionForm(PUBLIC), start_prefix="2024/")
    assert form.errors.keys() == {"start_bucket"}


def test_a_connection_has_limits_of_its_own_or_none():
    assert ConnectionForm(PUBLIC).result().connection.limits == ConnectionLimits()
    form = filled(
        ConnectionForm(PUBLIC), upload_rate="1 MB/s", download_rate="2 MiB/s", transfers="2"
    )
    limited = form.result().connection
    assert limited.limits == ConnectionLimits(2, 0, 1_000_000, 2 * 1024**2)
    assert ConnectionForm(limited).result().connection == limited
    bad = filled(form, upload_rate="1 B/s", download_rate="5", transfers="0", parts="many")
    assert bad.errors.keys() == {"upload_rate", "download_rate", "transfers", "parts"}


@pytest.mark.parametrize("endpoint", ["memory:", "memory:a,b"])
def test_a_store_in_memory_stays_one(endpoint):
    demo = replace(PUBLIC, endpoint=endpoint)
    form = filled(ConnectionForm(demo), name="Other")
    assert form.result().connection == replace(demo, name="Other")
    assert filled(form, endpoint="memory").result().connection.endpoint == "https://memory"


def test_its_own_name_is_not_taken():
    assert not ConnectionForm(PUBLIC, taken=["Work"]).errors


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("keyring", {"key_id", "secret", "token", "ends"}),
        ("profile", {"profile"}),
        ("env", set()),
        ("anonymous", set()),
    ],
)
def test_only_what_matters_is_shown(kind, shown):
    form = filled(ConnectionForm(NEW), credentials=kind)
    optional = {"key_id", "secret", "token", "ends", "profile"}
    assert {name for name in optional if form.is_shown(name)} == shown


def test_hidden_fields_have_no_errors_and_leave_nothing():
    form = filled(
        ConnectionForm(PUBLIC), credentials="keyring", key_id="AKIA", profile="p", secret=""
    )
    assert form.errors.keys() == {"secret"}
    form.edit("credentials", "env")
    draft = form.result()
    assert draft.credentials is None
    assert draft.connection.credentials == CredentialReference(CredentialKind.ENVIRONMENT)


def test_a_profile_has_a_name():
    form = filled(ConnectionForm(PUBLIC), credentials="profile")
    assert form.errors.keys() == {"profile"}
    form.edit("profile", "work")
    assert str(form.result().connection.credentials) == "profile:work"


def test_a_kept_secret_is_never_shown_and_stays_when_left_alone():
    form = ConnectionForm(KEPT, kept_key_id="AKIA")
    assert form.fields["key_id"].text == "AKIA"
    assert (form.fields["secret"].text, form.fields["token"].text) == ("", "")
    assert form.fields["secret"].placeholder == "unchanged"
    assert filled(form, region="eu-west-1").result().credentials is None


@pytest.mark.parametrize("changed", ["key_id", "token"])
def test_another_key_or_token_needs_its_secret(changed):
    form = filled(ConnectionForm(KEPT, kept_key_id="AKIA"), **{changed: "other"})
    assert form.errors.keys() == {"secret"}
    form.edit("secret", "s3cr3t")
    credentials = form.result().credentials
    assert credentials is not None
    assert getattr(credentials, changed) == "other"


def test_a_new_secret_goes_with_the_kept_key_id_and_without_the_old_token():
    form = filled(ConnectionForm(KEPT, kept_key_id="AKIA"), secret="s3cr3t")
    assert form.result().credentials == Credentials("AKIA", "s3cr3t", "")


def test_a_key_with_a_token_may_have_an_end():
    typed = {"key_id": "AKIA", "secret": "s3cr3t", "token": "t", "ends": "2126-01-01T00:00:00Z"}
    form = filled(ConnectionForm(PUBLIC), credentials="keyring", **typed)
    ends = datetime(2126, 1, 1, tzinfo=UTC)
    assert form.result().credentials == Credentials("AKIA", "s3cr3t", "t", ends)
    credentials = filled(form, ends=" 12h ").result().credentials
    assert credentials is not None
    assert credentials.ends_at is not None
    left = credentials.ends_at - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    assert filled(form, ends="").result().credentials == Credentials("AKIA", "s3cr3t", "t")

    for wrong, said in {
        "2020-01-01": "over already",
        "soon": "no moment",
        "999999w": "that long",
    }.items():
        errors = filled(form, ends=wrong).errors
        assert errors.keys() == {"ends"}
        assert said in errors["ends"]
    assert "session token" in filled(form, ends="12h", token="").errors["ends"]


def test_a_kept_key_gets_no_other_end_by_itself():
    form = ConnectionForm(KEPT, kept_key_id="AKIA", keeps_token=True, keeps_end=True)
    assert form.fields["ends"].placeholder == "unchanged"
    assert form.result().credentials is None
    assert filled(form, ends="12h").errors.keys() == {"ends", "secret"}


def test_a_ca_file_holds_a_certificate(tmp_path: Path):
    form = ConnectionForm(PUBLIC)
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    good = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(good)

    assert "no such file" in filled(form, ca_file=str(tmp_path / "none")).errors["ca_file"]
    assert "PEM" in filled(form, ca_file=str(text)).errors["ca_file"]
    assert "cannot be read" in filled(form, ca_file=str(tmp_path)).errors["ca_file"]
    assert filled(form, ca_file=str(good)).result().connection.ca_file == str(good)


def test_no_qt_and_no_s3_library_in_the_process():
    code = (
        "import sys, s4desk.viewmodels.connection_form, s4desk.viewmodels.error_text;"
        "sys.exit(bool({'PySide6', 'botocore', 'aiobotocore', 'awscrt', 'lxml'} & {*sys.modules}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_key_id_is_kept_with_the_connection_as_long_as_it_has_keys_of_its_own():
    form = filled(ConnectionForm(NEW), name="Work", key_id=" AKIA ", secret="s3cr3t")
    kept = form.result().connection
    assert kept.key_id == "AKIA"
    assert "s3cr3t" not in repr(kept)
    again = ConnectionForm(kept)
    assert again.fields["key_id"].text == "AKIA"
    assert again.errors.keys() == {"secret"}
    again.edit("credentials", "anonymous")
    assert again.result().connection.key_id == ""


def test_only_a_token_that_is_kept_is_called_unchanged():
    assert ConnectionForm(KEPT, kept_key_id="AK").fields["token"].placeholder.startswith("only")
    kept = ConnectionForm(KEPT, kept_key_id="AK", keeps_token=True)
    assert kept.fields["token"].placeholder == kept.fields["secret"].placeholder == "unchanged"


@pytest.mark.parametrize(
    ("edits", "name"),
    [
        ({"key_id": "AKID"}, "Amazon S3"),
        ({"provider": "minio"}, "MinIO"),
        ({"endpoint": "https://s3.example.com:9000/base"}, "s3.example.com"),
        ({"endpoint": "http://[::1]:9000"}, ""),
        ({"endpoint": "https://[s3"}, ""),
        ({"name": "Mine", "endpoint": "https://s3.example.com"}, "Mine"),
    ],
)
def test_a_new_connection_is_called_as_its_store_is(edits, name):
    form = ConnectionForm(Connection(ConnectionId("1"), ""))
    for field, text in edits.items():
        form.edit(field, text)
    assert form.fields["name"].text == name


def test_a_proposed_name_follows_is_free_and_gives_way():
    form = ConnectionForm(Connection(ConnectionId("1"), ""), taken=["MINIO", "minio 2"])
    form.edit("provider", "minio")
    assert form.fields["name"].text == "MinIO 3"
    assert not form.errors.get("name")
    form.edit("provider", "garage")
    assert form.fields["name"].text == "Garage"
    form.edit("name", "Ours")
    form.edit("provider", "minio")
    assert form.fields["name"].text == "Ours"


def test_a_connection_that_has_a_name_keeps_it():
    form = ConnectionForm(Connection(ConnectionId("1"), "Old"))
    form.edit("endpoint", "https://s3.example.com")
    assert form.fields["name"].text == "Old"
