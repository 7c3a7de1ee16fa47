"""Runs the real window on a fresh profile and plays a story in it; for benchmarks only.

    python -m tests.bench.window STORY URL FOLDER

Each story prints one JSON object. A process of its own per story: memory and CPU are of the whole
program, as a user has it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from s4desk.core.desk import Desk
    from s4desk.gui.main_window import MainWindow
    from tests.bench.measure import Lateness

    Row = dict[str, float]
    Story = Callable[[MainWindow, Desk, Lateness, Path], Awaitable[Row]]

SIZE = 1024**3
LISTED = "logs/2026/11/"
MANY = 50_000
SMALL = 4096
PLANNED = 1000
"""So many files of a folder are planned and submitted at once."""
SYNCED = f"{LISTED}part-0000"
"""A hundred thousand of the keys that the null server lists."""
HALF = 50_000


def process_age() -> float:
    """Seconds since this process was started, interpreter start included."""
    import os

    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - the window is watched and tells nobody
        await asyncio.sleep(0.005)


async def first_window(*_: object) -> Row:
    return {}


async def list_million(window: MainWindow, desk: Desk, lateness: Lateness, _: Path) -> Row:
    """Open a flat prefix of a million keys and load all of it."""
    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.session import Session
    from s4desk.viewmodels.listing import ListingState
    from s4desk.viewmodels.places import Place
    from tests.bench.measure import Stopwatch

    browsing = window.findChild(Session).commands.browsing
    connection = desk.connections.all()[0]
    await desk.stores.get(connection.id)
    pane = window.pane
    lateness.restart()
    began = time.perf_counter()
    with Stopwatch() as watch:
        browsing.go(Place(connection.id, Prefix("b", LISTED)))
        await until(lambda: pane.status.objects > 0)
        first_row = time.perf_counter() - began
        pane.load_all()
        await until(lambda: pane.status.state is ListingState.COMPLETE)
    return {
        "first_row_s": first_row,
        "wall_s": watch.wall,
        "cpu_s": watch.cpu,
        "rows": pane.status.objects,
    }


async def search_million(window: MainWindow, desk: Desk, lateness: Lateness, _: Path) -> Row:
    """Look through a million keys for the few that have certain letters."""
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.query import NamePattern, Query
    from s4desk.gui.session import Session
    from s4desk.viewmodels.listing import ListingState
    from s4desk.viewmodels.places import Place
    from tests.bench.measure import Stopwatch, resident_mb

    browsing = window.findChild(Session).commands.browsing
    connection = desk.connections.all()[0]
    await desk.stores.get(connection.id)
    pane, before = window.pane, resident_mb()
    lateness.restart()
    began = time.perf_counter()
    with Stopwatch() as watch:
        browsing.go(Place(connection.id, Prefix("b"), Query(NamePattern("00077"))))
        await until(lambda: pane.status.objects > 0)
        first_hit, searched = time.perf_counter() - began, pane.status.searched or 0
        await until(lambda: pane.status.state is ListingState.COMPLETE)
    return {
        "first_hit_s": first_hit,
        "first_hit_after": searched,
        "wall_s": watch.wall,
        "cpu_s": watch.cpu,
        "rows": pane.status.objects,
        "searched": pane.status.searched or 0,
        "grown_mb": resident_mb() - before,
    }


async def _move(window: MainWindow, desk: Desk, lateness: Lateness, spec: object) -> Row:
    from s4desk.core.domain.transfer import BatchId
    from tests.bench.measure import Stopwatch

    await desk.stores.get(desk.connections.all()[0].id)
    lateness.restart()
    with Stopwatch() as watch:
        await desk.queue.submit([spec])
        finished = await desk.queue.wait(BatchId("bench"))
    states = [each.error for each in desk.queue.transfers()]
    assert finished.completed == 1, states
    return {"wall_s": watch.wall, "cpu_s": watch.cpu, "mb_s": SIZE / watch.wall / 1e6}


async def upload(window: MainWindow, desk: Desk, lateness: Lateness, folder: Path) -> Row:
    """Move one file of 1 GiB up through the queue."""
    from s4desk.core.domain.identity import Address, Location
    from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec

    connection = desk.connections.all()[0].id
    target = Address(connection, Location("b", "one"))
    source = folder / "one-1g"
    return await _move(
        window,
        desk,
        lateness,
        TransferSpec(Direction.UPLOAD, source, target, SIZE, batch=BatchId("bench")),
    )


async def download(window: MainWindow, desk: Desk, lateness: Lateness, folder: Path) -> Row:
    """Move one object of 1 GiB down through the queue."""
    from s4desk.core.domain.identity import Address, Location
    from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec

    source = Address(desk.connections.all()[0].id, Location("b", "x-1g"))
    target = folder / "out-1g"
    return await _move(
        window,
        desk,
        lateness,
        TransferSpec(Direction.DOWNLOAD, source, target, SIZE, batch=BatchId("bench")),
    )


async def upload_many(window: MainWindow, desk: Desk, lateness: Lateness, folder: Path) -> Row:
    """Move 50 000 small files up through the queue, in batches as a folder is planned."""
    from s4desk.core.domain.identity import Address, Location
    from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec
    from tests.bench.measure import Stopwatch

    connection, batch = desk.connections.all()[0].id, BatchId("bench")
    source = folder / "small"
    source.write_bytes(bytes(SMALL))
    await desk.stores.get(connection)
    lateness.restart()
    with Stopwatch() as watch:
        with desk.queue.holding(batch):
            for first in range(0, MANY, PLANNED):
                numbers = range(first, min(first + PLANNED, MANY))
                targets = (Address(connection, Location("b", f"many/{n:06d}")) for n in numbers)
                await desk.queue.submit(
                    [
                        TransferSpec(Direction.UPLOAD, source, target, SMALL, batch=batch)
                        for target in targets
                    ]
                )
        finished = await desk.queue.wait(batch)
    assert finished.completed == MANY, finished
    return {"wall_s": watch.wall, "cpu_s": watch.cpu, "files": MANY}


async def preview_sync(window: MainWindow, desk: Desk, lateness: Lateness, folder: Path) -> Row:
    """Compare 100 000 files with as many objects: half new, half changed, and half gone."""
    from PySide6.QtWidgets import QLineEdit, QPushButton

    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.dialogs.sync import SyncDialog
    from s4desk.gui.session import Session
    from tests.bench.measure import Stopwatch

    top = folder / "synced"
    await asyncio.to_thread(make_files, top)
    connection = desk.connections.all()[0].id
    await desk.stores.get(connection)
    commands = window.findChild(Session).commands
    syncing = asyncio.ensure_future(commands.syncing.sync(connection, Prefix("b", SYNCED)))
    await until(lambda: window.findChild(SyncDialog) is not None)
    dialog = window.findChild(SyncDialog)
    dialog.findChild(QLineEdit, "folder").setText(str(top))
    lateness.restart()
    with Stopwatch() as watch:
        dialog.findChild(QPushButton, "compare").click()
        await until(lambda: dialog.is_compared)
    row = {"wall_s": watch.wall, "cpu_s": watch.cpu, "rows": dialog.rows.total}
    dialog.reject()
    await syncing
    return row


def make_files(top: Path) -> None:
    """Empty files: `HALF` that have an object of their name, and as many that have none."""
    top.mkdir(exist_ok=True)
    for number in range(HALF):
        (top / f"{number:05d}.parquet").touch()
        (top / f"new-{number:05d}").touch()


async def measure_million(window: MainWindow, desk: Desk, lateness: Lateness, _: Path) -> Row:
    """Count a million keys of one folder, drawn meanwhile."""
    return await _measure(window, desk, lateness)


async def measure_folders(window: MainWindow, desk: Desk, lateness: Lateness, _: Path) -> Row:
    """The same of a million keys in twenty thousand folders."""
    from dataclasses import replace

    from s4desk.gui.commands import measuring

    pages_of = measuring.pages_of

    async def spread(store: Any, prefix: Any) -> AsyncGenerator[Any, None]:
        async for page in pages_of(store, prefix):
            keys = [f"{key[-15:-13]}/{key[-13:-11]}/{key[-9]}/{key}" for key in page.keys]
            yield replace(page, keys=keys)

    measuring.pages_of = spread
    return await _measure(window, desk, lateness)


async def _measure(window: MainWindow, desk: Desk, lateness: Lateness) -> Row:
    from PySide6.QtWidgets import QLabel, QPushButton

    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.dialogs.storage import StorageDialog
    from s4desk.gui.session import Session
    from tests.bench.measure import Stopwatch

    commands = window.findChild(Session).commands
    connection = desk.connections.all()[0]
    await desk.stores.get(connection.id)
    lateness.restart()
    with Stopwatch() as watch:
        showing = asyncio.ensure_future(commands.measuring.show(connection.id, Prefix("b")))
        await until(lambda: window.findChild(StorageDialog) is not None)
        dialog = window.findChild(StorageDialog)
        count = dialog.findChild(QPushButton, "count")
        await until(lambda: dialog.isVisible() and count.text() == "&Stop")
        await until(lambda: count.text() != "&Stop")
    await until(lambda: "1\u202f000\u202f000" in dialog.findChild(QLabel, "summary").text())
    dialog.reject()
    await showing
    return {"wall_s": watch.wall, "cpu_s": watch.cpu}


STORIES: dict[str, Story] = {
    "first_window": first_window,
    "list_million": list_million,
    "search_million": search_million,
    "measure_million": measure_million,
    "measure_folders": measure_folders,
    "upload": upload,
    "download": download,
    "upload_many": upload_many,
    "preview_sync": preview_sync,
}


async def play(desk: Desk, story: str, url: str, folder: Path, painted: Row) -> None:
    from PySide6.QtWidgets import QApplication

    from s4desk.gui.main_window import MainWindow
    from tests.bench.measure import Lateness, resident_mb

    app = QApplication.instance()
    window = next(each for each in app.topLevelWidgets() if isinstance(each, MainWindow))
    if url:
        await add_connection(desk, url)
    await until(lambda: gc.get_freeze_count() > 0)  # the libraries are loaded behind the window
    lateness = Lateness()
    result = await STORIES[story](window, desk, lateness, folder)
    result |= painted
    result |= {
        "rss_mb": resident_mb(),
        "late_p99_ms": lateness.percentile(0.99),
        "late_max_ms": lateness.percentile(1),
    }
    print(json.dumps(result), flush=True)
    window.close_now()


def watch_first_paint(painted: Row) -> None:
    """Note when the first window is there, and that no S3 library is."""
    from s4desk.gui.main_window import MainWindow
    from tests.bench.measure import resident_mb

    first_paint = MainWindow.first_paint

    async def watched(window: MainWindow) -> None:
        await first_paint(window)
        painted.update(painted_s=process_age(), painted_rss_mb=resident_mb())
        heavy = {"botocore", "aiobotocore", "awscrt", "lxml"} & sys.modules.keys()
        assert not heavy, f"imported before the first paint: {heavy}"

    MainWindow.first_paint = watched


async def add_connection(desk: Desk, url: str) -> None:
    from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
    from s4desk.core.domain.identity import ConnectionId

    credentials = CredentialReference(CredentialKind.ENVIRONMENT)
    await desk.connections.add(
        Connection(ConnectionId("bench"), "bench", url, "us-east-1", credentials=credentials)
    )


def main(story: str, url: str, folder: Path) -> None:
    from s4desk.app.paths import find_folders
    from s4desk.app.wiring import build_desk
    from s4desk.gui.run import run

    desk = build_desk(find_folders())
    tasks: list[asyncio.Future[None]] = []
    painted: Row = {}
    watch_first_paint(painted)

    async def prepare(_: object) -> None:
        tasks.append(asyncio.ensure_future(play(desk, story, url, folder, painted)))

    run(desk, prepare)
    for task in tasks:
        task.result()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
