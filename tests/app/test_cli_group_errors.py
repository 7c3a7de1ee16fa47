"""What verbs say of a group whose backends call its bucket otherwise, and of which one fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

WRONG, STRANGER, DOWN = "Wrong", "Stranger", "Down"


class Shop:
    """Groups called G of two backends, the second of which is B. Of all of them `photos` is a
    bucket, which has other names at the backends; `key` is at both."""

    def __init__(self, terminal: Terminal, *buckets: str) -> None:
        self.terminal = terminal
        self.buckets = buckets

    def open(self, home: str) -> None:
        first, second = self.buckets
        backends = (f"{home}:photos={first}", f"B:photos={second}")
        self.terminal.ok("group", "add", "G", "--backend", backends[0], "--backend", backends[1])

    def said(self, *words: str) -> str:
        """By a verb that fails; no name of a bucket as a backend has it is in it."""
        ended = self.terminal.run(*words)
        assert ended.code == 1, words
        assert not any(each in ended.err for each in self.buckets)
        return ended.err.removeprefix("s4desk: ").strip()


@pytest.fixture
def shop(terminal: Terminal, ceph: Endpoint) -> Iterator[Shop]:
    stranger = replace(ceph, access_key=ceph.access_key2, secret_key=ceph.secret_key2)
    terminal.add("A", ceph)
    terminal.add("B", ceph)
    terminal.add(WRONG, replace(ceph, secret_key="of-somebody-else"))
    terminal.add(STRANGER, stranger)
    terminal.add(DOWN, ceph)
    terminal.ok("connections", "edit", DOWN, "--endpoint", "http://127.0.0.1:1")
    with temporary_bucket(ceph) as first, temporary_bucket(ceph) as second:
        with s3_client(ceph) as client:
            for bucket in (first, second):
                client.put_object(Bucket=bucket, Key="key", Body=b"x")
        yield Shop(terminal, first, second)


def test_what_is_at_no_backend_is_missing_in_the_group(shop: Shop, tmp_path: Path) -> None:
    shop.open("A")
    nowhere = "No member of the group “G” has a bucket that it calls “nosuch”."
    assert shop.said("ls", "G:nosuch").startswith(nowhere)
    assert shop.said("du", "G:nosuch/x").startswith(nowhere)
    missing = "“G:photos/nosuch” does not exist."
    assert shop.said("stat", "G:photos/nosuch").startswith(missing)
    assert shop.said("cp", "G:photos/nosuch", str(tmp_path / "down")).startswith(missing)
    assert shop.said("ls", "G:photos/nosuch").startswith(missing)


def test_what_is_not_at_home_is_missing_there(shop: Shop) -> None:
    shop.open("A")
    said = shop.said("rb", "G:nosuch")
    assert said.startswith("A: There is no bucket there that the group “G” calls “nosuch”.")
    assert shop.said("rb", "G:photos").startswith("A: The bucket “photos” is not empty.")


def test_wrong_keys_are_those_of_a_backend(shop: Shop) -> None:
    shop.open(WRONG)
    shop.terminal.ok("stat", "G:photos/key")
    refused = "Wrong: The secret key is wrong. Enter it again in the connection"
    assert shop.said("ls", "G:nosuch").startswith(refused)
    assert shop.said("rm", "G:photos/key").startswith(refused)
    said = shop.said("ls", "G:photos/nosuch/")
    assert said.startswith("Whether “G:photos/nosuch/” exists is not known: it is not at B, and")
    assert "Wrong: The secret key is wrong. Wrong: Enter it again in the connection" in said


def test_what_may_not_be_done_is_said_of_a_backend(shop: Shop) -> None:
    shop.open(STRANGER)
    shop.terminal.ok("stat", "G:photos/key")
    refused = "Stranger: This key may not {deed} “G:photos{rest}”. Ask the owner of the bucket"
    said = shop.said("stat", "G:photos/nosuch")
    assert said.startswith(refused.format(deed="look at", rest="/nosuch"))
    said = shop.said("rm", "G:photos/key")
    assert said.startswith(refused.format(deed="delete", rest="/key"))


def test_what_nobody_knows_while_home_is_down_has_a_name(shop: Shop) -> None:
    shop.open(DOWN)
    unknown = (
        "Whether “G:{path}” exists is not known: it is not at B, and not every member could say."
        " Down: Nothing answers at the store's address"
    )
    assert shop.said("ls", "G:nosuch").startswith(unknown.format(path="nosuch"))
    assert shop.said("ls", "G:nosuch/x").startswith(unknown.format(path="nosuch"))
    assert shop.said("stat", "G:nosuch/x").startswith(unknown.format(path="nosuch/x"))
    said = shop.said("stat", "G:photos/nosuch")
    assert said.startswith(unknown.format(path="photos/nosuch"))
    assert "Try again when all members of the group answer." in said
    assert shop.said("rm", "G:photos/key").startswith("Down: Nothing answers")
