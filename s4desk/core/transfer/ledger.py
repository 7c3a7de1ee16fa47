"""What each transfer of a queue is now, and who hears of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.transfer import Transfer, TransferId, TransferState

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.core.transfer.admission import Admission
    from s4desk.core.transfer.batches import Batches
    from s4desk.core.transfer.changes import ChangeNotes
    from s4desk.core.transfer.job import TransferJob
    from s4desk.core.transfer.journal import Journal
    from s4desk.core.transfer.parcels import Parcel
    from s4desk.core.transfer.progress import ProgressBoard

NETWORK: Final = "network"
"""The note of what waits for the network."""
SIGN_IN: Final = "sign-in"
"""The note of what waits until a person signs in."""

_S = TransferState


class Ledger:
    """All transfers by their ids, in the order in which they came, and what carries them now.

    A change is told to the board, the journal, whoever shows the places it is about, and its
    batch: to that only when no job has the transfer any more, so that whoever waits may go on.
    """

    def __init__(
        self,
        journal: Journal,
        board: ProgressBoard,
        batches: Batches,
        changes: ChangeNotes,
        admission: Admission,
    ) -> None:
        self.transfers: dict[TransferId, Transfer] = {}
        self.jobs: dict[TransferId, TransferJob | Parcel] = {}
        self._journal = journal
        self._board = board
        self._batches = batches
        self._changes = changes
        self._admission = admission

    def enter(self, transfer: Transfer, state: TransferState) -> Transfer:
        """Give a transfer another state."""
        entered = replace(transfer, state=transfer.state.to(state))
        self.report(entered, None)
        return entered

    def report(self, transfer: Transfer, done: int | None) -> None:
        """What has become of a transfer; `done` are the bytes it has moved, None for no news."""
        before = self.transfers[transfer.id]
        self.transfers[transfer.id] = transfer
        self._board.post(transfer, done=done, note=self._note(transfer))
        self._journal.record(transfer)
        if transfer.state is _S.COMPLETED and not transfer.skipped:
            self._changes.note_ends(transfer.spec)
        if transfer.id not in self.jobs:
            self.count(before)

    def count(self, before: Transfer) -> None:
        """Tell the batch what has become of this since then."""
        progress = self._board.progress(before.id)
        done = progress.done if progress else 0
        self._batches.changed(before, self.transfers[before.id], done)

    def judge(self, id_: TransferId, verified: str, error: str, checksum: str) -> None:
        """Keep how a completed transfer was verified later, or that it was not."""
        transfer = self.transfers.get(id_)
        if transfer is None or transfer.state is not _S.COMPLETED:
            return
        if error:
            self.report(transfer.refuted(error), None)
        else:
            judged = replace(transfer, verified=verified, checksum=checksum)
            self.transfers[id_] = judged
            self._board.post(judged)
            self._journal.record(judged)

    def clear_finished(self, among: Collection[TransferId] | None) -> list[TransferId]:
        """Forget what has ended for good, of these or of all; which that was."""
        cleared = [
            id_
            for id_, transfer in self.transfers.items()
            if transfer.state.is_final and id_ not in self.jobs and (among is None or id_ in among)
        ]
        for id_ in cleared:
            self._batches.removed(self.transfers.pop(id_))
        self._board.forget(cleared)
        return cleared

    def look_for_network(self) -> None:
        """Say of what waits for the network, or for keys, no longer that it does."""
        for note in (NETWORK, SIGN_IN):
            for id_, progress in list(self._board.noted(note)):
                if self._note(progress.transfer) != note:
                    self._board.post(self.transfers[id_])

    def _note(self, transfer: Transfer) -> str:
        """What keeps one from starting, apart from others."""
        if transfer.state is not _S.QUEUED or not self._admission.is_held(transfer):
            return ""
        return SIGN_IN if self._admission.is_shut(transfer) else NETWORK
