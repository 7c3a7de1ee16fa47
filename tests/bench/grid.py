"""A hundred thousand images in the grid: how late the window is while one scrolls.

Every image is a photograph of 12 megapixels without a thumbnail of its own, which takes longest.
The bytes come from memory, in worker threads: `python -m tests.bench.grid`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from array import array
from bisect import bisect_right
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtGui import QColor, QIcon, QImage, QImageWriter, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.objects import Page
from s4desk.core.persist.settings import Settings
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui.bridge.loop import SWITCH_INTERVAL
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.commands.thumbnailing import Thumbnailing
from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.views.objects_pane import ObjectsPane
from s4desk.viewmodels.pager import Pager
from tests.bench.measure import Lateness, own_cpu_seconds, resident_mb

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.parts import Span

PAGE = 1000
PREFIX = Prefix("bench", "album/")
WHEEL_S = 0.03


def key(number: int) -> str:
    return f"{PREFIX.prefix}DSC{number:08d}.jpg"


def photograph() -> bytes:
    image = QImage(4000, 3000, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    shade = QLinearGradient(0, 0, 4000, 3000)
    for at in range(11):
        shade.setColorAt(at / 10, QColor.fromHsv(at * 33, 180, 80 + 150 * (at % 2)))
    painter.fillRect(image.rect(), shade)
    for at in range(3000):
        x, y = at * 7919 % 4000, at * 104729 % 3000
        painter.fillRect(x, y, 40, 40, QColor.fromHsv(at % 360, 90, 200))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    QImageWriter(buffer, QByteArray(b"jpeg")).write(image)
    return bytes(buffer.data().data())


class Album:
    """A listing of photographs, and the store that has them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._photograph = photograph()
        self.gets = self.read = self.inside = self.most = 0

    def page(self, first: int) -> Page:
        rows = range(first, min(first + PAGE, self._count))
        size = len(self._photograph)
        return Page(
            PREFIX,
            [key(at) for at in rows],
            array("q", [size] * len(rows)),
            array("d", [1.7e9] * len(rows)),
            [f"{at:032x}" for at in rows],
            ["STANDARD"] * len(rows),
            next_token=str(rows.stop) if rows.stop < self._count else None,
        )

    async def list(self, _prefix: Prefix, **query: Any) -> Page:
        after = query["start_after"]
        first = bisect_right(range(self._count), after, key=key) if after else 0
        return await asyncio.to_thread(self.page, int(query["token"] or first))

    async def get(self, _location: Location, sink: Any, *, span: Span, **_: Any) -> None:
        self.gets += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(0.02)
            part = self._photograph[span.offset : span.offset + span.size]
            await asyncio.to_thread(sink.write, memoryview(part), span.offset)
            self.read += len(part)
        finally:
            self.inside -= 1


class Bench(QObject):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.album = Album(count)
        self.scope = TaskScope("bench")
        self.pane = ObjectsPane(lambda _name: QIcon())
        self.pane.resize(1200, 800)
        self.pane.show_grid()
        self.pane.show()
        self.grid = self.pane.grid
        self.tasks = GuiTasks(self)
        stores = SimpleNamespace(get=self._store)
        desk: Any = SimpleNamespace(settings=SimpleNamespace(current=Settings()), stores=stores)
        browsing: Any = SimpleNamespace(connection=SimpleNamespace(id=ConnectionId("bench")))
        self.thumbnailing = Thumbnailing(desk, self.tasks, SystemClock(), browsing, self.grid)
        self.late = Lateness()
        self.base = resident_mb()

    async def _store(self, _connection: ConnectionId) -> Album:
        return self.album

    async def measured(self, what: str, act: Callable[[], Any], until: Any = None) -> None:
        """Do something and print how long it took and how late the window was meanwhile."""
        gets, cpu = self.album.gets, own_cpu_seconds()
        self.late.restart()
        began = time.perf_counter()
        work = act()
        if work is not None:
            await work
        while until is not None and not until():  # noqa: ASYNC110 (measured from outside)
            await asyncio.sleep(0.005)
        took = time.perf_counter() - began
        await asyncio.sleep(0.05)
        print(
            f"{what:36} {took:6.2f} s  cpu {own_cpu_seconds() - cpu:5.2f} s  late {self.late}"
            f"  gets {self.album.gets - gets:>4}  +{resident_mb() - self.base:.0f} MB",
            flush=True,
        )

    def is_drawn(self) -> bool:
        metas = [
            self.grid.model().index(row, 0).data(META_ROLE)
            for first, last in self.grid.shown_runs()
            for row in range(first, last + 1)
        ]
        return bool(metas) and all(self.thumbnailing.picture(meta) for meta in metas)

    async def wheel(self, notches: int) -> None:
        bar = self.grid.verticalScrollBar()
        for _ in range(notches):
            bar.setValue(bar.value() + bar.singleStep())
            await asyncio.sleep(WHEEL_S)

    async def run(self) -> None:
        pane, grid, bar = self.pane, self.grid, self.grid.verticalScrollBar()
        await asyncio.sleep(0.2)

        listing: Any = self.album.list

        def source(prefix: Prefix, *, with_owner: bool = False) -> Pager:
            return Pager(listing, prefix, scope=self.scope)

        await self.measured("first screen drawn", lambda: pane.open(PREFIX, source), self.is_drawn)
        await self.measured("load all", pane.load_all, lambda: not pane.status.is_busy)
        await self.measured("rest, drawn", lambda: asyncio.sleep(0.3), self.is_drawn)
        await self.measured("wheel, 200 notches", lambda: self.wheel(200))
        await self.measured("rest, drawn", lambda: asyncio.sleep(0.3), self.is_drawn)

        async def drag() -> None:
            for at in range(100):
                bar.setValue(bar.maximum() * at // 100)
                await asyncio.sleep(WHEEL_S)

        await self.measured("scroll bar dragged to the end", drag)
        await self.measured("rest, drawn", lambda: asyncio.sleep(0.3), self.is_drawn)

        async def pages() -> None:
            for _ in range(20):
                row = max(grid.currentIndex().row(), 0) + 25
                grid.setCurrentIndex(grid.model().index(row, 0))
                await asyncio.sleep(0.25)

        bar.setValue(0)
        await self.measured("25 rows on every quarter second", pages)
        await self.measured("select all", grid.selectAll)
        await self.measured("to the table", pane.show_table)
        await self.measured("and back", pane.show_grid)
        print(f"at most {self.album.most} at once, {self.album.read / 1e6:.0f} MB read")
        self.thumbnailing.close()
        pane.close_listing()
        await self.tasks.aclose()
        for tasks in pane.tasks:
            await tasks.aclose()
        await self.scope.aclose()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    app = QApplication([])
    sys.setswitchinterval(SWITCH_INTERVAL)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(Bench(count).run())


if __name__ == "__main__":
    main()
