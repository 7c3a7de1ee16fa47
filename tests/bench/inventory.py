"""A preview of lifecycle rules on S3 Inventory reports of millions of rows.

    python -m tests.bench.inventory [ROWS…]

DuckDB makes the reports up, as Parquet and as packed CSV, in a temporary folder: 20 million rows
are some 5 GB. Of ten rows seven are keys with one version, three are the versions of one key.
Each story is a process of its own: `peak` is the most memory that it ever had.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from s4desk.core.domain.lifecycle.rules import (
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)
from s4desk.core.lifecycle.inventory import open_inventory
from s4desk.core.lifecycle.question import Engine, Question
from tests.bench.measure import Stopwatch

MOST: Final = 3_000_000
"""Findings that are looked at: each costs the same."""
NOW: Final = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
FORMATS: Final = {
    "parquet": "FORMAT parquet",
    "csv.gz": "FORMAT csv, HEADER, FORCE_QUOTE *, COMPRESSION gzip",
}
RULES: Final = Lifecycle(
    (
        Rule("tier", filter=Filter(larger_than=1_000_000), transitions=(
            Transition(When(90), "STANDARD_IA"), Transition(When(365), "GLACIER"))),
        Rule("logs", filter=Filter("logs/1"), expiration=When(400)),
        Rule("old", noncurrent_expiration=NoncurrentExpiration(30, 1), expires_markers=True),
    )
)  # fmt: skip
ROWS: Final = """
    SELECT 'bench' AS "Bucket",
        printf('logs/%04d/dt%%3D2026/part-%010d.parquet', (key * 7919) % 5000, key) AS "Key",
        md5(row::VARCHAR) AS "VersionId", version = 0 AS "IsLatest",
        version = 0 AND hash(key) % 100 = 0 AS "IsDeleteMarker",
        (hash(row) % 3000000)::BIGINT AS "Size",
        strftime(TIMESTAMP '2024-11-21' + to_seconds((hash(key * 31) % 63072000)::BIGINT)
            - to_days((version * (1 + hash(key) % 5))::INT), '%Y-%m-%dT%H:%M:%S.000Z')
            AS "LastModifiedDate",
        md5(version::VARCHAR || key::VARCHAR) AS "ETag",
        CASE WHEN hash(key) % 4 = 0 THEN 'STANDARD_IA' ELSE 'STANDARD' END AS "StorageClass",
        'COMPLETED' AS "ReplicationStatus"
    FROM (SELECT row, if(row % 10 < 7, row, row - row % 10 + 7) AS key,
        if(row % 10 < 7, 0, row % 10 - 7) AS version FROM range({rows}) r(row))
"""


def make(path: Path, rows: int) -> None:
    with duckdb.connect(config={"memory_limit": "1GB", "threads": "2"}) as database:
        database.execute("SET preserve_insertion_order = false")
        suffix = path.name.partition(".")[2]
        made = ROWS.replace("{rows}", str(rows))
        if suffix == "parquet":  # keys are not encoded in it, and times are times
            made = (
                'SELECT * REPLACE (url_decode("Key") AS "Key",'
                f' "LastModifiedDate"::TIMESTAMP AS "LastModifiedDate") FROM ({made})'
            )
        database.execute(f"COPY ({made}) TO '{path}' ({FORMATS[suffix]})")


async def look(path: Path, engine: Engine) -> dict[str, float]:
    """One story, in this process."""
    opening, counting, finding = Stopwatch(), Stopwatch(), Stopwatch()
    with opening:
        opened = open_inventory([path], Question(RULES, NOW, 30, engine))
        preview = await opened.__aenter__()
    try:
        with counting:
            await preview.count()
        counted = peak_mb()
        found = 0
        with finding:
            async with aclosing(preview.findings()) as batches:
                async for batch in batches:
                    found += len(batch)
                    if found >= MOST:
                        break
        disk = sum(each.stat().st_size for each in preview.folder.rglob("*") if each.is_file())
    finally:
        await opened.__aexit__(None, None, None)
    assert found == preview.summary.touched.objects or found >= MOST
    return {
        "seen": preview.summary.seen.objects,
        "found": found,
        "count_s": counting.wall + opening.wall,
        "count_cpu_s": counting.cpu,
        "find_s": finding.wall,
        "find_cpu_s": finding.cpu,
        "count_peak_mb": counted,
        "peak_mb": peak_mb(),
        "disk_mb": disk / 1e6,
    }


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measured(path: Path, engine: Engine) -> dict[str, float]:
    words = [sys.executable, "-m", "tests.bench.inventory", "--look", str(path), engine]
    ended = subprocess.run(words, check=True, stdout=subprocess.PIPE)
    story: dict[str, float] = json.loads(ended.stdout)
    return story


def main(counts: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="s4desk-bench-") as folder:
        for rows in counts:
            for suffix in FORMATS:
                path = Path(folder) / f"report.{suffix}"
                make(path, rows)
                one = measured(path, Engine.AWS)
                print(
                    f"{rows / 1e6:5.0f} M rows {suffix:8} {path.stat().st_size / 1e6:6.0f} MB:"
                    f" counted in {one['count_s']:6.1f} s ({one['count_cpu_s']:.1f} CPU s,"
                    f" peak {one['count_peak_mb']:.0f} MB), {one['found'] / 1e6:.1f} M findings in"
                    f" {one['find_s']:.1f} s ({one['find_cpu_s']:.1f} CPU s),"
                    f" peak {one['peak_mb']:.0f} MB, {one['disk_mb']:.0f} MB of disk",
                    flush=True,
                )
                path.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        print(json.dumps(asyncio.run(look(Path(sys.argv[2]), Engine(sys.argv[3])))))
    else:
        main([int(float(each) * 1e6) for each in sys.argv[1:]] or [1_000_000, 5_000_000])
