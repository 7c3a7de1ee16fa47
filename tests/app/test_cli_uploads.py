"""`s4desk uploads`: other programs' unfinished uploads, and ours, at a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.app.test_cli_transfers import (
    big,
    killed,
    proxy,
    runs,
    sent_parts,
    stored,
    under_way,
    uploads,
)
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

__all__ = ["big", "proxy"]

MIB = 1024**2


def begin(endpoint: Endpoint, bucket: str, key: str, *, parts: int = 1) -> str:
    with s3_client(endpoint) as client:
        upload: str = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        where: dict[str, Any] = {"Bucket": bucket, "Key": key, "UploadId": upload}
        for number in range(1, parts + 1):
            client.upload_part(PartNumber=number, Body=bytes(5 * MIB), **where)
        return upload


def test_uploads_of_others_are_listed_and_aborted(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
) -> None:
    terminal.add("T", ceph)
    place = f"T:{ceph_bucket}"
    assert terminal.ok("uploads", "list", place).err == "There is no unfinished upload.\n"
    first = begin(ceph, ceph_bucket, "p/a b", parts=2)
    begin(ceph, ceph_bucket, "p/a b", parts=0)
    begin(ceph, ceph_bucket, "q")
    listed = terminal.ok("uploads", "list", f"{place}/p", "--json").records
    assert {(r["key"], r["parts"], r["size"]) for r in listed} == {
        ("p/a b", 2, 10 * MIB),
        ("p/a b", 0, 0),
    }
    assert {(r["type"], r["ours"], r["transfer"]) for r in listed} == {("upload", False, "")}
    assert all(0 <= r["age_seconds"] < 600 for r in listed)
    assert first in {r["upload"] for r in listed}
    assert len(terminal.ok("uploads", "list", place).lines) == 3

    # One by name, then what is left of the key.
    named = ("uploads", "abort", f"{place}/p/a b", "--upload", first)
    (aborted,) = terminal.ok(*named, "--json").records
    assert aborted == {"type": "aborted", "bucket": ceph_bucket, "key": "p/a b", "upload": first}
    assert first not in {each["UploadId"] for each in uploads(ceph, ceph_bucket)}
    terminal.ok("uploads", "abort", f"{place}/p/a b")
    assert [each["Key"] for each in uploads(ceph, ceph_bucket)] == ["q"]
    again = terminal.run(*named)
    assert (again.code, "Traceback" in again.err) == (1, False)


def test_an_upload_of_another_program_is_completed_with_a_file(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_bytes(bytes(10 * MIB) + b"the end")
    place = f"T:{ceph_bucket}/theirs"
    upload = begin(proxy.endpoint, ceph_bucket, "theirs", parts=2)
    begin(proxy.endpoint, ceph_bucket, "theirs", parts=0)
    words = ("uploads", "adopt", place, str(tmp_path / "mine"))
    asked = terminal.run(*words)
    assert (asked.code, "--upload" in asked.err) == (2, True)
    before = len(proxy.requests)
    (record,) = terminal.ok(*words, "--upload", upload, "--json").records
    assert (record["state"], record["bytes_sent"], record["bytes_reused"]) == (
        "completed",
        len(b"the end"),
        10 * MIB,
    )
    assert len(sent_parts(proxy.requests[before:])) == 1
    assert stored(proxy.endpoint, ceph_bucket, "theirs") == (tmp_path / "mine").read_bytes()
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1
    assert runs(terminal) == []


def test_an_interrupted_adoption_goes_on_by_the_same_command(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    content = bytes(5 * MIB) + b"2" * 5 * MIB + b"3" * 5 * MIB + b"the end"
    (tmp_path / "mine").write_bytes(content)
    upload = begin(proxy.endpoint, ceph_bucket, "theirs")
    words = ("uploads", "adopt", f"T:{ceph_bucket}/theirs", str(tmp_path / "mine"))
    with under_way(terminal, proxy, words, "partNumber=3", "PUT") as process:
        busy = terminal.run(*words)
        assert (busy.code, "another process carries it out" in busy.err) == (1, True)
        process.terminate()
        proxy.cut_connections()
        _, told = process.communicate(timeout=60)
    assert (process.returncode, b"Run the same command again" in told) == (130, True)
    # Other words are not the same command: they are told how it goes on.
    (tmp_path / "other").write_bytes(content)
    other = terminal.run(*words[:3], str(tmp_path / "other"))
    assert (other.code, "s4desk transfers resume" in other.err) == (2, True)

    before = len(proxy.requests)
    again = terminal.ok(*words, "--upload", upload, "--json")
    (record,) = again.records
    assert (record["state"], record["bytes_reused"]) == ("completed", 10 * MIB)
    assert "Going on where an earlier run" in again.err
    assert len(sent_parts(proxy.requests[before:])) == 2
    assert stored(proxy.endpoint, ceph_bucket, "theirs") == content
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])


def test_only_the_file_that_was_being_uploaded_completes_an_upload(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_bytes(b"other" * 2 * MIB)
    upload = begin(proxy.endpoint, ceph_bucket, "theirs", parts=2)
    words = ("uploads", "adopt", f"T:{ceph_bucket}/theirs", str(tmp_path / "mine"))
    ended = terminal.run(*words)
    assert (ended.code, "2 parts that have arrived, 0 are proved" in ended.err) == (1, True)
    with s3_client(proxy.endpoint) as client:
        held = client.list_parts(Bucket=ceph_bucket, Key="theirs", UploadId=upload)["Parts"]
    assert (len(held), runs(terminal)) == (2, [])


def test_adopting_replaces_an_object_only_when_told(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_bytes(bytes(5 * MIB) + b"the end")
    begin(proxy.endpoint, ceph_bucket, "theirs")
    with s3_client(proxy.endpoint) as client:
        client.put_object(Bucket=ceph_bucket, Key="theirs", Body=b"newer")
    words = ("uploads", "adopt", f"T:{ceph_bucket}/theirs", str(tmp_path / "mine"))
    ended = terminal.run(*words)
    assert (ended.code, "add --overwrite" in ended.err) == (1, True)
    assert stored(proxy.endpoint, ceph_bucket, "theirs") == b"newer"
    assert (len(uploads(proxy.endpoint, ceph_bucket)), runs(terminal)) == (1, [])
    assert "Going on" not in terminal.ok(*words, "--overwrite").err
    assert stored(proxy.endpoint, ceph_bucket, "theirs") == (tmp_path / "mine").read_bytes()


def test_several_uploads_of_a_key_are_not_aborted_unasked(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
) -> None:
    terminal.add("T", ceph)
    for _ in range(2):
        begin(ceph, ceph_bucket, "k", parts=0)
    ended = terminal.run("uploads", "abort", f"T:{ceph_bucket}/k")
    assert (ended.code, "--upload" in ended.err, "--yes" in ended.err) == (2, True, True)
    assert len(uploads(ceph, ceph_bucket)) == 2
    terminal.ok("uploads", "abort", f"T:{ceph_bucket}/k", "--yes")
    assert uploads(ceph, ceph_bucket) == []


def test_all_of_an_age_are_aborted_after_asking(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
) -> None:
    terminal.add("T", ceph)
    place = f"T:{ceph_bucket}"
    for key in ("a", "b/c"):
        begin(ceph, ceph_bucket, key, parts=0)
    assert terminal.run("uploads", "abort", place).code == 2
    assert terminal.run("uploads", "abort", place, "--older-than", "soon").code == 2
    assert "add --yes" in terminal.run("uploads", "abort", place, "--older-than", "0m").err
    terminal.ok("uploads", "abort", place, "--older-than", "7d", "--yes")
    assert len(uploads(ceph, ceph_bucket)) == 2
    terminal.ok("uploads", "abort", f"{place}/b/", "--older-than", "0m", "--yes")
    assert [each["Key"] for each in uploads(ceph, ceph_bucket)] == ["a"]


def test_what_a_transfer_of_ours_needs_is_only_aborted_by_name(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    place = f"T:{ceph_bucket}"
    words = ("cp", str(big), f"{place}/big")
    killed(terminal, proxy, words)
    (listed,) = terminal.ok("uploads", "list", place, "--json").records
    _, transfer = terminal.ok("transfers", "list", "--json").records
    assert (listed["ours"], listed["transfer"]) == (True, transfer["id"])
    # Whatever the connection is called.
    terminal.add("Other", proxy.endpoint)
    (same,) = terminal.ok("uploads", "list", f"Other:{ceph_bucket}", "--json").records
    assert (same["upload"], same["transfer"]) == (listed["upload"], listed["transfer"])
    adopted = terminal.run("uploads", "adopt", f"Other:{ceph_bucket}/big", str(big))
    assert (adopted.code, transfer["id"] in adopted.err) == (2, True)
    everything = ("--older-than", "0m", "--yes")
    for options in ((f"{place}/big",), (place, *everything), (f"Other:{ceph_bucket}", *everything)):
        ended = terminal.run("uploads", "abort", *options)
        assert (ended.code, transfer["id"] in ended.err) == (1, True)
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1

    terminal.ok("uploads", "abort", f"{place}/big", "--upload", listed["upload"])
    assert uploads(proxy.endpoint, ceph_bucket) == []
    # The transfer finds its upload gone, and begins again.
    (record,) = terminal.ok(*words, "--json").records
    assert (record["state"], record["bytes_reused"]) == ("completed", 0)
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])
