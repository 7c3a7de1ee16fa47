"""Commands about transfers that are in the queue, and the feed that shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from s4desk.core.domain.errors import ConnectionMovedError
from s4desk.core.domain.parts import MIB
from s4desk.core.domain.transfer import BatchId, Direction, TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.ledger import SIGN_IN
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.transfer_cells import names_in
from s4desk.viewmodels.transfer_text import Wish, both_ends, cancel_question

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Progress, Transfer, TransferId, TransferSpec
    from s4desk.core.transfer.progress import ProgressBoard, Totals
    from s4desk.core.transfer.waiting_line import Shift
    from s4desk.gui.bridge.ticker import Ticker
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.models.transfer_table import TransferTableModel
    from s4desk.gui.views.status_bar import StatusBar
    from s4desk.gui.views.transfers_pane import TransfersPane

ASK_FROM = 256 * MIB
"""What is quickly moved again is not asked about."""


class QueueFeed:
    """Reads the ProgressBoard once per frame, for the table and both lines of totals."""

    def __init__(
        self,
        board: ProgressBoard,
        ticker: Ticker,
        model: TransferTableModel,
        pane: TransfersPane,
        status_bar: StatusBar,
    ) -> None:
        self._board = board
        self._ticker = ticker
        self._model = model
        self._pane = pane
        self._status_bar = status_bar
        self._totals: Totals | None = None
        self._followers: list[Callable[[Iterable[Progress]], None]] = []
        ticker.add(self.show)

    def let_follow(self, follower: Callable[[Iterable[Progress]], None]) -> None:
        """Tell `follower` too what each frame brings."""
        self._followers.append(follower)

    def wake(self) -> None:
        """Something was asked of the queue: look, and go on looking while anything moves."""
        self._ticker.wake()

    def expect(self, transfers: Iterable[TransferId] | None, wish: Wish) -> None:
        """Show at once what is asked of these, or of all."""
        self._model.expect(self._model.transfers() if transfers is None else transfers, wish)
        self.wake()

    def expect_no_pause(self, transfers: Iterable[TransferId] | None) -> None:
        """Show that these, or all, are not to pause any more."""
        self._model.expect_no_pause(self._model.transfers() if transfers is None else transfers)
        self.wake()

    def show(self) -> bool:
        """One frame; True while there will be more to see."""
        drained, removed = self._board.drain(), self._board.drain_removed()
        # An empty frame too: what stands still becomes slower although nothing is drained.
        self._model.apply(drained, removed)
        for follow in self._followers if drained else ():
            follow(drained.values())
        totals = self._board.totals()
        if totals != self._totals:
            self._totals = totals
            self._pane.show_totals(totals)
            self._status_bar.show_transfers(totals)
        return bool(drained or removed or totals.under_way)


class Queueing:
    """Pause, resume, retry, cancel, clear, reveal, and how many at once."""

    def __init__(self, desk: Desk, feed: QueueFeed, notices: Notices, window: QWidget) -> None:
        self._desk = desk
        self._feed = feed
        self._notices = notices
        self._window = window
        self._renewed: set[TransferId] = set()

    def pause(self, transfers: Sequence[TransferId]) -> None:
        self._feed.expect(transfers, Wish.PAUSE)
        self._desk.queue.pause(transfers)

    def resume(self, transfers: Sequence[TransferId]) -> None:
        self._feed.expect_no_pause(transfers)
        self._desk.queue.resume(transfers)

    async def retry(self, transfers: Sequence[TransferId]) -> None:
        """Try failed ones again; what was cancelled is begun anew, in place of the old one.

        What was begun at another endpoint goes on only if somebody says that it is the same store.
        """
        moved = self._moved_elsewhere(transfers)
        if moved:
            if not await self._are_same_stores(moved):
                transfers = [each for each in transfers if each not in moved]
            else:
                self._desk.queue.follow(moved)
        self._desk.secrets.ask_again()
        self._desk.queue.retry(transfers)
        self._feed.wake()
        old = {id_: spec for id_, spec in self._cancelled(transfers) if id_ not in self._renewed}
        batch = BatchId(uuid4().hex)
        self._renewed |= old.keys()
        try:
            await self._desk.queue.submit([replace(spec, batch=batch) for spec in old.values()])
            self._desk.queue.clear_finished(old.keys())
        finally:
            self._renewed -= old.keys()
        self._feed.wake()

    def _moved_elsewhere(self, transfers: Iterable[TransferId]) -> dict[TransferId, str]:
        """Those whose connections lead elsewhere now, with what was told of that."""
        shown = ((id_, self._desk.board.progress(id_)) for id_ in transfers)
        return {
            id_: each.transfer.error
            for id_, each in shown
            if each is not None and each.transfer.error_kind == ConnectionMovedError.__name__
        }

    async def _are_same_stores(self, moved: Mapping[TransferId, str]) -> bool:
        question = QuestionDialog(
            tr("Retry"),
            tr("Do these connections lead to the same store as before?"),
            "\n\n".join(dict.fromkeys(moved.values())),
            tr("&Same Store"),
            self._window,
        )
        return await accepted(question)

    def cancel(self, transfers: Sequence[TransferId]) -> Coroutine[Any, Any, None] | None:
        """Undo them and give up; asks first where much would have to be moved again, whether it
        runs, is paused or has failed."""
        moved = sum(map(self._moved, transfers))
        if moved >= ASK_FROM:
            return self._cancel_if_wanted(transfers, moved)
        self._cancel(transfers)
        return None

    async def _cancel_if_wanted(self, transfers: Sequence[TransferId], moved: int) -> None:
        sentence, explanation = cancel_question(len(transfers), moved)
        question = QuestionDialog(
            tr("Cancel"),
            sentence,
            explanation,
            tr("&Cancel Anyway"),
            self._window,
            decline_text=tr("&Keep"),
        )
        if await accepted(question):
            self._cancel(transfers)

    def _moved(self, transfer: TransferId) -> int:
        """The bytes that would be thrown away."""
        shown = self._desk.board.progress(transfer)
        return 0 if shown is None or shown.transfer.state.is_final else shown.done

    def _cancel(self, transfers: Sequence[TransferId]) -> None:
        self._feed.expect(transfers, Wish.CANCEL)
        self._desk.queue.cancel(transfers)

    def move(self, transfers: Sequence[TransferId], where: Shift) -> None:
        """Change when waiting ones start."""
        self._desk.queue.move(transfers, where)
        self._feed.wake()

    def retry_all(self) -> None:
        """Begin everything anew that failed; what was cancelled was meant to be."""
        queue = self._desk.queue
        self._desk.secrets.ask_again()
        queue.retry([each.id for each in queue.transfers() if each.state is TransferState.FAILED])
        self._feed.wake()

    def pause_all(self) -> None:
        self._feed.expect(None, Wish.PAUSE)
        self._desk.queue.pause_all()

    def resume_all(self) -> None:
        self._feed.expect_no_pause(None)
        self._desk.queue.resume_all()

    async def set_concurrency(self, count: int) -> None:
        """Run that many transfers, and move that many bodies, at once; from now on."""
        self._desk.queue.set_concurrency(count)
        self._desk.stores.limit_bodies(count)
        self._feed.wake()
        await self._desk.settings.change(transfer_limit=count, part_limit=count)

    def clear(self) -> None:
        """Forget what has ended well; what failed waits for a decision."""
        if not self._desk.queue.clear_finished():
            self._notices.say(tr("What failed stays until you retry or cancel it."))
        self._feed.wake()

    def _cancelled(
        self, transfers: Sequence[TransferId]
    ) -> Iterator[tuple[TransferId, TransferSpec]]:
        for id_ in transfers:
            shown = self._desk.board.progress(id_)
            if shown is not None and shown.transfer.state is TransferState.CANCELLED:
                yield id_, shown.transfer.spec

    def wanting_sign_in(self, transfers: Iterable[TransferId]) -> dict[ConnectionId, str]:
        """The connections, with their names, that these wait for somebody to sign in to."""
        found = {}
        for id_ in transfers:
            shown = self._desk.board.progress(id_)
            if shown is None or shown.note != SIGN_IN:
                continue
            for each in self._desk.queue.network.shut_for(shown.transfer):
                if (connection := self._desk.connections.get(each)) is not None:
                    found[each] = connection.name
        return found

    def explain(self, transfer: TransferId) -> None:
        """Show why a transfer failed, and what it was to move where."""
        shown = self._desk.board.progress(transfer)
        if shown is not None:
            ends = both_ends(shown.transfer, names_in(self._desk.connections))
            said = self._desk.details_of(shown.transfer.error)
            self._notices.explain(shown.transfer.error, "", "\n".join(filter(None, [*ends, said])))

    async def reveal(self, transfer: Transfer) -> None:
        """Show the folder of the local side in the file manager."""
        path = local_side(transfer)
        if path is None:
            return
        folder = await in_thread(_nearest_folder, path)
        self._notices.show_folder(folder)


def local_side(transfer: Transfer) -> Path | None:
    """The local file of a transfer; a copy inside a store has none."""
    spec = transfer.spec
    side = spec.source if spec.direction is Direction.UPLOAD else spec.target
    return side if isinstance(side, Path) else None


def _nearest_folder(path: Path) -> Path:
    """The folder a file is in, or was to be in."""
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder
