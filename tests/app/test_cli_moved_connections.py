"""Connections that were edited or removed while something was under way: it stays where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.app.test_cli_transfers import (
    CONTENT,
    SIZE,
    big,
    killed,
    proxy,
    runs,
    stored,
    uploads,
)
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

__all__ = ["big", "proxy"]


def edit(terminal: Terminal, endpoint: Endpoint) -> None:
    terminal.ok("connections", "edit", "T", "--endpoint", endpoint.url)


def test_what_was_begun_at_one_store_does_not_go_on_at_another(
    terminal: Terminal, proxy: FaultProxy, moto: Endpoint, ceph_bucket: str, big: Path
) -> None:
    killed(terminal, proxy, ("mv", str(big), f"T:{ceph_bucket}/big"))
    edit(terminal, moto)
    refused = terminal.run("transfers", "resume")
    assert (refused.code, refused.out) == (1, b"")
    assert f"led to {proxy.endpoint.url}; it leads to {moto.url} now" in refused.err
    assert "--same-store" in refused.err
    assert big.read_bytes() == CONTENT

    (run,) = (each for each in terminal.ok("transfers", "list", "--json").records if "verb" in each)
    assert run["hindrance"].startswith("cannot go on: This was begun when “T” led to")
    assert b"cannot go on" in terminal.ok("transfers", "list").lines[0]
    undone = terminal.run("transfers", "cancel", run["id"])
    assert (undone.code, moto.url in undone.err) == (1, True)
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1

    edit(terminal, proxy.endpoint)
    (record,) = terminal.ok("transfers", "resume", "--json").records
    assert (record["state"], record["bytes_reused"] > 0) == ("completed", True)
    assert (stored(proxy.endpoint, ceph_bucket, "big"), big.exists()) == (CONTENT, False)
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])


def test_the_same_store_by_another_name_is_gone_on_with_by_consent(
    terminal: Terminal, proxy: FaultProxy, ceph: Endpoint, ceph_bucket: str, big: Path
) -> None:
    killed(terminal, proxy, ("cp", str(big), f"T:{ceph_bucket}/big"))
    edit(terminal, ceph)
    assert terminal.run("transfers", "resume").code == 1
    (record,) = terminal.ok("transfers", "resume", "--same-store", "--json").records
    assert (record["state"], record["bytes"]) == ("completed", SIZE)
    assert record["bytes_reused"] > 0
    assert (uploads(ceph, ceph_bucket), runs(terminal)) == ([], [])


def test_the_same_command_after_an_edit_is_a_new_one(
    terminal: Terminal, proxy: FaultProxy, ceph: Endpoint, ceph_bucket: str, big: Path
) -> None:
    words = ("cp", str(big), f"T:{ceph_bucket}/big")
    killed(terminal, proxy, words)
    edit(terminal, ceph)
    (record,) = terminal.ok(*words, "--json").records
    assert (record["state"], record["bytes_reused"]) == ("completed", 0)
    assert len(terminal.ok("transfers", "list").lines) == 1  # the first one, as it was


def test_what_was_begun_at_the_first_of_a_group_does_not_go_on_at_another(
    terminal: Terminal, proxy: FaultProxy, moto: Endpoint, ceph_bucket: str, big: Path
) -> None:
    terminal.add("M", moto)
    members = ("--backend", f"T:b={ceph_bucket}"), ("--backend", "M")
    terminal.ok("group", "add", "G", *members[0], *members[1])
    killed(terminal, proxy, ("mv", str(big), "G:b/big"))
    before = f"led to {proxy.endpoint.url} (b={ceph_bucket})"
    for edited in ((*members[1], *members[0]), ("--backend", "T", *members[1])):
        terminal.ok("group", "edit", "G", *edited)
        refused = terminal.run("transfers", "resume")
        assert (refused.code, before in refused.err) == (1, True), refused.err
        assert terminal.run("transfers", "cancel", "--all").code == 1
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1
    terminal.ok("group", "edit", "G", *members[0], *members[1])
    (record,) = terminal.ok("transfers", "resume", "--json").records
    assert (record["state"], record["bytes_reused"] > 0) == ("completed", True)
    assert stored(proxy.endpoint, ceph_bucket, "big") == CONTENT


def test_what_was_to_be_deleted_at_the_first_of_a_group_is_not_deleted_at_another(
    terminal: Terminal, proxy: FaultProxy, moto: Endpoint, ceph_bucket: str
) -> None:
    terminal.add("M", moto)
    with temporary_bucket(moto) as other:
        for endpoint, bucket in ((proxy.endpoint, ceph_bucket), (moto, other)):
            with s3_client(endpoint) as client:
                client.put_object(Bucket=bucket, Key="d/x", Body=b"x")
        members = ("--backend", f"T:b={ceph_bucket}"), ("--backend", f"M:b={other}")
        terminal.ok("group", "add", "G", *members[0], *members[1])
        words = ("rm", "-r", "--yes", "G:b/d")
        killed(terminal, proxy, words, stalled="delete", method="POST")
        terminal.ok("group", "edit", "G", *members[1], *members[0])
        refused = terminal.run("transfers", "resume")
        assert (refused.code, "leads elsewhere" in refused.err) == (1, True), refused.err
        assert stored(moto, other, "d/x") == b"x"


def test_a_run_whose_connection_was_removed_says_so(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    killed(terminal, proxy, ("cp", str(big), f"T:{ceph_bucket}/big"))
    terminal.ok("connections", "remove", "T")
    (line,) = terminal.ok("transfers", "list").lines
    assert "cannot go on: The connection it was begun with is not there" in line.decode()
    refused = terminal.run("transfers", "resume")
    assert refused.code == 1
    assert f"it led to {proxy.endpoint.url}" in refused.err
    (forgotten,) = terminal.ok("transfers", "cancel", "--forget", "--all").lines
    assert proxy.endpoint.url in forgotten.decode()
    assert runs(terminal) == []


def test_a_line_is_a_run_unless_each_transfer_is_asked_for(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}").write_bytes(b"x" * 100)
    words = ("cp", "-r", str(folder), f"T:{ceph_bucket}/folder")
    killed(terminal, proxy, words, stalled="/folder/05")
    (line,) = terminal.ok("transfers", "list").lines
    run = line.decode().partition(":")[0]
    assert "unfinished, 0 B of 2." in line.decode()
    each = terminal.ok("transfers", "list", "--each").lines
    assert each == terminal.ok("transfers", "list", run).lines
    assert len(each) == len(terminal.ok("transfers", "list", "--json").records) > 1
    assert len(terminal.ok("transfers", "list", each[1].split()[0].decode()).lines) == 2
    assert terminal.run("transfers", "list", "nothing").code == 1
    undone = terminal.ok("transfers", "cancel", run).lines
    assert b"transfers, nothing of them is at the store" in b"".join(undone)
    assert len(undone) <= 6
