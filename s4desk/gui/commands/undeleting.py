"""Undeleting: one object, a selection, or all below a folder, after showing what that is."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.past_changes import undeletion_of
from s4desk.core.transfer.restoring import histories, undeletion
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import BusyDialog, patiently
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.undeletion import UndeletionDialog
from s4desk.viewmodels.version_text import (
    hidden_row,
    hidden_text,
    looking_text,
    undeleted_text,
    undeleting_text,
    undeletion_failures,
    undeletion_meaning,
    undeletion_question,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.restoring import Restoration
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices

FEW = 50
"""Up to so many objects are looked at one by one, more by listing the folder that they are in."""
LOOK_EVERY_S = 0.2


class Undeleting:
    """Nothing is undeleted before all was looked at. One that is stopped says how far it got."""

    def __init__(self, desk: Desk, tasks: GuiTasks, notices: Notices, window: QWidget) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._window = window

    async def ask(self, connection: ConnectionId, places: Sequence[Prefix | Location]) -> None:
        """Look for what is hidden under delete markers, and undelete it if that is wanted."""
        if not places:
            return
        store = await self._desk.stores.get(connection)
        question = undeletion_question(places)
        dialog = UndeletionDialog(question, undeletion_meaning(), self._window)
        hidden: list[Restoration] = []
        looking = self._tasks.start(self._look(dialog, store, places, hidden))
        try:
            is_wanted = await accepted(dialog)
        finally:
            looking.cancel()
        if is_wanted:
            await self._undelete(connection, store, [hidden[each] for each in dialog.chosen])

    async def _look(
        self,
        dialog: UndeletionDialog,
        store: Store,
        places: Sequence[Prefix | Location],
        hidden: list[Restoration],
    ) -> None:
        count = 0
        dialog.show_found(looking_text(0, 0))
        wanted = set(places)
        try:
            for place in _listed(places):
                is_folder = place in wanted and isinstance(place, Prefix)
                async with aclosing(histories(store, place)) as pages:
                    async for keys in pages:
                        meant = [each for each in keys if is_folder or each[0].location in wanted]
                        count += len(meant)
                        found = [one for each in meant if (one := undeletion(each)) is not None]
                        hidden += found
                        dialog.add([hidden_row(each) for each in found])
                        dialog.show_found(looking_text(len(hidden), count))
                        await asyncio.sleep(0)
        except S4DeskError as error:
            dialog.fail(error)
            return
        sentence = hidden_text(len(hidden), count)
        dialog.show_found(sentence, is_all=True, is_any=bool(hidden))

    async def _undelete(
        self, connection: ConnectionId, store: Store, hidden: Sequence[Restoration]
    ) -> None:
        markers = [marker for each in hidden for marker in each.markers]
        deletion = Deletion.of_versions(store, markers)
        dialog = BusyDialog(tr("Undeleting"), self._window, tr("Stop"))
        dialog.rejected.connect(deletion.stop)
        running = self._tasks.start(_carried_out(deletion))
        try:
            with patiently(dialog):
                while not running.done():
                    await asyncio.wait([running], timeout=LOOK_EVERY_S)
                    dialog.say(undeleting_text(deletion.report.deleted, len(markers)))
        finally:
            for prefix in _changed(hidden):
                self._desk.events.publish(ObjectsChanged(connection, prefix))
        await self._desk.note(undeletion_of(deletion.report, connection, hidden))
        await self._tell(deletion.report, hidden)

    async def _tell(self, report: DeleteReport, hidden: Sequence[Restoration]) -> None:
        text = undeleted_text(report, hidden)
        if report.error is not None:
            self._notices.fail(report.error)
        elif not report.failures:
            self._notices.say(text)
        else:
            await accepted(
                ReviewDialog(
                    tr("Not Undeleted"),
                    text,
                    (tr("Key"), tr("Why")),
                    undeletion_failures(report.failures),
                    "",
                    self._window,
                )
            )


def _listed(places: Sequence[Prefix | Location]) -> list[Prefix | Location]:
    """What is listed to see all of these: of many objects the folders that they are in."""
    singles = [each for each in places if isinstance(each, Location)]
    folders: list[Prefix | Location] = [each for each in places if isinstance(each, Prefix)]
    if len(singles) <= FEW:
        return [*folders, *dict.fromkeys(singles)]
    return [*folders, *dict.fromkeys(each.parent for each in singles)]


def _changed(hidden: Sequence[Restoration]) -> set[Prefix]:
    """The folders in which something can be seen again; of very many only their bucket."""
    folders = {each.location.parent for each in hidden}
    return folders if len(folders) <= FEW else {Prefix(each.bucket) for each in folders}


async def _carried_out(deletion: Deletion) -> None:
    await deletion.run()
