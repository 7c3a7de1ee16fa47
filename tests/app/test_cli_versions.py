"""`s4desk versions` and `s4desk restore` on real servers."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.app.test_cli_moves import keys
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint


@pytest.fixture(params=["ceph", "moto"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture
def bucket(store: Endpoint, new_bucket: Callable[..., str]) -> str:
    bucket = new_bucket(store)
    with s3_client(store) as client:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def a_moment() -> str:
    """One that no write around it shares, on servers that tell whole seconds too."""
    begun = time.time()
    while int(time.time()) < int(begun) + 2:
        time.sleep(0.02)  # the clock itself is what is waited for
    return datetime.fromtimestamp(int(begun) + 1, UTC).isoformat()


def test_a_folder_becomes_what_it_was(terminal: Terminal, store: Endpoint, bucket: str) -> None:
    terminal.add("T", store)
    with s3_client(store) as client:
        for key in ("in/deleted", "in/changed", "in/same", "out/deleted"):
            client.put_object(Bucket=bucket, Key=key, Body=b"old", Metadata={"is": "old"})
        moment = a_moment()
        for key in ("in/deleted", "out/deleted"):
            client.delete_object(Bucket=bucket, Key=key)
        for key in ("in/changed", "in/new"):
            client.put_object(Bucket=bucket, Key=key, Body=b"changed")
    before = keys(store, bucket)
    words = ("restore", f"T:{bucket}/in/", "--as-of", moment, "--json")

    plan = terminal.ok(*words, "--dry-run").records
    assert {row["key"]: row["step"] for row in plan[:-1]} == {
        "in/deleted": "unhide",
        "in/changed": "copy",
    }
    assert (plan[-1]["would_restore"], plan[-1]["newer_left"]) == (2, 1)
    assert keys(store, bucket) == before

    assert terminal.ok(*words).records[-1]["restored"] == 2
    old = {"in/deleted": b"old", "in/changed": b"old", "in/same": b"old"}
    assert keys(store, bucket) == {**old, "in/new": b"changed"}
    with s3_client(store) as client:
        assert client.head_object(Bucket=bucket, Key="in/changed")["Metadata"] == {"is": "old"}
    assert terminal.ok(*words, "--hide-newer").records[-1]["restored"] == 1
    assert keys(store, bucket) == old
    assert terminal.ok(*words, "--hide-newer").records[-1]["restored"] == 0


def test_a_folder_is_no_beginning_of_other_names(
    terminal: Terminal, store: Endpoint, bucket: str
) -> None:
    terminal.add("T", store)
    inside, outside = ("d", "d/in"), ("d.txt", "data/x")
    with s3_client(store) as client:
        for key in (*inside, *outside):
            client.put_object(Bucket=bucket, Key=key, Body=b"old")
        moment = a_moment()
        for key in (*inside, *outside):
            client.delete_object(Bucket=bucket, Key=key)
        client.put_object(Bucket=bucket, Key="d-new", Body=b"new")
    for place, step in (("d/", ("d/in",)), ("d", inside)):
        words = ("restore", f"T:{bucket}/{place}", "--as-of", moment, "--hide-newer", "--json")
        plan = terminal.ok(*words, "--dry-run").records
        assert [row["key"] for row in plan[:-1]] == list(step)
    assert terminal.ok(*words).records[-1]["restored"] == 2
    assert sorted(keys(store, bucket)) == ["d", "d-new", "d/in"]
    assert terminal.run("restore", f"T:{bucket}/da", "--as-of", moment).code == 1
    assert terminal.ok("restore", f"T:{bucket}", "--as-of", moment, "--json").records[-1][
        "restored"
    ] == len(outside)


def test_nothing_cannot_become_what_it_was(
    terminal: Terminal, store: Endpoint, bucket: str
) -> None:
    """But what is as it was is there."""
    terminal.add("T", store)
    with s3_client(store) as client:
        client.put_object(Bucket=bucket, Key="in/key", Body=b"old")
    moment = a_moment()
    for options in ([], ["--dry-run"]):
        ended = terminal.run("restore", f"T:{bucket}/mistyped", "--as-of", moment, *options)
        assert (ended.code, ended.out) == (1, b"")
        assert "mistyped” does not exist" in ended.err
        terminal.ok("restore", f"T:{bucket}/in", "--as-of", moment, *options)


def test_all_versions_of_a_key_are_told(terminal: Terminal, store: Endpoint, bucket: str) -> None:
    terminal.add("T", store)
    with s3_client(store) as client:
        for body in (b"1", b"22"):
            client.put_object(Bucket=bucket, Key="key", Body=body)
        client.delete_object(Bucket=bucket, Key="key")
        client.put_object(Bucket=bucket, Key="key and more", Body=b"no")
    told = terminal.ok("versions", f"T:{bucket}/key", "--json").records
    assert [(row["type"], row.get("size")) for row in told] == [
        ("delete_marker", None),
        ("version", 2),
        ("version", 1),
    ]
    assert terminal.run("versions", f"T:{bucket}/nothing").code == 1


def test_each_version_tells_its_lock(
    terminal: Terminal, ceph: Endpoint, new_bucket: Callable[..., str]
) -> None:
    terminal.add("T", ceph)
    bucket = new_bucket(ceph, lock=True)
    with s3_client(ceph) as client:
        client.put_object(Bucket=bucket, Key="key", Body=b"1", ObjectLockLegalHoldStatus="ON")
        client.put_object(Bucket=bucket, Key="key", Body=b"2")
        told = terminal.ok("versions", f"T:{bucket}/key", "--locks", "--json").records
        assert [bool(row["lock"]["legal_hold"]) for row in told] == [False, True]
        assert "legal hold" in terminal.ok("versions", f"T:{bucket}/key", "--locks").out.decode()
        client.put_object_legal_hold(
            Bucket=bucket, Key="key", VersionId=told[1]["version"], LegalHold={"Status": "OFF"}
        )


def test_what_has_no_meaning_is_refused(
    terminal: Terminal, moto: Endpoint, moto_bucket: str
) -> None:
    terminal.add("T", moto)
    never = terminal.run("restore", f"T:{moto_bucket}", "--as-of", "1h")
    assert (never.code, "never kept versions" in never.err) == (2, True)
    for moment in ("2999-01-01", "soon"):
        assert terminal.run("restore", f"T:{moto_bucket}", "--as-of", moment).code == 2
