"""Connections of other programs and computers: what is taken over, and what is left out."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    ConnectionLimits,
    CredentialKind,
    CredentialReference,
    Credentials,
)
from s4desk.core.domain.errors import LocalFileError, ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.aws_offers import aws_offers
from s4desk.core.persist.connection_export import exported, file_offers
from s4desk.core.persist.connections import ConnectionBook
from s4desk.core.persist.offers import Offer, UnusableSourceError, fitted, take_over
from s4desk.core.persist.rclone_offers import rclone_offers
from s4desk.core.persist.secrets import Keychain, KeyringState
from s4desk.core.runtime.events import ConnectionsChanged, EventBus
from s4desk.core.runtime.logs import redacted
from s4desk.viewmodels.offer_text import address_text, keys_text, remark_text, wanted
from tests.persist.fakes import FakeKeyring

RCLONE = """
# a comment
[minio]
type = s3
provider = Minio
env_auth = false
access_key_id = AKIA-minio
secret_access_key = s3cr3t%of=minio#1
endpoint = 10.0.0.1:9000
region = eu-west-1
force_path_style = true
acl = private
sse_customer_key = never-show-this

[wasabi virtual]
type = s3
provider = Wasabi
access_key_id = AKIA-wasabi
secret_access_key = secret-of-wasabi
session_token = token-of-wasabi
endpoint = https://s3.wasabisys.com/
force_path_style = false

[aws]
type = s3
provider = AWS
env_auth = true
profile = work
region = eu-central-1

[env]
type = s3
provider = AWS
env_auth = true

[open]
type = s3
provider = AWS

[nowhere]
type = s3
provider = Scaleway
access_key_id = a
secret_access_key = b

[drive]
type = drive
token = {"access_token":"secret-token"}
"""


@pytest.fixture
def rclone(tmp_path):
    path = tmp_path / "rclone.conf"
    path.write_text(RCLONE)
    return path


def by_source(offers):
    return {offer.source: offer for offer in offers}


def test_the_remotes_of_rclone(rclone):
    offers = by_source(rclone_offers(rclone))
    assert list(offers) == ["minio", "wasabi virtual", "aws", "env", "open", "nowhere", "drive"]
    minio, wasabi = offers["minio"], offers["wasabi virtual"]
    assert minio.connection == Connection(
        minio.connection.id,
        "minio",
        "https://10.0.0.1:9000",
        "eu-west-1",
        Addressing.PATH,
        key_id="AKIA-minio",
    )
    assert minio.credentials == Credentials("AKIA-minio", "s3cr3t%of=minio#1")
    assert minio.left_out == ("acl", "sse_customer_key")
    assert (wasabi.connection.endpoint, wasabi.connection.addressing) == (
        "https://s3.wasabisys.com",
        Addressing.VIRTUAL,
    )
    assert wasabi.credentials.token == "token-of-wasabi"
    assert str(offers["aws"].connection.credentials) == "profile:work"
    assert offers["aws"].connection.region == "eu-central-1"
    assert str(offers["env"].connection.credentials) == "env"
    assert str(offers["open"].connection.credentials) == "anonymous"
    assert "no endpoint" in offers["nowhere"].problem
    assert "“drive”" in offers["drive"].problem
    assert "s3cr3t%of" not in redacted("s3cr3t%of=minio#1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc", "is encrypted"),
        (b"no sections here", "is not a configuration file of rclone"),
        (b"\xff\xfe", "is not a configuration file of rclone"),
    ],
)
def test_what_is_no_readable_configuration_is_told(tmp_path, content, said):
    path = tmp_path / "rclone.conf"
    path.write_bytes(content)
    with pytest.raises(UnusableSourceError, match=said):
        rclone_offers(path)
    with pytest.raises(LocalFileError):
        rclone_offers(tmp_path / "none")


def test_profiles_are_referred_to():
    first, second = aws_offers(["default", "a/b:c"])
    assert first.connection.credentials == CredentialReference(CredentialKind.PROFILE, "default")
    assert (second.connection.name, second.connection.credentials.profile) == ("a-b-c", "a/b:c")
    assert first.credentials is None
    with pytest.raises(UnusableSourceError, match="no profile"):
        aws_offers([])


FULL = Connection(
    ConnectionId("1"),
    "Work",
    "https://s3.test",
    "eu-west-1",
    Addressing.PATH,
    CredentialReference(),
    "/ca.pem",
    "bucket",
    "folder/",
    "AKIA",
    limits=ConnectionLimits(parts=3),
    proxy="http://me@10.0.0.1:3128",
    client_certificate="/me.pem",
)


def test_what_is_exported_comes_back_under_another_id(tmp_path):
    loose = replace(FULL, id=ConnectionId("2"), name="Loose", verify=False)
    path = tmp_path / "connections.toml"
    path.write_bytes(exported([FULL, loose]))
    assert "id" not in tomllib.loads(path.read_text())["connections"][0]
    first, second = file_offers(path)
    assert replace(first.connection, id=FULL.id) == FULL
    assert first.connection.id != FULL.id
    # Not to verify is decided anew by whoever imports it.
    assert second.connection.verify
    assert second.left_out == ("verify = false",)


@pytest.mark.parametrize(
    "content",
    [
        b"version = 1\nconnections = []",
        b"not toml",
        b"\xff",
        b'format = "s4desk connections"\nversion = 1\nconnections = 3',
    ],
)
def test_what_was_never_exported_is_told(tmp_path, content):
    path = tmp_path / "connections.toml"
    path.write_bytes(content)
    with pytest.raises(UnusableSourceError, match="Export Connections"):
        file_offers(path)


def test_a_newer_export_and_a_broken_entry_are_told(tmp_path):
    path = tmp_path / "connections.toml"
    path.write_bytes(exported([FULL]).replace(b"version = 1", b"version = 2"))
    with pytest.raises(UnusableSourceError, match="newer"):
        file_offers(path)
    path.write_bytes(exported([FULL]).replace(b'"path"', b'"sideways"'))
    (offer,) = file_offers(path)
    assert (offer.source, offer.connection) == ("Work", None)
    assert "cannot be read" in offer.problem


def test_names_are_free_and_what_is_here_is_known():
    same = replace(FULL, id=ConnectionId("9"))
    other = replace(FULL, id=ConnectionId("8"), name="wORK", endpoint="https://other.test")
    offers = fitted([Offer("Work", same), Offer("wORK", other), Offer("x", problem="no")], [FULL])
    assert [each.connection.name for each in offers[:2]] == ["Work (2)", "wORK (3)"]
    assert [each.known for each in offers] == ["Work", "", ""]
    assert wanted(offers) == [False, True, False]
    assert not any(wanted(aws_offers([f"p{number}" for number in range(51)])))


def test_what_a_list_says_of_them(rclone):
    offers = by_source(fitted(rclone_offers(rclone), []))
    minio = offers["minio"]
    assert (address_text(minio), keys_text(minio)) == ("https://10.0.0.1:9000", "to the keyring")
    assert keys_text(minio, KeyringState(usable=False, reason="None.")) == "for this session only"
    in_file = KeyringState(usable=True, reason="None.", in_file=True)
    assert keys_text(minio, in_file) == "to the encrypted file"
    assert remark_text(minio) == "Left out: acl, sse_customer_key."
    assert (address_text(offers["aws"]), keys_text(offers["aws"])) == (
        "as the profile says",
        "AWS profile work",
    )
    assert remark_text(offers["drive"]).startswith("It is no S3 store")
    for offer in offers.values():
        said = f"{address_text(offer)}{keys_text(offer)}{remark_text(offer)}"
        assert "never-show-this" not in said
        assert "secret" not in said


async def test_taking_over_adds_and_keeps(tmp_path, rclone):
    keyring = FakeKeyring()
    secrets = Keychain(lambda: keyring)
    book = ConnectionBook(tmp_path / "c.toml", EventBus(), secrets)
    offers = by_source(fitted(rclone_offers(rclone), []))
    assert await take_over([offers["minio"], offers["aws"]], book, secrets)
    assert [each.name for each in book.all()] == ["minio", "aws"]
    assert (await secrets.credentials(book.all()[0].id)).secret == "s3cr3t%of=minio#1"
    assert "s3cr3t" not in (tmp_path / "c.toml").read_text()
    keyring.lock()
    assert not await take_over([offers["wasabi virtual"]], book, secrets)
    with pytest.raises(UnusableSourceError, match="no S3 store"):
        await take_over([offers["env"], offers["drive"]], book, secrets)
    with pytest.raises(ValidationError, match="“minio” already"):
        await take_over([offers["env"], offers["minio"]], book, secrets)
    assert book.by_name("env") is None


async def test_thousands_are_added_in_one_change(tmp_path):
    secrets, events = Keychain(lambda: FakeKeyring()), EventBus()
    changes: list[ConnectionsChanged] = []
    events.subscribe(ConnectionsChanged, changes.append)
    book = ConnectionBook(tmp_path / "c.toml", events, secrets)
    offers = fitted(aws_offers([f"profile {number}" for number in range(2000)]), [])
    await take_over(offers, book, secrets)
    assert len(changes) == 1
    assert len(ConnectionBook(tmp_path / "c.toml", events, secrets).all()) == 2000
