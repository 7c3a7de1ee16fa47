"""Two real stores with rules that face each other: the newer edit wins, and then all is still."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.terminal import Terminal
from tests.faults.crash_lab import SETTINGS
from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import FaultProxy, Trickle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


APART_S = 4.0
"""So long after each other that whole seconds tell."""
MANY = 12


@dataclass(slots=True)
class Ends:
    terminal: Terminal
    here: tuple[Any, str]
    there: tuple[Any, str]
    proxy: FaultProxy

    def rules(self, *, back: bool = True, **more: Any) -> None:
        here, there = f"Here:{self.here[1]}", f"There:{self.there[1]}"
        folder = self.terminal.home.parent
        _rule(self.terminal, folder, here, there, id="r", **more)
        if back:
            _rule(self.terminal, folder, there, here, id="back", **more)
        else:
            self.terminal.ok("replication", "rules", there, "--set", _no_rules(folder))

    def put(self, end: tuple[Any, str], body: bytes, keys: list[str], **told: Any) -> None:
        client, bucket = end
        for key in keys:
            client.put_object(Bucket=bucket, Key=key, Body=body, **told)

    def bodies(self, keys: list[str]) -> list[set[bytes]]:
        return [
            {client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
            for client, bucket in (self.here, self.there)
        ]

    def run(self, *words: str) -> dict[str, Any]:
        told = self.terminal.ok("replication", "run", "--once", "--json", *words).records
        ended: dict[str, Any] = told[-1]
        return ended

    def until_still(self) -> None:
        for _ in range(2):
            self.run()
        ended = self.run()
        assert (ended["replicated"], ended["failed"]) == (0, 0)

    def statuses(self, of: str) -> set[str]:
        told = self.terminal.ok("replication", "status", of, "--json").records
        return {each["status"] for each in told}


@pytest.fixture(params=["ceph-localstack", "ceph-moto"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ends]:
    here, there = (request.getfixturevalue(each) for each in request.param.split("-"))
    terminal = Terminal(tmp_path / "home", tmp_path / "keyring.json")
    proxy = FaultProxy(there)
    with (
        temporary_bucket(here) as one,
        temporary_bucket(there) as other,
        s3_client(here) as client,
        s3_client(there) as its,
    ):
        terminal.add("Here", here)
        terminal.add("There", proxy.start())
        (terminal.home / "config" / "settings.toml").write_text(SETTINGS)
        ends = Ends(terminal, (client, one), (its, other), proxy)
        ends.rules()
        yield ends
        proxy.stop()


def _rule(terminal: Terminal, folder: Path, source: str, destination: str, **more: Any) -> None:
    rules = folder / "rules.json"
    rules.write_text(json.dumps({"rules": [{"destination": destination} | more]}))
    terminal.ok("replication", "rules", source, "--set", str(rules))


def _no_rules(folder: Path) -> str:
    rules = folder / "none.json"
    rules.write_text(json.dumps({"rules": []}))
    return str(rules)


def test_edits_at_both_ends(ends: Ends) -> None:
    keys = [f"k{at:02}" for at in range(MANY)]
    ends.put(ends.here, b"first", keys)
    ends.until_still()
    assert ends.bodies(keys) == [{b"first"}] * 2

    # In either order, and between two runs.
    for older, newer in ((ends.here, ends.there), (ends.there, ends.here)):
        ends.put(older, b"the older edit", keys)
        time.sleep(APART_S)
        ends.put(newer, b"the newer edit", keys)
        ended = ends.run()
        assert (ended["replicated"], ended["failed"]) == (MANY, 0)
        assert ends.bodies(keys) == [{b"the newer edit"}] * 2
        ends.until_still()
        assert ends.bodies(keys) == [{b"the newer edit"}] * 2
        for of in (f"Here:{ends.here[1]}", f"There:{ends.there[1]}"):
            assert ends.statuses(of) <= {"COMPLETED", "REPLICA"}


def test_a_program_that_keeps_metadata_writes_over_a_replica(ends: Ends) -> None:
    keys = [f"k{at:02}" for at in range(MANY)]
    ends.put(ends.here, b"first", keys, Metadata={"own": "yes"})
    ends.until_still()
    client, bucket = ends.there
    kept = client.head_object(Bucket=bucket, Key=keys[0])["Metadata"]
    assert "s4desk-replication-status" in kept
    for key in keys:
        kept = client.head_object(Bucket=bucket, Key=key)["Metadata"]
        ends.put(ends.there, b"other", [key], Metadata=kept)
    ended = ends.run()
    assert (ended["replicated"], ended["failed"]) == (MANY, 0)
    ends.until_still()
    assert ends.bodies(keys) == [{b"other"}] * 2


# Versions, and who writes while a replica is under way


def _versioned(end: tuple[Any, str]) -> None:
    client, bucket = end
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def _delete_newest(end: tuple[Any, str], key: str) -> None:
    client, bucket = end
    newest = client.head_object(Bucket=bucket, Key=key)["VersionId"]
    client.delete_object(Bucket=bucket, Key=key, VersionId=newest)


def test_an_older_version_is_not_put_over_what_came_back(ends: Ends) -> None:
    for end in (ends.here, ends.there):
        _versioned(end)
    ends.rules(versions="all")
    ends.put(ends.here, b"the older edit", ["k"])
    time.sleep(APART_S)
    ends.put(ends.there, b"the newer edit", ["k"])
    ends.run("--rule", "back")
    ends.until_still()
    assert ends.bodies(["k"]) == [{b"the newer edit"}] * 2


def test_what_comes_to_light_again_replaces_nothing(ends: Ends) -> None:
    _versioned(ends.here)
    ends.put(ends.here, b"the older edit", ["k"])
    ends.until_still()
    time.sleep(APART_S)
    ends.put(ends.there, b"the newer edit", ["k"])
    ends.until_still()
    assert ends.bodies(["k"]) == [{b"the newer edit"}] * 2
    _delete_newest(ends.here, "k")
    ends.until_still()
    assert ends.bodies(["k"]) == [{b"the older edit"}, {b"the newer edit"}]


def test_one_way_nothing_is_rolled_back(ends: Ends) -> None:
    _versioned(ends.here)
    ends.rules(back=False)
    ends.put(ends.here, b"older", ["k"])
    time.sleep(1.2)
    ends.put(ends.here, b"newer", ["k"])
    ends.until_still()
    _delete_newest(ends.here, "k")
    ends.until_still()
    assert ends.bodies(["k"]) == [{b"older"}, {b"newer"}]
    client, bucket = ends.here
    client.put_object(Bucket=bucket, Key="k", Body=b"older")
    ends.until_still()
    assert ends.bodies(["k"]) == [{b"older"}] * 2


def test_who_writes_while_a_replica_arrives_is_not_overwritten(ends: Ends) -> None:
    ends.put(ends.there, b"first", ["k"])
    ends.until_still()
    time.sleep(APART_S)
    ends.put(ends.here, b"A" * (6 << 20), ["k"])
    time.sleep(APART_S)
    ends.proxy.on(Trickle(2 << 20, "request"), method="PUT", times=None, path_re="/k")

    def quicker() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            under_way = [each for each in ends.proxy.requests if each.method == "PUT"]
            if any(each.body_bytes > 1 << 20 for each in under_way):
                break
            time.sleep(0.02)
        ends.put(ends.there, b"newest, by a person", ["k"])

    person = Thread(target=quicker)
    person.start()
    ends.terminal.run("replication", "run", "--once")
    person.join()
    ends.proxy.clear()
    client, bucket = ends.there
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"newest, by a person"
    ends.until_still()
    assert ends.bodies(["k"]) == [{b"newest, by a person"}] * 2
