"""Parts of large replicas that a former life had sent: who carries the object goes on with them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.transfer import Transfer, TransferSpec
    from s4desk.core.transfer.journal import Journal


class KeptTransfers:
    """What is in the journal of large replicas, by what it is the copy of."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept: dict[object, Transfer] = {}

    async def open(self) -> None:
        """Raises DatabaseError."""
        self._kept = {_name(each.spec): each for each in await self._journal.open()}

    def take(self, spec: TransferSpec) -> Transfer | None:
        """The transfer that had begun to do the same; it is not given twice."""
        return self._kept.pop(_name(spec), None)

    async def drop(self, undo: Callable[[Transfer], Awaitable[None]]) -> None:
        """Nobody wants those that are left: take away what they have at their stores. One that
        cannot be reached now is left to the next life."""
        for name, each in list(self._kept.items()):
            with suppress(S4DeskError):
                await undo(each)
                await self._journal.remove([each.id])
                del self._kept[name]


def _name(spec: TransferSpec) -> object:
    return spec.source, spec.target, spec.version, spec.size
