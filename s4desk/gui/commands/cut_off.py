"""Deletions that were cut off: each is offered by itself, and goes on when a person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, Prefix
from s4desk.core.persist.database import DatabaseInUseError
from s4desk.core.persist.deletions import LastingDeletion
from s4desk.core.persist.runs import NoSuchRunError
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.confirmed import check_still
from s4desk.gui.commands.deleting import keeping_in
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.transfer_cells import names_in
from s4desk.viewmodels.cut_off_text import (
    cut_off,
    cut_off_notice,
    forgotten_text,
    go_on_explanation,
    go_on_question,
    what_of,
)
from s4desk.viewmodels.deletion_text import consequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.persist.runs import Run, RunView
    from s4desk.gui.commands.deleting import Deleting
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.listing import Notice


class CutOff:
    """The deletions that are offered, the oldest first; what is put off is for the next start."""

    def __init__(self, desk: Desk, notices: Notices, deleting: Deleting, window: QWidget) -> None:
        self._desk = desk
        self._notices = notices
        self._deleting = deleting
        self._window = window
        self._views: list[RunView] = []
        self._put_off: set[str] = set()

    def see(self, views: Iterable[RunView]) -> None:
        """What there is now."""
        self._views = [view for view in cut_off(views) if view.id not in self._put_off]

    def notice(self) -> Notice | None:
        """What is to be decided next."""
        return cut_off_notice(self._views[0], self._name_of) if self._views else None

    def put_off(self) -> None:
        """Leave the one that is offered as it is."""
        if self._views:
            self._put_off.add(self._views.pop(0).id)

    async def go_on(self) -> None:
        """Ask once more, and delete the rest of the one that is offered."""
        view = self._views[0]
        command, deletion = view.journal.command, view.journal.deletion
        if command is None or deletion is None or not isinstance(command.source, Address):
            self._views.remove(view)
            return
        store = await self._desk.stores.get(command.source.connection)
        keeping = await keeping_in(store, command.source.location.bucket)
        dialog = QuestionDialog(
            tr("Continue Deleting"),
            go_on_question(what_of(view, self._name_of)),
            go_on_explanation(deletion, consequence(keeping)),
            tr("&Delete the Rest"),
            self._window,
        )
        if not await accepted(dialog):
            return  # it is offered as before
        self._views = [each for each in self._views if each.id != view.id]
        run = await self._opened(view)
        if run is not None:
            await self._see_through(run, command.source)

    async def forget(self) -> None:
        """Leave the rest of the one that is offered, for good."""
        view = self._views.pop(0)
        run = await self._opened(view)
        if run is not None and view.journal.deletion is not None:
            await run.discard()
            what = what_of(view, self._name_of)
            self._notices.say(forgotten_text(what, view.journal.deletion))

    async def _see_through(self, run: Run, place: Address) -> None:
        store = await self._desk.stores.get(place.connection)
        try:
            confirmed = await run.confirmed()
            if confirmed is None:
                raise NoSuchRunError(run.id)
            await check_still(confirmed, self._desk.connections.get(place.connection), store)
            deletion = await LastingDeletion.resumed(run, confirmed, store)
        except BaseException:
            await run.aclose()
            raise
        bucket, key = place.location.bucket, place.location.key
        if confirmed.with_bucket:
            await self._deleting.see_bucket_through(deletion, store, place.connection, bucket)
        else:
            folder = Prefix(bucket, key[: key.rfind("/") + 1])
            await self._deleting.see_through(deletion, place.connection, folder)

    async def _opened(self, view: RunView) -> Run | None:
        """None when somebody else is at it, or has ended it."""
        try:
            return await self._desk.runs.open(view.id)
        except (NoSuchRunError, DatabaseInUseError):
            self._notices.say(tr("It goes on elsewhere, or has ended meanwhile."))
            return None

    def _name_of(self, connection: ConnectionId) -> str:
        return names_in(self._desk.connections)(connection)
