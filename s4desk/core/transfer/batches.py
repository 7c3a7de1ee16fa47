"""The transfers of one gesture, counted together until the last of them has ended."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import TransferState
from s4desk.core.runtime.events import BatchFinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.domain.transfer import BatchId, Transfer, TransferSpec

_ENDED = frozenset({TransferState.COMPLETED, TransferState.FAILED, TransferState.CANCELLED})


@dataclass(slots=True)
class _Batch:
    size: int = 0
    pending: int = 0
    holds: int = 0
    completed: int = 0
    skipped: int = 0
    failed: int = 0
    cancelled: int = 0
    bytes_moved: int = 0
    folders: int = 0
    error: str = ""
    left_out: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def count(self, transfer: Transfer, sign: int) -> None:
        if transfer.skipped:
            self.skipped += sign
        elif transfer.state is TransferState.COMPLETED:
            self.completed += sign
            self.folders += sign * _makes_folder(transfer.spec)
        elif transfer.state is TransferState.FAILED:
            self.failed += sign
            self.error = (self.error or transfer.error) if self.failed else ""
        elif transfer.state is TransferState.CANCELLED:
            self.cancelled += sign
        else:
            self.pending += sign

    @property
    def is_finished(self) -> bool:
        return not self.pending and not self.holds

    def finished(self, batch: BatchId) -> BatchFinished:
        return BatchFinished(
            batch,
            self.completed,
            self.skipped,
            self.failed,
            self.cancelled,
            self.bytes_moved,
            self.folders,
            self.error,
            self.left_out,
        )


def _makes_folder(spec: TransferSpec) -> bool:
    """Whether it is an empty folder, or the marker of one that is copied."""
    target = spec.target
    is_marker = isinstance(target, Address) and target.location.key.endswith("/") and not spec.size
    return spec.is_folder or is_marker


class Batches:
    """Says when a batch has ended; again, when some of it was tried once more.

    What is paused has not ended. Transfers without a batch are not counted.
    """

    def __init__(self, publish: Callable[[BatchFinished], None]) -> None:
        self._publish = publish
        self._batches: dict[BatchId, _Batch] = {}

    @contextmanager
    def holding(self, batch: BatchId, skipped: int = 0, left_out: int = 0) -> Iterator[None]:
        """While more transfers may be added: the batch does not end before the block does.

        `skipped` counts what was decided to be left as it is, and `left_out` what could not be
        moved; both are no transfers.
        """
        held = self._batches.setdefault(batch, _Batch())
        held.holds += 1
        held.skipped += skipped
        held.left_out += left_out
        try:
            yield
        finally:
            held.holds -= 1
            self._end(batch, held)

    def added(self, transfer: Transfer) -> None:
        if transfer.spec.batch:
            batch = self._batches.setdefault(transfer.spec.batch, _Batch())
            batch.size += 1
            batch.count(transfer, +1)

    def changed(self, before: Transfer, after: Transfer, done: int) -> None:
        """Count a transfer as it is now; `done` is how many bytes it has moved."""
        batch = self._batches.get(after.spec.batch)
        if batch is None:
            return
        batch.count(before, -1)
        batch.count(after, +1)
        if after.state is TransferState.COMPLETED and not after.skipped:
            batch.bytes_moved += done
        if after.state in _ENDED:
            self._end(after.spec.batch, batch)

    def removed(self, transfer: Transfer) -> None:
        """Forget one that has ended; a batch is remembered as long as one of it is."""
        batch = self._batches.get(transfer.spec.batch)
        if batch is not None:
            batch.size -= 1
            if not batch.size and batch.is_finished:
                del self._batches[transfer.spec.batch]

    async def wait(self, batch: BatchId) -> BatchFinished:
        """What became of a batch, once it has ended; one that is not known has."""
        known = self._batches.get(batch)
        if known is None:
            return _Batch().finished(batch)
        while not known.is_finished:
            turn = asyncio.get_running_loop().create_future()
            known.waiting.append(turn)
            await turn
        return known.finished(batch)

    def _end(self, batch: BatchId, ended: _Batch) -> None:
        if not ended.is_finished:
            return
        waiting, ended.waiting = ended.waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)
        if ended.size or ended.skipped or ended.left_out:
            self._publish(ended.finished(batch))
        if not ended.size:
            del self._batches[batch]
