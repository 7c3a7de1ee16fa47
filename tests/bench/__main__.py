"""Measures s4desk against itself and its peer, side by side, in one run.

    python -m tests.bench [ROUNDS]

The server is the null server of the tests: it discards uploads and makes up downloads and
listings, so that what is measured is the client. Both share this machine's processors. Quote
ratios and medians; single times of a shared machine mean little.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.null import Null

SIZE = 1024**3
Row = dict[str, float]


def run(*words: str | Path, home: Path) -> Row:
    """One process to its end; returns the JSON object it printed last."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "S4DESK_HOME": str(home / "profile"),
        "AWS_ACCESS_KEY_ID": "null",
        "AWS_SECRET_ACCESS_KEY": "null",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    shutil.rmtree(home / "profile", ignore_errors=True)
    command = [sys.executable, "-m", *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    parsed: Row = json.loads(done.stdout.strip().splitlines()[-1])
    return parsed


def medians(rows: list[Row]) -> Row:
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def source_file(folder: Path) -> Path:
    """A file of 1 GiB that does not compress."""
    file = folder / "one-1g"
    block = os.urandom(1024**2)
    with file.open("wb") as out:
        for _ in range(SIZE // len(block)):
            out.write(block)
    return file


def compare(url: str, home: Path, rounds: int) -> None:
    """Ours and the peer's in turn, so that a slow minute hits both."""
    for ours, peer in (("upload", "put"), ("download", "get")):
        rows: list[Row] = []
        peers: list[Row] = []
        for _ in range(rounds):
            rows.append(run("tests.bench.window", ours, url, home, home=home))
            file = home / ("one-1g" if peer == "put" else "out-1g")
            peers.append(run("tests.bench.peer_aiobotocore", peer, url, file, home=home))
        one, other = medians(rows), medians(peers)
        faster = statistics.median(
            b["wall"] / a["wall_s"] for a, b in zip(rows, peers, strict=True)
        )
        print(
            f"{ours} 1 GiB: s4desk {one['wall_s']:.2f} s, {one['cpu_s']:.2f} CPU s,"
            f" {one['rss_mb']:.0f} MB, window late p99 {one['late_p99_ms']:.0f} ms,"
            f" max {one['late_max_ms']:.0f} ms"
        )
        print(
            f"{'':{len(ours)}} 1 GiB: aiobotocore {other['wall']:.2f} s, {other['cpu']:.2f} CPU s,"
            f" {other['rss']:.0f} MB; s4desk is {faster:.1f} x as fast"
            f" with {other['cpu'] / one['cpu_s']:.1f} x less CPU"
        )


def main(rounds: int) -> None:
    server = Null()
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix="s4desk-bench-", dir=memory if memory.is_dir() else None))
    try:
        url = server.start().url
        first = medians(
            [run("tests.bench.window", "first_window", "", home, home=home) for _ in range(rounds)]
        )
        print(f"first window: {first['painted_s']:.2f} s, {first['painted_rss_mb']:.0f} MB")
        listed = medians(
            [run("tests.bench.window", "list_million", url, home, home=home) for _ in range(rounds)]
        )
        print(
            f"1 000 000 keys in the window: first row {listed['first_row_s']:.2f} s,"
            f" all {listed['wall_s']:.1f} s, {listed['cpu_s']:.1f} CPU s,"
            f" {listed['rss_mb']:.0f} MB,"
            f" window late p99 {listed['late_p99_ms']:.0f} ms, max {listed['late_max_ms']:.0f} ms"
        )
        looked = medians(
            [
                run("tests.bench.window", "search_million", url, home, home=home)
                for _ in range(rounds)
            ]
        )
        print(
            f"{looked['searched']:.0f} keys searched in the window, {looked['rows']:.0f} found:"
            f" first hit {looked['first_hit_s']:.2f} s, after {looked['first_hit_after']:.0f} keys;"
            f" all {looked['wall_s']:.1f} s, {looked['cpu_s']:.1f} CPU s,"
            f" {looked['rss_mb']:.0f} MB, {looked['grown_mb']:.0f} of them for it,"
            f" window late p99 {looked['late_p99_ms']:.0f} ms,"
            f" max {looked['late_max_ms']:.0f} ms"
        )
        for story, what in (("measure_million", "one folder"), ("measure_folders", "many folders")):
            one = medians(
                [run("tests.bench.window", story, url, home, home=home) for _ in range(rounds)]
            )
            print(
                f"1 000 000 keys in {what} measured: {one['wall_s']:.1f} s, {one['cpu_s']:.1f} CPU"
                f" s, {one['rss_mb']:.0f} MB, window late p99 {one['late_p99_ms']:.0f} ms,"
                f" max {one['late_max_ms']:.0f} ms"
            )
        many = medians(
            [run("tests.bench.window", "upload_many", url, home, home=home) for _ in range(rounds)]
        )
        print(
            f"{many['files']:.0f} small files up in the window: {many['wall_s']:.1f} s,"
            f" {many['cpu_s']:.1f} CPU s, {many['rss_mb']:.0f} MB,"
            f" window late p99 {many['late_p99_ms']:.0f} ms, max {many['late_max_ms']:.0f} ms"
        )
        preview = medians(
            [run("tests.bench.window", "preview_sync", url, home, home=home) for _ in range(rounds)]
        )
        print(
            f"preview of a sync, {preview['rows']:.0f} differences: {preview['wall_s']:.1f} s,"
            f" {preview['cpu_s']:.1f} CPU s, {preview['rss_mb']:.0f} MB,"
            f" window late p99 {preview['late_p99_ms']:.0f} ms, max {preview['late_max_ms']:.0f} ms"
        )
        source_file(home)
        compare(url, home, rounds)
    finally:
        server.stop()
        shutil.rmtree(home)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
