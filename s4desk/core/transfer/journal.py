"""What of the transfer queue survives a restart, as the engine sees it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.transfer import Direction, Transfer, TransferId, TransferState
from s4desk.core.runtime.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from s4desk.core.domain.parts import (
        DownloadCheckpoint,
        MoveCheckpoint,
        PartReceipt,
        UploadCheckpoint,
    )
    from s4desk.core.domain.transfer import Endpoints, TransferSpec
    from s4desk.core.runtime.clock import Clock

TOKEN_BYTES = 3


@dataclass(frozen=True, slots=True)
class Inheritance:
    """All that one journal knows of a transfer, for another one that takes it over."""

    transfer: Transfer
    intended: tuple[datetime, ...] = ()
    upload: UploadCheckpoint | None = None
    download: DownloadCheckpoint | None = None
    move: MoveCheckpoint | None = None

    def heir(self, new: Transfer) -> Transfer:
        """The transfer as `new` goes on with it: it waits, unless it had failed."""
        state = self.transfer.state
        waits = state is not TransferState.FAILED
        return replace(
            self.transfer,
            id=new.id,
            position=new.position,
            state=TransferState.QUEUED if waits else state,
        )


# More than can begin in the moment before a crash of which the journal knows nothing.
IN_DOUBT = 1000


def in_doubt(transfers: Iterable[Transfer]) -> set[TransferId]:
    """Which of the former life's that the journal calls untouched may have begun all the same."""
    return set(islice((each.id for each in transfers if not each.attempts), IN_DOUBT))


def leaves_traces(spec: TransferSpec) -> bool:
    """Whether who takes it up has to care for what an attempt that nobody knows of may have left:
    a download a partial file, a move what it moved."""
    return spec.direction is Direction.DOWNLOAD or spec.removes_source


class Journal(Protocol):
    """The queue and the checkpoints of its transfers.

    What is awaited is on the disk when it returns. What is not (`record`, `part_done`,
    `range_done`) follows soon and in order: losing the last moment of it costs work that is done
    again, never bytes or an orphaned upload. All of them may raise DatabaseError.
    """

    @property
    def token(self) -> str:
        """Some letters that no other journal uses in the names of temporary files."""

    async def open(self) -> list[Transfer]:
        """The transfers of the former life that have not ended, in their order.

        They come in the state in which it left them. Of those that ended nothing is told.
        """

    async def add(self, specs: Sequence[TransferSpec], endpoints: Endpoints = ()) -> list[Transfer]:
        """Keep new transfers, all or none; their ids grow and are never used again, and their
        positions are behind all others. `endpoints` are where their connections lead."""

    async def inherit(
        self, inheritances: Sequence[Inheritance], origin: str = ""
    ) -> list[Transfer]:
        """Keep what another journal knew, all or none, under new ids; they wait, but for failed
        ones. `origin` names that journal, which is of no use from that moment on."""

    def record(self, transfer: Transfer) -> None:
        """Note the state a transfer has now."""

    async def remove(self, transfers: Iterable[TransferId]) -> None:
        """Forget transfers and their checkpoints."""

    async def intend_upload(self, transfer: TransferId) -> None:
        """Note that an upload is about to be created, of which the reply may never come."""

    async def intended_uploads(self, transfer: TransferId) -> tuple[datetime, ...]:
        """The moments at which the transfer may have got an upload that it does not know; saving
        one ends those that are not said to be `in_doubt` then, forgetting all of them."""

    async def load_upload(self, transfer: TransferId) -> UploadCheckpoint | None: ...

    async def save_upload(
        self,
        transfer: TransferId,
        checkpoint: UploadCheckpoint,
        in_doubt: tuple[datetime, ...] = (),
    ) -> None:
        """Replace what is known of the transfer's upload, its parts included."""

    def part_done(self, transfer: TransferId, receipt: PartReceipt) -> None:
        """Add a part to the upload that was saved last."""

    async def load_download(self, transfer: TransferId) -> DownloadCheckpoint | None: ...

    async def save_download(self, transfer: TransferId, checkpoint: DownloadCheckpoint) -> None:
        """Replace what is known of the transfer's download, its ranges included."""

    def range_done(self, transfer: TransferId, number: int, checksum: str) -> None:
        """Add a range to the download that was saved last."""

    async def load_move(self, transfer: TransferId) -> MoveCheckpoint | None: ...

    async def save_move(self, transfer: TransferId, checkpoint: MoveCheckpoint) -> None:
        """Replace all that is known of the transfer's way by that it has arrived."""

    async def forget(self, transfer: TransferId) -> None:
        """Drop the transfer's checkpoint; what was noted before is written with it."""

    async def flush(self) -> None:
        """Write what was noted."""

    async def aclose(self) -> None:
        """Write what is still to be written."""


class MemoryJournal:
    """A journal that lives as long as the object, for what need not survive: tests, most of all."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.transfers: dict[TransferId, Transfer] = {}
        self.uploads: dict[TransferId, UploadCheckpoint] = {}
        self.intended: dict[TransferId, tuple[datetime, ...]] = {}
        self.downloads: dict[TransferId, DownloadCheckpoint] = {}
        self.moves: dict[TransferId, MoveCheckpoint] = {}
        self.origins: set[str] = set()
        self._token = os.urandom(TOKEN_BYTES).hex()
        self._last = 0

    @property
    def token(self) -> str:
        return self._token

    async def open(self) -> list[Transfer]:
        await self.remove([id_ for id_, kept in self.transfers.items() if kept.state.is_final])
        return list(self.transfers.values())

    async def inherit(
        self, inheritances: Sequence[Inheritance], origin: str = ""
    ) -> list[Transfer]:
        added = await self.add([each.transfer.spec for each in inheritances])
        heirs = [each.heir(new) for each, new in zip(inheritances, added, strict=True)]
        for each, heir in zip(inheritances, heirs, strict=True):
            self.transfers[heir.id] = heir
            if each.intended:
                self.intended[heir.id] = each.intended
            if each.upload is not None:
                self.uploads[heir.id] = each.upload
            if each.download is not None:
                self.downloads[heir.id] = each.download
            if each.move is not None:
                self.moves[heir.id] = each.move
        self.origins |= {origin} - {""}
        return heirs

    async def add(self, specs: Sequence[TransferSpec], endpoints: Endpoints = ()) -> list[Transfer]:
        behind = max((kept.position for kept in self.transfers.values()), default=0)
        added = [
            Transfer(
                TransferId(self._last + n),
                spec,
                position=max(self._last, behind) + n,
                endpoints=endpoints,
            )
            for n, spec in enumerate(specs, 1)
        ]
        self._last += len(added)
        self.transfers.update((transfer.id, transfer) for transfer in added)
        return added

    def record(self, transfer: Transfer) -> None:
        if transfer.id in self.transfers:
            self.transfers[transfer.id] = transfer

    async def remove(self, transfers: Iterable[TransferId]) -> None:
        for transfer in transfers:
            self.transfers.pop(transfer, None)
            await self.forget(transfer)

    async def intend_upload(self, transfer: TransferId) -> None:
        self.intended[transfer] = (*self.intended.get(transfer, ()), self._clock.now())

    async def intended_uploads(self, transfer: TransferId) -> tuple[datetime, ...]:
        return self.intended.get(transfer, ())

    async def load_upload(self, transfer: TransferId) -> UploadCheckpoint | None:
        return self.uploads.get(transfer)

    async def save_upload(
        self,
        transfer: TransferId,
        checkpoint: UploadCheckpoint,
        in_doubt: tuple[datetime, ...] = (),
    ) -> None:
        self.uploads[transfer] = checkpoint
        self.intended.pop(transfer, None)
        if in_doubt:
            self.intended[transfer] = in_doubt

    def part_done(self, transfer: TransferId, receipt: PartReceipt) -> None:
        if (kept := self.uploads.get(transfer)) is not None:
            parts = {**kept.parts, receipt.number: receipt}
            self.uploads[transfer] = replace(kept, parts=parts)

    async def load_download(self, transfer: TransferId) -> DownloadCheckpoint | None:
        return self.downloads.get(transfer)

    async def save_download(self, transfer: TransferId, checkpoint: DownloadCheckpoint) -> None:
        self.downloads[transfer] = checkpoint

    def range_done(self, transfer: TransferId, number: int, checksum: str) -> None:
        if (kept := self.downloads.get(transfer)) is not None:
            self.downloads[transfer] = replace(kept, done={**kept.done, number: checksum})

    async def load_move(self, transfer: TransferId) -> MoveCheckpoint | None:
        return self.moves.get(transfer)

    async def save_move(self, transfer: TransferId, checkpoint: MoveCheckpoint) -> None:
        await self.forget(transfer)
        self.moves[transfer] = checkpoint

    async def forget(self, transfer: TransferId) -> None:
        self.moves.pop(transfer, None)
        self.uploads.pop(transfer, None)
        self.intended.pop(transfer, None)
        self.downloads.pop(transfer, None)

    async def flush(self) -> None:
        """Nothing is ever left to write."""

    async def aclose(self) -> None:
        """Nothing is left to write."""
