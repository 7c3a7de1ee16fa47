"""`s4desk lifecycle preview` against real servers: nothing is changed, and all of it is told."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Ended, Terminal
    from tests.servers.endpoint import Endpoint

LOGS = {
    "ID": "logs",
    "Status": "Enabled",
    "Filter": {"Prefix": "logs/"},
    "Expiration": {"Days": 10},
}
TAGGED = {
    "ID": "tagged",
    "Status": "Enabled",
    "Filter": {"Tag": {"Key": "keep", "Value": "no"}},
    "Expiration": {"Days": 2},
}
OLD = {
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 4},
}


@pytest.fixture(params=["ceph", "localstack"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(store: Endpoint) -> Iterator[Any]:
    with s3_client(store) as client:
        yield client


@contextlib.contextmanager
def place_in(terminal: Terminal, store: Endpoint, *, lock: bool = False) -> Iterator[str]:
    terminal.add("T", store)
    with temporary_bucket(store, lock=lock) as bucket:
        yield f"T:{bucket}"


def bucket_of(place: str) -> str:
    return place.partition(":")[2]


def rules_file(folder: Path, *rules: dict[str, Any]) -> str:
    path = folder / "rules.json"
    path.write_text(json.dumps({"Rules": rules}))
    return str(path)


def looked(terminal: Terminal, place: str, *words: str) -> tuple[list[dict[str, Any]], Any]:
    *rows, summary = terminal.ok("lifecycle", "preview", place, "--json", *words).records
    assert summary["event"] == "summary"
    return rows, summary


def later(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_each_object_that_something_happens_to_has_a_line(
    terminal: Terminal, store: Endpoint, client: Any, tmp_path: Path
) -> None:
    rules = rules_file(tmp_path, LOGS, TAGGED)
    with place_in(terminal, store) as place:
        bucket = bucket_of(place)
        for key, tags in (("logs/a b", ""), ("new", ""), ("old", "keep=no"), ("other", "x=y")):
            client.put_object(Bucket=bucket, Key=key, Body=b"12345", Tagging=tags)
        rows, summary = looked(terminal, place, "--rules", rules, "--now", later(5))
        (tagged, logs) = sorted(rows, key=lambda row: row["due"])
        midnight = datetime.fromisoformat(tagged["due"])
        assert (midnight.hour, midnight.utcoffset()) == (0, timedelta(0))
        expected = {
            "key": "old",
            "version_id": None,
            "action": "expire",
            "storage_class": None,
            "rule": "tagged",
            "day": 0,
            "size": 5,
        }
        assert expected.items() <= tagged.items()
        assert "2 days after creation" in tagged["reason"]
        assert (logs["key"], logs["rule"], logs["day"]) == ("logs/a b", "logs", 6)
        assert summary["actions"]["expire"]["objects"] == 2
        assert summary["due_now"]["bytes"] == 5
        assert summary["untouched"] == {"objects": 2, "bytes": 10}
        assert summary["unmatched_keys"] == ["new", "other"]
        assert (summary["errors"], summary["complete"]) == (0, True)
        assert [each["day"] for each in summary["by_day"]] == [0, 6]
        now_only, _ = looked(terminal, place, "--rules", rules, "--now", later(5), "--days", "0")
        assert [row["key"] for row in now_only] == ["old"]
        below, summary = looked(terminal, f"{place}/logs/", "--rules", rules, "--now", later(5))
        assert ([row["key"] for row in below], summary["objects"]) == (["logs/a b"], 1)
        assert len(client.list_objects_v2(Bucket=bucket)["Contents"]) == 4


def test_versions_markers_and_uploads_are_looked_at(
    terminal: Terminal, store: Endpoint, client: Any, tmp_path: Path
) -> None:
    rules = rules_file(tmp_path, OLD, {**LOGS, "Expiration": {"ExpiredObjectDeleteMarker": True}})
    with place_in(terminal, store) as place:
        bucket = bucket_of(place)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        old = client.put_object(Bucket=bucket, Key="k", Body=b"123")["VersionId"]
        client.put_object(Bucket=bucket, Key="k", Body=b"4")
        marker = client.delete_object(Bucket=bucket, Key="logs/m")["VersionId"]
        upload = client.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
        rows, summary = looked(terminal, place, "--rules", rules, "--now", later(5))
        by_action = {row["action"]: row for row in rows}
        assert set(by_action) == {"expire_noncurrent", "remove_delete_marker", "abort_upload"}
        assert by_action["expire_noncurrent"]["version_id"] == old
        assert by_action["expire_noncurrent"]["rule"] == "#1"
        assert by_action["remove_delete_marker"]["version_id"] == marker
        assert (by_action["abort_upload"]["upload_id"], summary["uploads"]) == (upload, 1)
        assert (summary["objects"], summary["delete_markers"]) == (3, 1)


def test_what_is_locked_stays_and_says_until_when(
    terminal: Terminal, store: Endpoint, client: Any, tmp_path: Path
) -> None:
    rules = rules_file(tmp_path, OLD)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    with place_in(terminal, store, lock=True) as place:
        bucket = bucket_of(place)
        for key in ("free", "held"):
            old = client.put_object(Bucket=bucket, Key=key, Body=b"1")["VersionId"]
            client.put_object(Bucket=bucket, Key=key, Body=b"2")
        client.put_object_retention(
            Bucket=bucket,
            Key="held",
            VersionId=old,
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
        )
        rows, summary = looked(terminal, place, "--rules", rules, "--now", later(5))
        free, held = rows
        assert (free["key"], free["action"]) == ("free", "expire_noncurrent")
        assert (held["action"], held["skipped"], held["version_id"]) == (None, "locked", old)
        assert datetime.fromisoformat(held["locked_until"]) == until
        assert [each["action"] for each in held["then"]] == ["expire_noncurrent"]
        assert summary["skipped"] == {"locked": 1, "replication_pending": 0}
        text = terminal.ok("lifecycle", "preview", place, "--rules", rules, "--now", later(5))
        assert "stays" in text.out.decode()
        assert until.astimezone().strftime("locked until %Y-%m-%d") in text.out.decode()
        marked = rules_file(tmp_path, {**LOGS, "Filter": {"Prefix": "h"}})
        text = terminal.ok("lifecycle", "preview", place, "--rules", marked)
        assert "put delete marker on top" in text.out.decode()


def test_the_saved_rules_and_what_the_store_says_of_them(
    terminal: Terminal, store: Endpoint, client: Any
) -> None:
    with place_in(terminal, store) as place:
        bucket = bucket_of(place)
        none = terminal.ok("lifecycle", "preview", place)
        assert "no lifecycle rules" in none.err
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [LOGS]}
        )
        client.put_object(Bucket=bucket, Key="logs/a", Body=b"1")
        client.put_object(Bucket=bucket, Key="b", Body=b"1")
        rows, summary = looked(terminal, place)
        assert [(row["key"], row["rule"]) for row in rows] == [("logs/a", "logs")]
        assert summary["hints"]["compared"] >= 1
        assert summary["hints"]["different"] == 0, summary["hints"]


@pytest.mark.parametrize("has_versions", [False, True])
def test_what_the_store_says_otherwise_is_shown(
    terminal: Terminal, localstack: Endpoint, has_versions: bool
) -> None:
    """LocalStack tells of rules that are switched off."""
    off = LOGS | {"ID": "off", "Status": "Disabled", "Expiration": {"Days": 3}}
    with s3_client(localstack) as client, place_in(terminal, localstack) as place:
        bucket = bucket_of(place)
        if has_versions:
            on = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=on)
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [off, LOGS]}
        )
        client.put_object(Bucket=bucket, Key="logs/a", Body=b"1")
        [row], summary = looked(terminal, place)
        assert (summary["hints"]["compared"], summary["hints"]["different"]) == (1, 1)
        [told] = summary["hints"]["objects"]
        assert (told["key"], told["version_id"]) == ("logs/a", row["version_id"])
        assert (told["store_rule"], told["here_rule"]) == ("off", "logs")
        days = datetime.fromisoformat(told["here"]) - datetime.fromisoformat(told["store"])
        assert days == timedelta(days=7)
        said = terminal.ok("lifecycle", "preview", place).err
        assert "logs/a: The store: it expires" in said
        assert "by “off”. Here: it expires" in said
        assert "of 1 objects the store says something else of 1" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2"),
        ("<Lifecycle", "rules.json"),
        ('{"Rules": 7}', "no list of rules"),
        ('{"Rule": []}', "There is no “Rules” in it"),
        ('[{"Status": "Enabled", "Expiration": {"Days": "ten"}}]', "“ten” is no whole number"),
    ],
)
def test_a_bad_file_is_told(
    ceph: Endpoint, terminal: Terminal, tmp_path: Path, text: str, said: str
) -> None:
    terminal.add("T", ceph)
    (tmp_path / "rules.json").write_text(text)
    ended = terminal.run("lifecycle", "preview", "T:b", "--rules", str(tmp_path / "rules.json"))
    assert ended.code == 2
    assert said.lower() in ended.err.lower()


def test_rules_come_in_all_their_shapes(terminal: Terminal, ceph: Endpoint, tmp_path: Path) -> None:
    xml = (
        "<LifecycleConfiguration><Rule><ID>logs</ID><Status>Enabled</Status><Filter><Prefix>logs/"
        "</Prefix></Filter><Expiration><Days>10</Days></Expiration></Rule></LifecycleConfiguration>"
    )
    shapes = [json.dumps([LOGS]), json.dumps({"LifecycleConfiguration": {"Rules": [LOGS]}}), xml]
    with place_in(terminal, ceph) as place, s3_client(ceph) as client:
        client.put_object(Bucket=bucket_of(place), Key="logs/a", Body=b"1")
        for engine in ("aws", "first-match"):
            for at, shape in enumerate(shapes):
                file = tmp_path / str(at)
                file.write_text(shape)
                (row,), _ = looked(terminal, place, "--rules", str(file), "--evaluator", engine)
                assert (row["rule"], row["day"]) == ("logs", 10 if engine != "aws" else row["day"])


def wrong(terminal: Terminal, *words: str) -> Ended:
    ended = terminal.run("lifecycle", "preview", *words)
    assert ended.code == 2
    return ended


def test_what_has_no_meaning_is_a_usage_error(terminal: Terminal, ceph: Endpoint) -> None:
    terminal.add("T", ceph)
    assert "A bucket is needed" in wrong(terminal, "T:").err
    assert "--days" in wrong(terminal, "T:b", "--days", "-1").err
    assert "no moment" in wrong(terminal, "T:b", "--now", "soon").err
