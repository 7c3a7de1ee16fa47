"""The part of the connection's form about the way to its store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
    WaySecrets,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.secrets import KeyringState
from s4desk.viewmodels.connection_form import ConnectionForm
from s4desk.viewmodels.exposure_text import exposure_sentence, exposure_words
from s4desk.viewmodels.forms import TICKED
from s4desk.viewmodels.passphrase_form import PassphraseForm, keyring_sentence
from s4desk.viewmodels.way_fields import WAY_FIELDS
from tests.servers.authority import issue_client

PLAIN = Connection(
    ConnectionId("1"),
    "Work",
    "https://s3.test",
    credentials=CredentialReference(CredentialKind.ENVIRONMENT),
)
BEHIND = replace(PLAIN, proxy="http://me@10.0.0.1:3128")
KEPT = WaySecrets(proxy_password="kept-password")


def form_of(connection=PLAIN, kept=None, **texts):
    form = ConnectionForm(connection, kept_way=kept)
    for name, text in texts.items():
        form.edit(name, text)
    return form


def shown(form):
    return {name for name in WAY_FIELDS if form.is_shown(name)}


def test_nothing_is_said_by_default():
    form = form_of()
    assert shown(form) == {"proxy", "client_certificate", "unverified"}
    assert not form.has_way
    assert form.exposure == ""
    draft = form.result()
    assert (draft.connection, draft.way) == (PLAIN, None)


@pytest.mark.parametrize("address", ["socks5://10.0.0.1:1080", "socks5h://10.0.0.1:1080"])
def test_a_socks_proxy_is_entered_like_any(address):
    form = form_of(proxy="own", proxy_address=f" {address} ", proxy_user="me", proxy_password="x")
    proxy = form.result().connection.proxy
    assert proxy == address.replace("://", "://me@")
    assert form_of(replace(PLAIN, proxy=proxy)).fields["proxy_address"].text == address


def test_a_proxy_of_ones_own_needs_an_address():
    form = form_of(proxy="own")
    assert "address" in form.errors["proxy_address"]
    form.edit("proxy_address", "10.0.0.1:3128")
    assert form.result().connection.proxy == "http://10.0.0.1:3128"
    form.edit("proxy_user", "me")
    assert "password" in form.errors["proxy_password"]
    form.edit("proxy_password", " a b ")
    draft = form.result()
    assert draft.connection.proxy == "http://me@10.0.0.1:3128"
    assert draft.way == WaySecrets(proxy_password=" a b ")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("socks4://h:1", "A proxy looks like"),
        ("http://u:p@h:1", "fields of their own"),
        ("http://h:99999", "A proxy looks like"),
    ],
)
def test_an_address_that_cannot_be_is_told(address, said):
    assert said in form_of(proxy="own", proxy_address=address).errors["proxy_address"]


def test_none_is_not_the_same_as_what_the_system_says():
    assert form_of(proxy="none").result().connection.proxy == "none"
    assert form_of(replace(PLAIN, proxy="none"), proxy="system").result().connection.proxy == ""


def test_a_kept_password_stays_for_the_same_proxy_and_user_only():
    form = form_of(BEHIND, KEPT)
    assert form.fields["proxy_password"].text == ""
    assert (form.result().connection, form.result().way) == (BEHIND, None)
    form.edit("proxy_address", "http://evil.test:3128")
    assert "proxy_password" in form.errors
    form.edit("proxy_password", "new")
    assert form.result().way == WaySecrets(proxy_password="new")


def test_a_password_goes_with_its_proxy():
    assert form_of(BEHIND, KEPT, proxy="system").result().way == WaySecrets()


def test_a_client_certificate_asks_for_the_passphrase_when_its_key_has_one(tmp_path):
    files = issue_client(tmp_path)
    form = form_of(client_certificate=str(files.both))
    assert {"client_key"} <= shown(form)
    assert "key_passphrase" not in shown(form)
    form.edit("client_certificate", str(files.encrypted))
    form.edit("key_passphrase", files.passphrase)
    draft = form.result()
    assert draft.connection.client_certificate == str(files.encrypted)
    assert draft.way == WaySecrets(key_passphrase=files.passphrase)
    form.edit("client_certificate", str(files.certificate))
    form.edit("client_key", str(files.key))
    assert form.result().connection.client_key == str(files.key)
    assert form.result().way is None


def test_files_that_are_no_certificates_are_told(tmp_path):
    files = issue_client(tmp_path)
    form = form_of(client_certificate=str(files.key), client_key=str(files.certificate))
    assert "no certificate" in form.errors["client_certificate"]
    assert "no private key" in form.errors["client_key"]
    form.edit("client_certificate", str(tmp_path / "none"))
    assert form.errors["client_certificate"] == "There is no such file."


def test_not_to_verify_is_a_choice_that_is_told():
    form = form_of(unverified=TICKED)
    assert form.exposure.startswith("The store's certificate is not verified")
    assert not form.result().connection.verify
    assert form_of(replace(PLAIN, verify=False)).has_way
    form.edit("endpoint", "http://10.0.0.7:9000")
    assert form.exposure.startswith("Nothing is encrypted")
    form.edit("endpoint", "http://127.0.0.1:9000")
    assert form.exposure == ""


def test_words_for_what_is_laid_open():
    assert exposure_words(PLAIN) == exposure_sentence(PLAIN) == ""
    assert exposure_words(replace(PLAIN, verify=False)) == "Not verified"
    assert exposure_words(replace(PLAIN, endpoint="http://h")) == "Not encrypted"


def test_a_new_passphrase_is_typed_twice():
    form = PassphraseForm(is_new=True)
    assert "Enter" in form.errors["passphrase"]
    form.edit("passphrase", "word")
    assert "same" in form.errors["again"]
    form.edit("again", "word")
    assert form.result() == "word"
    assert not PassphraseForm().is_shown("again")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (KeyringState(usable=True), "in the keyring"),
        (KeyringState(usable=True, reason="None.", in_file=True), "None. The secret is kept in th"),
        (KeyringState(usable=False, reason="None."), "None. The secret is kept for this session"),
    ],
)
def test_where_a_secret_goes(state, said):
    assert said in keyring_sentence(state)
