"""What leads elsewhere than it seems is shown: endpoints that only an AWS profile names."""

from __future__ import annotations

import pytest

from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
    Exposure,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.aws_offers import aws_offers
from s4desk.core.persist.offers import Offer, looked_up
from s4desk.core.store import aws_profiles
from s4desk.core.store.profile_credentials import completed_by_profile
from s4desk.core.store.profile_endpoints import ProfileEndpoints, profile_endpoint
from s4desk.core.store.registry import StoreRegistry
from s4desk.viewmodels.connection_form import ConnectionForm
from s4desk.viewmodels.offer_text import address_text, remark_text

CONFIG = """
[profile own]
endpoint_url = http://10.0.0.1:9000
[profile shared]
endpoint_url = http://general:1
services = local
[services local]
s3 =
  endpoint_url = http://of-s3:2
[profile other-service]
services = queues
[services queues]
sqs =
  endpoint_url = http://queue
[profile plain]
region = eu-west-1
[profile nested]
endpoint_url =
  x = y
[profile broken]
endpoint_url
"""


@pytest.fixture(autouse=True)
def aws(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://of-the-environment")
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text("[keys]\nendpoint_url = http://keys:3\n")
    return tmp_path


def of_profile(profile: str, **more: str) -> Connection:
    reference = CredentialReference(CredentialKind.PROFILE, profile)
    return Connection(ConnectionId(profile), profile, credentials=reference, **more)


@pytest.mark.parametrize(
    ("profile", "endpoint"),
    [
        ("own", "http://10.0.0.1:9000"),
        ("shared", "http://of-s3:2"),
        ("other-service", ""),
        ("plain", ""),
        ("keys", "http://keys:3"),
    ],
)
def test_it_is_the_endpoint_that_botocore_goes_to(profile, endpoint):
    assert profile_endpoint(profile) == endpoint
    assert completed_by_profile(of_profile(profile)).endpoint == endpoint


@pytest.mark.parametrize("profile", ["nested", "broken", "nobody"])
def test_what_cannot_be_read_leads_nowhere(profile):
    assert profile_endpoint(profile) == ""


def test_a_file_that_is_none_leads_nowhere(aws):
    (aws / "config").write_bytes(b"\xff\xfe[")
    assert profile_endpoint("own") == ""


def test_thousands_of_profiles_are_not_parsed(aws, monkeypatch):
    (aws / "config").write_text("".join(f"[profile p{n}]\nregion = x\n" for n in range(5000)))
    monkeypatch.setattr(aws_profiles.Sections, "_parsed", None)
    assert {profile_endpoint(f"p{n}") for n in range(5000)} == {""}


async def test_it_is_told_when_a_profile_leads_elsewhere(aws):
    told: list[bool] = []
    endpoints = ProfileEndpoints(lambda: told.append(True))
    own, typed = of_profile("own"), of_profile("own", endpoint="https://typed")
    assert endpoints.of(own) == own
    await endpoints.learn([own, typed, of_profile("plain")])
    assert endpoints.of(own).exposure is Exposure.PLAIN
    assert endpoints.of(typed) == typed
    assert len(told) == 1
    await endpoints.learn([own])
    assert len(told) == 1
    (aws / "config").write_text("[profile own]\nregion = x\n")
    await endpoints.learn([own])
    assert (endpoints.of(own), len(told)) == (own, 2)


class Book(dict[ConnectionId, Connection]):
    def all(self):
        return list(self.values())


async def test_a_store_that_is_opened_is_known_by_where_it_leads():
    connection = of_profile("own")
    registry = StoreRegistry(Book({connection.id: connection}), None)  # type: ignore[arg-type]
    opened = []

    async def opener(connection, *_):
        opened.append(connection)

    registry._openers = dict.fromkeys(("", "http"), opener)
    await registry.get(connection.id)
    assert opened[0].endpoint == "http://10.0.0.1:9000"
    assert registry.reached(connection).exposure is Exposure.PLAIN
    assert registry.report(connection.id).endpoint == "http://10.0.0.1:9000"


def test_the_form_warns_of_a_profile():
    form = ConnectionForm(of_profile("own"))
    assert form.exposure.startswith("Nothing is encrypted")
    form.edit("profile", "plain")
    assert form.exposure == ""


def test_what_can_be_imported_tells_where_it_leads():
    own, plain, typed = looked_up(
        [
            *aws_offers(["own", "plain"]),
            Offer("own", of_profile("own", endpoint="https://typed")),
        ]
    )
    assert (address_text(typed), remark_text(typed)) == ("https://typed", "")
    assert address_text(own) == "http://10.0.0.1:9000"
    assert remark_text(own) == "Not encrypted."
    assert (address_text(plain), remark_text(plain)) == ("as the profile says", "")
