"""Many objects are read from a group whose first member does not answer any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import FaultProxy
from tests.servers.faults import Cut, Stall

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.faults import Fault

COUNT = 150
ANSWERED = 40
CONTENT = {f"{at:03}": bytes([at]) * 2000 for at in range(COUNT)}


@pytest.mark.parametrize("verb", [("cp", "-r"), ("sync",)], ids=["cp", "sync"])
@pytest.mark.parametrize(
    "fault", [Stall(None), Stall(1000), Cut(None)], ids=["silent", "amid", "cut"]
)
def test_each_is_read_from_the_next(
    terminal: Terminal, moto: Endpoint, tmp_path: Path, verb: tuple[str, ...], fault: Fault
) -> None:
    """Also what a thread had in hand."""
    there = tmp_path / "there"
    with temporary_bucket(moto) as bucket, FaultProxy(moto) as proxy:
        with s3_client(moto) as client:
            for key, content in CONTENT.items():
                client.put_object(Bucket=bucket, Key=key, Body=content)
        terminal.add("A", proxy.endpoint)
        terminal.add("B", moto)
        terminal.ok("group", "add", "G", "--backend", "A", "--backend", "B", "--timeout", "1")
        proxy.on(fault, method="GET", path_re="/[0-9]{3}$", times=None, skip=ANSWERED)
        ended = terminal.ok(*verb, "--json", f"G:{bucket}", str(there))
    assert {each.name: each.read_bytes() for each in there.iterdir()} == CONTENT
    backends = [each["backend"] for each in ended.records if "backend" in each]
    assert {"A", "B"} <= set(backends)


def test_a_move_that_was_cut_off_is_carried_out_by_the_next_run(
    terminal: Terminal, moto: Endpoint, tmp_path: Path
) -> None:
    """What failed for want of the first member was not cancelled by anybody."""
    there = tmp_path / "there"
    with temporary_bucket(moto) as bucket, FaultProxy(moto) as proxy, s3_client(moto) as client:
        for key, content in CONTENT.items():
            client.put_object(Bucket=bucket, Key=key, Body=content)
        terminal.add("A", proxy.endpoint)
        terminal.add("B", moto)
        terminal.ok("group", "add", "G", "--backend", "A", "--backend", "B", "--timeout", "1")
        proxy.on(Stall(None), path_re="/[0-9]{3}", times=None, skip=ANSWERED)
        words = ("mv", "-r", f"G:{bucket}", str(there))
        failed = terminal.run(*words)
        assert (failed.code, "cancelled" in failed.err) == (1, False)
        proxy.clear()
        ended = terminal.ok(*words)
        assert "cancelled" not in ended.err
        assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert {each.name: each.read_bytes() for each in there.iterdir()} == CONTENT
