"""A sync after an outage of the first of a group, by whatever connection it goes to the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Ended, Terminal
    from tests.servers.endpoint import Endpoint

NOBODY = "http://127.0.0.1:1"
OLD, NEW = b"old content", b"new content"


class Shop:
    """A group G of A and B, of which B has an older object, and a bucket for copies of it, which
    two connections lead to, C and D."""

    def __init__(self, terminal: Terminal, server: Endpoint, *buckets: str) -> None:
        self.terminal = terminal
        self.server = server
        self.home, self.other, self.copies = buckets

    def put(self, bucket: str, key: str, body: bytes) -> None:
        with s3_client(self.server) as client:
            client.put_object(Bucket=bucket, Key=key, Body=body)

    def copied(self) -> dict[str, bytes]:
        with s3_client(self.server) as client:
            listed = client.list_objects_v2(Bucket=self.copies).get("Contents", [])
            names = [each["Key"] for each in listed]
            return {
                name: client.get_object(Bucket=self.copies, Key=name)["Body"].read()
                for name in names
            }

    def lose_home(self) -> None:
        self.terminal.ok("connections", "edit", "A", "--endpoint", NOBODY)

    def find_home(self) -> None:
        self.terminal.ok("connections", "edit", "A", "--endpoint", self.server.url)

    def sync(self, connection: str, *options: str) -> Ended:
        place = f"{connection}:{self.copies}/to/"
        return self.terminal.ok("sync", "G:photos/from/", place, "--json", *options)


@pytest.fixture
def shop(terminal: Terminal, moto: Endpoint) -> Iterator[Shop]:
    for name in "ABCD":
        terminal.add(name, moto)
    with (
        temporary_bucket(moto) as home,
        temporary_bucket(moto) as other,
        temporary_bucket(moto) as copies,
    ):
        backends = ("--backend", f"A:photos={home}", "--backend", f"B:photos={other}")
        terminal.ok("group", "add", "G", *backends)
        shop = Shop(terminal, moto, home, other, copies)
        shop.put(other, "from/one", OLD)
        shop.put(home, "from/one", NEW)
        shop.lose_home()
        yield shop


def transfers(ended: Ended) -> list[tuple[str, str]]:
    return [(each["event"], each["state"]) for each in ended.records if "state" in each]


def test_the_newer_object_comes_with_the_next_sync(shop: Shop) -> None:
    """It was there before the copy, and is as long."""
    assert transfers(shop.sync("C")) == [("done", "completed")]
    assert shop.copied() == {"to/one": OLD}
    shop.find_home()
    for how in ("size+mtime", "size"):
        rehearsed = shop.sync("D", "--dry-run", "--compare", how)
        (difference,) = rehearsed.records
        assert (difference["change"], difference["why"]) == ("changed", "older")
        assert "Of what is at the target 1 came of another member" in rehearsed.err
    ended = shop.sync("D")
    assert transfers(ended) == [("done", "completed")]
    assert "may be older: it counts as changed" in ended.err
    assert shop.copied() == {"to/one": NEW}
    for third in (shop.sync("C", "--dry-run"), shop.sync("C")):
        assert (third.records, "older" in third.err) == ([], False)


def test_nothing_is_replaced_while_it_is_down_still(shop: Shop) -> None:
    shop.sync("C")
    again = shop.sync("C")
    assert (again.records, "counts as changed" in again.err) == ([], False)
    shop.find_home()
    shop.sync("C")
    assert shop.copied() == {"to/one": NEW}


@pytest.mark.parametrize("way", ["sync", "cp", "cp many"])
def test_so_does_what_is_newer_than_a_file(shop: Shop, tmp_path: Path, way: str) -> None:
    """Though the other got what it has after that was written."""
    (there := tmp_path / "there").mkdir()
    if way == "cp many":
        for at in range(20):
            shop.put(shop.other, f"from/more/{at}", OLD)
    shop.put(shop.other, "from/one", OLD)
    verb = ("sync",) if way == "sync" else ("cp", "-r")
    shop.terminal.ok(*verb, "G:photos/from/", str(there))
    assert (there / "one").read_bytes() == OLD
    shop.find_home()
    for how in ("size+mtime", "size"):
        rehearsed = shop.terminal.ok(
            "sync", "G:photos/from/", str(there), "--json", "--dry-run", "--compare", how
        )
        (why,) = [each["why"] for each in rehearsed.records if each["change"] == "changed"]
        assert why == "older"
        assert "Of what is at the target" in rehearsed.err
    shop.terminal.ok("sync", "G:photos/from/", str(there))
    assert (there / "one").read_bytes() == NEW
    assert not shop.terminal.ok("sync", "G:photos/from/", str(there), "--json").records


def test_what_cp_copied_is_known_to_sync(shop: Shop) -> None:
    shop.terminal.ok("cp", "-r", "G:photos/from/", f"C:{shop.copies}/to/")
    assert shop.copied() == {"to/one": OLD}
    shop.find_home()
    shop.sync("C")
    assert shop.copied() == {"to/one": NEW}


def test_who_has_no_outage_has_no_file(shop: Shop) -> None:
    shop.find_home()
    shop.sync("C")
    shop.terminal.ok("sync", f"C:{shop.copies}/to/", f"C:{shop.copies}/again/")
    assert shop.copied() == {"to/one": NEW, "again/one": NEW}
    assert not list(shop.terminal.home.rglob("older-copies*"))
