"""Random rules as the API writes them, and random content of buckets for them.

What AWS refuses is not made; what Ceph does otherwise is (`oracle_differences`).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.classes import CHEAPEST_FIRST
from tests.servers.client import new_bucket_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.servers.ceph import Ceph

PREFIXES: Final = ("", "a/", "a/b", "c")
KEYS: Final = tuple(f"{folder}{name}" for folder in ("", "a/", "a/b/", "c/") for name in "kmn")
TAGGINGS: Final = ("", "", "k=v", "k=w", "k=v&other=1")
DEEPER: Final = tuple(reversed(CHEAPEST_FIRST))
TAG: Final = {"Key": "k", "Value": "v"}
PAST: Final = datetime(2020, 1, 1, tzinfo=UTC)
FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
UPLOADS: Final = 2


MEETING: Final[list[dict[str, Any]]] = [
    {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    {"Filter": {"Prefix": "a/"}, "Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]},
    {"Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}},
    {"Filter": {"Prefix": "c/"}, "Expiration": {"Days": 3}},
    {"Filter": {"Prefix": "c"}, "Expiration": {"Days": 2}},
    {
        "Filter": {"Prefix": "k"},
        "Transitions": [
            {"Days": 1, "StorageClass": "STANDARD_IA"},
            {"Days": 2, "StorageClass": "GLACIER"},
        ],
        "Expiration": {"Days": 3},
    },
]
"""Several things become due at once: of a move and an end, of two ends, of two moves."""
OLD_MEETING: Final[list[dict[str, Any]]] = [
    {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    {
        "Filter": {"Prefix": ""},
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER_IR"}],
    },
    {"Filter": {"Prefix": "a"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
    {"Filter": {"Prefix": "c"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 2}},
]


@dataclass(frozen=True)
class Case:
    """A bucket of its own, and its rules."""

    name: str
    versioning: Versioning
    has_locks: bool
    rules: list[dict[str, Any]]
    bucket: str = field(default_factory=new_bucket_name)


def meeting_case(name: str, versioning: Versioning) -> Case:
    rules = MEETING if versioning is Versioning.OFF else OLD_MEETING
    named = [{"ID": f"m{at}", "Status": "Enabled", **rule} for at, rule in enumerate(rules)]
    return Case(name, versioning, has_locks=False, rules=named)


def random_case(rng: Random, name: str, versioning: Versioning, *, has_locks: bool) -> Case:
    rules = [_rule(rng, f"r{at}", versioning) for at in range(rng.randint(2, 3))]
    return Case(name, versioning, has_locks, rules)


def _rule(rng: Random, name: str, versioning: Versioning) -> dict[str, Any]:
    is_tagged = rng.random() < 0.3
    actions: dict[str, Any] = {}
    while not actions:
        actions = _current(rng)
        if not is_tagged and rng.random() < 0.4:
            actions["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rng.randint(1, 3)}
        if versioning is not Versioning.OFF:
            actions |= _old(rng)
            if not is_tagged and "Expiration" not in actions and rng.random() < 0.5:
                actions["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    status = "Enabled" if rng.random() < 0.85 else "Disabled"
    return {"ID": name, "Status": status, "Filter": _filter(rng, is_tagged), **actions}


def _filter(rng: Random, is_tagged: bool) -> dict[str, Any]:
    prefix = rng.choice(PREFIXES)
    if not is_tagged:
        return {"Prefix": prefix}
    return {"And": {"Prefix": prefix, "Tags": [TAG]}} if prefix else {"Tag": TAG}


def _current(rng: Random) -> dict[str, Any]:
    """A rule speaks of days or of dates, and moves before it deletes."""
    actions: dict[str, Any] = {}
    dated = rng.random() < 0.2
    days = sorted(rng.sample(range(4), 2))
    if rng.random() < 0.5:
        ends = {"Date": rng.choice([PAST, FAR])} if dated else {"Days": days[1]}
        actions["Expiration"] = ends
    if rng.random() < 0.4 and not dated:
        actions["Transitions"] = [{"Days": days[0], "StorageClass": rng.choice(DEEPER)}]
    return actions


def _old(rng: Random) -> dict[str, Any]:
    actions: dict[str, Any] = {}
    days = sorted(rng.sample(range(1, 4), 2))
    if rng.random() < 0.5:
        actions["NoncurrentVersionExpiration"] = {"NoncurrentDays": days[1]}
    if rng.random() < 0.4:
        move = {"NoncurrentDays": days[0], "StorageClass": rng.choice(DEEPER)}
        actions["NoncurrentVersionTransitions"] = [move]
    return actions


def prepare(client: Any, server: Ceph, cases: Sequence[Case]) -> list[Case]:
    """Make the buckets with their rules, so that a run of the engine comes to each of them."""
    made: list[Case] = []
    try:
        for case in cases:
            made.append(_made(client, case))
        while left_out := server.lifecycle_left_out():
            at = next((at for at, each in enumerate(made) if each.bucket in left_out), None)
            if at is None:
                break
            clear(client, [made[at]])
            made[at] = _made(client, replace(made[at], bucket=new_bucket_name()))
    except BaseException:
        clear(client, made)
        raise
    return made


def _made(client: Any, case: Case) -> Case:
    lock = {"ObjectLockEnabledForBucket": True} if case.has_locks else {}
    client.create_bucket(Bucket=case.bucket, **lock)
    if case.versioning is not Versioning.OFF:
        _keep_versions(client, case, "Enabled")
    client.put_bucket_lifecycle_configuration(
        Bucket=case.bucket, LifecycleConfiguration={"Rules": case.rules}
    )
    return case


def clear(client: Any, cases: Sequence[Case]) -> None:
    """Take the rules away: a bucket that has some takes its time of every run. All else goes with
    the server."""
    for case in cases:
        with contextlib.suppress(ClientError):
            client.delete_bucket_lifecycle(Bucket=case.bucket)


def fill(client: Any, case: Case, rng: Random) -> None:
    """Some keys with some versions each, and unfinished uploads."""
    for key in rng.sample(KEYS, 9):
        _versions(client, case, rng, key)
    if case.versioning is Versioning.SUSPENDED:
        _keep_versions(client, case, "Suspended")
        for key in rng.sample(KEYS, 5):
            _write(client, case, rng, key)
    for key in rng.sample(KEYS, UPLOADS):
        client.create_multipart_upload(Bucket=case.bucket, Key=key)


def _keep_versions(client: Any, case: Case, status: str) -> None:
    client.put_bucket_versioning(Bucket=case.bucket, VersioningConfiguration={"Status": status})


def _versions(client: Any, case: Case, rng: Random, key: str) -> None:
    count = 1 if case.versioning is Versioning.OFF else rng.choice([1, 1, 2, 3])
    for _ in range(count):
        _write(client, case, rng, key)


def _write(client: Any, case: Case, rng: Random, key: str) -> None:
    where = {"Bucket": case.bucket, "Key": key}
    if case.versioning is not Versioning.OFF and rng.random() < 0.25:
        client.delete_object(**where)
        return
    body = bytes(rng.choice([0, 1, 100]))
    client.put_object(**where, Body=body, Tagging=rng.choice(TAGGINGS), **_lock(rng, case))


def _lock(rng: Random, case: Case) -> dict[str, Any]:
    if not case.has_locks:
        return {}
    until = datetime.now(UTC) + timedelta(hours=1)
    return rng.choice(
        [
            {},
            {"ObjectLockLegalHoldStatus": "ON"},
            {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until},
        ]
    )
