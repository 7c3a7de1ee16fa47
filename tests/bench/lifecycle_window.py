"""The window of a preview at a million keys that a rule touches: how late it is, and its memory.

    python -m tests.bench.lifecycle_window [ROWS]

The listing comes from memory, page by page; every key is found. Then rows are filtered.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from array import array
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.objects import Page
from s4desk.core.runtime.clock import SystemClock
from s4desk.gui.bridge.loop import SWITCH_INTERVAL
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.commands.lifecycle_previewing import LifecyclePreviewing
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.viewmodels.lifecycle_sheet import Kind
from tests.bench.lifecycle import RULES
from tests.bench.measure import Lateness, own_cpu_seconds, resident_mb

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 1000
EVERYTHING: dict[str, Any] = {
    "ID": "everything",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 40},
}


class Bucket:
    """A listing that is made up."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._begun = time.time()
        self._etags = [f"{at:032x}" for at in range(PAGE)]

    async def list_objects(self, prefix: Prefix, *, token: str | None = None, **_: Any) -> Page:
        return await asyncio.to_thread(self._page, prefix, int(token or 0))

    def _page(self, prefix: Prefix, first: int) -> Page:
        rows = range(first, min(first + PAGE, self._count))
        return Page(
            prefix,
            [f"logs/2026/11/part-{row:09d}.parquet" for row in rows],
            array("q", [row % 1000 * 37 for row in rows]),
            array("d", [self._begun - row * 7919 % 2_000_000 for row in rows]),
            self._etags[: len(rows)],
            ["STANDARD"] * len(rows),
            next_token=str(rows.stop) if rows.stop < self._count else None,
        )

    async def get_document(self, *_: Any, **__: Any) -> None:
        return None


class Bench(QObject):
    def __init__(self, count: int) -> None:
        super().__init__()
        self._bucket = Bucket(count)
        self._tasks = GuiTasks(self)
        self._late = Lateness()
        stores = SimpleNamespace(get=self._store)
        connections = SimpleNamespace(get=lambda _id: None, name_of=lambda _id: "")
        desk: Any = SimpleNamespace(stores=stores, connections=connections)
        nobody: Any = SimpleNamespace()
        parent: Any = None
        self._previewing = LifecyclePreviewing(
            desk, self._tasks, SystemClock(), nobody, nobody, parent
        )

    async def _store(self, _connection: ConnectionId) -> Bucket:
        return self._bucket

    async def measured(self, what: str, act: Callable[[], Any], until: Callable[[], bool]) -> None:
        cpu, most = own_cpu_seconds(), 0.0
        self._late.restart()
        began = time.perf_counter()
        act()
        while not until():
            await asyncio.sleep(0.01)
            most = max(most, resident_mb())
        took = time.perf_counter() - began
        print(
            f"{what:28} {took:6.2f} s  cpu {own_cpu_seconds() - cpu:5.2f} s  late {self._late}"
            f"  at most {most:.0f} MB",
            flush=True,
        )
        await asyncio.sleep(0.2)

    async def run(self) -> None:
        rules = lifecycle_of(
            {"Rules": [{"Status": "Enabled", **rule} for rule in (*RULES, EVERYTHING)]}
        )
        shown = self._previewing.show(ConnectionId("bench"), Prefix("b"), rules)
        whole: list[Any] = []
        await asyncio.sleep(0.2)

        def dialogs() -> list[LifecyclePreviewDialog]:
            found = QApplication.topLevelWidgets()
            return [each for each in found if isinstance(each, LifecyclePreviewDialog)]

        def is_done() -> bool:
            look = dialogs()[0].findChild(QPushButton, "look") if dialogs() else None
            return look is not None and look.text() == "&Look Again"

        await self.measured("looked at", lambda: whole.append(self._tasks.start(shown)), is_done)
        dialog = dialogs()[0]
        model = dialog.model
        print(f"{model.rowCount()} rows")
        text, kind = dialog.findChild(QLineEdit, "text"), dialog.findChild(QComboBox, "kind")
        assert text is not None
        assert kind is not None

        def sifted() -> bool:
            return model.sieve == dialog.sieve

        await self.measured("filtered by text", lambda: text.setText("999"), sifted)
        await self.measured("without it", text.clear, sifted)
        at = kind.findData(Kind.GOES)
        await self.measured("filtered by kind", lambda: kind.setCurrentIndex(at), sifted)
        await self.measured("without it", lambda: kind.setCurrentIndex(0), sifted)
        dialog._tabs.setCurrentIndex(1)

        def dragged() -> bool:
            bar = dialog.table.verticalScrollBar()
            bar.setValue(bar.value() + bar.maximum() // 200 + 1)
            return bar.value() >= bar.maximum()

        await self.measured("dragged to the end", lambda: None, dragged)
        dialog.reject()
        await whole[0]
        await self._tasks.aclose()


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
