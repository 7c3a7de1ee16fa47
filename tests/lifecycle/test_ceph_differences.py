"""Each known difference of Ceph 16 from AWS's documents still shows, beside what we say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from tests.lifecycle.oracle import Run, evaluator_for, look, observed, predicted
from tests.lifecycle.oracle_differences import Difference, differences
from tests.lifecycle.oracle_worlds import TAG, Case, prepare
from tests.servers.client import empty_bucket, s3_client

if TYPE_CHECKING:
    from tests.servers.ceph import Ceph
    from tests.servers.endpoint import Endpoint

ALL: Final[dict[str, Any]] = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}}
TAGGED: Final[dict[str, Any]] = {**ALL, "Filter": {"Tag": TAG}}
ENDS: Final = {"Expiration": {"Days": 1}}
OLD_ENDS: Final = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
CLEANS: Final = {"Expiration": {"ExpiredObjectDeleteMarker": True}}
OFF, ENABLED, SUSPENDED = Versioning.OFF, Versioning.ENABLED, Versioning.SUSPENDED
AGE_S: Final = 2


def moves(name: str) -> dict[str, Any]:
    return {"Transitions": [{"Days": 1, "StorageClass": name}]}


SHOWN: Final = {
    # The later rule wins, though there is no way back.
    Difference.RULES_MEET: (OFF, [ALL | moves("GLACIER"), ALL | moves("STANDARD_IA")], "p"),
    Difference.SAME_RUN: (ENABLED, [ALL | OLD_ENDS, ALL | CLEANS], "pd"),
    Difference.LONE_MARKER: (ENABLED, [ALL | {"Expiration": {"Days": 9}}], "d"),
    Difference.MARKER_TAGS: (ENABLED, [TAGGED | OLD_ENDS], "dp"),
    Difference.OLDEST_MARKER: (ENABLED, [ALL | CLEANS], "dp"),
    Difference.NULL_TAGS: (SUSPENDED, [TAGGED | ENDS], "p"),
}
"""`p` puts a version of a key, with the tag; `d` deletes it."""


@pytest.mark.slow
@pytest.mark.parametrize("difference", SHOWN, ids=lambda each: each.name.lower())
def test_what_is_done_is_not_what_aws_says(
    ceph_server: Ceph, ceph: Endpoint, difference: Difference
) -> None:
    versioning, rules, writes = SHOWN[difference]
    named = [{**rule, "ID": f"r{at}"} for at, rule in enumerate(rules)]
    case = Case(difference.name, versioning, has_locks=False, rules=named)
    with s3_client(ceph) as client:
        prepare(client, case)
        try:
            _write(client, case, writes)
            Event().wait(AGE_S)
            before = look(client, case).stacks["a"]
            start = datetime.now(UTC)
            while case.bucket not in ceph_server.run_lifecycle(1):
                pass
            run = Run(start, datetime.now(UTC), timedelta(seconds=1))
            seen = observed(before, look(client, case).stacks.get("a", ()))
        finally:
            empty_bucket(client, case.bucket)
    assert difference in differences(case, before, run)
    assert seen != predicted(evaluator_for(case, run), before, versioning, run.end)


@pytest.mark.parametrize(
    ("rule", "lost"),
    [
        ({**ALL, "Filter": {"ObjectSizeGreaterThan": 5}} | ENDS, "ObjectSizeGreaterThan"),
        (
            ALL
            | {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}},
            "NewerNoncurrentVersions",
        ),
    ],
    ids=["sizes", "newer"],
)
def test_what_is_saved_is_less(
    ceph: Endpoint, ceph_bucket: str, rule: dict[str, Any], lost: str
) -> None:
    """SIZES_FORGOTTEN and NEWER_FORGOTTEN."""
    with s3_client(ceph) as client:
        client.put_bucket_lifecycle_configuration(
            Bucket=ceph_bucket, LifecycleConfiguration={"Rules": [rule]}
        )
        kept = client.get_bucket_lifecycle_configuration(Bucket=ceph_bucket)["Rules"]
    assert len(kept) == 1
    assert lost in str(rule)
    assert lost not in str(kept)


def _write(client: Any, case: Case, writes: str) -> None:
    if case.versioning is SUSPENDED:
        client.put_bucket_versioning(
            Bucket=case.bucket, VersioningConfiguration={"Status": "Suspended"}
        )
    for each in writes:
        if each == "p":
            client.put_object(Bucket=case.bucket, Key="a", Body=b"1", Tagging="k=v")
        else:
            client.delete_object(Bucket=case.bucket, Key="a")
    # The last key that is listed is a case of its own.
    client.put_object(Bucket=case.bucket, Key="z")
    client.put_bucket_lifecycle_configuration(
        Bucket=case.bucket, LifecycleConfiguration={"Rules": case.rules}
    )
