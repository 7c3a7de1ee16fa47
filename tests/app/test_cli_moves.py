"""`s4desk mv`, and copies between two connections, on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.test_cli_objects import contents
from tests.servers.client import s3_client
from tests.servers.fault import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "top"
    for name, content in {"a.txt": b"one", "sub/é b": b"two" * 9000, "zero": b""}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    (top / "empty" / "deep").mkdir(parents=True)
    return top


def keys(endpoint: Endpoint, bucket: str) -> dict[str, bytes]:
    with s3_client(endpoint) as client:
        found = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            each["Key"]: client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for each in found
        }


def test_a_folder_on_its_way_through_everything(
    terminal: Terminal,
    endpoint: Endpoint,
    bucket: str,
    new_bucket: Callable[..., str],
    tree: Path,
    tmp_path: Path,
) -> None:
    other = new_bucket(endpoint)
    terminal.add("T", endpoint)
    terminal.add("U", endpoint)
    before = contents(tree)

    up = terminal.ok("mv", "-r", str(tree), f"T:{bucket}/p", "--json").records
    assert {(r["direction"], r["state"]) for r in up} == {("upload", "completed")}
    assert not tree.exists()
    assert set(keys(endpoint, bucket)) == {"p/a.txt", "p/sub/é b", "p/zero", "p/empty/deep/"}

    terminal.ok("mv", "-r", f"T:{bucket}/p", f"T:{bucket}/q")
    assert set(keys(endpoint, bucket)) == {"q/a.txt", "q/sub/é b", "q/zero", "q/empty/deep/"}

    copied = terminal.ok("cp", "-r", f"T:{bucket}/q", f"U:{other}/copy", "--json").records
    assert {(r["direction"], r["state"]) for r in copied} == {("copy", "completed")}
    assert all(r["verified"] for r in copied)
    assert len(keys(endpoint, bucket)) == len(keys(endpoint, other)) == 4
    terminal.ok("mv", "-r", f"T:{bucket}/q", f"U:{other}/r")
    assert keys(endpoint, bucket) == {}
    there = keys(endpoint, other)
    assert {key: body for key, body in there.items() if key.startswith("r/")} == {
        f"r{key.removeprefix('copy')}": body
        for key, body in there.items()
        if key.startswith("copy/")
    }

    terminal.ok("mv", "-r", f"U:{other}/r", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == before
    assert set(keys(endpoint, other)) == {
        f"copy/{name}" for name in ("a.txt", "sub/é b", "zero", "empty/deep/")
    }


def test_what_is_there_already(
    terminal: Terminal, moto: Endpoint, moto_bucket: str, tmp_path: Path
) -> None:
    terminal.add("T", moto)
    file = tmp_path / "file"
    file.write_bytes(b"new")
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="file", Body=b"old")

    refused = terminal.run("mv", str(file), f"T:{moto_bucket}/file")
    assert refused.code == 1
    assert "--overwrite" in refused.err
    terminal.ok("mv", "--skip", str(file), f"T:{moto_bucket}/file")
    assert (file.read_bytes(), keys(moto, moto_bucket)) == (b"new", {"file": b"old"})

    terminal.ok("mv", "--if-different", str(file), f"T:{moto_bucket}/file")
    assert (file.exists(), keys(moto, moto_bucket)) == (False, {"file": b"new"})
    file.write_bytes(b"new")
    terminal.ok("mv", "--if-different", str(file), f"T:{moto_bucket}/file")
    assert (file.exists(), keys(moto, moto_bucket)) == (False, {"file": b"new"})


@pytest.mark.parametrize(
    ("source", "target"), [("dir", "dir/sub"), ("dir/a", "dir/a"), ("dir", "dir")]
)
def test_nothing_is_moved_into_itself(
    terminal: Terminal, moto: Endpoint, moto_bucket: str, source: str, target: str
) -> None:
    terminal.add("T", moto)
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="dir/a", Body=b"x")
    words = ("mv", "-r", f"T:{moto_bucket}/{source}", f"T:{moto_bucket}/{target}")
    refused = terminal.run(*words)
    assert refused.code == 2
    assert "itself" in refused.err
    assert keys(moto, moto_bucket) == {"dir/a": b"x"}


def test_a_source_that_may_not_be_deleted_is_all_that_is_left_to_do(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
) -> None:
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="k", Body=b"1234")
    words = ("mv", f"T:{ceph_bucket}/k", str(tmp_path / "k"))
    for _ in range(2):
        proxy.on(Reply(403), method="DELETE")
        refused = terminal.run(*words)
        assert refused.code == 1
        assert "All of it is there; its source stays too, for it could not be deleted" in (
            refused.err
        )
        assert (tmp_path / "k").read_bytes() == b"1234"
    proxy.clear()
    before = len(proxy.requests)
    (moved,) = terminal.ok(*words, "--json").records
    assert (moved["state"], moved["bytes_sent"]) == ("completed", 0)
    assert not [each for each in proxy.requests[before:] if each.method == "GET"]
    assert keys(ceph, ceph_bucket) == {}
    assert not list((terminal.home / "data" / "runs").glob("*"))
