"""A million keys in the table: how long, how much memory, how late the window.

The pages are made in worker threads, as the wire makes them: `python -m tests.bench.table_million`.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import sys
import time
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Page
from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui.bridge.loop import SWITCH_INTERVAL
from s4desk.gui.models.object_table import ObjectTableModel
from s4desk.gui.views.object_table_view import ObjectTableView
from s4desk.viewmodels.listing import ListingState
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.pager import Pager
from tests.bench.measure import Lateness, resident_mb

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 1000
PREFIX = Prefix("bench", "logs/2026/11/")


def key(number: int) -> str:
    return f"{PREFIX.prefix}part-{number:09d}.parquet"


def make_page(first: int, count: int) -> Page:
    """What parsing one reply leaves: fresh strings for every key and ETag."""
    rows = range(first, min(first + PAGE, count))
    keys = [key(at) for at in rows]
    return Page(
        PREFIX,
        keys,
        array("q", [(at * 7919) % 10**9 for at in rows]),
        array("d", [1.7e9 + (at * 104729) % 10**7 for at in rows]),
        [hashlib.md5(key.encode()).hexdigest() for key in keys],
        ["STANDARD" if at % 5 else "GLACIER" for at in rows],
        next_token=str(rows.stop) if rows.stop < count else None,
    )


class Made:
    """A listing whose pages are made in a thread when they are asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    async def __call__(self, _prefix: Prefix, **query: Any) -> Page:
        after = query["start_after"]
        first = bisect_right(range(self._count), after, key=key) if after else 0
        return await asyncio.to_thread(make_page, int(query["token"] or first), self._count)


class Bench:
    def __init__(self, count: int) -> None:
        self.base = resident_mb()
        self.scope = TaskScope("bench")
        self.model = ObjectTableModel(lambda _name: QIcon())
        self.view = ObjectTableView(self.model)
        self.view.resize(1200, 800)
        self.view.show()
        self.late = Lateness()
        self.source = Made(count)

    async def wait(self, until: Callable[[], bool]) -> None:
        while not until():  # noqa: ASYNC110 (measured from outside)
            await asyncio.sleep(0.005)

    async def measured(self, what: str, act: Callable[[], object], until: Any = None) -> None:
        """Do something and print how long it took and how late the window was meanwhile."""
        self.late.restart()
        began = time.perf_counter()
        act()
        called = time.perf_counter() - began
        await self.wait(until or (lambda: not self.model.status.is_busy))
        await asyncio.sleep(0.05)
        took = time.perf_counter() - began - 0.05
        rows = self.model.rowCount()
        print(
            f"{what:34} {took:7.2f} s  call {called * 1e3:6.0f} ms  late {self.late}"
            f"  rows {rows:>9,}  +{resident_mb() - self.base:.0f} MB",
            flush=True,
        )

    async def run(self) -> None:
        model, view = self.model, self.view
        await asyncio.sleep(0.2)
        pager = Pager(self.source, PREFIX, scope=self.scope)
        await self.measured("first row", lambda: model.open(pager), lambda: model.rowCount() > 0)
        await self.measured("first ten pages", lambda: None)
        await self.measured("load all", model.load_all)
        gc.collect()
        await self.measured("scroll to the end", view.scrollToBottom)
        await self.measured("filter: letters", lambda: model.set_filter("77"))
        await self.measured("filter: glob", lambda: model.set_filter("*77*.parquet"))
        await self.measured("filter: nothing", lambda: model.set_filter("zebra"))
        await self.measured("filter: off", lambda: model.set_filter(""))
        await self.measured("sort by size", lambda: model.sort(Column.SIZE))
        down = Qt.SortOrder.DescendingOrder
        await self.measured("sort by time, down", lambda: model.sort(Column.MODIFIED, down))
        await self.measured("sort by class", lambda: model.sort(Column.CLASS))
        await self.measured("sort by name", lambda: model.sort(Column.NAME))
        await self.measured("select all", view.selectAll)
        await self.measured("summary of all", view.summary)
        await self.measured("arrow key after that", lambda: view.selectRow(10))
        await self.measured("remove one in the middle", lambda: model.remove([key(500_000)]))
        await self.measured("type-ahead, no such name", lambda: view.keyboardSearch("zz"))
        await self.measured("selection as values", lambda: model.selection([(0, 999_998)]))
        pager = Pager(self.source, PREFIX, scope=self.scope)
        await self.measured("refresh", lambda: model.refresh(pager))
        await self.measured("close", model.close, lambda: model.status.state is ListingState.CLOSED)
        await model.tasks.aclose()
        await self.scope.aclose()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    app = QApplication([])
    sys.setswitchinterval(SWITCH_INTERVAL)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(Bench(count).run())


if __name__ == "__main__":
    main()
