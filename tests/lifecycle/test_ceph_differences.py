"""Each known difference of Ceph 16 from AWS's documents still shows, beside what we say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from tests.lifecycle.oracle import Run, State, evaluator_for, look, observed, predicted
from tests.lifecycle.oracle_differences import Difference, differences, is_passed
from tests.lifecycle.oracle_worlds import TAG, Case, clear, prepare
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    # The later rule wins.
    Difference.RULES_MEET: (OFF, [ALL | moves("GLACIER"), ALL | moves("STANDARD_IA")], "p"),
    Difference.WAY_BACK: (OFF, [ALL | moves("STANDARD_IA")], "g"),
    Difference.SAME_RUN: (ENABLED, [ALL | OLD_ENDS, ALL | CLEANS], "pd"),
    Difference.LONE_MARKER: (ENABLED, [ALL | {"Expiration": {"Days": 10_000}}], "d"),
    Difference.MARKER_TAGS: (ENABLED, [TAGGED | OLD_ENDS], "dp"),
    Difference.OLDEST_MARKER: (ENABLED, [ALL | CLEANS], "dp"),
    Difference.NULL_STAYS: (SUSPENDED, [ALL | ENDS], "p"),
    # These are not of what becomes of versions.
    Difference.NO_CURRENT: (ENABLED, [ALL | CLEANS, ALL | moves("GLACIER")], "dp"),
    Difference.UPLOADS_PASSED: (
        OFF,
        [
            ALL | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}}
            for days in (9000, 1)
        ],
        "pu",
    ),
}
"""`p` puts a version of a key, with the tag, `g` one in an archive; `d` deletes it; `u` begins an
upload."""
OF_VERSIONS: Final = list(SHOWN)[:-2]


@dataclass(frozen=True)
class Seen:
    """What became of a case in a run; its key is `a`."""

    case: Case
    before: State
    after: State
    run: Run


@pytest.fixture(scope="module")
def seen(ceph_server: Ceph, ceph: Endpoint) -> Iterator[Mapping[Difference, Seen]]:
    """All of them in one run: a day is a second, and everything is older than that."""
    with s3_client(ceph) as client:
        cases = prepare(client, ceph_server, [_case(each) for each in SHOWN])
        try:
            for case, (_, _, writes) in zip(cases, SHOWN.values(), strict=True):
                _write(client, case, writes)
            Event().wait(AGE_S)
            before = [look(client, case) for case in cases]
            start = datetime.now(UTC)
            taken = ceph_server.run_lifecycle(1)
            run = Run(start, datetime.now(UTC), timedelta(seconds=1))
            assert taken >= {case.bucket for case in cases}
            after = [look(client, case) for case in cases]
            yield dict(zip(SHOWN, map(Seen, cases, before, after, [run] * len(cases)), strict=True))
        finally:
            clear(client, cases)


@pytest.mark.slow
@pytest.mark.parametrize("difference", OF_VERSIONS, ids=lambda each: each.name.lower())
def test_what_is_done_is_not_what_aws_says(
    seen: Mapping[Difference, Seen], difference: Difference
) -> None:
    its = seen[difference]
    before, after = its.before.stacks["a"], its.after.stacks.get("a", ())
    assert difference in differences(its.case, before, its.run)
    evaluator = evaluator_for(its.case, its.run)
    for moment in its.run.moments:
        said = predicted(evaluator, before, its.case.versioning, moment)
        assert observed(before, after) != said


@pytest.mark.slow
def test_a_key_may_be_left_without_a_current_version(seen: Mapping[Difference, Seen]) -> None:
    its = seen[Difference.NO_CURRENT]
    left = its.after.stacks["a"]
    assert [each.is_current for each in left] == [False]
    assert Difference.NO_CURRENT in differences(its.case, left, its.run)


@pytest.mark.slow
def test_an_upload_is_passed_over(seen: Mapping[Difference, Seen]) -> None:
    its = seen[Difference.UPLOADS_PASSED]
    evaluator = evaluator_for(its.case, its.run)
    [upload] = its.before.uploads.values()
    assert is_passed(its.case, upload)
    assert evaluator.decide_upload(upload, its.run.start) is not None
    assert list(its.after.uploads.values()) == [upload]


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


def _case(difference: Difference) -> Case:
    versioning, rules, _ = SHOWN[difference]
    named = [{**rule, "ID": f"r{at}"} for at, rule in enumerate(rules)]
    return Case(difference.name, versioning, has_locks=False, rules=named)


def _write(client: Any, case: Case, writes: str) -> None:
    if case.versioning is SUSPENDED:
        client.put_bucket_versioning(
            Bucket=case.bucket, VersioningConfiguration={"Status": "Suspended"}
        )
    for each in writes:
        where = {"Bucket": case.bucket, "Key": "a"}
        if each == "p":
            client.put_object(**where, Body=b"1", Tagging="k=v")
        elif each == "g":
            client.put_object(**where, Body=b"1", StorageClass="GLACIER")
        elif each == "d":
            client.delete_object(**where)
        else:
            client.create_multipart_upload(**where)
    # The last key that is listed is a case of its own.
    client.put_object(Bucket=case.bucket, Key="z")
