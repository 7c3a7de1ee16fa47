"""`s4desk sync` on real servers: up, down, and what it deletes only when all went well."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.transfer.sync import FEW
from tests.app.test_cli_moves import keys
from tests.app.test_cli_objects import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

OLD_S = 1_000_000_000


def write(folder: Path, **files: bytes) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (OLD_S, OLD_S))


def test_a_folder_there_and_back(
    terminal: Terminal, endpoint: Endpoint, bucket: str, tmp_path: Path
) -> None:
    terminal.add("T", endpoint)
    here, there = tmp_path / "here", f"T:{bucket}/there"
    write(here, a=b"one", b=b"two")
    assert len(terminal.ok("sync", str(here), there, "--json").records) == 2
    again = terminal.ok("sync", str(here), there, "--json")
    assert (again.records, "nothing to move" in again.err) == ([], True)

    write(here, a=b"three", c=b"new")
    (here / "b").unlink()
    told = terminal.ok("sync", str(here), there, "--delete", "--dry-run", "--json").records
    assert {(r["change"], str(r["target"]).rpartition("/")[2]) for r in told} == {
        ("changed", "a"),
        ("new", "c"),
        ("gone", "b"),
    }
    assert keys(endpoint, bucket) == {"there/a": b"one", "there/b": b"two"}

    assert "--delete" in terminal.ok("sync", str(here), there).err
    assert keys(endpoint, bucket)["there/b"] == b"two"
    terminal.ok("sync", str(here), there, "--delete")
    assert keys(endpoint, bucket) == {"there/a": b"three", "there/c": b"new"}

    back = tmp_path / "back"
    write(back, a=b"three", gone=b"only here")
    terminal.ok("sync", there, str(back), "--delete", "--compare", "checksum")
    assert contents(back) == contents(here)


def test_what_cannot_be_read_is_not_deleted_there(
    terminal: Terminal, endpoint: Endpoint, bucket: str, tmp_path: Path
) -> None:
    terminal.add("T", endpoint)
    here, there = tmp_path / "here", f"T:{bucket}/there"
    write(here, a=b"one", b=b"two")
    terminal.ok("sync", str(here), there)
    (here / "b").unlink()
    (here / "b").symlink_to("nowhere")
    terminal.ok("cp", str(here / "a"), f"{there}/gone")
    told = terminal.run("sync", str(here), there, "--delete")
    assert (told.code, "1 left out" in told.err) == (1, True)
    assert "1 object only the target has is left: what may hold it in the source" in told.err
    assert "its name cannot be had" not in told.err
    # What could not be looked at spares only what has its name.
    assert set(keys(endpoint, bucket)) == {"there/a", "there/b"}


def test_an_empty_source_empties_nothing_by_itself(
    terminal: Terminal, endpoint: Endpoint, bucket: str, tmp_path: Path
) -> None:
    terminal.add("T", endpoint)
    here, there = tmp_path / "here", f"T:{bucket}/there"
    write(here, a=b"one")
    terminal.ok("sync", str(here), there)
    (tmp_path / "unmounted").mkdir()
    refused = terminal.run("sync", str(tmp_path / "unmounted"), there, "--delete")
    assert (refused.code, "--yes" in refused.err) == (1, True)
    assert set(keys(endpoint, bucket)) == {"there/a"}
    terminal.ok("sync", str(tmp_path / "unmounted"), there, "--delete", "--yes")
    assert keys(endpoint, bucket) == {}


def test_a_folder_of_a_store_made_like_another(
    terminal: Terminal,
    endpoint: Endpoint,
    bucket: str,
    new_bucket: Callable[..., str],
    tmp_path: Path,
) -> None:
    terminal.add("T", endpoint)
    other = new_bucket(endpoint)
    write(tmp_path / "here", a=b"one", b=b"two")
    terminal.ok("sync", str(tmp_path / "here"), f"T:{bucket}")
    for name in ("a", "old"):
        terminal.ok("cp", str(tmp_path / "here" / "a"), f"T:{other}/copy/{name}")
    terminal.ok("sync", f"T:{bucket}", f"T:{other}/copy", "--delete")
    assert keys(endpoint, other) == {"copy/a": b"one", "copy/b": b"two"}


@pytest.mark.parametrize(
    "words", [("T:b/x", "T:b/x/y"), ("T:b", "T:b"), ("nowhere", "T:b"), (".", "elsewhere")]
)
def test_what_has_no_meaning(terminal: Terminal, moto: Endpoint, words: tuple[str, str]) -> None:
    terminal.add("T", moto)
    assert terminal.run("sync", *words).code == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_connection_to_the_source_is_no_target(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str], tmp_path: Path, host: str
) -> None:
    terminal.add("C", moto)
    alias = replace(moto, url=moto.url.replace("127.0.0.1", host).replace("http:", "HTTP:") + "/")
    terminal.add("L", alias)
    bucket = new_bucket(moto)
    write(tmp_path / "here", x1=b"AAAA", x2=b"AAAA")
    terminal.ok("sync", str(tmp_path / "here"), f"C:{bucket}/fold")
    for source, target in (
        (f"C:{bucket}/fold", f"L:{bucket}"),
        (f"C:{bucket}", f"L:{bucket}/sub"),
        (f"C:{bucket}", f"L:{bucket}"),
    ):
        for options in ((), ("--dry-run",)):
            ended = terminal.run("sync", source, target, "--delete", "--yes", *options)
            assert ended.code == 2, ended.err
            assert ("look like" in ended.err) == (host == "localhost")
    assert not terminal.ok("transfers", "list", "--json").records
    assert set(keys(moto, bucket)) == {"fold/x1", "fold/x2"}


def test_what_cannot_come_to_its_place_fails_in_words(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str], tmp_path: Path
) -> None:
    terminal.add("T", moto)
    bucket, here, back = new_bucket(moto), tmp_path / "here", tmp_path / "back"
    write(here, y=b"one")
    terminal.ok("sync", str(here), f"T:{bucket}/x")
    terminal.ok("cp", str(here / "y"), f"T:{bucket}/.NAME.ab-cd.s4part")
    write(back, x=b"a file")
    for options in (("--dry-run",), ("--delete", "--yes"), ()):
        ended = terminal.run("sync", f"T:{bucket}", str(back), *options)
        assert ended.code == 1
        assert f"remove or rename the local file. ({back / 'x'})" in ended.err
        assert ".NAME.ab-cd.s4part: A file of this name here" in ended.err
    assert contents(back) == {"x": b"a file"}


def test_from_when_on_it_is_asked_is_said(terminal: Terminal) -> None:
    """In the help as it is in the code."""
    told = " ".join(terminal.ok("sync", "--help").out.decode().split())
    assert f"more than half of it would go and that is more than {FEW} things" in told


def test_most_of_the_target_goes_only_when_somebody_said_so(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str], tmp_path: Path
) -> None:
    terminal.add("T", moto)
    bucket, here = new_bucket(moto), tmp_path / "here"
    write(here, **{f"n{number:02}": b"one" for number in range(16)})
    terminal.ok("sync", str(here), f"T:{bucket}")
    for number in range(5, 16):
        (here / f"n{number:02}").unlink()
    said = "would remove 11 of the 16 things"
    told = terminal.ok("sync", str(here), f"T:{bucket}", "--delete", "--dry-run").err
    assert (said in told, f"more than half of them, and more than {FEW}." in told) == (True, True)
    refused = terminal.run("sync", str(here), f"T:{bucket}", "--delete")
    assert (refused.code, said in refused.err, "--yes" in refused.err) == (1, True, True)
    assert len(keys(moto, bucket)) == 16
    terminal.ok("sync", str(here), f"T:{bucket}", "--delete", "--yes")
    assert len(keys(moto, bucket)) == 5
    (here / "n00").rename(tmp_path / "n00")
    terminal.ok("sync", str(here), f"T:{bucket}", "--delete")
    assert len(keys(moto, bucket)) == 4


@pytest.mark.parametrize("options", [(), ("--delete", "--yes"), ("--delete", "--dry-run")])
def test_a_source_that_is_not_there_empties_nothing(
    terminal: Terminal, moto: Endpoint, moto_bucket: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    terminal.add("T", moto)
    here = tmp_path / "here"
    write(here, a=b"one")
    terminal.ok("cp", str(here / "a"), f"T:{moto_bucket}/object")
    for mistyped in ("typo", "typo/", "object"):
        ended = terminal.run("sync", f"T:{moto_bucket}/{mistyped}", str(here), *options)
        assert ended.code == 1
        assert "does not exist" in ended.err
    assert contents(here) == {"a": b"one"}
    assert terminal.ok("transfers", "list", "--json").records == []
