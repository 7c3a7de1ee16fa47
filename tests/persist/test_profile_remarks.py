"""What is told of AWS profiles, and of keys without a secret, before they are taken over."""

from __future__ import annotations

import pytest

from s4desk.core.persist.aws_offers import aws_offers
from s4desk.core.persist.offers import looked_up
from s4desk.core.persist.rclone_offers import rclone_offers
from s4desk.viewmodels.offer_text import remark_text, wanted

CONFIG = """
[profile plain]
region = eu-west-1
[profile portal]
sso_session = work
[profile old-portal]
sso_start_url = https://portal.test
[profile coded]
role_arn = arn:aws:iam::1:role/r
source_profile = keyed
mfa_serial = arn:aws:iam::1:mfa/me
[profile self]
role_arn = arn:aws:iam::1:role/r
source_profile = self
aws_access_key_id = A
aws_secret_access_key = B
[profile instance]
role_arn = arn:aws:iam::1:role/r
credential_source = Ec2InstanceMetadata
[profile keyed]
aws_access_key_id = A
aws_secret_access_key = B
[profile lost]
sso_session = nowhere
[profile one]
role_arn = arn:aws:iam::1:role/r
source_profile = two
[profile two]
role_arn = arn:aws:iam::1:role/r
source_profile = one
[profile orphan]
role_arn = arn:aws:iam::1:role/r
source_profile = gone
[profile rootless]
role_arn = arn:aws:iam::1:role/r
[sso-session work]
sso_start_url = https://portal.test
"""
SAID = {
    "plain": "",
    "portal": "SSO: you sign in on the page of its portal.",
    "old-portal": "SSO: you sign in on the page of its portal.",
    "coded": "MFA: it asks for a one-time code.",
    "self": "",
    "instance": "",
    "lost": "Not usable: there is no sso-session “nowhere”.",
    "one": "Not usable: its source_profile leads back to “one”.",
    "orphan": "Not usable: there is no profile “gone”.",
    "rootless": "Not usable: its role has no source_profile.",
}


@pytest.fixture
def config(tmp_path, monkeypatch):
    path = tmp_path / "config"
    path.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    return path


def test_profiles_are_told_by_what_they_ask_for_or_lack(config):
    offers = looked_up(aws_offers(list(SAID)))
    assert {offer.source: remark_text(offer) for offer in offers} == SAID
    is_ticked = dict(zip(SAID, wanted(offers), strict=True))
    assert is_ticked == {name: not said.startswith("Not") for name, said in SAID.items()}


def test_a_file_that_is_none_is_told_of_every_profile(config):
    config.write_text("[profile a]\nthis is no setting\n")
    (offer,) = looked_up(aws_offers(["a"]))
    assert remark_text(offer).startswith(f"Not usable: {config}")


def test_a_remote_with_half_a_key_says_so(tmp_path):
    path = tmp_path / "rclone.conf"
    path.write_text(
        "[half]\ntype = s3\nprovider = AWS\naccess_key_id = AKIA\n"
        "[open]\ntype = s3\nprovider = AWS\n"
        "[env]\ntype = s3\nprovider = AWS\naccess_key_id = AKIA\nenv_auth = true\n"
    )
    said = {offer.source: remark_text(offer) for offer in rclone_offers(path)}
    assert said == {"half": "Its key comes without a secret.", "open": "", "env": ""}
