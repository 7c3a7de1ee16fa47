from __future__ import annotations

import pytest

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.connection import Addressing, Connection
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.parts import MAX_PARTS
from s4desk.core.domain.providers import AWS, B2, GARAGE, OTHER, OVH, PROVIDERS, R2, recognise
from s4desk.core.store.capabilities import Capabilities, known


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://s3.eu-west-1.amazonaws.com", ("aws", "eu-west-1", "", "")),
        ("s3.amazonaws.com", ("aws", "us-east-1", "", "")),
        ("https://s3.dualstack.eu-west-1.amazonaws.com", ("aws", "eu-west-1", "", "")),
        ("https://s3.cn-north-1.amazonaws.com.cn", ("aws", "cn-north-1", "", "")),
        ("https://photos.s3.us-gov-west-1.amazonaws.com", ("aws", "us-gov-west-1", "", "photos")),
        ("https://abc123.r2.cloudflarestorage.com", ("r2", "", "abc123", "")),
        ("https://abc123.eu.r2.cloudflarestorage.com", ("r2", "", "abc123", "")),
        ("https://abc123.r2.cloudflarestorage.com/photos", ("r2", "", "abc123", "photos")),
        ("https://s3.us-west-004.backblazeb2.com", ("b2", "us-west-004", "", "")),
        ("s3.wasabisys.com", ("wasabi", "us-east-1", "", "")),
        ("https://b.nyc3.digitaloceanspaces.com", ("digitalocean", "nyc3", "", "b")),
        ("https://fsn1.your-objectstorage.com", ("hetzner", "fsn1", "", "")),
        ("https://s3.fr-par.scw.cloud", ("scaleway", "fr-par", "", "")),
        ("https://s3.us-east-va.io.cloud.ovh.us", ("ovh", "us-east-va", "", "")),
        ("https://s3.gra.perf.cloud.ovh.net", ("ovh", "gra", "", "")),
        ("https://x1y2.ldn.idrivee2-23.com", ("idrive", "ldn", "x1y2", "")),
        ("https://gateway.storjshare.io", ("storj", "", "", "")),
        ("https://storage.googleapis.com", ("google", "", "", "")),
        ("http://s3.localhost.localstack.cloud:4566", ("localstack", "us-east-1", "", "")),
    ],
)
def test_an_endpoint_tells_whose_it_is(endpoint, expected):
    found = recognise(endpoint)
    assert (found.provider.id, found.region, found.account, found.bucket) == expected


@pytest.mark.parametrize(
    "endpoint",
    [
        *("", "http://localhost:9000", "https://s3.example.com", "https://127.0.0.1:4566"),
        "https://s3.eu-west-1.amazonaws.com.example.org",
        "https://r2.cloudflarestorage.com.test",
    ],
)
def test_any_other_endpoint_is_nobodys(endpoint):
    assert recognise(endpoint) is None


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda each: each.id or "other")
def test_what_is_said_of_a_provider_holds_together(provider):
    assert PROVIDERS[provider.id] is provider
    assert not provider.has & provider.lacks
    assert provider.where_keys_are
    assert provider.limits.parts <= MAX_PARTS
    assert provider.limits.smallest_part < provider.limits.largest_part
    for site in provider.sites:
        assert site.url.startswith("https://" if provider.is_hosted else "http://localhost:")
        if "{region}" in site.url:
            assert site.regions
    if provider.is_hosted and not provider.is_implied:
        assert provider.region in provider.regions
    for region in provider.regions:
        found = recognise(provider.site_of(region).url.format(region=region, account="a1"))
        assert found.provider is provider
        assert found.region in (region, "")


def test_a_region_and_an_account_make_an_endpoint():
    assert B2.endpoint("eu-central-003") == "https://s3.eu-central-003.backblazeb2.com"
    assert B2.endpoint("") == ""
    assert OVH.endpoint("us-west-or") == "https://s3.us-west-or.io.cloud.ovh.us"
    assert R2.endpoint("auto", "abc") == "https://abc.r2.cloudflarestorage.com"
    assert R2.endpoint("auto") == "https://{account}.r2.cloudflarestorage.com"
    assert (AWS.endpoint("eu-west-1"), OTHER.endpoint("eu-west-1")) == ("", "")


def test_what_is_documented_is_known_before_the_first_request():
    def of(provider: str) -> Capabilities:
        return known(Connection(ConnectionId("1"), "A", "https://s3.test", provider=provider))

    assert of("") == of("nobody") == Capabilities()
    assert (of("garage").tagging, of("garage").batch_delete) == (False, True)
    assert of("wasabi").tagging is True
    assert of("google").keeps_checksums is False
    assert of("r2").keeps_checksums is None
    assert of("r2").conditional_put is None
    assert known(Connection(ConnectionId("1"), "A")).conditional_put is True


def test_what_nobody_says_is_not_known():
    assert GARAGE.supports(Capability.VERSIONING) is False
    assert GARAGE.supports(Capability.CORS) is True
    assert GARAGE.supports(Capability.LIFECYCLE) is None
    assert R2.addressing is Addressing.PATH
