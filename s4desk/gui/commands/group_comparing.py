"""Comparing what the members of a failover group hold."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from itertools import count, islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.failover.merged_file import MergedFile
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.dialogs.group_compare import GroupCompareDialog
from s4desk.viewmodels.group_compare import compare_row, compared_text, comparing_text, sheet
from s4desk.viewmodels.rows import display_name, format_count

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.holdings import MergedRow
    from s4desk.core.failover.merged import MergedView
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.group_compare import Sieve

MOST_LISTED: Final = 10_000


class GroupComparing:
    """One place at a time; closing the dialog ends it."""

    def __init__(self, desk: Desk, tasks: GuiTasks, window: QWidget) -> None:
        self._desk = desk
        self._tasks = tasks
        self._window = window

    async def show(
        self, group: ConnectionId, place: Prefix | None, parent: QWidget | None = None
    ) -> None:
        """Until the dialog is closed. A place that is named is compared at once."""
        found = self._desk.connections.get(group)
        if found is None or found.group is None:
            return
        name_of = self._desk.connections.name_of
        names = [name_of(each) or tr("(removed connection)") for each in found.group.ids]
        dialog = GroupCompareDialog(
            tr("Compare Members: {group}").format(group=display_name(found.name)),
            "" if place is None else f"{place.bucket}/{place.prefix}",
            names,
            parent or self._window,
        )
        folder = Path(await in_thread(mkdtemp, None, "s4desk-members-"))
        view = _View(self._desk, self._tasks, dialog, group, names, folder)
        if place is not None:
            view.begin()
        try:
            await accepted(dialog)
        finally:
            await view.aclose()
            await in_thread(rmtree, folder, True)


class _View:
    """One dialog, from its opening to its end. All rows are kept in a file while they are found:
    they may be more than is listed."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        dialog: GroupCompareDialog,
        group: ConnectionId,
        names: list[str],
        folder: Path,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._dialog = dialog
        self._group = group
        self._names = names
        self._paths = (folder / str(number) for number in count())
        self._file: MergedFile | None = None
        # Who adds rows and who looks for others take turns.
        self._turn = asyncio.Lock()
        self._comparing: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Task[None]] = set()
        dialog.compare_asked.connect(self.begin)
        dialog.stop_asked.connect(self._stop)
        dialog.sieved.connect(lambda: self._beside(self._sift()))
        dialog.export_asked.connect(lambda: self._beside(self._export()))

    def begin(self) -> None:
        """Compare what is typed."""
        self._comparing = self._tasks.start(self._compare(self._comparing))

    async def aclose(self) -> None:
        """Compare no more; nobody has the file then."""
        running = [each for each in (self._comparing, *self._aside) if each is not None]
        for each in running:
            each.cancel()
        if running:
            await asyncio.wait(running)

    def _stop(self) -> None:
        if self._comparing is not None:
            self._comparing.cancel()

    async def _compare(self, former: asyncio.Task[None] | None) -> None:
        if former is not None:
            await asyncio.wait([former])
        bucket, _, prefix = self._dialog.place.partition("/")
        if not bucket:
            self._dialog.fail(tr("Enter a bucket, or bucket/folder."))
            return
        self._dialog.begin(tr("All members are listed…"))
        try:
            view = await self._desk.groups.merged(self._group, Prefix(bucket, prefix))
            if view is None:
                self._dialog.fail(tr("This is no group any more."))
                return
            self._file = MergedFile(next(self._paths))
            await self._tell(view, self._file)
        except S4DeskError as error:
            self._dialog.fail(error)
        except OSError as error:
            self._dialog.fail(tr("The file cannot be written: {error}").format(error=error))

    async def _tell(self, view: MergedView, file: MergedFile) -> None:
        """All that is found, and what came of it, also of a part."""
        is_stopped = True
        try:
            async with aclosing(view.rows()) as pieces:
                async for some in pieces:
                    async with self._turn:
                        await in_thread(file.add, some)
                        self._add([row for row in some if self._dialog.sieve.lets_through(row)])
                    self._dialog.state.say(comparing_text(view.summary))
            is_stopped = False
        finally:
            if isValid(self._dialog):
                self._dialog.end(compared_text(view.summary, is_stopped=is_stopped))

    def _add(self, rows: list[MergedRow]) -> None:
        room = MOST_LISTED - self._dialog.model.rowCount()
        self._dialog.add([compare_row(row) for row in rows[:room]])
        if len(rows) > room:
            self._say_more()

    async def _sift(self) -> None:
        """Show other rows of those that are there."""
        self._dialog.outcome.say("")
        async with self._turn:
            if self._file is None:
                return
            found = await in_thread(_first, self._file, self._dialog.sieve)
            self._dialog.show_rows([compare_row(row) for row in found[:MOST_LISTED]])
        if len(found) > MOST_LISTED:
            self._say_more()

    def _say_more(self) -> None:
        more = tr("Only the first {count} are listed; all of them can be exported.")
        self._dialog.outcome.say(more.format(count=format_count(MOST_LISTED)))

    async def _export(self) -> None:
        file, sieve = self._file, self._dialog.sieve
        path = await choose_target(tr("Export"), "members.csv", self._dialog)
        if path is None or file is None:
            return
        try:
            async with self._turn:
                await in_thread(_write, path, file, sieve, self._names)
        except OSError as error:
            self._dialog.outcome.fail(tr("The file cannot be written: {error}").format(error=error))
            return
        self._dialog.outcome.say(tr("Written to {file}.").format(file=path), is_success=True)

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        """Something that ends with the dialog, too."""
        task = self._tasks.start(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


def _first(file: MergedFile, sieve: Sieve) -> list[MergedRow]:
    """One more than is listed: then there are more."""
    return list(islice(file.rows(sieve.lets_through), MOST_LISTED + 1))


def _write(path: Path, file: MergedFile, sieve: Sieve, names: list[str]) -> None:
    with path.open("wb") as target:
        target.writelines(sheet(file.rows(sieve.lets_through), names))
