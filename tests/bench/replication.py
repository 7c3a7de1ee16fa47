"""Replication between two Ceph gateways, beside rclone's copy of the same set.

    python -m tests.bench.replication [ROUNDS]

Both servers and both clients share this machine's processors: quote ratios. `unchanged` is one more
pass when there is nothing to do. rclone runs with as many transfers as it can use here.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.app.terminal import Terminal
from tests.servers.ceph import Ceph
from tests.servers.client import s3_client
from tests.servers.rclone import BINARY

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

MIB = 1024**2
SETS = {"4 KiB": (4000, 4096), "64 MiB": (16, 64 * MIB)}


@dataclass
class Cost:
    """Of one process: seconds, CPU seconds, and memory at its peak in 10^6 bytes."""

    wall: float
    cpu: float
    rss: float


def cost_of(command: list[str], environment: dict[str, str]) -> Cost:
    """Run to the end; anything but success ends the benchmark."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            out.seek(0)
            sys.exit(f"{command} failed:\n{out.read().decode()[-2000:]}")
    wall = time.perf_counter() - began
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def fill(here: Endpoint, bucket: str, count: int, size: int) -> None:
    content = os.urandom(size)
    with s3_client(here, max_pool_connections=16) as client, ThreadPoolExecutor(16) as threads:
        client.create_bucket(Bucket=bucket)
        list(
            threads.map(
                lambda at: client.put_object(
                    Bucket=bucket, Key=f"{at // 500:03}/{at:06}", Body=b"%d" % at + content
                ),
                range(count),
            )
        )


class Round:
    """One set, copied by both into new buckets."""

    def __init__(self, folder: Path, here: Endpoint, there: Endpoint, source: str) -> None:
        self._folder = folder
        self._ends = {"Here": here, "There": there}
        self._source = source

    def _ruled(self, target: str) -> Terminal:
        home = Path(tempfile.mkdtemp(dir=self._folder))
        terminal = Terminal(home, home / "keyring.json")
        for name, endpoint in self._ends.items():
            terminal.add(name, endpoint)
        self._create(target)
        file = home / "rules.json"
        file.write_text(json.dumps({"rules": [{"id": "r", "destination": f"There:{target}"}]}))
        terminal.ok("replication", "rules", f"Here:{self._source}", "--set", str(file))
        return terminal

    def late(self, target: str) -> str:
        """How late a loop is that the engine shares."""
        command = [sys.executable, "-m", "tests.bench.replication_late"]
        variables = self._ruled(target).variables
        return subprocess.run(
            command, env=variables, capture_output=True, text=True, check=True
        ).stdout.strip()

    def ours(self, target: str) -> tuple[Cost, Cost]:
        """The first pass, and one more."""
        terminal = self._ruled(target)
        command = terminal.command("replication", "run", "--once")
        first = cost_of(command, terminal.variables)
        again = cost_of(command, terminal.variables)
        return first, again

    def rclone(self, target: str) -> tuple[Cost, Cost]:
        self._create(target)
        source, there = (
            f":s3,provider=Ceph,region=us-east-1,force_path_style=true,no_check_bucket=true,"
            f"access_key_id={end.access_key},secret_access_key={end.secret_key},"
            f"chunk_size=16Mi,upload_concurrency=8,endpoint='{end.url}':"
            for end in self._ends.values()
        )
        command = [
            *(str(BINARY), "--config", os.devnull, "copy", "--metadata", "--transfers", "32"),
            *("--checkers", "32", f"{source}{self._source}", f"{there}{target}"),
        ]
        return cost_of(command, dict(os.environ)), cost_of(command, dict(os.environ))

    def _create(self, target: str) -> None:
        with s3_client(self._ends["There"]) as client:
            client.create_bucket(Bucket=target)


def main(rounds: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="s4desk-bench-"))
    servers = [Ceph(device_bytes=12 << 30) for _ in range(2)]
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        for each in servers:
            stack.callback(each.stop)
        here, there = (each.start() for each in servers)
        for number, (name, (count, size)) in enumerate(SETS.items()):
            source = f"source-{number}"
            fill(here, source, count, size)
            one = Round(folder, here, there, source)
            rows = [
                (one.ours(f"ours-{number}-{at}"), one.rclone(f"rclone-{number}-{at}"))
                for at in range(rounds)
            ]
            tell(name, count, size, rows)
            print(f"{name}, in one process with others: {one.late(f'late-{number}')}")


def tell(name: str, count: int, size: int, rows: list) -> None:
    for who, at in (("s4desk", 0), ("rclone", 1)):
        first = [row[at][0] for row in rows]
        again = [row[at][1] for row in rows]
        wall = statistics.median(each.wall for each in first)
        print(
            f"{count} x {name}: {who} {wall:.2f} s, {count / wall:.0f} objects/s,"
            f" {count * size / wall / 1e6:.0f} MB/s,"
            f" {statistics.median(each.cpu for each in first):.2f} CPU s,"
            f" {max(each.rss for each in first):.0f} MB;"
            f" unchanged {statistics.median(each.wall for each in again):.2f} s,"
            f" {statistics.median(each.cpu for each in again):.2f} CPU s"
        )
    faster = statistics.median(row[1][0].wall / row[0][0].wall for row in rows)
    print(f"{'':{len(str(count))}}   {name}: s4desk is {faster:.2f} x as fast as rclone")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
