"""`kill -9` of a run that replicates, at any step: the next run ends on the newest bytes."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.app.terminal import Terminal
from tests.faults.crash_lab import PART, REACHED_S, SETTINGS, Moment
from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import FaultProxy, Stall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

OLD = random.Random(1).randbytes(3 * PART + 17)
NEW = random.Random(2).randbytes(3 * PART + 17)


@dataclass(slots=True)
class Lab:
    """Two stores, each behind a proxy, and a home with a rule from one to the other."""

    terminal: Terminal
    here: FaultProxy
    there: FaultProxy
    source: str
    copies: str

    def put(self, key: str, body: bytes) -> None:
        with s3_client(self.here.endpoint) as client:
            client.put_object(Bucket=self.source, Key=key, Body=body, Tagging="keep=yes")

    def replica(self, key: str) -> bytes | None:
        with s3_client(self.there.endpoint) as client:
            try:
                body: bytes = client.get_object(Bucket=self.copies, Key=key)["Body"].read()
            except client.exceptions.NoSuchKey:
                return None
            return body

    def kill_at(self, proxy: FaultProxy, moment: Moment) -> None:
        """Run up to a moment, and no further."""
        stall = Stall(moment.after, moment.direction)
        proxy.on(stall, method=moment.method, path_re=moment.path, skip=moment.nth - 1)
        run = subprocess.Popen(
            self.terminal.command("replication", "run", "--once"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.terminal.variables,
        )
        is_reached = stall.reached.wait(REACHED_S)
        is_alive = run.poll() is None
        run.kill()
        _, err = run.communicate()
        for each in (self.here, self.there):
            each.cut_connections()
            each.clear()
        assert is_reached, err.decode()
        assert is_alive, err.decode()

    def uploads(self) -> list[str]:
        with s3_client(self.there.endpoint) as client:
            found = client.list_multipart_uploads(Bucket=self.copies)
            return [upload["UploadId"] for upload in found.get("Uploads", [])]


@pytest.fixture(scope="module")
def resting(
    ceph: Endpoint, localstack: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("replication")
    terminal = Terminal(folder / "home", folder / "keyring.json")
    here, there = FaultProxy(localstack), FaultProxy(ceph)
    with temporary_bucket(localstack) as source, temporary_bucket(ceph) as copies:
        for name, proxy in (("Here", here), ("There", there)):
            terminal.add(name, proxy.start())
        (terminal.home / "config" / "settings.toml").write_text(SETTINGS)
        rules = folder / "rules.json"
        rules.write_text(json.dumps({"rules": [{"id": "r", "destination": f"There:{copies}"}]}))
        terminal.ok("replication", "rules", f"Here:{source}", "--set", str(rules))
        here.down()
        there.down()
        yield Lab(terminal, here, there, source, copies)


@pytest.fixture
def lab(resting: Lab) -> Iterator[Lab]:
    """One home and two proxies for all, because each process more takes its time."""
    proxies = (resting.here, resting.there)
    for each in proxies:
        each.up()
    yield resting
    for each in proxies:
        each.clear()
        each.down()


# At the destination, of a small object and of a large one.
SMALL = [
    Moment("its put is not sent", "PUT", "small"),
    Moment("its put is cut in the middle", "PUT", "small", after=1000),
    Moment("the reply to its put is lost", "PUT", "small", direction="response"),
    Moment("it is looked at", "HEAD", "small"),
]
LARGE = [
    Moment("its upload may exist", "POST", r"large.*uploads", direction="response"),
    Moment("its first part is sent", "PUT", r"large.*partNumber", after=PART // 2),
    Moment("its second part is lost", "PUT", r"large.*partNumber", 2, direction="response"),
    Moment("its end is not sent", "POST", r"large.*uploadId"),
    Moment("the reply to its end is lost", "POST", r"large.*uploadId", direction="response"),
]
# At the source.
READ = [
    Moment("it is looked at", "HEAD", "small"),
    Moment("its bytes are cut", "GET", "large$", direction="response", after=PART // 2),
]


@pytest.mark.parametrize("is_rewritten", [False, True], ids=["", "rewritten"])
@pytest.mark.parametrize("moment", [*SMALL, *LARGE], ids=str)
def test_killed_while_it_writes(lab: Lab, moment: Moment, is_rewritten: bool) -> None:
    _story(lab, lab.there, moment, is_rewritten=is_rewritten)


@pytest.mark.parametrize("is_rewritten", [False, True], ids=["", "rewritten"])
@pytest.mark.parametrize("moment", READ, ids=str)
def test_killed_while_it_reads(lab: Lab, moment: Moment, is_rewritten: bool) -> None:
    _story(lab, lab.here, moment, is_rewritten=is_rewritten)


def _story(lab: Lab, proxy: FaultProxy, moment: Moment, *, is_rewritten: bool) -> None:
    objects = {"small": OLD[:4000], "large": OLD}
    for key, body in objects.items():
        lab.put(key, random.Random(str(moment)).randbytes(16) + body)
    lab.kill_at(proxy, moment)
    if is_rewritten:
        objects = {"small": NEW[:4000], "large": NEW}
    for key, body in objects.items():
        objects[key] = random.Random(str(moment)).randbytes(16) + body
        if is_rewritten:
            lab.put(key, objects[key])
    ended = lab.terminal.ok("replication", "run", "--once", "--json")
    assert ended.records[-1]["failed"] == 0
    assert {key: lab.replica(key) for key in objects} == objects
    told = lab.terminal.ok("replication", "status", f"Here:{lab.source}", "--json").records
    assert {each["key"]: each["status"] for each in told} == dict.fromkeys(objects, "COMPLETED")
    compared = lab.terminal.ok("replication", "compare", f"Here:{lab.source}", "--json").records
    assert compared[-1]["same"] == 2
    assert lab.uploads() == []
    with s3_client(lab.there.endpoint) as client:
        for key in objects:
            tags = client.get_object_tagging(Bucket=lab.copies, Key=key)["TagSet"]
            assert tags == [{"Key": "keep", "Value": "yes"}]
