"""What opens a bucket to strangers is known before it is saved, and nothing else is."""

from __future__ import annotations

import json

import pytest

from s4desk.core.domain.access import ALL_USERS, AUTHENTICATED_USERS
from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.public_access import Opening, exposures, is_public

POLICY = ConfigKind.POLICY
BLOCK = ConfigKind.PUBLIC_ACCESS_BLOCK
ALLOW = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
}


def policy(**fields):
    statement = {name: value for name, value in (ALLOW | fields).items() if value is not None}
    return from_json(POLICY, {"Version": "2012-10-17", "Statement": [statement]})


def condition(operator, key, value):
    return policy(Condition={operator: {key: value}})


OPEN = {
    "everybody": policy(),
    "everybody by name": policy(Principal={"AWS": "*"}),
    "everybody among others": policy(Principal={"AWS": ["arn:aws:iam::1:root", "*"]}),
    "any account": policy(Principal={"AWS": "arn:aws:iam::*:root"}),
    "all canonical users": policy(Principal={"CanonicalUser": "*"}),
    "all but some": policy(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::1:root"}),
    "one statement, no list": from_json(POLICY, {"Statement": ALLOW}),
    "the whole internet": condition("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
    "half the internet": condition("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "128.0.0.0/1"]),
    "anywhere but": condition("NotIpAddress", "aws:SourceIp", "1.2.3.4/32"),
    "no address": condition("IpAddress", "aws:SourceIp", []),
    "any organisation": condition("StringLike", "aws:PrincipalOrgID", "o-*"),
    "a variable": condition("StringEquals", "aws:userid", "${aws:username}"),
    "a referer": condition("StringLike", "aws:Referer", "https://example.com/*"),
    "only TLS": condition("Bool", "aws:SecureTransport", "true"),
    "if there is one": condition("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"),
    "for all of none": condition("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/"),
    "no JSON": BucketDocument(POLICY, b"{"),
}
SHUT = {
    "denied to everybody": policy(Effect="Deny"),
    "one account": policy(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
    "a service": policy(Principal={"Service": "logging.s3.amazonaws.com"}),
    "an address": condition("IpAddress", "aws:SourceIp", "203.0.113.7"),
    "addresses": condition("IpAddress", "AWS:SourceIP", ["203.0.113.0/24", "2001:db8::/48"]),
    "an organisation": condition("StringEquals", "aws:PrincipalOrgID", "o-1"),
    "a network": condition("StringEquals", "aws:SourceVpce", ["vpce-1", "vpce-2"]),
    "access points of an account": condition(
        "ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:111122223333:accesspoint/*"
    ),
    "nothing": from_json(POLICY, {"Statement": []}),
}


@pytest.mark.parametrize("name", OPEN)
def test_a_policy_for_everybody_is_public(name):
    assert is_public(OPEN[name])
    assert exposures(POLICY, None, OPEN[name])


@pytest.mark.parametrize("name", SHUT)
def test_a_policy_for_somebody_is_not(name):
    assert not is_public(SHUT[name])
    assert exposures(POLICY, None, SHUT[name]) == []


def test_what_was_open_before_is_not_opened_again():
    assert exposures(POLICY, policy(), policy(Sid="renamed")) == []
    assert exposures(POLICY, policy(), None) == []


@pytest.mark.parametrize("wider", [{"Action": ["s3:GetObject", "s3:PutObject"]}, {"Resource": "*"}])
def test_what_is_opened_wider_is_told(wider):
    (found,) = exposures(POLICY, policy(), policy(**wider))
    assert found.opening is Opening.POLICY
    ((name, value),) = wider.items()
    told = json.loads(found.detail)
    assert told[name] == (value if isinstance(value, list) else [value])


def acl(*grants):
    return from_json(
        ConfigKind.ACL,
        {
            "Grants": [
                {"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission}
                for uri, permission in grants
            ]
        },
    )


def test_grants_to_everybody_and_to_any_account_are_told():
    before = acl((ALL_USERS, "READ"))
    after = acl((ALL_USERS, "READ"), (ALL_USERS, "WRITE"), (AUTHENTICATED_USERS, "READ"))
    assert [(each.opening, each.detail) for each in exposures(ConfigKind.ACL, before, after)] == [
        (Opening.ACL_EVERYBODY, "WRITE"),
        (Opening.ACL_ANY_ACCOUNT, "READ"),
    ]
    assert exposures(ConfigKind.ACL, after, before) == []
    assert (
        exposures(ConfigKind.ACL, None, acl(("http://acs.amazonaws.com/groups/s3/L", "READ"))) == []
    )


def block(*flags):
    return from_json(BLOCK, dict.fromkeys(flags, True))


def test_each_block_that_is_lifted_is_told():
    whole = block("BlockPublicAcls", "BlockPublicPolicy")
    lifted = exposures(BLOCK, whole, block("BlockPublicAcls"))
    assert [(each.opening, each.detail) for each in lifted] == [
        (Opening.BLOCK_LIFTED, "BlockPublicPolicy")
    ]
    assert len(exposures(BLOCK, whole, None)) == 2
    assert exposures(BLOCK, None, whole) == []
    assert exposures(BLOCK, None, None) == []


def test_a_block_with_nothing_public_behind_it_is_lifted_without_a_question():
    whole = block("RestrictPublicBuckets")
    shut = {ConfigKind.POLICY: SHUT["one account"], ConfigKind.ACL: acl()}
    assert exposures(BLOCK, whole, None, shut) == []
    assert exposures(BLOCK, whole, None, shut | {ConfigKind.POLICY: policy()})
    assert exposures(BLOCK, whole, None, shut | {ConfigKind.ACL: acl((ALL_USERS, "READ"))})
    assert exposures(BLOCK, whole, None, {ConfigKind.ACL: acl()}), "the policy is not known"


def test_acls_that_count_again_are_told():
    def owned(how):
        return from_json(ConfigKind.OWNERSHIP, {"Rules": [{"ObjectOwnership": how}]})

    enforced, writer = owned("BucketOwnerEnforced"), owned("ObjectWriter")
    (found,) = exposures(ConfigKind.OWNERSHIP, enforced, writer)
    assert found.opening is Opening.ACLS_APPLY
    assert exposures(ConfigKind.OWNERSHIP, writer, enforced) == []
    empty = from_json(ConfigKind.OWNERSHIP, {})
    for removed in (None, empty):
        (found,) = exposures(ConfigKind.OWNERSHIP, enforced, removed)
        assert found.opening is Opening.ACLS_APPLY
        assert exposures(ConfigKind.OWNERSHIP, writer, removed) == []
        assert exposures(ConfigKind.OWNERSHIP, None, removed) == []


def test_a_website_is_told_when_it_comes():
    website = from_json(ConfigKind.WEBSITE, {"IndexDocument": {"Suffix": "index.html"}})
    (found,) = exposures(ConfigKind.WEBSITE, None, website)
    assert found.opening is Opening.WEBSITE
    other = from_json(ConfigKind.WEBSITE, {"IndexDocument": {"Suffix": "i.html"}})
    assert exposures(ConfigKind.WEBSITE, website, other) == []


@pytest.mark.parametrize(
    "kind", [ConfigKind.CORS, ConfigKind.TAGGING, ConfigKind.LIFECYCLE, ConfigKind.VERSIONING]
)
def test_other_kinds_open_nothing(kind):
    assert exposures(kind, None, from_json(kind, {"Status": "Enabled"})) == []
