"""Making one folder like another: compared before the eyes of a person, then carried out."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from s4desk.core.domain.errors import LocalFileError, S4DeskError
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.sync import Comparison, locations, remove_files, unchanged
from s4desk.core.transfer.sync_sides import StoreFolder, comparison_of
from s4desk.gui.commands.deleting import NAMES_SHOWN, keeping_in
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.dialogs.base import accepted, pressed
from s4desk.gui.dialogs.deletion import DeletionDialog, DeletionQuestion
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.viewmodels.deletion_text import failure_rows
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.locked_text import Threat
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.sync_form import SyncForm, SyncTask, Way
from s4desk.viewmodels.sync_text import (
    compared_text,
    comparing_text,
    danger,
    done_text,
    refused_text,
    stand_in_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.transfer import BatchId, TransferSpec
    from s4desk.core.transfer.inventory import Held
    from s4desk.core.transfer.names import NameChange
    from s4desk.core.transfer.sync import Compared
    from s4desk.core.transfer.walk import PathProblem
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.deleting import Deleting
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.planning import Planning
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.gui.models.cells import Icons

FILES_PER_HOP = 500


@dataclass(frozen=True, slots=True)
class _Order:
    """What a person agreed to."""

    task: SyncTask
    batch: BatchId
    specs: Sequence[TransferSpec]
    gone: Sequence[Held]


@dataclass(slots=True)
class _End:
    """What became of what was gone; `failures` are names, each with the reason."""

    deleted: int = 0
    changed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


class Syncing:
    """Shows a sync, and carries it out: transfers first, and only when all of them have ended well
    what is gone is deleted. Closing the program in between deletes nothing."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        notices: Notices,
        planning: Planning,
        deleting: Deleting,
        icons: Icons,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._feed = feed
        self._notices = notices
        self._planning = planning
        self._deleting = deleting
        self._icons = icons
        self._window = window
        self._folder = ""

    async def sync(self, connection: ConnectionId, prefix: Prefix) -> None:
        """Ask how this folder of a store is to be synced, and do it."""
        form = SyncForm(
            Place(connection, prefix),
            prefix,
            self._desk.connections.all(),
            folder=self._folder,
        )
        dialog = SyncDialog(form, self._icons, self._window)
        preview = _Preview(self._desk, self._tasks, dialog)
        try:
            while await pressed(dialog, dialog.submitted):
                order = await self._agreed(dialog, preview)
                if order is not None:
                    break
            else:
                return
        finally:
            preview.stop()
            dialog.close()
            dialog.deleteLater()
        await self._carry_out(order)

    # Asking

    async def _agreed(self, dialog: SyncDialog, preview: _Preview) -> _Order | None:
        """What is to be done once every question is answered; None to go on choosing."""
        task, comparison, rows = preview.task, preview.comparison, dialog.rows
        if task is None or comparison is None:
            return None
        self._folder = str(task.folder) if task.way is not Way.COPY else self._folder
        specs, gone = rows.transfers(), rows.gone()
        if gone and not await self._may_delete(dialog, task, comparison, gone):
            return None
        if not await self._may_hide(dialog, task, specs, gone):
            return None
        may_move = await self._planning.accepts(
            preview.problems, preview.changes, has_others=bool(specs)
        )
        return _Order(task, preview.batch, specs, gone) if may_move else None

    async def _may_hide(
        self,
        dialog: SyncDialog,
        task: SyncTask,
        specs: Sequence[TransferSpec],
        gone: Sequence[Held],
    ) -> bool:
        """Whether nothing that is locked would be replaced or deleted, or that is wanted."""
        place = task.target_place
        if place is None:
            return True
        doomed = [
            spec.target.location
            for spec in specs
            if isinstance(spec.target, Address) and spec.on_conflict is not ConflictPolicy.IF_ABSENT
        ]
        doomed += locations(gone)
        return await self._planning.guard.allows(place.connection, doomed, Threat.SYNC, dialog)

    async def _may_delete(
        self, dialog: SyncDialog, task: SyncTask, comparison: Comparison, gone: Sequence[Held]
    ) -> bool:
        keeping = None
        name, where = task.folder.name or str(task.folder), str(task.folder)
        place = task.target_place
        if place is not None and place.prefix is not None:
            store = await self._desk.stores.get(place.connection)
            keeping = await keeping_in(store, place.prefix.bucket)
            name = place.prefix.name
            where = f"{place.prefix.bucket}/{place.prefix.prefix}"
        told = danger(dialog.rows, comparison, keeping, name, where)
        names = [_name(held) for held in gone[:NAMES_SHOWN]]
        question = DeletionQuestion(
            tr("Sync"), told.problem, told.consequence, names, told.word, tr("&Sync and Delete")
        )
        asking = DeletionDialog(question, dialog)
        asking.fail(told.warning)
        return await accepted(asking)

    # Doing

    async def _carry_out(self, order: _Order) -> None:
        moved = 0
        if order.specs:
            await self._desk.queue.submit(order.specs)
            self._feed.wake()
            if not order.gone:
                return
            finished = await self._desk.queue.wait(order.batch)
            if finished.failed or finished.cancelled:
                self._notices.warn(refused_text(finished))
                return
            moved = finished.completed
        place = order.task.target_place
        if place is not None and place.prefix is not None:
            end = await self._delete_objects(place.connection, place.prefix, order.gone)
        else:
            end = await _delete_files(order.task.folder, order.gone)
        await self._tell(moved, end)

    async def _delete_objects(
        self, connection: ConnectionId, prefix: Prefix, gone: Sequence[Held]
    ) -> _End:
        store = await self._desk.stores.get(connection)
        doomed = locations(await unchanged(store, prefix, gone))
        report = await self._deleting.carry_out(Deletion(store, doomed), connection)
        for parent in {location.parent for location in doomed}:
            self._desk.events.publish(ObjectsChanged(connection, parent))
        if report.error is not None:
            raise report.error
        return _End(report.deleted, len(gone) - len(doomed), failure_rows(report.failures))

    async def _tell(self, moved: int, end: _End) -> None:
        sentence = done_text(moved, end.deleted, changed=end.changed, failed=len(end.failures))
        self._notices.say(sentence)
        if end.failures:
            columns = (tr("Name"), tr("Why"))
            report = ReviewDialog(tr("Sync"), sentence, columns, end.failures, "", self._window)
            await accepted(report)


class _Preview:
    """The comparison that a SyncDialog shows; another one takes the place of the last."""

    def __init__(self, desk: Desk, tasks: GuiTasks, dialog: SyncDialog) -> None:
        self._desk = desk
        self._tasks = tasks
        self._dialog = dialog
        self._running: asyncio.Task[None] | None = None
        self.batch = new_batch()
        self.task: SyncTask | None = None
        self.comparison: Comparison | None = None
        self.problems: list[PathProblem] = []
        self.changes: list[NameChange] = []
        dialog.compare_asked.connect(self._start)
        dialog.stop_asked.connect(self._stop_and_say)

    def stop(self) -> None:
        """End what goes on, if anything does."""
        if self._running is not None:
            self._running.cancel()

    def _stop_and_say(self) -> None:
        self.stop()
        self._dialog.stopped()

    def _start(self) -> None:
        self.stop()
        self.batch, self.problems, self.changes = new_batch(), [], []
        self.task = self._dialog.form.result()
        self._dialog.begin(_top(self.task), tr("Reading both sides…"))
        self._running = self._tasks.start(self._compare(self.task))

    async def _compare(self, task: SyncTask) -> None:
        try:
            source, target = _sides(task)
            comparison = await comparison_of(
                source,
                target,
                task.how,
                self.batch,
                self._desk.stores_for(_place(source), _place(target)),
                part_size=self._desk.settings.current.sizes.part,
                older=self._desk.older,
            )
            self.comparison = comparison
            await self._show(comparison)
        except (S4DeskError, OSError) as error:
            self._dialog.fail(error)
            return
        sentence = compared_text(self._dialog.rows, comparison.same, len(self.problems))
        connections = self._desk.connections
        self._dialog.end(
            sentence,
            may_delete=comparison.may_delete,
            may_replace=comparison.may_replace,
            stand_in=stand_in_of(
                comparison, connections.get(task.place.connection), connections.name_of
            ),
        )

    async def _show(self, comparison: Comparison) -> None:
        comparing = cast("AsyncGenerator[Compared, None]", comparison.run())
        async with aclosing(comparing) as batches:
            async for compared in batches:
                self.problems += compared.problems
                self.changes += compared.changes
                self._dialog.add(compared, comparing_text(comparison))
                await asyncio.sleep(0)


def _place(side: Path | StoreFolder) -> Path | Address:
    if isinstance(side, StoreFolder):
        return Address(side.connection, side.prefix.location(""))
    return side


def _sides(task: SyncTask) -> tuple[Path | StoreFolder, Path | StoreFolder]:
    """Source and target."""
    here = StoreFolder(task.place.connection, task.prefix)
    if task.way is Way.UP:
        return task.folder, here
    there = task.target_place
    if there is None or there.prefix is None:
        return here, task.folder
    return here, StoreFolder(there.connection, there.prefix)


def _top(task: SyncTask) -> Path | str:
    """What the names of the target begin with."""
    place = task.target_place
    if place is None or place.prefix is None:
        return task.folder.absolute()
    return place.prefix.prefix


def _name(held: Held) -> str:
    place = held.place
    return display_name(place.key if isinstance(place, Location) else str(place))


async def _delete_files(top: Path, gone: Sequence[Held]) -> _End:
    end = _End()
    for start in range(0, len(gone), FILES_PER_HOP):
        some = gone[start : start + FILES_PER_HOP]
        for outcome in await in_thread(lambda some=some: list(remove_files(top, some))):
            if isinstance(outcome, LocalFileError):
                end.failures.append((display_name(str(outcome.path)), describe(outcome)))
            else:
                end.deleted += 1
    return end
