"""Two processes that delete the same folder at once, on a real server."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.servers.client import s3_client
from tests.servers.fault import Stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy


def test_what_two_have_deleted_is_said_to_count_twice(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> None:
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    with s3_client(ceph) as client:
        for key in ("p/a", "p/b", "q"):
            client.put_object(Bucket=ceph_bucket, Key=key, Body=b"")
    stalls = [Stall(None, "request"), Stall(None, "request")]
    processes = []
    try:
        for stall in stalls:
            proxy.on(stall, method="POST", times=1)
            processes.append(removing(terminal, f"T:{ceph_bucket}/p"))
            assert stall.reached.wait(30)
        told = []
        for stall, process in zip(stalls, processes, strict=True):
            stall.release()
            out, err = process.communicate(timeout=30)
            assert process.returncode == 0, err
            told.append([json.loads(line) for line in out.splitlines()])
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    for records in told:
        assert [each["type"] for each in records] == ["deleted", "shared"]
        assert records[0]["count"] == 2
    alone = terminal.ok("rm", "-r", "--yes", f"T:{ceph_bucket}/", "--json").records
    assert [each["type"] for each in alone] == ["deleted"]


def removing(terminal: Terminal, place: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        terminal.command("rm", "-r", "--yes", place, "--json"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=terminal.variables,
    )
