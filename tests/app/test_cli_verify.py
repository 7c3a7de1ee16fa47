"""`s4desk verify` against real servers, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.client import new_bucket_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

SAME, DIFFERENT = "same", "different"
ONLY_HERE, ONLY_THERE = "only-here", "only-there"


def test_objects_and_their_local_copies(
    terminal: Terminal, endpoint: Endpoint, tmp_path: Path
) -> None:
    terminal.add("T", endpoint)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    top = tmp_path / "top"
    for name, content in {"a": b"one", "deep/é": b"two", "zero": b""}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    terminal.ok("cp", "-r", str(top), f"T:{bucket}/top")

    ended = terminal.ok("verify", f"T:{bucket}/top/a")
    assert ended.out.startswith(f"verified T:{bucket}/top/a (".encode())
    terminal.ok("verify", f"T:{bucket}/top/a", str(top))
    terminal.ok("verify", f"T:{bucket}/top/a", str(top / "a"))
    records = terminal.ok("verify", "-r", f"T:{bucket}/top", str(top), "--json").records
    assert {record["key"] for record in records} == {"top/a", "top/deep/é", "top/zero"}
    assert {record["result"] for record in records} == {SAME}
    assert len(terminal.ok("verify", "-r", f"T:{bucket}").lines) == 3

    (top / "a").write_bytes(b"0ne")
    (top / "deep" / "é").unlink()
    ended = terminal.run("verify", "-r", f"T:{bucket}/top", str(top), "--json")
    told = {record["key"]: record for record in ended.records}
    assert ended.code == 1
    assert {key: record["result"] for key, record in told.items()} == {
        "top/a": DIFFERENT,
        "top/deep/é": ONLY_THERE,
        "top/zero": SAME,
    }
    differs = told["top/a"]
    assert differs["read"] != differs["other"]
    assert differs["read"] in ended.err
    assert differs["other"] in ended.err


def test_a_large_object_in_parts(terminal: Terminal, endpoint: Endpoint, tmp_path: Path) -> None:
    terminal.add("T", endpoint)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * (65 * 4096))  # above 64 MiB
    terminal.ok("cp", str(path), f"T:{bucket}/large")
    (record,) = terminal.ok("verify", f"T:{bucket}/large", str(path), "--json").records
    assert (record["result"], record["size"]) == (SAME, path.stat().st_size)
    (record,) = terminal.run("verify", f"T:{bucket}/large", "--json").records
    assert record["result"] == SAME, record


def test_what_is_not_there(terminal: Terminal, endpoint: Endpoint, tmp_path: Path) -> None:
    terminal.add("T", endpoint)
    bucket = new_bucket_name()
    terminal.ok("mb", f"T:{bucket}")
    assert terminal.run("verify", f"T:{bucket}/nothing").code == 1
    assert terminal.run("verify", "-r", f"T:{bucket}").code == 1
    assert terminal.run("verify", "-r", f"T:{bucket}", str(tmp_path / "no")).code == 2
    assert terminal.run("verify", f"T:{bucket}").code == 2


def test_what_only_one_side_has(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str], tmp_path: Path
) -> None:
    terminal.add("T", moto)
    bucket = new_bucket(moto)
    top = tmp_path / "top"
    top.mkdir()
    for name in ("a", "b"):
        (top / name).write_bytes(b"one")
    terminal.ok("cp", "-r", str(top), f"T:{bucket}/top")
    (top / "b").rename(top / "new")
    ended = terminal.run("verify", "-r", f"T:{bucket}/top", str(top))
    assert ended.code == 1
    assert f"s4desk: {top / 'new'}: It is only here" in ended.err
    assert f"s4desk: T:{bucket}/top/b: It is only there" in ended.err
    assert "Verified: 1 is the same, 1 is only there, 1 is only here." in ended.err
    records = terminal.run("verify", "-r", f"T:{bucket}/top", str(top), "--json").records
    assert [each["result"] for each in records if each["local"] == str(top / "new")] == [ONLY_HERE]
    ended = terminal.run("verify", "-r", f"T:{bucket}/nowhere", str(top))
    assert (ended.code, "2 are only here" in ended.err) == (1, True)


def test_links_that_were_left_out_are_only_here(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str], tmp_path: Path
) -> None:
    """As many as `cp -r` says it has left out; a link to itself does not end the look."""
    terminal.add("T", moto)
    bucket = new_bucket(moto)
    top = tmp_path / "top"
    (top / "deep").mkdir(parents=True)
    (top / "a").write_bytes(b"one")
    links = {"itself": "itself", "deep/back": "..", "nowhere": "absent", "out": tmp_path}
    for name, aim in links.items():
        (top / name).symlink_to(aim)
    (top / "elsewhere").symlink_to("deep")  # what is there goes at its own place
    ended = terminal.run("cp", "-r", str(top), f"T:{bucket}/top")
    assert "4 left out" in ended.err
    records = terminal.run("verify", "-r", f"T:{bucket}/top", str(top), "--json").records
    here = {each["local"] for each in records if each["result"] == ONLY_HERE}
    assert here == {str(top / name) for name in links}
    assert [each["key"] for each in records if each["result"] == SAME] == ["top/a"]
    plan = terminal.ok("sync", f"T:{bucket}/top", str(top), "--dry-run").err
    assert "2 only in the target" in plan
