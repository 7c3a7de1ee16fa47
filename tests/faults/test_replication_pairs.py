"""Two real stores with rules that face each other: the newer edit wins, and then all is still."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.terminal import Terminal
from tests.faults.crash_lab import SETTINGS
from tests.servers.client import s3_client, temporary_bucket

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

    def put(self, end: tuple[Any, str], body: bytes, keys: list[str], **told: Any) -> None:
        client, bucket = end
        for key in keys:
            client.put_object(Bucket=bucket, Key=key, Body=body, **told)

    def bodies(self, keys: list[str]) -> list[set[bytes]]:
        return [
            {client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
            for client, bucket in (self.here, self.there)
        ]

    def run(self) -> dict[str, Any]:
        told = self.terminal.ok("replication", "run", "--once", "--json").records
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
    with (
        temporary_bucket(here) as one,
        temporary_bucket(there) as other,
        s3_client(here) as client,
        s3_client(there) as its,
    ):
        terminal.add("Here", here)
        terminal.add("There", there)
        (terminal.home / "config" / "settings.toml").write_text(SETTINGS)
        _rule(terminal, tmp_path, f"Here:{one}", f"There:{other}")
        _rule(terminal, tmp_path, f"There:{other}", f"Here:{one}")
        yield Ends(terminal, (client, one), (its, other))


def _rule(terminal: Terminal, folder: Path, source: str, destination: str) -> None:
    rules = folder / "rules.json"
    rules.write_text(json.dumps({"rules": [{"id": "r", "destination": destination}]}))
    terminal.ok("replication", "rules", source, "--set", str(rules))


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
