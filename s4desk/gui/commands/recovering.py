"""Going on with what was cut off: the commands of processes that are no more, the last window's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.persist.database import DatabaseInUseError
from s4desk.core.persist.runs import NoSuchRunError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.models.transfer_cells import names_in
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.recovery import (
    can_go_on,
    gone_on_text,
    interrupted,
    recovery_notice,
    run_columns,
    run_rows,
    runs_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.persist.runs import RunView
    from s4desk.gui.commands.cut_off import CutOff
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.gui.views.notices import Banner

SHOWN_SIZE = (900, 340)


class Recovering:
    """Offers it once, at the start, in a banner; what nobody wants to decide now stays as it is.

    Transfers come first; then each deletion that was `cut_off`.
    """

    def __init__(
        self,
        desk: Desk,
        feed: QueueFeed,
        notices: Notices,
        cut_off: CutOff,
        banner: Banner,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._feed = feed
        self._notices = notices
        self._cut_off = cut_off
        self._banner = banner
        self._window = window
        self._runs: Sequence[RunView] = []
        self._waiting: Sequence[TransferId] = []

    async def look(self, waiting: Sequence[TransferId] = ()) -> None:
        """See what there is; `waiting` are transfers of the window that were not resumed."""
        self._waiting = waiting
        views = await self._desk.runs.look()
        self._runs = interrupted(views)
        self._cut_off.see(views)
        for aside in self._desk.runs.take_aside():
            sentence = tr("What a command had begun was damaged. {file} keeps it.")
            self._notices.tell(sentence.format(file=aside))
        transfers = recovery_notice(self._runs, len(waiting))
        self._banner.show_notice(transfers or self._cut_off.notice())

    async def look_at_deletions(self) -> None:
        """One has just been cut off; what else was offered stays as it was decided."""
        self._cut_off.see(await self._desk.runs.look())
        if not self._banner.isVisible():
            self._banner.show_notice(self._cut_off.notice())

    def remedy(self, remedy: Remedy) -> Coroutine[Any, Any, None] | None:
        """What a button of the banner does."""
        deeds: dict[Remedy, Callable[[], Coroutine[Any, Any, None]]] = {
            Remedy.GO_ON: self.go_on,
            Remedy.SHOW_RUNS: self.show,
            Remedy.FORGET_RUNS: self.forget,
            Remedy.GO_ON_DELETING: lambda: self._decided(self._cut_off.go_on),
            Remedy.FORGET_DELETION: lambda: self._decided(self._cut_off.forget),
        }
        if remedy in deeds:
            return deeds[remedy]()
        if self._is_about_deletions:
            self._cut_off.put_off()
        self._banner.show_notice(self._cut_off.notice())
        return None

    @property
    def _is_about_deletions(self) -> bool:
        notice = self._banner.notice
        return notice is not None and notice == self._cut_off.notice()

    async def _decided(self, deed: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do what was decided about a deletion, and offer the next one."""
        self._banner.show_notice(None)
        try:
            await deed()
        finally:
            self._banner.show_notice(self._cut_off.notice())

    async def go_on(self) -> None:
        """Let all of it go on in the window's queue."""
        self._banner.show_notice(self._cut_off.notice())
        waiting, self._waiting = self._waiting, []
        self._desk.queue.resume(waiting)
        taken = await self._taken(filter(can_go_on, self._runs))
        left = sum(not can_go_on(view) for view in self._runs)
        self._feed.wake()
        if taken or left:
            self._notices.say(gone_on_text(len(taken), left))
        self._runs = []

    async def show(self) -> None:
        """List the commands; they may go on then."""
        columns, rows = run_columns(), run_rows(self._runs, names_in(self._desk.connections))
        has_any = any(map(can_go_on, self._runs))
        dialog = ReviewDialog(
            tr("Interrupted Commands"),
            runs_sentence(len(self._runs)),
            columns,
            rows,
            tr("&Continue") if has_any else "",
            self._window,
            remark=tr("What is kept need not be moved again. “Forget…” would remove it."),
        )
        dialog.resize(*SHOWN_SIZE)
        if await accepted(dialog) and has_any:
            await self.go_on()

    async def forget(self) -> None:
        """Undo the commands, after a question: no part at a store, no half file here."""
        dialog = QuestionDialog(
            tr("Forget Interrupted Commands"),
            runs_sentence(len(self._runs)),
            tr(
                "What they sent of unfinished objects is removed from the stores, what they"
                " fetched of unfinished files from the disk. What was complete stays."
            ),
            tr("&Forget"),
            self._window,
        )
        if not await accepted(dialog):
            return
        self._desk.queue.cancel(await self._taken(self._runs))
        self._feed.wake()
        await self.look(self._waiting)

    async def _taken(self, views: Iterable[RunView]) -> list[TransferId]:
        """Take runs over into the queue; one that somebody else is at, or has ended, is not."""
        taken: list[TransferId] = []
        for view in views:
            try:
                run = await self._desk.runs.open(view.id)
            except (NoSuchRunError, DatabaseInUseError):
                continue
            try:
                taken += await run.bequeath(self._desk.queue)
            finally:
                await run.aclose()
        return taken
