"""`s4desk lifecycle preview --inventory`: a report tells what a listing of the bucket does."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import signal
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.lifecycle.candidates import Candidate
from tests.app.test_cli_unprintable import on_a_terminal
from tests.lifecycle.reports import COLUMNS, csv_text, encoded, write_manifest, write_parquet
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = {
    "Rules": [
        {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 10},
        },
        {
            "Status": "Enabled",
            "Filter": {"Tag": {"Key": "keep", "Value": "no"}},
            "Expiration": {"Days": 1},
        },
        {
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
    ]
}
OBJECTS = [
    Candidate('logs/a,b"\nü+ %', 10, NOW - timedelta(days=40), etag="e1"),
    Candidate("logs/\udcff", 20, NOW - timedelta(days=40), etag="e2"),
    Candidate("logs/young", 30, NOW - timedelta(days=2), etag="e3"),
    Candidate("other", 40, NOW - timedelta(days=40), etag="e4", tags={"keep": "no"}),
]
AT = ("--now", NOW.isoformat(), "--days", "0")


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(RULES))
    return str(path)


def test_what_two_files_tell_counts_once(terminal: Terminal, tmp_path: Path, rules: str) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(csv_text(OBJECTS))
    again = tmp_path / "again.csv"
    again.write_bytes(csv_text(OBJECTS[:2]))
    asked = ("--inventory", str(path), str(again), "--rules", rules, "--json", *AT)
    ended = terminal.ok("lifecycle", "preview", *asked)
    *rows, summary = ended.records
    assert len(rows) == 3
    assert (summary["objects"], summary["doubled_rows"]) == (4, 2)
    assert "rows_doubled" in summary["warnings"]
    assert "2 rows tell of versions that other rows tell of too" in ended.err


def test_a_report_here_needs_no_connection(terminal: Terminal, tmp_path: Path, rules: str) -> None:
    one, two = tmp_path / "1.csv.gz", tmp_path / "2.parquet"
    one.write_bytes(gzip.compress(csv_text(OBJECTS[:2])))
    write_parquet(two, OBJECTS[2:])
    asked = ("lifecycle", "preview", "--inventory", str(one), str(two), "--rules", rules, *AT)

    *rows, summary = terminal.ok(*asked, "--json").records
    assert sorted(row["key"] for row in rows) == sorted(
        each.key for each in OBJECTS if each.etag != "e3"
    )
    assert {row["rule"] for row in rows if row["key"] == "other"} == {"#2"}
    assert {row["action"] for row in rows} == {"expire"}
    assert (summary["event"], summary["objects"], summary["bytes"]) == ("summary", 4, 100)
    assert summary["due_now"]["objects"] == 3
    assert (summary["bucket"], summary["versioning"]) == ("b", "off")
    assert (summary["warnings"], summary["rules_left_out"]) == ([], [])

    shown = terminal.ok(*asked)
    text = shown.out.decode("utf-8", "surrogateescape")
    assert "40 B other" in text
    assert "due now" in text


def test_what_a_report_does_not_tell_is_said(
    terminal: Terminal, tmp_path: Path, rules: str
) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(csv_text(OBJECTS, ("Key", "LastModifiedDate", "Size")))
    asked = ("lifecycle", "preview", "--inventory", str(path), "--rules", rules, *AT, "--json")
    ended = terminal.ok(*asked)
    said = ended.err
    assert "Rule “#2” is left out: without the column Tags" in said
    assert "no column ReplicationStatus" in said
    *rows, summary = ended.records
    assert {row["rule"] for row in rows} == {"logs"}
    assert summary["rules_left_out"] == ["#2"]
    assert summary["warnings"] == ["report_lacks", "rule_untold"]
    assert "replication" in summary["report_lacks"]


@pytest.mark.parametrize("name", ["manifest.json", "r.parquet"])
def test_where_versions_are_kept_a_marker_is_put_on_top(
    terminal: Terminal, tmp_path: Path, rules: str, name: str
) -> None:
    versions = [
        Candidate("logs/a", 10, NOW - timedelta(days=40), version="v2"),
        Candidate("logs/a", 10, NOW - timedelta(days=60), version="v1", is_current=False),
    ]
    is_parquet = name == "r.parquet"
    path = (
        write_parquet(tmp_path / name, versions)
        if is_parquet
        else write_manifest(tmp_path / name, versions, created=NOW - timedelta(hours=2))
    )
    asked = ("lifecycle", "preview", "--inventory", str(path), "--rules", rules, *AT)
    lines = terminal.ok(*asked).out.decode().splitlines()
    (top,) = [line for line in lines if "(v2)" in line]
    (sums,) = [line for line in lines if line.startswith("logs ")]
    assert "put delete marker on top" in sums
    (below,) = [line for line in lines if "(v1)" in line]
    assert "put delete marker on top" in top
    assert "delete old version" in below
    aged = "a date, its newest object is of 2026-10-12 12:00 UTC" if is_parquet else "10:00 UTC"
    assert any(f"{aged}: what has changed since" in line for line in lines)

    summary = terminal.ok(*asked, "--json").records[-1]
    created = None if is_parquet else (NOW - timedelta(hours=2)).isoformat()
    assert (summary["versioning"], summary["report_created"]) == ("suspended", created)
    assert summary["newest"] == (NOW - timedelta(days=40)).isoformat()


@pytest.mark.parametrize(
    ("said", "versioning", "kept", "warnings"),
    [
        ((), "suspended", False, ["versioning_unknown"]),
        (("--versioning", "suspended"), "suspended", False, []),
        (("--versioning", "enabled"), "enabled", True, []),
    ],
)
def test_nothing_is_called_kept_unless_somebody_says_so(
    terminal: Terminal,
    tmp_path: Path,
    rules: str,
    said: tuple[str, ...],
    versioning: str,
    kept: bool,
    warnings: list[str],
) -> None:
    """A report with ids does not tell whether versions are still kept."""
    versions = [
        Candidate("logs/a", 10, NOW - timedelta(days=40), version="null"),
        Candidate("other", 10, NOW - timedelta(days=40), version="v1"),
    ]
    path = write_parquet(tmp_path / "r.parquet", versions)
    asked = ("lifecycle", "preview", "--inventory", str(path), "--rules", rules, *said, *AT)
    ended = terminal.ok(*asked, "--json")
    summary = ended.records[-1]
    assert (summary["versioning"], summary["warnings"]) == (versioning, warnings)
    assert ("does not tell whether they are still kept" in ended.err) == bool(warnings)
    assert ("Say how it is with --versioning" in ended.err) == bool(warnings)
    assert ("put delete marker on top" in terminal.ok(*asked).out.decode()) == kept


def test_versions_that_a_bucket_tells_of_are_not_said_by_hand(
    terminal: Terminal, ceph: Endpoint, tmp_path: Path, rules: str
) -> None:
    terminal.add("T", ceph)
    with temporary_bucket(ceph) as bucket, s3_client(ceph) as client:
        kept = {"Status": "Suspended"}
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=kept)
        refused = terminal.run(
            *("lifecycle", "preview", f"T:{bucket}", "--rules", rules, "--versioning", "enabled")
        )
        assert refused.code == 2
        path = tmp_path / "r.csv"
        versions = [Candidate("logs/a", 10, NOW - timedelta(days=40), version="null")]
        path.write_bytes(csv_text(versions, bucket=bucket))
        asked = ("--inventory", str(path), "--rules", rules, "--versioning", "enabled", *AT)
        ended = terminal.ok("lifecycle", "preview", f"T:{bucket}", *asked, "--json")
        assert ended.records[-1]["versioning"] == "suspended"
        assert "keeps no more versions: that counts" in ended.err


def test_without_versions_objects_are_deleted(
    terminal: Terminal, tmp_path: Path, rules: str
) -> None:
    """The columns are there, and say that there are none."""
    unversioned = [replace(each, version="null") for each in OBJECTS]
    path = write_manifest(tmp_path / "manifest.json", unversioned)
    asked = ("lifecycle", "preview", "--inventory", str(path), "--rules", rules, *AT)
    text = terminal.ok(*asked).out.decode("utf-8", "surrogateescape")
    assert "now        delete  " in text
    assert "marker on top" not in text


def test_how_far_it_is_is_shown_on_a_terminal(
    terminal: Terminal, tmp_path: Path, rules: str
) -> None:
    path = write_manifest(tmp_path / "manifest.json", OBJECTS)
    asked = ("lifecycle", "preview", "--inventory", str(path), "--rules", rules, *AT)
    shown = on_a_terminal(terminal, *asked)
    assert "\rThe report is being read… 100 %" in shown
    assert "\r3 objects" in shown
    assert "being read" not in terminal.ok(*asked).err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--inventory", "{tmp}/bad.csv", "--rules", "{rules}"), 1, "bad.csv, line 2: “x” is no"),
        (("--inventory", "{tmp}/none.csv", "--rules", "{rules}"), 1, "none.csv"),
        (("--inventory", "{tmp}/bad.csv"), 2, "Add --rules FILE"),
        (("--inventory", "nobody:b/manifest.json", "--rules", "{rules}"), 2, "no connection"),
        (("--rules", "{rules}"), 2, "A bucket is needed"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    terminal: Terminal,
    tmp_path: Path,
    rules: str,
    words: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    (tmp_path / "bad.csv").write_text("Key,LastModifiedDate\na,x\n")
    filled = [word.format(tmp=tmp_path, rules=rules) for word in words]
    ended = terminal.run("lifecycle", "preview", *filled)
    assert ended.code == code
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


def inventory_of(client: Any, bucket: str) -> bytes:
    """What S3 Inventory would write of a bucket, with a header."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = COLUMNS[:10]
    writer.writerow(names)
    found = client.list_object_versions(Bucket=bucket)
    for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
        is_marker = "Size" not in each
        modified = each["LastModified"].isoformat().replace("+00:00", "Z")
        latest = str(each["IsLatest"]).lower()
        writer.writerow(
            (
                *(bucket, encoded(each["Key"]), each["VersionId"], latest, str(is_marker).lower()),
                *(each.get("Size", ""), modified, each.get("StorageClass", "")),
                *(each.get("ETag", "").strip('"'), ""),
            )
        )
    return text.getvalue().encode()


@pytest.mark.server
def test_it_is_what_a_listing_tells(terminal: Terminal, ceph: Endpoint, tmp_path: Path) -> None:
    terminal.add("T", ceph)
    untagged = {"Rules": [RULES["Rules"][0], RULES["Rules"][2]]}
    rules = tmp_path / "untagged.json"
    rules.write_text(json.dumps(untagged))
    with temporary_bucket(ceph) as bucket, temporary_bucket(ceph) as reports:
        with s3_client(ceph) as client:
            client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
            for key in ("logs/a", "logs/a", "logs/ü +", "c", "c"):
                client.put_object(Bucket=bucket, Key=key, Body=key.encode())
            for key in ("c", "logs/gone"):
                client.delete_object(Bucket=bucket, Key=key)
            data = gzip.compress(inventory_of(client, bucket))
            entry = {
                "key": "d/data/1.csv.gz",
                "size": len(data),
                "MD5checksum": hashlib.md5(data).hexdigest(),
            }
            manifest = {
                "sourceBucket": bucket,
                "fileFormat": "CSV",
                "fileSchema": "",
                "files": [entry],
            }
            client.put_object(Bucket=reports, Key="d/data/1.csv.gz", Body=data)
            client.put_object(
                Bucket=reports, Key="d/1/manifest.json", Body=json.dumps(manifest).encode()
            )
        later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
        given = ("--rules", str(rules), "--now", later, "--days", "7", "--json")
        *listed, listing = terminal.ok("lifecycle", "preview", f"T:{bucket}", *given).records
        place = f"T:{reports}/d/1/manifest.json"
        *reported, report = terminal.ok(
            "lifecycle", "preview", "--inventory", place, *given
        ).records
        listed_text = terminal.ok("lifecycle", "preview", f"T:{bucket}", *given[:-1])
        reported_text = terminal.ok("lifecycle", "preview", "--inventory", place, *given[:-1])

    def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: (row["key"], row["version_id"]))

    assert listed
    assert in_order(reported) == in_order(listed)
    for name in ("objects", "bytes", "delete_markers", "touched", "untouched", "actions"):
        assert report[name] == listing[name]
    assert report["by_day"] == listing["by_day"]
    assert report["bucket"] == bucket
    lines = [sorted(found_in(each.out)) for each in (listed_text, reported_text)]
    assert lines[0] == lines[1]
    assert any("put delete marker on top" in line for line in lines[0])


def found_in(text: bytes) -> list[str]:
    """The lines of objects, as they stand above the sums."""
    return text.decode().partition("\n\n")[0].splitlines()


@pytest.mark.server
def test_the_bucket_is_asked_what_a_report_of_current_objects_leaves_open(
    terminal: Terminal, ceph: Endpoint, tmp_path: Path, rules: str
) -> None:
    terminal.add("T", ceph)
    report = tmp_path / "current.csv"
    columns = ("Key", "LastModifiedDate", "Size", "Tags")
    report.write_bytes(csv_text(OBJECTS, columns))
    asked = ("--inventory", str(report), "--rules", rules, *AT)
    with temporary_bucket(ceph) as bucket:
        with s3_client(ceph) as client:
            client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        ended = terminal.ok("lifecycle", "preview", f"T:{bucket}", *asked)
    text = ended.out.decode("utf-8", "surrogateescape")
    assert text.count("put delete marker on top") > 3
    assert "delete markers is not shown." in ended.err
    assert "taken for one without versions" not in ended.err
    gone = terminal.ok("lifecycle", "preview", f"T:{bucket}", *asked)
    assert "taken for one without versions" in gone.err
    assert "marker on top" not in gone.out.decode("utf-8", "surrogateescape")


def test_ctrl_c_ends_it_at_once(terminal: Terminal, tmp_path: Path, rules: str) -> None:
    path = tmp_path / "r.csv"
    with path.open("wb") as file:
        file.write(b"Key,LastModifiedDate\n")
        block = b"".join(b"logs/%06d,2020-01-01\n" % at for at in range(100_000))
        for _ in range(20):
            file.write(block)
    words = terminal.command("lifecycle", "preview", "--inventory", str(path), "--rules", rules)
    running = subprocess.Popen(
        words, env=terminal.variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stdout.readline()
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert time.monotonic() - began < 5
    assert err.decode().splitlines()[-1] == "Interrupted."
