"""Who may start now: how much moves at once, in all and at each connection, and the way there."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import ConnectionLimits
from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.transfer import TransferState
from s4desk.core.store.limits import SlotChain, Slots
from s4desk.core.transfer.network import wants_person
from s4desk.core.transfer.waiting_line import Lane, is_large, lane_of
from s4desk.core.wire.body import small_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.transfer.network import Network

NO_LIMITS = ConnectionLimits()
_S = TransferState


@dataclass(frozen=True, slots=True)
class Limits:
    """How much moves at once: transfers, large ones among them, and parts of all together.

    With `crowds` more than `jobs` small ones run, if `jobs` is not 1: each is one request that
    mostly waits for its reply. `in_a_row` lets threads take many small ones one after another.
    `of` tells the limits of a connection as they are now; 0
    there is no limit of its own.
    """

    jobs: int = 8
    large: int = 4
    parts: int = 8
    of: Callable[[ConnectionId], ConnectionLimits] = lambda _: NO_LIMITS
    crowds: bool = False
    in_a_row: bool = False


class Admission:
    """Counts what runs, and says what else may."""

    def __init__(self, limits: Limits, network: Network) -> None:
        self.network = network
        self._limits = limits
        self.parts = Slots(limits.parts)
        self._parts_at: defaultdict[ConnectionId, Slots] = defaultdict(lambda: Slots(1))
        self._running: Counter[ConnectionId] = Counter()
        self._all = 0
        self._large = 0

    def resize(self, *, jobs: int, parts: int) -> None:
        """Change how much moves at once; at least 1 each. What runs goes on."""
        self._limits = replace(self._limits, jobs=max(1, jobs), parts=max(1, parts))
        self.parts.size = self._limits.parts

    def renew(self) -> None:
        """Take over what the limits of connections are now, for what runs too."""
        for connection, slots in self._parts_at.items():
            slots.size = self._limits.of(connection).parts or self._limits.parts

    def has_room(self, beyond: int = 0) -> bool:
        """Whether anything may start; with `beyond`, that many more than usual."""
        jobs = self._limits.jobs
        if not self._limits.crowds:
            return self._all < jobs + beyond
        places = self.places
        return self._all + self._large * (places // jobs - 1) < places + beyond

    @property
    def places(self) -> int:
        """How many small ones may run at once."""
        return small_beside(self._limits.jobs) if self._limits.crowds else self._limits.jobs

    @property
    def in_a_row(self) -> bool:
        """Whether threads may take small ones one after another."""
        return self._limits.in_a_row

    @property
    def has_large(self) -> bool:
        """Whether a large one runs."""
        return self._large > 0

    def may_start(self, lane: Lane, large: bool) -> bool:
        """Whether a transfer of this lane may start, if there is room at all."""
        if large and self._large >= self._limits.large:
            return False
        return all(gate.is_passable for gate in self.network.gates(lane)) and not any(
            0 < self._limits.of(connection).transfers <= self._running[connection]
            for connection in lane
        )

    def parts_of(self, transfer: Transfer) -> Slots | SlotChain:
        """The slots for the parts of a transfer: those of its connections, then those of all."""
        own = []
        for connection in sorted(lane_of(transfer)):
            size = self._limits.of(connection).parts
            if size or connection in self._parts_at:
                slots = self._parts_at[connection]
                slots.size = size or self._limits.parts
                own.append(slots)
        return SlotChain(*own, self.parts) if own else self.parts

    def entered(self, transfer: Transfer) -> None:
        self._count(transfer, +1)
        for gate in self.network.gates(lane_of(transfer)):
            gate.entered(transfer.id)

    def left(self, transfer: Transfer) -> None:
        self._count(transfer, -1)
        for gate in self.network.gates(lane_of(transfer)):
            gate.left(transfer.id)

    def recall(self, transfers: Iterable[Transfer]) -> None:
        """Learn from the former life which connections were reached: where transfers had begun and
        had not failed."""
        for transfer in transfers:
            if transfer.attempts and transfer.state is not _S.FAILED:
                for gate in self.network.gates(lane_of(transfer)):
                    gate.know()

    def outlasts(self, transfer: Transfer, error: S4DeskError) -> bool:
        """Whether a failure is only that of the network, or of keys that have ended, and the
        transfer shall wait for it."""
        if isinstance(error, UnreachableError):
            return self.is_held(transfer)
        return wants_person(error) and self.is_shut(transfer)

    def is_held(self, transfer: Transfer) -> bool:
        """Whether the network keeps a transfer from starting."""
        return not all(gate.is_open for gate in self.network.gates(lane_of(transfer)))

    def is_shut(self, transfer: Transfer) -> bool:
        """Whether it waits until a person signs in."""
        return any(gate.is_shut for gate in self.network.gates(lane_of(transfer)))

    def try_now(self, transfer: Transfer) -> None:
        """Let the connections of a transfer be tried at the next look, if they are not by now."""
        for gate in self.network.gates(lane_of(transfer)):
            gate.try_anyway()

    def _count(self, transfer: Transfer, sign: int) -> None:
        self._all += sign
        self._large += sign * is_large(transfer)
        for connection in lane_of(transfer):
            self._running[connection] += sign
