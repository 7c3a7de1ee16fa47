"""What becomes of a transfer that somebody pauses, resumes, retries or cancels."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import Transfer, TransferId, TransferState
from s4desk.core.transfer.job import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from s4desk.core.transfer.admission import Admission
    from s4desk.core.transfer.forwarding import Forwarding
    from s4desk.core.transfer.ledger import Ledger
    from s4desk.core.transfer.waiting_line import WaitingLine

_S = TransferState


class Steering:
    """Carries out commands, or has them carried out by who has the transfer in hand.

    A job says how it ended before it has left: a command that comes in between is obeyed when it
    is gone. `to_undo` are those whose beginnings a job has to take back.
    """

    def __init__(
        self,
        ledger: Ledger,
        line: WaitingLine,
        admission: Admission,
        forwarding: Forwarding,
        in_doubt: Collection[TransferId],
    ) -> None:
        """`in_doubt` are those of which nobody knows whether they have begun."""
        self.to_undo: deque[TransferId] = deque()
        self.doomed: set[TransferId] = set()
        self._ledger = ledger
        self._line = line
        self._admission = admission
        self._forwarding = forwarding
        self._in_doubt = in_doubt
        self._afterwards: dict[TransferId, Callable[[Transfer], None]] = {}

    def is_waiting(self, id_: TransferId) -> bool:
        """Whether it waits for its turn, and nobody has it in hand."""
        transfer = self._ledger.transfers.get(id_)
        is_queued = transfer is not None and transfer.state is _S.QUEUED
        return is_queued and id_ not in self._ledger.jobs and id_ not in self.doomed

    def pause(self, transfer: Transfer) -> None:
        self._afterwards.pop(transfer.id, None)
        if (job := self._forwarding.at_work(transfer)) is not None:
            self._forwarding.stop(job, Stop.PAUSE)
            if transfer.state is _S.QUEUED:
                self._afterwards[transfer.id] = self.pause
        elif self.is_waiting(transfer.id):
            self._ledger.enter(transfer, _S.PAUSED)

    def hold(self, transfer: Transfer, *, keeps_from: int) -> None:
        """Pause it unless it is at work; also then if it has so many bytes that it keeps parts."""
        if transfer.spec.size >= keeps_from:
            self.pause(transfer)
        elif self._forwarding.at_work(transfer) is None and self.is_waiting(transfer.id):
            self._ledger.enter(transfer, _S.PAUSED)

    def resume(self, transfer: Transfer) -> None:
        if (job := self._ledger.jobs.get(transfer.id)) is not None:
            if job.is_pausing:
                self._afterwards[transfer.id] = self.resume
        elif transfer.state is _S.PAUSED:
            self._line.enter(self._ledger.enter(transfer, _S.QUEUED))
        elif transfer.state is _S.QUEUED:
            self._admission.try_now(transfer)

    def retry(self, transfer: Transfer) -> None:
        if transfer.state is not _S.FAILED:
            return
        if transfer.id in self._ledger.jobs:
            self._afterwards[transfer.id] = self.retry
        else:
            self._line.enter(self._ledger.enter(transfer, _S.QUEUED))

    def cancel(self, transfer: Transfer) -> None:
        self._afterwards.pop(transfer.id, None)
        if (job := self._forwarding.at_work(transfer)) is not None:
            self._forwarding.stop(job, Stop.CANCEL)
            if transfer.state in (_S.PAUSED, _S.FAILED, _S.QUEUED):
                self._afterwards[transfer.id] = self.cancel
        elif transfer.state.is_final or transfer.id in self.doomed:
            return
        elif transfer.attempts or transfer.id in self._in_doubt:
            # Something may have to be undone, and that is a job too.
            if transfer.state is not _S.QUEUED:
                self._ledger.enter(transfer, _S.QUEUED)
            self.doomed.add(transfer.id)
            self.to_undo.append(transfer.id)
        else:
            self._ledger.enter(transfer, _S.CANCELLED)

    def follow_up(self, id_: TransferId) -> None:
        """What one that has left goes on with."""
        if self.is_waiting(id_):
            self._line.enter(self._ledger.transfers[id_])
        if (deed := self._afterwards.pop(id_, None)) is not None:
            deed(self._ledger.transfers[id_])
