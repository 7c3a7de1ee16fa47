"""In which order transfers are shown: what moves and what failed stands at the top."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import TransferId, TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from s4desk.core.domain.transfer import Transfer

_SECTIONS = (
    (TransferState.RUNNING,),
    (TransferState.FAILED,),
    (TransferState.QUEUED,),
    (TransferState.PAUSED,),
    (TransferState.COMPLETED, TransferState.CANCELLED),
)
_SECTION_OF = {state: at for at, states in enumerate(_SECTIONS) for state in states}
_IN_LINE = (TransferState.QUEUED, TransferState.PAUSED)
_ENDED = _SECTION_OF[TransferState.COMPLETED]


_Key = tuple[int, int, TransferId]
"""What the rows of one section are sorted by; the last of it says which transfer it is."""


class TransferOrder:
    """Rows of transfers: running and failed as they came; waiting and paused as they will start;
    then ended, newest first.

    Each section is an ascending list of keys, so that finding, adding and removing one row of a
    hundred thousand is a bisection and a move of memory.
    """

    def __init__(self) -> None:
        self._keys: list[list[_Key]] = [[] for _ in _SECTIONS]
        self._place: dict[TransferId, tuple[int, _Key]] = {}

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, transfer: object) -> bool:
        return transfer in self._place

    def __iter__(self) -> Iterator[TransferId]:
        for keys in self._keys:
            for key in keys:
                yield key[2]

    def at(self, row: int) -> TransferId:
        """Raises IndexError where no row is."""
        for keys in self._keys:
            if row < len(keys):
                return keys[row][2]
            row -= len(keys)
        raise IndexError(row)

    def between(self, first: int, last: int) -> list[TransferId]:
        """What stands in these rows, both included."""
        found: list[TransferId] = []
        for keys in self._keys:
            if first < len(keys) and last >= 0:
                found += [key[2] for key in keys[max(first, 0) : last + 1]]
            first, last = first - len(keys), last - len(keys)
        return found

    def row(self, transfer: TransferId) -> int:
        """Where it stands. Raises KeyError."""
        return self._row(*self._place[transfer])

    def fits(self, transfer: Transfer) -> bool:
        """Whether it stands where it belongs as it is now."""
        return self._place[transfer.id] == _place(transfer)

    def goal(self, transfer: Transfer) -> int:
        """Before which row it belongs as it is now, counting all rows as they are."""
        return self._row(*_place(transfer))

    def runs(self, new: Iterable[Transfer]) -> list[list[Transfer]]:
        """New ones in runs that come to stand side by side; to be added run by run."""
        runs: list[list[Transfer]] = []
        before = None
        for transfer in sorted(new, key=_place):
            section, key = _place(transfer)
            where = section, bisect_left(self._keys[section], key)
            if where != before:
                runs.append([])
            runs[-1].append(transfer)
            before = where
        return runs

    def add(self, run: Sequence[Transfer]) -> None:
        """Add transfers that come to stand side by side, in the order of `runs`."""
        places = [_place(transfer) for transfer in run]
        section, first = places[0]
        keys = self._keys[section]
        at = bisect_left(keys, first)
        keys[at:at] = [key for _, key in places]
        self._place.update((key[2], (section, key)) for section, key in places)

    def move(self, transfer: Transfer) -> None:
        """Put it where it belongs as it is now."""
        self.remove([transfer.id])
        self.add([transfer])

    def remove(self, transfers: Iterable[TransferId]) -> None:
        for id_ in transfers:
            section, key = self._place.pop(id_)
            keys = self._keys[section]
            del keys[bisect_left(keys, key)]

    def replace(self, transfers: Iterable[Transfer]) -> None:
        """Begin anew with these: cheaper than many moves."""
        self._place = {transfer.id: _place(transfer) for transfer in transfers}
        self._keys = [[] for _ in _SECTIONS]
        for section, key in self._place.values():
            self._keys[section].append(key)
        for keys in self._keys:
            keys.sort()

    def _row(self, section: int, key: _Key) -> int:
        before = sum(len(keys) for keys in self._keys[:section])
        return before + bisect_left(self._keys[section], key)


def _place(transfer: Transfer) -> tuple[int, _Key]:
    """Section and key."""
    section = _SECTION_OF[transfer.state]
    if transfer.state in _IN_LINE:
        return section, transfer.place
    return section, (0, -transfer.id if section == _ENDED else transfer.id, transfer.id)
