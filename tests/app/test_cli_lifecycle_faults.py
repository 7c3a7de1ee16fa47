"""`s4desk lifecycle preview` on a server that fails: that is told, and so is the rest."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import Cut, Reply, error_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.app.terminal import Ended, Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

RULES = [
    {
        "ID": "tagged",
        "Status": "Enabled",
        "Filter": {"Tag": {"Key": "keep", "Value": "no"}},
        "Expiration": {"Days": 2},
    },
    {
        "ID": "uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    },
]
KEYS = ["a", "b", "c"]
DENIED = error_reply(403, "AccessDenied")


@pytest.fixture
def proxy(ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]) -> FaultProxy:
    return fault_proxy(ceph)


@pytest.fixture
def place(terminal: Terminal, ceph: Endpoint, proxy: FaultProxy) -> Iterator[str]:
    """A bucket with three tagged objects, behind the proxy."""
    terminal.add("T", proxy.endpoint)
    with temporary_bucket(ceph) as bucket:
        with s3_client(ceph) as client:
            for key in KEYS:
                client.put_object(Bucket=bucket, Key=key, Body=b"1", Tagging="keep=no")
        yield f"T:{bucket}"


@pytest.fixture
def look(terminal: Terminal, place: str, tmp_path: Path) -> Callable[[], tuple[Ended, Any]]:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"Rules": RULES}))
    now = (datetime.now(UTC) + timedelta(days=5)).isoformat()

    def run() -> tuple[Ended, Any]:
        words = ("--rules", str(file), "--now", now, "--json")
        ended = terminal.run("lifecycle", "preview", place, *words)
        return ended, ended.records[-1]

    return run


def keys(ended: Ended) -> list[str]:
    return [row["key"] for row in ended.records[:-1]]


def test_one_object_that_cannot_be_asked_stops_nothing(
    proxy: FaultProxy, look: Callable[[], tuple[Ended, Any]]
) -> None:
    proxy.on(DENIED, path_re="/b[?]tagging", times=None)
    ended, summary = look()
    assert (ended.code, keys(ended)) == (1, ["a", "c"])
    assert (summary["errors"], summary["complete"]) == (1, True)
    assert [each["key"] for each in summary["failures"]] == ["b"]
    assert "s4desk: b: " in ended.err


def test_what_does_not_tell_its_tags_is_not_touched(
    terminal: Terminal, proxy: FaultProxy, place: str, tmp_path: Path
) -> None:
    """Not by another rule either, that may be about it only because they are not known."""
    proxy.on(DENIED, path_re="/b[?]tagging", times=None)
    file, report = tmp_path / "rules.json", tmp_path / "report.csv"
    file.write_text(json.dumps({"Rules": [*RULES, {**RULES[0], "Filter": {"Prefix": ""}}]}))
    words = ("--rules", str(file), "--now", "2030-01-01", "--yes", "--json")
    ended = terminal.run("lifecycle", "apply", place, *words, "--report", str(report))
    plan, told = ended.records
    assert ended.code == 1
    assert (plan["errors"], [each["key"] for each in plan["failures"]]) == (1, ["b"])
    assert (told["expired"], told["errors"]) == (2, 1)
    assert "1 object does not say what decides about it" in ended.err
    with report.open(encoding="utf-8-sig", newline="") as sheet:
        rows = [(row["key"], row["outcome"], row["code"]) for row in csv.DictReader(sheet)]
    assert sorted(rows) == [("a", "done", ""), ("b", "failed", "AccessDenied"), ("c", "done", "")]


def test_uploads_that_may_not_be_listed_are_a_warning(
    proxy: FaultProxy, look: Callable[[], tuple[Ended, Any]]
) -> None:
    proxy.on(DENIED, path_re="[?&]uploads", times=None)
    ended, summary = look()
    assert (ended.code, keys(ended)) == (0, KEYS)
    assert summary["warnings"] == ["uploads_unknown"]
    assert "Unfinished uploads could not be listed" in ended.err


def test_a_truncated_listing_without_a_token_is_no_whole_one(
    proxy: FaultProxy, look: Callable[[], tuple[Ended, Any]], place: str
) -> None:
    bucket = place.partition(":")[2]
    page = (
        '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{bucket}</Name><Prefix></Prefix><IsTruncated>true</IsTruncated><MaxKeys>1</MaxKeys>"
        "</ListBucketResult>"
    )
    reply = Reply(200, page.encode(), {"Content-Type": "application/xml"})
    proxy.on(reply, path_re="list-type=2", times=None)
    ended, summary = look()
    assert (ended.code, keys(ended)) == (1, [])
    assert summary["complete"] is False
    assert "does not list all" in ended.err


def test_what_breaks_once_is_asked_again(
    proxy: FaultProxy, look: Callable[[], tuple[Ended, Any]]
) -> None:
    proxy.on(Cut(20), path_re="list-type=2")
    proxy.on(error_reply(500, "InternalError"), path_re="/a[?]tagging")
    ended, summary = look()
    assert (ended.code, keys(ended)) == (0, KEYS)
    assert (summary["errors"], summary["complete"]) == (0, True)


def test_nothing_but_looking_is_done(
    proxy: FaultProxy, look: Callable[[], tuple[Ended, Any]]
) -> None:
    ended, _ = look()
    assert ended.code == 0
    assert {each.method for each in proxy.requests} <= {"GET", "HEAD"}


class TestSaving:
    """Replies that never come: what is known of the rules is said, and no more."""

    LOST = Cut(None)
    BEFORE = 2
    """So often the rules are read before they are written."""

    @pytest.fixture
    def save(self, terminal: Terminal, place: str, tmp_path: Path) -> Callable[[], Ended]:
        file = tmp_path / "rules.json"
        file.write_text(json.dumps({"Rules": RULES[:1]}))
        return lambda: terminal.run(
            "lifecycle", "set", place, "--rules", str(file), "--yes", "--json"
        )

    def test_what_has_come_all_the_same_is_saved(
        self, proxy: FaultProxy, save: Callable[[], Ended]
    ) -> None:
        proxy.on(self.LOST, method="PUT", path_re="[?]lifecycle", times=None)
        ended = save()
        assert (ended.code, ended.records[-1]["outcome"]) == (0, "written")

    def test_without_any_reply_nothing_is_known(
        self, proxy: FaultProxy, save: Callable[[], Ended]
    ) -> None:
        proxy.on(self.LOST, method="PUT", path_re="[?]lifecycle", times=None)
        lost = error_reply(503, "x")
        proxy.on(lost, method="GET", path_re="[?]lifecycle", times=None, skip=self.BEFORE)
        ended = save()
        assert ended.code == 1
        assert "Whether it was saved is not known" in ended.err
        assert "Look at what the bucket has now before you try again" in ended.err
