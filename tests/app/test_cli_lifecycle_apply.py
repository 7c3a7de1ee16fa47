"""`s4desk lifecycle apply` against real servers: what is due goes, and nothing else does."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.lifecycle.report import RunState
from s4desk.core.persist.lifecycle_runs import RunShelf
from tests.app.test_prompts import Session
from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import Stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

LATER = "2028-01-01T00:00Z"
"""Everything is due then: servers have no other way to make something old."""


@pytest.fixture(params=["ceph", "localstack", "moto"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def bucket(terminal: Terminal, store: Endpoint) -> Iterator[str]:
    terminal.add("T", store)
    with temporary_bucket(store) as name:
        yield name


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., str]:
    def write(*described: dict[str, Any]) -> str:
        path = tmp_path / "rules.json"
        whole = [{"Status": "Enabled", "Filter": {"Prefix": ""}} | each for each in described]
        path.write_text(json.dumps({"Rules": whole}))
        return str(path)

    return write


def put(store: Endpoint, bucket: str, *keys: str, **more: Any) -> None:
    with s3_client(store) as client:
        for key in keys:
            client.put_object(Bucket=bucket, Key=key, Body=b"12345", **more)


def keys_in(store: Endpoint, bucket: str) -> list[str]:
    with s3_client(store) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]


def applied_to(bucket: str, file: str) -> tuple[str, ...]:
    return ("lifecycle", "apply", f"T:{bucket}", "--now", LATER, "--rules", file, "--yes")


def test_what_is_due_goes_and_the_report_tells(
    terminal: Terminal,
    store: Endpoint,
    bucket: str,
    rules: Callable[..., str],
    tmp_path: Path,
) -> None:
    put(store, bucket, "old/1", "old/ü %41", "keep/1")
    put(store, bucket, "old/kept", Tagging="keep=yes")
    with s3_client(store) as client:
        client.create_multipart_upload(Bucket=bucket, Key="old/upload")
    words = ("lifecycle", "apply", f"T:{bucket}", "--now", LATER, "--rules")
    file = rules(
        {
            "Filter": {"Tag": {"Key": "keep", "Value": "yes"}},
            "Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}],
        },
        {"Filter": {"Prefix": "old/"}, "Expiration": {"Days": 30}},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    )
    refused = terminal.run(*words, file)
    assert refused.code == 2
    assert "--yes" in refused.err
    assert len(keys_in(store, bucket)) == 4
    report = tmp_path / "report.csv"
    done = terminal.ok(*words, file, "--yes", "--json", "--report", str(report))
    plan, told = done.records
    assert plan["event"] == "plan"
    assert {each["action"]: each["count"] for each in plan["due"]} == {
        "expire": 2,
        "transition": 1,
        "abort_upload": 1,
    }
    assert told["event"] == "report"
    assert (told["expired"], told["transitioned"], told["aborted_uploads"]) == (2, 1, 1)
    assert (told["errors"], told["objects_evaluated"], told["state"]) == (0, 5, "finished")
    (noted,) = terminal.ok("transfers", "list", "--changes", "--json").records
    assert (noted["kind"], noted["place"], noted["done"], noted["failed"]) == (
        *("lifecycle", f"T:{bucket}/"),
        *(4, 0),
    )
    _, run = terminal.ok("lifecycle", "schedule", f"T:{bucket}", "--json").records
    assert datetime.now(UTC) - datetime.fromisoformat(run["began"]) < timedelta(hours=1)
    assert run["now"] == told["now"] == plan["now"] == "2028-01-01T00:00:00+00:00"
    assert keys_in(store, bucket) == ["keep/1", "old/kept"]
    with s3_client(store) as client:
        kept = client.head_object(Bucket=bucket, Key="old/kept")
        assert kept["StorageClass"] == "STANDARD_IA"
        tags = client.get_object_tagging(Bucket=bucket, Key="old/kept")["TagSet"]
        assert tags == [{"Key": "keep", "Value": "yes"}]
        assert not client.list_multipart_uploads(Bucket=bucket).get("Uploads")
    with report.open(encoding="utf-8-sig", newline="") as sheet:
        lines = list(csv.DictReader(sheet))
    assert {(line["key"], line["action"], line["outcome"]) for line in lines} == {
        ("old/1", "expire", "done"),
        ("old/ü %41", "expire", "done"),
        ("old/kept", "transition", "done"),
        ("old/upload", "abort_upload", "done"),
    }
    assert {line["count"] for line in lines} == {"1"}
    again = terminal.ok(
        *words, rules({"Expiration": {"Days": 1}, "Filter": {"Prefix": "old/1"}}), "--yes"
    )
    assert "Nothing is due." in again.err


@pytest.mark.parametrize("name", ["no such folder/report.csv", "taken"])
def test_where_no_report_can_be_written_nothing_is_done(
    terminal: Terminal, moto: Endpoint, rules: Callable[..., str], tmp_path: Path, name: str
) -> None:
    terminal.add("T", moto)
    (tmp_path / "taken").mkdir()
    with temporary_bucket(moto) as bucket:
        put(moto, bucket, "old")
        file = rules({"Expiration": {"Days": 1}})
        words = applied_to(bucket, file)
        refused = terminal.run(*words, "--report", str(tmp_path / name))
        assert (refused.code, name in refused.err) == (1, True)
        assert keys_in(moto, bucket) == ["old"]


def test_who_comes_second_counts_nothing_of_what_the_first_has_done(
    terminal: Terminal,
    ceph: Endpoint,
    rules: Callable[..., str],
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> None:
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    with temporary_bucket(ceph) as bucket:
        put(ceph, bucket, *(f"old/{number:04}" for number in range(200)))
        words = ("lifecycle", "apply", f"T:{bucket}", "--now", LATER, "--yes", "--json", "--rules")
        file = rules({"Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}})
        with subprocess.Popen(
            terminal.command(*words, file),
            env=terminal.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as running:
            proxy.wait_until(lambda seen: any("?delete" in each.target for each in seen), 60)
            second = terminal.run(*words, file)
            out, _ = running.communicate(timeout=60)
    first = json.loads(out.splitlines()[-1])
    expired = first["expired"] + sum(each.get("expired", 0) for each in second.records)
    assert (first["errors"], expired) == (0, 200)


def test_versions_and_markers_go_by_their_ids_and_locks_win(
    terminal: Terminal, store: Endpoint, rules: Callable[..., str], moto: Endpoint
) -> None:
    if store is moto:
        pytest.skip("moto has no answer to who asks for a lock that is not there")
    terminal.add("T", store)
    with temporary_bucket(store, lock=True) as bucket, s3_client(store) as client:
        put(store, bucket, "a", "a", "held", "held", "gone")
        versions = client.list_object_versions(Bucket=bucket)["Versions"]
        (old,) = [each for each in versions if each["Key"] == "held" and not each["IsLatest"]]
        hold = {"Bucket": bucket, "Key": "held", "VersionId": old["VersionId"]}
        client.put_object_legal_hold(**hold, LegalHold={"Status": "ON"})
        (gone,) = [each for each in versions if each["Key"] == "gone"]
        client.delete_object(Bucket=bucket, Key="gone")
        client.delete_object(Bucket=bucket, Key="gone", VersionId=gone["VersionId"])
        file = rules(
            {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
            {"Expiration": {"ExpiredObjectDeleteMarker": True}},
        )
        words = applied_to(bucket, file)
        (_, *_, told) = terminal.ok(*words, "--json").records
        assert told["skipped_locked"] == 1
        assert told["noncurrent_expired"] == 1
        assert told["errors"] == 0
        left = client.list_object_versions(Bucket=bucket)
        assert sorted(each["Key"] for each in left["Versions"]) == ["a", "held", "held"]
        assert told["delete_markers_removed"] == 1
        assert not left.get("DeleteMarkers")
        client.put_object_legal_hold(**hold, LegalHold={"Status": "OFF"})


def test_a_plan_is_handed_over_and_nothing_is_done(
    terminal: Terminal, store: Endpoint, bucket: str, rules: Callable[..., str], tmp_path: Path
) -> None:
    put(store, bucket, "a", "b,c")
    folder = tmp_path / "hand-over"
    words = ("lifecycle", "apply", f"T:{bucket}", "--now", LATER)
    file = rules({"Expiration": {"Days": 1}})
    terminal.ok(*words, "--rules", file, "--manifest", str(folder))
    assert (folder / "expire.csv").read_text() == f"{bucket},a\n{bucket},b%2Cc\n"
    assert keys_in(store, bucket) == ["a", "b,c"]
    assert terminal.run(*words, "--rules", file, "--manifest", str(folder)).code == 1


def test_a_rule_that_nobody_understands_is_left_out(
    terminal: Terminal, store: Endpoint, bucket: str, rules: Callable[..., str]
) -> None:
    put(store, bucket, "a")
    file = rules({"Filter": {"Prefix": "", "Weather": "fine"}, "Expiration": {"Days": 1}})
    words = applied_to(bucket, file)
    ended = terminal.run(*words)
    assert keys_in(store, bucket) == ["a"]
    assert ended.code == 0
    assert "Nothing is due." in ended.err
    assert "Weather" in ended.err


def test_what_a_store_tells_nothing_of_once_it_is_moved_is_not_called_failed(
    terminal: Terminal, moto: Endpoint, rules: Callable[..., str]
) -> None:
    """moto tells no tags of what is in an archive."""
    terminal.add("T", moto)
    with temporary_bucket(moto) as bucket:
        put(moto, bucket, "a")
        file = rules({"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]})
        words = applied_to(bucket, file)
        ended = terminal.run(*words)
        assert ended.code == 1
        assert f"T:{bucket}/a: moved, but the store did not keep all" in ended.err
        assert "failed" not in ended.err
        with s3_client(moto) as client:
            (there,) = client.list_objects_v2(Bucket=bucket)["Contents"]
        assert there["StorageClass"] == "GLACIER"


class Amid:
    """Rules that are being applied, by way of a proxy: of the third deletion no reply comes, and
    later ones do not arrive, so that it cannot end before something happens to it."""

    def __init__(self, terminal: Terminal, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._terminal = terminal
        self._stalls = [Stall(None, "response"), Stall(None, "request")]

    @contextlib.contextmanager
    def applying(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        for stall, times in zip(self._stalls, (1, None), strict=True):
            self.proxy.on(stall, path_re=r"\?delete", skip=2, times=times)
        with subprocess.Popen(
            self._terminal.command(*words, "--json"),
            env=self._terminal.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert self._stalls[0].reached.wait(60)
            self.proxy.wait_until(
                lambda seen: sum("?delete" in each.target and each.is_done for each in seen) > 1, 60
            )
            yield running

    def let_go_on(self) -> None:
        """Nothing more is held, and what was goes its way."""
        self.proxy.clear()
        for stall in self._stalls:
            stall.release()


@pytest.fixture
def amid(terminal: Terminal, ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]) -> Amid:
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    return Amid(terminal, proxy)


def test_killed_amid_it_and_begun_anew_all_that_is_due_is_gone_and_nothing_else(
    terminal: Terminal, ceph: Endpoint, rules: Callable[..., str], amid: Amid
) -> None:
    """`kill -9` while deletions are on their way; somebody writes before the next life."""
    with temporary_bucket(ceph) as bucket:
        put(ceph, bucket, *(f"old/{number:04}" for number in range(400)), "keep")
        words = applied_to(bucket, rules({"Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}))
        with amid.applying(*words) as running:
            running.send_signal(signal.SIGKILL)
        amid.proxy.clear()  # what was held stays so: nobody knows of it
        left = [key for key in keys_in(ceph, bucket) if key != "keep"]
        assert 0 < len(left) < 400
        (journal,) = (terminal.home / "data" / "lifecycle").glob("*.jsonl")
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        assert lines[-1]["type"] != "end"
        sent = {key for line in lines if line["type"] == "sent" for key, *_ in line["objects"]}
        gone = {f"old/{number:04}" for number in range(400)} - set(left)
        assert gone <= sent
        (cut,) = asyncio.run(RunShelf(journal.parent).records())
        assert cut.report.state is RunState.CUT_OFF
        known = cut.report.counters["expired"]
        assert known <= len(gone) <= known + cut.report.in_doubt
        put(ceph, bucket, "new")
        rows = terminal.ok("lifecycle", "schedule", f"T:{bucket}").lines
        row = rows[-1].split(b"\t")
        assert (row[2], int(row[-1])) == (b"cut off", cut.report.in_doubt)
        told = terminal.ok(*words, "--json").records[-1]
        assert told["expired"] == len(left)
        assert keys_in(ceph, bucket) == ["keep", "new"]


def test_cut_off_from_the_store_it_gives_up_and_calls_nothing_failed_that_is_gone(
    terminal: Terminal, ceph: Endpoint, rules: Callable[..., str], amid: Amid
) -> None:
    with temporary_bucket(ceph) as bucket:
        put(ceph, bucket, *(f"{number:04}" for number in range(400)))
        words = applied_to(bucket, rules({"Expiration": {"Days": 1}}))
        with amid.applying(*words) as running:
            amid.proxy.down()
            out, err = running.communicate(timeout=120)
        assert running.returncode == 1
        *_, told = [json.loads(line) for line in out.splitlines()]
        assert (told["event"], told["state"]) == ("report", "given_up")
        lost = [json.loads(line) for line in out.splitlines() if b"not_done" in line]
        failed = {each["key"] for each in lost if each.get("outcome") == "failed"}
        left = set(keys_in(ceph, bucket))
        assert failed <= left
        assert told["in_doubt"] > 0
        assert told["expired"] <= 400 - len(left) <= told["expired"] + told["in_doubt"]
        assert b"UnreachableError" not in err
        rows = terminal.ok("lifecycle", "schedule", f"T:{bucket}").lines
        assert rows[-1].split(b"\t")[2] == b"given up"


def test_interrupted_it_tells_what_was_done_and_goes_on_by_the_same_command(
    terminal: Terminal, ceph: Endpoint, rules: Callable[..., str], amid: Amid
) -> None:
    with temporary_bucket(ceph) as bucket:
        put(ceph, bucket, *(f"{number:04}" for number in range(400)))
        words = applied_to(bucket, rules({"Expiration": {"Days": 1}}))
        with amid.applying(*words) as running:
            running.send_signal(signal.SIGINT)
            amid.let_go_on()
            out, err = running.communicate(timeout=60)
        assert running.returncode == 130
        told = json.loads(out.splitlines()[-1])
        left = len(keys_in(ceph, bucket))
        assert (told["event"], told["state"]) == ("report", "stopped")
        assert 0 < told["expired"] == 400 - left < 400
        assert b"same command again" in err
        assert terminal.ok(*words, "--json").records[-1]["expired"] == left
        assert keys_in(ceph, bucket) == []


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"no\n", 1)])
def test_at_a_terminal_the_plan_is_shown_and_asked_for(
    terminal: Terminal, moto: Endpoint, rules: Callable[..., str], typed: bytes, code: int
) -> None:
    terminal.add("T", moto)
    with temporary_bucket(moto) as bucket:
        put(moto, bucket, "a")
        file = rules({"Expiration": {"Days": 1}})
        words = ("lifecycle", "apply", f"T:{bucket}", "--now", LATER, "--rules", file)
        with contextlib.closing(Session(terminal, *words)) as session:
            session.until(b"--evaluator first-match lists the objects")
            session.until(b"This cannot be undone.*Type")
            assert b"objects that are deleted: 1" in session.seen
            session.type(typed)
            assert session.end() == code
        assert keys_in(moto, bucket) == ([] if code == 0 else ["a"])
