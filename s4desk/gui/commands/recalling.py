"""The history: shown, searched, reported, verified again, made again, forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.history import PAGE
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.again import ends_of, plan_again
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.history import HistoryDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.history_rows import store_side
from s4desk.viewmodels.history_text import again_text, count_text, emptiness_text, known_as
from s4desk.viewmodels.past_change_text import change_columns, change_rows, changes_text

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.persist.history import HistoryEntry, HistoryQuery, Judgement
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.planning import Planning
    from s4desk.gui.commands.queueing import Queueing
    from s4desk.gui.commands.reporting import Reporting
    from s4desk.gui.commands.verifying import Verifying
    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.history_rows import NameOf


class Recalling:
    """Shows the history beside the window. Nothing of it is read before it is asked for."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        desk: Desk,
        tasks: GuiTasks,
        browsing: Browsing,
        planning: Planning,
        queueing: Queueing,
        reporting: Reporting,
        verifying: Verifying,
        icons: Icons,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._browsing = browsing
        self._planning = planning
        self._queueing = queueing
        self._reporting = reporting
        self._verifying = verifying
        self._icons = icons
        self._window = window
        self._dialog: HistoryDialog | None = None
        self._query: HistoryQuery | None = None

    def show(self) -> None:
        """Open the history, or bring it to the front."""
        if self._dialog is None:
            dialog = self._dialog = HistoryDialog(self._icons, self._window)
            dialog.asked.connect(lambda: self._do(self._load()))
            dialog.model.more_wanted.connect(lambda: self._do(self._load_more()))
            dialog.report_asked.connect(lambda chosen: self._do(self._report(chosen)))
            dialog.verify_asked.connect(lambda chosen: self._do(self._verify(chosen)))
            dialog.again_asked.connect(lambda chosen: self._do(self._transfer_again(chosen)))
            dialog.folder_asked.connect(
                lambda entry: self._do(self._queueing.reveal(entry.transfer))
            )
            dialog.bucket_asked.connect(self._show_bucket)
            dialog.clear_asked.connect(lambda: self._do(self._clear()))
            dialog.changes_asked.connect(lambda: self._do(self._show_changes()))
            dialog.finished.connect(self._closed)
        self._do(self._gather())
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def refresh(self) -> None:
        """More has ended: show it, unless somebody would lose their place."""
        if self._dialog is not None and self._dialog.is_untouched:
            self._do(self._gather())

    def _closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = self._query = None

    def _do(self, deed: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(self._told(deed))

    async def _told(self, deed: Coroutine[Any, Any, None]) -> None:
        """What fails is said where it was asked for."""
        try:
            await deed
        except (S4DeskError, OSError) as error:
            if self._dialog is None:
                raise
            self._dialog.model.give_up()
            self._dialog.fail(error)

    # Looking

    async def _gather(self) -> None:
        await self._desk.gather_history()
        await self._load()

    async def _load(self) -> None:
        """The first page of what is meant now; an answer that comes too late is dropped."""
        if self._dialog is None:
            return
        query = self._query = self._dialog.query
        history = self._desk.history
        page, name_of = await history.page(query), await self._names()
        if query is not self._query or self._dialog is None:
            return
        days = self._desk.settings.current.history_days
        self._dialog.model.begin(page, name_of, has_more=len(page) == PAGE)
        self._dialog.show_emptiness(emptiness_text(query, days))
        await self._count()

    async def _count(self) -> None:
        query, days = self._query, self._desk.settings.current.history_days
        if query is None:
            return
        count = await self._desk.history.count(query)
        if query is self._query and self._dialog is not None:
            self._dialog.summary.say(count_text(count, days))

    async def _load_more(self) -> None:
        dialog, query = self._dialog, self._query
        if dialog is None or query is None:
            return
        page = await self._desk.history.page(query, dialog.model.last)
        if query is self._query:
            dialog.model.add(page, has_more=len(page) == PAGE)

    async def _names(self) -> NameOf:
        now = {each.id: each.name for each in self._desk.connections.all()}
        return known_as(now, await self._desk.history.names())

    # Deeds

    async def _report(self, chosen: Sequence[HistoryEntry]) -> None:
        """Of these, or of all that is shown and not yet loaded."""
        if self._dialog is None:
            return
        history, query = self._desk.history, self._dialog.query
        entries = iter(chosen) if chosen else history.all(query)
        await self._reporting.save_entries(entries, await self._names(), self._dialog)

    async def _show_changes(self) -> None:
        """What is no transfer, in a list of its own."""
        changes, name_of = await self._desk.history.changes(), await self._names()
        sentence = changes_text(len(changes), self._desk.settings.current.history_days)
        rows = change_rows(changes, name_of)
        review = ReviewDialog(
            tr("Other Changes"), sentence, change_columns(), rows, "", self._dialog
        )
        await accepted(review)

    async def _verify(self, chosen: Sequence[HistoryEntry]) -> None:
        async def keep(judgements: Sequence[Judgement]) -> None:
            await self._desk.history.judge(judgements)
            numbers = [each.number for each in judgements]
            judged = await in_thread(self._desk.history.these, numbers)
            if self._dialog is not None:
                self._dialog.model.update(judged)
                await self._count()

        sentence = await self._verifying.entries(chosen, keep)
        if self._dialog is not None:
            self._dialog.say(sentence)

    async def _transfer_again(self, chosen: Sequence[HistoryEntry]) -> None:
        """What failed in this window is retried, and keeps its parts; what is under way is left to
        itself; all else is planned anew, with every question that belongs to it."""
        queue, dialog = self._desk.queue, self._dialog
        if dialog is None:
            return
        wishes = {ends_of(each.transfer.spec): each.transfer.spec for each in chosen}
        if any(not self._has_connections(spec) for spec in wishes.values()):
            dialog.fail(tr("Its connection is not there any more."))
            return
        open_ones = [each for each in queue.transfers() if not each.state.is_final]
        failed = [
            each.id
            for each in open_ones
            if each.state is TransferState.FAILED and ends_of(each.spec) in wishes
        ]
        if failed:
            await self._queueing.retry(failed)
        for each in open_ones:
            wishes.pop(ends_of(each.spec), None)
        batch = new_batch()
        if wishes:
            title = tr("Looking through what is to be transferred again.")
            await self._planning.submit(plan_again(list(wishes.values()), batch), title)
        begun = sum(each.spec.batch == batch for each in queue.transfers())
        if self._dialog is not None:
            self._dialog.say(again_text(len(failed) + begun))

    def _has_connections(self, spec: TransferSpec) -> bool:
        ends = (spec.source, spec.target)
        ids = [each.connection for each in ends if isinstance(each, Address)]
        return all(self._desk.connections.get(id_) is not None for id_ in ids)

    def _show_bucket(self, entry: HistoryEntry) -> None:
        place = store_side(entry.transfer.spec)
        if place is None or self._dialog is None:
            return
        if self._desk.connections.get(place.connection) is None:
            self._dialog.fail(tr("Its connection is not there any more."))
            return
        self._browsing.go(place)
        self._window.activateWindow()
        self._window.raise_()

    async def _clear(self) -> None:
        question = QuestionDialog(
            tr("Clear History"),
            tr("Forget what became of all transfers that have ended?"),
            tr(
                "Nothing is deleted at any store or on the disk. What the list of transfers shows"
                " now stays there until it is cleared, too."
            ),
            tr("&Clear"),
            self._dialog,
        )
        if await accepted(question):
            await self._desk.history.clear()
            await self._load()
