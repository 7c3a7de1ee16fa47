"""The transfer queue as a table, fed once per frame."""

from __future__ import annotations

import contextlib
from collections import Counter
from math import ceil
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QObject,
    Qt,
    Signal,
)

from s4desk.core.domain.transfer import Progress, Transfer, TransferId, TransferState, Wait
from s4desk.core.transfer.ledger import NETWORK, SIGN_IN
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.gui.models.transfer_cells import (
    CELL_READERS,
    PROGRESS_ROLE,
    STILL,
    Pace,
    Row,
    TransferColumn,
    alignment,
    cell_icon,
    column_title,
)
from s4desk.viewmodels.columns import MANY_RUNS, row_runs
from s4desk.viewmodels.transfer_order import TransferOrder
from s4desk.viewmodels.transfer_text import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.models.cells import Icons


COLUMNS = tuple(TransferColumn)
SHOWN_ROLES = [
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.DecorationRole,
    Qt.ItemDataRole.ToolTipRole,
    PROGRESS_ROLE,
]

QUIET_S = 5.0
"""Silence that is longer than this is told."""

_Role = Qt.ItemDataRole
_UNDER_WAY = (TransferState.QUEUED, TransferState.RUNNING)
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


class Gauge(Protocol):
    """Measures what runs: a ProgressBoard."""

    def speed(self, transfer: TransferId) -> float: ...

    def seconds_left(self, transfer: TransferId) -> float | None: ...

    def quiet_for(self, transfer: TransferId) -> float: ...

    def wait(self, transfer: TransferId) -> Wait | None: ...


class TransferTableModel(QAbstractTableModel):
    """One row per transfer, in the order of TransferOrder.

    A frame is one `apply`: what moved, what came, what changed in runs of rows, what went. When
    too many separate rows go or move it is one reset; `replacing` and `replaced` around it let a
    view keep its place. `states_changed` comes after a frame in which a transfer changed its state.
    """

    replacing = Signal()
    replaced = Signal()
    states_changed = Signal()

    def __init__(
        self,
        gauge: Gauge,
        icons: Icons,
        parent: QObject | None = None,
        name_of: Callable[[ConnectionId], str] = str,
    ) -> None:
        super().__init__(parent)
        self._gauge = gauge
        self._name_of = name_of
        self._icons = icons
        self._order = TransferOrder()
        self._progress: dict[TransferId, Progress] = {}
        self._pace: dict[TransferId, Pace] = {}
        self._wishes: dict[TransferId, tuple[Wish, Transfer]] = {}
        self._states: Counter[TransferState] = Counter()
        self._held: set[TransferId] = set()

    @property
    def all_states(self) -> frozenset[TransferState]:
        """The states that occur in the queue."""
        return frozenset(state for state, count in self._states.items() if count)

    @property
    def held(self) -> set[TransferId]:
        """Those that wait for the network, or for a sign-in."""
        return self._held

    def apply(
        self, drained: Mapping[TransferId, Progress], removed: Collection[TransferId] = ()
    ) -> None:
        """Show what a ProgressBoard drained, and no longer what it forgot."""
        before = self._states.copy()
        changed = {id_ for id_ in drained if id_ in self._order}
        has_moved = self._take(drained)
        self._move(changed)
        changed |= self._measure()
        self._insert(each.transfer for id_, each in drained.items() if id_ not in self._order)
        self._drop(removed)
        self._tell_changed(self._order.row(id_) for id_ in changed if id_ in self._order)
        if has_moved or self._states != before:
            self.states_changed.emit()

    def expect(self, transfers: Iterable[TransferId], wish: Wish) -> None:
        """Show at once what was asked of these, until they have come to rest."""
        asked = []
        for id_ in transfers:
            shown = self.transfer(id_)
            if shown is None or self._wish(id_) is Wish.CANCEL:
                continue
            if _takes_time(wish, shown.state):
                self._wishes[id_] = (wish, shown)
                asked.append(id_)
        self._tell_changed(map(self._order.row, asked))

    def expect_no_pause(self, transfers: Iterable[TransferId]) -> None:
        """These go on, whatever was asked before."""
        going = [id_ for id_ in transfers if self._wish(id_) is Wish.PAUSE]
        for id_ in going:
            del self._wishes[id_]
        self._tell_changed(self._order.row(id_) for id_ in going)

    # What rows mean

    def transfer(self, transfer: TransferId) -> Transfer | None:
        """A transfer as it is shown."""
        progress = self._progress.get(transfer)
        return None if progress is None else progress.transfer

    def states(self, transfers: Iterable[TransferId]) -> frozenset[TransferState]:
        """The states that occur among these."""
        return frozenset(
            self._progress[id_].transfer.state for id_ in transfers if id_ in self._progress
        )

    def transfers(self, runs: Iterable[tuple[int, int]] | None = None) -> list[TransferId]:
        """What stands in these rows (first, last), or in all."""
        if runs is None:
            return list(self._order)
        return [id_ for first, last in runs for id_ in self._order.between(first, last)]

    def rows_of(self, transfers: Iterable[TransferId]) -> list[int]:
        """Where these are shown, ascending."""
        return sorted(self._order.row(id_) for id_ in transfers if id_ in self._order)

    # One frame

    def _take(self, drained: Mapping[TransferId, Progress]) -> bool:
        """Take the values of all rows, new and old; say whether one that was there has moved on."""
        has_moved = False
        for id_, progress in drained.items():
            state = progress.transfer.state
            if (known := self._progress.get(id_)) is not None:
                self._states[known.transfer.state] -= 1
                has_moved = has_moved or known.transfer.state is not state
            self._states[state] += 1
            self._progress[id_] = progress
            has_moved = self._hold(id_, is_held=progress.note in (NETWORK, SIGN_IN)) or has_moved
            if id_ in self._wishes and state not in _UNDER_WAY:
                self._settle(progress.transfer)
            if state is TransferState.RUNNING:
                self._pace.setdefault(id_, STILL)
        return has_moved

    def _hold(self, id_: TransferId, *, is_held: bool) -> bool:
        """Note whether it waits for the network; say whether that is news."""
        if is_held is (id_ in self._held):
            return False
        (self._held.add if is_held else self._held.discard)(id_)
        return True

    def _settle(self, rests: Transfer) -> None:
        """What rests as it did when something was asked of it has not begun to obey."""
        _, asked = self._wishes[rests.id]
        if rests != asked:
            del self._wishes[rests.id]

    def _wish(self, transfer: TransferId) -> Wish | None:
        return self._wishes[transfer][0] if transfer in self._wishes else None

    def _measure(self) -> set[TransferId]:
        """Ask for the pace of all that run; return those where it is another one now."""
        changed = set()
        for id_, pace in list(self._pace.items()):
            if self._progress[id_].transfer.state is not TransferState.RUNNING:
                del self._pace[id_]
                continue
            quiet = self._gauge.quiet_for(id_)
            quiet_s = int(quiet) if quiet > QUIET_S else 0
            speed, left = self._gauge.speed(id_), self._gauge.seconds_left(id_)
            now = Pace(speed, left, quiet_s, _whole_seconds(self._gauge.wait(id_)))
            if now != pace:
                self._pace[id_] = now
                changed.add(id_)
        return changed

    def _move(self, changed: Collection[TransferId]) -> None:
        """Put what has another state or position now where it belongs."""
        now = [self._progress[id_].transfer for id_ in sorted(changed)]
        moving = [transfer for transfer in now if not self._order.fits(transfer)]
        if len(moving) > MANY_RUNS:
            with self._replacement():
                self._order.replace(self._shown())
            return
        for transfer in moving:
            row, goal = self._order.row(transfer.id), self._order.goal(transfer)
            is_told = self.beginMoveRows(NO_PARENT, row, row, NO_PARENT, goal)
            self._order.move(transfer)
            if is_told:
                self.endMoveRows()

    def _insert(self, new: Iterable[Transfer]) -> None:
        for run in self._order.runs(new):
            first = self._order.goal(run[0])
            self.beginInsertRows(NO_PARENT, first, first + len(run) - 1)
            self._order.add(run)
            self.endInsertRows()

    def _drop(self, removed: Collection[TransferId]) -> None:
        gone = {id_ for id_ in removed if id_ in self._order}
        runs = row_runs(self._order.row(id_) for id_ in gone)
        if len(runs) > MANY_RUNS:
            with self._replacement():
                self._forget(gone)
                self._order.replace(self._shown())
        else:
            for first, last in reversed(runs):
                self.beginRemoveRows(NO_PARENT, first, last)
                self._order.remove(self._order.between(first, last))
                self.endRemoveRows()
            self._forget(gone)

    def _shown(self) -> list[Transfer]:
        """All that have a row; what has just come has none yet."""
        return [each.transfer for id_, each in self._progress.items() if id_ in self._order]

    def _forget(self, gone: Collection[TransferId]) -> None:
        for id_ in gone:
            self._states[self._progress.pop(id_).transfer.state] -= 1
            self._pace.pop(id_, None)
            self._held.discard(id_)
            self._wishes.pop(id_, None)

    @contextlib.contextmanager
    def _replacement(self) -> Iterator[None]:
        self.replacing.emit()
        self.beginResetModel()
        yield
        self.endResetModel()
        self.replaced.emit()

    def _tell_changed(self, rows: Iterable[int]) -> None:
        runs = row_runs(rows)
        if len(runs) > MANY_RUNS:
            runs = [(runs[0][0], runs[-1][1])]
        for first, last in runs:
            self.dataChanged.emit(
                self.index(first, 0), self.index(last, len(COLUMNS) - 1), SHOWN_ROLES
            )

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        id_, column = self._order.at(index.row()), COLUMNS[index.column()]
        read = CELL_READERS.get(role)
        if read is not None:
            pace, wish = self._pace.get(id_, STILL), self._wish(id_)
            return read(Row(self._progress[id_], pace, self._name_of, wish), column)
        icon = cell_icon(self._progress[id_], column) if role == _Role.DecorationRole else ""
        return self._icons(icon) if icon else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == _Role.DisplayRole:
            return "" if column is TransferColumn.DIRECTION else column_title(column)
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return column_title(column)
        return alignment(column) if role == _Role.TextAlignmentRole else None


def _whole_seconds(wait: Wait | None) -> Wait | None:
    return None if wait is None else Wait(wait.kind, ceil(wait.seconds))


def _takes_time(wish: Wish, state: TransferState) -> bool:
    """A pause of what waits is done at once; a cancellation may have to undo something."""
    return state is TransferState.RUNNING if wish is Wish.PAUSE else not state.is_final
