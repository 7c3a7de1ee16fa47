"""What stores say themselves of when an object expires (`x-amz-expiration`) is what the evaluator
of the store says: random rules, random objects, each of them asked for by PUT, HEAD and GET."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.lifecycle.rules import Lifecycle, When
from s4desk.core.lifecycle.hints import agree, expiries_of, read_hint
from tests.lifecycle.oracle import as_json
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.endpoint import Endpoint

SEEDS: Final = range(1, 5)
DATES: Final = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 2, 29, tzinfo=UTC))
PREFIXES: Final = ("", "a/", "a/b", "c")
KEYS: Final = ("k", "a/k", "a/b/k", "a/b/ü k", "c", "c/1", "c/2", "d%41", "d+e")
TAGGINGS: Final = ("", "k=v", "k=w", "k=v&other=1")
SIZES: Final = (0, 1, 100, 101, 2000)
TAGS: Final = ({"Key": "k", "Value": "v"}, {"Key": "other", "Value": "1"})
ENDS: Final[dict[str, Any]] = {
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 1},
}


class Difference(StrEnum):
    """From what AWS says; the value is the reason. The last one is of Ceph, the others are of
    LocalStack."""

    FIRST_RULE = "the first rule that matches is told, not that by which an object expires first"
    DISABLED = "rules that are switched off are told of"
    KEPT = "what was said of a key once is said until the rules change, though it was written anew"
    NONCURRENT = (
        "where versions are kept NoncurrentVersionExpiration is told of the current version, and"
        " counted from its creation; Expiration is not told"
    )


@pytest.fixture(params=["ceph", "localstack"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(store: Endpoint) -> Iterator[Any]:
    with s3_client(store) as client:
        yield client


@pytest.fixture
def bucket(store: Endpoint) -> Iterator[str]:
    with temporary_bucket(store) as name:
        yield name


def random_rule(rng: Random, name: str, *, has_sizes: bool) -> dict[str, Any]:
    ends: dict[str, Any] = {"Days": rng.choice([1, 2, 2, 30, 365])}
    if rng.random() < 0.3:
        ends = {"Date": rng.choice(DATES)}
    actions: dict[str, Any] = {"Expiration": ends}
    if rng.random() < 0.3:
        actions["NoncurrentVersionExpiration"] = {"NoncurrentDays": rng.choice([1, 5])}
    if rng.random() < 0.2:
        actions = {"Transitions": [{"Days": 3, "StorageClass": "GLACIER"}]}
    wanted: dict[str, Any] = {"Prefix": rng.choice(PREFIXES)}
    if rng.random() < 0.4:
        wanted["Tags"] = rng.sample(TAGS, rng.choice([1, 2]))
    if has_sizes and rng.random() < 0.3:
        wanted |= rng.choice([{"ObjectSizeGreaterThan": 100}, {"ObjectSizeLessThan": 101}])
    only = {"Prefix": wanted["Prefix"]}
    return {
        "ID": name,
        "Status": rng.choice(["Enabled", "Enabled", "Enabled", "Disabled"]),
        "Filter": only if wanted == only else {"And": wanted},
        **actions,
    }


def told(client: Any, bucket: str, key: str, tagging: str, size: int) -> tuple[Candidate, set[str]]:
    """An object that is put, and all that is said of it."""
    where = {"Bucket": bucket, "Key": key}
    put = client.put_object(**where, Body=bytes(size), Tagging=tagging)
    head = client.head_object(**where)
    got = client.get_object(**where)
    got["Body"].read()
    tags = dict(pair.split("=") for pair in tagging.split("&") if pair)
    headers = {each.get("Expiration", "") for each in (put, head, got)}
    return Candidate(key, size, head["LastModified"].astimezone(UTC), tags=tags), headers


def saved(client: Any, bucket: str, *rules: dict[str, Any]) -> Lifecycle:
    """As the store has them."""
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}
    )
    kept = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return lifecycle_of({"Rules": as_json(kept)})


def is_said(lifecycle: Lifecycle, candidate: Candidate, header: str) -> bool:
    steps = AwsEvaluator(lifecycle).steps(candidate)
    return agree(expiries_of(steps, lifecycle.rules), read_hint(header))


def by_the_first(lifecycle: Lifecycle, candidate: Candidate) -> Lifecycle:
    """What LocalStack goes by: FIRST_RULE and DISABLED."""
    for rule in lifecycle.rules:
        only = Lifecycle((replace(rule, is_enabled=True),))
        if expiries_of(AwsEvaluator(only).steps(candidate), only.rules):
            return only
    return Lifecycle()


def by_noncurrent_days(lifecycle: Lifecycle) -> Lifecycle:
    """What Ceph goes by: NONCURRENT."""
    return Lifecycle(
        tuple(
            replace(rule, expiration=None if ends is None else When(ends.days))
            for rule in lifecycle.rules
            for ends in [rule.noncurrent_expiration]
        )
    )


@pytest.mark.parametrize("versioning", [Versioning.OFF, Versioning.ENABLED])
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_a_store_says_what_we_say(
    store: Endpoint, client: Any, bucket: str, seed: int, versioning: Versioning
) -> None:
    """And what it says otherwise is one of its known differences, to the letter."""
    rng, is_ceph = Random(f"hints {seed} {versioning}"), store.server == "ceph"
    has_versions = versioning is Versioning.ENABLED
    names = ["r 1", "%41", "r,2", "z"][: rng.randint(2, 4)]
    # Ceph takes sizes and does not keep them.
    rules = [random_rule(rng, name, has_sizes=not is_ceph) for name in names]
    if has_versions:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    lifecycle = saved(client, bucket, *rules)
    otherwise = 0
    for key in KEYS:
        candidate, headers = told(client, bucket, key, rng.choice(TAGGINGS), rng.choice(SIZES))
        assert len(headers) == 1, (rules, candidate, headers)
        [header] = headers
        if is_said(lifecycle, candidate, header):
            continue
        otherwise += 1
        theirs = by_noncurrent_days(lifecycle) if is_ceph else by_the_first(lifecycle, candidate)
        assert is_said(theirs, candidate, header), (rules, candidate, header)
    if is_ceph and not has_versions:
        assert not otherwise


DIFFERENCES: Final = {
    Difference.FIRST_RULE: [ENDS | {"ID": "1", "Expiration": {"Days": 9}}, ENDS | {"ID": "2"}],
    Difference.DISABLED: [ENDS | {"ID": "1", "Status": "Disabled"}],
    Difference.KEPT: [ENDS | {"ID": "1", "Filter": {"Tag": TAGS[0]}}],
    Difference.NONCURRENT: [
        ENDS | {"ID": "1", "NoncurrentVersionExpiration": {"NoncurrentDays": 5}}
    ],
}


@pytest.mark.parametrize("difference", Difference, ids=lambda each: each.name.lower())
def test_what_is_said_otherwise(
    store: Endpoint, client: Any, bucket: str, difference: Difference
) -> None:
    is_of_ceph = difference is Difference.NONCURRENT
    if is_of_ceph:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    lifecycle = saved(client, bucket, *DIFFERENCES[difference])
    told(client, bucket, "k", "k=v", 1)
    candidate, [header] = told(client, bucket, "k", "", 1)
    is_otherwise = is_of_ceph is (store.server == "ceph")
    assert is_said(lifecycle, candidate, header) is not is_otherwise


def test_of_two_rules_of_one_day_either_may_be_told(client: Any, bucket: str) -> None:
    """Ceph tells that whose id comes first, LocalStack the first of them."""
    lifecycle = saved(client, bucket, ENDS | {"ID": "z"}, ENDS | {"ID": "a"})
    candidate, [header] = told(client, bucket, "k", "", 1)
    assert is_said(lifecycle, candidate, header)


def test_of_a_version_that_is_named_nothing_is_said(localstack: Endpoint) -> None:
    """As by S3: previews do not name it."""
    with s3_client(localstack) as client, temporary_bucket(localstack) as bucket:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        saved(client, bucket, ENDS | {"ID": "1"})
        version = client.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
        named = client.head_object(Bucket=bucket, Key="k", VersionId=version)
        assert "Expiration" in client.head_object(Bucket=bucket, Key="k")
        assert "Expiration" not in named
