"""How transfers come into the queue: from a gesture, another journal, or the former life."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import TransferState
from s4desk.core.transfer.chores import AT_ONCE
from s4desk.core.transfer.journal import in_doubt

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from s4desk.core.domain.transfer import Transfer, TransferId, TransferSpec
    from s4desk.core.transfer.batches import Batches
    from s4desk.core.transfer.journal import Inheritance, Journal
    from s4desk.core.transfer.progress import ProgressBoard
    from s4desk.core.transfer.waiting_line import WaitingLine
    from s4desk.core.transfer.whereabouts import Whereabouts

_S = TransferState


class Intake:
    """Takes transfers in: they are in the journal first, then on the board and in the line.

    `in_doubt` are those of which the journal does not know whether they have begun.
    """

    def __init__(
        self,
        journal: Journal,
        board: ProgressBoard,
        batches: Batches,
        line: WaitingLine,
        transfers: dict[TransferId, Transfer],
        whereabouts: Whereabouts,
    ) -> None:
        """`transfers` is where they are kept."""
        self.in_doubt: set[TransferId] = set()
        self._journal = journal
        self._board = board
        self._batches = batches
        self._line = line
        self._transfers = transfers
        self._whereabouts = whereabouts

    async def reopen(
        self, among: Collection[TransferId] | None, *, follows: bool = False
    ) -> list[Transfer]:
        """What the former life left, or those `among` it. Nothing is taken in yet.

        With `follows` they go on wherever their connections lead now.
        """
        transfers = await self._journal.open()
        if among is not None:
            transfers = [transfer for transfer in transfers if transfer.id in among]
        self.in_doubt |= in_doubt(transfers)
        if follows:
            transfers = list(map(self._whereabouts.renewed, transfers))
            for transfer in transfers:
                self._journal.record(transfer)
        return transfers

    async def submit(self, specs: Sequence[TransferSpec]) -> list[TransferId]:
        transfers = await self._journal.add(specs, self._whereabouts.of(specs))
        await self.take(transfers, _S.QUEUED)
        return [transfer.id for transfer in transfers]

    async def inherit(self, inheritances: Sequence[Inheritance], origin: str) -> list[Transfer]:
        transfers = await self._journal.inherit(list(map(self._placed, inheritances)), origin)
        self.in_doubt |= in_doubt(transfers)
        await self.take(transfers, _S.QUEUED)
        return transfers

    def known(self, transfer: Transfer) -> Transfer:
        """A move that may have begun unwritten in the former life finds what has arrived then."""
        may_have_begun = transfer.id in self.in_doubt and not transfer.attempts
        if may_have_begun and transfer.spec.removes_source:
            return replace(transfer, attempts=1)
        return transfer

    def _placed(self, inheritance: Inheritance) -> Inheritance:
        """What nobody knows the place of goes on where it is led now."""
        if inheritance.transfer.endpoints:
            return inheritance
        return replace(inheritance, transfer=self._whereabouts.renewed(inheritance.transfer))

    async def take(self, transfers: Sequence[Transfer], start_as: TransferState) -> None:
        """Take in what is in the journal, what was under way in this state."""
        for number, transfer in enumerate(transfers):
            if number and number % AT_ONCE == 0:
                await asyncio.sleep(0)
            taken = transfer
            if transfer.state in (_S.QUEUED, _S.RUNNING) and transfer.state is not start_as:
                taken = replace(transfer, state=transfer.state.to(start_as))
                self._journal.record(taken)
            self._transfers[taken.id] = taken
            self._batches.added(taken)
            self._board.post(taken)
            if taken.state is _S.QUEUED:
                self._line.enter(taken)
