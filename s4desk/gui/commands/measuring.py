"""Counting how much lies where, and showing it meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from functools import partial
from math import nan
from typing import TYPE_CHECKING

from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.usage_tree import UsageTree
from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.folders import local_errors
from s4desk.core.transfer.selection import pages_of, versions_of
from s4desk.gui.commands.endings import ended
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.dialogs.storage import StorageDialog
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.price_form import PriceForm
from s4desk.viewmodels.usage_report import usage_report
from s4desk.viewmodels.usage_rows import sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.domain.prices import Prices
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing

TELL_EVERY_S = 0.25


class Measuring:
    """As many places at once as somebody opens; each ends with its dialog."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, browsing: Browsing, clock: Clock, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._browsing = browsing
        self._clock = clock
        self._window = window

    async def show(self, connection: ConnectionId, place: Prefix) -> None:
        """Count all below a folder, or in a bucket, and show it beside the window."""
        dialog = StorageDialog(place, self._window)
        ended = asyncio.Event()
        dialog.finished.connect(lambda _: ended.set())
        dialog.go_asked.connect(
            lambda prefix: self._browsing.go(Place(connection, Prefix(place.bucket, prefix)))
        )
        prices = await self._desk.prices.of(connection)
        now = self._clock.now().timestamp()
        view = _View(self._desk, self._tasks, dialog, connection, place, now, prices)
        dialog.show()
        try:
            await ended.wait()
        finally:
            view.leave()
            if isValid(dialog):  # else it has gone with the window
                dialog.close()
                dialog.deleteLater()


class _View:
    """One dialog, from its opening to its end.

    The tree is counted in one thread and read in another: `_reading` keeps them apart.
    """

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        dialog: StorageDialog,
        connection: ConnectionId,
        place: Prefix,
        now: float,
        prices: Prices,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._dialog = dialog
        self._connection = connection
        self._place = place
        self._now = now
        self._prices = prices
        self._classes: Sequence[str] = ()
        self._tree = UsageTree(place.prefix, now)
        self._reading = asyncio.Lock()
        self._counting: asyncio.Task[None] | None = None
        self._target = "storage.csv"
        self._is_over = False
        dialog.asked.connect(lambda: tasks.start(self._tell()))
        dialog.count_asked.connect(lambda is_old: self._begin(with_old=is_old))
        dialog.stop_asked.connect(self.close)
        dialog.prices_asked.connect(lambda: tasks.start(self._ask_prices()))
        dialog.export_asked.connect(lambda: tasks.start(self._export()))
        self._begin(with_old=False)
        self._looking = tasks.start(self._look_for_versions())

    def leave(self) -> None:
        """The dialog is gone, or will be."""
        self._is_over = True
        self._looking.cancel()
        self.close()

    @property
    def _is_gone(self) -> bool:
        """Also with the window, before anybody is told."""
        return self._is_over or not isValid(self._dialog)

    def close(self) -> None:
        """Count no further."""
        if self._counting is not None:
            self._counting.cancel()

    def _begin(self, *, with_old: bool) -> None:
        self.close()
        self._tree = UsageTree(self._place.prefix, self._now)
        self._counting = self._tasks.start(self._count(self._tree, with_old=with_old))

    async def _look_for_versions(self) -> None:
        try:
            store = await self._desk.stores.get(self._connection)
            if await read_config(store, self._place.bucket, ConfigKind.VERSIONING):
                self._dialog.offer_old_versions()
        except S4DeskError:
            return  # whoever may not ask is not offered them

    async def _count(self, tree: UsageTree, *, with_old: bool) -> None:
        self._dialog.set_busy(True)
        with ended(partial(self._end, tree)):
            store = await self._desk.stores.to_read(self._connection)
            count = self._count_versions if with_old else self._count_objects
            await count(store, tree)
        await self._tell()

    def _end(self, tree: UsageTree, end: BaseException | str) -> None:
        if tree is not self._tree or self._is_gone:
            return
        self._dialog.set_busy(False)
        if isinstance(end, str):
            self._dialog.outcome.say(end)
        else:
            self._dialog.outcome.fail(end)

    async def _count_objects(self, store: Store, tree: UsageTree) -> None:
        told = 0.0
        async with aclosing(pages_of(store, self._place)) as pages:
            async for page in pages:
                rows = zip(page.keys, page.sizes, page.modified, page.classes, strict=True)
                async with self._reading:
                    await in_thread(tree.count, rows)
                told = await self._tell_at_times(told)

    async def _count_versions(self, store: Store, tree: UsageTree) -> None:
        told = 0.0
        async for versions in versions_of(store, self._place):
            async with self._reading:
                await in_thread(_count_versions, tree, versions)
            told = await self._tell_at_times(told)

    async def _tell_at_times(self, told: float) -> float:
        """When it was told last, in seconds of the monotonic clock."""
        now = time.monotonic()
        if now - told < TELL_EVERY_S:
            return told
        await self._tell()
        return now

    async def _tell(self) -> None:
        dialog = self._dialog
        async with self._reading:
            sheet = await in_thread(
                sheet_of, self._tree, dialog.prefix, dialog.division, dialog.measure, self._prices
            )
        self._classes = sheet.classes
        if not self._is_gone:
            dialog.show_sheet(sheet)

    async def _ask_prices(self) -> None:
        form = PriceForm(self._prices, self._classes)

        async def keep() -> None:
            await self._desk.prices.change(self._connection, form.result())

        if await is_done(FormDialog(form, tr("Save"), self._dialog), "", keep):
            self._prices = form.result()
            await self._tell()

    async def _export(self) -> None:
        path = await choose_target(tr("Export Storage"), self._target, self._dialog)
        if path is None:
            return
        self._target = str(path)
        async with self._reading:
            report = await in_thread(usage_report, self._tree, self._prices)
        try:
            await in_thread(_write, path, report)
        except S4DeskError as error:
            self._dialog.outcome.fail(error)
        else:
            said = tr("Written to {file}.").format(file=path.name)
            self._dialog.outcome.say(said, is_success=True)


def _count_versions(tree: UsageTree, versions: Sequence[ObjectVersion]) -> None:
    for is_old in (False, True):
        tree.count(
            (
                (
                    each.location.key,
                    each.size,
                    nan if each.modified is None else each.modified.timestamp(),
                    each.storage_class,
                )
                for each in versions
                if not each.is_delete_marker and each.is_latest is not is_old
            ),
            is_old=is_old,
        )
    tree.markers += sum(each.is_delete_marker for each in versions)


def _write(path: Path, report: bytes) -> None:
    with local_errors(path):
        write_atomically(path, report)
