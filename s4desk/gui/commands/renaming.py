"""Another name for an object, or for a folder with all that lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.selection import Tally, tally
from s4desk.gui.commands.merging import agrees_to_merge
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.viewmodels.clip import Deed
from s4desk.viewmodels.locked_text import Threat
from s4desk.viewmodels.moving_forms import RenameForm
from s4desk.viewmodels.moving_text import looking_text, rename_tally

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.lock_guard import LockGuard
    from s4desk.gui.commands.planning import Planning


class Renaming:
    """Renames by copy, check and delete, since S3 has nothing else."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        planning: Planning,
        browsing: Browsing,
        guard: LockGuard,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._planning = planning
        self._browsing = browsing
        self._guard = guard
        self._window = window

    async def ask(self, connection: ConnectionId, entry: Prefix | Location) -> None:
        """Ask for a name in a dialog, and rename."""
        await self._ask(connection, RenameForm(entry))

    async def rename(self, connection: ConnectionId, entry: Prefix | Location, name: str) -> None:
        """Rename to what was typed in place; a dialog says what is wrong with it."""
        if name in ("", entry.name.removesuffix("/")):
            return
        form = RenameForm(entry, name)
        if form.errors:
            await self._ask(connection, form)
        else:
            await self._rename(connection, form)

    async def _ask(self, connection: ConnectionId, form: RenameForm) -> None:
        dialog = _RenameDialog(form, self._window)
        counting = None
        if form.is_folder:
            counting = self._tasks.start(self._count(connection, form.entry, dialog.tally))
        try:
            if not await dialog.submission():
                return
        finally:
            if counting is not None:
                counting.cancel()
            dialog.close()
            dialog.deleteLater()
        await self._rename(connection, form)

    async def _rename(self, connection: ConnectionId, form: RenameForm) -> None:
        entry, target = form.entry, form.target
        if not await self._guard.allows(connection, [entry], Threat.MOVE):
            return
        store = await self._desk.stores.get(connection)
        chosen = entry if isinstance(entry, Prefix) else await store.head(entry)

        async def agree(_specs: object) -> bool:
            folders = [Prefix(target.bucket, target.key)] if form.is_folder else []
            return await agrees_to_merge(self._desk, connection, folders, self._window)

        plan = plan_copies(
            store,
            connection,
            [chosen],
            CopyTarget(connection, target.parent, new_name=form.result()),
            new_batch(),
            removes_source=True,
        )
        if await self._planning.submit(plan, looking_text(Deed.MOVE), agree=agree, in_store=True):
            self._browsing.await_entry(connection, target)

    async def _count(self, connection: ConnectionId, entry: Prefix | Location, note: Note) -> None:
        """Say how much is to be copied. Not knowing does not forbid renaming."""
        counted = Tally()
        note.say(rename_tally(counted, is_complete=False))
        try:
            store = await self._desk.stores.get(connection)
            async for counted in tally(store, [entry]):
                note.say(rename_tally(counted, is_complete=False))
        except S4DeskError as error:
            note.fail(error)
        else:
            note.say(rename_tally(counted, is_complete=True))


class _RenameDialog(FormDialog):
    """A name, what it costs to change it, and what is odd about the new one."""

    def __init__(self, form: RenameForm, parent: QWidget) -> None:
        super().__init__(form, tr("&Rename"), parent)
        self._name = form
        self.tally = Note("tally", self)
        self.add_below_fields(self.tally)
        # What was typed elsewhere is wrong already; one's own name is only the beginning.
        if (error := form.errors.get("name")) and form.fields["name"].text != form.entry.name:
            self._say_error(error)
        self.edited.connect(self._remark)

    def _say_error(self, error: str) -> None:
        self.outcome.say(error, is_error=True)

    def _remark(self) -> None:
        self.outcome.say(self._name.remark)
