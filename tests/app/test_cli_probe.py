"""`s4desk connections probe` against real servers, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from tests.servers.client import new_bucket_name, s3_client

if TYPE_CHECKING:
    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

ALL = [each.value for each in Capability]


def test_a_probe_tells_everything_and_is_kept(terminal: Terminal, ceph: Endpoint) -> None:
    terminal.add("T", ceph)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    head, *rows = terminal.ok("connections", "probe", f"T:{bucket}/p", "--json").records
    assert (head["type"], head["bucket"], head["prefix"]) == ("probe", bucket, "p")
    assert head["leftovers"] == []
    assert [row["capability"] for row in rows] == ALL
    told = {row["capability"]: (row["answer"], row["reason"]) for row in rows}
    assert told["put_if_match"] == ("yes", "worked_unquoted")
    assert told["delete_if_match"] == ("no", "ignored")
    assert told["virtual_host"] == ("no", "is_address")
    assert terminal.ok("ls", f"T:{bucket}", "--versions").out == b""

    again = terminal.ok("connections", "probe", "T", "--json").records
    assert again[0]["at"] == head["at"]
    assert [row["answer"] for row in again[1:]] == [row["answer"] for row in rows]
    text = terminal.ok("connections", "probe", "T").out.decode()
    assert "Object Lock" in text
    assert "that have no quotes" in text

    with s3_client(ceph) as client:
        client.delete_bucket(Bucket=bucket)
    assert terminal.ok("connections", "probe", "T").code == 0
    assert terminal.run("connections", "probe", f"T:{bucket}", "--refresh").code == 1


def test_only_reading_tells_less_and_is_done_again(terminal: Terminal, moto: Endpoint) -> None:
    terminal.add("T", moto)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    place = f"T:{bucket}"
    _, *rows = terminal.ok("connections", "probe", place, "--read-only", "--json").records
    read = {row["capability"]: row["reason"] for row in rows}
    assert read["copy"] == "needs_writing"
    assert read["list_versions"] == "worked"
    _, *rows = terminal.ok("connections", "probe", place, "--json").records
    assert {row["capability"]: row["reason"] for row in rows}["copy"] == "worked"


def test_another_endpoint_is_another_store(
    terminal: Terminal, moto: Endpoint, ceph: Endpoint
) -> None:
    terminal.add("T", moto)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    terminal.ok("connections", "probe", f"T:{bucket}")
    terminal.ok("connections", "edit", "T", "--endpoint", ceph.url)
    ended = terminal.run("connections", "probe", "T")
    assert ended.code == 2
    assert "BUCKET" in ended.err


def test_what_another_key_has_found_is_marked(terminal: Terminal, ceph: Endpoint) -> None:
    terminal.add("T", ceph)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    _, *rows = terminal.ok("connections", "probe", f"T:{bucket}", "--json").records
    assert not any(row["other_key"] for row in rows)
    keys = f"{ceph.access_key2}\n{ceph.secret_key2}\n"
    terminal.ok("connections", "edit", "T", "--credentials", "keyring", typed=keys)
    _, *rows = terminal.ok("connections", "probe", "T", "--json").records
    answered = [row for row in rows if row["answer"] in ("yes", "no")]
    assert len(answered) > 10
    assert all(row["other_key"] for row in answered if row["evidence"] == "probe")
    assert b"found with another key" in terminal.ok("connections", "probe", "T").out
    with s3_client(ceph) as client:
        client.delete_bucket(Bucket=bucket)


def test_what_cannot_be_probed(terminal: Terminal, moto: Endpoint) -> None:
    terminal.add("T", moto)
    assert terminal.run("connections", "probe", "T").code == 2
    assert terminal.run("connections", "probe", "nobody:b").code == 2
    assert terminal.run("connections", "probe", f"T:{new_bucket_name()}").code == 1
