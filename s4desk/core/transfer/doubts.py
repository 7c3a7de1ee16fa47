"""Transfers of which nobody knows whether their target was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.transfer.job import is_undecided

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.transfer.job import TransferJob
    from s4desk.core.transfer.parcels import Parcel


class Doubts:
    """What a former life may have carried out, and what was broken off before the answer came.

    A transfer in doubt that is not carried out again has to stay known: whoever meets its target
    would take that for somebody else's.
    """

    def __init__(self) -> None:
        self._transfers: set[TransferId] = set()

    def recall(self, transfers: Iterable[Transfer], untouched: Collection[TransferId]) -> None:
        """What the former life left; of the `untouched` the journal says that they had not begun,
        and it may be late."""
        self._transfers.update(each.id for each in transfers if each.attempts)
        self._transfers.update(untouched)

    def note(self, ended: TransferJob | Parcel) -> None:
        """What an attempt has left."""
        if ended.may_be_written:
            self._transfers.add(ended.transfer.id)

    def is_about(self, transfer: Transfer) -> bool:
        """Whether its target may be written; a failure may have settled that."""
        return transfer.id in self._transfers and is_undecided(transfer)
