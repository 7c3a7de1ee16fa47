"""A preview of lifecycle rules on a million objects, beside a plain listing of the same keys.

    python -m tests.bench.lifecycle [ROUNDS]

The null server makes the listing up; versions come from memory, page by page. Everything runs on
the loop of a window, whose lateness is measured. The rows of the findings are kept, as a window
keeps them. A process of its own per story: memory is that of all of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from array import array
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.bench.__main__ import medians, run
from tests.bench.measure import Lateness, Stopwatch, resident_mb
from tests.servers.null import Null

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import VersionMarker, VersionPage
    from s4desk.core.store.protocol import Store

    Row = dict[str, float]

NOW: Final = datetime(2026, 12, 5, 12, 30, tzinfo=UTC)
COUNT: Final = 1_000_000
PAGE: Final = 1000
KEPT: Final = 3
"""Versions of each key."""
RULES: Final[list[dict[str, Any]]] = [
    {"ID": "tier", "Filter": {"ObjectSizeGreaterThan": 9000}, "Transitions": [
        {"Days": 20, "StorageClass": "STANDARD_IA"}, {"Days": 30, "StorageClass": "GLACIER"}]},
    {"ID": "half", "Filter": {"Prefix": "logs/2026/11/part-0000"}, "Expiration": {"Days": 25}},
    {"ID": "large", "Filter": {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 30000}},
     "Expiration": {"Days": 14}},
    {"ID": "old", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {
        "NoncurrentDays": 10, "NewerNoncurrentVersions": 1}},
]  # fmt: skip


class Versions:
    """A bucket with some versions of each key, written on different days."""

    def __init__(self) -> None:
        self._etags = [f"{at:032x}" for at in range(PAGE)]

    async def list_versions(
        self, prefix: Prefix, *, marker: VersionMarker | None = None, **_: Any
    ) -> VersionPage:
        return await asyncio.to_thread(self._page, prefix, int(marker.version) if marker else 0)

    def _page(self, prefix: Prefix, first: int) -> VersionPage:
        from s4desk.core.domain.identity import VersionId
        from s4desk.core.domain.objects import LATEST, Page, VersionMarker, VersionPage, Versions

        rows = range(first, min(first + PAGE, COUNT))
        begun = NOW.timestamp()
        page = Page(
            prefix,
            [f"logs/2026/11/part-{row // KEPT:09d}.parquet" for row in rows],
            array("q", [row % 1000 * 37 for row in rows]),
            array("d", [begun - row * 7919 % 2_000_000 - row % KEPT * 2e6 for row in rows]),
            self._etags[: len(rows)],
            ["STANDARD"] * len(rows),
            versions=[VersionId(f"v{row:031d}") for row in rows],
            marks=bytes(0 if row % KEPT else LATEST for row in rows),
        )
        more = VersionMarker("", str(rows.stop)) if rows.stop < COUNT else None
        return VersionPage(prefix, Versions(page), (), more)

    async def get_document(self, _bucket: str, kind: Any, **_: Any) -> Any:
        from s4desk.core.domain.config_json import from_json

        return from_json(kind, {"Status": "Enabled"}) if kind == "versioning" else None


async def plain(store: Any, _engine: str) -> Any:
    """A listing of objects, counted."""
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.transfer.selection import pages_of

    rows = 0
    async with aclosing(pages_of(store, Prefix("b"))) as pages:
        async for page in pages:
            rows += len(page)
    return range(rows)


async def plain_versions(store: Any, _engine: str) -> Any:
    """A listing of versions, counted."""
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.lifecycle.version_pages import version_pages

    rows = 0
    async with aclosing(version_pages(store, Prefix("b"))) as pages:
        async for page, _ in pages:
            rows += len(page)
    return range(rows)


async def preview(store: Any, engine: str) -> Any:
    """All findings of a month, kept."""
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.lifecycle.reading import lifecycle_of
    from s4desk.core.lifecycle.findings import Findings
    from s4desk.core.lifecycle.preview import Preview
    from s4desk.core.lifecycle.question import Engine, Question

    rules = lifecycle_of({"Rules": [{"Status": "Enabled", **rule} for rule in RULES]})
    looking = Preview(store, Prefix("b"), Question(rules, NOW, 30, Engine(engine)))
    found = Findings()
    async with aclosing(looking.batches()) as batches:
        async for batch in batches:
            found.extend(batch)
    assert looking.summary.seen.objects == COUNT
    return found


STORIES: dict[str, Callable[[Any, str], Awaitable[Any]]] = {
    "plain": plain,
    "plain_versions": plain_versions,
    "preview": preview,
    "preview_versions": preview,
}


async def measured(story: str, engine: str, url: str) -> Row:
    store = Versions() if story.endswith("versions") else await _open(url)
    await asyncio.sleep(0.2)
    lateness = Lateness()
    before = resident_mb()
    with Stopwatch() as watch:
        rows = await STORIES[story](store, engine)
    row = {"rows": len(rows), "wall_s": watch.wall, "cpu_s": watch.cpu, "rss_mb": resident_mb()}
    row |= {"grown_mb": row["rss_mb"] - before}
    row |= {"late_p99_ms": lateness.percentile(0.99), "late_max_ms": lateness.percentile(1)}
    if not isinstance(store, Versions):
        await store.aclose()
    return row


async def _open(url: str) -> Store:
    from s4desk.app.paths import find_folders
    from s4desk.app.wiring import build_desk
    from s4desk.core.domain.identity import ConnectionId
    from tests.bench.window import add_connection

    desk = build_desk(find_folders())
    await add_connection(desk, url)
    return await desk.stores.get(ConnectionId("bench"))


def one(story: str, engine: str, url: str) -> None:
    import qasync
    from PySide6.QtWidgets import QApplication

    from s4desk.gui.bridge.loop import SWITCH_INTERVAL

    app = QApplication([])
    sys.setswitchinterval(SWITCH_INTERVAL)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        print(json.dumps(loop.run_until_complete(measured(story, engine, url))))


def main(rounds: int) -> None:
    server = Null(COUNT)
    home = Path(tempfile.mkdtemp(prefix="s4desk-bench-"))
    try:
        url = server.start().url
        for story, engine in (
            ("plain", "aws"),
            ("preview", "aws"),
            ("preview", "first-match"),
            ("plain_versions", "aws"),
            ("preview_versions", "aws"),
            ("preview_versions", "first-match"),
        ):
            words = ("tests.bench.lifecycle", story, engine, url)
            row = medians([run(*words, home=home) for _ in range(rounds)])
            print(
                f"{story:17} {engine:12} {row['rows']:9.0f} rows {row['wall_s']:5.1f} s,"
                f" {row['cpu_s']:5.1f} CPU s, {row['rss_mb']:4.0f} MB ({row['grown_mb']:.0f}"
                f" for it), late p99 {row['late_p99_ms']:.0f} ms, max {row['late_max_ms']:.0f} ms",
                flush=True,
            )
    finally:
        server.stop()
        shutil.rmtree(home)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        one(*sys.argv[1:4])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
