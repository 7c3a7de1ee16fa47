"""A hundred thousand locked objects: how late the window is while one scrolls, and what is asked.

Each HEAD takes 20 ms and tells a lock; the listing comes from memory:
`python -m tests.bench.locks`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from array import array
from bisect import bisect_right
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes, ObjectMeta, Page
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui.bridge.loop import SWITCH_INTERVAL
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.commands.lock_badges import LockBadges
from s4desk.gui.commands.lock_reading import LockReading
from s4desk.gui.views.objects_pane import ObjectsPane
from s4desk.gui.views.seen_rows import seen_indexes
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.pager import Pager
from tests.bench.measure import Lateness, own_cpu_seconds, resident_mb

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.bucket_config import ConfigKind
    from s4desk.core.domain.identity import Location

PAGE = 1000
PREFIX = Prefix("bench", "ledger/")
WHEEL_S = 0.03
HEAD_S = 0.02
LOCK = LockState(LockMode.COMPLIANCE, datetime(2035, 3, 31, tzinfo=UTC))


def key(number: int) -> str:
    return f"{PREFIX.prefix}{number:08d}.pdf"


class Vault:
    """A listing of locked objects, and the store that has them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.heads = self.inside = self.most = self.given_up = 0
        self.asked: set[str] = set()

    def page(self, first: int) -> Page:
        rows = range(first, min(first + PAGE, self._count))
        return Page(
            PREFIX,
            [key(at) for at in rows],
            array("q", [4096] * len(rows)),
            array("d", [1.7e9] * len(rows)),
            [f"{at:032x}" for at in rows],
            ["STANDARD"] * len(rows),
            next_token=str(rows.stop) if rows.stop < self._count else None,
        )

    async def list(self, _prefix: Prefix, **query: Any) -> Page:
        after = query["start_after"]
        first = bisect_right(range(self._count), after, key=key) if after else 0
        return await asyncio.to_thread(self.page, int(query["token"] or first))

    async def get_document(self, _bucket: str, kind: ConfigKind, **_: Any) -> Any:
        return from_json(kind, {"ObjectLockEnabled": "Enabled"})

    async def head(self, location: Location, **_: Any) -> ObjectMeta:
        self.heads += 1
        self.asked.add(location.key)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(HEAD_S)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.inside -= 1
        return ObjectMeta(location, 4096, None, "", attributes=Attributes(lock=LOCK))


class Browsing(QObject):
    """As much of it as badges want to know."""

    moved = Signal()
    connection = SimpleNamespace(id=ConnectionId("bench"))
    place = SimpleNamespace(connection=ConnectionId("bench"), prefix=PREFIX)


class Bench(QObject):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.vault = Vault(count)
        self.scope = TaskScope("bench")
        self.pane = ObjectsPane(lambda _name: QIcon())
        self.pane.resize(1200, 800)
        self.pane.show_table()
        self.pane.show()
        self.table = self.pane.table
        self.tasks = GuiTasks(self)
        stores = SimpleNamespace(get=self._store, report=lambda _connection: None)
        desk: Any = SimpleNamespace(stores=stores)
        browsing: Any = Browsing()
        clock = SystemClock()
        reading = LockReading(desk, clock)
        self.badges = LockBadges(reading, self.tasks, clock, browsing, self.pane)
        self.late = Lateness()
        self.base = resident_mb()

    async def _store(self, _connection: ConnectionId) -> Vault:
        return self.vault

    async def measured(self, what: str, act: Callable[[], Any], until: Any = None) -> None:
        """Do something and print how long it took, how late the window was, and what was asked."""
        vault, cpu = self.vault, own_cpu_seconds()
        heads, given_up = vault.heads, vault.given_up
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
            f"{what:34} {took:6.2f} s  cpu {own_cpu_seconds() - cpu:5.2f} s  late {self.late}"
            f"  heads {vault.heads - heads:>4}, {vault.given_up - given_up} given up"
            f"  +{resident_mb() - self.base:.0f} MB",
            flush=True,
        )

    def is_badged(self) -> bool:
        texts = [i.siblingAtColumn(Column.LOCK).data() for i in seen_indexes(self.table)]
        return bool(texts) and all(texts)

    async def run(self) -> None:
        pane, table, bar = self.pane, self.table, self.table.verticalScrollBar()
        await asyncio.sleep(0.2)
        listing: Any = self.vault.list

        def source(prefix: Prefix, *, with_owner: bool = False, **_: Any) -> Pager:
            return Pager(listing, prefix, scope=self.scope)

        await self.measured("first badges", lambda: pane.open(PREFIX, source), self.is_badged)
        await self.measured("load all", pane.load_all, lambda: not pane.status.is_busy)
        rows = len(list(seen_indexes(table)))
        print(f"{rows} rows on the screen")

        async def wheel() -> None:
            for _ in range(200):
                bar.setValue(bar.value() + 3 * bar.singleStep())
                await asyncio.sleep(WHEEL_S)

        async def drag() -> None:
            for at in range(100):
                bar.setValue(bar.maximum() * at // 100)
                await asyncio.sleep(WHEEL_S)

        async def pages() -> None:
            for _ in range(40):
                bar.setValue(bar.value() + bar.pageStep())
                await asyncio.sleep(0.25)

        await self.measured("wheel, 200 notches", wheel)
        await self.measured("rest", lambda: asyncio.sleep(0.3), self.is_badged)
        await self.measured("scroll bar dragged to the end", drag)
        await self.measured("rest", lambda: asyncio.sleep(0.3), self.is_badged)
        bar.setValue(0)
        await self.measured("a page on every quarter second", pages)
        await self.measured("rest", lambda: asyncio.sleep(0.3), self.is_badged)
        bar.setValue(0)
        await self.measured("back at the beginning", lambda: asyncio.sleep(0.5), self.is_badged)
        vault = self.vault
        print(
            f"at most {vault.most} at once; {vault.heads} requests for {len(vault.asked)} rows,"
            f" {vault.given_up} given up"
        )
        self.badges.close()
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
