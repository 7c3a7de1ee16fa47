"""`s4desk replication` between real servers."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

PATIENCE_S = 30


class Pair:
    """Two buckets at two servers, and rules that lead from one to the other."""

    def __init__(
        self, terminal: Terminal, folder: Path, here: Endpoint, there: Endpoint, *buckets: str
    ) -> None:
        self.terminal = terminal
        self.here, self.there = here, there
        self.source, self.copies = buckets
        self.place = f"Here:{self.source}"
        self._folder = folder

    def rules(self, *rules: dict[str, Any], name: str = "rules.json") -> str:
        path = self._folder / name
        path.write_text(json.dumps({"rules": list(rules)}))
        return str(path)

    def rule(self, **more: Any) -> dict[str, Any]:
        return {"id": "r", "destination": f"There:{self.copies}"} | more

    def set(self, **more: Any) -> None:
        file = self.rules(self.rule(**more))
        self.terminal.ok("replication", "rules", self.place, "--set", file)

    def put(self, key: str, body: bytes, **more: Any) -> None:
        with s3_client(self.here) as client:
            client.put_object(Bucket=self.source, Key=key, Body=body, **more)

    def replica(self, key: str) -> bytes | None:
        with s3_client(self.there) as client:
            try:
                found = client.get_object(Bucket=self.copies, Key=key)
            except client.exceptions.NoSuchKey:
                return None
            body: bytes = found["Body"].read()
            return body

    def once(self, code: int = 0) -> dict[str, Any]:
        """One pass; its summary."""
        ended = self.terminal.run("replication", "run", "--once", "--json")
        assert ended.code == code, ended.err
        return ended.records[-1]

    def statuses(self, place: str = "") -> dict[str, str]:
        told = self.terminal.ok("replication", "status", place or self.place, "--json")
        return {each["key"]: each["status"] for each in told.records}


@pytest.fixture(params=["ceph-localstack", "localstack-ceph", "ceph-moto"])
def pair(request: pytest.FixtureRequest, terminal: Terminal, tmp_path: Path) -> Iterator[Pair]:
    here, there = map(request.getfixturevalue, request.param.split("-"))
    terminal.add("Here", here)
    terminal.add("There", there)
    with temporary_bucket(here) as source, temporary_bucket(there) as copies:
        yield Pair(terminal, tmp_path, here, there, source, copies)


def test_what_is_there_arrives_with_all_that_belongs_to_it(pair: Pair) -> None:
    pair.set()
    told = {"Metadata": {"own": "kept"}, "ContentType": "text/x", "Tagging": "keep=yes"}
    pair.put("a", b"one", **told)
    pair.put("odd/ü +&.txt", b"")
    pair.put("large", b"x" * 17 * 1024 * 1024)
    summary = pair.once()
    assert (summary["listed"], summary["replicated"], summary["failed"]) == (3, 3, 0)
    with s3_client(pair.there) as client:
        head = client.head_object(Bucket=pair.copies, Key="a")
        tags = client.get_object_tagging(Bucket=pair.copies, Key="a")["TagSet"]
    assert head["ContentType"] == "text/x"
    assert head["Metadata"]["own"] == "kept"
    assert head["Metadata"]["s4desk-replication-status"] == "REPLICA"
    assert tags == [{"Key": "keep", "Value": "yes"}]
    assert pair.replica("odd/ü +&.txt") == b""
    assert pair.replica("large") == b"x" * 17 * 1024 * 1024
    assert set(pair.statuses().values()) == {"COMPLETED"}
    compared = pair.terminal.ok("replication", "compare", pair.place, "--json").records
    assert [each for each in compared if "difference" in each] == []
    assert compared[-1]["same"] == 3
    # Nothing is written twice, by somebody who knows nothing of it either.
    assert (pair.once()["replicated"], pair.once()["found"]) == (0, 0)
    for file in pair.terminal.home.rglob("replication.sqlite*"):
        file.unlink()
    summary = pair.once()
    assert (summary["replicated"], summary["found"], summary["bytes"]) == (0, 3, 0)


def test_a_status_tells_all_that_is_known(pair: Pair) -> None:
    pair.set(filter={"prefix": "logs/"})
    pair.put("logs/a", b"one")
    pair.put("other", b"two")
    pair.once()
    (record,) = pair.terminal.ok("replication", "status", pair.place, "--json").records
    assert record["key"] == "logs/a"
    assert record["rule"] == "r"
    assert record["destination"] == f"There:{pair.copies}"
    assert (record["status"], record["attempts"], record["error"]) == ("COMPLETED", 1, "")
    assert record["lock_left"] is False
    assert record["generation"] > 0
    assert "T" in record["recorded_at"]
    assert pair.statuses(f"{pair.place}/other") == {}
    assert pair.replica("other") is None


def test_a_lock_that_stays_behind_is_told_of_its_object(pair: Pair) -> None:
    with temporary_bucket(pair.here, lock=True) as locked, s3_client(pair.here) as client:
        client.put_object(Bucket=locked, Key="free", Body=b"1")
        client.put_object(Bucket=locked, Key="held", Body=b"2", ObjectLockLegalHoldStatus="ON")
        place = f"Here:{locked}"
        file = pair.rules(pair.rule())
        pair.terminal.ok("replication", "rules", place, "--set", file)
        assert pair.once()["locks_left"] == 1
        told = pair.terminal.ok("replication", "status", place, "--json").records
        assert {each["key"]: each["lock_left"] for each in told} == {"free": False, "held": True}
        client.put_object_legal_hold(Bucket=locked, Key="held", LegalHold={"Status": "OFF"})
    assert (pair.replica("free"), pair.replica("held")) == (b"1", b"2")


def test_differences_are_told_and_fail(pair: Pair) -> None:
    pair.set()
    pair.put("gone", b"1")
    pair.put("other", b"22")
    pair.once()
    with s3_client(pair.there) as client:
        client.delete_object(Bucket=pair.copies, Key="gone")
        client.put_object(Bucket=pair.copies, Key="other", Body=b"333")
        client.put_object(Bucket=pair.copies, Key="zusatz", Body=b"4444")
    ended = pair.terminal.run("replication", "compare", pair.place, "--json")
    assert ended.code == 1
    found = {each["key"]: each["difference"] for each in ended.records if "key" in each}
    assert found == {"gone": "missing", "other": "different", "zusatz": "extra"}
    with s3_client(pair.there) as client:
        listed = client.list_objects_v2(Bucket=pair.copies)["Contents"]
    assert {each["Key"] for each in listed} == {"other", "zusatz"}


def test_attributes_are_compared_where_that_is_asked_for(pair: Pair) -> None:
    pair.set()
    pair.put("a", b"1")
    pair.put(
        "b",
        b"22",
        ContentType="text/plain; charset=utf-8",
        CacheControl="no-store",
        ContentDisposition='attachment; filename="a b"',
        Metadata={"Mixed-Case": "yes", "empty": ""},
        Tagging="keep=yes",
    )
    pair.once()
    words = ("replication", "compare", pair.place)
    assert pair.terminal.ok(*words, "--attributes", "--json").records[-1]["same"] == 2
    with s3_client(pair.there) as client:
        tags = {"TagSet": [{"Key": "of", "Value": "somebody"}]}
        client.put_object_tagging(Bucket=pair.copies, Key="b", Tagging=tags)
    cheap = pair.terminal.ok(*words)
    assert "locks were not compared" in cheap.err
    ended = pair.terminal.run(*words, "--attributes", "--json", "--rate", "100")
    assert ended.code == 1
    assert "not compared" not in ended.err
    (record,) = [each for each in ended.records if "key" in each]
    assert (record["key"], record["difference"]) == ("b", "attributes")
    assert record["differs"] == ["tags"]
    summary = ended.records[-1]
    assert (summary["same"], summary["attributes"], summary["thorough"]) == (1, 1, True)
    told = pair.terminal.run(*words, "--attributes")
    assert b"attributes\tb\ttags\n" in told.out
    assert pair.terminal.run(*words, "--rate", "100").code == 2


def test_locks_are_compared_as_both_ends_tell_them(pair: Pair) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    with (
        temporary_bucket(pair.here, lock=True) as pair.source,
        temporary_bucket(pair.there, lock=True) as pair.copies,
    ):
        pair.place = f"Here:{pair.source}"
        pair.set()
        pair.put("free", b"1")
        pair.put("held", b"2", ObjectLockLegalHoldStatus="ON")
        pair.put("kept", b"3", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
        pair.once()
        words = ("replication", "compare", pair.place, "--attributes", "--json")
        assert pair.terminal.ok(*words).records[-1]["same"] == 3
        off = {"Status": "OFF"}
        with s3_client(pair.there) as client:
            client.put_object_legal_hold(Bucket=pair.copies, Key="held", LegalHold=off)
        found = [each for each in pair.terminal.run(*words).records if "key" in each]
        assert [(each["key"], each["differs"]) for each in found] == [("held", ["lock"])]
        with s3_client(pair.here) as client:
            client.put_object_legal_hold(Bucket=pair.source, Key="held", LegalHold=off)


def test_what_has_not_arrived_is_not_expired(pair: Pair, tmp_path: Path) -> None:
    file = pair.rules(pair.rule(destination=f"There:{pair.copies}-nowhere", filter={"prefix": "a"}))
    pair.terminal.ok("replication", "rules", pair.place, "--set", file, "--unchecked")
    pair.put("a", b"one")
    pair.put("b", b"two")
    pair.once(code=1)
    rules = tmp_path / "lifecycle.json"
    rules.write_text(
        json.dumps(
            {
                "Rules": [
                    {
                        "ID": "old",
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "Expiration": {"Date": "2020-01-01T00:00:00Z"},
                    }
                ]
            }
        )
    )
    words = (pair.place, "--rules", str(rules), "--json")
    ours = pair.terminal.ok("lifecycle", "preview", *words, "--evaluator", "first-match").records
    assert {each["key"]: each.get("skipped") for each in ours if "key" in each} == {
        "a": "replication_pending",
        "b": None,
    }
    # The store itself would not wait.
    told = pair.terminal.ok("lifecycle", "preview", *words, "--evaluator", "aws")
    assert "the store does not wait for that" in told.err
    stores = told.records
    assert {each.get("skipped") for each in stores if "key" in each} == {None}
    applied = pair.terminal.ok("lifecycle", "apply", *words, "--yes").records
    assert applied[-1]["expired"] == 1
    assert applied[-1]["skipped_replication"] == 1
    with s3_client(pair.here) as client:
        listed = client.list_objects_v2(Bucket=pair.source)["Contents"]
    assert [each["Key"] for each in listed] == ["a"]


def test_what_has_failed_is_tried_again_when_it_is_asked_for(pair: Pair) -> None:
    pair.set(destination=f"There:{pair.copies}")
    pair.put("a", b"one")
    away = f"{pair.copies}-nowhere"
    file = pair.rules(pair.rule(destination=f"There:{away}"))
    refused = pair.terminal.run("replication", "rules", pair.place, "--set", file)
    assert refused.code == 2
    assert "not there" in refused.err
    pair.terminal.ok("replication", "rules", pair.place, "--set", file, "--unchecked")
    assert pair.once(code=1)["failed"] == 1
    assert pair.statuses() == {"a": "FAILED"}
    with s3_client(pair.there) as client:
        client.create_bucket(Bucket=away)
    retried = pair.terminal.ok("replication", "retry", pair.place, "--json")
    assert retried.records == [{"event": "retry", "count": 1}]
    assert pair.statuses() == {"a": "PENDING"}
    assert pair.once()["replicated"] == 1
    with s3_client(pair.there) as client:
        assert client.get_object(Bucket=away, Key="a")["Body"].read() == b"one"
        client.delete_object(Bucket=away, Key="a")
        client.delete_bucket(Bucket=away)


def test_a_run_sees_what_is_written_and_ends_when_it_is_told(pair: Pair) -> None:
    pair.set()
    file = pair.rules(pair.rule())
    pair.terminal.ok("replication", "rules", pair.place, "--set", file, "--every", "1")
    with subprocess.Popen(
        pair.terminal.command("replication", "run", "--json"),
        env=pair.terminal.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        try:
            for body in (b"first", b"second"):
                pair.put("a", body)
                _until(lambda wanted=body: pair.replica("a") == wanted)
            other = pair.terminal.run("replication", "run", "--once")
            assert other.code == 2
            assert "replicates already" in other.err
        finally:
            run.send_signal(2)
            out, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 130, err
    events = [json.loads(line) for line in out.splitlines()]
    assert {each["event"] for each in events} == {"replicated"}


def _until(is_so: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


def test_rules_come_back_as_they_were_set(pair: Pair) -> None:
    rules = [
        pair.rule(
            id="first",
            priority=3,
            enabled=False,
            filter={"prefix": "a/", "tags": {"k": "v"}},
            destination=f"There:{pair.copies}/put/",
            storage_class="STANDARD_IA",
            versions="all",
            delete_markers=True,
        ),
        pair.rule(id="second"),
    ]
    file = pair.rules(*rules)
    pair.terminal.ok("replication", "rules", pair.place, "--set", file)
    (told,) = pair.terminal.ok("replication", "rules", pair.place, "--json").records
    assert told["rules"][0] == rules[0]
    assert told["rules"][1]["id"] == "second"
    said = pair.terminal.ok("replication", "rules", pair.place).out.decode()
    assert "Objects under “a/” tagged k=v go to" in said
    assert "(switched off)" in said
    none = pair.rules(name="none.json")
    pair.terminal.ok("replication", "rules", pair.place, "--set", none)
    (told,) = pair.terminal.ok("replication", "rules", pair.place, "--json").records
    assert told == {"rules": []}
    assert pair.terminal.run("replication", "run", "--once").code == 2


def test_what_is_too_much_here_is_handed_to_the_store(pair: Pair, tmp_path: Path) -> None:
    with s3_client(pair.there) as client:
        client.put_bucket_versioning(
            Bucket=pair.copies, VersioningConfiguration={"Status": "Enabled"}
        )
    pair.set(versions="all")
    pair.put("a b/ü", b"1")
    manifest = tmp_path / "manifest.csv"
    words = ("replication", "compare", pair.place, "--manifest", str(manifest))
    assert pair.terminal.run(*words).code == 1
    assert manifest.read_text() == f"{pair.source},a%20b/%C3%BC\n"
    assert list(tmp_path.glob("*.part")) == []
    nowhere = pair.terminal.run(*words[:-1], str(tmp_path / "no" / "manifest.csv"))
    assert nowhere.code == 1
    assert "manifest.csv" in nowhere.err
    role = "arn:aws:iam::1:role/r"
    told = pair.terminal.ok("replication", "rules", pair.place, "--native", role)
    value = json.loads(told.out)
    assert value["Rules"][0]["Destination"] == {"Bucket": f"arn:aws:s3:::{pair.copies}"}
    assert "leads to another store" in told.err
    assert "every version" not in told.err
    pair.set(destination=f"There:{pair.copies}/put/")
    told = pair.terminal.ok("replication", "rules", pair.place, "--native", role)
    assert "the store puts no “put/” before keys" in told.err
    assert "the store replicates every version" in told.err


FACING_S = float(os.environ.get("S4DESK_FACING_S", "6"))


def test_rules_that_face_each_other_write_nothing_twice(pair: Pair) -> None:
    terminal, ends = pair.terminal, ((pair.here, pair.source), (pair.there, pair.copies))
    for endpoint, bucket in ends:
        with s3_client(endpoint) as client:
            client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
            for at in range(5):
                client.put_object(Bucket=bucket, Key=f"{bucket}/{at}", Body=b"%d" % at)
    for place, destination in (
        (pair.place, f"There:{pair.copies}"),
        (f"There:{pair.copies}", f"Here:{pair.source}"),
    ):
        file = pair.rules({"id": "r", "destination": destination, "delete_markers": True})
        terminal.ok("replication", "rules", place, "--set", file, "--every", "1")

    def versions() -> list[tuple[str, str]]:
        found = []
        for endpoint, bucket in ends:
            with s3_client(endpoint) as client:
                listed = client.list_object_versions(Bucket=bucket)
                rows = listed.get("Versions", []) + listed.get("DeleteMarkers", [])
                found += [(each["Key"], each["VersionId"]) for each in rows]
        return found

    with subprocess.Popen(
        terminal.command("replication", "run", "--json"),
        env=terminal.variables,
        stdout=subprocess.DEVNULL,
    ) as run:
        try:
            _until(lambda: len(versions()) == 20)
            with s3_client(pair.here) as client:
                client.delete_object(Bucket=pair.source, Key=f"{pair.source}/0")
            _until(lambda: len(versions()) == 22)
            before = versions()
            time.sleep(FACING_S)
            assert versions() == before
        finally:
            run.send_signal(2)
            run.wait(PATIENCE_S)
