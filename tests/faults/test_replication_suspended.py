"""A bucket whose versioning is suspended still has its versions, and one that is written over: the
null version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.terminal import Terminal
from tests.faults.crash_lab import SETTINGS
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class World:
    """A source whose versioning goes on and off, and a destination that keeps versions."""

    def __init__(self, terminal: Terminal, folder: Path, source: Any, copies: Any) -> None:
        self.terminal = terminal
        self.file = folder / "rules.json"
        self.client, self.bucket = source
        self.its, self.copies = copies

    def rule(self, **more: Any) -> None:
        rule = {"id": "r", "destination": f"There:{self.copies}"} | more
        self.file.write_text(json.dumps({"rules": [rule]}))
        self.terminal.ok("replication", "rules", f"Here:{self.bucket}", "--set", str(self.file))

    def turn(self, status: str) -> None:
        versioning = {"Status": status}
        self.client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration=versioning)

    def put(self, *bodies: str, key: str = "a") -> None:
        for body in bodies:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body.encode())

    def run(self) -> dict[str, Any]:
        told = self.terminal.ok("replication", "run", "--once", "--json").records
        ended: dict[str, Any] = told[-1]
        return ended

    def forget(self) -> None:
        """The table is lost."""
        for file in self.terminal.home.rglob("replication.sqlite*"):
            file.unlink()

    def history(self, key: str = "a") -> list[str]:
        """What the destination has of a key, the newest first; a marker as nothing."""
        found = self.its.list_object_versions(Bucket=self.copies, Prefix=key)
        rows = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        latest = sorted(rows, key=lambda each: (each["IsLatest"], each["LastModified"]))
        return [self._body(each) for each in reversed(latest)]

    def _body(self, row: dict[str, Any]) -> str:
        if "Size" not in row:
            return ""
        got = self.its.get_object(Bucket=self.copies, Key=row["Key"], VersionId=row["VersionId"])
        body: bytes = got["Body"].read()
        return body.decode()


@pytest.fixture(params=["ceph-ceph", "ceph-localstack", "localstack-ceph"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    here, there = (request.getfixturevalue(each) for each in request.param.split("-"))
    terminal = Terminal(tmp_path / "home", tmp_path / "keyring.json")
    with (
        temporary_bucket(here) as source,
        temporary_bucket(there) as copies,
        s3_client(here) as client,
        s3_client(there) as its,
    ):
        terminal.add("Here", here)
        terminal.add("There", there)
        (terminal.home / "config" / "settings.toml").write_text(SETTINGS)
        its.put_bucket_versioning(Bucket=copies, VersioningConfiguration={"Status": "Enabled"})
        yield World(terminal, tmp_path, (client, source), (its, copies))


def test_every_version_and_each_null_version_that_is_seen(world: World) -> None:
    world.rule(versions="all", delete_markers=True)
    world.put("before")
    world.turn("Enabled")
    world.put("one", "two")
    world.turn("Suspended")
    world.put("null")
    assert world.run()["failed"] == 0
    # What was there before versioning was the null version, too: it is gone.
    assert set(world.history()) == {"one", "two", "null"}
    assert world.history()[0] == "null"
    world.put("null again, longer")
    assert world.run()["replicated"] == 1
    assert world.history()[0] == "null again, longer"
    assert world.run()["replicated"] == 0

    world.client.delete_object(Bucket=world.bucket, Key="a")
    assert world.run()["failed"] == 0
    assert world.history()[0] == ""
    world.turn("Enabled")
    world.put("three")
    assert world.run()["failed"] == 0
    assert world.history()[0] == "three"


def test_a_null_version_below_others_is_read_as_itself(world: World) -> None:
    world.put("before")
    world.turn("Enabled")
    world.put("one")
    world.rule(versions="all")
    assert world.run()["failed"] == 0
    assert set(world.history()) == {"before", "one"}
    assert world.history()[0] == "one"
    world.forget()
    ended = world.run()
    assert (ended["replicated"], ended["found"], ended["failed"]) == (0, 2, 0)


def test_only_the_latest(world: World) -> None:
    world.rule()
    world.turn("Enabled")
    world.put("one")
    world.turn("Suspended")
    for body in ("null", "null again"):
        world.put(body)
        assert world.run()["replicated"] == 1
        assert world.history()[0] == body
    world.turn("Enabled")
    world.put("two")
    assert world.run()["replicated"] == 1
    assert world.history()[0] == "two"
    assert set(world.history()) == {"two", "null again", "null"}
