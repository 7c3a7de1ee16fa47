"""Asking for copies of archived objects."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING

from s4desk.core.domain.archive import ARCHIVES, TIERED
from s4desk.core.domain.identity import Location
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.editing import locations_in
from s4desk.core.transfer.unarchiving import Unarchived, unarchive_many
from s4desk.gui.commands.stoppable import is_stopped
from s4desk.gui.commands.transferring import selected
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.archive_text import (
    ArchiveForm,
    asking_text,
    result_text,
    unarchive_columns,
    unarchive_report,
    unarchive_rows,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.transfer.unarchiving import UnarchiveOutcome
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.archive_states import ArchiveStates
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.selection import Selection

MOST_TOLD = 10_000
_WORTH_A_ROW = (Unarchived.UNDER_WAY, Unarchived.NOT_ARCHIVED, None)


class Unarchiving:
    """Below folders only what the listing says to be in a class of archives is asked for."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        clock: Clock,
        states: ArchiveStates,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._states = states
        self._tasks = tasks
        self._notices = notices
        self._clock = clock
        self._window = window

    async def ask(self, connection: ConnectionId, selection: Selection) -> None:
        """Ask for how long and how quickly, and then for each object of the selection."""
        form = ArchiveForm()
        dialog = FormDialog(form, tr("&Restore"), self._window)
        try:
            if not await dialog.submission():
                return
        finally:
            dialog.close()
            dialog.deleteLater()
        await self._restore(connection, selection, form)

    async def _restore(
        self, connection: ConnectionId, selection: Selection, form: ArchiveForm
    ) -> None:
        store = await self._desk.stores.get(connection)
        counts: Counter[Unarchived | None] = Counter()
        rows: list[UnarchiveOutcome] = []

        def told(outcome: UnarchiveOutcome) -> None:
            counts[outcome.result] += 1
            if outcome.result in _WORTH_A_ROW and len(rows) < MOST_TOLD:
                rows.append(outcome)

        async def go() -> None:
            classes = {*ARCHIVES, TIERED}
            async with aclosing(locations_in(store, selected(selection), classes)) as pages:
                now = self._clock.now()
                await unarchive_many(store, pages, form.days, form.tier, now, told)

        title = tr("Restore from Archive")
        was_stopped = await is_stopped(
            go, self._tasks, title, lambda: asking_text(counts.total()), self._window
        )
        self._states.forget()
        if selection.prefix is not None:
            self._desk.events.publish(ObjectsChanged(connection, selection.prefix))
        if isinstance(selection.only, Location) and rows and rows[0].error is not None:
            self._notices.fail(rows[0].error)
        elif isinstance(selection.only, Location) and rows:
            self._notices.say(f"{rows[0].location.name}: {result_text(rows[0])}")
        else:
            await self._tell(unarchive_report(counts, is_stopped=was_stopped), rows)

    async def _tell(self, sentence: str, rows: list[UnarchiveOutcome]) -> None:
        if not rows:
            self._notices.say(sentence)
            return
        title, shown = tr("Restore from Archive"), unarchive_rows(rows)
        await accepted(ReviewDialog(title, sentence, unarchive_columns(), shown, "", self._window))
