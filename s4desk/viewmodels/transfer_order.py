"""In which order transfers are shown: what moves and what failed stands at the top."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import TransferId, TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SECTIONS = (
    (TransferState.RUNNING,),
    (TransferState.FAILED,),
    (TransferState.QUEUED,),
    (TransferState.PAUSED,),
    (TransferState.COMPLETED, TransferState.CANCELLED),
)
_SECTION_OF = {state: at for at, states in enumerate(_SECTIONS) for state in states}
_ENDED = _SECTION_OF[TransferState.COMPLETED]


class TransferOrder:
    """Rows of transfers: running, failed, waiting, paused as they came; then ended, newest first.

    Each section is an ascending list of keys, so that finding, adding and removing one row of a
    hundred thousand is a bisection and a move of memory.
    """

    def __init__(self) -> None:
        self._keys: list[list[int]] = [[] for _ in _SECTIONS]
        self._section: dict[TransferId, int] = {}

    def __len__(self) -> int:
        return len(self._section)

    def __contains__(self, transfer: object) -> bool:
        return transfer in self._section

    def __iter__(self) -> Iterator[TransferId]:
        for section, keys in enumerate(self._keys):
            for key in keys:
                yield _id(section, key)

    def at(self, row: int) -> TransferId:
        """Raises IndexError where no row is."""
        for section, keys in enumerate(self._keys):
            if row < len(keys):
                return _id(section, keys[row])
            row -= len(keys)
        raise IndexError(row)

    def between(self, first: int, last: int) -> list[TransferId]:
        """What stands in these rows, both included."""
        found: list[TransferId] = []
        for section, keys in enumerate(self._keys):
            if first < len(keys) and last >= 0:
                some = keys[max(first, 0) : last + 1]
                found += [_id(section, key) for key in some]
            first, last = first - len(keys), last - len(keys)
        return found

    def row(self, transfer: TransferId) -> int:
        """Where it stands. Raises KeyError."""
        return self._place(transfer, self._section[transfer])

    def fits(self, transfer: TransferId, state: TransferState) -> bool:
        """Whether it stands where one in this state belongs."""
        return self._section[transfer] == _SECTION_OF[state]

    def goal(self, transfer: TransferId, state: TransferState) -> int:
        """Before which row it belongs when it is in this state, counting all rows as they are."""
        return self._place(transfer, _SECTION_OF[state])

    def runs(self, new: Mapping[TransferId, TransferState]) -> list[list[TransferId]]:
        """New ones in runs that come to stand side by side; to be added run by run."""
        placed = sorted((_SECTION_OF[state], _key(_SECTION_OF[state], id_), id_)
                        for id_, state in new.items())  # fmt: skip
        runs: list[list[TransferId]] = []
        before = None
        for section, key, id_ in placed:
            where = section, bisect_left(self._keys[section], key)
            if where != before:
                runs.append([])
            runs[-1].append(id_)
            before = where
        return runs

    def add(self, run: list[TransferId], state: TransferState) -> None:
        """Add transfers that come to stand side by side, in the order of `runs`."""
        section = _SECTION_OF[state]
        keys = self._keys[section]
        at = bisect_left(keys, _key(section, run[0]))
        keys[at:at] = [_key(section, id_) for id_ in run]
        self._section.update(dict.fromkeys(run, section))

    def move(self, transfer: TransferId, state: TransferState) -> None:
        """Put it where one in this state belongs."""
        self.remove([transfer])
        self.add([transfer], state)

    def remove(self, transfers: Iterable[TransferId]) -> None:
        for id_ in transfers:
            section = self._section.pop(id_)
            keys = self._keys[section]
            del keys[bisect_left(keys, _key(section, id_))]

    def replace(self, states: Mapping[TransferId, TransferState]) -> None:
        """Begin anew with these: cheaper than many moves."""
        self._section = {id_: _SECTION_OF[state] for id_, state in states.items()}
        self._keys = [[] for _ in _SECTIONS]
        for id_, section in self._section.items():
            self._keys[section].append(_key(section, id_))
        for keys in self._keys:
            keys.sort()

    def _place(self, transfer: TransferId, section: int) -> int:
        before = sum(len(keys) for keys in self._keys[:section])
        return before + bisect_left(self._keys[section], _key(section, transfer))


def _key(section: int, transfer: TransferId) -> int:
    return -transfer if section == _ENDED else transfer


def _id(section: int, key: int) -> TransferId:
    return TransferId(-key if section == _ENDED else key)
