from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.viewmodels.connection_form import ConnectionForm

ANONYMOUS = CredentialReference(CredentialKind.ANONYMOUS)


def new_form(**texts: str) -> ConnectionForm:
    form = ConnectionForm(Connection(ConnectionId("1"), "Work", credentials=ANONYMOUS))
    return edited(form, **texts)


def edited(form: ConnectionForm, **texts: str) -> ConnectionForm:
    for name, text in texts.items():
        form.edit(name, text)
    return form


def shown(form: ConnectionForm) -> tuple[str, ...]:
    return tuple(
        form.fields[name].text for name in ("provider", "endpoint", "region", "addressing")
    )


def test_a_new_connection_is_to_aws():
    assert shown(new_form()) == ("aws", "", "", "auto")
    assert new_form().result().connection.provider == "aws"
    assert "IAM" in new_form().fields["provider"].remark


@pytest.mark.parametrize(
    ("provider", "endpoint", "region", "addressing"),
    [
        ("b2", "https://s3.us-west-004.backblazeb2.com", "us-west-004", "path"),
        ("hetzner", "https://fsn1.your-objectstorage.com", "fsn1", "auto"),
        ("wasabi", "https://s3.us-east-1.wasabisys.com", "us-east-1", "path"),
        ("storj", "https://gateway.storjshare.io", "", "auto"),
        ("google", "https://storage.googleapis.com", "auto", "path"),
        ("garage", "http://localhost:3900", "garage", "path"),
        ("minio", "http://localhost:9000", "", "path"),
        ("aws", "", "", "auto"),
    ],
)
def test_a_provider_fills_in_what_it_knows(provider, endpoint, region, addressing):
    expected = (provider, endpoint, region, addressing)
    assert shown(new_form(provider=provider)) == expected
    assert shown(edited(new_form(provider="scaleway"), provider=provider)) == expected


def test_a_region_of_the_provider_leads_to_its_endpoint():
    form = new_form(provider="ovh", region="de")
    assert form.fields["endpoint"].text == "https://s3.de.io.cloud.ovh.net"
    edited(form, region="us-east-va")
    assert form.fields["endpoint"].text == "https://s3.us-east-va.io.cloud.ovh.us"
    assert form.regions["rbx"] == "Roubaix"
    edited(form, region="")
    assert "endpoint" in form.errors


def test_the_place_of_an_account_has_to_be_filled():
    form = new_form(provider="r2")
    assert form.fields["endpoint"].text == "https://{account}.r2.cloudflarestorage.com"
    assert "in place of {account}" in form.errors["endpoint"]
    edited(form, endpoint="https://abc.r2.cloudflarestorage.com")
    assert shown(form)[0::2] == ("r2", "auto")
    assert not form.errors


@pytest.mark.parametrize(
    ("pasted", "provider", "region"),
    [
        ("s3.eu-central-003.backblazeb2.com", "b2", "eu-central-003"),
        ("https://s3.eu-west-1.amazonaws.com", "aws", "eu-west-1"),
        ("https://abc.eu.r2.cloudflarestorage.com", "r2", "auto"),
        ("http://10.0.0.7:9000", "", ""),
    ],
)
def test_a_pasted_endpoint_chooses_the_provider(pasted, provider, region):
    form = new_form(endpoint=pasted)
    assert (form.fields["provider"].text, form.fields["region"].text) == (provider, region)
    assert form.fields["endpoint"].text == pasted
    assert not form.errors


def test_what_a_person_typed_stays():
    form = new_form(region="eu-here-1", addressing="virtual", endpoint="https://s3.example.test")
    edited(form, provider="minio")
    assert shown(form) == ("minio", "https://s3.example.test", "eu-here-1", "virtual")
    edited(form, endpoint="https://other.test")
    assert shown(form)[0] == "minio"
    edited(form, provider="hetzner")
    assert form.fields["region"].text == "fsn1"  # it has no eu-here-1
    assert form.fields["addressing"].text == "virtual"


def test_a_server_program_keeps_the_address_it_was_given():
    form = edited(new_form(provider="minio"), endpoint="https://s3.example.test")
    assert shown(form)[:2] == ("minio", "https://s3.example.test")
    edited(form, region="eu-1")
    assert form.fields["endpoint"].text == "https://s3.example.test"


def test_another_address_is_another_providers():
    form = edited(new_form(provider="wasabi"), endpoint="https://s3.example.test")
    assert shown(form)[0] == ""
    assert "wasabi" not in form.result().connection.provider


def test_any_other_store_needs_an_address():
    form = new_form(provider="")
    assert form.errors["endpoint"] == "Enter the address of the store."
    edited(form, endpoint="s3.example.test")
    assert not form.errors
    edited(form, endpoint="")
    assert shown(form)[0] == "aws"  # as an empty endpoint has always meant


def test_a_kept_connection_says_whose_it_is():
    kept = Connection(
        ConnectionId("1"), "W", "https://s3.eu-west-2.wasabisys.com", credentials=ANONYMOUS
    )
    assert ConnectionForm(kept).fields["provider"].text == "wasabi"
    odd = Connection(ConnectionId("1"), "W", "https://s3.test", provider="of-a-newer-program")
    assert ConnectionForm(odd).fields["provider"].text == ""


def test_a_fix_is_written_into_the_form():
    form = new_form(endpoint="https://s3.example.test", region="us-east-1")
    mended = Connection(
        ConnectionId("1"),
        "Work",
        "https://s3.example.test:9000",
        "garage",
        Addressing.PATH,
        start_bucket="photos",
    )
    form.apply(mended)
    result = form.result().connection
    assert (result.endpoint, result.region) == ("https://s3.example.test:9000", "garage")
    assert (result.addressing, result.start_bucket) == (Addressing.PATH, "photos")
    form.apply(replace(mended, proxy="none"))
    assert form.result().connection.proxy == "none"
