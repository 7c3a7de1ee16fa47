"""Reading again what is in a store, to see whether it is what it should be."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.history import Judgement
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.inventory import LocalInventory
from s4desk.core.transfer.planner import plan_downloads
from s4desk.core.transfer.verifying import (
    Finding,
    Outcome,
    Pair,
    Verification,
    is_only_there,
    pair_of,
    pairs_alone,
    pairs_with_files,
)
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.commands.transferring import selected
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import PATIENCE_S, BusyDialog
from s4desk.gui.dialogs.files import choose_file, choose_folder
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.verify_text import (
    only_here_rows,
    outcome_columns,
    outcome_rows,
    report_text,
    verdict_text,
    verifying_text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.persist.history import HistoryEntry
    from s4desk.core.transfer.inventory import Held
    from s4desk.core.transfer.verifying import Verdict
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.viewmodels.selection import Selection

LOOK_EVERY_S = 0.2
REPORT_SIZE = (1040, 400)
MOST_TOLD = 10_000
"""So many that are not the same are listed; all are counted."""


class Verifying:
    """Commands that read and change nothing, but what is known of transfers."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, feed: QueueFeed, notices: Notices, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._feed = feed
        self._notices = notices
        self._window = window
        self._folder = str(Path.home())

    async def alone(self, connection: ConnectionId, selection: Selection) -> None:
        """Compare what is selected with the checksums that its store keeps."""
        store = await self._desk.stores.to_read(connection)
        await self._verify(pairs_alone(store, connection, selected(selection)))

    async def with_files(self, connection: ConnectionId, selection: Selection) -> None:
        """Ask for the local copy of what is selected, and compare the two."""
        only = selection.only
        if isinstance(only, Location):
            title = tr("Local Copy of “{name}”").format(name=display_name(only.name))
            file = await choose_file(title, self._folder, tr("Verify"), self._window)
            if file is not None:
                self._folder = str(file.parent)
                await self._verify(_batch([Pair(Address(connection, only), file)]))
            return
        folder = await choose_folder(
            tr("Folder with the Local Copies"), self._folder, tr("Verify"), self._window
        )
        if folder is None:
            return
        self._folder = str(folder)
        store = await self._desk.stores.to_read(connection)
        plan = plan_downloads(
            store,
            connection,
            selected(selection),
            folder,
            new_batch(),
            keep_name=not isinstance(only, Prefix),
        )
        # Of several things that were chosen, what else lies in the folder may belong to others.
        inventory = await self._inventory(folder) if isinstance(only, Prefix) else None
        await self._verify(pairs_with_files(plan, inventory), inventory=inventory)

    async def _inventory(self, folder: Path) -> LocalInventory | None:
        """The files below a folder; None when not all of it can be read, which is told."""
        inventory = LocalInventory(folder)
        try:
            await inventory.load()
        except LocalFileError as error:
            self._notices.fail(error)
            return None
        return inventory

    async def transfers(self, transfers: Iterable[TransferId]) -> None:
        """Compare both ends of completed transfers again; where they differ it has failed."""
        shown = [each for each in map(self._desk.board.progress, transfers) if each is not None]
        ended = [each.transfer for each in shown if each.transfer.state is TransferState.COMPLETED]
        ids = await in_thread(_pairs_of, ended)

        def judge(outcome: Outcome) -> None:
            verdict = outcome.verdict
            if verdict is None or verdict.finding is Finding.UNPROVED:
                return
            is_same = verdict.finding is Finding.SAME
            error = "" if is_same else self._said(verdict)
            for id_ in ids[outcome.pair]:
                self._desk.queue.judge(id_, verdict.algorithm, error, verdict.read)
            self._feed.wake()

        await self._verify(_batch(list(ids)), judge)

    async def entries(
        self,
        entries: Sequence[HistoryEntry],
        keep: Callable[[Sequence[Judgement]], Awaitable[None]],
    ) -> str:
        """Compare both ends of completed transfers of the history, `keep` what that has shown, and
        only then tell of it; returns what is said of all together."""
        ids = await in_thread(_pairs_of, [each.transfer for each in entries])
        judgements: list[Judgement] = []

        def judge(outcome: Outcome) -> None:
            verdict = outcome.verdict
            if verdict is None or verdict.finding is Finding.UNPROVED:
                return
            is_same = verdict.finding is Finding.SAME
            error = "" if is_same else self._said(verdict)
            checksum = verdict.read if is_same else ""
            judgements.extend(
                Judgement(id_, verdict.algorithm, checksum, error) for id_ in ids[outcome.pair]
            )

        return await self._verify(_batch(list(ids)), judge, lambda: keep(judgements))

    async def _verify(
        self,
        pairs: AsyncIterator[Sequence[Pair]],
        judge: Callable[[Outcome], None] = lambda _: None,
        keep: Callable[[], Awaitable[None]] | None = None,
        inventory: LocalInventory | None = None,
    ) -> str:
        """Read all of it, with a dialog that counts along and can stop it; tell what came out.

        If all of it was read, that is also what of `inventory` was not met.
        """
        part_size = self._desk.settings.current.sizes.part
        verification = Verification(self._desk.stores.to_read, part_size=part_size)
        others: list[Outcome] = []
        last: list[Outcome] = []
        only_there = 0

        def tell(outcome: Outcome) -> None:
            nonlocal only_there
            only_there += is_only_there(outcome)
            judge(outcome)
            last[:] = [outcome]
            if not _is_same(outcome) and len(others) < MOST_TOLD:
                others.append(outcome)

        dialog = BusyDialog(tr("Verifying"), self._window, tr("Stop"))
        running = self._tasks.start(verification.run(pairs, tell))
        dialog.rejected.connect(running.cancel)
        soon = asyncio.get_running_loop().call_later(PATIENCE_S, dialog.open)
        try:
            while not running.done():
                await asyncio.wait([running], timeout=LOOK_EVERY_S)
                dialog.say(verifying_text(verification))
        finally:
            running.cancel()
            soon.cancel()
            dialog.close()
            dialog.deleteLater()
        if running.cancelled() or running.exception() is None:
            if keep is not None:
                await keep()
            is_stopped = running.cancelled()
            only_here: list[Held] = []
            if inventory is not None and not is_stopped:
                only_here = await in_thread(list, inventory.unmet())
            sentence = report_text(
                verification,
                is_stopped=is_stopped,
                only_here=len(only_here),
                only_there=only_there,
            )
            rows = outcome_rows(others) + only_here_rows(only_here[: MOST_TOLD - len(others)])
            await self._tell(sentence, rows, last if verification.done == 1 else [])
            return sentence
        return ""

    async def _tell(
        self, sentence: str, rows: Sequence[Sequence[str]], only: Sequence[Outcome]
    ) -> None:
        if rows:
            remark = tr("Nothing was changed and nothing removed: that is yours to decide.")
            dialog = ReviewDialog(
                tr("Verify"), sentence, outcome_columns(), rows, "", self._window, remark=remark
            )
            dialog.resize(*REPORT_SIZE)
            await accepted(dialog)
        elif only and only[0].verdict is not None:
            self._notices.say(self._said(only[0].verdict))
        else:
            self._notices.say(sentence)

    def _said(self, verdict: Verdict) -> str:
        return verdict_text(verdict, self._desk.connections.name_of)


def _is_same(outcome: Outcome) -> bool:
    return outcome.verdict is not None and outcome.verdict.finding is Finding.SAME


def _pairs_of(transfers: Iterable[Transfer]) -> dict[Pair, list[TransferId]]:
    """What is to be compared, and for which transfers each. It blocks."""
    ids: dict[Pair, list[TransferId]] = {}
    for transfer in transfers:
        pair = pair_of(transfer.spec)
        if pair is not None:
            ids.setdefault(pair, []).append(transfer.id)
    return ids


async def _batch(pairs: list[Pair]) -> AsyncIterator[list[Pair]]:
    yield pairs
