"""Many mixed objects between real servers, while the destination fails and goes away: at the end
every version is where it belongs, with all that belongs to it.

S4DESK_REPLICATED says how many keys; without it there are few enough for every day. Many are for
Ceph alone: at the border of two pages LocalStack leaves out keys that a URL escapes.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.terminal import Terminal
from tests.faults.crash_lab import MIB, SETTINGS
from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import FaultProxy, dropped_reply, error_reply, slow_down, truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

KEYS = int(os.environ.get("S4DESK_REPLICATED", "250"))
PATIENCE_S = 120 + KEYS / 5
pytestmark = pytest.mark.timeout(5 * PATIENCE_S)
PIECES = (
    *(
        "plain",
        "with space",
        "ü-é-漢",
        "a+b%20c",
        "q?x=1&y",
        "#hash",
        "semi;colon",
        "quote'\"",
    ),
    *("dir/", "deep/er/", "~tilde", "(paren)", "dollar$", "at@", "comma,", "star*"),
)
LARGEST = 200 * MIB


@dataclass(slots=True)
class World:
    """What was written to the source: the versions of each key, the oldest first."""

    bucket: str
    client: Any
    has_locks: bool
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def key(self, at: int) -> str:
        return f"{at % 7}/{PIECES[at % len(PIECES)]}{at:05}"

    def put(self, at: int) -> None:
        """One more version of a key, with whatever falls to it."""
        told: dict[str, Any] = {"Body": self.chance.randbytes(self._size(at))}
        if at % 3 == 0:
            told |= {"ContentType": "text/x-own", "CacheControl": "no-cache"}
            told |= {"Metadata": {"own": f"value {at}"}}
        if at % 4 == 0:
            told["Tagging"] = f"number={at}&keep=yes"
        if self.has_locks and at % 9 == 0:
            told["ObjectLockMode"] = "GOVERNANCE"
            until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
            told["ObjectLockRetainUntilDate"] = until
        if self.has_locks and at % 13 == 0:
            told["ObjectLockLegalHoldStatus"] = "ON"
        key = self.key(at)
        self.client.put_object(Bucket=self.bucket, Key=key, **told)
        # A digest stands for many bytes, in memory and in what a failure says.
        told["Body"] = _digest(told["Body"])
        self.versions.setdefault(key, []).append(told)

    def _size(self, at: int) -> int:
        if at % 997 == 500:
            return self.chance.randrange(6 * MIB, LARGEST)
        if at % 97 == 5:
            return self.chance.randrange(6 * MIB, 17 * MIB)
        return (0, 1, 100, 4096, 70_000)[at % 5]


@pytest.fixture(params=["ceph-localstack", "localstack-ceph", "ceph-ceph", "ceph-moto"])
def ends(request: pytest.FixtureRequest) -> list[Endpoint]:
    return [request.getfixturevalue(each) for each in request.param.split("-")]


@pytest.fixture
def proxy(ends: list[Endpoint]) -> Iterator[FaultProxy]:
    with FaultProxy(ends[1]) as proxy:
        yield proxy


def test_whatever_happens_every_version_arrives(
    ends: list[Endpoint], proxy: FaultProxy, tmp_path: Path
) -> None:
    here, there = ends
    has_locks = there.server != "moto"
    terminal = Terminal(tmp_path / "home", tmp_path / "keyring.json")
    with (
        temporary_bucket(here, lock=has_locks) as source,
        temporary_bucket(there, lock=has_locks) as copies,
        s3_client(here) as client,
        s3_client(there) as its,
    ):
        for each, bucket in ((client, source), (its, copies)):
            each.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        world = World(source, client, has_locks)
        for at in range(KEYS):
            for _ in range(3 if at % 10 == 0 else 1):
                world.put(at)
        terminal.add("Here", here)
        terminal.add("There", proxy.endpoint)
        (terminal.home / "config" / "settings.toml").write_text(SETTINGS)
        rule = {"id": "r", "destination": f"There:{copies}", "versions": "all"}
        rules = tmp_path / "rules.json"
        rules.write_text(json.dumps({"rules": [rule]}))
        place = f"Here:{source}"
        terminal.ok("replication", "rules", place, "--set", str(rules), "--every", "5")
        _break(proxy)
        with _running(terminal) as told:
            _until(lambda: told.stat().st_size > 100 * KEYS // 4)
            proxy.down()
            for at in range(0, KEYS, 25):
                world.put(at)
            _until(lambda: "FAILED" in _statuses(terminal, place).values())
            proxy.up()
            wanted = sum(map(len, world.versions.values()))
            _until(lambda: list(_statuses(terminal, place).values()) == ["COMPLETED"] * wanted)
        proxy.clear()
        _check(world, its, copies)
        compared = terminal.ok("replication", "compare", place, "--json").records[-1]
        assert compared["same"] == len(world.versions)
        counted = [compared[each] for each in ("missing", "different", "unproved", "extra")]
        assert counted == [0, 0, 0, 0]


def _break(proxy: FaultProxy) -> None:
    """One request in twenty goes wrong, in one way or another."""
    chance = random.Random(11)

    def one_in(count: int) -> Callable[[object], bool]:
        return lambda _: chance.randrange(count) == 0

    for fault, method in (
        (error_reply(500, "InternalError"), None),
        (slow_down(), None),
        (error_reply(503, "ServiceUnavailable"), "PUT"),
        (dropped_reply(), "PUT"),
        (truncated(200), "PUT"),
    ):
        proxy.on(fault, method=method, where=one_in(100), times=None)


class _running:  # noqa: N801 - a context
    """A run that is told to end, and its output."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._path = terminal.home / "told.json"

    def __enter__(self) -> Path:
        self._out = self._path.open("wb")
        self._run = subprocess.Popen(
            self._terminal.command("replication", "run", "--json"),
            stdout=self._out,
            env=self._terminal.variables,
        )
        return self._path

    def __exit__(self, *_: object) -> None:
        self._run.send_signal(2)
        assert self._run.wait(30) == 130
        self._out.close()


def _statuses(terminal: Terminal, place: str) -> dict[tuple[str, str], str]:
    told = terminal.ok("replication", "status", place, "--json").records
    return {(each["key"], each["version_id"]): each["status"] for each in told}


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.5)


def _check(world: World, client: Any, bucket: str) -> None:
    """Every version, in its order; a late reply may have brought one twice, never out of order."""
    there: dict[str, list[dict[str, Any]]] = {}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in page.get("Versions", []):
            there.setdefault(each["Key"], []).insert(0, each)
    assert set(there) == set(world.versions)
    for key, versions in world.versions.items():
        found = [
            client.get_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])
            for each in there[key]
        ]
        bodies = [_digest(each["Body"].read()) for each in found]
        wanted = [each["Body"] for each in versions]
        assert _without_repeats(bodies) == _without_repeats(wanted), key
        _check_told(client, bucket, there[key][-1], found[-1], versions[-1])


def _check_told(client: Any, bucket: str, there: Any, found: Any, wanted: dict[str, Any]) -> None:
    own = {name: text for name, text in found["Metadata"].items() if "s4desk" not in name}
    assert own == wanted.get("Metadata", {})
    for name in ("ContentType", "CacheControl"):
        if name in wanted:
            assert found[name] == wanted[name]
    assert found.get("ObjectLockMode") == wanted.get("ObjectLockMode")
    assert found.get("ObjectLockRetainUntilDate") == wanted.get("ObjectLockRetainUntilDate")
    hold = found.get("ObjectLockLegalHoldStatus", "OFF")
    assert hold == wanted.get("ObjectLockLegalHoldStatus", "OFF")
    where = {"Bucket": bucket, "Key": there["Key"], "VersionId": there["VersionId"]}
    tags = client.get_object_tagging(**where)["TagSet"]
    told = {each["Key"]: each["Value"] for each in tags}
    words = filter(None, wanted.get("Tagging", "").split("&"))
    assert told == dict(each.split("=") for each in words)


def _digest(body: bytes) -> str:
    return f"{len(body)} {hashlib.sha256(body).hexdigest()}"


def _without_repeats(bodies: list[str]) -> list[str]:
    return [each for at, each in enumerate(bodies) if not at or bodies[at - 1] != each]
